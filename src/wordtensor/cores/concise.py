"""Concise tensors: a tensor without what its other slices say already."""

import numpy as np

from .._typing import Factors, Inexact, freeze
from ..words.core import RANK_TOLERANCE, Core


def compress(tensor: Inexact, maps: Factors) -> Core:
    """Make a dense tensor concise by an orthonormal basis of each mode that is dependent.

    Parameters
    ----------
    tensor : ndarray of float64, shape (x, y, z)
        Not zero.
    maps : tuple of ndarray of float64, shapes (n, x), (n, y), (n, z)
        What leads from its coordinates to those of the whole tensor.

    Returns
    -------
    Core
        Its shape is the multilinear rank.

    Examples
    --------
    >>> import numpy as np
    >>> compress(np.ones((2, 3, 4)), (np.eye(2), np.eye(3), np.eye(4))).shape
    (1, 1, 1)
    """
    found = list(maps)
    for mode in range(3):
        unfolded = np.moveaxis(tensor, mode, 0).reshape(tensor.shape[mode], -1)
        values, vectors = np.linalg.eigh(unfolded @ unfolded.T)
        basis = vectors[:, values > RANK_TOLERANCE * values[-1]]
        if basis.shape[1] == tensor.shape[mode]:
            continue  # independent as they are
        tensor = np.moveaxis(np.tensordot(basis.T, tensor, axes=(1, mode)), 0, mode)
        found[mode] = found[mode] @ basis
    return Core(freeze(np.array(tensor, order="C")), (found[0], found[1], found[2]))
