"""The compiled state of a walker: packed factors, rings of equal factors, tables that find them.

All that a walker knows is three arrays of integers, laid out by `_layout`, so that it can be copied
to a GPU as it is. Indices are unsigned throughout: a signed index costs a test for negative values
at each access, which is two thirds of the time of a flip. Term r has the codes ``3 * r + mode``,
and c is three times the number of terms that there is room for.

====================  ======  ====================================================================
place                 length  content
====================  ======  ====================================================================
head                  12      counters and the state of the generator, see the constants below
words, 0              c       the factor of each code, packed (see `combine`)
words, c              c       the best terms met, factors
words, 2c             3 * s   for each mode the factors that its s slots stand for, 0 if free;
                              nothing where tables are direct
links, 0              c       the next code in the ring of the codes with an equal factor
links, c              c       the previous one
links, 2c             c       the slot of that ring in the table of its mode
links, 3c             c       place of a code in the list of flippable codes
links, 4c             c       that list: codes whose ring has at least two members
links, 5c             c / 3   the sign of each term, 1 for minus
links, 5c + c / 3     c / 3   the best terms met, signs
links, 5c + 2(c / 3)  3 * s   for each mode the heads of the rings in its slots, c if there is none
====================  ======  ====================================================================

A direct table has a slot for each factor. In others a factor is looked up by its hash; rings that
become empty stay in such a table, which is made anew when half of it is used.

Numba keeps compiled code by the file of the function that was called: after a change here, touch
``_walk.py`` as well, which has copies of these functions in its compiled code.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._compiled import compiled
from ..._typing import Words

Word = np.uint64

# Places in the head: terms, random state, keys in the three tables, flippable codes, flips since
# the last reduction or plus transition, terms of the best, flips, plus transitions, reductions.
RANK, RANDOM, KEYS, COUNT, IDLE, BEST, FLIPS, PLUSES, REDUCTIONS = (
    Word(place) for place in (0, 1, 3, 6, 7, 8, 9, 10, 11)
)
HEAD = 12

# The rings: modulo 2, or over Z with coefficients -1, 0, 1: then so many coordinates; the same
# with this bit set is modulo 3, with the same residues.
F2, F3 = Word(0), Word(64)
_COORDINATES = Word(63)

ZERO, ONE, TWO, THREE, FOUR, FIVE = (Word(value) for value in range(6))
NONE = Word(0xFFFFFFFFFFFFFFFF)
MULTIPLIER = Word(0x9E3779B97F4A7C15)
_S7, _S13, _S17, S32 = (Word(value) for value in (7, 13, 17, 32))
_LOW32 = Word(0xFFFFFFFF)


class State(NamedTuple):
    """A walker as compiled functions take it."""

    head: Words
    words: NDArray[Any]  # unsigned integers as long as the factors
    links: NDArray[Any]  # unsigned integers up to c
    c: Word  # codes that there is room for
    slots: Word  # of the table of each mode, a power of two
    direct: Word  # 1 if a table has a slot for each factor
    ring: Word


@njit(inline="always")
def draw(state: State) -> Word:
    """Return 64 random bits (xorshift)."""
    x: Word = state.head[RANDOM]
    x ^= x << _S13
    x ^= x >> _S7
    x ^= x << _S17
    state.head[RANDOM] = x
    return x


@njit(inline="always")
def below(bits: Word, bound: Word) -> Word:
    """Scale 32 random bits to an integer in [0, bound)."""
    return ((bits & _LOW32) * bound) >> S32


@njit(inline="always")
def factor_at(state: State, code: Word) -> Word:
    """Return the packed factor of a code."""
    return Word(state.words[code])


@njit(inline="always")
def link_at(state: State, place: Word) -> Word:
    """Return an entry of the links."""
    return Word(state.links[place])


@njit(inline="always")
def negated(x: Word, ring: Word) -> Word:
    """Exchange the halves, positive and negative coefficients, of a factor over Z or modulo 3."""
    half = ring & _COORDINATES
    return ((x & ((ONE << half) - ONE)) << half) | (x >> half)


@njit(inline="always")
def combine(x: Word, y: Word, minus: Word, ring: Word) -> Word:
    """Return x + y, or x - y; NONE if a coefficient over Z would leave {-1, 0, 1}."""
    # Modulo 2 a factor is its mask; over Z and modulo 3 the low half has its positive and the high
    # half its negative coefficients.
    if ring == F2:
        return x ^ y
    opposite = negated(y, ring)
    if minus:
        y, opposite = opposite, y
    both = x & y
    if ring & F3:  # 1 + 1 is -1; otherwise what stands against nothing or its negative
        alone = (x & ~(y | opposite)) | (y & ~(x | negated(x, ring)))
        return alone | negated(both, ring)
    if both:
        return NONE
    return (x & ~opposite) | (y & ~negated(x, ring))


@njit(inline="always")
def is_negative(x: Word, ring: Word) -> bool:
    """Tell whether the first non-zero coefficient of a packed factor is -1."""
    half = ring & _COORDINATES
    support = (x | (x >> half)) & ((ONE << half) - ONE)
    first = support & (~support + ONE)
    return bool((x >> half) & first)


@njit(inline="always")
def _add_flippable(state: State, code: Word) -> None:
    count = state.head[COUNT]
    state.links[FOUR * state.c + count] = code
    state.links[THREE * state.c + code] = count
    state.head[COUNT] = count + ONE


@njit(inline="always")
def _drop_flippable(state: State, code: Word) -> None:
    count = state.head[COUNT] - ONE
    last = link_at(state, FOUR * state.c + count)
    place = link_at(state, THREE * state.c + code)
    state.links[FOUR * state.c + place] = last
    state.links[THREE * state.c + last] = place
    state.head[COUNT] = count


@njit(inline="always")
def heads_of(state: State, mode: Word) -> Word:
    """Return where the table of a mode begins among the links."""
    return FIVE * state.c + TWO * (state.c // THREE) + mode * state.slots


@njit(inline="always")
def leave(state: State, mode: Word, code: Word) -> None:
    """Take a code out of the ring of its factor."""
    after = link_at(state, code)
    before = link_at(state, state.c + code)
    if state.direct:
        slot = heads_of(state, mode) + factor_at(state, code)
    else:
        slot = heads_of(state, mode) + link_at(state, TWO * state.c + code)
    if after == code:
        state.links[slot] = state.c
        return
    _drop_flippable(state, code)
    if after == before:
        _drop_flippable(state, after)
    state.links[before] = after
    state.links[state.c + after] = before
    state.links[slot] = after


@njit(inline="always")
def _slot(state: State, mode: Word, code: Word, factor: Word) -> Word:
    """Return the slot of a factor that a code gets."""
    if state.direct:
        return factor
    base = TWO * state.c + mode * state.slots
    place = (factor * MULTIPLIER) >> S32 & (state.slots - ONE)
    key = factor_at(state, base + place)
    while key != factor:
        if key == ZERO:
            state.words[base + place] = factor
            state.links[heads_of(state, mode) + place] = state.c
            state.head[KEYS + mode] += ONE
            break
        place = (place + ONE) & (state.slots - ONE)
        key = factor_at(state, base + place)
    state.links[TWO * state.c + code] = place
    return place


@njit(inline="always")
def join(state: State, mode: Word, code: Word, factor: Word) -> None:
    """Give a code a factor and put it into the ring of that factor."""
    slot = heads_of(state, mode) + _slot(state, mode, code, factor)
    first = link_at(state, slot)
    state.links[slot] = code
    state.words[code] = factor
    if first == state.c:
        state.links[code] = code
        state.links[state.c + code] = code
        return
    after = link_at(state, first)
    state.links[first] = code
    state.links[state.c + code] = first
    state.links[code] = after
    state.links[state.c + after] = code
    _add_flippable(state, code)
    if after == first:
        _add_flippable(state, first)


@compiled(_nrt=False)
def leave_rarely(state: State, mode: Word, code: Word) -> None:
    """Do what `leave` does, outside the hot path: inlining costs time to compile."""
    leave(state, mode, code)


@compiled(_nrt=False)
def join_rarely(state: State, mode: Word, code: Word, factor: Word) -> None:
    """Do what `join` does, outside the hot path."""
    join(state, mode, code, factor)


@compiled(_nrt=False)
def rebuild(state: State, mode: Word) -> None:
    """Empty the table of a mode and enter the factors that are in use."""
    for slot in range(state.slots):
        state.links[heads_of(state, mode) + Word(slot)] = state.c
        if not state.direct:
            state.words[TWO * state.c + mode * state.slots + Word(slot)] = ZERO
    state.head[KEYS + mode] = ZERO
    place = ZERO
    while place < state.head[COUNT]:
        code = link_at(state, FOUR * state.c + place)
        if code % THREE == mode:
            _drop_flippable(state, code)
        else:
            place += ONE
    for row in range(state.head[RANK]):
        code = THREE * Word(row) + mode
        join_rarely(state, mode, code, factor_at(state, code))
