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
_COLUMNS: Final = 64


def _reduced(values: NDArray[Any]) -> Residues:
    """Reduce integers to -1, 0 and 1."""
    small = np.asarray(values, dtype=np.float32)
    reduced: Residues = small - 3 * np.rint(small / 3)
    return reduced


@dataclass(frozen=True, slots=True, eq=False)
class LinearisedModulo3:
    """Brent's equations linearised at terms modulo 3, in echelon form over F_3."""

    # Row t has its pivot in column ``pivots[t]``; below it stands how often row t was subtracted.
    rows: Residues
    order: Integers  # Which equation a row was
    pivots: Integers
    places: Integers  # Which unknown a column is

    def solve(self, right: Integers) -> Integers | None:
        """Solve for a right-hand side modulo 3, with free unknowns 0."""
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
    """Bring equations into echelon form; an unknown is free if it depends on earlier ones."""
    # In columns, as those are what is read.
    rows = np.asfortranarray(equations[:, places])
    order = np.arange(len(rows))
    pivots: list[int] = []
    for start in range(0, rows.shape[1], _COLUMNS):
        first, stop = len(pivots), min(start + _COLUMNS, rows.shape[1])
        for column in range(start, stop):
            t = len(pivots)
            heads = np.flatnonzero(rows[t:, column])
            if len(heads):
                swapped = [t, t + heads[0]]
                rows[swapped], order[swapped] = rows[swapped[::-1]], order[swapped[::-1]]
                rows[t + 1 :, column] *= rows[t, column]
                _subtract(rows, t, column, slice(t + 1, None), slice(column + 1, stop))
                pivots.append(column)
        for t in range(first, len(pivots)):
            _subtract(rows, t, pivots[t], slice(t + 1, len(pivots)), slice(stop, None))
        done = rows[len(pivots) :, pivots[first:]] @ rows[first : len(pivots), stop:]
        rows[len(pivots) :, stop:] = _reduced(rows[len(pivots) :, stop:] - done)
    return LinearisedModulo3(rows, order, np.array(pivots, dtype=np.int64), places)


def _subtract(rows: Residues, t: int, column: int, below: slice, beyond: slice) -> None:
    """Subtract row t, as often as the column of its pivot says, from the rows below it."""
    rows[below, beyond] = _reduced(
        rows[below, beyond] - np.outer(rows[below, column], rows[t, beyond])
    )


def linearised_modulo_3(residues: IntegerFactors, rng: np.random.Generator) -> LinearisedModulo3:
    """Eliminate over F_3 for all entries: those that are not zero first, in random order."""
    # Free unknowns are not changed, so zeros stay zeros where that is possible.
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
