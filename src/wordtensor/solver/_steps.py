"""One damped Gauss-Newton step: the normal equations, solved exactly or loosely."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from .._typing import Array, RealFactors

# Up to this many unknowns a Cholesky step on the whole system is as quick as conjugate gradients,
DENSE_UNKNOWNS: Final = 400
# and up to this many it is the better choice once conjugate gradients no longer converge.
DENSE_IF_HARD: Final = 1600
# Conjugate gradients that take so many steps do not converge.
INNER_LIMIT: Final = 80


@dataclass(frozen=True, slots=True, eq=False)
class NormalEquations:
    """The damped normal equations of a step from factors, shapes (x, R), (y, R), (z, R)."""

    factors: RealFactors
    grams: RealFactors  # shapes (R, R): F^T F of each mode
    hadamards: RealFactors  # shapes (R, R): products of the two other modes' Gram matrices
    # half that of the squared error with its ridge, in the shapes of the factors
    gradient: RealFactors
    shift: float  # ridge and damping, added to the diagonal

    def solve(self, tolerance: float, limit: int, hard: bool) -> tuple[RealFactors | None, int]:
        """Return the step, None if there is none, and its conjugate gradient steps (0 if exact)."""
        if sum(f.size for f in self.factors) <= (DENSE_IF_HARD if hard else DENSE_UNKNOWNS):
            return _dense_step(self), 0
        return _conjugate_gradients(self, tolerance, limit)


def _dense_step(system: NormalEquations) -> RealFactors | None:
    """Solve the damped normal equations by a Cholesky factorisation; None if it fails."""
    # The longest mode's unknowns are eliminated first: its diagonal block is one small matrix for
    # all rows, so that the Schur complement of the other two modes is no more work than their own.
    from scipy.linalg import lapack

    factors, grams, hadamards = system.factors, system.grams, system.hadamards
    gradient, shift = system.gradient, system.shift
    rank = factors[0].shape[1]
    e = int(np.argmax([len(f) for f in factors]))
    p, q = (m for m in range(3) if m != e)
    identity = shift * np.eye(rank)
    inverse = np.linalg.inv(hadamards[e] + identity)
    F, rest = factors[e], np.concatenate([factors[p], factors[q]])
    # What couples (j, s) of the others with r of the longest mode, F[i, s] apart.
    thirds = np.repeat([grams[q], grams[p]], [len(factors[p]), len(factors[q])], axis=0)
    coupling = (rest[:, None, :] * thirds).reshape(-1, rank)
    size, edge = len(rest), len(factors[p])
    normal = (coupling @ -inverse @ coupling.T).reshape(size, rank, size, rank)
    # Of the symmetric matrix one triangle is read.
    normal[edge:, :, :edge, :] += factors[q][:, None, None, :] * factors[p].T[:, :, None]
    normal *= grams[e][:, None, :]
    diagonal = np.arange(size)
    blocks = [hadamards[p] + identity, hadamards[q] + identity]
    normal[diagonal, :, diagonal, :] += np.repeat(blocks, [edge, size - edge], axis=0)
    known = gradient[e] @ inverse
    onward = F.T @ known
    right = np.concatenate(
        [
            factors[p] @ (grams[q] * onward).T - gradient[p],
            factors[q] @ (grams[p] * onward).T - gradient[q],
        ]
    )
    # In memory the lower triangle of rows is the upper one of LAPACK's columns.
    flat = normal.reshape(size * rank, size * rank).T
    _, solved, info = lapack.dposv(flat, right.ravel(), lower=0, overwrite_a=1, overwrite_b=1)
    if info:
        return None  # rounding has made the matrix indefinite: more damping is needed
    found = solved.reshape(size, rank)
    step = {p: found[:edge], q: found[edge:]}
    pulled = grams[q] * (factors[p].T @ step[p]).T + grams[p] * (factors[q].T @ step[q]).T
    step[e] = -(gradient[e] + F @ pulled) @ inverse
    return step[0], step[1], step[2]


def _conjugate_gradients(
    system: NormalEquations, tolerance: float, limit: int
) -> tuple[RealFactors, int]:
    """Solve loosely, preconditioned by the diagonal blocks; return the step and the steps taken."""
    factors, grams = system.factors, system.grams
    identity = system.shift * np.eye(factors[0].shape[1])
    diagonal = map_modes(lambda h: h + identity, system.hadamards)
    inverse = map_modes(np.linalg.inv, diagonal)
    transposed = map_modes(lambda f: np.ascontiguousarray(f.T), factors)
    solution = map_modes(np.zeros_like, factors)
    remainder = map_modes(np.negative, system.gradient)
    preconditioned = map_modes(np.matmul, remainder, inverse)
    direction = preconditioned
    first = decrease = inner_product(remainder, preconditioned)
    count = 0
    for _ in range(limit):
        count += 1
        x = map_modes(lambda f, d: (f @ d).T, transposed, direction)
        image = (
            direction[0] @ diagonal[0] + factors[0] @ (grams[2] * x[1] + grams[1] * x[2]),
            direction[1] @ diagonal[1] + factors[1] @ (grams[2] * x[0] + grams[0] * x[2]),
            direction[2] @ diagonal[2] + factors[2] @ (grams[1] * x[0] + grams[0] * x[1]),
        )
        length = decrease / inner_product(direction, image)
        solution = map_modes(lambda s, d, t=length: s + t * d, solution, direction)
        remainder = map_modes(lambda r, i, t=length: r - t * i, remainder, image)
        preconditioned = map_modes(np.matmul, remainder, inverse)
        following = inner_product(remainder, preconditioned)
        if following < tolerance * tolerance * first:
            break
        ratio, decrease = following / decrease, following
        direction = map_modes(lambda p, d, t=ratio: p + t * d, preconditioned, direction)
    return solution, count


def inner_product(left: RealFactors, right: RealFactors) -> float:
    """Add up the products of all entries of the three modes."""
    return sum(float(np.vdot(a, b)) for a, b in zip(left, right, strict=True))


def squared_norm(parts: RealFactors) -> float:
    """Add up the squares of all entries of the three modes."""
    return inner_product(parts, parts)


def map_modes(function: Callable[..., Array], *parts: RealFactors) -> RealFactors:
    """Apply a function to the three modes side by side."""
    first, second, third = (function(*mode) for mode in zip(*parts, strict=True))
    return first, second, third
