"""Conjugate gradients for one start, compiled. Import this module only where numba is wanted."""

from typing import Any

import numpy as np

from .._compiled import compiled


@compiled(nogil=True)
def conjugate_gradients(
    factors: Any,
    grams: Any,
    blocks: Any,
    gradient: Any,
    x: int,
    y: int,
    tolerance: float,
    limit: int,
    solution: Any,
) -> int:
    """Write the step into ``solution``; return how many were taken, -1 if there is none."""
    size, rank = factors.shape
    cuts = (0, x, x + y, size)
    for m in range(3):  # the preconditioner takes the place of the diagonal blocks
        if not _invert(blocks[m]):
            return -1
    conjugate = np.conj(factors)
    remainder, solution[:] = -gradient, 0.0
    direction = np.empty_like(factors)
    for m in range(3):
        a, b = cuts[m], cuts[m + 1]
        np.dot(remainder[a:b], blocks[m], direction[a:b])
    # `weighed` is the direction times the diagonal blocks, which a recurrence keeps.
    weighed, preconditioned = remainder.copy(), np.empty_like(factors)
    image, onto = np.empty_like(factors), np.empty_like(grams)
    mixed = np.empty_like(grams[0])
    first = decrease = _inner(remainder, direction)
    count = 0
    if not decrease > 0.0:
        return 0
    while count < limit:
        count += 1
        _multiply(factors, conjugate, grams, direction, cuts, onto, mixed, image)
        image += weighed
        curvature = _inner(direction, image)
        if not curvature > 0.0:
            break  # rounding has eaten it
        length = decrease / curvature
        for i in range(size):
            for j in range(rank):
                solution[i, j] += length * direction[i, j]
                remainder[i, j] -= length * image[i, j]
        for m in range(3):
            a, b = cuts[m], cuts[m + 1]
            np.dot(remainder[a:b], blocks[m], preconditioned[a:b])
        following = _inner(remainder, preconditioned)
        if not following >= tolerance * tolerance * first:
            break
        ratio, decrease = following / decrease, following
        for i in range(size):
            for j in range(rank):
                direction[i, j] = preconditioned[i, j] + ratio * direction[i, j]
                weighed[i, j] = remainder[i, j] + ratio * weighed[i, j]
    return count


@compiled(nogil=True)
def _multiply(
    factors: Any,
    conjugate: Any,
    grams: Any,
    direction: Any,
    cuts: Any,
    onto: Any,
    mixed: Any,
    image: Any,
) -> None:
    """Write the direction times the normal matrix, its diagonal blocks apart, into ``image``."""
    for m in range(3):
        a, b = cuts[m], cuts[m + 1]
        np.dot(direction[a:b].T, conjugate[a:b], onto[m])
    for m in range(3):
        a, b = cuts[m], cuts[m + 1]
        p, q = (1 if m == 0 else 0), (1 if m == 2 else 2)
        for i in range(len(mixed)):
            for j in range(len(mixed)):
                mixed[i, j] = grams[q, i, j] * onto[p, i, j] + grams[p, i, j] * onto[q, i, j]
        np.dot(factors[a:b], mixed, image[a:b])


@compiled(nogil=True)
def _invert(matrix: Any) -> bool:
    """Invert a Hermitian matrix in place, by rows; False if it is not positive definite."""
    size = len(matrix)
    for k in range(size):
        pivot = matrix[k, k].real
        if not pivot > 0.0:
            return False
        matrix[k, k] = 1.0
        for j in range(size):
            matrix[k, j] /= pivot
        for i in range(size):
            if i != k:
                factor = matrix[i, k]
                matrix[i, k] = 0.0
                for j in range(size):
                    matrix[i, j] -= factor * matrix[k, j]
    return True


@compiled(nogil=True)
def _inner(left: Any, right: Any) -> float:
    """Add up the real parts of the products of the entries."""
    total: float = np.vdot(left.reshape(left.size), right.reshape(right.size)).real
    return total
