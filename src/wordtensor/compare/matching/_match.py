"""A net's neurons beside the terms of a decomposition, up to symmetries."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..._shown import Line, Shown, Table
from ...rank import Decomposition
from .._given import checked_factors
from .._network import network
from ._assignment import assignment
from ._standard import standard_blocks
from ._terms import chosen_terms, real_factors
from .block_match import BlockMatch, match_block
from .equivalence import TOLERANCE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Match(Shown):
    """A net's neurons beside a decomposition, block by block.

    Attributes
    ----------
    blocks : tuple of BlockMatch
        In the order of the decomposition's.
    active : int
        Number of neurons that are not dead.
    dead : int
        Number of neurons with less than a thousandth of the largest one's norm, and of what their
        block should have.
    unassigned : int
        Number of active neurons with no more than half of their energy in any block.
    single_block_share : float
        The share of active neurons with more than 95 % of their energy in one block.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> found = match(d.factors, d)
    >>> found.active, found.matched, found.error < 1e-9
    (9, True, True)
    """

    blocks: tuple[BlockMatch, ...]
    active: int
    dead: int
    unassigned: int
    single_block_share: float

    @property
    def matched(self) -> bool:
        """Whether all blocks are matched and no neuron is left over."""
        return self.unassigned == 0 and all(block.matched for block in self.blocks)

    @property
    def error(self) -> float | None:
        """The largest error of a matched block; None if there is none."""
        return max(
            (b.error for b in self.blocks if b.matched and b.error is not None), default=None
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values."""
        return {
            "matched": self.matched,
            "error": self.error,
            "active": self.active,
            "dead": self.dead,
            "unassigned": self.unassigned,
            "single_block_share": self.single_block_share,
            "blocks": [block.to_dict() for block in self.blocks],
        }

    def __repr__(self) -> str:
        error = "" if self.error is None else f", error={self.error:.1e}"
        return f"Match(matched={self.matched}{error}, active={self.active})"

    def _parts(self) -> list[Line]:
        said = (
            f"{self.active} of {self.active + self.dead} neurons active, "
            f"{100 * self.single_block_share:.0f} % in one block each"
        )
        if self.unassigned:
            said += f", {self.unassigned} in no block"
        count = sum(block.matched for block in self.blocks)
        every = count == len(self.blocks)
        what = "all blocks matched" if every else f"{count} of {len(self.blocks)} blocks matched"
        if self.error is not None:
            what += f", largest error {self.error:.1e}"
        return [said, what, "", self.table()]

    def table(self, about: str = "") -> Table:
        """Return the blocks as a table, in a notebook folded under what it is about."""
        heads = ["block", "neurons", "terms", "of", "scale", "status", "error", "against", "up to"]
        return Table(heads, [block.row() for block in self.blocks], about=about)


def match(net: Any, d: Decomposition, *, tolerance: float = TOLERANCE) -> Match:
    """Match a net's neurons with the terms of a decomposition, up to symmetries.

    Parameters
    ----------
    net : object
        Anything that `network` takes, if it is trilinear.
    d : Decomposition
        With real terms, of the same word and group.
    tolerance : float
        Relative errors of terms up to this count as matched.

    Returns
    -------
    Match
        Prints as a table.

    Raises
    ------
    ComparisonError
        If the net has no factors or is of another group, or the terms are complex.

    Notes
    -----
    Symmetries are the order of terms, scales of their factors, and for a block that is a
    matrix product <n,m,p> over R, C or H, the sandwich action of GL_n x GL_m x GL_p; see
    docs/theory/matching.md.

    References
    ----------
    H. F. de Groote (1978), "On varieties of optimal algorithms for the computation of bilinear
    mappings I, II", Theoret. Comput. Sci. 7, 1-24 and 127-148.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> found = match(wt.compare.equivalent_factors(d, seed=1), d)
    >>> found.matched, found.error < 1e-8, found.single_block_share
    (True, True, 1.0)
    """
    return match_factors(network(net).factors(), d, tolerance=tolerance)


def match_factors(
    factors: tuple[ArrayLike, ArrayLike, ArrayLike],
    d: Decomposition,
    *,
    tolerance: float = TOLERANCE,
) -> Match:
    """Match rank-one terms with those of a decomposition, up to symmetries.

    Parameters
    ----------
    factors : tuple of array_like, each of shape (n, R)
        U, V, W on the group, of order n.
    d : Decomposition
        With real terms.
    tolerance : float
        Relative errors of terms up to this count as matched.

    Returns
    -------
    Match
        See `match`.

    Raises
    ------
    ComparisonError
        If the shapes do not fit, factors are not finite, or the decomposition's are complex.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("[a,b]", "S3")
    >>> U, V, W = d.factors
    >>> print(match_factors((2 * U, V / 2, W), d))
    8 of 8 neurons active, 100 % in one block each
    all blocks matched, largest error ...
    <BLANKLINE>
    block    ...
    """
    arrays = checked_factors(factors, d)
    target = real_factors(d)
    found = assignment(arrays, d)
    standard = standard_blocks(d)
    blocks = []
    for index, block in enumerate(standard):
        neurons = np.flatnonzero(found.block == index)
        mine = chosen_terms(arrays, neurons)
        start, stop = d.blocks[index].columns
        theirs = chosen_terms(target, slice(start, stop))
        blocks.append(match_block(mine, theirs, neurons, d.blocks[index], index, block, tolerance))
    active = int(found.active.sum())
    unassigned = int((found.active & (found.block < 0)).sum())
    dead = len(found.active) - active
    return Match(tuple(blocks), active, dead, unassigned, found.single_block_share)
