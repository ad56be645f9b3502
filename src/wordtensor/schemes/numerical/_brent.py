"""Brent's equations over the reals as a least-squares system with dense normal equations."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._typing import Array, Integers, freeze
from ..scheme import dense_product_tensor


@dataclass(frozen=True, slots=True, eq=False)
class BrentSystem:
    """The equations ``sum_r U[i,r] V[j,r] W[k,r] = T[i,j,k]`` for one product and one rank."""

    tensor: Array  # shape (x, y, z): the tensor of the matrix product, read-only
    rank: int

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Where U, V, W begin and end in the vector of all entries (each row-major)."""
        x, y, z = (size * self.rank for size in self.tensor.shape)
        return 0, x, x + y, x + y + z

    @property
    def total(self) -> float:
        """Squared norm of the tensor."""
        return float(np.vdot(self.tensor, self.tensor))

    def split(self, entries: Array) -> tuple[Array, Array, Array]:
        """Return views of U, V and W, shapes (x, R), (y, R), (z, R), of all entries."""
        edges = self.edges
        U, V, W = (
            entries[edges[mode] : edges[mode + 1]].reshape(self.tensor.shape[mode], self.rank)
            for mode in range(3)
        )
        return U, V, W

    def evaluate(self, entries: Array) -> tuple[float, Array]:
        """Return the sum of squared defects and half its gradient, shape (N,)."""
        U, V, W = self.split(entries)
        x, y, z = self.tensor.shape
        product = (V[:, None, :] * W[None, :, :]).reshape(y * z, self.rank)
        defect = U @ product.T - self.tensor.reshape(x, y * z)
        with_u = (defect.T @ U).reshape(y, z, self.rank)
        gradient = (
            defect @ product,
            np.einsum("yzr,zr->yr", with_u, W),
            np.einsum("yzr,yr->zr", with_u, V),
        )
        return float(np.vdot(defect, defect)), np.concatenate([g.ravel() for g in gradient])

    def normal_matrix(
        self,
        entries: Array,
        free: Integers | None = None,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> Array:
        """Return J^T J, symmetric, in all entries, shape (N,), or in those numbered by ``free``."""
        # With Gram matrices G_c = F_c^T F_c the element of J^T J between entry (i, r) of mode a and
        # (j, t) of mode b is G_c[r, t] F_b[j, r] F_a[i, t]; for a = b it is (G_c * G_d)[r, t] on
        # the diagonal i = j.
        factors = [np.ascontiguousarray(f, dtype=dtype) for f in self.split(entries)]
        places = np.arange(len(entries)) if free is None else free
        result = np.empty((len(places), len(places)), dtype=dtype)
        modes = np.searchsorted(self.edges, places, side="right") - 1
        for mode in range(3):
            chosen = np.flatnonzero(modes == mode)
            if len(chosen):
                row, term = np.divmod(places[chosen] - self.edges[mode], self.rank)
                rows = self._rows(factors, mode, row, term)
                result[chosen] = rows if free is None else rows[:, free]
        return result

    def _rows(self, factors: list[Array], mode: int, row: Integers, term: Integers) -> Array:
        """Return the rows of the full J^T J that belong to entries (row, term) of one mode."""
        edges, grams = self.edges, [f.T @ f for f in factors]
        full = np.zeros((len(row), edges[3]), dtype=factors[0].dtype)
        for other in range(3):
            size = self.tensor.shape[other]
            block = full[:, edges[other] : edges[other + 1]].reshape(len(row), size, self.rank)
            if other == mode:
                hadamard = grams[(mode + 1) % 3] * grams[(mode + 2) % 3]
                block[np.arange(len(row)), row] = hadamard[term]
            else:
                left = grams[3 - mode - other][term] * factors[mode][row]
                np.multiply(left[:, None, :], factors[other].T[term][:, :, None], out=block)
        return full


def brent_system(shape: tuple[int, int, int], rank: int, division: str = "R") -> BrentSystem:
    """Return Brent's equations of <n,m,p> over R, C or H for so many terms."""
    return BrentSystem(freeze(dense_product_tensor(*shape, division).astype(np.float64)), rank)


def cholesky_step(normal: Array, shift: Array | float, gradient: Array) -> Array | None:
    """Solve ``(normal + diag(shift)) s = -gradient``; None if that is not positive definite."""
    # The arithmetic has the precision of ``normal``.
    from scipy.linalg import get_lapack_funcs

    matrix = normal.copy()
    matrix[np.diag_indices_from(matrix)] += np.asarray(shift, dtype=matrix.dtype)
    factor, solve = get_lapack_funcs(("potrf", "potrs"), (matrix,))
    # The transpose is the same matrix in the order that LAPACK wants, without a copy.
    triangle, failed = factor(matrix.T, lower=False, overwrite_a=True, clean=False)
    if failed:
        return None
    step, _ = solve(triangle, -gradient.astype(matrix.dtype), lower=False)
    result: Array = step.astype(np.float64)
    return result if np.isfinite(result).all() else None
