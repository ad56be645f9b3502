"""A neuron's three coefficients in its irrep: their alignment, phases and axes."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, Literal

import numpy as np

from .._typing import Array, Booleans, Integers
from ..errors import ComparisonError
from ..groups import Group, group
from ..irreps import IsotypicSpaces, RealCharacterTable, isotypic_spaces, real_characters, to_blocks
from ..words import Word, WordTensor, word_tensor
from ._alignment import Alignment, IrrepAlignment, lives
from ._forward import Network
from ._network import network_for
from ._product_form import product_form
from ._uniformity_test import UniformityTest
from .neurons import measured
from .uniformity import (
    uniform_angles,
    uniform_axes,
    uniform_counts,
    uniform_directions,
)

# Of fewer neurons in an irrep, phases and axes are not tested.
_FEWEST: Final = 5


def alignment(net: Any, w: Word | str, G: Group | str, *, seed: int = 0) -> Alignment:
    """Say how far neurons are aligned rank-one products in one irrep, and how they spread.

    Parameters
    ----------
    net : object
        Anything that `network` takes, if what a and b bring to its neurons is known.
    w : Word or str
        The word that it should compute: the product, or one that becomes it if letters and values
        are renamed, such as a*b^-1 or b*a, or a*b*a on an abelian group of odd order.
    G : Group or str
        The group, of order n.
    seed : int
        Of the draws of the tests, where there are few neurons.

    Returns
    -------
    Alignment
        Prints as sentences and tables.

    Raises
    ------
    ComparisonError
        If the word is no such word, or only activations or logits of the net are known.

    Notes
    -----
    In an irrep of dimension d with m x m matrices over R, C or H (e = 1, 2, 4 and d = e m), the
    Fourier coefficients U, V, W of a neuron's three functions are such matrices. Scaled so that the
    squares of their entries add up to those of the functions, they give
    ``sum_ab u(a) v(b) w(ab) = sqrt(n / d) Re tr(U V W^*)``, and the alignment is::

        |Re tr(U V W^*)| / (|U| |V| |W|)

    It is at most 1, and is 1 just if U = x y^*, V = y z^*, W = x z^* up to real factors. For
    phases (m = 1, type C) it is ``|cos(phi_u + phi_v - phi_w)|``. No basis of the irrep enters.
    Phases of u, v, w are tested where m = 1, and the axes of x, y, z where m is greater. Signs are
    left out for trilinear neurons, which (-u, -v, w) gives as well.

    References
    ----------
    J. He, L. Wang, S. Chen, F. Zhang, Z. Yang (2026), Neural networks provably learn spectral
    representations for group composition, arXiv:2606.02993.

    Examples
    --------
    >>> import wordtensor as wt
    >>> best = alignment(wt.margins.max_margin_factors("Q8"), "a*b", "Q8")
    >>> strassen = alignment(wt.decompose("a*b", "S3").factors, "a*b", "S3")
    >>> round(best.mean, 9), [round(part.mean, 2) for part in strassen.irreps]
    (1.0, [1.0, 1.0, 0.46])
    """
    G = group(G)
    T = word_tensor(w, G)
    net, spaces = network_for(net, T), isotypic_spaces(G)
    found = alignment_of(net, T, spaces, measured(net, spaces).active, seed)
    if isinstance(found, str):
        raise ComparisonError(f"There is no alignment to measure: {found}")
    return found


def alignment_of(
    net: Network, T: WordTensor, spaces: IsotypicSpaces, active: Booleans, seed: int
) -> Alignment | str:
    """Measure the alignment of the neurons of a net, or say why there is none."""
    form = product_form(T)
    if form is None:
        return f"{T.word} is not the product of {T.group.name} under other names"
    if net.inputs is None:
        return "what a and b bring to a neuron is not known"
    table = real_characters(T.group)
    functions = form.renamed((*net.inputs, net.readout.T))
    irrep, share = _homes(functions, spaces, with_trivial=net.is_trilinear)
    inner = np.zeros(len(irrep))
    living = active & lives(share)
    tests: dict[int, list[UniformityTest]] = {}
    for k in np.unique(irrep).tolist():
        members = irrep == k
        part = _Coefficients.of(functions, members, spaces[k], int(table.endo_dims[k]))
        inner[members] = part.inner()
        tested = part.chosen(living[members])
        if len(tested) >= _FEWEST:
            tests[k] = tested.tests(net.is_trilinear, seed)
    return Alignment(
        word=str(T.word),
        group=T.group.name,
        irrep=irrep,
        share=share,
        active=active,
        # Rounding may leave a little more than 1.
        values=np.minimum(np.abs(inner), 1.0),
        signs=np.where(inner < 0, -1.0, 1.0),
        irreps=_by_irrep(table, irrep[living], inner[living], tests),
        choice=_choice(table, irrep[living], seed),
    )


def _homes(
    functions: tuple[Array, Array, Array], spaces: IsotypicSpaces, with_trivial: bool
) -> tuple[Integers, Array]:
    """Return the irrep of each neuron and the share of its energy there, of all three functions."""
    shares = np.ones((functions[0].shape[1], len(spaces.dims)))
    for F in functions:
        energies = spaces.energies(F.T)
        if not with_trivial:
            energies[:, 0] = 0.0
        total = energies.sum(1, keepdims=True)
        shares *= np.divide(energies, total, out=np.zeros_like(energies), where=total > 0)
    return shares.argmax(1), shares.max(1)


@dataclass(frozen=True, slots=True, eq=False)
class _Coefficients:
    """Coefficients U, V, W of R neurons in one irrep, as real matrices (R, d, d) of norm 1."""

    U: Array
    V: Array
    W: Array
    endo: int

    @classmethod
    def of(
        cls, functions: tuple[Array, Array, Array], members: Booleans, basis: Array, endo: int
    ) -> "_Coefficients":
        """Take them from functions (n, R) and a basis of the irrep's entries over R, C or H."""
        m = round(sqrt(basis.shape[1] / endo))

        def blocks(F: Array) -> Array:
            entries = F[:, members].T @ basis
            sizes = np.linalg.norm(entries, axis=1, keepdims=True)
            units = np.divide(entries, sizes, out=np.zeros_like(entries), where=sizes > 0)
            return to_blocks(units.reshape(-1, m, m, endo))

        U, V, W = map(blocks, functions)
        return cls(U, V, W, endo)

    def __len__(self) -> int:
        return len(self.U)

    def chosen(self, neurons: Booleans) -> "_Coefficients":
        """Keep some neurons."""
        return _Coefficients(self.U[neurons], self.V[neurons], self.W[neurons], self.endo)

    def inner(self) -> Array:
        """Return Re tr(U V W^*) of each neuron; real blocks hold each entry e times."""
        result: Array = np.einsum("rij,rij->r", self.U @ self.V, self.W) / self.endo
        return result

    def tests(self, axial: bool, seed: int) -> list[UniformityTest]:
        """Test phases, or axes where matrices have more than one entry over R, C or H."""
        if self.U.shape[1] > self.endo:
            kinds: tuple[Literal["energy", "Bingham"], ...] = ("energy", "Bingham")
            return [
                uniform_axes(axes, test=kind, about=f"axis {name}", seed=seed)
                for name, axes in zip("xyz", self._axes(), strict=True)
                for kind in kinds
            ]
        if self.endo == 1:
            return []
        found = []
        for name, block in zip("uvw", (self.U, self.V, self.W), strict=True):
            about = f"phase of {name}"
            phases = block[:, :, 0]
            if self.endo == 2:
                angles = np.arctan2(phases[:, 1], phases[:, 0]) * (2 if axial else 1)
                found.append(uniform_angles(angles, about=about, seed=seed))
            test = uniform_axes if axial else uniform_directions
            found.append(test(phases, about=about, seed=seed))
        return found

    def _axes(self) -> Iterator[Array]:
        """Yield x, y, z, shapes (R, m, e), nearest to U = x y^*, V = y z^*, W = x z^*."""
        U, V, W = self.U, self.V, self.W
        for one, other in ((U, W), (_turned(U), V), (_turned(V), _turned(W))):
            # Eigenvectors come e at a time, and each of them stands for the same axis.
            _, vectors = np.linalg.eigh(one @ _turned(one) + other @ _turned(other))
            yield vectors[:, :, -1].reshape(len(U), -1, self.endo)


