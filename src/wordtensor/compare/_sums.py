"""What one pass over all pairs collects: sums of activations and logits, losses, accuracies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .._typing import Array
from ..errors import ComparisonError
from ..irreps.energies import quotient_sums
from ..words import WordTensor
from ._losses import cross_entropies
from ._network import Network, row_blocks

__all__ = ["ActivationSums", "Sums", "activation_sums", "collect"]

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ActivationSums:
    """Sums of the activations of R neurons over pairs of a group of order n."""

    by_first: Array  # shape (n, R); Over the pairs with given a, with given b, with given w(a, b)
    by_second: Array  # shape (n, R); Over the pairs with given a, with given b, with given w(a, b)
    by_value: Array  # shape (n, R); Over the pairs with given a, with given b, with given w(a, b)
    squares: Array  # shape (R,); Of their squares, over all pairs

    @classmethod
    def empty(cls, n: int, width: int) -> "ActivationSums":
        """Start with nothing."""
        first, second, value = (np.zeros((n, width)) for _ in range(3))
        return cls(first, second, value, np.zeros(width))

    def add(self, rows: slice, hidden: Array, table: NDArray[np.integer]) -> None:
        """Add the activations of some rows, shape (rows, n, R), with the word's values there."""
        self.by_first[rows] += hidden.sum(1)
        self.by_second[...] += hidden.sum(0)
        flat = hidden.reshape(-1, hidden.shape[2])
        self.by_value[...] += _indicator(table.ravel(), len(self.by_value)) @ flat
        self.squares[...] += np.einsum("pr,pr->r", flat, flat)

    def centred(self, counts: NDArray[np.int64]) -> tuple[tuple[Array, Array, Array], Array]:
        """Return inner products of centred activations with normed indicators, and variances."""
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
class Sums:
    """Of a net with R neurons on all pairs (a, b) of a group of order n."""

    hidden: ActivationSums  # Of the activations
    quotients: Array  # shape (n,); Centred logits summed over the places of each z;
    logit_square: float  # The sum of squares of the centred logits
    # Cross entropy, and share of pairs that are right: on training, test and all pairs;
    loss: Three
    # Cross entropy, and share of pairs that are right: on training, test and all pairs;
    accuracy: Three


def collect(net: Network, T: WordTensor, mask: NDArray[np.bool_]) -> Sums:
    """Run over all pairs once, some rows at a time."""
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
                "the squares of activations or logits overflow; divide the weights by a number"
            )
        right[rows] = logits.argmax(-1) == table
        flat = logits.reshape(-1, n)
        losses[rows] = cross_entropies(flat, table.ravel(), overwrite=True).reshape(table.shape)
    return Sums(
        sums,
        quotients,
        logit_square,
        _three(losses, mask),
        _three(right, mask),
    )


def _indicator(values: NDArray[np.integer], n: int) -> csr_array:
    """Return the matrix that sums rows by their value: shape (n, P)."""
    order = np.argsort(values, kind="stable")
    starts = np.searchsorted(values[order], np.arange(n + 1))
    return csr_array((np.ones(len(values)), order, starts), shape=(n, len(values)))


def _three(values: NDArray[np.floating] | NDArray[np.bool_], mask: NDArray[np.bool_]) -> Three:
    parts = (values[mask], values[~mask], values)
    means = [float(part.mean()) if part.size else float("nan") for part in parts]
    return means[0], means[1], means[2]
