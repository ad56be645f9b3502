"""The parts of a step of a lookup net on pairs, compiled for a CPU, where calls cost most.

Pairs are rows: those of a net after those of the net before. A product of matrices is BLAS's.
"""

import numpy as np

from .._compiled import compiled
from .._typing import Array, Integers

# How the two inputs of a neuron are combined is a number: its place in COMBINATIONS.


@compiled(nogil=True, error_model="numpy")
def join(  # pragma: no cover
    kind: int, left: Array, right: Array, a: Integers, b: Integers, hidden: Array
) -> None:
    """Write the neurons' values on pairs; of a sigmoid its input."""
    # A whole number beside single precision would make double precision, at twice the time.
    zero = left.dtype.type(0)
    for p in range(len(a)):
        u, v, h = left[a[p]], right[b[p]], hidden[p]
        if kind == 0:
            for r in range(len(h)):
                h[r] = u[r] * v[r]
        elif kind == 1:
            for r in range(len(h)):
                x = u[r] + v[r]
                h[r] = zero if x < zero else x  # nan stays
        elif kind == 2:
            for r in range(len(h)):
                h[r] = u[r] + v[r]
        elif kind == 3:
            for r in range(len(h)):
                x = u[r] + v[r]
                h[r] = x * x
        else:
            for r in range(len(h)):
                h[r] = abs(u[r] + v[r])


@compiled(nogil=True, error_model="numpy")
def spread(  # pragma: no cover
    kind: int,
    left: Array,
    right: Array,
    a: Integers,
    b: Integers,
    hidden: Array,
    back: Array,
    at_left: Array,
    at_right: Array,
) -> None:
    """Add the gradients of both inputs to those of their rows."""
    zero, one = left.dtype.type(0), left.dtype.type(1)
    for p in range(len(a)):
        u, v, h, g = left[a[p]], right[b[p]], hidden[p], back[p]
        x, y = at_left[a[p]], at_right[b[p]]
        if kind == 0:
            for r in range(len(g)):
                x[r] += g[r] * v[r]
                y[r] += g[r] * u[r]
        elif kind == 1:
            for r in range(len(g)):
                step = zero if h[r] <= zero else g[r]
                x[r] += step
                y[r] += step
        elif kind == 2:
            for r in range(len(g)):
                step = g[r] * h[r] * (one - h[r])
                x[r] += step
                y[r] += step
        elif kind == 3:
            for r in range(len(g)):
                total = u[r] + v[r]
                step = g[r] * (total + total)
                x[r] += step
                y[r] += step
        else:
            for r in range(len(g)):
                step = g[r] * np.sign(u[r] + v[r])
                x[r] += step
                y[r] += step


@compiled(nogil=True, error_model="numpy")
def read(hidden: Array, readout: Array, logits: Array) -> None:  # pragma: no cover
    """Write the logits, from readouts of shape (c, z, R)."""
    t = len(hidden) // len(readout)
    for s in range(len(readout)):
        np.dot(hidden[s * t : (s + 1) * t], readout[s].T, logits[s * t : (s + 1) * t])


@compiled(nogil=True, error_model="numpy")
def go_back(  # pragma: no cover
    kind: int, place: int, left: Array, right: Array, readout: Array, a: Integers, b: Integers,
    hidden: Array, at_logits: Array, at_hidden: Array, part: Array,
    at_left: Array, at_right: Array, at_readout: Array,
) -> None:  # fmt: skip
    """Go from the logits' gradient to the others; place 0 begins all, 1 those of its nets."""
    if place == 0:
        at_left[:] = 0
        at_right[:] = 0
    t = len(hidden) // len(readout)
    for s in range(len(readout)):
        back, h = at_logits[s * t : (s + 1) * t], hidden[s * t : (s + 1) * t]
        np.dot(back, readout[s], at_hidden[s * t : (s + 1) * t])
        if place < 2:
            np.dot(back.T, h, at_readout[s])
        else:
            np.dot(back.T, h, part)
            at_readout[s] += part
    spread(kind, left, right, a, b, hidden, at_hidden, at_left, at_right)


@compiled(nogil=True, error_model="numpy")
def settle_square(logits: Array, labels: Integers, scale: float) -> None:  # pragma: no cover
    """Turn logits into the gradient of half the squared error, times a factor."""
    for p in range(len(labels)):
        row = logits[p]
        row[labels[p]] -= 1
        for c in range(len(row)):
            row[c] *= scale


@compiled(nogil=True, error_model="numpy")
def square_step(  # pragma: no cover
    kind: int, place: int, left: Array, right: Array, readout: Array, a: Integers, b: Integers,
    hidden: Array, logits: Array, at_hidden: Array, part: Array,
    at_left: Array, at_right: Array, at_readout: Array, labels: Integers, scale: float,
) -> None:  # fmt: skip
    """Go the whole way of the squared error, times a factor."""
    join(kind, left, right, a, b, hidden)
    read(hidden, readout, logits)
    settle_square(logits, labels, scale)
    go_back(
        kind, place, left, right, readout, a, b, hidden, logits, at_hidden, part,
        at_left, at_right, at_readout,
    )  # fmt: skip


@compiled(nogil=True, error_model="numpy")
def look_up(  # pragma: no cover
    index: Integers, values: Integers, x: int, y: int,
    a: Integers, b: Integers, labels: Integers,
) -> None:  # fmt: skip
    """Write flat pairs a y + b of every net as rows of the flattened lookups, with their labels."""
    for s in range(len(index)):
        for p in range(index.shape[1]):
            pair = index[s, p]
            a[s, p] = pair // y + s * x
            b[s, p] = pair % y + s * y
            labels[s, p] = values[pair]


@compiled(nogil=True, error_model="numpy")
def _sum(row: Array) -> float:  # pragma: no cover
    """Add numbers up in four sums, which do not wait for one another."""
    one = two = three = four = row.dtype.type(0)
    whole = len(row) // 4 * 4
    for k in range(0, whole, 4):
        one += row[k]
        two += row[k + 1]
        three += row[k + 2]
        four += row[k + 3]
    for k in range(whole, len(row)):
        one += row[k]
    return (one + two) + (three + four)


@compiled(nogil=True, error_model="numpy")
def settle(shares: Array, labels: Integers, scale: float) -> None:  # pragma: no cover
    """Turn softmax into the gradient of the cross entropy, times a factor."""
    for p in range(len(labels)):
        row, label = shares[p], labels[p]
        # p - 1 at the label has no digits left where p is nearly one; the sum of the others has.
        row[label] = 0
        wrong = _sum(row)
        for c in range(len(row)):
            row[c] *= scale
        row[label] = -wrong * scale
