"""Linear algebra over the rational numbers, for a few short rows."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def echelon(rows: Sequence[Sequence[int | Fraction]]) -> list[list[Fraction]]:
    """Return the reduced echelon form, without rows of zeros."""
    reduced: list[list[Fraction]] = []
    pivots: list[int] = []
    for given in dict.fromkeys(map(tuple, rows)):
        row = [Fraction(x) for x in given]
        for pivot, other in zip(pivots, reduced, strict=True):
            if row[pivot]:
                row = [x - row[pivot] * y for x, y in zip(row, other, strict=True)]
        pivot = next((k for k, x in enumerate(row) if x), -1)
        if pivot < 0:
            continue
        row = [x / row[pivot] for x in row]
        reduced = [
            [x - other[pivot] * y for x, y in zip(other, row, strict=True)]
            if other[pivot]
            else other
            for other in reduced
        ]
        reduced.append(row)
        pivots.append(pivot)
    return [row for _, row in sorted(zip(pivots, reduced, strict=True))]


def null_vectors(rows: Sequence[Sequence[int | Fraction]], length: int) -> list[list[int]]:
    """Return a basis, in integers, of the vectors orthogonal to rows."""
    reduced = echelon(rows)
    pivots = [next(k for k, x in enumerate(row) if x) for row in reduced]
    basis = []
    for free in sorted(set(range(length)).difference(pivots)):
        vector = [Fraction(0)] * length
        vector[free] = Fraction(1)
        for pivot, row in zip(pivots, reduced, strict=True):
            vector[pivot] = -row[free]
        common = lcm(*(x.denominator for x in vector))
        basis.append([int(x * common) for x in vector])
    return basis
