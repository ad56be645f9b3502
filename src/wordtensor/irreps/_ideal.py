"""Irreducible left submodules of R[G] inside isotypic ideals, by Lanczos from the right.

Irreps of one dimension and type are treated at once: the first axis counts them. What is random is
drawn for the group, so that an irrep comes out the same alone and among others.
"""

import numpy as np

from .._typing import Array, Booleans, Integers
from ..errors import IrrepError
from ..groups import Group

# Elements in the support of the random symmetric s; doubled at every further attempt.
_SUPPORT = 16
_ATTEMPTS = 7
# Relative to the spread of the eigenvalues: a smaller gap asks for another s.
_GAP = 1e-4
_BREAKDOWN = 1e-9
# Numbers that are gathered at a time for one vector.
_GATHERED = 2**13
# How far the start's part in an eigenvector may be from what it must be.
_WEIGHT = 1e-8
# Relative to the largest eigenvalue of a Gram matrix: what counts as rank.
_RANK = 1e-13
# Error of the eigenvector; its square is the error of the representation.
_CONVERGED = 1e-8


def _unit(vectors: Array) -> Array:
    unit: Array = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


def _lanczos(
    G: Group, starts: Array, right: Integers, coefficients: Array, steps: int
) -> tuple[Array, Array, Array]:
    """Orthonormal Krylov bases (K, steps, n) with their tridiagonal matrices; beta 0 if smaller."""
    basis = np.empty((len(starts), steps, G.order))
    alpha, beta = np.zeros((2, len(starts), steps))
    vector = _unit(starts)
    rows = max(1, _GATHERED // G.order)
    for step in range(steps):
        basis[:, step] = vector
        image = np.zeros_like(vector)
        for first in range(0, len(right), rows):
            part = slice(first, first + rows)
            image += coefficients[part] @ np.take(vector, right[part], axis=1)
        alpha[:, step] = (vector[:, None] @ image[:, :, None])[:, 0, 0]
        done = basis[:, : step + 1]
        # Twice is enough for full orthogonality. Source: Giraud, Langou, Rozloznik (2005).
        for _ in range(2):
            image -= (image[:, None] @ done.swapaxes(1, 2) @ done)[:, 0]
        beta[:, step] = np.linalg.norm(image, axis=1)
        vector = image / np.maximum(beta[:, step], _BREAKDOWN)[:, None]
    return basis, alpha, beta


def _random_symmetric(G: Group, rng: np.random.Generator, size: int) -> tuple[Integers, Array]:
    """Draw a symmetric s with small support: gathers (2k, n) and coefficients of ``f -> f * s``."""
    chosen = rng.permutation(G.order)[: min(size, G.order)]
    drawn = rng.standard_normal(len(chosen))
    drawn /= np.linalg.norm(drawn)
    columns = np.concatenate([chosen, G.inverse[chosen]])
    right = np.ascontiguousarray(G.cayley[:, columns].T, dtype=np.int64)
    return right, np.concatenate([drawn, drawn])


def _isolated(basis: Array, alpha: Array, beta: Array) -> tuple[Array, Booleans]:
    """Return the Ritz vectors with the least error (residual over gap); whether that is small."""
    count, steps = alpha.shape
    tridiagonal = np.zeros((count, steps, steps))
    places = np.arange(steps)
    tridiagonal[:, places, places] = alpha
    tridiagonal[:, places[1:], places[:-1]] = beta[:, :-1]  # the lower triangle is what is read
    values, vectors = np.linalg.eigh(tridiagonal)
    gaps = np.diff(values, axis=1)
    open_end = np.full((count, 1), np.inf)
    isolation = np.minimum(np.hstack([gaps, open_end]), np.hstack([open_end, gaps]))
    isolation = np.maximum(isolation, 1e-300)
    # An exact residual of zero would choose a badly isolated eigenvalue.
    residual = np.maximum(beta[:, -1:] * np.abs(vectors[:, -1]), 1e-14)
    # The start has the square 1/m in each of the m eigenspaces, and next to nothing outside of the
    # ideal, where eigenvectors of what leaked out appear.
    residual[np.abs(steps * vectors[:, 0] ** 2 - 1.0) > _WEIGHT] = np.inf
    items, best = np.arange(count), np.argmin(residual / isolation, axis=1)
    isolation, residual = isolation[items, best], residual[items, best]
    good = (
        (beta[:, :-1].min(axis=1) >= _BREAKDOWN)
        & (isolation >= _GAP * (values[:, -1] - values[:, 0]))
        & (residual <= _CONVERGED * isolation)
    )
    return (vectors[items, :, best][:, None] @ basis)[:, 0], good


def submodule_bases(G: Group, idempotents: Array, dim: int, multiplicity: int, seed: int) -> Array:
    """Return for ideals M_m(D) with units e, (K, n), bases (K, dim, n) of left ideals."""
    # The bases are orthonormal; the left ideals R[G] w are irreducible.
    # A random symmetric s acts on the ideal from the right, symmetrically and commuting with G, as
    # a Hermitian m x m matrix over D with m eigenvalues. Started from e, which has the same
    # component in each eigenspace, the Krylov space e, e*s, e*s^2, ... has dimension m; the
    # eigenvectors of the m x m tridiagonal matrix are multiples of primitive idempotents of M_m(D).
    # For large m rounding adds other vectors of the same eigenspaces. That does no harm: each
    # eigenspace is an irreducible left submodule as a whole, so that only the residual of the
    # chosen eigenvector counts, and that it lies in the ideal. What is left outside enters the
    # representation squared, and shows in the rank of the submodule if it is above sqrt(_RANK).
    if multiplicity == 1:
        bases, good = _spans(G, _unit(idempotents), dim, seed)
        if good.all():
            return bases
        raise IrrepError(f"An ideal of {G!r} has not dimension {dim}; try another seed")
    bases = np.empty((len(idempotents), dim, G.order))
    left = np.arange(len(idempotents))
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng([seed, 1, attempt])
        right, coefficients = _random_symmetric(G, rng, _SUPPORT << attempt)
        krylov = _lanczos(G, idempotents[left], right, coefficients, multiplicity)
        vectors, good = _isolated(*krylov)
        bases[left[good]], spanned = _spans(G, _unit(vectors[good]), dim, seed)
        good[good] = spanned
        left = left[~good]
        if not len(left):
            return bases
    raise IrrepError(
        f"No random element splits an isotypic space of multiplicity {multiplicity} of {G!r}; "
        "try another seed"
    )


def _spans(G: Group, vectors: Array, dim: int, seed: int) -> tuple[Array, Booleans]:
    """Orthonormal bases (K, dim, n) of R[G] w, from random translates; whether this is the rank."""
    shuffled = np.random.default_rng([seed, 2]).permutation(G.order)
    bases = np.empty((len(vectors), dim, G.order))
    good = np.ones(len(vectors), dtype=bool)
    left = np.arange(len(vectors))
    count = 2 * dim + 4
    while len(left):
        moved = G.cayley[G.inverse[shuffled[:count]]]
        translates = np.take(vectors[left], moved, axis=1)
        values, turns = np.linalg.eigh(translates @ translates.swapaxes(1, 2))
        kept = min(dim, len(moved))
        top = turns[:, :, -kept:] / np.sqrt(np.maximum(values[:, None, -kept:], 1e-300))
        bases[left, :kept] = orthonormal(top.swapaxes(1, 2) @ translates)
        # Translates that are few, or few different ones, may not span it yet.
        ranks = (values > _RANK * values[:, -1:]).sum(axis=1)
        good[left] = ranks == dim
        left = left[ranks < dim] if count < G.order else left[:0]
        count *= 2
    return bases, good


def orthonormal(rows: Array) -> Array:
    """Make rows (..., d, n) that are nearly orthonormal so to rounding: Newton-Schulz, twice."""
    # From an error d each step leaves d^2.
    for _ in range(2):
        rows = 1.5 * rows - 0.5 * (rows @ rows.swapaxes(-1, -2)) @ rows
    return rows
