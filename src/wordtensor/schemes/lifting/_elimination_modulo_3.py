"""Compiled kernels: Gaussian elimination over F_3 on bit-packed rows, for lifting.

Column number 64 w + b of a row is bit b of two words: 2 w tells whether its entry is 1, 2 w + 1
whether it is -1.
"""

import numpy as np
from numba import njit

from ..._typing import Integers, Words

Word = np.uint64

ONE, ZERO = np.uint64(1), np.uint64(0)
_PAIRS, _FOURS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_EIGHTS, _SUM = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
_S1, _S2, _S4, _S56 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)


@njit(inline="always")
def _ones(x: Word) -> int:
    """Count the bits that are set."""
    x = x - ((x >> _S1) & _PAIRS)
    x = (x & _FOURS) + ((x >> _S2) & _FOURS)
    x = (x + (x >> _S4)) & _EIGHTS
    return int((x * _SUM) >> _S56)


@njit(inline="always")
def _entry(row: Words, column: int) -> int:
    """Return the entry -1, 0 or 1 in a column."""
    place, bit = (column >> 6) * 2, ONE << Word(column & 63)
    if row[place] & bit:
        return 1
    return -1 if row[place + 1] & bit else 0


@njit(inline="always")
def _set(row: Words, column: int, value: int) -> None:
    """Enter 1 or -1 where there is 0."""
    if value:
        row[(column >> 6) * 2 + (value < 0)] |= ONE << Word(column & 63)


@njit(inline="always")
def _dot(x: Words, y: Words, first: int) -> int:
    """Return the inner product of two rows from a word pair on, in integers."""
    total = 0
    for place in range(2 * first, len(x), 2):
        a, b, c, d = x[place], x[place + 1], y[place], y[place + 1]
        total += _ones((a & c) | (b & d)) - _ones((a & d) | (b & c))
    return total


@njit(cache=True)
def fill_equations(U: Integers, V: Integers, W: Integers, places: Integers, rows: Words) -> None:
    """Fill the Jacobian of Brent's equations modulo 3, one row per (i, j, k)."""
    # ``places`` holds for each of the (dim, R) entries of the three factors, stacked, the number
    # of its unknown; all are different.
    first, second = U.shape[0], U.shape[0] + V.shape[0]
    row = 0
    for i in range(U.shape[0]):
        for j in range(V.shape[0]):
            for k in range(W.shape[0]):
                for r in range(U.shape[1]):
                    a, b, c = U[i, r], V[j, r], W[k, r]
                    _set(rows[row], places[i, r], b * c)
                    _set(rows[row], places[first + j, r], a * c)
                    _set(rows[row], places[second + k, r], a * b)
                row += 1


@njit(cache=True)
def _subtract(row: Words, pivot: Words, factor: int, first: int) -> None:
    """Subtract 1 or -1 times a row from another, from a word pair on."""
    for place in range(2 * first, len(row), 2):
        a, b, c, d = row[place], row[place + 1], pivot[place], pivot[place + 1]
        if factor > 0:
            c, d = d, c
        t = (a | d) ^ (b | c)
        row[place], row[place + 1] = (b | d) ^ t, (a | c) ^ t


@njit(cache=True)
def _exchange(x: Words, y: Words) -> None:
    for place in range(len(x)):
        x[place], y[place] = y[place], x[place]


@njit(cache=True)
def eliminate(rows: Words, order: Integers, steps: Words, pivots: Integers) -> int:
    """Bring rows into echelon form over F_3, in place; return the rank."""
    # ``order`` follows the exchanges of rows, column t of ``steps[row]`` says how often pivot row
    # t was subtracted from it, and ``pivots[column]`` becomes the row of its pivot or -1. A column
    # has a pivot unless it depends on earlier ones.
    rank = 0
    for column in range(len(pivots)):
        pivots[column] = -1
        found = rank
        while found < rows.shape[0] and _entry(rows[found], column) == 0:
            found += 1
        if found == rows.shape[0]:
            continue
        if found != rank:
            order[rank], order[found] = order[found], order[rank]
            _exchange(rows[rank], rows[found])
            _exchange(steps[rank], steps[found])
        head = _entry(rows[rank], column)
        for row in range(found + 1, rows.shape[0]):
            factor = _entry(rows[row], column) * head
            if factor:
                _set(steps[row], rank, factor)
                _subtract(rows[row], rows[rank], factor, column >> 6)
        pivots[column] = rank
        rank += 1
    return rank


@njit(cache=True)
def substitute(
    rows: Words, steps: Words, pivots: Integers, rank: int, right: Integers, solution: Integers
) -> bool:
    """Solve with the result of `eliminate`; ``right`` is in its order of rows."""
    # ``solution`` holds the free unknowns, -1, 0 or 1, and receives the others. Returns False if
    # there is no solution.
    known = np.zeros(rows.shape[1], dtype=np.uint64)
    for row in range(len(right)):
        rest = (right[row] - _dot(steps[row], known, 0) + 1) % 3 - 1
        right[row] = rest
        if row < rank:
            _set(known, row, rest)
        elif rest:
            return False
    known[:] = ZERO
    for column in range(len(pivots) - 1, -1, -1):
        row = pivots[column]
        if row >= 0:
            rest = right[row] - _dot(rows[row], known, column >> 6)
            solution[column] = (rest * _entry(rows[row], column) + 1) % 3 - 1
        _set(known, column, solution[column])
    return True
