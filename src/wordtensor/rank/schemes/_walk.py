"""Compiled walk in the flip graph, modulo 2 and over Z with coefficients -1, 0, 1.

Everything that a walker knows is one array of uint64, so that it can be saved, resumed and sent to
a GPU as it is. Indices are unsigned throughout: a signed index costs a test for negative values at
each access, which is two thirds of the time of a flip. Term r has the codes ``3 * r + mode``. With k
the capacity, the array holds 16 words of header (see the constants below), then

===========  ======  ============================================================================
offset - 16  length  content
===========  ======  ============================================================================
0            3k      the factor of each code, packed (see `combine`)
3k           3k      the next code in the ring of the codes with an equal factor
6k           3k      the previous one
9k           3k      where the table keeps the head of that ring
12k          3k      place of a code in the list of flippable codes
15k          3k      that list: codes whose ring has at least two members
18k          k       the sign of each term, 1 for minus
19k          3k      the best terms met, factors
22k          k       the best terms met, signs
23k          6 * s   for each mode a hash table of s slots (factor, head of its ring)
===========  ======  ============================================================================

Rings that become empty stay in their table, which is made anew when half of it is used.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Word = np.uint64

HEADER = Word(16)
# Places in the header: terms, random state, keys in the three tables, flippable codes, flips since
# the last reduction or plus transition, terms of the best, flips, plus transitions, reductions.
RANK, RANDOM, KEYS, COUNT, IDLE, BEST, FLIPS, PLUSES, REDUCTIONS = (
    Word(place) for place in (0, 1, 3, 6, 7, 8, 9, 10, 11)
)

ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX = (Word(value) for value in range(7))
NONE = Word(0xFFFFFFFFFFFFFFFF)
_MULTIPLIER = Word(0x9E3779B97F4A7C15)
_S7, _S13, _S16, _S17, _S24, _S32 = (Word(value) for value in (7, 13, 16, 17, 24, 32))
_LOW32 = Word(0xFFFFFFFF)
_TABLES = Word(23)
_TRIES = 64
_FEWEST_SLOTS = 1024


@njit(inline="always")
def draw(state: Words) -> Word:
    """Return 64 random bits (xorshift)."""
    x = state[RANDOM]
    x ^= x << _S13
    x ^= x >> _S7
    x ^= x << _S17
    state[RANDOM] = x
    return x


@njit(inline="always")
def below(bits: Word, bound: Word) -> Word:
    """Scale 32 random bits to an integer in [0, bound)."""
    return ((bits & _LOW32) * bound) >> _S32


@njit(inline="always")
def negated(x: Word) -> Word:
    """Exchange the halves, positive and negative coefficients, of a packed factor over Z."""
    return (x << _S32) | (x >> _S32)


@njit(inline="always")
def combine(x: Word, y: Word, minus: Word, over_z: bool) -> Word:
    """Return x + y, or x - y; NONE if a coefficient would leave {-1, 0, 1}.

    Modulo 2 a factor is its mask; over Z the low half has its positive and the high half its
    negative coefficients.
    """
    if not over_z:
        return x ^ y
    if minus:
        y = negated(y)
    if x & y:
        return NONE
    return (x & ~negated(y)) | (y & ~negated(x))


@njit(inline="always")
def is_negative(x: Word) -> bool:
    """Tell whether the first non-zero coefficient over Z is -1."""
    support = (x | (x >> _S32)) & _LOW32
    first = support & (~support + ONE)
    return (x >> _S32) & first != ZERO


@njit(inline="always")
def _add_flippable(state: Words, c: Word, code: Word) -> None:
    count = state[COUNT]
    state[HEADER + FIVE * c + count] = code
    state[HEADER + FOUR * c + code] = count
    state[COUNT] = count + ONE


@njit(inline="always")
def _drop_flippable(state: Words, c: Word, code: Word) -> None:
    count = state[COUNT] - ONE
    last = state[HEADER + FIVE * c + count]
    place = state[HEADER + FOUR * c + code]
    state[HEADER + FIVE * c + place] = last
    state[HEADER + FOUR * c + last] = place
    state[COUNT] = count


@njit(inline="always")
def leave(state: Words, c: Word, code: Word) -> None:
    """Take a code out of the ring of its factor."""
    after = state[HEADER + c + code]
    before = state[HEADER + TWO * c + code]
    slot = state[HEADER + THREE * c + code]
    if after == code:
        state[slot] = NONE
        return
    _drop_flippable(state, c, code)
    if after == before:
        _drop_flippable(state, c, after)
    state[HEADER + c + before] = after
    state[HEADER + TWO * c + after] = before
    state[slot] = after


@njit(inline="always")
def join(state: Words, c: Word, slots: Word, mode: Word, code: Word, factor: Word) -> None:
    """Give a code a factor and put it into the ring of that factor."""
    base = HEADER + _TABLES * (c // THREE) + mode * TWO * slots
    place = (factor * _MULTIPLIER) >> _S32 & (slots - ONE)
    key = state[base + TWO * place]
    while key != factor:
        if key == ZERO:
            state[base + TWO * place] = factor
            state[base + TWO * place + ONE] = NONE
            state[KEYS + mode] += ONE
            break
        place = (place + ONE) & (slots - ONE)
        key = state[base + TWO * place]
    slot = base + TWO * place + ONE
    head = state[slot]
    state[slot] = code
    state[HEADER + code] = factor
    state[HEADER + THREE * c + code] = slot
    if head == NONE:
        state[HEADER + c + code] = code
        state[HEADER + TWO * c + code] = code
        return
    after = state[HEADER + c + head]
    state[HEADER + c + head] = code
    state[HEADER + TWO * c + code] = head
    state[HEADER + c + code] = after
    state[HEADER + TWO * c + after] = code
    _add_flippable(state, c, code)
    if after == head:
        _add_flippable(state, c, head)


@njit(cache=True)
def leave_rarely(state: Words, c: Word, code: Word) -> None:
    """Do what `leave` does, outside the hot path: inlining costs time to compile."""
    leave(state, c, code)


@njit(cache=True)
def join_rarely(state: Words, c: Word, slots: Word, mode: Word, code: Word, factor: Word) -> None:
    """Do what `join` does, outside the hot path."""
    join(state, c, slots, mode, code, factor)


@njit(cache=True)
def rebuild(state: Words, c: Word, slots: Word, mode: Word) -> None:
    """Empty the table of a mode and enter the factors that are in use."""
    base = HEADER + _TABLES * (c // THREE) + mode * TWO * slots
    for place in range(slots):
        state[base + TWO * Word(place)] = ZERO
    state[KEYS + mode] = ZERO
    place = ZERO
    while place < state[COUNT]:
        code = state[HEADER + FIVE * c + place]
        if code % THREE == mode:
            _drop_flippable(state, c, code)
        else:
            place += ONE
    for row in range(state[RANK]):
        code = THREE * Word(row) + mode
        join_rarely(state, c, slots, mode, code, state[HEADER + code])


@njit(inline="always")
def _settle(
    state: Words, c: Word, slots: Word, mode: Word, row: Word, factor: Word, over_z: bool
) -> None:
    """Enter a non-zero factor; over Z its first coefficient becomes 1, the term keeps the sign."""
    if over_z and is_negative(factor):
        factor = negated(factor)
        state[HEADER + SIX * c + row] ^= ONE
    join(state, c, slots, mode, THREE * row + mode, factor)


@njit(cache=True)
def _settle_rarely(
    state: Words, c: Word, slots: Word, mode: Word, row: Word, factor: Word, over_z: bool
) -> None:
    _settle(state, c, slots, mode, row, factor, over_z)


@njit(cache=True)
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


@njit(cache=True)
def _plus(state: Words, c: Word, slots: Word, over_z: bool) -> None:
    """Replace two terms abc + xyz by a(b+y)c + ay(z-c) + (x-a)yz, up to signs."""
    rank = state[RANK]
    at, signs = HEADER, HEADER + SIX * c
    if THREE * rank + THREE > c or rank < TWO:
        return
    for _ in range(_TRIES):
        bits = draw(state)
        r, q = below(bits, rank), below(bits >> _S32, rank)
        bits = draw(state)
        i = below(bits, THREE)
        j = (i + ONE + (bits >> _S32 & ONE)) % THREE
        k = THREE - i - j
        if r == q or state[at + THREE * r + i] == state[at + THREE * q + i]:
            continue
        if state[at + THREE * r + j] == state[at + THREE * q + j]:
            continue
        if state[at + THREE * r + k] == state[at + THREE * q + k]:
            continue
        a, b, d = (
            state[at + THREE * r + i],
            state[at + THREE * r + j],
            state[at + THREE * r + k],
        )
        x, y, z = (
            state[at + THREE * q + i],
            state[at + THREE * q + j],
            state[at + THREE * q + k],
        )
        # s abd + t xyz = s a(b + e y)d + u t ay(z - s t u e d) + t (x - u a)yz, signs as bits.
        e, u = bits >> Word(40) & ONE, bits >> Word(41) & ONE
        s, t = state[signs + r], state[signs + q]
        first = combine(b, y, e, over_z)
        second = combine(z, d, ONE ^ s ^ t ^ u ^ e, over_z)
        third = combine(x, a, ONE ^ u, over_z)
        if first == NONE or second == NONE or third == NONE:
            continue
        leave_rarely(state, c, THREE * r + j)
        leave_rarely(state, c, THREE * q + i)
        leave_rarely(state, c, THREE * q + k)
        _settle_rarely(state, c, slots, j, r, first, over_z)
        join_rarely(state, c, slots, i, THREE * q + i, a)
        state[signs + q] = t ^ u
        _settle_rarely(state, c, slots, k, q, second, over_z)
        state[RANK] = rank + ONE
        state[signs + rank] = t
        _settle_rarely(state, c, slots, i, rank, third, over_z)
        join_rarely(state, c, slots, j, THREE * rank + j, y)
        join_rarely(state, c, slots, k, THREE * rank + k, z)
        state[PLUSES] += ONE
        return


@njit(cache=True)
def _shrink(state: Words, c: Word, slots: Word, row: Word, other: Word) -> None:
    """Remove the terms of which a factor has become zero (its code has left its ring)."""
    for index in range(2):
        r = max(row, other) if index == 0 else min(row, other)
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
def _flip(state: Words, c: Word, slots: Word, over_z: bool) -> None:
    """Replace a b d + a y z by a (b+y) d + a y (z-d), up to signs; drop terms that vanish."""
    bits = draw(state)
    code = state[HEADER + FIVE * c + (((bits >> _S32) * state[COUNT]) >> _S32)]
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
    if over_z:
        differ = state[HEADER + SIX * c + row] ^ state[HEADER + SIX * c + other]
    first = combine(b, y, minus, over_z)
    second = combine(z, d, ONE ^ minus ^ differ, over_z)
    if over_z and (first == NONE or second == NONE):
        minus ^= ONE
        first = combine(b, y, minus, over_z)
        second = combine(z, d, ONE ^ minus ^ differ, over_z)
        if first == NONE or second == NONE:
            return
    state[FLIPS] += ONE
    leave(state, c, THREE * row + j)
    leave(state, c, THREE * other + k)
    if first != ZERO:
        _settle(state, c, slots, j, row, first, over_z)
    else:
        state[HEADER + THREE * row + j] = ZERO
    if second != ZERO:
        _settle(state, c, slots, k, other, second, over_z)
    else:
        state[HEADER + THREE * other + k] = ZERO
    if first == ZERO or second == ZERO:
        _shrink(state, c, slots, row, other)
        state[REDUCTIONS] += ONE


@njit(cache=True)
def _keep_best(state: Words, c: Word) -> None:
    capacity = c // THREE
    best = HEADER + SIX * c + capacity
    for place in range(THREE * state[RANK]):
        state[best + Word(place)] = state[HEADER + Word(place)]
    for row in range(state[RANK]):
        state[best + c + Word(row)] = state[HEADER + SIX * c + Word(row)]
    state[BEST] = state[RANK]


@njit(cache=True, nogil=True)
def walk(
    state: Words,
    capacity: Word,
    slots: Word,
    over_z: bool,
    steps: int,
    plus_after: Word,
    margin: Word,
    target: Word,
) -> None:
    """Walk the flip graph until the best terms number ``target`` or ``steps`` are done.

    A plus transition follows ``plus_after`` steps without a reduction while there are fewer than
    the best number of terms plus ``margin``. Terms that equal the best in number replace it.
    """
    c = THREE * capacity
    half = slots >> ONE
    for _ in range(steps):
        for index in range(3):
            if state[KEYS + Word(index)] > half:
                rebuild(state, c, slots, Word(index))
        flippable = state[COUNT]
        if flippable == ZERO or (
            state[IDLE] >= plus_after and state[RANK] < state[BEST] + margin
        ):
            _plus(state, c, slots, over_z)
            state[IDLE] = ZERO
            if flippable == ZERO:
                if state[RANK] >= capacity:
                    break
                continue
        rank = state[RANK]
        _flip(state, c, slots, over_z)
        state[IDLE] += ONE
        if state[RANK] < rank:
            state[IDLE] = ZERO
            if state[RANK] <= state[BEST]:
                _keep_best(state, c)
                if state[BEST] <= target:
                    break


@njit(cache=True)
def load(
    state: Words, capacity: Word, slots: Word, over_z: bool, terms: Words, signs: Words
) -> None:
    """Fill an empty state with terms, (3, R) packed factors with signs; draw a few numbers."""
    c = THREE * capacity
    state[RANK] = Word(terms.shape[1])
    for row in range(terms.shape[1]):
        sign = signs[row]
        for index in range(3):
            factor = terms[index, row]
            if over_z and is_negative(factor):
                factor = negated(factor)
                sign ^= ONE
            state[HEADER + THREE * Word(row) + Word(index)] = factor
        state[HEADER + SIX * c + Word(row)] = sign
    for index in range(3):
        rebuild(state, c, slots, Word(index))
    for _ in range(8):
        draw(state)
    _keep_best(state, c)


def new_state(capacity: int, seed: int) -> tuple[Words, Word]:
    """Return the empty state of a walker and the number of slots of its tables.

    Parameters
    ----------
    capacity : int
        Terms that it can hold.
    seed : int
        Seed of its walk, at least 0.

    Returns
    -------
    state : ndarray of uint64
        For `load`.
    slots : uint64
        A power of two.
    """
    slots = max(_FEWEST_SLOTS, 1 << (8 * capacity - 1).bit_length())
    state = np.zeros(16 + 23 * capacity + 6 * slots, dtype=np.uint64)
    # Any two seeds below 2^63 give different, non-zero states; an odd multiplier is invertible.
    state[RANDOM] = ((2 * seed + 1) * int(_MULTIPLIER)) % 2**64
    return state, Word(slots)


def terms_in(state: Words, capacity: int, best: int) -> tuple[Words, Words]:
    """Return copies of the terms (3, R) and signs (R,) of a state: the best ones or the present."""
    c = 3 * capacity
    start, signs = (16 + 6 * c + capacity, 16 + 7 * c + capacity) if best else (16, 16 + 6 * c)
    rank = int(state[BEST if best else RANK])
    return state[start : start + 3 * rank].reshape(rank, 3).T.copy(), state[signs:][:rank].copy()
