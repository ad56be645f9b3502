"""Activations over all pairs: sums by a, by b and by w(a, b), and what irreps span there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .._typing import Array
from ..errors import ComparisonError
from ..groups import Group
from ..irreps import RealIrrep, isotypic_basis
from ..words import WordTensor
from ._forward import Network, row_blocks
from ._losses import cross_entropies
from .similarity import quotient_sums

# Directions with less are no part of a space.
_ZERO: Final = 1e-9

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ActivationSums:
    """Sums of the activations of R neurons over pairs of a group of order n."""

    by_first: Array  # shape (n, R): over the pairs with given a
    by_second: Array  # shape (n, R): with given b
    by_value: Array  # shape (n, R): with given w(a, b)
    squares: Array  # shape (R,): of their squares, over all pairs

    @classmethod
    def empty(cls, n: int, width: int) -> "ActivationSums":
        """Start with nothing."""
        first, second, value = (np.zeros((n, width)) for _ in range(3))
        return cls(first, second, value, np.zeros(width))

    def add(self, rows: slice, hidden: Array, table: NDArray[np.integer]) -> None:
        """Add the activations of some rows, shape (rows, n, R), with the word's values there."""
        self.by_first[rows] += hidden.sum(1)
        self.by_second[...] += hidden.sum(0)
        flat = hidden.reshape(table.size, hidden.shape[2])
        self.by_value[...] += _indicator(table.ravel(), len(self.by_value)) @ flat
        self.squares[...] += np.einsum("pr,pr->r", flat, flat)

    def centred(self, counts: NDArray[np.int64]) -> tuple[tuple[Array, Array, Array], Array]:
        """Return products (n, R) with normed indicators of a, b and w(a, b), and variances (R,)."""
        n = len(counts)
        mean = self.by_first.sum(0) / n**2
        roots = np.sqrt(np.maximum(counts, 1))[:, None]
        first, second = ((m - n * mean) / np.sqrt(n) for m in (self.by_first, self.by_second))
        value = (self.by_value - counts[:, None] * mean) / roots
        return (first, second, value), self.squares - n**2 * np.square(mean)


def activation_sums(net: Network, T: WordTensor) -> ActivationSums:
    """Sum the activations over all pairs, some rows at a time."""
    sums = ActivationSums.empty(T.order, net.width)
    for rows in row_blocks(net):
        sums.add(rows, net.hidden(rows), T.table[rows])
    return sums


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RepresentationBases:
    """What ``qr(rho)`` of Chughtai et al. spans, for every irrep of a group of order n."""

    # shapes (n, m): orthonormal bases of the functions of one element spanned by the entries of an
    # irrep
    elements: tuple[Array, ...]
    # shapes (n, r): E such that E[w(a, b)] / sqrt(counts[w(a, b)]) is an orthonormal basis of the
    # functions of pairs spanned by the entries of rho(w(a, b)); r < m if the word has few values
    values: tuple[Array, ...]
    counts: NDArray[np.int64]  # shape (n,): number of pairs with each value of the word

    @property
    def spaces(self) -> tuple[tuple[Array, ...], tuple[Array, ...], tuple[Array, ...]]:
        """The spaces of functions of a, of b, and of w(a, b)."""
        return self.elements, self.elements, self.values

    def restricted(self, sums: Array, chosen: Sequence[int]) -> Array:
        """Project functions, given by sums (n, k) over w(a, b), on rho(w(a, b)) for some irreps."""
        roots = np.sqrt(np.maximum(self.counts, 1))[:, None]
        total = np.zeros_like(sums)
        for k in chosen:
            E = self.values[k]
            total += E @ (E.T @ (sums / roots))
        return np.where(self.counts[:, None] > 0, total / roots, 0.0)


def representation_bases(
    G: Group, table: NDArray[np.integer], irreps: Sequence[RealIrrep]
) -> RepresentationBases:
    """Return the bases for a word given by its table, shape (n, n)."""
    # The authors take all columns of a QR decomposition. Where the entries of rho are dependent, as
    # for every irrep of type C or H (the rotations of a cyclic group), two of four columns are then
    # noise: unit vectors that have nothing to do with rho. Here only as many are kept as the rank.
    counts = np.bincount(table.ravel(), minlength=G.order)
    elements = tuple(isotypic_basis(G, phi) for phi in irreps)
    if (counts == G.order).all():
        return RepresentationBases(elements, elements, counts)
    roots = np.sqrt(counts)[:, None]
    values = []
    for B in elements:
        left, sizes, _ = np.linalg.svd(roots * B, full_matrices=False)
        values.append(left[:, sizes > _ZERO * np.sqrt(G.order)])
    return RepresentationBases(elements, tuple(values), counts)


def explained(bases: tuple[Array, ...], M: Array, total: float) -> Array:
    """Return which share of a total each irrep explains by its part of a matrix, shape (K,)."""
    parts = np.array([float(np.square(B.T @ M).sum()) for B in bases])
    return parts / total if total > 0 else np.zeros(len(bases))


