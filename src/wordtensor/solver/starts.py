"""Starts that are symmetric under a group of the tensor's own symmetries."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .._typing import Array, Factors, Field, Inexact, Sizes
from ..errors import DecompositionError
from ._arguments import check_count, generator
from ._folding import Symmetry, stacked_matrix
from .cp import random_factors


def symmetric_factors(
    shape: Sizes,
    rank: int,
    symmetries: Sequence[Symmetry],
    rng: np.random.Generator,
    field: Field = "real",
) -> Factors:
    """Draw random terms in whole orbits of a finite group.

    Parameters
    ----------
    shape : tuple of int
        (x, y, z).
    rank : int
        Number of terms.
    symmetries : sequence of tuple
        All elements of the group, the identity among them: orthogonal or unitary matrices of
        shapes (x, x), (y, y) and (z, z), which take a term (u, v, w) to (Xu, Yv, Zw). A fourth
        entry, a permutation p of (0, 1, 2), exchanges modes first: mode m gets what mode p[m] had.
    rng : Generator
        For the terms, and for how many orbits there are of which length.
    field : {"real", "complex"}
        Where the terms live.

    Returns
    -------
    tuple of ndarray
        Shapes (x, rank), (y, rank), (z, rank), with about unit norms.

    Raises
    ------
    DecompositionError
        If the matrices do not fit, or are not orthogonal.

    Notes
    -----
    On the stacked vector (u; v; w) a symmetry is one matrix. Free orbits are those of random
    vectors; shorter ones come of vectors averaged over a cyclic subgroup or the whole group, for
    cyclic ones also up to signs whose product is one. Damped Gauss-Newton steps commute with
    orthogonal symmetries, so what begins symmetric stays so. Where no orbits add up to the rank,
    the last terms are plain random ones.

    Examples
    --------
    >>> swap = np.eye(2)[::-1]
    >>> group = [(np.eye(2),) * 3, (swap,) * 3]
    >>> U, V, W = symmetric_factors((2, 2, 2), 4, group, np.random.default_rng(0))
    >>> total = np.einsum("ir,jr,kr", U, V, W)
    >>> np.allclose(total[::-1, ::-1, ::-1], total)
    True
    """
    if len(shape) != 3:
        raise DecompositionError(f"Argument 'shape' must be three lengths, not {shape!r}")
    for size in shape:
        check_count(size, "shape", 1)
    check_count(rank, "rank", 1)
    rng = generator(rng)
    matrices = [stacked_matrix(shape, symmetry) for symmetry in symmetries]
    if not matrices:
        raise DecompositionError("Argument 'symmetries' must have the identity at least")
    kinds = _kinds(matrices, shape)
    lengths = np.array([length for length, _ in kinds])
    stacked = np.zeros((sum(shape), 0))
    while stacked.shape[1] < rank:
        left = rank - stacked.shape[1]
        vector = np.concatenate(random_factors(shape, 1, rng, field))
        fitting = np.flatnonzero(lengths <= left)
        if len(fitting):
            # Long orbits hold more of the terms: they are drawn as often as their lengths say.
            chosen = rng.choice(fitting, p=lengths[fitting] / lengths[fitting].sum())
            vector = _orbit(_normalised(kinds[chosen][1] @ vector, shape), matrices, shape)
        stacked = np.hstack([stacked, vector])
    x, y, _ = shape
    return stacked[:x], stacked[x : x + y], stacked[x + y :]


def _kinds(matrices: Sequence[Inexact], shape: Sizes) -> list[tuple[int, Inexact]]:
    """List the kinds of orbits: the length, and a projector onto vectors that have such orbits."""
    count, size = len(matrices), sum(shape)
    kinds = [(1, np.mean(matrices, axis=0))]
    for matrix in matrices:
        powers: list[Inexact] = [np.eye(size, dtype=matrix.dtype)]
        while len(powers) <= count and not np.allclose(matrix @ powers[-1], powers[0], atol=1e-8):
            powers.append(matrix @ powers[-1])
        for signs in _sign_choices(matrix, len(powers), shape):
            terms = [signs[:, None] ** k * power for k, power in enumerate(powers)]
            kinds.append((count // len(powers), np.mean(terms, axis=0)))
    ends = np.cumsum((0, *shape))
    return [
        (length, projector)
        for length, projector in kinds
        if all(np.abs(projector[a:b]).max() > 1e-6 for a, b in pairwise(ends))
    ]


def _sign_choices(matrix: Inexact, order: int, shape: Sizes) -> list[Array]:
    """List the signs, one for each mode and with product one, by which a term may be fixed."""
    exchanged = any(np.abs(block).max() > 1e-6 for block in _off_diagonal(matrix, shape))
    signs = [(1, 1, 1)]
    if order % 2 == 0 and not exchanged:
        signs += [(1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
    return [np.repeat(np.array(choice, dtype=float), shape) for choice in signs]


def _off_diagonal(matrix: Inexact, shape: Sizes) -> list[Inexact]:
    x, y, _ = shape
    return [matrix[:x, x:], matrix[x : x + y, x + y :]]


def _normalised(vector: Inexact, shape: Sizes) -> Inexact:
    """Give the three parts of a stacked vector unit norms."""
    parts = np.split(vector, np.cumsum(shape)[:2])
    return np.concatenate([part / np.linalg.norm(part) for part in parts])


def _orbit(vector: Inexact, matrices: Sequence[Inexact], shape: Sizes) -> Inexact:
    """Return the different terms among the images of one, shape (N, length)."""
    cuts = np.cumsum(shape)[:2]
    found: list[Inexact] = []
    for matrix in matrices:
        image = matrix @ vector
        parts = np.split(image, cuts)
        overlaps = [
            np.prod([np.vdot(a, b) for a, b in zip(np.split(other, cuts), parts, strict=True)])
            for other in found
        ]
        if not any(abs(overlap - 1.0) < 1e-8 for overlap in overlaps):
            found.append(image)
    return np.hstack(found)
