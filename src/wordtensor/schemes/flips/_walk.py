"""Compiled walk in the flip graph: modulo 2, modulo 3 and over Z.

The state of a walker is laid out in `_rings`. The functions called ``*_rarely`` there and here are
not inlined, so that the compiler spends its registers and its time on the flip.
"""

from numba import njit

from ..._compiled import compiled
from ..._typing import Words
from ._rings import (
    BEST,
    COUNT,
    F2,
    FIVE,
    FLIPS,
    FOUR,
    HEAD,
    IDLE,
    KEYS,
    MULTIPLIER,
    NONE,
    ONE,
    PLUSES,
    RANDOM,
    RANK,
    REDUCTIONS,
    S32,
    THREE,
    TWO,
    ZERO,
    State,
    Word,
    below,
    combine,
    draw,
    factor_at,
    is_negative,
    join,
    join_rarely,
    leave,
    leave_rarely,
    link_at,
    negated,
    rebuild,
)

_TRIES = 64


@njit(inline="always")
def _settle(state: State, mode: Word, row: Word, factor: Word) -> None:
    """Enter a factor; its first coefficient becomes 1 and the term keeps the sign."""
    if state.ring != F2 and is_negative(factor, state.ring):
        factor = negated(factor, state.ring)
        state.links[FIVE * state.c + row] = link_at(state, FIVE * state.c + row) ^ ONE
    join(state, mode, THREE * row + mode, factor)


@compiled(_nrt=False)
def _settle_rarely(state: State, mode: Word, row: Word, factor: Word) -> None:
    _settle(state, mode, row, factor)


@compiled(_nrt=False)
def _remove(state: State, row: Word) -> None:
    """Delete a term that has left its rings; the last term takes its place."""
    last = state.head[RANK] - ONE
    state.head[RANK] = last
    if last == row:
        return
    for index in range(3):
        mode = Word(index)
        leave_rarely(state, mode, THREE * last + mode)
        join_rarely(state, mode, THREE * row + mode, factor_at(state, THREE * last + mode))
    state.links[FIVE * state.c + row] = link_at(state, FIVE * state.c + last)


@compiled(_nrt=False)
def _plus(state: State) -> None:
    """Replace two terms abc + xyz by a(b+y)c + ay(z-c) + (x-a)yz, up to signs."""
    rank, ring, signs = state.head[RANK], state.ring, FIVE * state.c
    if THREE * rank + THREE > state.c or rank < TWO:
        return
    for _ in range(_TRIES):
        bits = draw(state)
        r, q = below(bits, rank), below(bits >> S32, rank)
        bits = draw(state)
        i = below(bits, THREE)
        j = (i + ONE + (bits >> S32 & ONE)) % THREE
        k = THREE - i - j
        a, x = factor_at(state, THREE * r + i), factor_at(state, THREE * q + i)
        b, y = factor_at(state, THREE * r + j), factor_at(state, THREE * q + j)
        d, z = factor_at(state, THREE * r + k), factor_at(state, THREE * q + k)
        if r == q or a == x or b == y or d == z:
            continue
        # s abd + t xyz = s a(b + e y)d + u t ay(z - s t u e d) + t (x - u a)yz, signs as bits.
        e, u = bits >> Word(40) & ONE, bits >> Word(41) & ONE
        s, t = link_at(state, signs + r), link_at(state, signs + q)
        first = combine(b, y, e, ring)
        second = combine(z, d, ONE ^ s ^ t ^ u ^ e, ring)
        third = combine(x, a, ONE ^ u, ring)
        if first == NONE or second == NONE or third == NONE:
            continue
        leave_rarely(state, j, THREE * r + j)
        leave_rarely(state, i, THREE * q + i)
        leave_rarely(state, k, THREE * q + k)
        _settle_rarely(state, j, r, first)
        join_rarely(state, i, THREE * q + i, a)
        state.links[signs + q] = t ^ u
        _settle_rarely(state, k, q, second)
        state.head[RANK] = rank + ONE
        state.links[signs + rank] = t
        _settle_rarely(state, i, rank, third)
        join_rarely(state, j, THREE * rank + j, y)
        join_rarely(state, k, THREE * rank + k, z)
        state.head[PLUSES] += ONE
        return


@compiled(_nrt=False)
def _shrink(state: State, row: Word, other: Word) -> None:
    """Remove the terms of which a factor has become zero (its code has left its ring)."""
    for index in range(2):
        r = row if (row > other) == (index == 0) else other
        gone = False
        for mode in range(3):
            gone = gone or factor_at(state, THREE * r + Word(mode)) == ZERO
        if gone:
            for mode in range(3):
                code = THREE * r + Word(mode)
                if factor_at(state, code) != ZERO:
                    leave_rarely(state, Word(mode), code)
            _remove(state, r)


