"""Compiled kernels: Gaussian elimination over F_2 on bit-packed rows, for lifting."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..._compiled import compiled
from ..._typing import Integers, Words

_AT_ONCE: Final = 64


@compiled()
def fill_equations(U: Integers, V: Integers, W: Integers, places: Integers, rows: Words) -> None:
    """Fill the bit-packed Jacobian of Brent's equations modulo 2, one row per (i, j, k)."""
    # ``places``, shape (dim, R), numbers the unknowns among the entries of the stacked factors; -1
    # for the others.
    first, second = U.shape[0], U.shape[0] + V.shape[0]
    row = 0
    for i in range(U.shape[0]):
        for j in range(V.shape[0]):
            for k in range(W.shape[0]):
                for r in range(U.shape[1]):
                    a, b, c = U[i, r], V[j, r], W[k, r]
                    for entry in range(3):
                        if entry == 0:
                            place, on = places[i, r], b & c
                        elif entry == 1:
                            place, on = places[first + j, r], a & c
                        else:
                            place, on = places[second + k, r], a & b
                        if on and place >= 0:
                            rows[row, place >> 6] ^= np.uint64(1) << np.uint64(place & 63)
                row += 1


def eliminate(rows: Words, order: Integers, steps: Words, pivots: Integers) -> int:
    """Bring bit-packed rows (q, words) into echelon form over F_2, in place; return the rank."""
    rank, unknowns = 0, len(pivots)
    # Some columns at a time: Ctrl-C waits for compiled code, and <8,8,8> takes half a minute.
    for begin in range(0, unknowns, _AT_ONCE):
        columns = np.arange(begin, min(begin + _AT_ONCE, unknowns))
        rank = int(_eliminate(rows, order, steps, pivots, columns, rank))
    return rank


@compiled()
def _eliminate(
    rows: Words, order: Integers, steps: Words, pivots: Integers, columns: Integers, rank: int
) -> int:
    """Go on with more columns from a rank; return the new one."""
    # ``order`` follows the exchanges of rows, bit t of ``steps[row]`` says that pivot row t was
    # added to it, and ``pivots[column]`` becomes the row of its pivot or -1.
    for column in columns:
        block, bit = column >> 6, np.uint64(1) << np.uint64(column & 63)
        pivots[column] = -1
        found = -1
        for row in range(rank, rows.shape[0]):
            if rows[row, block] & bit:
                found = row
                break
        if found < 0:
            continue
        if found != rank:
            order[rank], order[found] = order[found], order[rank]
            for word in range(rows.shape[1]):
                rows[rank, word], rows[found, word] = rows[found, word], rows[rank, word]
            for word in range(steps.shape[1]):
                steps[rank, word], steps[found, word] = steps[found, word], steps[rank, word]
        mark = np.uint64(1) << np.uint64(rank & 63)
        for row in range(found + 1, rows.shape[0]):
            if rows[row, block] & bit:
                steps[row, rank >> 6] |= mark
                for word in range(block, rows.shape[1]):
                    rows[row, word] ^= rows[rank, word]
        pivots[column] = rank
        rank += 1
    return rank


@compiled()
def substitute(
    rows: Words,
    steps: Words,
    pivots: Integers,
    rank: int,
    right: NDArray[np.uint8],
    solution: Integers,
) -> bool:
    """Solve with the result of `eliminate`; ``right`` is in its order of rows."""
    # ``solution`` holds the bits of the free unknowns and receives the others. The result is false
    # if there is no solution.
    for t in range(rank):
        if right[t]:
            block, mark = t >> 6, np.uint64(1) << np.uint64(t & 63)
            for row in range(t + 1, len(right)):
                if steps[row, block] & mark:
                    right[row] ^= 1
    for row in range(rank, len(right)):
        if right[row]:
            return False
    unknowns = len(pivots)
    for column in range(unknowns - 1, -1, -1):
        row = pivots[column]
        if row < 0:
            continue
        total = np.int64(right[row])
        for other in range(column + 1, unknowns):
            if solution[other] and rows[row, other >> 6] & (np.uint64(1) << np.uint64(other & 63)):
                total ^= 1
        solution[column] = total
    return True
