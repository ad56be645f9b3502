"""The solutions near a solution: two factors with entries that are held, and the third solved."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from .._typing import Array, Booleans, Integers

# Squared relative defect of a point on the manifold of solutions.
ON_MANIFOLD: Final = 1e-24
# What rounding may leave of it where the terms nearly cancel.
_ROUNDING: Final = 1e-21
# Eigenvalues of the normal matrix below this, relative to the largest, are free directions.
_NULL: Final = 1e-9
_MOST_STEPS: Final = 25
_LARGEST_ENTRY: Final = 30.0
# Operations for all eigenvectors, over the cube of the size.
_EIGENVECTORS: Final = 9.0
# What one step costs besides its arithmetic, in operations.
_OVERHEAD: Final = 1e6


@dataclass(slots=True)
class Work:
    """Operations that are left: counted and not timed, so that results repeat."""

    left: float

    def spend(self, operations: float) -> None:
        self.left -= operations + _OVERHEAD

    @property
    def is_spent(self) -> bool:
        return self.left <= 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Entries of two factors, the best third factor, and how far the terms are from the tensor."""

    entries: Array  # shape ((x + y) R,): U and V, row by row
    W: Array  # shape (z, R)
    defect: float  # squared, relative
    gradient: Array  # of half the squared defect, in the shape of the entries
    inverse: Array  # shape (R, R), of (U^T U) * (V^T V)


@dataclass(frozen=True, slots=True, eq=False)
class PairSystem:
    """The equations ``sum_r U[i, r] V[j, r] W[k, r] = T[i, j, k]`` with W eliminated."""

    tensor: Array  # shape (x, y, z)
    rank: int
    work: Work = field(default_factory=lambda: Work(np.inf))

    @property
    def places(self) -> tuple[Integers, Integers]:
        """Row (those of V follow those of U) and term of each entry."""
        row, term = np.divmod(np.arange(sum(self.tensor.shape[:2]) * self.rank), self.rank)
        return row, term

    @property
    def first_step(self) -> float:
        """Operations that a walk takes at the least."""
        free = (sum(self.tensor.shape[:2]) - 2) * self.rank
        return _EIGENVECTORS * float(free) ** 3

    def split(self, entries: Array) -> tuple[Array, Array]:
        """Return views of U and V, shapes (x, R) and (y, R)."""
        x, y, _ = self.tensor.shape
        both = entries.reshape(x + y, self.rank)
        return both[:x], both[x:]

    def point(self, entries: Array) -> Point | None:
        """Solve for the third factor; None where the products of the first two are dependent."""
        from scipy.linalg import lapack

        U, V = self.split(entries)
        x, y, z = self.tensor.shape
        products = (U[:, None, :] * V[None, :, :]).reshape(x * y, self.rank)
        target = self.tensor.reshape(x * y, z)
        self.work.spend(2.0 * x * y * self.rank * (4 * z + 2 * self.rank) + self.rank**3)
        if x * y < self.rank:
            return None
        # Not by the normal equations, which lose half of the digits.
        basis, triangle = np.linalg.qr(products)
        half, failed = lapack.dtrtri(triangle)
        if failed:
            return None
        inverse = half @ half.T
        W = (half @ (basis.T @ target)).T
        error = products @ W.T - target
        pulled = (error @ W).reshape(x, y, self.rank)
        gradient = np.concatenate([(pulled * V).sum(axis=1), (pulled * U[:, None]).sum(axis=0)])
        defect = float(np.vdot(error, error)) / float(np.vdot(target, target))
        return Point(entries, W, defect, gradient.ravel(), inverse)

    def normal_matrix(self, point: Point, free: Integers) -> Array:
        """Return the Gauss-Newton matrix in the free entries (sorted), W eliminated."""
        # With Gram matrices G of the factors, entries (i, r) of U and (j, s) of V: W[k, t] couples
        # with (i, r) by W[k, r] U[i, t] G_V[r, t]; the Schur complement is what is written here.
        U, V = self.split(point.entries)
        x = len(U)
        rows, terms = (p[free] for p in self.places)
        both = np.concatenate([U, V])
        first = int(np.searchsorted(rows, x))  # so many free entries of U
        grams = U.T @ U, V.T @ V, point.W.T @ point.W
        self.work.spend(
            2.0 * len(free) * self.rank * (len(free) + self.rank) + 6.0 * len(free) ** 2
        )
        others = np.concatenate([grams[1][terms[:first]], grams[0][terms[first:]]])
        coupling = both[rows] * others
        normal: Array = -(coupling @ point.inverse) @ coupling.T
        crossed = both[rows][:, terms]
        corner = crossed[:first, first:] * crossed[first:, :first].T
        normal[:first, first:] += corner
        normal[first:, :first] += corner.T
        normal += np.where(rows[:, None] == rows, others[:, terms], 0.0)
        normal *= grams[2][terms][:, terms]
        return normal

    def settle(self, entries: Array, fixed: Booleans) -> Point | None:
        """Return the solution nearby with the same fixed entries; None if none is found."""
        free = np.flatnonzero(~fixed)
        now = self.point(entries)
        damping = 1e-3
        for number in range(_MOST_STEPS):
            if now is None or not now.defect < 1e3:
                return None
            if now.defect < ON_MANIFOLD:
                return now
            if not len(free):
                return None
            normal = self.normal_matrix(now, free)
            following = None
            for _ in range(4):
                shift = damping * np.sqrt(now.defect) + 1e-11
                following = self._stepped(
                    now, free, normal, shift * np.abs(normal.diagonal()).max()
                )
                if following is not None and following.defect < now.defect:
                    break
                damping *= 30.0
            else:
                return now if now.defect < _ROUNDING else None
            slow = number >= 5 and following.defect > 0.5 * now.defect
            if slow or np.abs(following.entries).max() > _LARGEST_ENTRY:
                return None
            now, damping = following, max(damping / 10.0, 1e-6)
        return None

    def _stepped(self, now: Point, free: Integers, normal: Array, shift: float) -> Point | None:
        step = self.solved(normal, np.full(len(free), shift), now.gradient[free])
        if step is None:
            return None
        trial = now.entries.copy()
        trial[free] -= step
        return self.point(trial)

    def solved(self, normal: Array, shift: Array, right: Array) -> Array | None:
        """Solve ``(normal + diag(shift)) s = right``; None if that is not positive definite."""
        from scipy.linalg import lapack

        matrix = normal.copy()
        matrix[np.diag_indices_from(matrix)] += shift
        self.work.spend(len(right) ** 3 / 3.0)
        _, step, failed = lapack.dposv(matrix.T, right, lower=1, overwrite_a=1)
        return None if failed or not np.isfinite(step).all() else step

    def free_directions(self, point: Point, fixed: Booleans) -> tuple[Integers, Array]:
        """Return the entries that are free, shape (f,), and a basis of their motions, (f, k)."""
        from scipy.linalg import eigh

        free = np.flatnonzero(~fixed)
        if not len(free):
            return free, np.zeros((0, 0))
        values, vectors = eigh(self.normal_matrix(point, free))
        self.work.spend(_EIGENVECTORS * len(free) ** 3)
        return free, vectors[:, values < _NULL * values[-1]]
