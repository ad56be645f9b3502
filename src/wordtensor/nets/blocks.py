"""One summand of a decomposition as a task of its own, in orthonormal coordinates."""

import numpy as np

from ..rank import Decomposition, block_bases
from .tasks import TensorTask


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
    A change of orthonormal basis does not change gradient descent. So training in these coordinates
    is the same as training in the group's coordinates from random values inside the block. Where
    the blocks are orthogonal, the network stays inside the block by Proposition 5.5 of Shutman et
    al.

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
