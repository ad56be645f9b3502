r"""Two slices of integers: the rank of the pair by JaJa's theorem, without rounding.

With the sums of JaJa's formula (see `pencils`) taken, the rank of a pencil without common null
vectors is ``m + n - r + delta``: its numbers of rows and columns, its normal rank and the number of
invariant polynomials that do not split into distinct linear factors.
"""

from collections.abc import Sequence
from itertools import pairwise, product
from math import gcd
from typing import Final

from .._typing import Field, Integers

# Larger pencils, and numbers with more bits on the way, take too long.
_LARGEST: Final = 8
_BITS: Final = 2**14

Polynomial = list[int]
"""Coefficients in ascending order, the last one not 0."""
Matrix = list[list[Polynomial]]


def exact_pencil_rank(tensor: Integers, field: Field = "real") -> int | None:
    """Return the rank of two slices of integers, shape (2, x, y); None if they are too large."""
    _, x, y = tensor.shape
    first, second = (one.tolist() for one in tensor)
    if len(_eliminated(tensor.reshape(2, -1).tolist())) < 2:
        return len(_eliminated(first + second))
    if min(x, y) > _LARGEST:
        return None
    pencils = [_combined(first, second, t) for t in range(min(x, y) + 1)]
    ranks = [len(_eliminated(one)) for one in pencils]
    normal = max(ranks)  # a minor that is not 0 has fewer roots than there are pencils
    # As many as that in the slice with s leave no eigenvalue at infinity.
    leading = pencils[ranks.index(normal)]
    other = second if ranks.index(normal) == 0 else first
    invariants = _invariants(
        [
            [_trimmed([a, b]) for a, b in zip(*rows, strict=True)]
            for rows in zip(other, leading, strict=True)
        ]
    )
    if invariants is None:
        return None
    rows = len(_eliminated([a + b for a, b in zip(first, second, strict=True)]))
    columns = len(_eliminated(first + second))
    return rows + columns - normal + sum(not _splits(each, field) for each in invariants)


def _combined(first: list[list[int]], second: list[list[int]], t: int) -> list[list[int]]:
    return [
        [a + t * b for a, b in zip(*rows, strict=True)] for rows in zip(first, second, strict=True)
    ]


def _eliminated(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return independent rows that span the same, by elimination in integers."""
    left, found = [list(row) for row in rows], []
    for column in range(len(left[0])):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        found.append(pivot)
        left = [
            _primitive(
                [pivot[column] * a - row[column] * b for a, b in zip(row, pivot, strict=True)]
            )
            for row in left
            if row is not pivot
        ]
    return found


def _primitive(numbers: list[int]) -> list[int]:
    common = gcd(*numbers)
    return [number // common for number in numbers] if common > 1 else numbers


def _trimmed(p: Polynomial) -> Polynomial:
    while p and not p[-1]:
        p = p[:-1]
    return p


def _combination(k: int, p: Polynomial, q: Polynomial, factor: Polynomial) -> Polynomial:
    """Return k p - factor q."""
    total = [k * a for a in p] + [0] * max(0, len(q) + len(factor) - 1 - len(p))
    for i, j in product(range(len(q)), range(len(factor))):
        total[i + j] -= q[i] * factor[j]
    return _trimmed(total)


def _divided(p: Polynomial, q: Polynomial) -> tuple[int, Polynomial, Polynomial]:
    """Return k > 0, a quotient and a rest of k p by q."""
    k, quotient, rest = 1, [0] * max(0, len(p) - len(q) + 1), p
    while len(rest) >= len(q):
        lead, place = abs(q[-1]) // gcd(rest[-1], q[-1]), len(rest) - len(q)
        by = [0] * place + [lead * rest[-1] // q[-1]]
        k, quotient = k * lead, [lead * c for c in quotient]
        quotient[place] += by[-1]
        rest = _combination(lead, rest, q, by)
    return k, quotient, rest


def _invariants(matrix: Matrix) -> list[Polynomial] | None:
    """Return the invariant polynomials, each one a divisor of the next; None if that is long."""
    found = []
    while places := [(i, j) for i, row in enumerate(matrix) for j, p in enumerate(row) if p]:
        i, j = min(places, key=lambda at: (len(matrix[at[0]][at[1]]), at))
        matrix = [matrix[i], *matrix[:i], *matrix[i + 1 :]]
        matrix = [[row[j], *row[:j], *row[j + 1 :]] for row in matrix]
        matrix = _cleared(_transposed(_cleared(matrix)))
        if max((c.bit_length() for row in matrix for p in row for c in p), default=0) > _BITS:
            return None
        if any(row[0] for row in matrix[1:]) or any(matrix[0][1:]):
            continue
        pivot = matrix[0][0]
        rest = (row for row in matrix[1:] if any(_divided(p, pivot)[2] for p in row if p))
        if (other := next(rest, None)) is not None:
            matrix[0] = [pivot, *other[1:]]
            continue
        found.append(pivot)
        matrix = [row[1:] for row in matrix[1:]]
    return found


def _transposed(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _cleared(matrix: Matrix) -> Matrix:
    """Divide the first column by the first entry, and take what follows for each row."""
    first, *others = matrix
    rows = [first]
    for row in others:
        if row[0]:
            k, quotient, _ = _divided(row[0], first[0])
            row = [_combination(k, p, q, quotient) for p, q in zip(row, first, strict=True)]
            common = gcd(*(c for p in row for c in p)) or 1
            row = [[c // common for c in p] for p in row]
        rows.append(row)
    return rows


def _splits(p: Polynomial, field: Field) -> bool:
    """Tell whether a polynomial has as many different roots in a field as its degree."""
    chain = [p, _trimmed([k * c for k, c in enumerate(p)][1:])]
    while chain[-1]:  # Sturm's: each the negative rest of those before, up to positive factors
        chain.append(_primitive([-c for c in _divided(chain[-2], chain[-1])[2]]))
    chain.pop()
    if len(chain[-1]) > 1:
        return False
    if field == "complex":
        return True
    right = [q[-1] for q in chain]
    left = [q[-1] * (-1) ** (len(q) - 1) for q in chain]
    return _changes(left) - _changes(right) == len(p) - 1


def _changes(signs: list[int]) -> int:
    return sum(a * b < 0 for a, b in pairwise(signs))
