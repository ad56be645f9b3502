"""Where a block lies in its core: rational coordinates, and orthonormal ones for the solver."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from .._typing import Array, Factors, Inexact, Integers, Sizes, Value, freeze_fields
from ..cores._centroid import contracted

# Entries this close to a fraction with a small denominator are that fraction.
_NEAR: Final = 1e-9
_DENOMINATORS: Final = (1, 2, 3, 4, 5, 6, 8, 12, 24)
# A coordinate counts as new if at least this share of its row is; lower where none is left.
_NEW: Final = (0.3, 0.1, 1e-2, 1e-4)


@dataclass(frozen=True, eq=False)
class Frame(Value):
    """A block's spaces in a core whose coordinates do not depend on labels."""

    modes: Sizes  # mode m of the core is mode ``modes[m]`` of the block
    # shapes (x, p), (y, q), (z, r), in the core's order of modes: columns that span the spaces
    # of the block's terms, with the unit matrix in some rows
    spans: Factors
    rows: tuple[Integers, Integers, Integers]  # these rows

    def __post_init__(self) -> None:
        freeze_fields(self, "spans", "rows")

    @cached_property
    def triangles(self) -> Factors:
        """Matrices from the block's coordinates to orthonormal ones of the core's spaces."""
        first, second, third = (np.linalg.cholesky(E.T @ E).T for E in self.spans)
        return first, second, third

    def solver_tensor(self, tensor: Inexact) -> Array:
        """Return a block's tensor in orthonormal coordinates, in the core's order of modes."""
        R, S, T = self.triangles
        moved = np.ascontiguousarray(tensor.transpose(self.modes))
        return np.asarray(contracted(moved, (R.T, S.T, T.T)), dtype=np.float64)

    def block_factors(self, factors: Factors) -> Factors:
        """Bring factors from the solver's coordinates to those of the block."""
        from scipy.linalg import solve_triangular

        own = [solve_triangular(R, u) for R, u in zip(self.triangles, factors, strict=True)]
        return self._reordered(own)

    def core_factors(self, factors: Factors) -> Factors:
        """Bring factors from the block's coordinates to those of the core."""
        first, second, third = (
            E @ factors[mode] for E, mode in zip(self.spans, self.modes, strict=True)
        )
        return first, second, third

    def taken(self, factors: Factors) -> Factors | None:
        """Bring factors of the core to the block's coordinates; None if they leave its spaces."""
        own = []
        for E, rows, u in zip(self.spans, self.rows, factors, strict=True):
            found = u[rows]
            if not np.allclose(E @ found, u, rtol=0.0, atol=1e-6 * float(np.abs(u).max())):
                return None
            own.append(found)
        return self._reordered(own)

    def _reordered(self, parts: list[Inexact]) -> Factors:
        """Put what is in the core's order of modes into the block's."""
        first, second, third = (parts[self.modes.index(mode)] for mode in range(3))
        return first, second, third


def echelon(columns: Inexact) -> tuple[Array, Integers]:
    """Return a basis of the column space (x, p) with the unit matrix in some rows, and these."""
    size = columns.shape[1]
    rows = columns / np.linalg.norm(columns, axis=1).max(initial=1e-300)
    for share in _NEW:
        chosen: list[int] = []
        basis = np.zeros((size, 0))
        for row, vector in enumerate(rows):
            rest = vector - basis @ (basis.T @ vector)
            rest -= basis @ (basis.T @ rest)
            if float(np.linalg.norm(rest)) > share * max(float(np.linalg.norm(vector)), 1e-8):
                chosen.append(row)
                basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
                if len(chosen) == size:
                    found = np.array(chosen, dtype=np.int64)
                    span = snapped(np.linalg.solve(columns[found].T, columns.T).T)
                    span[found] = np.eye(size)
                    return span, found
    raise np.linalg.LinAlgError("the columns are not independent")


def snapped(values: Inexact) -> Array:
    """Replace entries that are fractions with small denominators, to rounding, by these."""
    result = np.array(values, dtype=np.float64)
    left = np.ones(result.shape, dtype=bool)
    for q in _DENOMINATORS:
        near = np.rint(result * q) / q
        hit = left & (np.abs(result - near) < _NEAR)
        result[hit] = near[hit]
        left &= ~hit
    return result
