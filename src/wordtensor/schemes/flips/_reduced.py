"""Reductions of terms modulo 2 that need no walk, and the ranks of factors as matrices."""

import numpy as np

from ..._compiled import compiled
from ..._typing import Integers, Words
from ._packed import PackedTerms

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
# Members of one group of terms that are combined: a word has a bit for each.
_MOST = 64


def reduced(terms: PackedTerms) -> PackedTerms:
    """Reduce terms modulo 2 that share a factor while others of their factors are dependent."""
    words = terms.words.copy()
    rank = _reduce(words)
    if rank == terms.rank:
        return terms
    return PackedTerms(words[:, :rank], np.zeros(rank, dtype=np.uint64), "F2")


def matrix_ranks(words: Words, shapes: Integers) -> Integers:
    """Return the ranks over F_2, shape (3, R), of packed factors with these rows and columns."""
    found: Integers = _ranks(words, shapes)
    return found


@compiled()
def _dependent(values: Words, count: int) -> np.uint64:
    """Return which of so many vectors over F_2 sum to zero, as bits; 0 if they are independent."""
    basis = np.zeros(count, dtype=np.uint64)
    made_of = np.zeros(count, dtype=np.uint64)
    size = 0
    for place in range(count):
        value, parts = values[place], _ONE << np.uint64(place)
        for known in range(size):
            # Each vector of the basis is the only one with its highest bit, at its entry.
            if value ^ basis[known] < value:
                value ^= basis[known]
                parts ^= made_of[known]
        if value == _ZERO:
            return parts
        # Later vectors are reduced by higher ones first.
        at = size
        while at > 0 and basis[at - 1] < value:
            basis[at], made_of[at] = basis[at - 1], made_of[at - 1]
            at -= 1
        basis[at], made_of[at] = value, parts
        size += 1
    return _ZERO


@compiled()
def _merge(words: Words, rank: int, members: Integers, parts: np.uint64, other: int) -> int:
    """Delete one of the terms whose sum vanishes, add its other factor to theirs; new rank."""
    last = -1
    for place in range(len(members)):
        if parts >> np.uint64(place) & _ONE:
            last = place
    gone = members[last]
    for place in range(last):
        if parts >> np.uint64(place) & _ONE:
            words[other, members[place]] ^= words[other, gone]
    words[other, gone] = _ZERO
    kept = 0
    for row in range(rank):
        if words[other, row] != _ZERO:
            for mode in range(3):
                words[mode, kept] = words[mode, row]
            kept += 1
    return kept


@compiled()
def _reduce_once(words: Words, rank: int) -> int:
    """Find terms with a common factor and dependent others, and make them fewer; new rank."""
    members = np.zeros(_MOST, dtype=np.int64)
    values = np.zeros(_MOST, dtype=np.uint64)
    for mode in range(3):
        for row in range(rank):
            count = 0
            for other in range(row, rank):
                if words[mode, other] == words[mode, row] and count < _MOST:
                    members[count] = other
                    count += 1
            if count < 2:
                continue
            for step in range(1, 3):
                one = (mode + step) % 3
                for place in range(count):
                    values[place] = words[one, members[place]]
                parts = _dependent(values, count)
                if parts:
                    return _merge(words, rank, members[:count], parts, 3 - mode - one)
    return rank


@compiled()
def _reduce(words: Words) -> int:
    """Reduce as often as possible, in place; return how many terms are left."""
    rank = int(words.shape[1])
    while True:
        after: int = _reduce_once(words, rank)
        if after == rank:
            return rank
        rank = after


@compiled()
def _ranks(words: Words, shapes: Integers) -> Integers:
    ranks = np.zeros(words.shape, dtype=np.int64)
    lines = np.zeros(64, dtype=np.uint64)
    for mode in range(3):
        rows, columns = shapes[mode, 0], shapes[mode, 1]
        mask = ~_ZERO if columns == 64 else (_ONE << np.uint64(columns)) - _ONE
        for term in range(words.shape[1]):
            size = 0
            for row in range(rows):
                value = words[mode, term] >> np.uint64(row * columns) & mask
                for known in range(size):
                    if value ^ lines[known] < value:
                        value ^= lines[known]
                if value == _ZERO:
                    continue
                at = size
                while at > 0 and lines[at - 1] < value:
                    lines[at] = lines[at - 1]
                    at -= 1
                lines[at] = value
                size += 1
            ranks[mode, term] = size
    return ranks