@njit(inline="always")
def _flip(state: State) -> None:
    """Replace a b d + a y z by a (b+y) d + a y (z-d), up to signs; drop terms that vanish."""
    c, ring = state.c, state.ring
    bits = draw(state)
    code = link_at(state, FOUR * c + (((bits >> S32) * state.head[COUNT]) >> S32))
    partner = link_at(state, (bits >> ONE & ONE) * c + code)
    row, other = code // THREE, partner // THREE
    mode = code - THREE * row
    j = mode + ONE + (bits & ONE)
    j = j - THREE if j >= THREE else j
    k = THREE - mode - j
    b, d = factor_at(state, THREE * row + j), factor_at(state, THREE * row + k)
    y, z = factor_at(state, THREE * other + j), factor_at(state, THREE * other + k)
    minus = bits >> TWO & ONE
    differ = ZERO
    if ring != F2:
        differ = link_at(state, FIVE * c + row) ^ link_at(state, FIVE * c + other)
    first = combine(b, y, minus, ring)
    second = combine(z, d, ONE ^ minus ^ differ, ring)
    if ring != F2 and (first == NONE or second == NONE):
        minus ^= ONE
        first = combine(b, y, minus, ring)
        second = combine(z, d, ONE ^ minus ^ differ, ring)
        if first == NONE or second == NONE:
            return
    leave(state, j, THREE * row + j)
    leave(state, k, THREE * other + k)
    if first != ZERO:
        _settle(state, j, row, first)
    else:
        state.words[THREE * row + j] = ZERO
    if second != ZERO:
        _settle(state, k, other, second)
    else:
        state.words[THREE * other + k] = ZERO
    if first == ZERO or second == ZERO:
        _shrink(state, row, other)
        state.head[REDUCTIONS] += ONE


@compiled(_nrt=False)
def _keep_best(state: State) -> None:
    for index in range(THREE * state.head[RANK]):
        state.words[state.c + Word(index)] = state.words[Word(index)]
    signs = FIVE * state.c
    for index in range(state.head[RANK]):
        row = Word(index)
        state.links[signs + state.c // THREE + row] = state.links[signs + row]
    state.head[BEST] = state.head[RANK]


@compiled(nogil=True, _nrt=False)
def walk(state: State, steps: int, plus_after: Word, margin: Word, target: Word) -> bool:
    """Walk the flip graph until the best terms number ``target`` or ``steps`` are done."""
    # A plus transition follows plus_after steps without a reduction while there are fewer than the
    # best number of terms plus margin. Terms that equal the best in number replace it. The result
    # says whether all steps were done: then another call continues the same walk.
    head, half = state.head, state.slots >> ONE
    for _ in range(steps):
        head[FLIPS] += ONE
        for index in range(3):
            if head[KEYS + Word(index)] > half:
                rebuild(state, Word(index))
        flippable = head[COUNT]
        if flippable == ZERO or (head[IDLE] >= plus_after and head[RANK] < head[BEST] + margin):
            before = head[RANK]
            _plus(state)
            head[IDLE] = ZERO
            if flippable == ZERO:
                if head[RANK] == before:
                    return False
                continue
        rank = head[RANK]
        _flip(state)
        head[IDLE] += ONE
        if head[RANK] < rank:
            head[IDLE] = ZERO
            if head[RANK] <= head[BEST]:
                _keep_best(state)
                if head[BEST] <= target:
                    return False
    return True


@compiled(_nrt=False)
def load(state: State, seed: Word, words: Words, signs: Words, rank: Word) -> None:
    """Begin at terms, the packed factor of each code and the signs, and draw a few numbers."""
    for place in range(HEAD):
        state.head[Word(place)] = ZERO
    # Any two seeds below 2^63 give different, non-zero states; an odd multiplier is invertible.
    state.head[RANDOM] = (TWO * seed + ONE) * MULTIPLIER
    state.head[RANK] = rank
    for index in range(rank):
        row = Word(index)
        sign = signs[row]
        for mode in range(3):
            code = THREE * row + Word(mode)
            factor = words[code]
            if state.ring != F2 and is_negative(factor, state.ring):
                factor = negated(factor, state.ring)
                sign ^= ONE
            state.words[code] = factor
        state.links[FIVE * state.c + row] = sign
    for mode in range(3):
        rebuild(state, Word(mode))
    for _ in range(8):
        draw(state)
    _keep_best(state)
