"""Every logit of pairs, with what rounding can do to it: which answers are right, and wrong."""

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Booleans, Indices
from ._forms import Lookups
from ._forward import Network, row_blocks
from ._rounding import GROW, largest_of, logit_errors, norms, underflow


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """What was found out of pairs, and at which cost."""

    right: Booleans  # shape (n, n): proved
    wrong: Booleans  # shape (n, n): proved
    margin: float  # the least, by which right logits exceed the bound of all others
    deviation: float  # how far the net is from what was looked at in its place
    allowance: float  # the largest, for rounding
    multiplications: int


def full_cost(net: Network) -> int:
    """Count the multiplications of all logits of all pairs."""
    n = net.order
    return n * n * net.width * (n + 1)


def evaluate(net: Network, table: Indices, asked: Booleans) -> Decided:
    """Decide the pairs that are asked for by all of their logits."""
    right, wrong = np.zeros_like(asked), np.zeros_like(asked)
    margin, allowance = np.inf, 0.0
    widest = float(norms(net.readout.T).max(initial=0.0))
    smallest = underflow(*net.weights.values(), net.readout)
    for rows in row_blocks(net):
        if not asked[rows].any():
            continue
        a, b = np.nonzero(asked[rows])
        hidden, logits = _of_pairs(net, rows, asked[rows])
        errors = logit_errors(net, (a + rows.start, b), hidden, logits, widest) + smallest
        gaps = gaps_of(logits, table[rows][a, b])
        right[rows][a, b] = gaps > 2 * GROW * errors
        wrong[rows][a, b] = gaps < -2 * GROW * errors
        margin = min(margin, float(gaps.min()))
        allowance = max(allowance, largest_of(errors))
    cost = int(asked.sum()) * net.width * (net.order + 1)
    return Decided(right, wrong, margin, 0.0, allowance, cost)


def _of_pairs(net: Network, rows: slice, asked: Booleans) -> tuple[Array, Array]:
    """Return activations and logits of the pairs that are asked for, shapes (k, R) and (k, n)."""
    hidden = net.hidden(rows)
    if asked.all() or not isinstance(net.form, Lookups):
        logits = net.logits(rows, hidden)
        return hidden[asked], logits[asked]
    hidden = hidden[asked]
    logits = hidden @ net.readout
    return hidden, logits if net.form.offset is None else logits + net.form.offset


def gaps_of(logits: Array, answers: Indices) -> Array:
    """Return by how much right logits exceed all others, shape (k,); nan if any is not finite."""
    places = answers[:, None]
    correct = np.take_along_axis(logits, places, 1)
    others = logits.copy()
    np.put_along_axis(others, places, -np.inf, 1)
    with np.errstate(invalid="ignore"):
        gaps = correct[:, 0] - others.max(axis=1)
    return np.where(np.isfinite(logits).all(axis=1), gaps, np.nan)
