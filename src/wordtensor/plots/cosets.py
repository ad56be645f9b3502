"""Which cosets neurons read, as bars, and how nearly, as a histogram."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ..compare import CosetConcentration, CosetTable
from ._given import check_part
from ._style import (
    NET,
    OUTSIDE,
    SHADES,
    framed,
    legend,
    not_shown,
    rows_from_above,
    rows_size,
    say_nothing_to_show,
    whole_numbers,
)


def coset_counts(
    table: CosetTable, ax: Axes | None = None, *, most: int = 16, of: str = ""
) -> Axes:
    """Which subgroups have the cosets that the neurons read.

    Parameters
    ----------
    table : CosetTable
        Of one input of the neurons.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    most : int
        Classes shown, those with most neurons.
    of : str
        Of which net it is, for the title.

    Returns
    -------
    Axes
        Dark: neurons below the table's lowest threshold.

    Examples
    --------
    >>> import wordtensor as wt
    >>> G, images = wt.group("S4"), np.repeat([1.0, 2.0, 3.0, 4.0], 6)
    >>> found = wt.compare.coset_concentration([images, -images], G)
    >>> ax = coset_counts(wt.compare.coset_table(found))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['order 6, index 4, left (class 7)']
    """
    check_part(table, CosetTable, "c.cosets[0] for a, c.cosets[1] for b")
    shown = table.rows[:most]
    text = "cosets that neurons read"
    rest = not_shown(len(table.rows) - len(shown), "classes more")
    ax = framed(ax, rows_size(len(shown)), text, of, x=f"neurons{rest}", grid="x")
    if not shown:
        say_nothing_to_show(ax, "no neuron reads cosets")
        return ax
    place = np.arange(len(shown))
    neurons = [row.neurons for row in shown]
    bars = ax.barh(place, neurons, height=0.7, color=SHADES[-1], label="most concentrated there")
    ax.bar_label(bars, fmt="%d", padding=4, fontsize=8)
    below = [row.below[0] if row.below else 0 for row in shown]
    limit = f"C < {table.thresholds[0]:g}" if table.thresholds else ""
    ax.barh(place, below, height=0.7, color=NET, label=limit)
    ax.set_xlim(0, max(1, *neurons) * 1.1)
    whole_numbers(ax)
    labels = [
        f"{f'{row.name}, ' if row.name else ''}order {row.order}, index {row.index}, {row.side} "
        f"(class {row.class_number})"
        for row in shown
    ]
    rows_from_above(ax, labels)
    legend(ax)
    return ax


def concentration_histogram(
    found: CosetConcentration,
    null: ArrayLike | None = None,
    ax: Axes | None = None,
    *,
    of: str = "",
) -> Axes:
    """How nearly constant on cosets the neurons are, beside random functions.

    Parameters
    ----------
    found : CosetConcentration
        Of one input of the neurons.
    null : array_like, optional
        What `random_concentration` returned for the group.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    of : str
        Of which net it is, for the title.

    Returns
    -------
    Axes
        Shares over a logarithmic axis; below 1e-10, all are drawn at 1e-10.

    Examples
    --------
    >>> import wordtensor as wt
    >>> G = wt.group("S4")
    >>> found = wt.compare.coset_concentration(np.eye(24), G)
    >>> concentration_histogram(found, wt.compare.random_concentration(G)).get_xscale()
    'log'
    """
    check_part(found, CosetConcentration, "none: it is what coset_concentration returns")
    text, unit = "least coset concentration", "C: variances within cosets over the variance"
    ax = framed(ax, (5.6, 3.4), text, of, x=unit, y="share of neurons", grid="y")
    samples = [(found.least, NET, "neurons")]
    if null is not None:
        samples.append((np.asarray(null, dtype=np.float64), OUTSIDE, "random functions"))
    known = [(np.clip(v[~np.isnan(v)], 1e-10, None), colour, name) for v, colour, name in samples]
    known = [sample for sample in known if sample[0].size]
    if not known:
        say_nothing_to_show(ax, "no concentrations")
        return ax
    low = min(float(values.min()) for values, *_ in known) / 1.5
    high = max(max(float(values.max()) for values, *_ in known) * 1.5, 2.0)
    bins = np.geomspace(low, high, 50).tolist()
    for values, colour, name in known:
        weights = np.full(len(values), 1 / len(values))
        ax.hist(values, bins=bins, weights=weights, color=colour, alpha=0.65, label=name)
    ax.axvline(1.0, color=OUTSIDE, linestyle=":", linewidth=1, label="C = 1")
    ax.set_xscale("log")
    legend(ax)
    return ax
