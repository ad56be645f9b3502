"""The compiled state of a walker: packed factors, rings of equal factors, tables that find them.

Everything that a walker knows is one array of uint64, so that it can be saved, resumed and sent to
a GPU as it is. Indices are unsigned throughout: a signed index costs a test for negative values at
each access, which is two thirds of the time of a flip. Term r has the codes ``3 * r + mode``. With
k the capacity, the array holds 16 words of header (see the constants below), then

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

Numba keeps compiled code by the file of the function that was called: after a change here, touch
``_walk.py`` as well, which has copies of these functions in its compiled code.
"""

import numpy as np
from numba import njit

from ..._compiled import compiled
from ..._typing import Words

Word = np.uint64

HEADER = Word(16)
# Places in the header: terms, random state, keys in the three tables, flippable codes, flips since
# the last reduction or plus transition, terms of the best, flips, plus transitions, reductions.
RANK, RANDOM, KEYS, COUNT, IDLE, BEST, FLIPS, PLUSES, REDUCTIONS = (
    Word(place) for place in (0, 1, 3, 6, 7, 8, 9, 10, 11)
)

# The rings: modulo 2, over Z with coefficients -1, 0, 1, and modulo 3 with the same residues.
F2, Z, F3 = (Word(code) for code in range(3))

ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX = (Word(value) for value in range(7))
NONE = Word(0xFFFFFFFFFFFFFFFF)
MULTIPLIER = Word(0x9E3779B97F4A7C15)
_S7, _S13, _S17, S32 = (Word(value) for value in (7, 13, 17, 32))
_LOW32 = Word(0xFFFFFFFF)
_TABLES = Word(23)
_FEWEST_SLOTS = 1024


@njit(inline="always")
def draw(state: Words) -> Word:
    """Return 64 random bits (xorshift)."""
    x: Word = state[RANDOM]
    x ^= x << _S13
    x ^= x >> _S7
    x ^= x << _S17
    state[RANDOM] = x
    return x


@njit(inline="always")
def below(bits: Word, bound: Word) -> Word:
    """Scale 32 random bits to an integer in [0, bound)."""
    return ((bits & _LOW32) * bound) >> S32


@njit(inline="always")
def negated(x: Word) -> Word:
    """Exchange the halves, positive and negative coefficients, of a factor over Z or modulo 3."""
    return (x << S32) | (x >> S32)


@njit(inline="always")
def combine(x: Word, y: Word, minus: Word, ring: Word) -> Word:
    """Return x + y, or x - y; NONE if a coefficient over Z would leave {-1, 0, 1}."""
    # Modulo 2 a factor is its mask; over Z and modulo 3 the low half has its positive and the high
    # half its negative coefficients.
    if ring == F2:
        return x ^ y
    if minus:
        y = negated(y)
    both = x & y
    if ring == F3:  # 1 + 1 is -1; otherwise what stands against nothing or its negative
        return (x & ~(y | negated(y))) | (y & ~(x | negated(x))) | negated(both)
    if both:
        return NONE
    return (x & ~negated(y)) | (y & ~negated(x))


@njit(inline="always")
def is_negative(x: Word) -> bool:
    """Tell whether the first non-zero coefficient of a packed factor is -1."""
    support = (x | (x >> S32)) & _LOW32
    first = support & (~support + ONE)
    return bool((x >> S32) & first)


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
    place = (factor * MULTIPLIER) >> S32 & (slots - ONE)
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


@compiled()
def leave_rarely(state: Words, c: Word, code: Word) -> None:
    """Do what `leave` does, outside the hot path: inlining costs time to compile."""
    leave(state, c, code)


@compiled()
def join_rarely(state: Words, c: Word, slots: Word, mode: Word, code: Word, factor: Word) -> None:
    """Do what `join` does, outside the hot path."""
    join(state, c, slots, mode, code, factor)


@compiled()
def rebuild(state: Words, c: Word, slots: Word, mode: Word) -> None:
    """Empty the table of a mode and enter the factors that are in use."""
    base = HEADER + _TABLES * (c // THREE) + mode * TWO * slots
    for slot in range(slots):
        state[base + TWO * Word(slot)] = ZERO
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


def state_size(capacity: int) -> tuple[int, int]:
    """Return the words of a state that can hold ``capacity`` terms, and the slots of its tables."""
    slots = max(_FEWEST_SLOTS, 1 << (8 * capacity - 1).bit_length())
    return 16 + 23 * capacity + 6 * slots, slots


def new_state(capacity: int, seed: int) -> tuple[Words, Word]:
    """Return the empty state of a walker for so many terms, and the slots of its tables."""
    length, slots = state_size(capacity)
    state = np.zeros(length, dtype=np.uint64)
    # Any two seeds below 2^63 give different, non-zero states; an odd multiplier is invertible.
    state[RANDOM] = ((2 * seed + 1) * int(MULTIPLIER)) % 2**64
    return state, Word(slots)


def terms_in(state: Words, capacity: int, best: int) -> tuple[Words, Words]:
    """Return copies of the terms (3, R) and signs (R,) of a state: the best ones or the present."""
    c = 3 * capacity
    start, signs = (16 + 6 * c + capacity, 16 + 7 * c + capacity) if best else (16, 16 + 6 * c)
    rank = int(state[BEST if best else RANK])
    return state[start : start + 3 * rank].reshape(rank, 3).T.copy(), state[signs:][:rank].copy()
