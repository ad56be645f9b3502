r"""Polynomial identities: a form vanishes wherever a matrix of linear forms has low rank.

    target + sum_i a_i q_i^2 = sum_j c_j x^(mu_j) minor_j,      a_i > 0.

Where the minors of a size vanish, at a real point, a target that is a sum of squares vanishes, and
every summand with it; without squares q_i, the target vanishes at complex points as well.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from math import comb, lcm
from typing import Any, Final

import numpy as np

from .._typing import Array, Integers
from ._combinations import combination
from ._forms import Form, Minor, Minors, Monomial, add_to, monomials, power, product

# An identity of more coefficients, or of more products of minors, is not looked for.
_MOST_MONOMIALS: Final = 480
_MOST_PRODUCTS: Final = 25_000
# An identity with a larger exponent, or with more coefficients, is not checked.
_LARGEST_EXPONENT: Final = 8
_MOST_CHECKED: Final = 5000
# The largest denominator of a weight.
_LARGEST: Final = 5000
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Condition:
    """The form base * multiplier^k is to vanish, for some k, where the minors of a size do."""

    size: int
    base: Form
    multiplier: Form

    def degree(self, exponent: int) -> int:
        """Return the degree of base * multiplier^exponent."""
        base, factor = (len(next(iter(form))) for form in (self.base, self.multiplier))
        return base + factor * exponent

    def target(self, exponent: int) -> Form:
        """Return base * multiplier^exponent."""
        return product(self.base, power(self.multiplier, exponent))


@dataclass(frozen=True, slots=True)
class Identity:
    """What one identity adds to base * multiplier^exponent, and the right-hand side."""

    exponent: int
    squares: tuple[tuple[Fraction, tuple[tuple[Monomial, int], ...]], ...]
    cofactors: tuple[tuple[Fraction, Monomial, Minor], ...]

    def holds(self, condition: Condition, minors: Minors, real: bool) -> bool:
        """Expand both sides and compare them, in exact rational arithmetic."""
        size = condition.size
        if (self.squares and not real) or not self._is_small(condition, minors):
            return False
        total = condition.target(self.exponent)
        for weight, terms in self.squares:
            if weight <= 0:
                return False
            add_to(total, product(dict(terms), dict(terms)), weight)
        for value, monomial, (rows, columns) in self.cofactors:
            if len({*rows}) != size or len({*columns}) != size:
                return False
            pairs = zip((rows, columns), minors.shape, strict=True)
            if not all(0 <= k < length for places, length in pairs for k in places):
                return False
            add_to(total, product({monomial: 1}, minors.form((rows, columns))), -value)
        return not total

    def _is_small(self, condition: Condition, minors: Minors) -> bool:
        """Say whether it is of a size that is looked for, so that checking it takes no time."""
        if not 0 <= self.exponent <= _LARGEST_EXPONENT:
            return False
        variables, degree = len(minors.variables), condition.degree(self.exponent)
        return condition.size <= degree and comb(variables + degree - 1, degree) <= _MOST_CHECKED

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values, fractions as text."""
        return {
            "exponent": self.exponent,
            "squares": [[str(w), [[list(x), v] for x, v in terms]] for w, terms in self.squares],
            "cofactors": [
                [str(value), list(monomial), list(rows), list(columns)]
                for value, monomial, (rows, columns) in self.cofactors
            ],
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Identity":
        """Read what `to_dict` wrote; a ValueError or TypeError if it is no such thing."""
        squares = tuple(
            (Fraction(weight), tuple((_whole(x), _whole([v])[0]) for x, v in terms))
            for weight, terms in fields["squares"]
        )
        cofactors = tuple(
            (Fraction(value), _whole(monomial), (_whole(rows), _whole(columns)))
            for value, monomial, rows, columns in fields["cofactors"]
        )
        (exponent,) = _whole([fields["exponent"]])
        return cls(exponent, squares, cofactors)


def _whole(numbers: list[int]) -> tuple[int, ...]:
    """Return whole numbers as a tuple; in JSON, true and 1.0 are none."""
    if not all(type(number) is int for number in numbers):
        raise ValueError(f"{numbers!r:.100} are no whole numbers")
    return tuple(numbers)


def find_identity(
    condition: Condition, minors: Minors, variables: int, points: Integers | None, tries: int
) -> Identity | None:
    """Look for an identity; with ``points``, where the minors vanish, squares are allowed."""
    least = next(k for k in count() if condition.degree(k) >= condition.size)
    for exponent in range(least, least + tries):
        if condition.degree(exponent):
            target = condition.target(exponent)
            found = _with_target(target, exponent, condition.size, minors, variables, points)
            if found is not None and found.holds(condition, minors, points is not None):
                return found
    return None


def _with_target(
    target: Form, exponent: int, size: int, minors: Minors, variables: int, points: Integers | None
) -> Identity | None:
    """Look for an identity with one target."""
    degree = len(next(iter(target)))
    rows, columns = minors.shape
    products = (
        comb(rows, size) * comb(columns, size) * comb(variables + degree - size - 1, degree - size)
    )
    if comb(variables + degree - 1, degree) > _MOST_MONOMIALS or products > _MOST_PRODUCTS:
        return None
    ideal = _Ideal(minors, size, variables, degree)
    wanted = ideal.vector(target)
    squares: list[tuple[Fraction, tuple[tuple[Monomial, int], ...]]] = []
    if not ideal.contains(wanted.astype(float)):
        if points is None or degree % 2:
            return None
        for weight, root in _weighted_squares(ideal, wanted, points):
            terms = tuple((x, int(v)) for x, v in zip(ideal.halves, root, strict=True) if v)
            squares.append((weight, terms))
        if not squares:
            return None
    total = dict(target)
    for weight, terms in squares:
        add_to(total, product(dict(terms), dict(terms)), weight)
    cofactors = ideal.express(total)
    return None if cofactors is None else Identity(exponent, tuple(squares), cofactors)


class _Ideal:
    """The products of monomials and minors, as vectors of the coefficients of one degree."""

    def __init__(self, minors: Minors, size: int, variables: int, degree: int) -> None:
        self.monomials = monomials(variables, degree)
        self.places = {monomial: k for k, monomial in enumerate(self.monomials)}
        self.halves = monomials(variables, degree // 2)
        # The shortest first, and those that differ in their sign only once.
        known: set[frozenset[tuple[Monomial, Fraction | int]]] = set()
        self.sources: list[tuple[Monomial, Minor]] = []
        self.products: list[Form] = []
        for minor, form in sorted(minors.of_size(size), key=lambda pair: len(pair[1])):
            sign = 1 if form[min(form)] > 0 else -1
            for factor in monomials(variables, degree - size):
                found = product({factor: 1}, form)
                key = frozenset((x, sign * value) for x, value in found.items())
                if key not in known:
                    known.add(key)
                    self.sources.append((factor, minor))
                    self.products.append(found)
        self.normals = self._normals()

    def _normals(self) -> Array:
        """Return an orthonormal basis of the functionals that vanish on all products."""
        from scipy.sparse import coo_array

        entries = [
            (row, self.places[monomial], float(value))
            for row, form in enumerate(self.products)
            for monomial, value in form.items()
        ]
        rows, columns, values = (np.array(list(part)) for part in zip(*entries, strict=True))
        shape = len(self.products), len(self.monomials)
        sparse = coo_array((values, (rows, columns)), shape).tocsr()
        sizes, across = np.linalg.eigh((sparse.T @ sparse).toarray())
        return across[:, sizes <= _TINY * max(1.0, sizes[-1])].T

    def vector(self, form: Form) -> Integers:
        """Return the integer coefficients of a form."""
        vector = np.zeros(len(self.monomials), dtype=np.int64)
        for monomial, value in form.items():
            vector[self.places[monomial]] = int(value)
        return vector

    def contains(self, vector: Array) -> bool:
        """Say whether a form seems to be a combination of the products."""
        distance = float(np.linalg.norm(self.normals @ vector))
        return distance < 1e-7 * float(np.linalg.norm(vector))

    def express(self, form: Form) -> tuple[tuple[Fraction, Monomial, Minor], ...] | None:
        """Write a form as a combination of the products with small rational coefficients."""
        values = [Fraction(form.get(monomial, 0)) for monomial in self.monomials]
        if not self.contains(np.array(values, dtype=float)):
            return None
        found = combination([self.vector(form) for form in self.products], values)
        if found is None:
            return None
        return tuple((weight, *self.sources[place]) for place, weight in found)


def _weighted_squares(
    ideal: _Ideal, wanted: Integers, points: Integers
) -> list[tuple[Fraction, Integers]]:
    """Find squares, with weights, that lead from a target into the ideal: a linear programme."""
    from scipy.optimize import linprog

    halves = ideal.halves
    roots = _vanishing(halves, points)
    count = len(roots)
    if not count:
        return []
    own = np.eye(count, dtype=np.int64)
    pairs = [own[i] + s * own[j] for i in range(count) for j in range(i) for s in (1, -1)]
    used = np.array([*own, *pairs])
    table = np.array([[ideal.places[tuple(sorted(a + b))] for b in halves] for a in halves])
    products = roots @ ideal.normals[:, table] @ roots.T
    outer = (used[:, :, None] * used[:, None, :]).reshape(len(used), -1)
    images = products.reshape(len(products), -1) @ outer.T
    # Short squares cost less; the size of the target does not matter.
    cost = np.abs(used @ roots).sum(axis=1)
    size = float(np.linalg.norm(wanted))
    answer = linprog(cost, A_eq=images, b_eq=-(ideal.normals @ wanted) / size)
    if answer.status:
        return []
    weights = [Fraction(float(x * size)).limit_denominator(_LARGEST) for x in answer.x]
    return [(x, used[k] @ roots) for k, x in enumerate(weights) if x > 0]


def _vanishing(halves: list[Monomial], points: Integers) -> Integers:
    """Return a basis, in integers, of the forms that vanish at points."""
    values = np.array([np.prod(points[:, list(x)], axis=1) for x in halves]).T
    rows = [[Fraction(x) for x in row] for row in values[_independent(values)].tolist()]
    pivots: list[int] = []
    reduced: list[list[Fraction]] = []
    for row in rows:
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
    basis = []
    for free in sorted(set(range(len(halves))).difference(pivots)):
        vector = [Fraction(0)] * len(halves)
        vector[free] = Fraction(1)
        for pivot, row in zip(pivots, reduced, strict=True):
            vector[pivot] = -row[free]
        common = lcm(*(x.denominator for x in vector))
        basis.append([int(x * common) for x in vector])
    return np.array(basis, dtype=np.int64).reshape(len(basis), len(halves))


def _independent(values: Integers) -> Integers:
    """Choose rows that span the others."""
    from scipy.linalg import qr

    if not len(values):
        return np.zeros(0, dtype=np.int64)
    _, triangle, order = qr(values.T.astype(float), mode="economic", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    kept: Integers = order[: int((sizes > 1e-9 * max(1.0, sizes[0])).sum())]
    return kept
