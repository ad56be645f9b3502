"""Forms with rational coefficients: a monomial is the sorted tuple of its variables' numbers."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, combinations_with_replacement

from .._typing import Integers

Monomial = tuple[int, ...]
Form = dict[Monomial, Fraction | int]
# A matrix of forms, and the rows and columns of a minor of it.
FormMatrix = list[list[Form]]
Minor = tuple[tuple[int, ...], tuple[int, ...]]


def monomials(variables: int, degree: int) -> list[Monomial]:
    """List the monomials of a degree."""
    return list(combinations_with_replacement(range(variables), degree))


def add_to(total: Form, form: Form, factor: Fraction | int = 1) -> None:
    """Add a multiple of a form to another, in place."""
    for monomial, value in form.items():
        new = total.get(monomial, 0) + factor * value
        if new:
            total[monomial] = new
        else:
            total.pop(monomial, None)


def product(first: Form, second: Form) -> Form:
    """Multiply two forms."""
    total: Form = {}
    for left, value in first.items():
        add_to(total, {tuple(sorted(left + right)): x for right, x in second.items()}, value)
    return total


def power(form: Form, exponent: int) -> Form:
    """Raise a form to a power."""
    total: Form = {(): 1}
    for _ in range(exponent):
        total = product(total, form)
    return total


def sum_of_squares(forms: Sequence[Form]) -> Form:
    """Add the squares of forms."""
    total: Form = {}
    for form in forms:
        add_to(total, product(form, form))
    return total


def linear(coefficients: Sequence[int]) -> Form:
    """Return a linear form."""
    return {(k,): value for k, value in enumerate(coefficients) if value}


def slices_matrix(tensor: Integers) -> FormMatrix:
    """Return the matrix M(t) = sum_k t_k M_k of the slices M_k of a tensor along its first axis."""
    _, rows, columns = tensor.shape
    return [[linear(tensor[:, i, j].tolist()) for j in range(columns)] for i in range(rows)]


class Minors:
    """The minors of a matrix of forms, each computed once."""

    def __init__(self, matrix: FormMatrix) -> None:
        self.matrix = matrix
        self.shape = (len(matrix), len(matrix[0]))
        self.variables = {
            x for row in matrix for form in row for monomial in form for x in monomial
        }
        self._known: dict[Minor, Form] = {((), ()): {(): 1}}

    def form(self, minor: Minor) -> Form:
        """Return one minor, by expansion along its first row."""
        if minor not in self._known:
            (first, *rest), columns = minor
            total: Form = {}
            for place, column in enumerate(columns):
                if entry := self.matrix[first][column]:
                    inner = self.form((tuple(rest), columns[:place] + columns[place + 1 :]))
                    add_to(total, product(entry, inner), -1 if place % 2 else 1)
            self._known[minor] = total
        return self._known[minor]

    def of_size(self, size: int) -> Iterator[tuple[Minor, Form]]:
        """Yield the minors of a size that do not vanish."""
        rows, columns = self.shape
        for chosen in combinations(range(rows), size):
            for across in combinations(range(columns), size):
                if form := self.form((chosen, across)):
                    yield (chosen, across), form
