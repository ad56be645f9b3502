"""Gaussian elimination over F_3 with numpy, for lifting; residues are -1, 0 and 1 as float32."""

from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..._typing import IntegerFactors, Integers
from ._hensel import check_room, stacked

Residues = NDArray[np.float32]

# So many columns are eliminated before the others follow, in one product of matrices.
_COLUMNS: Final = 128


def _reduced(values: NDArray[Any]) -> Residues:
    """Reduce integers to -1, 0 and 1."""
    small: Residues = np.array(values, dtype=np.float32)
    multiples = small / 3
    np.rint(multiples, out=multiples)
    multiples *= 3
    small -= multiples
    return small


@dataclass(frozen=True, slots=True, eq=False)
class LinearisedModulo3:
    """Brent's equations linearised at terms modulo 3, in echelon form over F_3."""

    # row t has its pivot in column pivots[t], and below it how often it was subtracted
    rows: Residues
    order: Integers  # which equation a row was
    pivots: Integers
    places: Integers  # which unknown a column is

    def solve(self, right: Integers) -> Integers | None:
        """Solve for a right-hand side modulo 3, with free unknowns 0; None: no solution."""
        rest = _reduced(right.ravel()[self.order] % 3)
        for t, column in enumerate(self.pivots):
            rest[t + 1 :] = _reduced(rest[t + 1 :] - self.rows[t + 1 :, column] * rest[t])
        if rest[len(self.pivots) :].any():
            return None
        solution: Integers = np.zeros(self.rows.shape[1], dtype=np.int64)
        for t, column in reversed([*enumerate(self.pivots)]):
            # In F_3 each number but 0 is its own inverse.
            solution[self.places[column]] = value = rest[t] * self.rows[t, column]
            rest[:t] = _reduced(rest[:t] - self.rows[:t, column] * value)
        return solution


def eliminated(equations: Residues, places: Integers) -> LinearisedModulo3:
    """Bring equations, a row each, into echelon form, their unknowns in the order of ``places``."""
    # An unknown is free if it depends on earlier ones. In columns, as those are what is read.
    rows = np.asfortranarray(equations[:, places])
    order = np.arange(len(rows))
    pivots: list[int] = []
    for start in range(0, rows.shape[1], _COLUMNS):
        first, stop = len(pivots), min(start + _COLUMNS, rows.shape[1])
        # How often the pivot rows of this block were subtracted from all rows, and the inverse of
        # that for these rows themselves.
        factors = np.zeros((len(rows), _COLUMNS), dtype=np.float32, order="F")
        inverse = np.eye(0, dtype=np.float32)
        for column in range(start, stop):
            t = len(pivots)
            _follow(rows[first:, column], factors[first:], inverse)
            heads = np.flatnonzero(rows[t:, column])
            if len(heads):
                swapped = [t, t + heads[0]]
                for array in (rows, factors, order):
                    array[swapped] = array[swapped[::-1]]
                rows[t + 1 :, column] *= rows[t, column]
                factors[t:, t - first] = rows[t:, column]
                inverse = _bordered(inverse, factors[t])
                pivots.append(column)
        _follow(rows[first:, stop:], factors[first:], inverse)
    return LinearisedModulo3(rows, order, np.array(pivots, dtype=np.int64), places)


def _follow(columns: Residues, factors: Residues, inverse: Residues) -> None:
    """Subtract in more columns as often as it was done before; the pivot rows are the first."""
    done = len(inverse)
    factors = factors[:, :done]
    columns[:done] = _reduced(inverse @ columns[:done])
    # Transposed twice, so that the product comes in columns as well.
    columns[done:] = _reduced(columns[done:] - (columns[:done].T @ factors[done:].T).T)


def _bordered(inverse: Residues, row: Residues) -> Residues:
    """Return the inverse of a unit triangular matrix with one more row."""
    size = len(inverse)
    larger = np.eye(size + 1, dtype=np.float32)
    larger[:size, :size] = inverse
    larger[size, :size] = _reduced(-row[:size] @ inverse)
    return larger


def linearised_modulo_3(residues: IntegerFactors, rng: np.random.Generator) -> LinearisedModulo3:
    """Eliminate over F_3 for all entries: those that are not zero first, in random order."""
    # Free unknowns are not changed, so that zeros stay zeros where that is possible.
    entries = stacked(residues).ravel()
    check_room(prod(len(factor) for factor in residues), 4 * entries.size)
    shuffled = rng.permutation(entries.size)
    places = shuffled[np.argsort(entries[shuffled] == 0, kind="stable")]
    return eliminated(_equations(residues), places)


def _equations(residues: IntegerFactors) -> Residues:
    """Return the Jacobian of Brent's equations: a row for each (i, j, k), a column an entry."""
    U, V, W = (factor.astype(np.float32) for factor in residues)
    (x, rank), y, z = U.shape, len(V), len(W)
    rows = np.zeros((x, y, z, x + y + z, rank), dtype=np.float32)
    for i in range(x):
        rows[i, :, :, i] = V[:, None] * W
    for j in range(y):
        rows[:, j, :, x + j] = U[:, None] * W
    for k in range(z):
        rows[:, :, k, x + y + k] = U[:, None] * V
    return rows.reshape(x * y * z, -1)
