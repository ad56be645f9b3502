r"""How many neurons a net needs for its function: pruning with the readout fitted anew.

The logits are H W with activations H, shape (n^2, R). With the Gram matrix K = H^T H, taking
neuron r away and fitting the other rows of W anew costs ``|W_r|^2 / (K^-1)_rr`` in squared error,
and the new rows are ``W - (K^-1)_{:r} W_r / (K^-1)_rr``, so that the greedy order needs no fit.

References
----------
Hassibi, Stork, Second order derivatives for network pruning: optimal brain surgeon (1993).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, Value, freeze_fields
from ..errors import ComparisonError
from ..words import WordTensor
from ._forward import Network, row_blocks
from ._losses import accuracy
from ._network import network_for

# What is left of a neuron's squared norm beside others, below which it depends on them.
_ZERO: Final = 1e-12
# Makes the choice among dependent neurons definite.
_RIDGE: Final = 1e-8
_AFRESH: Final = 32


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pruning(Value):
    """In which order the neurons of a net of width R can go, and what it costs.

    Attributes
    ----------
    order : ndarray of int64, shape (R,)
        Neurons, first to go first.
    errors : ndarray, shape (R + 1,)
        ``|L' - L|^2 / |L|^2`` with 0, 1, ..., R neurons gone, of the logits by way of neurons.
    accuracies : ndarray, shape (R + 1,)
        Shares of pairs that are right then; nan where it was not evaluated.
    tolerance : float
        Below it the function counts as unchanged.

    Examples
    --------
    >>> import wordtensor as wt
    >>> twice = [np.hstack([F, F]) for F in wt.decompose("a*b", "S3").factors]
    >>> p = prune(wt.compare.network(twice), wt.word_tensor("a*b", "S3"))
    >>> len(p.order), p.effective_width
    (18, 9)
    """

    order: NDArray[np.int64]
    errors: Array
    accuracies: Array
    tolerance: float

    def __post_init__(self) -> None:
        freeze_fields(self, "order", "errors", "accuracies")

    @property
    def effective_width(self) -> int:
        """Number of neurons that are left when no more can go without a change of the function."""
        gone = np.flatnonzero(self.errors <= self.tolerance)
        return len(self.order) - int(gone.max(initial=0))

    @property
    def accurate_width(self) -> int:
        """Number of neurons that are left when no more can go without a loss of accuracy."""
        whole = self.accuracies[0]
        enough = np.flatnonzero(self.accuracies >= whole)
        return len(self.order) - int(enough.max(initial=0))

    def kept(self, width: int | None = None) -> NDArray[np.int64]:
        """Return the neurons that are left at a width, by default the effective one; ascending."""
        left = self.effective_width if width is None else width
        return np.sort(self.order[len(self.order) - left :])

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON-able values."""
        return {
            "tolerance": self.tolerance,
            "effective_width": self.effective_width,
            "accurate_width": self.accurate_width,
            "errors": self.errors.tolist(),
        }

    def __repr__(self) -> str:
        return (
            f"Pruning(effective_width={self.effective_width}, "
            f"accurate_width={self.accurate_width}, tolerance={self.tolerance:.0e})"
        )


def prune(net: Any, T: WordTensor, *, tolerance: float = 1e-6) -> Pruning:
    """Take neurons away one by one, the cheapest first, with the readout fitted anew.

    Parameters
    ----------
    net : object
        Anything that `network` takes, with R neurons.
    T : WordTensor
        What it should compute, for the accuracy.
    tolerance : float
        Relative squared change of the logits below which the function counts as unchanged.

    Returns
    -------
    Pruning

    Raises
    ------
    ComparisonError
        If the net does not fit the word's group, or the tolerance is negative.

    Notes
    -----
    O(R^3) for the errors. The largest number of neurons that can be removed without a loss of
    accuracy is found by bisection, as if the accuracy could only fall when more are removed.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> wide = [np.hstack([F, F]) for F in d.factors]  # every neuron twice
    >>> prune(wide, wt.word_tensor("a*b", "S3")).effective_width
    9
    """
    return pruned(network_for(net, T), T.table, tolerance)


