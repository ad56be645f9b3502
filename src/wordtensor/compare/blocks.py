"""Where nets live over the blocks of a decomposition: shares of neurons, and frames of spaces."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._typing import Array, RealFactors
from ..rank import Decomposition, block_bases
from ._given import checked_factors


def block_shares(factors: tuple[ArrayLike, ArrayLike, ArrayLike], d: Decomposition) -> Array:
    """Return the share of each neuron's energy within each block of a decomposition.

    Parameters
    ----------
    factors : tuple of array_like, each of shape (n, R)
        U, V, W of a net, as ``network(net).factors()`` gives them.
    d : Decomposition
        Of the same group, with real terms.

    Returns
    -------
    ndarray, shape (R, number of blocks)
        The product over the modes of ``||P u||^2 / ||u||^2`` with P the orthogonal projector on the
        space of the block. Rows need not add up to one: blocks need not be orthogonal. Blocks
        are finer than triplets for words other than the product.

    Raises
    ------
    ComparisonError
        If the shapes do not fit, or factors are not finite.
    DecompositionError
        If the terms are complex.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b*a^-1", "S3")
    >>> shares = block_shares(d.factors, d)
    >>> shares.shape == (d.rank, len(d.blocks)), bool((shares.max(1) > 1 - 1e-9).all())
    (True, True)
    """
    arrays = checked_factors(factors, d)
    result = np.ones((arrays[0].shape[1], len(d.blocks)))
    for block in range(len(d.blocks)):
        for F, B in zip(arrays, block_bases(d, block), strict=True):
            norms = np.square(F).sum(0)
            inside = np.square(B.T @ F).sum(0)
            result[:, block] *= np.divide(inside, norms, out=np.zeros_like(norms), where=norms > 0)
    return result


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """A block's spaces in the three modes."""

    bases: RealFactors  # shapes (n, x), (n, y), (n, z): orthonormal
    # shapes (x, n), (y, n), (z, n): coordinates in them, of functions on the group
    duals: RealFactors


def block_frames(d: Decomposition) -> tuple[Frame, ...]:
    """Return the frames of all blocks; where these are independent, duals to all bases together."""
    bases = [block_bases(d, k) for k in range(len(d.blocks))]
    duals = [_duals([block[mode] for block in bases]) for mode in range(3)]
    return tuple(
        Frame(own, (first, second, third))
        for own, first, second, third in zip(bases, *duals, strict=True)
    )


def _duals(bases: list[Array]) -> list[Array]:
    together = np.hstack(bases)
    if np.linalg.matrix_rank(together) < together.shape[1]:
        return [B.T for B in bases]
    rows = np.asarray(np.linalg.pinv(together), dtype=np.float64)
    return np.split(rows, np.cumsum([B.shape[1] for B in bases])[:-1])
