"""One irreducible left submodule of R[G] inside an isotypic ideal, by Lanczos from the right."""

import numpy as np

from .._typing import Array, Integers
from ..errors import IrrepError
from ..groups import Group

# Elements in the support of the random symmetric s; doubled at every further attempt.
_SUPPORT = 64
_ATTEMPTS = 5
# Relative to the spread of the eigenvalues: a smaller gap asks for another s.
_GAP = 1e-4
_BREAKDOWN = 1e-9
# Lanczos steps between projections back into the ideal: what leaks out grows at every step.
_PROJECTED_STEPS = 8
_BLOCK = 256
# Relative to the largest singular value: what counts as rank.
_RANK = 1e-6
# Error of the eigenvector; its square is the error of the representation.
_CONVERGED = 1e-8


def _project(G: Group, idempotent: Array, vector: Array) -> Array:
    """Return the product ``f * e`` in R[G], blockwise: ``(f * e)(x) = sum_y f(y) e(y^-1 x)``."""
    result = np.zeros(G.order)
    for start in range(0, G.order, _BLOCK):
        rows = G.cayley[G.inverse[start : start + _BLOCK]]
        result += vector[start : start + _BLOCK] @ idempotent[rows]
    return result


def _lanczos(
    G: Group, start: Array, right: Integers, coefficients: Array, steps: int
) -> tuple[Array, Array, Array] | None:
    """Orthonormal Krylov basis (n, steps) with the tridiagonal matrix, or None if it is smaller."""
    basis = np.empty((G.order, steps))
    alpha, beta = np.zeros(steps), np.zeros(steps)
    vector = start / np.linalg.norm(start)
    for step in range(steps):
        basis[:, step] = vector
        image = vector[right] @ coefficients
        alpha[step] = vector @ image
        if step % _PROJECTED_STEPS == 0 or step + 1 == steps:
            image = _project(G, start, image)
        done = basis[:, : step + 1]
        # Twice is enough for full orthogonality. Source: Giraud, Langou, Rozloznik (2005).
        for _ in range(2):
            image = image - done @ (done.T @ image)
        beta[step] = np.linalg.norm(image)
        if step + 1 < steps:
            if beta[step] < _BREAKDOWN:
                return None
            vector = image / beta[step]
    return basis, alpha, beta


def _random_symmetric(G: Group, rng: np.random.Generator, size: int) -> tuple[Integers, Array]:
    """Draw a symmetric s with small support: gather (n, 2k) and coefficients of ``f -> f * s``."""
    chosen = rng.permutation(G.order)[: min(size, G.order)]
    drawn = rng.standard_normal(len(chosen))
    drawn /= np.linalg.norm(drawn)
    columns = np.concatenate([chosen, G.inverse[chosen]])
    return G.cayley[:, columns].astype(np.int64), np.concatenate([drawn, drawn])


def _isolated(basis: Array, alpha: Array, beta: Array) -> Array | None:
    """Return the Ritz vector with the least error (residual over gap), None if that is large."""
    tridiagonal = np.diag(alpha) + np.diag(beta[:-1], 1) + np.diag(beta[:-1], -1)
    values, vectors = np.linalg.eigh(tridiagonal)
    gaps = np.diff(values)
    isolation = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    isolation = np.maximum(isolation, 1e-300)
    # An exact residual of zero would choose a badly isolated eigenvalue.
    residual = np.maximum(beta[-1] * np.abs(vectors[-1]), 1e-14)
    best = int(np.argmin(residual / isolation))
    if isolation[best] < _GAP * (values[-1] - values[0]):
        return None
    if residual[best] > _CONVERGED * isolation[best]:
        return None
    found: Array = basis @ vectors[:, best]
    return found


def primitive_vector(
    G: Group, idempotent: Array, multiplicity: int, rng: np.random.Generator
) -> Array:
    """Return a unit w, shape (n,), of an isotypic ideal M_m(D) such that R[G] w is irreducible."""
    # A random symmetric s acts on the ideal from the right, symmetrically and commuting with G, as
    # a Hermitian m x m matrix over D with m eigenvalues. Started from e, which has the same
    # component in each eigenspace, the Krylov space e, e*s, e*s^2, ... has dimension m; the
    # eigenvectors of the m x m tridiagonal matrix are multiples of primitive idempotents of M_m(D).
    # For large m rounding adds other vectors of the same eigenspaces. That does no harm: each
    # eigenspace is an irreducible left submodule as a whole, so that only the residual of the
    # chosen eigenvector counts.
    if multiplicity == 1:
        return idempotent / float(np.linalg.norm(idempotent))
    for attempt in range(_ATTEMPTS):
        right, coefficients = _random_symmetric(G, rng, _SUPPORT << attempt)
        found = _lanczos(G, idempotent, right, coefficients, multiplicity)
        vector = None if found is None else _isolated(*found)
        if vector is not None:
            vector = _project(G, idempotent, vector)
            return vector / float(np.linalg.norm(vector))
    raise IrrepError(
        f"No random element splits an isotypic space of multiplicity {multiplicity} of {G!r}; "
        "try another seed"
    )


def submodule_basis(G: Group, vector: Array, dim: int, rng: np.random.Generator) -> Array:
    """Return an orthonormal basis (n, dim) of R[G] w, from some random translates of w."""
    count = 2 * dim + 4
    while True:
        moved = G.inverse[rng.permutation(G.order)[: min(count, G.order)]]
        translates = vector[G.cayley[moved]].T
        left, singular, _ = np.linalg.svd(translates, full_matrices=False)
        rank = int((singular > _RANK * singular[0]).sum())
        if rank == dim:
            return np.ascontiguousarray(left[:, :dim])
        if count >= G.order or rank > dim:
            raise IrrepError(
                f"A left submodule of {G!r} has dimension {rank}, not {dim}; try another seed"
            )
        count *= 2