def pruned(net: Network, table: NDArray[np.integer], tolerance: float) -> Pruning:
    """Prune a network on the pairs (n_a, n_b) of a table of values."""
    if not tolerance >= 0:
        raise ComparisonError(f"Argument 'tolerance' must be at least 0, not {tolerance!r}")
    K = _gram(net)
    order, errors = _eliminate(K, net.readout)
    accuracies = np.full(net.width + 1, np.nan)

    def evaluated(gone: int) -> float:
        if np.isnan(accuracies[gone]):
            accuracies[gone] = _accuracy(net, table, K, order[gone:])
        return float(accuracies[gone])

    low, high = 0, net.width
    whole = evaluated(0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if evaluated(middle) >= whole else (low, middle)
    return Pruning(order, errors, accuracies, tolerance)


def _gram(net: Network) -> Array:
    if net.lookups is not None and net.combination == "product":
        left, right = net.lookups
        return (left.T @ left) * (right.T @ right)
    K = np.zeros((net.width, net.width))
    for rows in row_blocks(net):
        hidden = net.hidden(rows).reshape(-1, net.width)
        K += hidden.T @ hidden
    return K


def _eliminate(K: Array, readout: Array) -> tuple[NDArray[np.int64], Array]:
    """Greedy order, and the relative squared errors with 0, 1, ... gone."""
    norms = np.sqrt(np.maximum(np.diag(K), 0.0))
    scale = np.where(norms > 0, norms, 1.0)
    unit, W = K / np.outer(scale, scale), readout * scale[:, None]
    order = _greedy(unit, W)
    return order, _errors(unit, W, order)


def _greedy(unit: Array, readout: Array) -> NDArray[np.int64]:
    width = len(unit)
    left = np.arange(width)
    wanted = unit @ readout
    order: list[int] = []
    while len(left):
        # Afresh now and then, as rounding errors of the updates add up.
        inverse = np.linalg.inv(unit[np.ix_(left, left)] + _RIDGE * np.eye(len(left)))
        W = inverse @ wanted[left]
        alive = np.ones(len(left), dtype=bool)
        for _ in range(min(_AFRESH, len(left))):
            pivots = np.where(alive, np.maximum(np.diag(inverse), 1e-300), 1.0)
            costs = np.where(alive, np.square(W).sum(1) / pivots, np.inf)
            r = int(costs.argmin())
            column = inverse[:, r] / pivots[r]
            W = W - np.outer(column, W[r])
            inverse = inverse - np.outer(column, inverse[r])
            alive[r] = False
            W[r] = inverse[r] = inverse[:, r] = 0.0
            order.append(int(left[r]))
        left = left[alive]
    return np.array(order, dtype=np.int64)


def _errors(unit: Array, readout: Array, order: NDArray[np.int64]) -> Array:
    """Return the squared errors of the best fits along an order, by one Cholesky decomposition."""
    # With the last to go first, row i of ``L^-1 K W`` is what neuron i adds to those before it;
    # the error is the sum of the rows that are gone, so that small ones are not differences.
    width = len(order)
    kept = order[::-1]
    rest = unit[np.ix_(kept, kept)].copy()
    wanted = (unit @ readout)[kept]
    gains = np.zeros(width)
    for i in range(width):
        if rest[i, i] <= _ZERO:
            continue  # depends on those before it
        column = rest[i:, i] / np.sqrt(rest[i, i])
        row = wanted[i] / column[0]
        gains[i] = float(row @ row)
        wanted[i:] -= np.outer(column, row)
        rest[i:, i:] -= np.outer(column, column)
    total = max(float(gains.sum()), np.finfo(float).tiny)
    return np.concatenate([[0.0], np.cumsum(gains[::-1])]) / total


def _accuracy(net: Network, table: NDArray[np.integer], K: Array, kept: NDArray[np.int64]) -> float:
    """Share of pairs that are right with these neurons and the readout that fits best."""
    readout: Array = np.zeros((0, net.readout.shape[1]))
    if len(kept):
        normal, wanted = K[np.ix_(kept, kept)], K[kept] @ net.readout
        readout = np.asarray(np.linalg.lstsq(normal, wanted, rcond=1e-13)[0], dtype=np.float64)
    some = net.chosen(kept, readout)
    right = 0.0
    for rows in row_blocks(some):
        right += accuracy(some.logits(rows), table[rows]) * (rows.stop - rows.start)
    return right / len(table)