def _turned(matrices: Array) -> Array:
    """Transpose real matrices: over R, C or H, the adjoints."""
    return matrices.swapaxes(-1, -2)


def _by_irrep(
    table: RealCharacterTable,
    irrep: Integers,
    inner: Array,
    tests: dict[int, list[UniformityTest]],
) -> tuple[IrrepAlignment, ...]:
    """Return the alignments of neurons that live in an irrep, irrep by irrep."""
    parts = []
    for k, label in enumerate(table.labels):
        values, endo = inner[irrep == k], int(table.endo_dims[k])
        aligned = np.minimum(np.abs(values), 1.0)
        parts.append(
            IrrepAlignment(
                label=label,
                neurons=len(values),
                mean=float(aligned.mean()) if len(values) else float("nan"),
                least=float(aligned.min(initial=1.0)) if len(values) else float("nan"),
                chance=1 / sqrt(endo * (int(table.dims[k]) // endo) ** 3),
                opposed=int((values < 0).sum()),
                tests=tuple(tests.get(k, ())),
            )
        )
    return tuple(parts)


def _choice(table: RealCharacterTable, irrep: Integers, seed: int) -> tuple[UniformityTest, ...]:
    """Test which non-trivial irreps neurons live in: each as likely, or by dimension."""
    counts = np.bincount(irrep, minlength=len(table.labels))[1:]
    spaces = (table.dims**2 // table.endo_dims)[1:]
    if len(counts) < 2 or not counts.any():
        return ()
    found = [uniform_counts(counts, about="irreps, each as likely", seed=seed)]
    if len(set(spaces.tolist())) > 1:
        about = "irreps, by the dimensions of their spaces"
        found.append(uniform_counts(counts, spaces, about=about, seed=seed))
    return tuple(found)
