"""From a word to what the compiled kernels need to be given."""

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ..groups import Group, conjugacy_classes
from . import _kernels
from .powers import power_maps
from .schedule import Schedule, cheapest_schedule
from .syllables import Syllables

# Tabulating the conjugates takes a row for each class; with more than n / 8 classes it does not
# pay.
_ORBIT_SHARE = 8

_Step = tuple[int, int]


def evaluate(factors: Syllables, G: Group) -> NDArray[np.int32]:
    """Tabulate a word of two or more syllables; see `wordtensor.words.evaluate.evaluate_numba`."""
    n = G.order
    schedule = cheapest_schedule(factors)
    orbits = (np.empty((0, n), np.int32), np.empty(0, np.int64), np.empty(0, np.int64))
    if len(schedule.start) == 3:
        representatives = conjugacy_classes(G).representatives
        if len(representatives) * _ORBIT_SHARE <= n:
            orbits = _orbits(G, representatives)
        else:
            schedule = cheapest_schedule(factors, conjugates=False)
    column, phases = _phases(schedule)
    position, maps = power_maps({column, *(k for _, steps in phases for _, k in steps)}, G)
    out = np.empty((n, n), dtype=np.int32)
    values = maps[position[column] : position[column] + 1]
    row = schedule.row
    for letter, phase in phases:
        if letter != row:
            _kernels.transpose_in_place(out)
            row = letter
        steps = np.array([(what, position[k]) for what, k in phase], dtype=np.int64)
        _kernels.apply_steps(out, values, steps, maps, G.cayley, G.inverse, *orbits)
        values = out
    if row != 0:
        _kernels.transpose_in_place(out)
    return out


def _phases(schedule: Schedule) -> tuple[int, list[tuple[int, list[_Step]]]]:
    """Spell a schedule out: the exponent of the first column, and the steps between transposes."""
    column, begin = _beginning(schedule.start)
    steps = [(schedule.row, step) for step in begin]
    steps += [(letter, (_kernels.MULTIPLY, k)) for letter, k in schedule.steps]
    if schedule.invert:
        last = steps[-1][0] if steps else schedule.row
        steps.append((last, (_kernels.INVERT, column)))
    grouped = groupby(steps, key=lambda step: step[0])
    return column, [(letter, [step for _, step in group]) for letter, group in grouped]


def _beginning(start: Syllables) -> tuple[int, list[_Step]]:
    """Exponent of the column letter to begin with, and the steps from there on."""
    match start:
        case ((_, j),):
            return j, []
        case ((_, j), (_, k)):
            # y*x = (x^-1 * y^-1)^-1
            return -j, [(_kernels.MULTIPLY, -k), (_kernels.INVERT, -k)]
        case _:
            # y*x*y^-1, from y^-1
            (_, k), (_, j) = start[1:]
            return j, [(_kernels.CARRY, k), (_kernels.CONJUGATE, k)]


def _orbits(
    G: Group, representatives: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Tabulate h^-1 x0 h for every class representative x0, and find an h for every element."""
    n = G.order
    elements = np.arange(n)
    orbit = np.empty((len(representatives), n), dtype=np.int32)
    orbit_of = np.empty(n, dtype=np.int64)
    carrier = np.empty(n, dtype=np.int64)
    for row, x in enumerate(representatives):
        orbit[row] = G.cayley[G.inverse, G.cayley[x]]
        orbit_of[orbit[row]] = row
        carrier[orbit[row]] = elements
    return orbit, orbit_of, carrier
