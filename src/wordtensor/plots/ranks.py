"""Widths beside ranks: of nets, of pruned nets, and of the blocks of a decomposition."""

from collections import Counter

import numpy as np
from matplotlib.axes import Axes

from ..compare import Comparison, Pruning
from ..rank import Decomposition, TensorDecomposition
from ._given import check_part
from ._style import (
    BOUND,
    INK,
    NET,
    OUTSIDE,
    SHADES,
    TERMS,
    framed,
    legend,
    marks,
    not_shown,
    rows_from_above,
    rows_size,
    whole_numbers,
)


def pruning_curve(
    p: Pruning,
    d: Decomposition | TensorDecomposition | None = None,
    ax: Axes | None = None,
    *,
    of: str = "",
) -> Axes:
    """How much the logits change when a net loses its neurons one by one.

    Parameters
    ----------
    p : Pruning
        Of a net.
    d : Decomposition or TensorDecomposition, optional
        Whose rank and lower bound are drawn beside it.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    of : str
        Of which net it is, for the title.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> p = wt.compare.prune(wt.compare.network(d.factors), wt.word_tensor("a*b", "S3"))
    >>> pruning_curve(p, d).get_yscale()
    'log'
    """
    check_part(p, Pruning, "c.pruning")
    text, unit = "pruning", "relative squared change of the logits"
    ax = framed(ax, (5.6, 3.9), text, of, x="neurons left", y=unit, grid="y")
    left = np.arange(len(p.order), -1, -1)
    floor = min(1e-12, p.tolerance / 100)
    # No change at all has no place on a logarithmic axis: it is drawn at the bottom.
    ax.plot(left, np.clip(p.errors, floor, None), color=NET, linewidth=1.6, label="net")
    ax.set_yscale("log")
    ax.set_ylim(floor / 2, 3.0)
    ax.axhline(p.tolerance, color=OUTSIDE, linestyle=":", linewidth=1, label="tolerance")
    lines = [
        (p.effective_width, NET, "--", "same function"),
        (p.accurate_width, NET, ":", "same accuracy"),
    ]
    if d is not None:
        lines += [
            (d.rank, TERMS, "-", "decomposition"),
            (d.lower_bound, BOUND, "-.", "lower bound"),
        ]
    for x, colour, style, name in lines:
        ax.axvline(x, color=colour, linestyle=style, linewidth=1.2, label=name)
    ax.set_xlim(0, max(len(p.order), *(x for x, *_ in lines)) * 1.03)
    whole_numbers(ax)
    legend(ax)
    return ax


def network_widths(c: Comparison, ax: Axes | None = None, *, of: str = "") -> Axes:
    """How many neurons a net has and needs, beside the rank of the word tensor.

    Parameters
    ----------
    c : Comparison
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    of : str
        Of which net it is, for the title; by default the word and the group.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import wordtensor as wt
    >>> from wordtensor.compare import compare
    >>> d = wt.decompose("a*b", "S3")
    >>> c = compare(d.factors, "a*b", "S3", decomposition=d)
    >>> [int(bar.get_width()) for bar in network_widths(c).patches]
    [9, 9, 9, 7, 9, 9]
    """
    check_part(c, Comparison, "c itself")
    d, s, p = c.decomposition, c.spectrum, c.pruning
    rows = []
    if s is not None and p is not None:
        rows = [
            ("width", c.network.width, SHADES[-1]),
            ("active", s.width, NET),
            ("same function", p.effective_width, NET),
            ("same accuracy", p.accurate_width, NET),
        ]
    rows += [
        ("decomposition's rank", d.rank, TERMS),
        ("lower bound", d.lower_bound, BOUND),
    ]
    about = of or f"{c.word} over {c.group.name}"
    size = rows_size(len(rows))
    ax = framed(ax, size, "neurons and terms", about, x="neurons, or terms", grid="x")
    _bars(ax, [value for _, value, _ in rows], [colour for *_, colour in rows])
    rows_from_above(ax, [name for name, *_ in rows])
    return ax


def block_ranks(d: Decomposition, ax: Axes | None = None, *, most: int = 24, of: str = "") -> Axes:
    """How many terms the decomposition takes for each block of the word tensor.

    Parameters
    ----------
    d : Decomposition
        Of a word tensor.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    most : int
        Kinds of blocks shown, those with most terms.
    of : str
        Of which net it is, for the title; by default the word and the group.

    Returns
    -------
    Axes
        A mark on each bar is the block's own lower bound.

    Examples
    --------
    >>> import wordtensor as wt
    >>> [label.get_text() for label in block_ranks(wt.decompose("a*b", "S3")).get_yticklabels()]
    ['<2,2,2>', '2 × <1,1,1>']
    """
    check_part(d, Decomposition, "c.decomposition")
    kinds = Counter((b.name, b.rank, b.lower_bound) for b in d.blocks)
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[0][1] * kind[1], kind[0]))
    shown = ordered[:most]
    rest = not_shown(len(ordered) - len(shown), "kinds more")
    size, about = rows_size(len(shown)), of or f"{d.word} over {d.group.name}"
    unit = f"terms of one block{rest}"
    ax = framed(ax, size, "blocks of the decomposition", about, x=unit, grid="x")
    _bars(ax, [rank for (_, rank, _), _ in shown], [TERMS] * len(shown))
    marks(ax, [bound for (_, _, bound), _ in shown], "lower bound of the block", BOUND, 14)
    labels = [f"{count} × {name}" if count > 1 else name for (name, _, _), count in shown]
    rows_from_above(ax, labels)
    legend(ax)
    return ax


def _bars(ax: Axes, values: list[int], colours: list[str]) -> None:
    """Draw horizontal bars, each with its number at the end."""
    bars = ax.barh(range(len(values)), values, height=0.7, color=colours)
    ax.bar_label(bars, fmt="%d", padding=7, fontsize=8, color=INK)
    ax.set_xlim(0, max(1, *values) * 1.1)
    whole_numbers(ax)
