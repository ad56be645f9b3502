"""Nets that compute the same as a decomposition by other weights."""

import numpy as np

from ..._typing import Array, RealFactors
from ...rank import Decomposition
from ._standard import StandardBlock, standard_blocks
from ._terms import real_factors
from .sandwich import random_sandwich


def equivalent_factors(
    d: Decomposition, seed: int | np.random.Generator = 0, *, decades: float = 1.0
) -> RealFactors:
    """Return factors of another decomposition of the same tensor: a random point of the orbit.

    Parameters
    ----------
    d : Decomposition
        With real terms, of a group of order n.
    seed : int or numpy.random.Generator
        For everything random.
    decades : float
        Standard deviation of the logarithm (base 10) of the scales of factors.

    Returns
    -------
    tuple of ndarray, each of shape (n, R)
        U, V, W: the terms of d after a random action of each block's symmetry group (Gaussian
        matrices A, B, C over the block's division algebra, with condition numbers of at most
        about 20), with random scales and signs that cancel within each term, in random order.
        Blocks that are no matrix products get scales and order only.

    Raises
    ------
    ComparisonError
        If the terms are complex.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> U, V, W = equivalent_factors(d, seed=1)
    >>> difference = np.einsum("ar,br,cr->abc", U, V, W) - np.einsum("ar,br,cr->abc", *d.factors)
    >>> bool(np.abs(difference).max() < 1e-9), bool(np.abs(U - d.factors[0]).max() > 1e-3)
    (True, True)
    """
    rng = np.random.default_rng(seed)
    U, V, W = (F.copy() for F in real_factors(d))
    for report, block in zip(d.blocks, standard_blocks(d), strict=True):
        if block is not None:
            place = slice(*report.columns)
            moved = _moved((U[:, place], V[:, place], W[:, place]), block, rng)
            U[:, place], V[:, place], W[:, place] = moved
    first, second = (_scales(d.rank, decades, rng) for _ in range(2))
    order = rng.permutation(d.rank)
    result: tuple[Array, Array, Array] = (
        (U * first)[:, order],
        (V * second)[:, order],
        (W / first / second)[:, order],
    )
    return result


def _moved(factors: RealFactors, block: StandardBlock, rng: np.random.Generator) -> RealFactors:
    action = random_sandwich(block.sizes, block.division, rng)
    return block.embedded(action.applied(block.coordinates(factors)))


def _scales(count: int, decades: float, rng: np.random.Generator) -> Array:
    scales: Array = 10.0 ** (decades * rng.standard_normal(count)) * rng.choice([-1.0, 1.0], count)
    return scales
