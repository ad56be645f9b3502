"""Rational combinations of integer vectors, from what they are modulo a few primes."""

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import Final

import numpy as np

from .._typing import Integers

# The largest primes below 2^28: 64 products of two residues add up to less than 2^63.
_PRIMES: Final = (268435399, 268435367, 268435361, 268435337, 268435331, 268435313)
_TERMS: Final = 64


def combination(
    vectors: Sequence[Integers], wanted: Sequence[Fraction]
) -> list[tuple[int, Fraction]] | None:
    """Write a vector as a combination of others; None if it is none, or its numbers are large."""
    first = _modulo(vectors, wanted, _PRIMES[0])
    if first is None:
        return None
    places, residues, modulus = list(first), list(first.values()), _PRIMES[0]
    for prime in _PRIMES[1:]:
        more = _modulo([vectors[k] for k in places], wanted, prime)
        if more is None:
            return None
        inverse = pow(modulus, -1, prime)
        for k, old in enumerate(residues):
            residues[k] = old + modulus * ((more.get(k, 0) - old) * inverse % prime)
        modulus *= prime
    found = []
    for place, residue in zip(places, residues, strict=True):
        weight = _fraction(residue, modulus)
        if weight is None:
            return None
        found.append((place, weight))
    return found


def _modulo(
    vectors: Sequence[Integers], wanted: Sequence[Fraction], prime: int
) -> dict[int, int] | None:
    """Write a vector as a combination of the first ones that can do it, modulo a prime."""
    # Each row of the basis is kept with its combination of the independent vectors before it.
    width = len(wanted)
    basis = np.zeros((width, 2 * width), dtype=np.int64)
    pivots: list[int] = []
    chosen: list[int] = []
    rest = np.zeros(2 * width, dtype=np.int64)
    rest[:width] = [x.numerator * pow(x.denominator, -1, prime) % prime for x in wanted]
    for place, vector in enumerate(vectors):
        row = np.concatenate([vector % prime, np.zeros(width, dtype=np.int64)])
        row = _reduced(row, basis, pivots, prime)
        left = np.flatnonzero(row[:width])
        if not left.size:
            continue
        row[width + len(chosen)] = (row[width + len(chosen)] + 1) % prime
        row = row * pow(int(row[left[0]]), -1, prime) % prime
        count = len(pivots)
        column = basis[:count, left[0]].copy()
        basis[:count] = (basis[:count] - column[:, None] * row) % prime
        basis[count] = row
        pivots.append(int(left[0]))
        chosen.append(place)
        rest = (rest - rest[left[0]] * row) % prime
        if not rest[:width].any():
            weights = (-rest[width:]) % prime
            return {chosen[k]: int(weights[k]) for k in np.flatnonzero(weights)}
    return None


def _reduced(row: Integers, basis: Integers, pivots: list[int], prime: int) -> Integers:
    """Reduce a row by rows in reduced echelon form."""
    count = len(pivots)
    used = np.flatnonzero(row[pivots]) if count else np.zeros(0, dtype=np.int64)
    if used.size:
        multiples = row[[pivots[k] for k in used]]
        for start in range(0, len(used), _TERMS):
            part = slice(start, start + _TERMS)
            row = (row - multiples[part] @ basis[used[part]]) % prime
    return row


def _fraction(residue: int, modulus: int) -> Fraction | None:
    """Return the fraction of numbers up to the root of half the modulus that has a residue."""
    bound = isqrt(modulus // 2)
    above, below = (modulus, 0), (residue, 1)
    while below[0] > bound:
        quotient = above[0] // below[0]
        above, below = below, (above[0] - quotient * below[0], above[1] - quotient * below[1])
    if not below[1] or abs(below[1]) > bound:
        return None
    return Fraction(below[0], below[1])
