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
    HEADER,
    IDLE,
    KEYS,
    NONE,
    ONE,
    PLUSES,
    RANK,
    REDUCTIONS,
    S32,
    SIX,
    THREE,
    TWO,
    ZERO,
    Word,
    Z,
    below,
    combine,
    draw,
    is_negative,
    join,
    join_rarely,
    leave,
    leave_rarely,
    negated,
    rebuild,
)

_TRIES = 64


@njit(inline="always")
def _settle(
    state: Words, c: Word, slots: Word, mode: Word, row: Word, factor: Word, ring: Word
) -> None:
    """Enter a factor; its first coefficient becomes 1 and the term keeps the sign."""
    if ring != F2 and is_negative(factor):
        factor = negated(factor)
        state[HEADER + SIX * c + row] ^= ONE
    join(state, c, slots, mode, THREE * row + mode, factor)


@compiled()
def _settle_rarely(
    state: Words, c: Word, slots: Word, mode: Word, row: Word, factor: Word, ring: Word
) -> None:
    _settle(state, c, slots, mode, row, factor, ring)


@compiled()
def _remove(state: Words, c: Word, slots: Word, row: Word) -> None:
    """Delete a term that has left its rings; the last term takes its place."""
    last = state[RANK] - ONE
    state[RANK] = last
    if last == row:
        return
    for index in range(3):
        mode = Word(index)
        leave_rarely(state, c, THREE * last + mode)
        factor = state[HEADER + THREE * last + mode]
        join_rarely(state, c, slots, mode, THREE * row + mode, factor)
    state[HEADER + SIX * c + row] = state[HEADER + SIX * c + last]


@compiled()
def _plus(state: Words, c: Word, slots: Word, ring: Word) -> None:
    """Replace two terms abc + xyz by a(b+y)c + ay(z-c) + (x-a)yz, up to signs."""
    rank = state[RANK]
    at, signs = HEADER, HEADER + SIX * c
    if THREE * rank + THREE > c or rank < TWO:
        return
    for _ in range(_TRIES):
        bits = draw(state)
        r, q = below(bits, rank), below(bits >> S32, rank)
        bits = draw(state)
        i = below(bits, THREE)
        j = (i + ONE + (bits >> S32 & ONE)) % THREE
        k = THREE - i - j
        if r == q or state[at + THREE * r + i] == state[at + THREE * q + i]:
            continue
        if state[at + THREE * r + j] == state[at + THREE * q + j]:
            continue
        if state[at + THREE * r + k] == state[at + THREE * q + k]:
            continue
        a, b, d = (state[at + THREE * r + i], state[at + THREE * r + j], state[at + THREE * r + k])
        x, y, z = (state[at + THREE * q + i], state[at + THREE * q + j], state[at + THREE * q + k])
        # s abd + t xyz = s a(b + e y)d + u t ay(z - s t u e d) + t (x - u a)yz, signs as bits.
        e, u = bits >> Word(40) & ONE, bits >> Word(41) & ONE
        s, t = state[signs + r], state[signs + q]
        first = combine(b, y, e, ring)
        second = combine(z, d, ONE ^ s ^ t ^ u ^ e, ring)
        third = combine(x, a, ONE ^ u, ring)
        if first == NONE or second == NONE or third == NONE:
            continue
        leave_rarely(state, c, THREE * r + j)
        leave_rarely(state, c, THREE * q + i)
        leave_rarely(state, c, THREE * q + k)
        _settle_rarely(state, c, slots, j, r, first, ring)
        join_rarely(state, c, slots, i, THREE * q + i, a)
        state[signs + q] = t ^ u
        _settle_rarely(state, c, slots, k, q, second, ring)
        state[RANK] = rank + ONE
        state[signs + rank] = t
        _settle_rarely(state, c, slots, i, rank, third, ring)
        join_rarely(state, c, slots, j, THREE * rank + j, y)
        join_rarely(state, c, slots, k, THREE * rank + k, z)
        state[PLUSES] += ONE
        return


@compiled()
def _shrink(state: Words, c: Word, slots: Word, row: Word, other: Word) -> None:
    """Remove the terms of which a factor has become zero (its code has left its ring)."""
    for index in range(2):
        r = row if (row > other) == (index == 0) else other
        gone = False
        for mode in range(3):
            gone = gone or state[HEADER + THREE * r + Word(mode)] == ZERO
        if gone:
            for mode in range(3):
                code = THREE * r + Word(mode)
                if state[HEADER + code] != ZERO:
                    leave_rarely(state, c, code)
            _remove(state, c, slots, r)


