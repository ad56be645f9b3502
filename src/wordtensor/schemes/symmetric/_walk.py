"""Compiled walk in the graph of schemes of <n,n,n> modulo 2 with a group of symmetries.

A row is a term ``a*b*c`` that stands for its three cyclic images, a block is the ``copies``
consecutive rows that a permutation of the indices carries into one another, and a place is one
factor: number ``3 * row + position``. All factors live in one space, so that a flip may use any two
places of equal value in different blocks.

``state`` (places + 1, 8) holds for every place: 0 its mask, 1 and 2 the next and previous place in
the ring of places of equal value, 3 its number in the list of places that have company in their
ring, 4 its slot in the table if it represents its ring or NONE, 5 the next place of its row, 6 the
first place of its block; column 7 is that list. The last line counts: 0 the list, 1 the places.
``table`` maps a mask to the representative of its ring, plus one, by linear probing. Everything is
unsigned: a signed index costs a test for negative values at each access.
"""

import numpy as np
from numba import njit

from ..._compiled import compiled
from ..._typing import Integers, Words

Word = np.uint64

ZERO, ONE, TWO, THREE = (Word(value) for value in range(4))
NONE = Word(0xFFFFFFFFFFFFFFFF)
_S7, _S13, _S17, _S18, _S31, _S32 = (Word(value) for value in (7, 13, 17, 18, 31, 32))
_LOW31, _MULTIPLIER = Word(0x7FFFFFFF), Word(0x61C88647)
_SEED = Word(0x2545F4914F6CDD1D)
_TRIES = 50


@njit(inline="always")
def _next(word: Word) -> Word:
    """Return the next state of xorshift64."""
    word ^= word << _S13
    word ^= word >> _S7
    word ^= word << _S17
    return word


@njit(inline="always")
def _below(word: Word, bound: Word) -> Word:
    """Return an integer in [0, bound) from the upper half of a random word."""
    return ((word >> _S32) * bound) >> _S32


@njit(inline="always")
def _home(value: Word, last: Word) -> Word:
    # 31 times 31 bits: no overflow, also without compilation.
    return ((((value ^ (value >> _S31)) & _LOW31) * _MULTIPLIER) >> _S18) & last


@njit(inline="always")
def _list(state: Words, counts: Word, place: Word) -> None:
    number = state[counts, 0]
    state[number, 7] = place
    state[place, 3] = number
    state[counts, 0] = number + ONE


@njit(inline="always")
def _unlist(state: Words, counts: Word, place: Word) -> None:
    number = state[counts, 0] - ONE
    last = state[number, 7]
    hole = state[place, 3]
    state[hole, 7] = last
    state[last, 3] = hole
    state[counts, 0] = number


@njit(inline="always")
def _link(state: Words, table: Words, counts: Word, last: Word, place: Word, value: Word) -> None:
    """Give a place a value and put it into the ring of that value."""
    slot = _home(value, last)
    state[place, 0] = value
    while True:
        entry = table[slot]
        if entry == ZERO:
            table[slot] = place + ONE
            state[place, 1] = place
            state[place, 2] = place
            state[place, 4] = slot
            return
        other = entry - ONE
        if state[other, 0] == value:
            after = state[other, 1]
            if after == other:
                _list(state, counts, other)
            state[place, 1] = after
            state[place, 2] = other
            state[place, 4] = NONE
            state[other, 1] = place
            state[after, 2] = place
            _list(state, counts, place)
            return
        slot = (slot + ONE) & last


@njit(inline="always")
def _unlink(state: Words, table: Words, counts: Word, last: Word, place: Word) -> None:
    """Take a place out of its ring; a slot that falls empty is closed for linear probing."""
    after = state[place, 1]
    slot = state[place, 4]
    if after != place:
        before = state[place, 2]
        if slot != NONE:
            table[slot] = after + ONE
            state[after, 4] = slot
        state[before, 1] = after
        state[after, 2] = before
        _unlist(state, counts, place)
        if before == after:
            _unlist(state, counts, after)
        return
    table[slot] = ZERO
    hole = slot
    slot = (slot + ONE) & last
    while table[slot] != ZERO:
        home = _home(state[table[slot] - ONE, 0], last)
        # One turn is added since unsigned numbers must not fall below zero.
        if ((slot + last + ONE - home) & last) >= ((slot + last + ONE - hole) & last):
            table[hole] = table[slot]
            state[table[hole] - ONE, 4] = hole
            table[slot] = ZERO
            hole = slot
        slot = (slot + ONE) & last


@compiled()
def _enter(state: Words, table: Words, place: Word, value: Word) -> None:
    """Do what `_link` does, outside the hot path; zero stays outside all rings."""
    state[place, 0] = value
    if value != ZERO:
        _link(state, table, Word(state.shape[0] - 1), Word(table.shape[0] - 1), place, value)


