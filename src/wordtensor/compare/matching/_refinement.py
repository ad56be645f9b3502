"""Which terms may correspond: colour refinement of two sets of terms at once, with backtracking."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..._typing import Array, Integers

# Refinements that one search may cost.
_NODES: Final = 300


@dataclass(slots=True)
class _Budget:
    nodes: int


def correspondences(
    left: Array, right: Array, tolerance: float, nodes: int = _NODES
) -> Iterator[Integers]:
    """Yield orders of the left terms whose signals (k, R, R) are those of the right ones."""
    # Terms get colours; terms of one colour that see different colours in different ways are told
    # apart, until nothing changes. Where a colour is left with several terms, one right term gets a
    # colour of its own, with each of the left ones in turn. This is how isomorphism of graphs is
    # decided in practice.
    # Source: McKay, Piperno, "Practical graph isomorphism, II", J. Symb. Comput. 60 (2014).
    count = left.shape[1]
    if right.shape[1] != count:
        return
    both = np.concatenate([left, right], axis=1)  # (k, 2R, R)
    diagonal = np.concatenate(
        [np.diagonal(left, axis1=1, axis2=2), np.diagonal(right, axis1=1, axis2=2)], axis=1
    )
    colours = _split(np.zeros(2 * count, dtype=np.int64), diagonal.T, tolerance)
    yield from _search(both, colours, tolerance, _Budget(nodes))


def _search(
    both: Array, colours: Integers, tolerance: float, budget: _Budget
) -> Iterator[Integers]:
    budget.nodes -= 1
    refined = _refined(both, colours, tolerance)
    if refined is None:
        return
    count = both.shape[2]
    sizes = np.bincount(refined[count:])
    if sizes.max() == 1:
        order = np.empty(count, dtype=np.int64)
        order[np.argsort(refined[count:])] = np.argsort(refined[:count])
        yield order
        return
    cell = int(np.argmin(np.where(sizes > 1, sizes, np.iinfo(np.int64).max)))
    mine = count + int(np.flatnonzero(refined[count:] == cell)[0])
    for candidate in np.flatnonzero(refined[:count] == cell):
        if budget.nodes <= 0:
            return
        marked = refined.copy()
        marked[[mine, candidate]] = len(sizes)
        yield from _search(both, marked, tolerance, budget)


def _refined(both: Array, colours: Integers, tolerance: float) -> Integers | None:
    """Refine until nothing changes; None if the two sides get different colours."""
    count = both.shape[2]
    classes = -1
    while True:
        if not _is_even(colours, count):
            return None
        found = int(colours.max()) + 1
        if found in (classes, count):
            return colours
        classes = found
        weights = np.random.default_rng(classes).standard_normal((len(both), classes))
        sums = [
            np.concatenate(
                [signal[:count] @ w[colours[:count]], signal[count:] @ w[colours[count:]]]
            )
            for signal, w in zip(both, weights, strict=True)
        ]
        colours = _split(colours, np.stack(sums, axis=1) / np.sqrt(count), tolerance)


def _is_even(colours: Integers, count: int) -> bool:
    """Whether both sides have equally many terms of each colour."""
    sizes = int(colours.max()) + 1
    left = np.bincount(colours[:count], minlength=sizes)
    return bool((left == np.bincount(colours[count:], minlength=sizes)).all())


def _split(colours: Integers, values: Array, tolerance: float) -> Integers:
    """Split colours where values, shape (2R, k), have gaps."""
    for column in values.T:
        order = np.lexsort((column, colours))
        new = (np.diff(column[order]) > tolerance) | (np.diff(colours[order]) > 0)
        colours = np.empty_like(colours)
        colours[order] = np.concatenate([[0], np.cumsum(new)])
    return colours
