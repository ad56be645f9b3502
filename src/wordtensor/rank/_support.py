r"""Which triplets of real irreps a word tensor touches, and which ones fusion allows.

With orthonormal bases of the isotypic spaces R_phi in every mode, T falls into parts, one for each
triplet (phi, psi, zeta). Its support is the set of triplets whose part is not zero. Fusion bounds
it from outside: if the letter a occurs n_a times, then ``phi`` is a constituent of the n_a-th
tensor power of ``zeta``, and likewise ``psi`` of the n_b-th.

References
----------
Shutman, Louidor, Tessler, Learning words in groups (2025), section 4.
"""

from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

import numpy as np

from .._memory import require_memory
from .._typing import Array, Inexact, Triplet, freeze
from ..groups import Group
from ..irreps import IsotypicSpaces, constituents_of_power, isotypic_spaces, real_characters
from ..words import Word, WordTensor, word, word_tensor

# A part counts as zero below this share of the norm of T.
_ZERO: Final = 1e-9
# An entry is nothing but rounding below this share of the largest.
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class FourierTensor:
    """A word tensor in orthonormal coordinates adapted to the isotypic spaces."""

    tensor: Array  # shape (n, n, n): the coordinates, read-only
    spaces: IsotypicSpaces  # their basis, the same in all three modes

    def part(self, triplet: Triplet) -> Array:
        """Return the coordinates of one triplet's part (a view)."""
        e = self.spaces.edges
        phi, psi, zeta = triplet
        return self.tensor[e[phi] : e[phi + 1], e[psi] : e[psi + 1], e[zeta] : e[zeta + 1]]

    def support(self) -> frozenset[Triplet]:
        """Return the triplets whose part is not zero."""
        # One space of mode a at a time: squares of all would be as large as the tensor.
        edges = self.spaces.edges
        squares = np.stack(
            [
                self.spaces.summed(np.square(self.tensor[start:stop]).sum(axis=0), 0, 1)
                for start, stop in pairwise(edges)
            ]
        )
        limit = (_ZERO * np.linalg.norm(self.tensor)) ** 2
        return frozenset((int(i), int(j), int(k)) for i, j, k in np.argwhere(squares > limit))


def fourier_tensor(tensor: WordTensor, spaces: IsotypicSpaces | None = None) -> FourierTensor:
    """Write a word tensor in isotypic coordinates, of these spaces or those of its group."""
    n = tensor.order
    require_memory(
        24 * n**3,  # the last step reads one array, makes another and lays it out anew
        f"The support of a word over a group of order {n}, from dense {n}^3 arrays,",
        "Use fusion_cover, which needs characters only",
    )
    spaces = spaces or isotypic_spaces(tensor.group)
    basis = spaces.basis
    dense = basis[tensor.table]  # mode c, without a dense tensor: (a, b, k)
    dense = np.tensordot(basis.T, dense, axes=(1, 0))
    dense = np.tensordot(dense, basis, axes=(1, 0)).transpose(0, 2, 1)
    return FourierTensor(freeze(cleared(dense)), spaces)


def cleared(tensor: Inexact) -> Array:
    """Return coordinates with zeros for rounding, which would count as fibres and as terms."""
    size = float(np.abs(tensor).max(initial=0.0))
    return np.where(np.abs(tensor) > _ROUNDING * size, tensor, 0.0)


def support(w: Word | str, G: Group | str, seed: int = 0) -> frozenset[Triplet]:
    """Return the triplets of real irreps on which the word tensor is not zero.

    Parameters
    ----------
    w : Word or str
        The word.
    G : Group or str
        The group.
    seed : int
        For the irreps.

    Returns
    -------
    frozenset of (int, int, int)
        Indices (phi, psi, zeta) into ``real_irreps(G)``, for the modes a, b and c.

    Examples
    --------
    >>> sorted(support("a*b", "S3"))
    [(0, 0, 0), (1, 1, 1), (2, 2, 2)]
    """
    tensor = word_tensor(w, G)
    return fourier_tensor(tensor, isotypic_spaces(tensor.group, seed)).support()


def fusion_cover(w: Word | str, G: Group | str, seed: int = 0) -> frozenset[Triplet]:
    """Return the triplets that the letter counts allow; the support lies inside.

    Parameters
    ----------
    w : Word or str
        The word, with n_a letters a or a^-1 and n_b letters b or b^-1.
    G : Group or str
        The group.
    seed : int
        For the characters.

    Returns
    -------
    frozenset of (int, int, int)
        All (phi, psi, zeta) with phi in the n_a-th and psi in the n_b-th tensor power of zeta.

    Examples
    --------
    >>> fusion_cover("a*b", "S3") == support("a*b", "S3")
    True
    """
    n_a, n_b = word(w).letter_counts
    table = real_characters(G, seed)
    cover: set[Triplet] = set()
    for zeta in range(len(table)):
        powers = (constituents_of_power(table, zeta, n) for n in (n_a, n_b))
        cover.update((phi, psi, zeta) for phi, psi in product(*powers))
    return frozenset(cover)
