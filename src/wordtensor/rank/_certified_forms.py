"""Polynomial identities of certificates, expanded again: whole numbers and fractions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Final

from ._certified_ranks import check_whole
from ._certified_terms import read_fraction, require

# A polynomial: to the sorted variables of each of its monomials the coefficient.
Form = dict[tuple[int, ...], int | Fraction]
Matrix = list[list[Form]]
_MOST_EXPONENT: Final = 8
# Products of two monomials that checking one bound may take, some seconds.
_MOST_WORK: Final = 2 * 10**6


@dataclass(slots=True)
class Work:
    """Arithmetic of which too much is refused."""

    done: int = 0

    def spend(self, steps: int) -> None:
        self.done += steps
        require(self.done <= _MOST_WORK, "The polynomial identities are too long to be checked")

    def times(self, left: Form, right: Form) -> Form:
        self.spend(1 + len(left) * len(right))
        return form_of((x + y, v * w) for x, v in left.items() for y, w in right.items())

    def mixed(self, weights: Iterable[int], forms: Iterable[Form]) -> Form:
        """Add up multiples of forms."""
        used = [(w, form) for w, form in zip(weights, forms, strict=True) if w]
        self.spend(1 + sum(len(form) for _, form in used))
        return form_of((x, w * v) for w, form in used for x, v in form.items())

    def zeros(self, rows: Iterable[list[int]], length: int) -> list[list[int]]:
        """Return a basis of what is orthogonal to all rows, one vector for each free column."""
        reduced: dict[int, list[int]] = {}
        for each in dict.fromkeys(map(tuple, rows)):
            row = list(each)
            self.spend(1)
            for pivot, other in reduced.items():
                row = self._without(row, other, pivot)
            place = next((k for k, value in enumerate(row) if value), -1)
            if place >= 0:
                reduced = {k: self._without(other, row, place) for k, other in reduced.items()}
                reduced[place] = row
        basis = []
        for free in sorted(set(range(length)).difference(reduced)):
            common = lcm(*(row[k] // gcd(row[k], row[free]) for k, row in reduced.items()))
            vector = [common * (k == free) for k in range(length)]
            for place, row in reduced.items():
                vector[place] = -row[free] * common // row[place]
            check_whole(vector)
            basis.append(vector)
        return basis

    def _without(self, row: list[int], other: list[int], pivot: int) -> list[int]:
        """Make an entry 0 by a multiple of another row, and the rest as small as can be."""
        if not row[pivot]:
            return row
        self.spend(len(row))
        row = [other[pivot] * x - row[pivot] * y for x, y in zip(row, other, strict=True)]
        common = gcd(*row) or 1
        return [x // common for x in row]


@dataclass(slots=True)
class Minors:
    """The minors of a matrix of forms, each expanded once."""

    matrix: Matrix
    work: Work
    known: dict[tuple[tuple[int, ...], ...], Form] = field(default_factory=dict)

    def minor(self, rows: tuple[int, ...], columns: tuple[int, ...]) -> Form:
        if not rows:
            return {(): 1}
        if (rows, columns) not in self.known:  # along the first row
            parts: list[Form] = []
            for k, column in enumerate(columns):
                entry = self.matrix[rows[0]][column]
                if entry:
                    rest = self.minor(rows[1:], columns[:k] + columns[k + 1 :])
                    signed: Form = {x: (-1) ** k * v for x, v in entry.items()}
                    parts.append(self.work.times(rest, signed))
            self.known[rows, columns] = form_of(pair for part in parts for pair in part.items())
        return self.known[rows, columns]


@dataclass(frozen=True, slots=True)
class Condition:
    """The form base * factor^k is to vanish, for some k, at the zeros of some minors."""

    base: Form
    factor: Form
    minors: Minors
    # Rows, columns and the size of the minors in them.
    parts: list[tuple[range, range, int]]
    variables: int

    def has(self, rows: list[int], columns: list[int]) -> bool:
        """Whether a minor is one of those that are 0."""
        check_whole(rows, len(self.minors.matrix))
        check_whole(columns, len(self.minors.matrix[0]))
        return any(
            len(rows) == len(set(rows)) == len(columns) == len(set(columns)) == size
            and set(rows) <= set(own_rows)
            and set(columns) <= set(own_columns)
            for own_rows, own_columns, size in self.parts
        )


def vanishes(condition: Condition, identity: Any, real: bool) -> bool:
    """Whether a form vanishes where some minors do, as an identity says."""
    # It is base * factor^k + sum_i a_i q_i^2 = sum_i c_i monomial_i minor_i, all a_i > 0: where
    # the minors are 0, at a real point, base * factor^k is 0. At complex points, without the q_i.
    exponent, minors, work = identity["exponent"], condition.minors, condition.minors.work
    check_whole([exponent], _MOST_EXPONENT + 1)
    degrees = [len(next(iter(form))) for form in (condition.base, condition.factor)]
    degree = degrees[0] + exponent * degrees[1]
    if min(size for *_, size in condition.parts) > degree:
        return False
    total = condition.base
    for _ in range(exponent):
        total = work.times(total, condition.factor)
    parts = [total]
    for weight, root in identity["squares"]:
        check_whole([value for _, value in root])
        if any(2 * len(monomial) != degree for monomial, _ in root):
            return False
        form = form_of((_monomial(x, condition), value) for x, value in root)
        if not real or read_fraction(weight) <= 0:
            return False
        parts.append(work.times(work.times(form, form), {(): read_fraction(weight)}))
    for value, monomial, rows, columns in identity["cofactors"]:
        if not condition.has(rows, columns) or len(monomial) + len(rows) != degree:
            return False
        minor = minors.minor(tuple(rows), tuple(columns))
        factor: Form = {_monomial(monomial, condition): -read_fraction(value)}
        parts.append(work.times(minor, factor))
    return not form_of(pair for part in parts for pair in part.items())


def _monomial(given: list[int], condition: Condition) -> tuple[int, ...]:
    check_whole(given, condition.variables)
    return tuple(given)


def form_of(pairs: Iterable[tuple[tuple[int, ...], int | Fraction]]) -> Form:
    """Add up monomials with their coefficients."""
    total: Form = {}
    for monomial, value in pairs:
        key = tuple(sorted(monomial))
        total[key] = total.get(key, 0) + value
    return {key: value for key, value in total.items() if value}