def activation_shares(
    bases: RepresentationBases, sums: ActivationSums
) -> tuple[Array, Array, Array]:
    """FVE of the centred activations by rho(a), rho(b) and rho(w(a, b))."""
    # Centring takes away the constant function, which only the trivial irrep sees.
    products, variances = sums.centred(bases.counts)
    total = float(variances.sum())
    first, second, value = (
        explained(basis, values, total)
        for basis, values in zip(bases.spaces, products, strict=True)
    )
    return first, second, value


def joint_shares(
    bases: RepresentationBases,
    sums: ActivationSums,
    chosen: Sequence[int],
    table: NDArray[np.integer],
) -> tuple[float, float]:
    """FVE of the centred neurons by rho(a), rho(b), rho(w(a, b)) together; by the last alone."""
    # Of all chosen irreps together as well: what several spaces have in common is counted once.
    products, variances = sums.centred(bases.counts)
    total = float(variances.sum())
    if not chosen or total <= 0:
        return 0.0, 0.0
    spaces = [np.hstack([space[k] for k in chosen]) for space in bases.spaces]
    common = common_pairs(table, bases.counts)
    shares = []
    for some in (spaces, [spaces[0][:, :0], spaces[1][:, :0], spaces[2]]):
        parts = [B.T @ values for B, values in zip(some, products, strict=True)]
        shares.append(together(some, parts, common) / total)
    return shares[0], shares[1]


def common_pairs(table: NDArray[np.integer], counts: NDArray[np.int64]) -> tuple[Array, Array]:
    """Inner products of indicators, normed, on pairs: of a and w(a, b), of b and w(a, b)."""
    n = len(counts)
    places = np.arange(n)[:, None] * n
    first, second = (
        np.bincount((places + each).ravel(), minlength=n * n).reshape(n, n)
        / np.sqrt(n * np.maximum(counts, 1))
        for each in (table, table.T)
    )
    return first, second


def together(bases: Sequence[Array], parts: Sequence[Array], common: tuple[Array, Array]) -> float:
    """Squared norm of the projection on spaces of a, of b and of w(a, b), from those on each."""
    # Functions of a and of b are orthogonal, constants apart, which only one of them may hold. What
    # the third space adds is its part that is orthogonal to both.
    A, B, E = bases
    crossing = np.vstack([A.T @ common[0] @ E, B.T @ common[1] @ E])
    both = np.vstack(parts[:2])
    rest = E.T @ E - crossing.T @ crossing
    more = parts[2] - crossing.T @ both
    if np.abs(rest - np.eye(len(rest))).max(initial=0.0) < 1e-12:  # the product, and its like
        return float(np.vdot(both, both) + np.vdot(more, more))
    # Relative to one, the norm of the bases: where hardly anything is left, it is rounding.
    sizes, axes = np.linalg.eigh(rest)
    added = np.square(axes.T @ more).sum(1)[sizes > _ZERO] / sizes[sizes > _ZERO]
    return float(np.vdot(both, both) + added.sum())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sums:
    """What one pass over all pairs (a, b) collects of a net with R neurons."""

    hidden: ActivationSums  # of the activations
    # shape (n,): centred logits summed over the places of each z, as `quotient_sums` does
    quotients: Array
    logit_square: float  # sum of the squares of the centred logits
    loss: Three  # cross entropy on training, test and all pairs; nan where there are none
    accuracy: Three  # share of pairs that are right, on the same


def collect(net: Network, T: WordTensor, mask: NDArray[np.bool_]) -> Sums:
    """Run over all pairs once, some rows at a time; the mask (n, n) is of training pairs."""
    n = T.order
    sums = ActivationSums.empty(n, net.width)
    quotients, logit_square = np.zeros(n), 0.0
    losses, right = np.zeros((n, n)), np.zeros((n, n), dtype=bool)
    for rows in row_blocks(net):
        table = T.table[rows]
        with np.errstate(over="ignore", invalid="ignore"):
            hidden = net.hidden(rows)
            logits = net.logits(rows, hidden)
            sums.add(rows, hidden, table)
            more, energy = quotient_sums(T.group, logits, table)
        quotients += more
        logit_square += energy
        if not np.isfinite(logit_square + sums.squares.sum()):
            raise ComparisonError(
                "The squares of activations or logits overflow; divide the weights by a number"
            )
        right[rows] = logits.argmax(-1) == table
        flat = logits.reshape(-1, n)
        losses[rows] = cross_entropies(flat, table.ravel(), overwrite=True).reshape(table.shape)
    return Sums(sums, quotients, logit_square, _three(losses, mask), _three(right, mask))


def _indicator(values: NDArray[np.integer], n: int) -> csr_array:
    """Return the matrix that sums rows by their value: shape (n, P)."""
    order = np.argsort(values, kind="stable")
    starts = np.searchsorted(values[order], np.arange(n + 1))
    return csr_array((np.ones(len(values)), order, starts), shape=(n, len(values)))


def _three(values: NDArray[np.floating] | NDArray[np.bool_], mask: NDArray[np.bool_]) -> Three:
    parts = (values[mask], values[~mask], values)
    means = [float(part.mean()) if part.size else float("nan") for part in parts]
    return means[0], means[1], means[2]
