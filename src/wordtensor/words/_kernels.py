"""Compiled loops over the rows of a word table. Import this module only where numba is wanted.

With one letter fixed, multiplying a vector of elements by a power of it on the left looks up a
single row of the Cayley table, which stays in the innermost cache. So the table is worked on row by
row; for the letter along the columns a few columns at a time, whose rows of the Cayley table stay
in the next cache. Nothing is ever looked up all over the Cayley table.
"""

import numpy as np
from numba import prange

from .._compiled import compiled
from ._passes import CARRY, MULTIPLY, POWER

_TILE = 32
# Columns at a time: more of them use more of each cache line, but their rows leave the cache.
_STRIP = 8


@compiled()
def _narrow(target, row):  # type: ignore[no-untyped-def]
    for i in range(len(row)):
        target[i] = row[i]


@compiled()
def _look_up(target, values, row):  # type: ignore[no-untyped-def]
    # Unsigned indices spare numba's test for negative ones; it costs as much as the look-up.
    for i in range(len(target)):
        target[i] = row[np.uint32(values[i])]


@compiled()
def _look_up_twice(target, values, first, second):  # type: ignore[no-untyped-def]
    for i in range(len(target)):
        target[i] = second[first[np.uint32(values[i])]]


@compiled()
def _look_up_thrice(target, values, first, second, third):  # type: ignore[no-untyped-def]
    for i in range(len(target)):
        target[i] = third[second[first[np.uint32(values[i])]]]


@compiled()
def _chain(target, values, rows, count):  # type: ignore[no-untyped-def]
    if count == 1:
        _look_up(target, values, rows[0])
    elif count == 2:
        _look_up_twice(target, values, rows[0], rows[1])
    else:
        _look_up_thrice(target, values, rows[0], rows[1], rows[2])


@compiled()
def _read(target, step, x, maps, cayley, orbit, orbit_of, carrier):  # type: ignore[no-untyped-def]
    """Write the vector that a step of the element x looks its values up in."""
    what, which = step[0], step[1]
    if what == POWER:
        _narrow(target, maps[which])
        return
    power = maps[which, x]
    if what == MULTIPLY:
        _narrow(target, cayley[power])
    elif what == CARRY:
        _narrow(target, cayley[carrier[power]])
    else:
        _narrow(target, orbit[orbit_of[power]])


def _apply_steps(out, values, steps, first, last, maps, cayley, orbit, orbit_of, carrier):  # type: ignore[no-untyped-def]
    """Take some rows of `values` through at least one step into `out`, both (n, n)."""
    # `values` may be `out`, or a single row that stands for all; see `_passes.Program`.
    n = out.shape[0]
    count = steps.shape[0]
    for a in prange(first, last):
        source = values[a % values.shape[0]]
        target = out[a]
        # Half as wide, three rows of any group that we allow stay in the innermost cache.
        rows = np.empty((3, n), np.uint16)
        # Up to three look-ups in a chain: what lies between them stays in registers.
        for s in range(0, count, 3):
            chain = min(3, count - s)
            for k in range(chain):
                _read(rows[k], steps[s + k], a, maps, cayley, orbit, orbit_of, carrier)
            # What a wider table has between two chains is not of the type of `source`.
            if s:
                _chain(target, target, rows, chain)
            else:
                _chain(target, source, rows, chain)


def _apply_across(table, steps, maps, cayley, orbit, orbit_of, carrier):  # type: ignore[no-untyped-def]
    """Take the columns of a table, (n, n), through at least one step, in place."""
    n = table.shape[0]
    for strip in prange((n + _STRIP - 1) // _STRIP):
        begin = strip * _STRIP
        width = min(_STRIP, n - begin)
        rows = np.empty((_STRIP, n), np.uint16)
        more = np.empty(n, np.uint16)
        for j in range(width):
            _read(rows[j], steps[0], begin + j, maps, cayley, orbit, orbit_of, carrier)
            for s in range(1, steps.shape[0]):
                _read(more, steps[s], begin + j, maps, cayley, orbit, orbit_of, carrier)
                _look_up(rows[j], rows[j], more)
        if width == _STRIP:
            for a in range(n):
                for j in range(_STRIP):
                    table[a, begin + j] = rows[j, np.uint32(table[a, begin + j])]
        else:
            for a in range(n):
                for j in range(width):
                    table[a, begin + j] = rows[j, np.uint32(table[a, begin + j])]


# Threads cost more than they bring where there is little to do.
apply_steps = compiled(parallel=True)(_apply_steps)
apply_steps_serial = compiled()(_apply_steps)
apply_across = compiled(parallel=True)(_apply_across)
apply_across_serial = compiled()(_apply_across)


def _transpose_in_place(table):  # type: ignore[no-untyped-def]
    """Transpose an (n, n) table, tile by tile."""
    n = table.shape[0]
    for tile in prange((n + _TILE - 1) // _TILE):
        first = tile * _TILE
        last = min(n, first + _TILE)
        for second in range(first, n, _TILE):
            for a in range(first, last):
                for b in range(max(second, a + 1), min(n, second + _TILE)):
                    table[a, b], table[b, a] = table[b, a], table[a, b]


transpose_in_place = compiled(parallel=True)(_transpose_in_place)
transpose_in_place_serial = compiled()(_transpose_in_place)
