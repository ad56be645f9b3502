"""Compiled loops over the rows of a word table. Import this module only where numba is wanted.

With one letter fixed, multiplying a vector of elements by a power of it on the left looks up a
single row of the Cayley table, which stays in the innermost cache. So the table is worked on row by
row, and transposed when it is the other letter's turn; nothing is ever looked up all over the
Cayley table.
"""

import numpy as np
from numba import prange

from .._compiled import compiled

# What a step looks values up in; x is a power of the row's element.
MULTIPLY = 0  # value -> x * value
INVERT = 1  # value -> value^-1
CARRY = 2  # value -> h * value, where h carries x to its class representative x0: x = h^-1 x0 h
CONJUGATE = 3  # value -> value^-1 * x0 * value

_TILE = 32


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
def _row(what, x, cayley, inverse, orbit, orbit_of, carrier):  # type: ignore[no-untyped-def]
    """Return the vector that a step looks its values up in."""
    if what == MULTIPLY:
        return cayley[x]
    if what == INVERT:
        return inverse
    if what == CARRY:
        return cayley[carrier[x]]
    return orbit[orbit_of[x]]


def _apply_steps(out, values, steps, maps, cayley, inverse, orbit, orbit_of, carrier):  # type: ignore[no-untyped-def]
    """Take the rows of `values` through at least one step into `out`, both (n, n)."""
    # `values` may be `out`, or a single row that stands for all. A row of `steps` holds what to do
    # and the row of `maps` with the power. `orbit[orbit_of[x], h]` is h^-1 * x0 * h, and
    # `carrier[x]` is the h with x = h^-1 * x0 * h.
    n = out.shape[0]
    count = steps.shape[0]
    tables = (cayley, inverse, orbit, orbit_of, carrier)
    for a in prange(n):
        source = values[a % values.shape[0]]
        target = out[a]
        # Half as wide, three rows of any group that we allow stay in the innermost cache.
        rows = np.empty((3, n), np.uint16)
        # Up to three look-ups in a chain: what lies between them stays in registers.
        for s in range(0, count, 3):
            chain = min(3, count - s)
            for k in range(chain):
                _narrow(rows[k], _row(steps[s + k, 0], maps[steps[s + k, 1], a], *tables))
            if chain == 1:
                _look_up(target, source, rows[0])
            elif chain == 2:
                _look_up_twice(target, source, rows[0], rows[1])
            else:
                _look_up_thrice(target, source, rows[0], rows[1], rows[2])
            source = target


# Threads cost more than they bring where there is little to do.
apply_steps = compiled(parallel=True)(_apply_steps)
apply_steps_serial = compiled()(_apply_steps)


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
