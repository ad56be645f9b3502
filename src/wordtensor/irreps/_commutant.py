"""The commutant of an irrep, and the bases in which its matrices are matrices over C or H."""

import numpy as np

from .._typing import Array
from ..errors import IrrepError

_BLOCK = 512
_TOLERANCE = 1e-8
_ATTEMPTS = 8


def _average(matrices: Array, matrix: Array) -> Array:
    """Return (1/n) sum_g rho(g) X rho(g)^T, which commutes with rho."""
    total = np.zeros_like(matrix)
    for start in range(0, len(matrices), _BLOCK):
        block = matrices[start : start + _BLOCK]
        total += np.einsum("gij,gkj->ik", block @ matrix, block, optimize=True)
    return total / len(matrices)


def _complex_structure(matrices: Array, rng: np.random.Generator, others: list[Array]) -> Array:
    """Return a skew J in the commutant with J^2 = -1, orthogonal to the given ones."""
    dim = matrices.shape[1]
    for _ in range(_ATTEMPTS):
        drawn = rng.standard_normal((dim, dim))
        found = _average(matrices, drawn - drawn.T)
        found = 0.5 * (found - found.T)
        for other in others:
            found = found - other * (np.vdot(other, found) / dim)
        norm = float(np.linalg.norm(found))
        if norm > 1e-3:
            found *= np.sqrt(dim) / norm
            if np.abs(found @ found + np.eye(dim)).max() < _TOLERANCE:
                return found
    raise IrrepError(
        f"No complex structure commutes with an irrep of dimension {dim}; try another seed"
    )


def _spanned(structures: list[Array]) -> Array:
    """Orthogonal matrix with the columns v, J v, ..., next v orthogonal to those, and so on."""
    dim = len(structures[0])
    basis = np.empty((dim, 0))
    while basis.shape[1] < dim:
        # The coordinate vector that is farthest from the span so far.
        start = int(np.argmin((basis**2).sum(axis=1)))
        vector = np.eye(dim)[start]
        for _ in range(2):
            vector = vector - basis @ (basis.T @ vector)
        vector /= np.linalg.norm(vector)
        basis = np.column_stack([basis, *(structure @ vector for structure in structures)])
    left, _, right = np.linalg.svd(basis)
    orthogonal: Array = left @ right
    return orthogonal


def adapted_basis(matrices: Array, endo_dim: int, rng: np.random.Generator) -> Array:
    """Return an orthogonal Q, shape (dim, dim): every ``Q^T rho(g) Q`` has blocks over C or H."""
    # Type C: the skew part of the commutant is spanned by one J with J^2 = -1, multiplication by i;
    # in the basis v, Jv, ... what commutes with J is complex linear. The sign of J is chosen so
    # that the first character value that is not real has a positive imaginary part.
    # Type H: the commutant is H acting from the right. With I and J for x -> xi and x -> xj the map
    # x -> xk is JI, since xk = (xi)j; in the basis v, Iv, Jv, JIv, ... what commutes with them is
    # linear over H from the right, so its blocks are left multiplications.
    dim = matrices.shape[1]
    identity = np.eye(dim)
    first = _complex_structure(matrices, rng, [])
    if endo_dim == 2:
        imaginary = np.einsum("gij,ij->g", matrices, first) / 2
        large = np.flatnonzero(np.abs(imaginary) > 1e-3)
        if len(large) and imaginary[large[0]] < 0:
            first = -first
        return _spanned([identity, first])
    second = _complex_structure(matrices, rng, [first])
    if np.abs(first @ second + second @ first).max() > _TOLERANCE:
        raise IrrepError(
            f"The commutant of an irrep of dimension {dim} is not the quaternions; try another seed"
        )
    return _spanned([identity, first, second, second @ first])
