"""The symmetry group of a matrix product: sandwich actions on terms."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ..._typing import Array, Division, RealFactors, Sizes, Value, freeze_fields
from ...irreps.division import from_blocks, to_blocks
from ...schemes import DIMENSIONS
from ._balance import coordinates_of, matrices_of

_ORTHOGONAL: Final = 1e-6
_ILL: Final = 1e8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sandwich(Value):
    """A symmetry of the terms of <n,m,p> over D = R, C or H.

    Attributes
    ----------
    division : {"R", "C", "H"}
        D, of real dimension d.
    A, B, C : ndarray of float64, shapes (n*d, n*d), (m*d, m*d), (p*d, p*d)
        Invertible matrices over D, those over C and H as real block matrices (as in
        `wordtensor.irreps.division`). Read-only.
    conjugated : bool
        Over C: whether all terms are conjugated first.

    Notes
    -----
    A form ``u(X) = Re tr(U^H X)`` has the matrix U; so have v and w. The action

        U -> A U B^-1,   V -> B V C^-1,   W -> A^-H W C^H

    is that of ``X -> A^H X B^-H, Y -> B^H Y C^-H, Z -> A^-1 Z C``, which leaves
    ``Re tr(X Y Z^H)`` as it is. With conjugation over C, these are all symmetries that keep the
    three modes apart.

    References
    ----------
    H. F. de Groote (1978), "On varieties of optimal algorithms for the computation of bilinear
    mappings I", Theoret. Comput. Sci. 7, 1-24.

    Examples
    --------
    >>> double = Sandwich("R", 2 * np.eye(1), np.eye(1), np.eye(1))
    >>> one = np.ones((1, 1))
    >>> [F.item() for F in double.applied((one, one, one))]
    [2.0, 1.0, 0.5]
    """

    division: Division
    A: Array
    B: Array
    C: Array
    conjugated: bool = False
    deviation: float = field(init=False)

    def __post_init__(self) -> None:
        freeze_fields(self, "A", "B", "C")
        worst = max(_deviation(array) for array in (self.A, self.B, self.C))
        object.__setattr__(self, "deviation", worst)

    @property
    def sizes(self) -> Sizes:
        """The (n, m, p) of the product."""
        d = DIMENSIONS[self.division]
        return len(self.A) // d, len(self.B) // d, len(self.C) // d

    @property
    def orthogonal(self) -> bool:
        """Whether A, B, C are orthogonal (unitary over C and H) up to scale, within 1e-6."""
        return self.deviation <= _ORTHOGONAL

    @property
    def entries(self) -> tuple[Array, Array, Array]:
        """A, B, C by coordinates in (1), (1, i) or (1, i, j, k): shapes (n, n, d) and so on."""
        d = DIMENSIONS[self.division]
        return from_blocks(self.A, d), from_blocks(self.B, d), from_blocks(self.C, d)

    def applied(self, factors: RealFactors) -> RealFactors:
        """Act on terms.

        Parameters
        ----------
        factors : tuple of ndarray, shapes (n*m*d, R), (m*p*d, R), (n*p*d, R)
            In standard coordinates.

        Returns
        -------
        tuple of ndarray, of the same shapes
        """
        if self.conjugated:
            factors = conjugated(factors)
        U, V, W = matrices_of(factors, self.sizes, self.division)
        A, B, C = self.A, self.B, self.C
        right, last = np.linalg.inv(B), np.linalg.inv(C)
        moved = (A @ U @ right, B @ V @ last, np.linalg.inv(A).T @ W @ C.T)
        return coordinates_of(moved, self.division)

    def to_dict(self) -> dict[str, Any]:
        """Return the transformation as JSON-able values."""
        return {
            "division": self.division,
            "A": self.A.tolist(),
            "B": self.B.tolist(),
            "C": self.C.tolist(),
            "conjugated": self.conjugated,
            "orthogonal": self.orthogonal,
            "deviation": self.deviation,
        }

    def __repr__(self) -> str:
        n, m, p = self.sizes
        kind = "orthogonal" if self.orthogonal else f"deviation {self.deviation:.1e}"
        return f"Sandwich(<{n},{m},{p}> over {self.division}, {kind})"


def _deviation(A: Array) -> float:
    """Return how far a matrix is from a multiple of an orthogonal one: 0 if it is one, below 1."""
    sizes = np.linalg.svd(A, compute_uv=False)
    return float(1.0 - sizes[-1] / sizes[0]) if sizes[0] > 0 else 1.0


def conjugated(factors: RealFactors) -> RealFactors:
    """Conjugate terms over C, given by coordinates (1, i) last."""
    U, V, W = (F * np.tile([1.0, -1.0], len(F) // 2)[:, None] for F in factors)
    return U, V, W


def identity_sandwich(sizes: Sizes, division: Division) -> Sandwich:
    """Return the action that does nothing."""
    d = DIMENSIONS[division]
    n, m, p = sizes
    return Sandwich(division, np.eye(n * d), np.eye(m * d), np.eye(p * d))


def random_sandwich(
    sizes: Sizes, division: Division, rng: np.random.Generator, condition: float = 20.0
) -> Sandwich:
    """Return an action by Gaussian matrices whose condition is below a bound, or a little above."""
    d = DIMENSIONS[division]
    matrices = []
    for size in sizes:
        bound = condition
        while True:
            drawn = to_blocks(rng.standard_normal((size, size, d)))
            if np.linalg.cond(drawn) <= bound:
                break
            bound *= 1.1
        matrices.append(drawn)
    A, B, C = matrices
    return Sandwich(division, A, B, C)


def intertwiner(
    left: RealFactors,
    right: RealFactors,
    signs: Array,
    division: Division,
    tolerance: float,
    draws: int = 4,
) -> list[tuple[Array, Array, Array]]:
    """Return orthogonal A, B, C that may carry balanced terms over, up to signs (3, R)."""
    # A U_r = alpha_r U'_r B, B V_r = beta_r V'_r C and C W_r^H = gamma_r W'_r^H A are linear in A,
    # B and C. The orthogonal polar factors of a solution are one too where both sides are balanced.
    normal, spaces = _normal_equations(left, right, signs, division)
    values, vectors = np.linalg.eigh(normal)
    small = max(1, int((values <= (10.0 * tolerance) ** 2 * values[-1]).sum()))
    rng = np.random.default_rng(0)
    found = []
    for draw in range(draws if small > 1 else 1):
        weights = (
            np.eye(small)[0] if draw == draws - 1 or small == 1 else rng.standard_normal(small)
        )
        solution = vectors[:, :small] @ weights
        matrices, start = [], 0
        for space in spaces:
            size = int(np.sqrt(len(space)))
            matrices.append((space @ solution[start : start + space.shape[1]]).reshape(size, size))
            start += space.shape[1]
        A, B, C = (polar(matrix) for matrix in matrices)
        if A is not None and B is not None and C is not None:
            found.append((A, B, C))
    return found


def polar(matrix: Array) -> Array | None:
    """Return the orthogonal matrix nearest to a matrix; None if that is nearly singular."""
    left, sizes, right = np.linalg.svd(matrix)
    return left @ right if sizes[0] < _ILL * sizes[-1] else None


def _normal_equations(
    left: RealFactors, right: RealFactors, signs: Array, division: Division
) -> tuple[Array, list[Array]]:
    """Return the normal matrix in coordinates over the division algebra, and their bases."""
    (U, V, W), (U_, V_, W_) = left, right
    Wt, Wt_ = W.transpose(0, 2, 1), W_.transpose(0, 2, 1)
    sizes = (U.shape[1], V.shape[1], W.shape[2])
    edges = np.cumsum([0, *(size * size for size in sizes)])
    full = np.zeros((edges[-1], edges[-1]))
    equations = ((0, 1, U, U_, signs[0]), (1, 2, V, V_, signs[1]), (2, 0, Wt, Wt_, signs[2]))
    for first, second, F, H, sign in equations:
        rows = slice(edges[first], edges[first + 1])
        columns = slice(edges[second], edges[second + 1])
        full[rows, rows] += np.kron(np.eye(sizes[first]), np.einsum("rjk,rlk->jl", F, F))
        full[columns, columns] += np.kron(np.einsum("rij,ril->jl", H, H), np.eye(sizes[second]))
        # <A F, H B> = sum A[i,j] F[j,k] H[i,l] B[l,k]
        cross = np.tensordot(F * sign[:, None, None], H, axes=(0, 0)).transpose(2, 0, 3, 1)
        block = cross.reshape(sizes[first] ** 2, sizes[second] ** 2)
        full[rows, columns] -= block
        full[columns, rows] -= block.T
    spaces = [_space(size, division) for size in sizes]
    starts = np.cumsum([0, *(space.shape[1] for space in spaces)])
    basis = np.zeros((edges[-1], starts[-1]))
    for k, space in enumerate(spaces):
        basis[edges[k] : edges[k + 1], starts[k] : starts[k + 1]] = space
    return basis.T @ full @ basis, spaces


def _space(size: int, division: Division) -> Array:
    """Return a basis of the real block matrices of one size, flattened: shape (size^2, dim)."""
    d = DIMENSIONS[division]
    units = np.eye(size * size // d).reshape(-1, size // d, size // d, d)
    basis: Array = to_blocks(units).reshape(len(units), -1).T / np.sqrt(d)
    return basis
