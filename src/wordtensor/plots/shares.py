"""Shares of energy in triplets of irreps: of every neuron, and of the logits."""

import numpy as np
from matplotlib.axes import Axes

from ..compare import LogitSpectrum, Spectrum
from ._given import check_part
from ._style import (
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
    say_nothing_to_show,
    whole_numbers,
)


def triplet_shares(s: Spectrum, ax: Axes | None = None, *, of: str = "") -> Axes:
    """How much of each neuron's energy lies in a single triplet of irreps.

    Parameters
    ----------
    s : Spectrum
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    of : str
        Of which net it is, for the title; by default the word and the group.

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
    check_part(s, Spectrum, "c.spectrum")
    ax = framed(
        ax,
        (5.6, 3.8),
        "neurons in one triplet",
        of or f"{s.word} over {s.group}",
        x="active neurons, sorted",
        y="share of energy in one triplet",
        grid="y",
    )
    if not s.width:
        say_nothing_to_show(ax, "no active neurons")
        return ax
    ax.axhline(s.threshold, color=OUTSIDE, linestyle=":", linewidth=1.2, label="threshold")
    readings = (
        ("activations", s.shares, s.null.quantile, NET, "-"),
        ("weights", s.weight_shares, s.null.weight_quantile, SHADES[0], "--"),
    )
    # Of trilinear nets the two readings are one.
    same = np.array_equal(s.shares, s.weight_shares)
    for name, values, chance, colour, style in readings[: 1 if same else 2]:
        chosen = np.sort(values[s.active])[::-1]
        place = np.arange(1, len(chosen) + 1)
        marker = "o" if len(chosen) <= 60 else ""
        ax.plot(place, chosen, style, color=colour, marker=marker, markersize=3, label=f"by {name}")
        said = "random weights" if same else f"random, by {name}"
        dashes = (0, (5, 3)) if style == "-" else (0, (1, 2))
        ax.axhline(chance, color=OUTSIDE, linestyle=dashes, linewidth=1.2, label=said)
    ax.set_ylim(0.0, 1.05)
    ax.set_xlim(0.5, s.width + 0.5)
    whole_numbers(ax)
    legend(ax)
    return ax


def triplet_energies(
    found: LogitSpectrum, ax: Axes | None = None, *, most: int = 24, of: str = ""
) -> Axes:
    """How the logits' energy is spread over triplets of irreps.

    Parameters
    ----------
    found : LogitSpectrum
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    most : int
        Triplets shown: those used or predicted with most energy in the logits or the tensor.
    of : str
        Of which net it is, for the title.

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
    check_part(found, LogitSpectrum, "c.logits")
    predicted = set(found.support)
    every = sorted(
        predicted.union(found.used()),
        key=lambda t: (-max(found.energy[t], found.target_energy[t]), t),
    )
    shown = sorted(every[:most], key=lambda t: (-found.energy[t], t))
    text = "logits over triplets" + (", centred over c" if found.centred else "")
    rest = not_shown(len(every) - len(shown), "more")
    ax = framed(
        ax, rows_size(len(shown), slot=0.21), text, of, x=f"share of energy{rest}", grid="x"
    )
    place = np.arange(len(shown))
    energy = np.array([found.energy[t] for t in shown])
    known = np.array([t in predicted for t in shown], dtype=bool)
    for chosen, colour, name in (
        (known, NET, "logits"),
        (~known, OUTSIDE, "logits, not needed"),
    ):
        if chosen.any():
            ax.barh(place[chosen], energy[chosen], height=0.7, color=colour, label=name)
    aim = [found.target_energy[t] if t in predicted else np.nan for t in shown]
    marks(ax, aim, "word tensor", TERMS)
    ax.set_xlim(left=0.0)
    rows_from_above(ax, [found.label(t) for t in shown])
    legend(ax)
    return ax
