"""Terms of one block in its own coordinates, and where they come from."""

from dataclasses import dataclass

from .._typing import Factors
from ..bounds import Bound
from .block import Block
from .block_report import BlockStatus


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Factors of one block in its own coordinates."""

    factors: Factors  # shapes (x, R), (y, R), (z, R), complex only where that was asked for
    strategy: str  # what produced them
    # a scheme carried by the block's maps; terms that add up to its tensor exactly, with entries
    # in Q(sqrt radicand); or terms that do so to rounding
    status: BlockStatus
    note: str = ""  # the scheme's construction, or how the terms were found
    interrupted: bool = False  # whether Ctrl-C ended the search
    radicand: int = 0  # as in `BlockReport`
    failed: tuple[int, int] = (
        0,
        0,
    )  # fewer terms that were tried in vain, and from how many starts

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.factors[0].shape[1])


# A block, the lower bound on its rank, and its terms.
SolvedBlock = tuple[Block, Bound, Solution]
