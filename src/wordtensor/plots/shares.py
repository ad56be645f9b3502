"""Shares of energy in triplets of irreps: of every neuron, and of the logits."""

import numpy as np
from matplotlib.axes import Axes

from ..compare import LogitSpectrum, Spectrum
from ._style import (
    BLUE,
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


def triplet_shares(s: Spectrum, ax: Axes | None = None) -> Axes:
    """Draw how much of each active neuron's energy lies in a single triplet, sorted.

    Parameters
    ----------
    s : Spectrum
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Axes
        Dashed: nineteen of twenty neurons with random weights have less. Dotted: the threshold.

    Examples
    --------
    >>> import wordtensor as wt
    >>> s = wt.compare.spectrum(wt.decompose("a*b", "S3").factors, "a*b", "S3")
    >>> triplet_shares(s).get_xlabel()
    'active neurons, sorted'
    """
    ax = framed(
        ax,
        (6.4, 3.4),
        "neurons in one triplet",
        f"{s.word} over {s.group}",
        x="active neurons, sorted",
        y="share of energy in one triplet",
        grid="y",
    )
    if not s.width:
        say_nothing_to_show(ax, "no active neurons")
        return ax
    ax.axhline(s.threshold, color=GREY, linestyle=":", linewidth=1, label="threshold")
    readings = (
        ("activations", s.shares, s.null.quantile, BLUE),
        ("weights", s.weight_shares, s.null.weight_quantile, ORANGE),
    )
    # Of trilinear nets the two readings are one.
    same = np.array_equal(s.shares, s.weight_shares)
    for name, values, chance, colour in readings[: 1 if same else 2]:
        chosen = np.sort(values[s.active])[::-1]
        place = np.arange(1, len(chosen) + 1)
        marker = "o" if len(chosen) <= 60 else ""
        ax.plot(place, chosen, color=colour, marker=marker, markersize=3, label=f"by {name}")
        ax.axhline(
            chance, color=colour, linestyle="--", linewidth=1, label=f"random weights, by {name}"
        )
    ax.set_ylim(0.0, 1.05)
    ax.set_xlim(0.5, s.width + 0.5)
    whole_numbers(ax)
    legend(ax, beside=True)
    return ax


def triplet_energies(found: LogitSpectrum, ax: Axes | None = None, *, most: int = 24) -> Axes:
    """Draw the logits' energy triplet by triplet, beside the word tensor's.

    Parameters
    ----------
    found : LogitSpectrum
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    most : int
        Triplets shown: those used or predicted with most energy in the logits or the tensor.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> T = wt.word_tensor("a*b", "S3")
    >>> found = wt.compare.logit_spectrum(wt.compare.network(d.factors), T, centred=False)
    >>> [label.get_text() for label in triplet_energies(found).get_yticklabels()]
    ['2R 2R 2R', '1Ra 1Ra 1Ra', '1Rb 1Rb 1Rb']
    """
    predicted = set(found.support)
    every = sorted(
        predicted.union(found.used()),
        key=lambda t: (-max(found.energy[t], found.target_energy[t]), t),
    )
    shown = sorted(every[:most], key=lambda t: (-found.energy[t], t))
    text = "logits over triplets" + (", centred over c" if found.centred else "")
    rest = not_shown(len(every) - len(shown), "more")
    ax = framed(ax, rows_size(len(shown), slot=0.19), text, x=f"share of energy{rest}", grid="x")
    place = np.arange(len(shown))
    energy = np.array([found.energy[t] for t in shown])
    known = np.array([t in predicted for t in shown], dtype=bool)
    for chosen, colour, name in (
        (known, BLUE, "logits"),
        (~known, ORANGE, "logits, where T is zero"),
    ):
        if chosen.any():
            ax.barh(place[chosen], energy[chosen], height=0.7, color=colour, label=name)
    marks(ax, [found.target_energy[t] for t in shown], "T", 9)
    ax.set_xlim(left=0.0)
    rows_from_above(ax, [found.label(t) for t in shown])
    legend(ax, "lower right")
    return ax
