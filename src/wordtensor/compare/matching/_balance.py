"""The representative of least norm among all schemes that a sandwich action leads to."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..._typing import Array, Division, RealFactors, Sizes
from ...irreps.division import from_blocks, to_blocks
from ...schemes import DIMENSIONS

_SWEEPS: Final = 400
_REACHED: Final = 1e-13
_SINGULAR: Final = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Balanced:
    """Terms of least norm, and what made them so."""

    # shapes (R, n, m), (R, m, p), (R, n, p): A U B^-1, B V C^-1, A^-T W C^T, the three of one term
    # with equal norms
    terms: RealFactors
    A: Array  # shape (n, n): the action
    B: Array  # shape (m, m)
    C: Array  # shape (p, p)
    deviation: float  # how far the last sweep was from changing nothing


def matrices_of(factors: RealFactors, sizes: Sizes, division: Division) -> RealFactors:
    """Return terms (n*m*d, R) ... as matrices (R, n*d, m*d) ..., over C and H as real blocks."""
    n, m, p = sizes
    d = DIMENSIONS[division]
    U, V, W = (
        to_blocks(F.T.reshape(-1, rows, columns, d))
        for F, (rows, columns) in zip(factors, ((n, m), (m, p), (n, p)), strict=True)
    )
    return U, V, W


def coordinates_of(terms: RealFactors, division: Division) -> RealFactors:
    """Return the standard coordinates (n*m*d, R) ... of terms as matrices: undo `matrices_of`."""
    d = DIMENSIONS[division]
    U, V, W = (from_blocks(F, d).reshape(len(F), -1).T for F in terms)
    return U, V, W


def balanced(terms: RealFactors) -> Balanced | None:
    """Minimise the norm of terms (R, n, m) ... by sandwich actions and scales; None: no minimum."""
    # The convex function sum_r ||A U_r B^-1||^2 + ||B V_r C^-1||^2 + ||A^-T W_r C^T||^2
    # of A^T A, B^T B, C^T C and the logarithms of the scales (along geodesics) is minimised by
    # descent in one at a time. For A this is the G = A^T A with G S G = Q, a geometric mean, where
    # S = sum U U^T and Q = sum W W^T. By Kempf and Ness two minima of one orbit differ by
    # orthogonal A, B, C and by signs alone. There is no minimum if the terms do not span all rows
    # and columns.
    # Source: G. Kempf, L. Ness, "The length of vectors in representation spaces", LNM 732 (1979).
    U, V, W = terms
    A, B, C = (np.eye(size) for size in (U.shape[1], V.shape[1], W.shape[2]))
    deviation = np.inf
    for _ in range(_SWEEPS):
        scaled = _equal_norms(U, V, W)
        if scaled is None:
            return None
        U, V, W = scaled
        roots = []
        for mode in range(3):
            root = _step(U, V, W, mode)
            if root is None:
                return None
            a, inverse = root
            if mode == 0:
                U, W, A = a @ U, inverse @ W, a @ A
            elif mode == 1:
                V, U, B = a @ V, U @ inverse, a @ B
            else:
                W, V, C = W @ a, V @ inverse, a @ C
            roots.append(a)
        deviation = max(float(np.linalg.norm(a - np.eye(len(a)))) for a in roots)
        if deviation < _REACHED:
            break
    return Balanced((U, V, W), A, B, C, deviation)


def _equal_norms(U: Array, V: Array, W: Array) -> RealFactors | None:
    """Give the three matrices of each term the same norm."""
    norms = [np.linalg.norm(F, axis=(1, 2)) for F in (U, V, W)]
    mean = np.cbrt(norms[0] * norms[1] * norms[2])
    if not (mean > 0).all() or not np.isfinite(mean).all():
        return None
    first, second, third = (mean / norm for norm in norms)
    return U * first[:, None, None], V * second[:, None, None], W * third[:, None, None]


def _step(U: Array, V: Array, W: Array, mode: int) -> tuple[Array, Array] | None:
    """Return the symmetric change of one of the three bases that is best, and its inverse."""
    if mode == 0:
        S, Q = _rows(U), _rows(W)
    elif mode == 1:
        S, Q = _rows(V), _columns(U)
    else:
        S, Q = _columns(W), _columns(V)
    values, vectors = np.linalg.eigh(S)
    if values[0] <= _SINGULAR * values[-1]:
        return None
    half, back = _power(values, vectors, 0.5), _power(values, vectors, -0.5)
    values, vectors = np.linalg.eigh(half @ Q @ half)
    if values[0] <= _SINGULAR * values[-1]:
        return None
    values, vectors = np.linalg.eigh(back @ _power(values, vectors, 0.5) @ back)
    return _power(values, vectors, 0.5), _power(values, vectors, -0.5)


def _power(values: Array, vectors: Array, exponent: float) -> Array:
    result: Array = (vectors * values**exponent) @ vectors.T
    return result


def _rows(F: Array) -> Array:
    """Return ``sum_r F_r F_r^T``."""
    flat = F.transpose(1, 0, 2).reshape(F.shape[1], -1)
    return flat @ flat.T


def _columns(F: Array) -> Array:
    """Return ``sum_r F_r^T F_r``."""
    flat = F.reshape(-1, F.shape[2])
    return flat.T @ flat
