"""Orthogonal actions for noisy terms: pair the nearest, turn to fit, and begin again at random."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..._typing import Array, Division, Integers, RealFactors
from ...irreps.division import to_blocks
from ...schemes import DIMENSIONS
from ._signs import relative_signs
from .sandwich import intertwiner, polar

Turn = tuple[Array, Array, Array]

_ROUNDS: Final = 25


def alternated(
    left: RealFactors,
    right: RealFactors,
    division: Division,
    guess: Integers,
    starts: int,
    seed: int = 0,
) -> Iterator[tuple[Integers, Turn]]:
    """Yield orders (R,) and actions A, B, C that are best for each other, from several starts."""
    # Terms are paired by their cosines as rank-one tensors, at least total cost; the signs of
    # factors follow, and the action by linear least squares. This needs no invariants to be equal,
    # but finds a local optimum only.
    rng = np.random.default_rng(seed)
    d = DIMENSIONS[division]
    sizes = (left[0].shape[1], left[1].shape[1], left[2].shape[2])
    U, V, W = (F[guess] for F in left)
    signs = relative_signs((U, V, W), right)
    for turn in intertwiner((U, V, W), right, signs, division, 0.0):
        yield _settled(left, right, division, turn)
    for _ in range(starts):
        A, B, C = (
            polar(to_blocks(rng.standard_normal((size // d, size // d, d)))) for size in sizes
        )
        if A is not None and B is not None and C is not None:
            yield _settled(left, right, division, (A, B, C))


def _settled(
    left: RealFactors, right: RealFactors, division: Division, turn: Turn
) -> tuple[Integers, Turn]:
    """Alternate until the order stays."""
    order: Integers = np.zeros(0, dtype=np.int64)
    for _ in range(_ROUNDS):
        cosines = _cosines(left, right, turn)
        _, found = linear_sum_assignment(-cosines.prod(axis=0))
        if np.array_equal(found, order):
            break
        order = np.asarray(found, dtype=np.int64)
        signs = _signs(cosines[:, np.arange(len(order)), order])
        U, V, W = (F[order] for F in left)
        fitted = intertwiner((U, V, W), right, signs, division, 0.0)
        if not fitted:
            break
        turn = fitted[0]
    return order, turn


def _cosines(left: RealFactors, right: RealFactors, turn: Turn) -> Array:
    """Return the cosines of right factors (rows) with turned left ones, shape (3, R, R)."""
    A, B, C = turn
    U, V, W = left
    turned = (A @ U @ B.T, B @ V @ C.T, A @ W @ C.T)
    cosines = []
    for F, H in zip(right, turned, strict=True):
        first, second = F.reshape(len(F), -1), H.reshape(len(H), -1)
        norms = np.outer(np.linalg.norm(first, axis=1), np.linalg.norm(second, axis=1))
        cosines.append(first @ second.T / norms)
    return np.stack(cosines)


def _signs(cosines: Array) -> Array:
    """Return the signs of the cosines (3, R), the weakest changed where they multiply to -1."""
    signs = np.where(cosines < 0, -1.0, 1.0)
    wrong = np.flatnonzero(signs.prod(axis=0) < 0)
    signs[np.abs(cosines[:, wrong]).argmin(axis=0), wrong] *= -1.0
    return signs
