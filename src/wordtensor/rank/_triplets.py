"""Which triplets of real irreps a block touches."""

from typing import Final

import numpy as np

from .._typing import Inexact, Triplet
from ..irreps import IsotypicSpaces
from .block import Block
from .routes import Analysis

_ZERO: Final = 1e-9


def block_triplets(block: Block, analysis: Analysis) -> tuple[Triplet, ...] | None:
    """Return the triplets where a block's part of T is not zero, sorted; None above order 300."""
    spaces = analysis.spaces
    if spaces is None:
        return None
    grams = [_space_grams(array, spaces) for array in block.maps]
    tensor = block.own_tensor()
    sizes = [[float(np.trace(gram)) for gram in mode] for mode in grams]
    present = [{k for k, s in enumerate(mode) if s > _ZERO**2 * sum(mode)} for mode in sizes]
    found = {}
    for phi in present[0]:
        first = np.tensordot(grams[0][phi], tensor, axes=(1, 0))
        for psi in present[1]:
            second = np.tensordot(first, grams[1][psi], axes=(1, 1)).swapaxes(1, 2)
            for zeta in present[2]:
                third = np.tensordot(second, grams[2][zeta], axes=(2, 1))
                found[(phi, psi, zeta)] = float(np.vdot(tensor, third))
    limit = _ZERO * max(found.values(), default=0.0)
    return tuple(sorted(triplet for triplet, energy in found.items() if energy > limit))


def _space_grams(array: Inexact, spaces: IsotypicSpaces) -> list[Inexact]:
    """Inner products of a map's columns within each isotypic space: one (x, x) matrix each."""
    coordinates = spaces.basis.T @ array
    pieces = np.split(coordinates, spaces.edges[1:-1], axis=0)
    return [piece.T @ piece for piece in pieces]
