"""Pairs that a net must get right, from a readout of few dimensions and a bound of the rest.

The centred readout W is a product C Q of D dimensions and a rest E. Activations are what a adds,
what b adds, and the rest of them, ``h = m_a + k_b + d``, so that the logits are
``m_a W + k_b W + (d C) Q + d E`` with ``|d E_c| <= |d| |E_c|``. The right logit is computed whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .._typing import Array, Indices
from ._attention import Attention
from ._evaluation import Decided, full_cost, gaps_of
from ._forms import Activations
from ._forward import Network, row_blocks
from ._rounding import GROW, UNIT, gamma, hidden_errors, largest_of, norms, underflow

# Multiplications of a singular value decomposition of an (R, n) matrix: so many times R n min.
_SVD: Final = 6
# Passes over (a, b, r): activations, twice; their norms; the right logits; two means' readouts.
_PASSES: Final = 6
# More than this share of an evaluation is not worth the passes over memory.
_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """A centred readout in two parts, and what b adds to activations and logits."""

    whole: Array  # shape (R, n)
    inward: Array  # shape (R, D)
    outward: Array  # shape (D, n)
    rest: Array  # shape (n,): norms of the columns of the rest, rounding included
    added: Array  # shape (n, R): what b adds to activations
    onward: Array  # shape (n, n): what b adds to logits by these, with their offset
    offset: float  # the largest size of the offset


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The pairs of some rows by a split readout, shapes (rows, n)."""

    gaps: Array  # right logits less the bounds of all others
    errors: Array  # what rounding can do to a logit
    spread: Array  # |d|


def readout_bound(net: Network, table: Indices) -> Decided | None:
    """Decide pairs by as many dimensions of the readout as pay; None if no number does."""
    n, width, full = net.order, net.width, full_cost(net)
    cost = _PASSES * n * n * width + _SVD * width * n * min(width, n)
    form = net.form
    other = isinstance(form, Attention) or (isinstance(form, Activations) and form.rest is not None)
    if other or cost > full / 2:
        return None
    best, chosen = _SHARE * full, None
    row = slice(n // 2, n // 2 + 1)
    hidden = net.hidden(row)
    for split in _splits(net):
        seen = _seen(net, table, split, row, hidden)
        through = len(split.outward) * (width + n) * n
        cost += through
        undecided = 1.0 - float((seen.gaps > 2 * GROW * seen.errors).mean())
        wanted = cost + through * n + undecided * full
        if wanted < best:
            best, chosen = wanted, split
    if chosen is None:
        return None
    return _decided(net, table, chosen, cost + len(chosen.outward) * (width + n) * n * n)


def _splits(net: Network) -> Iterator[_Split]:
    """Yield splits of the readout, with numbers of dimensions each a quarter above the last."""
    added = np.zeros((net.order, net.width))
    for rows in row_blocks(net):
        added += net.hidden(rows).sum(axis=0)
    added /= net.order
    W = net.readout - net.readout.mean(axis=1, keepdims=True)
    offset = getattr(net.form, "offset", None)
    offset = np.zeros(net.order) if offset is None else offset
    left, sizes, right = np.linalg.svd(W, full_matrices=False)
    whole = _Split(
        whole=W,
        inward=left * sizes,
        outward=right,
        rest=np.zeros(net.order),
        added=added,
        onward=added @ W + offset,
        offset=float(np.abs(offset).max()),
    )
    D = 4
    while D < len(sizes):
        yield _cut(whole, D)
        D += D // 4


def _cut(whole: _Split, D: int) -> _Split:
    """Keep D dimensions, and bound what they leave of the centred readout."""
    inward, outward, columns = whole.inward[:, :D], whole.outward[:D], norms(whole.whole.T)
    rounding = gamma(D + 4) * (columns + norms(inward.ravel()) * norms(outward.T))
    rest = GROW * (norms((whole.whole - inward @ outward).T) + rounding)
    return replace(whole, inward=inward, outward=outward, rest=rest)


def _seen(net: Network, table: Indices, split: _Split, rows: slice, hidden: Array) -> _Seen:
    """Bound the gaps of the pairs of some rows, shape (rows, n)."""
    W, C, Q = split.whole, split.inward, split.outward
    count, n, width = hidden.shape
    answers = table[rows].ravel()
    places = np.arange(len(answers)), answers
    apart = hidden - split.added
    means = apart.mean(axis=1)
    apart = (apart - means[:, None]).reshape(-1, width)
    spread = norms(apart)
    logits = np.tile(split.onward, (count, 1)) + np.repeat(means @ W, n, axis=0)
    right = logits[places] + np.einsum("kr,kr->k", apart, W.T[answers])
    logits += (apart @ C) @ Q
    logits += spread[:, None] * split.rest
    logits[places] = right
    pairs = np.repeat(np.arange(rows.start, rows.stop), n), np.tile(np.arange(n), count)
    columns, through = float(norms(W.T).max()), float(norms(C.ravel()) * norms(Q.T).max())
    sizes = np.repeat(norms(means), n) + np.tile(norms(split.added), count) + spread
    errors = gamma(width + 12) * sizes * columns + gamma(width + len(Q) + 12) * spread * through
    errors += hidden_errors(net, *pairs, hidden.reshape(-1, width)) * columns
    errors += 16 * UNIT * (np.abs(logits).max(axis=1) + split.offset)
    errors += underflow(W, *net.weights.values())
    gaps = gaps_of(logits, answers)
    return _Seen(*(part.reshape(count, n) for part in (gaps, GROW * errors, spread)))


def _decided(net: Network, table: Indices, split: _Split, cost: int) -> Decided:
    """Decide what can be decided of all pairs."""
    right = np.zeros(table.shape, dtype=bool)
    margin, spread, allowance = np.inf, 0.0, 0.0
    for rows in row_blocks(net):
        seen = _seen(net, table, split, rows, net.hidden(rows))
        right[rows] = seen.gaps > 2 * GROW * seen.errors
        margin = min(margin, float(seen.gaps.min()))
        spread = max(spread, float(seen.spread.max()))
        allowance = max(allowance, largest_of(seen.errors))
    deviation = spread * float(split.rest.max())
    return Decided(right, np.zeros_like(right), margin, deviation, allowance, cost)
