"""The spaces that the factors of one block of a decomposition span."""

from typing import Final

import numpy as np

from .._typing import Array, Inexact, RealFactors
from ..errors import DecompositionError
from .decomposition import Decomposition

_ZERO: Final = 1e-9


def block_bases(d: Decomposition, block: int) -> RealFactors:
    """Return orthonormal bases of the spaces that a block's factors span.

    Parameters
    ----------
    d : Decomposition
        With real terms, of a group of order n.
    block : int
        Which of ``d.blocks``.

    Returns
    -------
    tuple of ndarray, shapes (n, x), (n, y), (n, z)

    Raises
    ------
    DecompositionError
        If there is no such block, or the terms are complex.

    Examples
    --------
    >>> import wordtensor as wt
    >>> [basis.shape for basis in block_bases(wt.decompose("a*b", "S3"), 2)]
    [(6, 4), (6, 4), (6, 4)]
    """
    if not 0 <= block < len(d.blocks):
        raise DecompositionError(f"There are blocks 0 to {len(d.blocks) - 1}, and no {block}")
    if any(np.iscomplexobj(factor) for factor in d.factors):
        raise DecompositionError(
            "Blocks of complex terms have no real spaces; decompose with field='real'"
        )
    columns = slice(*d.blocks[block].columns)
    X, Y, Z = (column_basis(factor[:, columns]) for factor in d.factors)
    return X, Y, Z


def column_basis(matrix: Inexact) -> Array:
    """Return an orthonormal basis (n, r) of the space that the columns (n, k) of a matrix span."""
    left, sizes, _ = np.linalg.svd(matrix, full_matrices=False)
    basis: Array = np.ascontiguousarray(left[:, sizes > _ZERO * sizes[0]])
    return basis
