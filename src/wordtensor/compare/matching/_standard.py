"""Standard coordinates of the blocks of a decomposition that are matrix products."""

from dataclasses import dataclass

import numpy as np

from ..._typing import Division, RealFactors, freeze
from ...rank import BlockReport, Decomposition
from ...schemes import DIMENSIONS
from ._terms import chosen_terms, real_factors

_CLOSE = 1e-8
_PROBES = 8


@dataclass(frozen=True, slots=True, eq=False)
class StandardBlock:
    """A block <n,m,p> over D = R, C or H, of real dimension d, in standard coordinates."""

    sizes: tuple[int, int, int]
    division: Division
    # shapes (order, n*m*d), (order, m*p*d), (order, n*p*d): row-major coordinates of X, Y and the
    # dual of Z = X Y, the component of D last
    maps: RealFactors
    # their pseudo-inverses, shapes (n*m*d, order), (m*p*d, order), (n*p*d, order)
    inverses: RealFactors

    def coordinates(self, factors: RealFactors) -> RealFactors:
        """Return the coordinates of the parts of factors (order, R) inside the block."""
        P, Q, S = self.inverses
        U, V, W = factors
        return P @ U, Q @ V, S @ W

    def embedded(self, factors: RealFactors) -> RealFactors:
        """Return factors on the group of factors in standard coordinates."""
        P, Q, S = self.maps
        U, V, W = factors
        return P @ U, Q @ V, S @ W

    @property
    def standard_rank(self) -> int:
        """Number of terms of the standard algorithm."""
        n, m, p = self.sizes
        return n * m * p * DIMENSIONS[self.division] ** 2


def standard_blocks(d: Decomposition) -> tuple[StandardBlock | None, ...]:
    """Return the standard coordinates of each block of real terms; None for other blocks."""
    factors = real_factors(d)
    return tuple(_standard_block(b, chosen_terms(factors, slice(*b.columns))) for b in d.blocks)


def _standard_block(report: BlockReport, terms: RealFactors) -> StandardBlock | None:
    """Make a block of stored maps, if the terms have coordinates there and are the product."""
    if report.sizes is None or report.maps is None:
        return None
    A, B, C = (np.asarray(F, dtype=np.float64) for F in report.maps)
    P, Q, S = (freeze(np.asarray(np.linalg.pinv(F), dtype=np.float64)) for F in (A, B, C))
    block = StandardBlock(report.sizes, report.division, (A, B, C), (P, Q, S))
    inside = block.coordinates(terms)
    for F, back in zip(terms, block.embedded(inside), strict=True):
        if np.linalg.norm(F - back) > _CLOSE * np.linalg.norm(F):
            return None
    # Where maps are not injective, what adds up on the group need not do so in coordinates.
    rng = np.random.default_rng(0)
    x, y, z = (rng.standard_normal((_PROBES, len(F))) for F in inside)
    reached = (x @ inside[0]) * (y @ inside[1]) * (z @ inside[2])
    errors = np.abs(report.form(x, y, z) - reached.sum(1))
    return block if (errors <= _CLOSE * np.abs(reached).sum(1)).all() else None
