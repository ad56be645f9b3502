"""Which neurons belong to which block of a decomposition."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..._typing import Array, RealFactors
from ...rank import Decomposition
from ..blocks import block_shares
from ._terms import chosen_terms, real_factors, term_inner_products, term_norms

_DEAD = 1e-3
_OWN = 0.5
_PURE = 0.95
_TIED = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Where the R neurons of a net belong."""

    # shape (R,): whether ||u|| ||v|| ||w|| is a thousandth of the largest, or of what its block
    # should have
    active: NDArray[np.bool_]
    block: NDArray[np.int64]  # shape (R,): the block with most of its energy, or -1
    # share of active neurons with more than 95 % of their energy in one block
    single_block_share: float


def assignment(factors: RealFactors, d: Decomposition) -> Assignment:
    """Assign neurons, factors (n, R), to the blocks of a decomposition with real terms."""
    # Blocks of other routes than direct sums may share their spaces. Of blocks that hold a neuron
    # equally well, the one with the term most like it gets it. What a block should have is its own
    # norm times the multiple of T nearest to the net: where the terms of a large block are large
    # and cancel, the one neuron of a small block is not dead.
    shares = block_shares(factors, d)
    largest = shares.max(axis=1, initial=0.0)
    tied = shares >= largest[:, None] - _TIED
    chosen = shares.argmax(axis=1)
    unclear = tied.sum(axis=1) > 1
    if unclear.any():
        likeness = np.where(tied, _likeness(factors, d), -1.0)
        chosen = np.where(unclear, likeness.argmax(axis=1), chosen)
    active = _active(factors, d, chosen)
    own = active & (largest > _OWN)
    pure = float((largest[active] > _PURE).mean()) if active.any() else 0.0
    return Assignment(active, np.where(own, chosen, -1).astype(np.int64), pure)


def _active(factors: RealFactors, d: Decomposition, chosen: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say which neurons are large enough to count, in the blocks chosen for them."""
    terms = real_factors(d)
    scale = float(term_inner_products(factors, terms).sum()) / d.group.order**2  # T has n^2 ones
    blocks = [chosen_terms(terms, slice(*b.columns)) for b in d.blocks]
    squares = [term_inner_products(block, block).sum() for block in blocks]
    norms = term_norms(factors)
    due = np.full(len(norms), norms.max(initial=0.0))
    if scale > 0:
        due = np.minimum(due, scale * np.sqrt(np.array(squares)[chosen]))
    active: NDArray[np.bool_] = (norms >= _DEAD * due) & (norms > 0)
    return active


def _likeness(factors: RealFactors, d: Decomposition) -> Array:
    """Return the largest cosine of each neuron with a term of each block, shape (R, blocks)."""
    terms = real_factors(d)
    norms = np.outer(term_norms(factors), term_norms(terms))
    products = np.abs(term_inner_products(factors, terms))
    cosines = np.divide(products, norms, out=np.zeros_like(norms), where=norms > 0)
    return np.stack([cosines[:, slice(*b.columns)].max(axis=1) for b in d.blocks], axis=1)
