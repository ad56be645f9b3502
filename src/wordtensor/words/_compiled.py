"""From a word to what the compiled kernels need to be given."""

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ..groups import Group
from . import _kernels
from ._powers import power_maps
from ._schedule import Schedule, cheapest_schedule
from ._syllables import Syllables

# Tabulating the conjugates takes a row for each class: above n / 8 classes it does not pay.
_ORBIT_SHARE = 8
# Entries from which two threads are faster than one, even if they have to wait for each other.
_THREADS_FROM = 2**20

_Step = tuple[int, int]
_Orbits = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]


def evaluate(factors: Syllables, G: Group) -> NDArray[np.int32]:
    """Tabulate a word of two or more syllables; see `wordtensor.words.evaluate.evaluate_numba`."""
    n = G.order
    schedule = cheapest_schedule(factors)
    orbits: _Orbits | None = None
    if len(schedule.start) == 3:
        orbits = _orbits(G)
        if orbits is None:
            schedule = cheapest_schedule(factors, conjugates=False)
    if orbits is None:
        orbits = (np.empty((0, n), np.int32), np.empty(0, np.int64), np.empty(0, np.int64))
    column, phases = _phases(schedule)
    position, maps = power_maps({column, *(k for _, steps in phases for _, k in steps)}, G)
    out = np.empty((n, n), dtype=np.int32)
    values = maps[position[column] : position[column] + 1]
    row = schedule.row
    parallel = n * n >= _THREADS_FROM
    apply_steps = _kernels.apply_steps if parallel else _kernels.apply_steps_serial
    transpose = _kernels.transpose_in_place if parallel else _kernels.transpose_in_place_serial
    for letter, phase in phases:
        if letter != row:
            transpose(out)
            row = letter
        steps = np.array([(what, position[k]) for what, k in phase], dtype=np.int64)
        apply_steps(out, values, steps, maps, G.cayley, G.inverse, *orbits)
        values = out
    if row != 0:
        transpose(out)
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


def _orbits(G: Group) -> _Orbits | None:
    """Tabulate h^-1 x0 h for one x0 of every class, with an h for every element; or return None."""
    # With too many classes it would not pay: then there is none.
    n = G.order
    elements = np.arange(n)
    rows: list[NDArray[np.int32]] = []
    orbit_of = np.full(n, -1, dtype=np.int64)
    carrier = np.empty(n, dtype=np.int64)
    for x in range(n):
        if orbit_of[x] >= 0:
            continue
        if (len(rows) + 1) * _ORBIT_SHARE > n:
            return None
        row = G.cayley[G.inverse, G.cayley[x]]
        orbit_of[row] = len(rows)
        carrier[row] = elements
        rows.append(row)
    return np.stack(rows), orbit_of, carrier
