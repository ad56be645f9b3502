"""Brent's equations over the reals as a least-squares system with dense normal equations."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._typing import Array, Integers
from ..scheme import product_tensor

__all__ = [
    "BrentSystem",
    "Parametrisation",
    "brent_system",
    "cholesky_step",
    "parametrisation",
    "pinned",
]


@dataclass(frozen=True, slots=True, eq=False)
class Parametrisation:
    """Entries of the factors as signed copies of fewer free parameters, or as constants."""

    index: Integers  # shape (N,); Which parameter an entry copies;
    sign: Array  # shape (N,); 1 or -1;
    constant: Array  # shape (N,); Value of the entries that copy no parameter, 0 elsewhere
    places: Integers  # shape (free, L); The entries that copy a parameter, padded with 0
    signs: Array  # shape (free, L); Their signs, 0 where padded
    count: Array  # shape (free,); How many entries copy a parameter

    @property
    def free(self) -> int:
        """Number of free parameters."""
        return len(self.count)

    def expand(self, values: Array) -> Array:
        """Return all entries, shape (N,), for given parameters, shape (free,)."""
        padded = np.append(values, 0.0)
        expanded: Array = self.constant + self.sign * padded[self.index]
        return expanded

    def gather(self, gradient: Array) -> Array:
        """Sum a gradient by entries, shape (N,), to one by parameters, shape (free,)."""
        used = self.index >= 0
        weights = (self.sign * gradient)[used]
        counts = np.bincount(self.index[used], weights=weights, minlength=self.free)
        summed: Array = counts.astype(np.float64, copy=False)
        return summed

    def values(self, entries: Array) -> Array:
        """Read the parameters off entries of shape (N,) that obey them."""
        read: Array = self.signs[:, 0] * entries[self.places[:, 0]]
        return read


def parametrisation(index: Integers, sign: Array, constant: Array) -> Parametrisation:
    """Build it from the parameter number, the sign and the constant of each entry."""
    used = np.flatnonzero(index >= 0)
    order = used[np.argsort(index[used], kind="stable")]
    numbers = index[order]
    free = int(index.max(initial=-1)) + 1
    count = np.bincount(numbers, minlength=free)
    first = np.concatenate([[0], np.cumsum(count)[:-1]]) if free else np.zeros(0, dtype=np.int64)
    copy = np.arange(len(order)) - first[numbers]
    width = int(count.max(initial=0))
    places = np.zeros((free, width), dtype=np.int64)
    signs = np.zeros((free, width))
    places[numbers, copy] = order
    signs[numbers, copy] = sign[order]
    arrays = (np.array(index), np.array(sign), np.array(constant), places, signs,
              count.astype(np.float64))  # fmt: skip
    for array in arrays:
        array.setflags(write=False)
    return Parametrisation(*arrays)


def pinned(fixed: NDArray[np.bool_], entries: Array) -> Parametrisation:
    """Hold the entries where ``fixed`` is true at their values and leave the others free."""
    index = np.where(fixed, -1, np.cumsum(~fixed) - 1)
    return parametrisation(index, np.where(fixed, 0.0, 1.0), np.where(fixed, entries, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class BrentSystem:
    """The equations ``sum_r U[i,r] V[j,r] W[k,r] = T[i,j,k]`` of one format and rank."""

    tensor: Array  # shape (x, y, z); The tensor of the matrix product;
    rank: int  # Number R of terms

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
        self, entries: Array, par: Parametrisation, dtype: type[np.floating[Any]] = np.float64
    ) -> Array:
        """Return J^T J in the free parameters."""
        # With Gram matrices ``G_c = F_c^T F_c`` the element of J^T J between entry (i, r) of mode
        # a and (j, t) of mode b is ``G_c[r, t] F_b[j, r] F_a[i, t]``, and for a = b it is ``(G_c *
        # G_d)[r, t]`` if i = j. As J^T J commutes with the group, the row of one copy of a
        # parameter stands for the rows of all of them.
        factors = [np.ascontiguousarray(f, dtype=dtype) for f in self.split(entries)]
        result = np.empty((par.free, par.free), dtype=dtype)
        place = par.places[:, 0]
        modes = np.searchsorted(self.edges, place, side="right") - 1
        for mode in range(3):
            chosen = np.flatnonzero(modes == mode)
            if len(chosen):
                row, term = np.divmod(place[chosen] - self.edges[mode], self.rank)
                rows = self._rows(factors, mode, row, term)
                result[chosen] = _folded(rows, par, chosen)
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


def _folded(rows: Array, par: Parametrisation, chosen: Integers) -> Array:
    """Sum the columns that copy one parameter, and count each row as often as it is copied."""
    if par.free == rows.shape[1]:
        return rows
    signs = par.signs.astype(rows.dtype)
    result = rows[:, par.places[:, 0]] * signs[:, 0]
    for copy in range(1, par.places.shape[1]):
        result += rows[:, par.places[:, copy]] * signs[:, copy]
    result *= (par.count[chosen] * par.signs[chosen, 0]).astype(rows.dtype)[:, None]
    return result


def brent_system(
    shape: tuple[int, int, int], rank: int, division: str = "R"
) -> tuple[BrentSystem, Parametrisation]:
    """Return Brent's equations of <n,m,p> and the parameters that leave every entry free."""
    coords, values = product_tensor(*shape, division)
    tensor = np.zeros(tuple(int(c.max()) + 1 for c in coords))
    tensor[coords[0], coords[1], coords[2]] = values
    tensor.setflags(write=False)
    system = BrentSystem(tensor, rank)
    size = system.edges[3]
    return system, parametrisation(np.arange(size), np.ones(size), np.zeros(size))


def cholesky_step(normal: Array, shift: Array, gradient: Array) -> Array | None:
    """Solve ``(normal + diag(shift)) s = -gradient``; None if that is not positive definite."""
    # The arithmetic has the precision of ``normal``.
    from scipy.linalg import get_lapack_funcs

    matrix = normal.copy()
    matrix[np.diag_indices_from(matrix)] += shift.astype(matrix.dtype)
    factor, solve = get_lapack_funcs(("potrf", "potrs"), (matrix,))
    # The transpose is the same matrix in the order that LAPACK wants, without a copy.
    triangle, failed = factor(matrix.T, lower=False, overwrite_a=True, clean=False)
    if failed:
        return None
    step, _ = solve(triangle, -gradient.astype(matrix.dtype), lower=False)
    result: Array = step.astype(np.float64)
    return result if np.isfinite(result).all() else None
