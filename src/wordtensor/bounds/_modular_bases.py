"""Bases of small integers, from linear algebra modulo a prime; what they are for is checked."""

from fractions import Fraction
from math import isqrt, lcm
from typing import Final

import numpy as np

from .._typing import Integers
from ._modular import PRIME

# The largest entries of a basis, and how far an eigenvalue may be from an integer.
_LARGEST: Final = 1000
_NEAR: Final = 0.1


def eigenvalues(matrix: Integers) -> list[int]:
    """List the integers that seem to be eigenvalues."""
    values = np.linalg.eigvals(matrix.astype(float))
    near = np.round(values.real)
    return sorted({int(x) for x in near[np.abs(values - near) < _NEAR]})


def power_of(matrix: Integers, value: int) -> Integers:
    """Return (matrix - value)^n modulo the prime, with n its size."""
    shifted = (matrix - value * np.eye(len(matrix), dtype=np.int64)) % PRIME
    power = np.eye(len(matrix), dtype=np.int64)
    for _ in range(len(matrix)):
        power = power @ shifted % PRIME
    return power


def null_vectors(matrix: Integers) -> Integers:
    """Return the vectors of small integers in a basis of what a matrix maps to zero."""
    reduced, pivots = _echelon(matrix)
    width = matrix.shape[1]
    found = []
    for free in sorted(set(range(width)).difference(pivots)):
        vector = np.zeros(width, dtype=np.int64)
        vector[free] = 1
        vector[pivots] = -reduced[:, free] % PRIME
        if (small := _small(vector)) is not None:
            found.append(small)
    return np.array(found, dtype=np.int64).reshape(-1, width)


def row_space(matrix: Integers) -> Integers:
    """Return the vectors of small integers in a basis of the row space."""
    rows = [_small(row) for row in _echelon(matrix)[0]]
    found = [row for row in rows if row is not None]
    return np.array(found, dtype=np.int64).reshape(-1, matrix.shape[1])


def _echelon(matrix: Integers) -> tuple[Integers, list[int]]:
    """Return the reduced echelon form modulo the prime, and its pivots."""
    left = matrix % PRIME
    pivots: list[int] = []
    for column in range(left.shape[1]):
        row = len(pivots)
        places = np.flatnonzero(left[row:, column])
        if not places.size:
            continue
        left[[row, row + places[0]]] = left[[row + places[0], row]]
        left[row] = left[row] * pow(int(left[row, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(left[:, column])
        others = others[others != row]
        left[others] = (left[others] - left[others, column, None] * left[row]) % PRIME
        pivots.append(column)
    return left[: len(pivots)], pivots


def _small(residues: Integers) -> Integers | None:
    """Return a multiple with small integers of a vector that is known modulo the prime."""
    known = {int(x): _fraction(int(x)) for x in np.unique(residues)}
    if any(x is None for x in known.values()):
        return None
    values = [known[x] or Fraction(0) for x in residues.tolist()]
    common = lcm(*(x.denominator for x in values))
    found = [int(x * common) for x in values]
    if max(map(abs, found)) > _LARGEST:
        return None
    return np.array(found, dtype=np.int64)


def _fraction(residue: int) -> Fraction | None:
    """Return the fraction of small numbers that has a residue modulo the prime."""
    bound = isqrt(PRIME // 2)
    above, below = (PRIME, 0), (residue, 1)
    while below[0] > bound:
        quotient = above[0] // below[0]
        above, below = below, (above[0] - quotient * below[0], above[1] - quotient * below[1])
    return None if abs(below[1]) > bound else Fraction(below[0], below[1])


def short(vectors: Integers) -> Integers:
    """Divide vectors by what their entries have in common."""
    common = np.gcd.reduce(vectors, axis=1)
    return np.asarray(vectors // np.maximum(common, 1)[:, None])