@njit(inline="always")
def _flip(state: Words, c: Word, slots: Word, ring: Word) -> None:
    """Replace a b d + a y z by a (b+y) d + a y (z-d), up to signs; drop terms that vanish."""
    bits = draw(state)
    code = state[HEADER + FIVE * c + (((bits >> S32) * state[COUNT]) >> S32)]
    partner = state[HEADER + c + (bits >> ONE & ONE) * c + code]
    row, other = code // THREE, partner // THREE
    mode = code - THREE * row
    j = mode + ONE + (bits & ONE)
    j = j - THREE if j >= THREE else j
    k = THREE - mode - j
    b, d = state[HEADER + THREE * row + j], state[HEADER + THREE * row + k]
    y, z = state[HEADER + THREE * other + j], state[HEADER + THREE * other + k]
    minus = bits >> TWO & ONE
    differ = ZERO
    if ring != F2:
        differ = state[HEADER + SIX * c + row] ^ state[HEADER + SIX * c + other]
    first = combine(b, y, minus, ring)
    second = combine(z, d, ONE ^ minus ^ differ, ring)
    if ring == Z and (first == NONE or second == NONE):
        minus ^= ONE
        first = combine(b, y, minus, ring)
        second = combine(z, d, ONE ^ minus ^ differ, ring)
        if first == NONE or second == NONE:
            return
    leave(state, c, THREE * row + j)
    leave(state, c, THREE * other + k)
    if first != ZERO:
        _settle(state, c, slots, j, row, first, ring)
    else:
        state[HEADER + THREE * row + j] = ZERO
    if second != ZERO:
        _settle(state, c, slots, k, other, second, ring)
    else:
        state[HEADER + THREE * other + k] = ZERO
    if first == ZERO or second == ZERO:
        _shrink(state, c, slots, row, other)
        state[REDUCTIONS] += ONE


@compiled()
def _keep_best(state: Words, c: Word) -> None:
    capacity = c // THREE
    best = HEADER + SIX * c + capacity
    for place in range(THREE * state[RANK]):
        state[best + Word(place)] = state[HEADER + Word(place)]
    for row in range(state[RANK]):
        state[best + c + Word(row)] = state[HEADER + SIX * c + Word(row)]
    state[BEST] = state[RANK]


@compiled(nogil=True)
def walk(
    state: Words,
    capacity: Word,
    slots: Word,
    ring: Word,
    steps: int,
    plus_after: Word,
    margin: Word,
    target: Word,
) -> bool:
    """Walk the flip graph until the best terms number ``target`` or ``steps`` are done."""
    # A plus transition follows plus_after steps without a reduction while there are fewer than the
    # best number of terms plus margin. Terms that equal the best in number replace it. The result
    # says whether all steps were done: then another call continues the same walk.
    c = THREE * capacity
    half = slots >> ONE
    for _ in range(steps):
        state[FLIPS] += ONE
        for index in range(3):
            if state[KEYS + Word(index)] > half:
                rebuild(state, c, slots, Word(index))
        flippable = state[COUNT]
        if flippable == ZERO or (state[IDLE] >= plus_after and state[RANK] < state[BEST] + margin):
            before = state[RANK]
            _plus(state, c, slots, ring)
            state[IDLE] = ZERO
            if flippable == ZERO:
                if state[RANK] == before:
                    return False
                continue
        rank = state[RANK]
        _flip(state, c, slots, ring)
        state[IDLE] += ONE
        if state[RANK] < rank:
            state[IDLE] = ZERO
            if state[RANK] <= state[BEST]:
                _keep_best(state, c)
                if state[BEST] <= target:
                    return False
    return True


@compiled()
def load(state: Words, capacity: Word, slots: Word, ring: Word, terms: Words, signs: Words) -> None:
    """Fill an empty state with terms, (3, R) packed factors with signs; draw a few numbers."""
    c = THREE * capacity
    state[RANK] = Word(terms.shape[1])
    for row in range(terms.shape[1]):
        sign = signs[row]
        for index in range(3):
            factor = terms[index, row]
            if ring != F2 and is_negative(factor):
                factor = negated(factor)
                sign ^= ONE
            state[HEADER + THREE * Word(row) + Word(index)] = factor
        state[HEADER + SIX * c + Word(row)] = sign
    for index in range(3):
        rebuild(state, c, slots, Word(index))
    for _ in range(8):
        draw(state)
    _keep_best(state, c)
