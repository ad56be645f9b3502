"""What tabulating a word does to a table, pass by pass; the CPU and a CUDA device both do it.

Powers of a letter are tabulated first, so that a word of k syllables costs at most k - 1 look-ups
an entry. One letter lies along the rows throughout. A pass either multiplies by a power of the
row's letter (along the rows) or of the column's (across them), and may do several look-ups.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..groups import Group
from ._powers import power_maps
from ._schedule import Schedule, cheapest_schedule
from ._syllables import Syllables

# What a step looks values up in; x is a power of the row's element, or of the column's.
MULTIPLY: Final = 0  # value -> x * value
POWER: Final = 1  # value -> value^k
CARRY: Final = 2  # value -> h * value, where h carries x to its class representative x0
CONJUGATE: Final = 3  # value -> value^-1 * x0 * value, where x = h^-1 x0 h

# Tabulating the conjugates takes a row for each class: above n / 8 classes it does not pay.
_ORBIT_SHARE: Final = 8

_Steps = list[tuple[int, int]]
_Orbits = tuple[NDArray[np.uint16], NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Pass:
    """Steps along the rows, or across them."""

    across: bool
    steps: NDArray[np.int64]  # (m, 2): what to do, and the row of `Program.maps` with the power


@dataclass(frozen=True, slots=True)
class Program:
    """A row to begin with, the passes, the first along the rows, and what they look up."""

    values: NDArray[np.uint16]  # (1, n): stands for all rows of the table
    passes: tuple[Pass, ...]
    turned: bool  # whether the table is transposed in the end
    identity: int  # the row of `maps` with g -> g
    maps: NDArray[np.uint16]  # (m, n): powers of all elements
    orbit: NDArray[np.uint16]  # (classes, n): orbit[orbit_of[x], h] is h^-1 * x0 * h
    orbit_of: NDArray[np.int32]
    carrier: NDArray[np.int32]  # carrier[x] is the h with x = h^-1 * x0 * h


def program(factors: Syllables, times: int, G: Group) -> Program:
    """Return the program for the power of a word of any number of syllables."""
    orbits: _Orbits | None = None
    turned = False
    if len(factors) < 2:
        # A power of one letter, or 1: the same row for all, carried there by the identity.
        ((letter, column),) = factors or ((1, 0),)
        turned = letter == 0
        passes: list[tuple[bool, _Steps]] = [(False, [(POWER, 1)])]
    else:
        schedule = cheapest_schedule(factors)
        if len(schedule.start) == 3:
            orbits = _orbits(G)
            if orbits is None:
                schedule = cheapest_schedule(factors, conjugates=False)
        turned = schedule.row != 0
        column, passes = _spelled(schedule)
    if times != 1:
        passes[-1][1].append((POWER, times))
    position, maps = power_maps({1, column, *(k for _, steps in passes for _, k in steps)}, G)
    narrow = maps.astype(np.uint16)
    if orbits is None:
        none = np.empty(0, np.int32)
        orbits = (np.empty((0, G.order), np.uint16), none, none)
    return Program(
        narrow[position[column] : position[column] + 1],
        tuple(
            Pass(across, np.array([(what, position[k]) for what, k in steps], dtype=np.int64))
            for across, steps in passes
        ),
        turned,
        position[1],
        narrow,
        *orbits,
    )


def _spelled(schedule: Schedule) -> tuple[int, list[tuple[bool, _Steps]]]:
    """Spell a schedule out: the exponent of the first column, and the steps of every pass."""
    column, begin = _beginning(schedule.start)
    steps = [(False, step) for step in begin]
    steps += [(letter != schedule.row, (MULTIPLY, k)) for letter, k in schedule.steps]
    if schedule.invert:
        steps.append((steps[-1][0] if steps else False, (POWER, -1)))
    grouped = groupby(steps, key=lambda step: step[0])
    return column, [(across, [step for _, step in group]) for across, group in grouped]


def _beginning(start: Syllables) -> tuple[int, _Steps]:
    """Exponent of the column letter to begin with, and the steps from there on."""
    match start:
        case ((_, j),):
            return j, []
        case ((_, j), (_, k)):
            # y*x = (x^-1 * y^-1)^-1
            return -j, [(MULTIPLY, -k), (POWER, -1)]
        case _:
            # y*x*y^-1, from y^-1
            (_, k), (_, j) = start[1:]
            return j, [(CARRY, k), (CONJUGATE, k)]


def _orbits(G: Group) -> _Orbits | None:
    """Tabulate h^-1 x0 h for one x0 of every class, with an h for every element; or return None."""
    # With too many classes it would not pay: then there is none.
    n = G.order
    elements = np.arange(n, dtype=np.int32)
    rows: list[NDArray[np.int32]] = []
    orbit_of = np.full(n, -1, dtype=np.int32)
    carrier = np.empty(n, dtype=np.int32)
    while orbit_of[x := int(orbit_of.argmin())] < 0:
        if (len(rows) + 1) * _ORBIT_SHARE > n:
            return None
        row = G.cayley[G.inverse, G.cayley[x]]
        orbit_of[row] = len(rows)
        carrier[row] = elements
        rows.append(row)
    return np.stack(rows).astype(np.uint16), orbit_of, carrier
