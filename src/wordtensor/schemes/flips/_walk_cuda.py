"""Kernels for walks in the flip graph on a CUDA device. Import only where CUDA is wanted.

They call the functions of `_walk` on the same states, so that a walk ends alike on both devices,
bit by bit. One thread has one walker: a flip is a chain of accesses each of which depends on the
one before, so that the threads of a warp would have nothing to share. A walk is as fast as these
accesses are: where the state of a walker is small it is moved to the shared memory of its
multiprocessor for as long as a launch takes. For numba's simulator set NUMBA_DISABLE_JIT as well.
"""

from functools import cache
from typing import Any

import numpy as np
from numba import cuda, njit, uint64
from numba.np.numpy_support import from_dtype

from ._rings import (
    BEST,
    F2,
    F3,
    FIVE,
    FLIPS,
    MULTIPLIER,
    NONE,
    ONE,
    RANK,
    THREE,
    TWO,
    ZERO,
    State,
    Word,
)
from ._walk import load, walk

# Columns of the settings of a walker.
C, SLOTS, PLUS_AFTER, MARGIN, TARGET = range(5)
_S27, _S31 = Word(27), Word(31)
_GROUPS = Word(4)  # of 64 random vectors modulo 2
_POINTS = Word(64)  # modulo 3
_MANY = Word(24)
_COORDINATES = Word(63)


@cuda.jit
def begin_kernel(  # type: ignore[no-untyped-def]
    heads, words, links, settings, direct, ring, pool_words, pool_signs, pool_ranks, which, seeds
):
    """Let each walker begin at its start."""
    walker = cuda.grid(1)  # type: ignore[attr-defined]
    if walker < heads.shape[0]:
        own, start = settings[walker], which[walker]
        state = State(heads[walker], words[walker], links[walker], own[C], own[SLOTS], direct, ring)
        load(state, seeds[walker], pool_words[start], pool_signs[start], pool_ranks[start])


@cuda.jit
def advance_kernel(  # type: ignore[no-untyped-def]
    heads, words, links, settings, direct, ring, left, remaining, steps
):
    """Let each walker do its next steps, and say how many are left at most."""
    walker = cuda.grid(1)  # type: ignore[attr-defined]
    if walker < left.shape[0] and left[walker] > 0:
        now = steps if steps < left[walker] else left[walker]
        own = settings[walker]
        state = State(heads[walker], words[walker], links[walker], own[C], own[SLOTS], direct, ring)
        unfinished = walk(state, now, own[PLUS_AFTER], own[MARGIN], own[TARGET])
        left[walker] = left[walker] - now if unfinished else 0
        cuda.atomic.max(remaining, 0, left[walker])  # type: ignore[attr-defined]


@cache
def shared_advance_kernel(word_bits: int, link_bits: int) -> Any:
    """Return a kernel that does what `advance_kernel` does, on states in shared memory."""
    # The memory is heads, then words, then links; its size belongs to the launch.
    word_type = from_dtype(np.dtype(f"uint{word_bits}"))
    link_type = from_dtype(np.dtype(f"uint{link_bits}"))
    head_words, word_links = 64 // word_bits, word_bits // 8
    link_size = link_bits // 8

    @cuda.jit
    def kernel(heads, words, links, settings, direct, ring, left, remaining, steps):  # type: ignore[no-untyped-def]
        all_heads = cuda.shared.array(0, uint64)  # type: ignore[attr-defined]
        all_words = cuda.shared.array(0, word_type)  # type: ignore[attr-defined]
        all_links = cuda.shared.array(0, link_type)  # type: ignore[attr-defined]
        walker = cuda.grid(1)  # type: ignore[attr-defined]
        if walker < left.shape[0] and left[walker] > 0:
            lane, lanes = cuda.threadIdx.x, cuda.blockDim.x  # type: ignore[attr-defined]
            long, wide, many = heads.shape[1], words.shape[1], links.shape[1]
            first = lanes * long * head_words
            second = (lanes * long * 8 + lanes * wide * word_links) // link_size
            head = all_heads[lane * long : (lane + 1) * long]
            word = all_words[first + lane * wide : first + (lane + 1) * wide]
            link = all_links[second + lane * many : second + (lane + 1) * many]
            for place in range(long):
                head[place] = heads[walker, place]
            for place in range(wide):
                word[place] = words[walker, place]
            for place in range(many):
                link[place] = links[walker, place]
            now = steps if steps < left[walker] else left[walker]
            own = settings[walker]
            state = State(head, word, link, own[C], own[SLOTS], direct, ring)
            unfinished = walk(state, now, own[PLUS_AFTER], own[MARGIN], own[TARGET])
            left[walker] = left[walker] - now if unfinished else 0
            cuda.atomic.max(remaining, 0, left[walker])  # type: ignore[attr-defined]
            for place in range(long):
                heads[walker, place] = head[place]
            for place in range(wide):
                words[walker, place] = word[place]
            for place in range(many):
                links[walker, place] = link[place]

    return kernel


