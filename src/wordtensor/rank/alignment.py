"""In which triplet of irreps, and in which block of a decomposition, rank-one terms live."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._typing import Array
from ..errors import DecompositionError
from ..groups import Group
from ..irreps import isotypic_basis, isotypic_energies, real_irreps
from ..words import WordTensor
from .decomposition import Decomposition

__all__ = [
    "Alignment",
    "aligned_factors",
    "block_bases",
    "block_shares",
    "checked_factors",
    "triplet_alignment",
    "triplet_errors",
]

Factors = tuple[ArrayLike, ArrayLike, ArrayLike]

_DEAD = 1e-3
_ZERO = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """In which triplet of irreps each neuron lives, and how purely.

    Attributes
    ----------
    triplets : ndarray of int64, shape (R, 3)
        Per neuron, the indices into ``real_irreps(G)`` of the irreps with most energy in U, V, W.
    shares : ndarray, shape (R,)
        The share of the neuron's energy ``||u||^2 ||v||^2 ||w||^2`` in that triplet; 0 if dead.
    active : ndarray of bool, shape (R,)
        Whether the neuron's ``||u|| ||v|| ||w||`` is at least a thousandth of the largest.
    """

    triplets: NDArray[np.int64]
    shares: Array
    active: NDArray[np.bool_]

    @property
    def width(self) -> int:
        """Number of active neurons."""
        return int(self.active.sum())

    def aligned_share(self, threshold: float = 0.95) -> float:
        """Return the share of active neurons with more than this much energy in one triplet."""
        return float((self.shares[self.active] > threshold).mean()) if self.active.any() else 0.0

    def counts(self, threshold: float = 0.95) -> dict[tuple[int, int, int], int]:
        """Return how many active neurons live in each triplet, purely enough."""
        chosen = self.triplets[self.active & (self.shares > threshold)]
        found, numbers = np.unique(chosen, axis=0, return_counts=True)
        return {
            (int(i), int(j), int(k)): int(number)
            for (i, j, k), number in zip(found, numbers, strict=True)
        }


def checked_factors(factors: Factors, G: Group) -> tuple[Array, Array, Array]:
    """Return factors on a group of order n as arrays of shape (n, R)."""
    U, V, W = (np.asarray(F, dtype=np.float64) for F in factors)
    if any(F.shape != (G.order, U.shape[-1]) for F in (U, V, W)):
        raise DecompositionError(
            f"factors of a net over {G!r} have the shape ({G.order}, R); given "
            f"{U.shape}, {V.shape}, {W.shape}"
        )
    return U, V, W


def triplet_alignment(factors: Factors, G: Group) -> Alignment:
    """Say in which triplet of irreps each neuron of a net lives.

    Parameters
    ----------
    factors : tuple of array_like, each of shape (n, R)
        U, V, W of a Hadamard net, or of a perceptron (whose neurons have the part 2 u v w).
    G : Group
        Of order n.

    Returns
    -------
    Alignment

    Raises
    ------
    DecompositionError
        If the shapes do not fit the group.

    Notes
    -----
    A neuron is a rank-one tensor, so its energy in (phi, psi, zeta) is the product of three: of u
    in phi, of v in psi, of w in zeta.

    References
    ----------
    Shutman, Louidor, Tessler (2025), arXiv:2509.06931, section 5 (mono-bsc-aligned).

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> triplet_alignment(d.factors, d.group).counts()
    {(0, 0, 0): 1, (1, 1, 1): 1, (2, 2, 2): 7}
    """
    irreps = real_irreps(G)
    modes = [isotypic_energies(G, F.T, irreps) for F in checked_factors(factors, G)]
    totals = [mode.sum(-1) for mode in modes]
    energy = totals[0] * totals[1] * totals[2]
    most = np.stack([mode.max(-1) for mode in modes]).prod(0)
    shares = np.divide(most, energy, out=np.zeros_like(most), where=energy > 0)
    active = np.sqrt(energy) >= _DEAD * np.sqrt(energy.max(initial=0.0))
    return Alignment(
        np.stack([mode.argmax(-1) for mode in modes], axis=1), shares, active & (energy > 0)
    )


def block_shares(factors: Factors, d: Decomposition) -> Array:
    """Return the share of each neuron's energy within each block of a decomposition.

    Parameters
    ----------
    factors : tuple of array_like, each of shape (n, R)
        U, V, W of a net.
    d : Decomposition
        Of the same group, with real terms.

    Returns
    -------
    ndarray, shape (R, number of blocks)
        The product over the modes of ``||P u||^2 / ||u||^2`` with P the orthogonal projector on the
        space of the block. Rows need not add up to one: blocks need not be orthogonal. Blocks
        are finer than triplets for words other than the product.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b*a^-1", "S3")
    >>> shares = block_shares(d.factors, d)
    >>> shares.shape == (d.rank, len(d.blocks)), bool((shares.max(1) > 1 - 1e-9).all())
    (True, True)
    """
    arrays = checked_factors(factors, d.group)
    result = np.ones((arrays[0].shape[1], len(d.blocks)))
    for block in range(len(d.blocks)):
        for F, B in zip(arrays, block_bases(d, block), strict=True):
            norms = np.square(F).sum(0)
            inside = np.square(B.T @ F).sum(0)
            result[:, block] *= np.divide(inside, norms, out=np.zeros_like(norms), where=norms > 0)
    return result


def aligned_factors(factors: Factors, G: Group) -> tuple[Array, Array, Array]:
    """Return the factors with every neuron projected on its own triplet.

    Notes
    -----
    The result is mono-bsc-aligned. For the product, gradient descent on all pairs under the squared
    error keeps it so, and the loss is a sum of independent losses, one for each irrep
    (Shutman et al., Proposition 5.5).
    """
    arrays = checked_factors(factors, G)
    irreps = real_irreps(G)
    alignment = triplet_alignment(arrays, G)
    result = [np.zeros_like(F) for F in arrays]
    for phi in irreps:
        B = isotypic_basis(G, phi)
        for mode, F in enumerate(arrays):
            chosen = alignment.triplets[:, mode] == phi.index
            result[mode][:, chosen] = B @ (B.T @ F[:, chosen])
    return result[0], result[1], result[2]


def block_bases(d: Decomposition, block: int) -> tuple[Array, Array, Array]:
    """Return orthonormal bases of the spaces that a block's factors span.

    Parameters
    ----------
    d : Decomposition
        With real terms, of a group of order n.
    block : int
        Which of ``d.blocks``.

    Returns
    -------
    tuple of ndarray, shapes (n, x), (n, y), (n, z)

    Raises
    ------
    DecompositionError
        If there is no such block, or the terms are complex.
    """
    if not 0 <= block < len(d.blocks):
        raise DecompositionError(f"there are blocks 0 to {len(d.blocks) - 1}, and no {block}")
    if any(np.iscomplexobj(factor) for factor in d.factors):
        raise DecompositionError(
            "blocks of complex terms are no tasks; decompose with field='real'"
        )
    start, stop = d.blocks[block].columns
    bases = []
    for factor in d.factors:
        left, sizes, _ = np.linalg.svd(factor[:, start:stop], full_matrices=False)
        bases.append(np.ascontiguousarray(left[:, sizes > _ZERO * sizes[0]]))
    return bases[0], bases[1], bases[2]


def triplet_errors(factors: Factors, T: WordTensor) -> Array:
    """Return the squared error of a net in every triplet of irreps.

    Parameters
    ----------
    factors : tuple of array_like, each of shape (n, R)
        U, V, W of a Hadamard net.
    T : WordTensor
        What it should be.

    Returns
    -------
    ndarray, shape (K, K, K)
        With K real irreps; the sum is ``||T_net - T||^2``, n^2 times the squared loss on all pairs.
        For the product, entry (k, k, k) is the loss of irrep k ("bsc loss").

    Examples
    --------
    >>> import wordtensor as wt
    >>> T = wt.word_tensor("a*b", "S3")
    >>> nothing = np.zeros((6, 1))
    >>> triplet_errors((nothing, nothing, nothing), T).sum().round(6).item()
    36.0
    """
    G = T.group
    U, V, W = checked_factors(factors, G)
    irreps = real_irreps(G)
    basis = np.hstack([isotypic_basis(G, phi) for phi in irreps])
    edges = np.cumsum([0, *(phi.isotypic_dim for phi in irreps)])
    # The net's part is small in Fourier coordinates already; T is transformed row by row.
    values = basis[T.table]  # (n, n, n'): e_{w(a,b)} in Fourier coordinates
    target = np.einsum("ai,bj,abk->ijk", basis, basis, values, optimize=True)
    reached = np.einsum("ir,jr,kr->ijk", basis.T @ U, basis.T @ V, basis.T @ W, optimize=True)
    squares = np.square(reached - target)
    for axis in range(3):
        squares = np.add.reduceat(squares, edges[:-1], axis=axis)
    errors: Array = squares
    return errors
