"""The terms of a net beside those of a decomposition, block by block."""

import numpy as np
from matplotlib.axes import Axes

from ..compare.matching import Match
from ._style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    framed,
    legend,
    marks,
    not_shown,
    rows_from_above,
    rows_size,
    say_nothing_to_show,
    whole_numbers,
)


def block_matches(found: Match, ax: Axes | None = None, *, most: int = 24) -> Axes:
    """Draw how many terms a net spends on each block of a decomposition, and what they are.

    Parameters
    ----------
    found : Match
        Of a net and a decomposition.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    most : int
        Blocks shown: those on which the net spends most terms.

    Returns
    -------
    Axes
        A mark is the number of terms of the decomposition's block. Parallel neurons are one term.
        A bar says by its colour what the net's terms are; see `BlockMatch.against`.

    Examples
    --------
    >>> import wordtensor as wt
    >>> from wordtensor.compare.matching import match
    >>> d = wt.decompose("a*b", "S3")
    >>> [int(bar.get_width()) for bar in block_matches(match(d.factors, d)).patches]
    [7, 1, 1]
    """
    ordered = sorted(found.blocks, key=lambda b: (-len(b.terms), b.index))
    shown = ordered[:most]
    rest = not_shown(len(ordered) - len(shown), "blocks more")
    size, text = rows_size(len(shown)), "the net's terms, block by block"
    ax = framed(ax, size, text, x=f"terms{rest}", grid="x")
    if not shown:
        say_nothing_to_show(ax, "no blocks")
        return ax
    terms = np.array([len(b.terms) for b in shown])
    kinds = (
        ("the decomposition's terms", BLUE, "decomposition"),
        ("the standard algorithm's", GREY, "standard algorithm"),
        ("a product frame", GREEN, "product frame"),
        ("others", ORANGE, ""),
    )
    for name, colour, against in kinds:
        chosen = np.flatnonzero([(b.against if b.matched else "") == against for b in shown])
        if len(chosen):
            ax.barh(chosen, terms[chosen], height=0.7, color=colour, label=name)
    ranks = [b.columns[1] - b.columns[0] for b in shown]
    marks(ax, ranks, "rank in the decomposition")
    ax.set_xlim(0, max(1, *ranks, *terms.tolist()) * 1.08)
    whole_numbers(ax)
    rows_from_above(ax, [f"{b.name} (block {b.index})" for b in shown])
    legend(ax, beside=True)
    return ax
