"""Compiled kernels: the flip-graph walk over F_2 and Gaussian elimination over F_2.

A scheme modulo 2 is a (3, R) array of bit masks. Everything that the walk knows is in two int64
arrays, since a dozen arrays passed between compiled functions is several times slower:

``state`` (12, capacity): rows 0-2 the masks of the three factors, 3-5 and 6-8 the next and previous
row in the ring of rows with an equal factor, 9-11 the place of a row in the list of flippable rows.
``flips`` (3 * capacity + 2): codes ``mode * capacity + row`` of rows that share a factor; the last
two entries count the codes and the rows.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Index = int | np.int64


@njit(cache=True)
def _random(seed: Words, bound: int) -> np.int64:
    """Return an integer in [0, bound) by xorshift64."""
    x = seed[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    seed[0] = x
    return np.int64((x >> np.uint64(33)) % np.uint64(bound))


@njit(cache=True)
def _add_flippable(state: Ints, flips: Ints, mode: int, row: Index) -> None:
    count = flips[-1]
    flips[count] = mode * state.shape[1] + row
    state[9 + mode, row] = count
    flips[-1] = count + 1


@njit(cache=True)
def _drop_flippable(state: Ints, flips: Ints, mode: int, row: Index) -> None:
    capacity = state.shape[1]
    place = state[9 + mode, row]
    last = flips[flips[-1] - 1]
    flips[place] = last
    state[9 + last // capacity, last % capacity] = place
    flips[-1] -= 1


@njit(cache=True)
def _link(state: Ints, flips: Ints, mode: int, row: Index) -> None:
    """Put a row into the ring of the rows whose factor equals its own."""
    value = state[mode, row]
    state[3 + mode, row] = row
    state[6 + mode, row] = row
    for other in range(flips[-2]):
        if state[mode, other] == value and other != row:
            after = state[3 + mode, other]
            if after == other:
                _add_flippable(state, flips, mode, other)
            state[3 + mode, row] = after
            state[6 + mode, row] = other
            state[3 + mode, other] = row
            state[6 + mode, after] = row
            _add_flippable(state, flips, mode, row)
            return


@njit(cache=True)
def _unlink(state: Ints, flips: Ints, mode: int, row: Index) -> None:
    after = state[3 + mode, row]
    if after == row:
        return
    before = state[6 + mode, row]
    _drop_flippable(state, flips, mode, row)
    state[3 + mode, before] = after
    state[6 + mode, after] = before
    if before == after:
        _drop_flippable(state, flips, mode, after)
    state[3 + mode, row] = row
    state[6 + mode, row] = row


@njit(cache=True)
def _remove(state: Ints, flips: Ints, row: Index) -> None:
    """Delete a row; the last row takes its place."""
    last = flips[-2] - 1
    for mode in range(3):
        _unlink(state, flips, mode, row)
        if last != row:
            _unlink(state, flips, mode, last)
    flips[-2] = last
    if last != row:
        for mode in range(3):
            state[mode, row] = state[mode, last]
            _link(state, flips, mode, row)


@njit(cache=True)
def _load(state: Ints, flips: Ints, terms: Ints) -> None:
    flips[-1] = 0
    flips[-2] = 0
    for row in range(terms.shape[1]):
        flips[-2] = row + 1
        for mode in range(3):
            state[mode, row] = terms[mode, row]
            _link(state, flips, mode, row)


@njit(cache=True)
def _flip(state: Ints, flips: Ints, seed: Words) -> None:
    """Replace a*b*c + a*b'*c' by a*(b+b')*c + a*b'*(c+c'), deleting a term that vanishes."""
    capacity = state.shape[1]
    code = flips[_random(seed, flips[-1])]
    mode, row = code // capacity, code % capacity
    other = state[3 + mode, row]
    if _random(seed, 2) == 1:
        hop = state[3 + mode, other]
        if hop != row:
            other = hop
    first = (mode + 1 + _random(seed, 2)) % 3
    second = 3 - mode - first
    _unlink(state, flips, first, row)
    state[first, row] ^= state[first, other]
    _unlink(state, flips, second, other)
    state[second, other] ^= state[second, row]
    row_gone = state[first, row] == 0
    other_gone = state[second, other] == 0
    if not row_gone:
        _link(state, flips, first, row)
    if not other_gone:
        _link(state, flips, second, other)
    if row_gone and other_gone:
        _remove(state, flips, max(row, other))
        _remove(state, flips, min(row, other))
    elif row_gone:
        _remove(state, flips, row)
    elif other_gone:
        _remove(state, flips, other)


@njit(cache=True)
def _plus(state: Ints, flips: Ints, seed: Words) -> None:
    """Replace two terms by three, a*(b+b')*c + a*b'*(c+c') + (a+a')*b'*c', if none is zero."""
    rank = flips[-2]
    for _ in range(50):
        r, q = _random(seed, rank), _random(seed, rank)
        if (
            state[0, r] == state[0, q]
            or state[1, r] == state[1, q]
            or state[2, r] == state[2, q]
            or rank >= state.shape[1]
        ):
            continue
        i = _random(seed, 3)
        j = (i + 1 + _random(seed, 2)) % 3
        k = 3 - i - j
        a, b, c = state[i, r], state[j, r], state[k, r]
        x, y, z = state[i, q], state[j, q], state[k, q]
        for mode in range(3):
            _unlink(state, flips, mode, r)
            _unlink(state, flips, mode, q)
        state[i, r], state[j, r], state[k, r] = a, b ^ y, c
        state[i, q], state[j, q], state[k, q] = a, y, c ^ z
        state[i, rank], state[j, rank], state[k, rank] = a ^ x, y, z
        for mode in range(3):
            state[3 + mode, rank] = rank
            state[6 + mode, rank] = rank
        flips[-2] = rank + 1
        _relink(state, flips, r, q, rank)
        return


@njit(cache=True)
def _relink(state: Ints, flips: Ints, r: Index, q: Index, s: Index) -> None:
    """Link three unlinked rows one after the other; a row not yet linked is its own ring."""
    for mode in range(3):
        values = (state[mode, r], state[mode, q], state[mode, s])
        state[mode, r] = 0
        state[mode, q] = 0
        state[mode, s] = 0
        for place in range(3):
            row = r if place == 0 else (q if place == 1 else s)
            state[mode, row] = values[place]
            _link(state, flips, mode, row)


@njit(cache=True)
def walk(
    terms: Ints, steps: int, plus_after: int, margin: int, target: int, seed: int
) -> tuple[Ints, Ints]:
    """Walk the flip graph; return the best terms met and the terms at the end.

    A plus transition follows ``plus_after`` flips without a reduction while the rank is below the
    best rank plus ``margin``. The walk ends at rank ``target`` or after ``steps`` flips.
    """
    capacity = terms.shape[1] + margin + 1
    state = np.zeros((12, capacity), dtype=np.int64)
    flips = np.zeros(3 * capacity + 2, dtype=np.int64)
    word = np.empty(1, dtype=np.uint64)
    word[0] = np.uint64(seed)
    # In place on the array, where unsigned overflow is silent also without compilation.
    word *= np.uint64(0x9E3779B97F4A7C15)
    word += np.uint64(0x2545F4914F6CDD1D)
    if word[0] == np.uint64(0):
        word[0] = np.uint64(1)
    for _ in range(8):
        _random(word, 2)
    _load(state, flips, terms)
    best = terms.copy()
    idle = 0
    for _ in range(steps):
        if flips[-1] == 0 or (idle >= plus_after and flips[-2] < best.shape[1] + margin):
            _plus(state, flips, word)
            idle = 0
            if flips[-1] == 0:
                continue
        rank = flips[-2]
        _flip(state, flips, word)
        idle += 1
        if flips[-2] < rank:
            idle = 0
            if flips[-2] <= best.shape[1]:
                best = state[:3, : flips[-2]].copy()
                if best.shape[1] <= target:
                    break
    return best, state[:3, : flips[-2]].copy()


@njit(cache=True)
def fill_equations(U: Ints, V: Ints, W: Ints, places: Ints, rows: Words) -> None:
    """Fill the bit-packed Jacobian of Brent's equations modulo 2, one row per (i, j, k).

    ``places`` holds for each of the (dim, R) entries of the three factors, stacked, the number of
    its unknown or -1.
    """
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


@njit(cache=True)
def eliminate(rows: Words, order: Ints, steps: Words, pivots: Ints) -> int:
    """Bring bit-packed rows into echelon form over F_2, in place; return the rank.

    ``order`` follows the exchanges of rows, bit t of ``steps[row]`` says that pivot row t was added
    to it, and ``pivots[column]`` becomes the row of its pivot or -1.
    """
    rank = 0
    for column in range(len(pivots)):
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


@njit(cache=True)
def substitute(
    rows: Words, steps: Words, pivots: Ints, rank: int, right: NDArray[np.uint8], solution: Ints
) -> bool:
    """Solve with the result of `eliminate`; ``right`` is in its order of rows.

    ``solution`` holds the bits of the free unknowns and receives the others. Returns False if there
    is no solution.
    """
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
