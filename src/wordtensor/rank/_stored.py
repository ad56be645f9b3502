"""What the store of solved cores says about the blocks of a word tensor, checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from .._typing import Factors, Field
from ..cores import CanonicalCore, SolvedCore, Store
from ..solver import reconstruct
from .block import Block

# Largest error of stored terms, relative to the largest entry of the block.
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class StoredTerms:
    """Terms of one block that a store had, in the block's coordinates."""

    factors: Factors
    radicand: int  # 0 for numerical terms; else their entries are in Q(sqrt radicand)
    origin: str  # how they were found

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.factors[0].shape[1])


def known_core(canonical: CanonicalCore | None, field: Field, store: Store) -> SolvedCore | None:
    """Return what a store knows about a core, by real terms if there are no complex ones."""
    if canonical is None:
        return None
    found = store.find(canonical, field)
    if found is None and field == "complex":
        return store.find(canonical, "real")
    return found


def stored_terms(block: Block, entry: SolvedCore | None) -> StoredTerms | None:
    """Return the stored terms that add up to a block, the fewest if there are several, or None."""
    if entry is None or block.frame is None or block.sizes is not None:
        return None
    tensor = block.own_tensor()
    allowed = _TOLERANCE * float(np.abs(tensor).max())
    best: Factors | None = None
    for terms in _groups(entry):
        factors = block.frame.taken(terms)
        if factors is None or (best is not None and factors[0].shape[1] >= best[0].shape[1]):
            continue
        if float(np.abs(reconstruct(factors) - tensor).max()) <= allowed:
            best = factors
    return None if best is None else StoredTerms(best, entry.radicand, entry.origin)


def _groups(entry: SolvedCore) -> Iterator[Factors]:
    """Yield the terms of each summand of a solved core."""
    U, V, W = entry.factors
    stop = 0
    for count in entry.summands:
        start, stop = stop, stop + count
        yield U[:, start:stop], V[:, start:stop], W[:, start:stop]
