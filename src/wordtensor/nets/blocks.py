"""One summand of a decomposition as a task of its own, in orthonormal coordinates."""

import numpy as np
from numpy.typing import NDArray

from ..errors import NetworkError
from ..rank import Decomposition
from .tasks import TensorTask

__all__ = ["block_bases", "block_task"]

Array = NDArray[np.float64]
_ZERO = 1e-9


def block_bases(d: Decomposition, block: int) -> tuple[Array, Array, Array]:
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
    NetworkError
        If there is no such block, or the terms are complex.
    """
    if not 0 <= block < len(d.blocks):
        raise NetworkError(f"there are blocks 0 to {len(d.blocks) - 1}, and no {block}")
    if any(np.iscomplexobj(factor) for factor in d.factors):
        raise NetworkError("blocks of complex terms are no tasks; decompose with field='real'")
    start, stop = d.blocks[block].columns
    bases = []
    for factor in d.factors:
        left, sizes, _ = np.linalg.svd(factor[:, start:stop], full_matrices=False)
        bases.append(np.ascontiguousarray(left[:, sizes > _ZERO * sizes[0]]))
    return bases[0], bases[1], bases[2]


def block_task(d: Decomposition, block: int) -> TensorTask:
    """Return the task of learning one block, with weights inside the block's spaces.

    Parameters
    ----------
    d : Decomposition
        With real terms.
    block : int
        Which of ``d.blocks``.

    Returns
    -------
    TensorTask
        Its target has the block's dimensions.

    Notes
    -----
    Gradient descent does not see a change of orthonormal basis, so that training in these
    coordinates is training in the group's with a start inside the block, which Proposition 5.5 of
    Shutman et al. keeps there where the blocks are orthogonal.

    Examples
    --------
    >>> import wordtensor as wt
    >>> block_task(wt.decompose("a*b", "S3"), 2)
    TensorTask('<2,2,2> of a*b over S3', shape=(4, 4, 4))
    """
    bases = block_bases(d, block)
    start, stop = d.blocks[block].columns
    inside = [B.T @ F[:, start:stop] for B, F in zip(bases, d.factors, strict=True)]
    target = np.einsum("ir,jr,kr->ijk", *inside)
    return TensorTask(target, f"{d.blocks[block].name} of {d.word} over {d.group.name}")
