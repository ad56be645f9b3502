"""Matrices over R, C and the quaternions H as real block matrices, and back.

Left multiplication by a complex number ``p + q i`` on the coordinates (1, i), and by a quaternion
``p + q i + r j + s k`` on the coordinates (1, i, j, k)::

    C: [p -q]        H: [p -q -r -s]
       [q  p]           [q  p -s  r]
                        [r  s  p -q]
                        [s -r  q  p]
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from .._typing import Array
from ..errors import IrrepError

# _UNITS[endo][u] is left multiplication by the unit u on R, C or H.
_UNITS: Mapping[int, tuple[tuple[tuple[int, ...], ...], ...]] = MappingProxyType(
    {
        1: (((1,),),),
        2: (((1, 0), (0, 1)), ((0, -1), (1, 0))),
        4: (
            ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)),
            ((0, -1, 0, 0), (1, 0, 0, 0), (0, 0, 0, -1), (0, 0, 1, 0)),
            ((0, 0, -1, 0), (0, 0, 0, 1), (1, 0, 0, 0), (0, -1, 0, 0)),
            ((0, 0, 0, -1), (0, 0, -1, 0), (0, 1, 0, 0), (1, 0, 0, 0)),
        ),
    }
)


def division_units(endo_dim: int) -> Array:
    """Return left multiplication by the units of R, C or H, shape (endo_dim,) * 3."""
    if endo_dim not in _UNITS:
        raise IrrepError(f"A division algebra over R has dimension 1, 2 or 4; given {endo_dim}")
    return np.array(_UNITS[endo_dim], dtype=np.float64)


def to_blocks(coordinates: Array) -> Array:
    """Expand matrices over R, C or H into real matrices.

    Parameters
    ----------
    coordinates : ndarray, shape (..., m, m, endo)
        The coordinates of each entry in (1), (1, i) or (1, i, j, k).

    Returns
    -------
    ndarray, shape (..., m * endo, m * endo)

    Raises
    ------
    IrrepError
        If the last axis is not 1, 2 or 4 long.

    Examples
    --------
    >>> to_blocks(np.array([[[3.0, 4.0]]])).tolist()
    [[3.0, -4.0], [4.0, 3.0]]
    """
    coordinates = np.asarray(coordinates, dtype=np.float64)
    *batch, rows, columns, endo = coordinates.shape
    units = division_units(endo)
    blocks = np.empty((*batch, rows, endo, columns, endo))
    for unit, row, column in np.argwhere(units):
        sign = units[unit, row, column]
        np.multiply(coordinates[..., unit], sign, out=blocks[..., :, row, :, column])
    return blocks.reshape(*batch, rows * endo, columns * endo)


def from_blocks(matrices: Array, endo_dim: int) -> Array:
    """Read the entries over R, C or H of real block matrices: the inverse of `to_blocks`.

    Parameters
    ----------
    matrices : ndarray, shape (..., m * endo, m * endo)
    endo_dim : int
        1, 2 or 4.

    Returns
    -------
    ndarray, shape (..., m, m, endo)
        For matrices without the block structure, the nearest ones that have it.

    Raises
    ------
    IrrepError
        If the sizes do not fit.

    Examples
    --------
    >>> from_blocks(np.array([[3.0, -4.0], [4.0, 3.0]]), 2).tolist()
    [[[3.0, 4.0]]]
    """
    units = division_units(endo_dim)
    matrices = np.asarray(matrices, dtype=np.float64)
    *batch, rows, columns = matrices.shape
    if rows % endo_dim or columns % endo_dim:
        raise IrrepError(
            f"Matrices of shape ({rows}, {columns}) have no blocks of {endo_dim}; both sides must "
            f"be multiples of {endo_dim}"
        )
    split = matrices.reshape(*batch, rows // endo_dim, endo_dim, columns // endo_dim, endo_dim)
    coordinates = np.zeros((*batch, rows // endo_dim, columns // endo_dim, endo_dim))
    for unit, row, column in np.argwhere(units):
        # The units are orthogonal, each of squared norm endo.
        share = units[unit, row, column] / endo_dim
        coordinates[..., unit] += share * split[..., :, row, :, column]
    return coordinates
