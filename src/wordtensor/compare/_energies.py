"""Energy of neurons and of logits over irreps, pairs and triplets of irreps."""

from typing import Final

import numpy as np

from .._typing import Array
from ..rank._support import IsotypicSpaces
from ._network import Network, row_blocks

__all__ = ["cube_energies", "fourier_cube", "mode_energies", "pair_energies", "shares"]

# Bytes that the activations of the neurons of one batch may take.
_BATCH: Final = 256 * 2**20


def shares(energies: Array) -> Array:
    """Divide by the sum over the last axis; zero where that is zero."""
    totals = energies.sum(-1, keepdims=True)
    result: Array = np.divide(energies, totals, out=np.zeros_like(energies), where=totals > 0)
    return result


def mode_energies(functions: Array, spaces: IsotypicSpaces) -> Array:
    """Return the energy of functions over irreps."""
    squares: Array = np.square(functions @ spaces.basis)
    return np.add.reduceat(squares, spaces.edges[:-1], axis=-1)


def pair_energies(net: Network, spaces: IsotypicSpaces) -> Array:
    """Return the energy of each neuron over pairs of irreps of (a, b), shape (R, K, K)."""
    n, basis = net.order, spaces.basis
    step = max(1, _BATCH // (8 * n * n))
    parts = []
    for start in range(0, net.width, step):
        some = net.chosen(slice(start, min(start + step, net.width)))
        half = np.empty((some.width, n, n))  # (r, a, k)
        for rows in row_blocks(some):
            half[:, rows] = some.hidden(rows).transpose(2, 0, 1) @ basis
        squares = np.square(basis.T @ half)
        for axis in (1, 2):
            squares = np.add.reduceat(squares, spaces.edges[:-1], axis=axis)
        parts.append(squares)
    return np.concatenate(parts)


def fourier_cube(cube: Array, spaces: IsotypicSpaces) -> Array:
    """Write a three-way array on a group of order n in isotypic coordinates, in all modes."""
    basis, n = spaces.basis, len(cube)
    result = cube.reshape(n * n, n) @ basis
    result = basis.T @ result.reshape(n, n, n)
    coordinates: Array = (basis.T @ result.reshape(n, n * n)).reshape(n, n, n)
    return coordinates


def cube_energies(coordinates: Array, spaces: IsotypicSpaces) -> Array:
    """Sum squares over triplets of irreps: from shape (n, n, n) to (K, K, K)."""
    squares = np.square(coordinates)
    for axis in range(3):
        squares = np.add.reduceat(squares, spaces.edges[:-1], axis=axis)
    return squares
