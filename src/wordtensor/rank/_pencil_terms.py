"""Terms of two square slices from their pencil: as many as JaJa's theorem says.

With slices M and M X, M invertible, X = P D P^-1 with a diagonal D gives n terms. Else delta of
the invariant polynomials of X do not split into distinct linear factors; X - B F, with B of delta
columns, has roots of one's choice in their place (pole placement, Heymann's lemma), and so
n + delta terms are enough.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, Factors, Field, Inexact
from ..solver import reconstruct

# Combinations of the slices that are tried as the invertible one, and starts for each.
_TURNS: Final = ((1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2))
_STARTS: Final = 4
_SINGULAR: Final = 1e8
_ZERO: Final = 1e-9
# Relative error of the terms, as for those of the solver.
_ACCEPTED: Final = 1e-10


def pencil_terms(tensor: Inexact, rank: int, field: Field) -> Factors | None:
    """Return that many terms of a tensor with two square slices, or None if none are found."""
    if np.iscomplexobj(tensor) or 2 not in tensor.shape:
        return None
    axis = tensor.shape.index(2)
    slices = np.moveaxis(tensor, axis, 0)
    delta = rank - slices.shape[1]
    if slices.shape[1] != slices.shape[2] or not 0 <= delta <= slices.shape[1]:
        return None
    best: Factors | None = None
    least = np.inf
    for coefficients, columns, rows in _candidates(slices.astype(np.float64), delta):
        made = [columns, rows]
        made.insert(axis, coefficients)
        factors: Factors = (made[0], made[1], made[2])
        error = np.abs(reconstruct(factors) - tensor).max()
        sizes = np.prod([np.linalg.norm(factor, axis=0) for factor in factors], axis=0).sum()
        real = field == "complex" or not np.iscomplexobj(columns)
        if real and error <= _ACCEPTED * np.abs(tensor).max() and sizes < least * (1 - _ZERO):
            best, least = factors, sizes
    return best


def _candidates(slices: Array, delta: int) -> Iterator[tuple[Inexact, Inexact, Inexact]]:
    """Yield the coefficients of two slices, and the columns and rows that they belong to."""
    rng = np.random.default_rng(0)
    for c, s in _TURNS:
        turn = np.array([[c, s], [-s, c]], dtype=np.float64)
        first, second = np.tensordot(turn, slices, 1)
        if np.linalg.cond(first) > _SINGULAR:
            continue
        X = np.linalg.solve(first, second)
        for _ in range(_STARTS if delta else 1):
            B, F = _feedback(X, delta, rng)
            values, P = np.linalg.eig(X - B @ F)
            if np.linalg.cond(P) > _SINGULAR:
                continue
            ones, zeros = np.ones(len(X)), np.zeros(delta)
            told = np.array([[*ones, *zeros], [*values, *(zeros + 1)]])
            columns = np.hstack([first @ P, first @ B])
            yield np.linalg.solve(turn, told), columns, np.vstack([np.linalg.inv(P), F]).T


def _feedback(X: Array, delta: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return B and F with delta columns and rows, for which X - B F has distinct real roots."""
    n = len(X)
    if not delta:
        return np.zeros((n, 0)), np.zeros((0, n))
    B = rng.integers(-2, 3, (n, delta)).astype(np.float64)
    F = rng.integers(-1, 2, (delta, n)).astype(np.float64) * (delta > 1)
    g = np.ones(delta)
    X = X - B @ F  # all that B reaches is then reached from one column
    Q, H, length = _krylov(X, B @ g)
    d = len(H)
    if not d:
        return B, F
    rest = np.linalg.svd(Q)[0][:, d:]
    kept = np.linalg.eigvals(rest.T @ X @ rest) if d < n else np.zeros(0)
    polynomial, step = np.eye(d), [np.eye(d, 1) * length]
    for root in _roots(X, d, kept):
        polynomial = polynomial @ (H - root * np.eye(d))
    for _ in range(d - 1):
        step.append(H @ step[-1])
    reached = np.hstack(step)
    if np.linalg.cond(reached) > _SINGULAR:
        return B, F
    row = np.linalg.solve(reached.T, np.eye(d)[-1]) @ polynomial  # Ackermann's formula
    return B, F + np.outer(g, row @ Q.T)


def _roots(X: Array, count: int, kept: NDArray[np.inexact]) -> list[float]:
    """Choose real roots near those of X, apart from each other and from those that stay."""
    step = 2.0 ** np.round(np.log2(np.linalg.norm(X, 2) / len(X) + _ZERO))
    places = step * np.arange(2 * len(X) + 1)
    places = np.round(np.trace(X) / len(X) / step) * step + places - step * len(X)
    apart = [root for root in places if (np.abs(kept - root) > step / 4).all()]
    middle = np.mean(places)
    return sorted(sorted(apart, key=lambda root: abs(root - middle))[:count])


def _krylov(X: Array, start: Array) -> tuple[Array, Array, float]:
    """Return an orthonormal basis of all X^k start, X in it, and the length of the start."""
    length = float(np.linalg.norm(start))
    if not length:
        return np.zeros((len(X), 0)), np.zeros((0, 0)), 0.0
    basis = [start / length]
    while len(basis) < len(X):
        after = X @ basis[-1]
        size = np.linalg.norm(after)
        for _ in range(2):
            after = after - sum(q * (q @ after) for q in basis)
        if np.linalg.norm(after) <= 1e-7 * size:
            break
        basis.append(after / np.linalg.norm(after))
    Q = np.array(basis).T
    return Q, Q.T @ X @ Q, length
