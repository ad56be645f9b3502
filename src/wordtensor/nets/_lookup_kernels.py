"""Gathering rows for pairs, and adding gradients to rows, in one pass each: compiled for a CPU."""

import numpy as np

from .._compiled import compiled
from .._typing import Array, Integers

# How the two inputs of a neuron are combined.
KINDS = ("product", "relu", "sigmoid", "square", "abs")


@compiled(nogil=True, error_model="numpy")
def join(  # pragma: no cover
    kind: int, left: Array, right: Array, a: Integers, b: Integers, hidden: Array
) -> None:
    """Write the neurons' values on pairs; of a sigmoid its input."""
    for p in range(len(a)):
        u, v, h = left[a[p]], right[b[p]], hidden[p]
        if kind == 0:
            for r in range(len(h)):
                h[r] = u[r] * v[r]
        elif kind == 1:
            for r in range(len(h)):
                x = u[r] + v[r]
                h[r] = 0 if x < 0 else x  # nan stays
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
    for p in range(len(a)):
        u, v, h, g = left[a[p]], right[b[p]], hidden[p], back[p]
        x, y = at_left[a[p]], at_right[b[p]]
        if kind == 0:
            for r in range(len(g)):
                x[r] += g[r] * v[r]
                y[r] += g[r] * u[r]
        elif kind == 1:
            for r in range(len(g)):
                step = 0 if h[r] <= 0 else g[r]
                x[r] += step
                y[r] += step
        elif kind == 2:
            for r in range(len(g)):
                step = g[r] * h[r] * (1 - h[r])
                x[r] += step
                y[r] += step
        elif kind == 3:
            for r in range(len(g)):
                step = 2 * g[r] * (u[r] + v[r])
                x[r] += step
                y[r] += step
        else:
            for r in range(len(g)):
                step = g[r] * np.sign(u[r] + v[r])
                x[r] += step
                y[r] += step


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
def settle(shares: Array, labels: Integers, scale: float) -> None:  # pragma: no cover
    """Turn softmax into the gradient of the cross entropy, times a factor."""
    for p in range(len(labels)):
        row, label = shares[p], labels[p]
        # p - 1 at the label has no digits left where p is nearly one; the sum of the others has.
        row[label] = 0
        wrong = row.sum()
        for c in range(len(row)):
            row[c] *= scale
        row[label] = -wrong * scale
