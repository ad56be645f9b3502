"""The terms of a net beside those of a decomposition, block by block."""

import numpy as np
from matplotlib.axes import Axes

from ..compare.matching import BlockMatch, Match
from ._given import check_part
from ._style import (
    INK,
    NET,
    OUTSIDE,
    TERMS,
    drawable,
    framed,
    legend,
    marks,
    not_shown,
    rows_from_above,
    rows_size,
    say_nothing_to_show,
    whole_numbers,
)


def block_matches(found: Match, ax: Axes | None = None, *, most: int = 24, of: str = "") -> Axes:
    """Which algorithm the net's neurons carry out in each block of the decomposition.

    Parameters
    ----------
    found : Match
        Of a net and a decomposition.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    most : int
        Blocks shown: those on which the net spends most terms, in the decomposition's order.
    of : str
        Of which net it is, for the title.

    Returns
    -------
    Axes
        Blue: the net's terms are known ones, which are named at the bar; see `BlockMatch.against`.
        Grey: they are equal to none. A mark is the number of terms of the decomposition's block.
        Parallel neurons are one term.

    Examples
    --------
    >>> import wordtensor as wt
    >>> from wordtensor.compare.matching import match
    >>> d = wt.decompose("a*b", "S3")
    >>> [int(bar.get_width()) for bar in block_matches(match(d.factors, d)).patches]
    [1, 1, 7]
    """
    check_part(found, Match, "c.match")
    largest = sorted(found.blocks, key=lambda b: (-len(b.terms), b.index))[:most]
    shown = sorted(largest, key=lambda b: b.index)
    rest = not_shown(len(found.blocks) - len(shown), "blocks more")
    text, unit = "terms of the net in each block", f"terms{rest}"
    ax = framed(ax, rows_size(len(shown)), text, of, x=unit, grid="x")
    if not shown:
        say_nothing_to_show(ax, "no blocks")
        return ax
    terms = np.array([len(b.terms) for b in shown])
    for name, colour, matched in (("known terms", NET, True), ("others", OUTSIDE, False)):
        chosen = np.flatnonzero([b.matched == matched for b in shown])
        if len(chosen):
            ax.barh(chosen, terms[chosen], height=0.6, color=colour, label=name)
    ranks = [b.columns[1] - b.columns[0] for b in shown]
    marks(ax, ranks, "decomposition", TERMS, 14)
    most_terms = max(1, *ranks, *terms.tolist())
    for place, (block, rank, count) in enumerate(zip(shown, ranks, terms, strict=True)):
        end = max(rank, int(count)) + 0.02 * most_terms
        said = drawable(f" {count}, {_known_as(block)}")
        ax.text(end, place, said, va="center", fontsize=8.5, color=INK)
    # Room for the words at the bars.
    ax.set_xlim(0, most_terms * 1.7)
    whole_numbers(ax)
    rows_from_above(ax, [f"{b.name} (block {b.index})" for b in shown])
    legend(ax)
    return ax


def _known_as(block: BlockMatch) -> str:
    """Say what the net's terms in a block are."""
    if not block.matched:
        return block.status if block.terms else "none"
    return "the decomposition's" if block.against == "decomposition" else block.against
