"""What is left of a net after interventions, as bars."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes

from .._typing import Array
from ..compare import Ablation
from ..errors import ComparisonError
from ._given import check_part
from ._style import (
    INK,
    NET,
    REMOVED,
    TERMS,
    drawable,
    framed,
    legend,
    not_shown,
    rows_from_above,
    rows_size,
    say_nothing_to_show,
)

_STYLES: Final = (("removed", REMOVED, "o"), ("kept alone", NET, "s"), ("replaced", TERMS, "D"))


def ablation_effects(
    ablations: Sequence[Ablation],
    ax: Axes | None = None,
    *,
    measure: Literal["accuracy", "loss"] = "accuracy",
    most: int = 10,
    of: str = "",
) -> Axes:
    """How right the net still is when a part of it is removed, kept alone or replaced.

    Parameters
    ----------
    ablations : sequence of Ablation
        Of one net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    measure : {"accuracy", "loss"}
        What is drawn.
    most : int
        Interventions of each kind that are shown, the first ones.
    of : str
        Of which net it is, for the title.

    Returns
    -------
    Axes
        The line is the whole net; bars go from it to what is left.

    Raises
    ------
    ComparisonError
        If there is no such measure.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> rows = [wt.compare.ablate(d.factors, "a*b", "S3", irreps=[k]) for k in range(3)]
    >>> len(ablation_effects(rows).patches)
    3
    """
    check_part(ablations, Sequence, "c.ablations")
    if measure not in ("accuracy", "loss"):
        raise ComparisonError(f"Argument 'measure' must be 'accuracy' or 'loss', not {measure!r}")
    shown = _first_of_each_kind(ablations, most)
    unit = "accuracy on all pairs" if measure == "accuracy" else "cross entropy on all pairs"
    # On a line of its own: beside long names there is no room for both.
    rest = not_shown(len(ablations) - len(shown), "interventions more").replace(" ", "\n", 1)
    size = rows_size(len(shown), 6.2, 0.2)
    ax = framed(ax, size, f"{measure} after interventions", of, x=unit + rest, grid="x")
    if not shown:
        say_nothing_to_show(ax, "no interventions")
        return ax
    values = np.array([getattr(a, measure) for a in shown])
    before = getattr(shown[0], f"{measure}_before")
    done = [_verb(a) for a in shown]
    for verb, colour, marker in _STYLES:
        chosen = np.array([each == verb for each in done])
        if chosen.any():
            places, ends = np.flatnonzero(chosen), values[chosen]
            ax.barh(places, ends - before, left=before, height=0.25, color=colour)
            ax.plot(
                ends, places, linestyle="", marker=marker, markersize=5, color=colour, label=verb
            )
    ax.axvline(before, color=INK, linewidth=1, zorder=1, label="whole net")
    _limit(ax, measure, np.append(values, before))
    rows_from_above(ax, [_name(a) for a in shown])
    legend(ax)
    return ax


def _limit(ax: Axes, measure: str, values: Array) -> None:
    """Show all values; losses that differ by orders of magnitude on a logarithmic axis."""
    low, high = float(values.min()), float(values.max())
    if measure == "accuracy":
        ax.set_xlim(0.0, 1.02)
    elif low > 0 and high > 20 * low:
        ax.set_xscale("log")
        ax.set_xlim(low / 1.5, high * 1.5)
    else:
        ax.set_xlim(0.0, 1.05 * high if high > 0 else 1.0)


def _first_of_each_kind(ablations: Sequence[Ablation], most: int) -> list[Ablation]:
    seen: Counter[tuple[str, bool]] = Counter()
    shown = []
    for ablation in ablations:
        seen[ablation.kind, ablation.kept] += 1
        if seen[ablation.kind, ablation.kept] <= most:
            shown.append(ablation)
    return shown


def _verb(a: Ablation) -> str:
    if a.kind == "replace":
        return "replaced"
    return "kept alone" if a.kept else "removed"


def _name(a: Ablation) -> str:
    """Name the part; of an irrep, what it says of itself is enough."""
    kind = f"{a.kind} " if a.kind in ("triplet", "triplets") else ""
    return drawable(f"{kind}{a.what}", 40)
