"""Metrics of a net irrep by irrep, as bars."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from .._typing import Array
from ..compare import GCRMetrics
from ._given import check_part
from ._style import NET, OUTSIDE, SHADES, category_ticks, framed, legend

_FEW: Final = 12


def _axes_of_irreps(ax: Axes | None, m: GCRMetrics, count: int, text: str, y: str, of: str) -> Axes:
    size = min(13.0, 2.4 + 0.2 * max(count, 16)), 3.4
    return framed(ax, size, text, of or f"{m.word} over {m.group}", y=y, grid="y")


def logit_similarities(m: GCRMetrics, ax: Axes | None = None, *, of: str = "") -> Axes:
    """How much the logits are like the character of each irrep.

    Parameters
    ----------
    m : GCRMetrics
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    of : str
        Of which net it is, for the title; by default the word and the group.

    Returns
    -------
    Axes
        Key irreps are blue, others grey.

    Examples
    --------
    >>> import wordtensor as wt
    >>> m = wt.compare.gcr_metrics(wt.decompose("a*b", "S3").factors, "S3")
    >>> [label.get_text() for label in logit_similarities(m).get_xticklabels()]
    ['1Rb', '2R']
    """
    check_part(m, GCRMetrics, "c.gcr")
    indices = sorted(m.logit_similarity)
    labels = [m.irreps[k] for k in indices]
    unit = "cosine with the character"
    ax = _axes_of_irreps(ax, m, len(labels), "similarity of the logits", unit, of)
    values = np.array([m.logit_similarity[k] for k in indices])
    key = np.array([k in m.key_irreps for k in indices], dtype=bool)
    place = np.arange(len(indices))
    for chosen, colour, name in ((key, NET, "key irreps"), (~key, OUTSIDE, "others")):
        if chosen.any():
            ax.bar(place[chosen], values[chosen], width=0.7, color=colour, label=name)
    ax.axhline(0.0, color=OUTSIDE, linewidth=0.8)
    category_ticks(ax.xaxis, labels, vertical=len(labels) > _FEW)
    ax.set_xlim(-0.7, max(len(labels), 1) - 0.3)
    if values.size and values.min() > -0.02 and values.max() > 0:
        ax.set_ylim(bottom=0.0)
    legend(ax)
    return ax


def weights_explained(m: GCRMetrics, ax: Axes | None = None, *, of: str = "") -> Axes:
    """Which irreps the weights of the net are made of.

    Parameters
    ----------
    m : GCRMetrics
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    of : str
        Of which net it is, for the title; by default the word and the group.

    Returns
    -------
    Axes
        Three bars for each irrep: embeddings of a and b, and readout.

    Examples
    --------
    >>> import wordtensor as wt
    >>> m = wt.compare.gcr_metrics(wt.decompose("a*b", "S3").factors, "S3")
    >>> len(weights_explained(m).patches)
    9
    """
    check_part(m, GCRMetrics, "c.gcr")
    series = (("embedding of a", m.x_embed), ("embedding of b", m.y_embed), ("readout", m.unembed))
    return _explained(m, series, "weights explained", ax, of)


def neurons_explained(m: GCRMetrics, ax: Axes | None = None, *, of: str = "") -> Axes:
    """Which irreps the activations of the neurons are made of.

    Parameters
    ----------
    m : GCRMetrics
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    of : str
        Of which net it is, for the title; by default the word and the group.

    Returns
    -------
    Axes
        Three bars for each irrep: as a function of a, of b, of the word's value.

    Examples
    --------
    >>> import wordtensor as wt
    >>> m = wt.compare.gcr_metrics(wt.decompose("a*b", "S3").factors, "S3")
    >>> len(neurons_explained(m).patches)
    9
    """
    check_part(m, GCRMetrics, "c.gcr")
    series = (("by ρ(a)", m.hidden_x), ("by ρ(b)", m.hidden_y), ("by ρ(w(a,b))", m.hidden_xy))
    return _explained(m, series, "neurons explained", ax, of)


def _explained(
    m: GCRMetrics, series: Sequence[tuple[str, Array]], text: str, ax: Axes | None, of: str
) -> Axes:
    count = len(m.irreps)
    ax = _axes_of_irreps(ax, m, count, text, "share of the variance", of)
    place = np.arange(count)
    present = [
        (name, values, colour)
        for (name, values), colour in zip(series, SHADES, strict=False)
        if not np.isnan(values).all()
    ]
    width = 0.8 / max(len(present), 1)
    for number, (name, values, colour) in enumerate(present):
        left = place + (number - (len(present) - 1) / 2) * width
        ax.bar(left, values, width=width, color=colour, label=name)
    labels = [f"{label}*" if k in m.key_irreps else label for k, label in enumerate(m.irreps)]
    category_ticks(ax.xaxis, labels, vertical=count > _FEW)
    ax.set_xlim(-0.7, count - 0.3)
    ax.set_xlabel("irreps (* key)", fontsize=9)
    ax.set_ylim(bottom=0.0)
    legend(ax)
    return ax
