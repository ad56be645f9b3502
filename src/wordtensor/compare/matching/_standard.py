"""Standard coordinates of the blocks of a decomposition that are matrix products."""

from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Division, RealFactors
from ...errors import WordTensorError
from ...rank import Decomposition
from ...rank.block import Block
from ...rank.routes import METHODS, analyse, routes
from ...schemes import DIMENSIONS, product_tensor
from ...words import word_tensor
from ._terms import chosen_terms, real_factors

__all__ = ["StandardBlock", "standard_blocks"]

_CLOSE = 1e-8
_PROBES = 8


@dataclass(frozen=True, slots=True, eq=False)
class StandardBlock:
    """A block <n,m,p> over D = R, C or H, of real dimension d, in standard coordinates."""

    sizes: tuple[int, int, int]  # (n, m, p)
    division: Division  # D
    # shapes (order, n*m*d), (order, m*p*d), (order, n*p*d); Row-major coordinates of X, Y and the
    # dual of Z = X Y, the component of D last;
    maps: RealFactors
    # shapes (n*m*d, order), (m*p*d, order), (n*p*d, order); Their pseudo-inverses
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
    """Find the coordinates in which the blocks of a decomposition are matrix products."""
    # A decomposition keeps its terms and not the maps; they are computed again by its route and
    # seed, and used only if the terms lie in their spaces and add up to the product.
    nothing = (None,) * len(d.blocks)
    if not any(report.kind == "matrix product" for report in d.blocks):
        return nothing
    blocks = _blocks_again(d)
    if len(blocks) != len(d.blocks):
        return nothing
    factors = real_factors(d)
    found = []
    for report, block in zip(d.blocks, blocks, strict=True):
        terms = chosen_terms(factors, slice(*report.columns))
        made = None if block.name != report.name else _standard_block(block)
        found.append(made if made is not None and _is_block(made, terms) else None)
    return tuple(found)


def _blocks_again(d: Decomposition) -> tuple[Block, ...]:
    """Cut the word tensor as the decomposition's route did; nothing if that is not known."""
    methods = [name for name in METHODS if d.route.startswith(name)]
    if d.route.startswith("function of"):
        methods = ["substitution"]
    try:
        analysis = analyse(word_tensor(d.word, d.group), d.seed)
        same = [r for name in methods for r in routes(analysis, name) if r.name == d.route]
    except WordTensorError:
        return ()
    return same[0].blocks if same else ()


def _standard_block(block: Block) -> StandardBlock | None:
    if block.sizes is None:
        return None
    A, B, C = (np.asarray(F, dtype=np.float64) for F in block.maps)
    inverses = [np.asarray(np.linalg.pinv(F), dtype=np.float64) for F in (A, B, C)]
    for array in inverses:
        array.setflags(write=False)
    P, Q, S = inverses
    return StandardBlock(block.sizes, block.division, (A, B, C), (P, Q, S))


def _is_block(block: StandardBlock, factors: RealFactors) -> bool:
    """Check that terms lie in the block's spaces and add up to the product, at random places."""
    inside = block.coordinates(factors)
    for F, back in zip(factors, block.embedded(inside), strict=True):
        if np.linalg.norm(F - back) > _CLOSE * np.linalg.norm(F):
            return False
    coords, values = product_tensor(*block.sizes, block.division)
    rng = np.random.default_rng(0)
    probes = [rng.standard_normal((_PROBES, len(F))) for F in inside]
    wanted = np.ones((_PROBES, len(values)))
    reached = np.ones((_PROBES, inside[0].shape[1]))
    for probe, F, index in zip(probes, inside, coords, strict=True):
        wanted = wanted * probe[:, index]
        reached = reached * (probe @ F)
    error: Array = wanted @ values - reached.sum(1)
    size = np.abs(wanted).sum(1) + np.abs(reached).sum(1)
    return bool((np.abs(error) <= _CLOSE * size).all())
