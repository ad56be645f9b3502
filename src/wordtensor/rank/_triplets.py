"""Which triplets of real irreps a block touches."""

from itertools import pairwise
from typing import Final

import numpy as np

from .._typing import Array, Inexact, Integers, Triplet
from ..irreps import IsotypicSpaces
from .block import Block
from .routes import Analysis

_ZERO: Final = 1e-9


def block_triplets(block: Block, analysis: Analysis) -> tuple[Triplet, ...] | None:
    """Return the triplets where a block's part of T is not zero, sorted; None above order 300."""
    spaces = analysis.spaces
    if spaces is None:
        return None
    (phis, left), (psis, middle), (zetas, right) = (
        _space_factors(array, spaces) for array in block.maps
    )
    tensor = block.own_tensor()
    second, third = np.concatenate(middle), np.concatenate(right)
    energies = np.empty((len(phis), len(psis), len(zetas)))
    for place, factor in enumerate(left):
        # One change of basis for all of the other modes' spaces; then sums of squares.
        part = np.tensordot(factor, tensor, axes=(1, 0))
        part = np.matmul(np.matmul(second, part), third.T)
        squares = (np.abs(part) ** 2).sum(axis=0)
        squares = np.add.reduceat(squares, _starts(middle), axis=0)
        energies[place] = np.add.reduceat(squares, _starts(right), axis=1)
    found = np.argwhere(energies > _ZERO * energies.max(initial=0.0))
    return tuple((int(phis[i]), int(psis[j]), int(zetas[k])) for i, j, k in found)


def _space_factors(array: Inexact, spaces: IsotypicSpaces) -> tuple[Integers, list[Inexact]]:
    """Spaces that a map's columns touch, each with a factor (r, x) of their inner products."""
    coordinates = spaces.basis.T @ array
    sizes: Array = spaces.summed(np.abs(coordinates) ** 2, 0).sum(axis=1)
    present = np.flatnonzero(sizes > _ZERO**2 * sizes.sum())
    edges = list(pairwise(spaces.edges))
    factors: list[Inexact] = []
    for k in present:
        piece = coordinates[slice(*edges[k])]
        # Where a space has more dimensions than there are columns, a triangle does.
        factors.append(np.linalg.qr(piece)[1] if len(piece) > array.shape[1] else piece)
    return present, factors


def _starts(factors: list[Inexact]) -> Integers:
    """Row at which each factor starts, where all stand below each other."""
    starts: Integers = np.cumsum([0, *(len(factor) for factor in factors[:-1])])
    return starts