@compiled()
def _leave(state: Words, table: Words, place: Word) -> None:
    """Do what `_unlink` does, outside the hot path."""
    if state[place, 0] != ZERO:
        _unlink(state, table, Word(state.shape[0] - 1), Word(table.shape[0] - 1), place)


@compiled()
def _remove(state: Words, table: Words, first: Word, length: Word) -> None:
    """Delete the block that starts at a place; the last block takes its place."""
    counts = Word(state.shape[0] - 1)
    last = state[counts, 1] - length
    for step in range(length):
        place = first + Word(step)
        _leave(state, table, place)
        state[place, 0] = ZERO
    if last != first:
        for step in range(length):
            place = last + Word(step)
            value = state[place, 0]
            _leave(state, table, place)
            state[place, 0] = ZERO
            _enter(state, table, first + Word(step), value)
    state[counts, 1] = last


@compiled()
def _toggle(cubes: Words, value: Word) -> None:
    """Add a cube modulo 2; the first entry counts them."""
    count = cubes[0]
    for number in range(1, count + ONE):
        if cubes[number] == value:
            cubes[number] = cubes[count]
            cubes[0] = count - ONE
            return
    cubes[count + ONE] = value
    cubes[0] = count + ONE


@compiled()
def _settle(state: Words, table: Words, cubes: Words, first: Word, length: Word) -> bool:
    """Delete a block that vanishes; turn a block of cubes ``a*a*a`` into terms of their own."""
    a, b, c = state[first, 0], state[first + ONE, 0], state[first + TWO, 0]
    if a != ZERO and b != ZERO and c != ZERO:
        if a != b or a != c:
            return False
        for step in range(length // THREE):
            _toggle(cubes, state[first + THREE * Word(step), 0])
    _remove(state, table, first, length)
    return True


@compiled()
def _settle_both(state: Words, table: Words, cubes: Words, p: Word, q: Word, length: Word) -> bool:
    # The later block first, since the last block moves into a gap.
    first, second = state[p, 6], state[q, 6]
    changed = _settle(state, table, cubes, max(first, second), length)
    return _settle(state, table, cubes, min(first, second), length) or changed


@njit(inline="always")
def _image(state: Words, place: Word, shift: Word, length: Word) -> Word:
    """Return the place that a power of the permutation carries a place to."""
    image = place + shift
    return image - length if image >= state[place, 6] + length else image


@njit(inline="always")
def _flip(state: Words, table: Words, p: Word, q: Word) -> bool:
    """Replace a*b*c + a*b'*c' by a*(b+b')*c + a*b'*(c+c'); tell whether that may shorten."""
    counts, last = Word(state.shape[0] - 1), Word(table.shape[0] - 1)
    after, other = state[p, 5], state[q, 5]
    before, target = state[after, 5], state[other, 5]
    left = state[after, 0] ^ state[other, 0]
    right = state[target, 0] ^ state[before, 0]
    value = state[p, 0]
    _unlink(state, table, counts, last, after)
    if left != ZERO:
        _link(state, table, counts, last, after, left)
    else:
        state[after, 0] = ZERO
    _unlink(state, table, counts, last, target)
    if right != ZERO:
        _link(state, table, counts, last, target, right)
    else:
        state[target, 0] = ZERO
    return bool(left == ZERO or right == ZERO or left == value or right == value)


@compiled()
def _plus(state: Words, table: Words, cubes: Words, word: Word, length: Word) -> Word:
    """Replace two blocks by a*(b+b')*c + a*b'*(c+c') + (a+a')*b'*c'; return the random state."""
    counts = Word(state.shape[0] - 1)
    end = state[counts, 1]
    if end + length > counts or end == ZERO:
        return word
    for _ in range(_TRIES):
        word = _next(word)
        p = _below(word, end)
        word = _next(word)
        q = _below(word, end)
        after, other = state[p, 5], state[q, 5]
        if (
            state[p, 6] == state[q, 6]
            or state[p, 0] == state[q, 0]
            or state[after, 0] == state[other, 0]
            or state[state[after, 5], 0] == state[state[other, 5], 0]
        ):
            continue
        state[counts, 1] = end + length
        for copy in range(length // THREE):
            shift = THREE * Word(copy)
            x, y = _image(state, p, shift, length), _image(state, q, shift, length)
            after, other = state[x, 5], state[y, 5]
            before, target = state[after, 5], state[other, 5]
            new = end + shift
            _enter(state, table, new, state[x, 0] ^ state[y, 0])
            _enter(state, table, new + ONE, state[other, 0])
            _enter(state, table, new + TWO, state[target, 0])
            _leave(state, table, y)
            _enter(state, table, y, state[x, 0])
            _leave(state, table, after)
            _enter(state, table, after, state[after, 0] ^ state[other, 0])
            _leave(state, table, target)
            _enter(state, table, target, state[target, 0] ^ state[before, 0])
        _settle(state, table, cubes, end, length)
        _settle_both(state, table, cubes, p, q, length)
        break
    return word


@compiled()
def _prepared(
    rows: Integers, fixed: Integers, copies: int, margin: int
) -> tuple[Words, Words, Words]:
    """Make the state, the table and the cubes of a walk, with room for plus transitions."""
    length = Word(3 * copies)
    places = rows.size + margin + 6 * copies
    slots = 1024
    while slots < 4 * places:
        slots *= 2
    state = np.zeros((places + 1, 8), dtype=np.uint64)
    table = np.zeros(slots, dtype=np.uint64)
    cubes = np.zeros(fixed.size + places + 2, dtype=np.uint64)
    cubes[0] = fixed.size
    for index in range(fixed.size):
        cubes[index + 1] = Word(fixed[index])
    for index in range(places):
        place = Word(index)
        row = place // THREE * THREE
        state[place, 5] = row + (place - row + ONE) % THREE
        state[place, 6] = place // length * length
    flat = rows.ravel()
    for index in range(flat.shape[0]):
        _enter(state, table, Word(index), Word(flat[index]))
    state[places, 1] = flat.shape[0]
    return state, table, cubes


@compiled()
def _seeded(seed: int) -> Word:
    word = Word(seed) ^ _SEED
    for _ in range(16):
        word = _next(word)
    return word


@compiled()
def _terms(state: Words, cubes: Words) -> tuple[Integers, Integers]:
    count = np.int64(state[state.shape[0] - 1, 1]) // 3
    rows = np.empty((count, 3), dtype=np.int64)
    for row in range(count):
        for position in range(3):
            rows[row, position] = np.int64(state[3 * row + position, 0])
    return rows, cubes[1 : np.int64(cubes[0]) + 1].astype(np.int64)


@njit(inline="always")
def _write(rows: Integers, cubes: Integers, found: Integers, flips: int) -> tuple[int, int, int]:
    found[: rows.size] = rows.ravel()
    found[rows.size : rows.size + cubes.size] = cubes
    return len(rows), len(cubes), flips


@compiled(nogil=True)
def _walk(
    rows: Integers,
    fixed: Integers,
    copies: int,
    patience: int,
    plus_after: int,
    margin: int,
    target: int,
    seed: int,
    found: Integers,
) -> tuple[int, int, int]:
    """Walk; write rows and cubes to ``found``, and return their numbers and the flips made."""
    # No array is returned: numba would run Python code, where Ctrl-C becomes a SystemError.
    length = Word(3 * copies)
    state, table, cubes = _prepared(rows, fixed, copies, margin)
    counts = Word(state.shape[0] - 1)
    word = _seeded(seed)
    best = np.int64(rows.size + fixed.size)
    best_rows, best_cubes = rows.copy(), fixed.copy()
    idle, since, flips = 0, 0, 0
    while since < patience:
        since += 1
        if idle >= plus_after or state[counts, 0] == ZERO:
            idle = 0
            if np.int64(state[counts, 1] + cubes[0]) < best + margin:
                word = _plus(state, table, cubes, word, length)
            if state[counts, 0] == ZERO:
                continue
        idle += 1
        word = _next(word)
        p = state[_below(word, state[counts, 0]), 7]
        q = state[p, 1]
        for _ in range(word & THREE):
            q = state[q, 1]
        if state[p, 6] == state[q, 6]:
            continue
        flips += 1
        shorter = False
        for copy in range(copies):
            shift = THREE * Word(copy)
            x, y = _image(state, p, shift, length), _image(state, q, shift, length)
            shorter = _flip(state, table, x, y)
        if shorter and _settle_both(state, table, cubes, p, q, length):
            idle = 0
            rank = np.int64(state[counts, 1] + cubes[0])
            if rank <= best:
                if rank < best:
                    since = 0
                best = rank
                best_rows, best_cubes = _terms(state, cubes)
                if rank <= target:
                    return _write(best_rows, best_cubes, found, flips)
    if np.int64(state[counts, 1] + cubes[0]) == best:
        best_rows, best_cubes = _terms(state, cubes)
    return _write(best_rows, best_cubes, found, flips)


def walk(
    rows: Integers,
    fixed: Integers,
    copies: int,
    patience: int,
    plus_after: int,
    margin: int,
    target: int,
    seed: int,
) -> tuple[Integers, Integers, int]:
    """Walk from a scheme; return the rows and cubes of the last of the best and the flips made."""
    # ``rows`` (copies * k, 3) and ``fixed`` (f,) are the start. The walk ends at rank ``target`` or
    # ``patience`` flips after the last time that the best rank fell. A plus transition follows
    # ``plus_after`` flips without a reduction while the rank is below the best plus ``margin``.
    found = np.zeros(rows.size + fixed.size, dtype=np.int64)
    long, short, flips = _walk(
        rows, fixed, copies, patience, plus_after, margin, target, seed, found
    )
    return found[: 3 * long].reshape(-1, 3), found[3 * long : 3 * long + short], int(flips)