@njit(inline="never")
def _weight(number: Word) -> Word:
    """Return an odd number that looks random (splitmix64)."""
    x = (number + ONE) * MULTIPLIER
    x = (x ^ (x >> _S27)) * MULTIPLIER
    return (x ^ (x >> _S31)) | ONE


@njit(inline="never")
def _value(factor: Word, mode: Word, ring: Word, group: Word) -> Word:
    """Return the product of a factor with random weights, over Z modulo 2^64 or modulo 3."""
    total, half = ZERO, ring & _COORDINATES
    for place in range(half):
        bit = Word(place)
        weight = _weight((bit * _POINTS + group) * THREE + mode)
        if ring & F3:
            weight = (weight >> _S31) % THREE
        if factor >> bit & ONE:
            total += weight
        if factor >> (bit + half) & ONE:
            total += weight * TWO if ring & F3 else ZERO - weight
    return total % THREE if ring & F3 else total


@njit(inline="never")
def _probes(factor: Word, mode: Word, bits: Word, group: Word) -> Word:
    """Return the products modulo 2 of a factor with 64 random vectors, a bit each."""
    total = ZERO
    for place in range(bits):
        bit = Word(place)
        if factor >> bit & ONE:
            total ^= _weight((bit * _GROUPS + group) * THREE + mode)
    return total


@njit(inline="never")
def fingerprint(words, offset, signs, sign_offset, rank, ring, bits):  # type: ignore[no-untyped-def]
    """Return a number that is equal for equal sums of terms, and hardly ever for others."""
    # The value of the trilinear form at random points: over Z at one, modulo 2^64; modulo 2 at 256
    # points and modulo 3 at 64, each of which finds a difference with a chance of at least 1/8.
    total, groups = ZERO, ONE
    if ring == F2:
        groups = _GROUPS
    elif ring & F3:
        groups = _POINTS
    for group in range(groups):
        value = ZERO
        for index in range(rank):
            code = offset + THREE * Word(index)
            if ring == F2:
                hit = NONE
                for mode in range(3):
                    factor = Word(words[code + Word(mode)])
                    hit &= _probes(factor, Word(mode), bits, Word(group))
                value ^= hit
            else:
                term = ONE
                for mode in range(3):
                    term *= _value(Word(words[code + Word(mode)]), Word(mode), ring, Word(group))
                value = value - term if signs[sign_offset + Word(index)] else value + term
                if ring & F3:  # terms are at most 8, and 24 is 0
                    value = (value + _MANY) % THREE
        total = _weight(total) * THREE + value
    return total


@cuda.jit
def fingerprint_kernel(words, signs, ranks, ring, bits, prints):  # type: ignore[no-untyped-def]
    """Take the fingerprints of starts."""
    start = cuda.grid(1)  # type: ignore[attr-defined]
    if start < prints.shape[0]:
        prints[start] = fingerprint(
            words[start], ZERO, signs[start], ZERO, ranks[start], ring, bits
        )


@cuda.jit
def check_kernel(  # type: ignore[no-untyped-def]
    heads, words, links, settings, ring, bits, which, prints, ranks, flips, wrong
):
    """Count the walkers whose shortest terms are not those of their start; tell the ranks."""
    walker = cuda.grid(1)  # type: ignore[attr-defined]
    if walker < heads.shape[0]:
        c = settings[walker, C]
        rank, best = heads[walker, RANK], heads[walker, BEST]
        offset, signs = (ZERO, FIVE * c) if rank == best else (c, FIVE * c + c // THREE)
        ranks[walker] = best
        flips[walker] = heads[walker, FLIPS]
        now = fingerprint(words[walker], offset, links[walker], signs, best, ring, bits)
        if now != prints[which[walker]]:
            cuda.atomic.add(wrong, 0, 1)  # type: ignore[attr-defined]


@cuda.jit
def gather_kernel(heads, words, links, settings, chosen, found_words, found_signs, ranks):  # type: ignore[no-untyped-def]
    """Copy the shortest terms of chosen walkers."""
    place = cuda.grid(1)  # type: ignore[attr-defined]
    if place < chosen.shape[0]:
        walker = chosen[place]
        c = settings[walker, C]
        rank, best = heads[walker, RANK], heads[walker, BEST]
        offset, signs = (ZERO, FIVE * c) if rank == best else (c, FIVE * c + c // THREE)
        ranks[place] = best
        for index in range(THREE * best):
            found_words[place, index] = words[walker, offset + Word(index)]
        for index in range(best):
            found_signs[place, index] = links[walker, signs + Word(index)]
