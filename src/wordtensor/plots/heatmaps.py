"""Energies as heat maps: of neurons over irreps, of logits over pairs of irreps."""

from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from .._typing import Array
from ..compare import LogitSpectrum, Spectrum
from ..errors import ComparisonError
from ._given import check_part
from ._style import (
    INK,
    ON_PALE,
    OUTSIDE,
    SEQUENTIAL,
    TERMS,
    category_ticks,
    framed,
    say_nothing_to_show,
)

Side = Literal["left", "right", "out"]

_INPUTS: Final = {"left": "a", "right": "b", "out": "c"}
# Up to so many irreps, their names are written across without turning.
_FEW: Final = 12
# Up to so many of each, there is a number in every cell, and no colour bar.
_NUMBERED: Final = 8


def neuron_energies(
    s: Spectrum, side: Side = "out", ax: Axes | None = None, *, of: str = ""
) -> Axes:
    """In which irreps each active neuron lives.

    Parameters
    ----------
    s : Spectrum
        Of a net.
    side : {"left", "right", "out"}
        Of a, of b, or of c.
    ax : Axes, optional
        Where to draw; by default on a new figure (``ax.figure.savefig(path)``).
    of : str
        Of which net it is, for the title; by default the word and the group.

    Returns
    -------
    Axes

    Raises
    ------
    ComparisonError
        If there is no such side.

    Notes
    -----
    Neurons are sorted by the triplet in which most of their weights' energy lies, the most
    numerous first, and within it by that share: in the same order for every side.

    Examples
    --------
    >>> import wordtensor as wt
    >>> s = wt.compare.spectrum(wt.decompose("a*b", "S3").factors, "a*b", "S3")
    >>> neuron_energies(s).get_xlabel()
    'irreps of c'
    """
    check_part(s, Spectrum, "c.spectrum")
    if side not in _INPUTS:
        raise ComparisonError(f"Argument 'side' must be 'left', 'right' or 'out', not {side!r}")
    values: NDArray[np.float64] = getattr(s, side)[_sorted_neurons(s)]
    count = len(s.irreps)
    ax = framed(
        ax,
        (min(12.0, 2.0 + 0.2 * max(count, 8)), min(7.0, 2.6 + 0.03 * len(values))),
        f"neurons, by {_INPUTS[side]}",
        of or f"{s.word} over {s.group}",
        x=f"irreps of {_INPUTS[side]}",
        y=f"{len(values)} active neurons",
    )
    if not len(values):
        say_nothing_to_show(ax, "no active neurons")
        return ax
    image = _map(ax, values, 1.0, aspect="auto")
    category_ticks(ax.xaxis, s.irreps, vertical=count > _FEW)
    ax.set_yticks([])
    _colour_bar(ax, image, "share of the neuron's energy")
    return ax


def _sorted_neurons(s: Spectrum) -> NDArray[np.int64]:
    active = np.flatnonzero(s.active)
    triplets = s.weight_triplets[active]
    _, place, numbers = np.unique(triplets, axis=0, return_inverse=True, return_counts=True)
    place = place.reshape(-1)
    order = np.lexsort((-s.weight_shares[active], place, -numbers[place]))
    chosen: NDArray[np.int64] = active[order]
    return chosen


def logit_energies(
    found: LogitSpectrum, ax: Axes | None = None, *, target: bool = False, of: str = ""
) -> Axes:
    """For which pairs of irreps of a and b the logits have energy.

    Parameters
    ----------
    found : LogitSpectrum
        Of a net.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    target : bool
        Draw the word tensor's energy instead.
    of : str
        Of which net it is, for the title.

    Returns
    -------
    Axes
        Pairs that the word tensor needs have a frame. Up to 8 irreps, cells have numbers: percent
        of the whole energy.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> T = wt.word_tensor("a*b", "S3")
    >>> found = wt.compare.logit_spectrum(wt.compare.network(d.factors), T, centred=False)
    >>> logit_energies(found).get_ylabel()
    'irreps of a'
    """
    check_part(found, LogitSpectrum, "c.logits")
    energy = (found.target_energy if target else found.energy).sum(axis=2)
    count = len(found.irreps)
    size = min(8.0, 2.0 + 0.2 * max(count, 10))
    text = "energy of the word tensor" if target else "energy of the logits"
    ax = framed(ax, (size, size), text, of, x="irreps of b", y="irreps of a")
    image = _map(ax, energy, max(float(energy.max()), 1e-12))
    category_ticks(ax.xaxis, found.irreps, vertical=count > _FEW)
    category_ticks(ax.yaxis, found.irreps)
    _outline(ax, sorted({(phi, psi) for phi, psi, _ in found.support}))
    if count <= _NUMBERED:
        _numbers(ax, energy)
    else:
        _colour_bar(ax, image, f"share of the {'tensor' if target else 'logits'}' energy")
    return ax


def _map(
    ax: Axes, values: Array, most: float, aspect: Literal["auto", "equal"] = "equal"
) -> AxesImage:
    """Draw values as cells, inside a frame."""
    # Not resampled: a vector picture then holds one pixel for each cell.
    image = ax.imshow(
        values, cmap=SEQUENTIAL, vmin=0.0, vmax=most, aspect=aspect, interpolation="none"
    )
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(OUTSIDE)
    return image


def _numbers(ax: Axes, energy: Array) -> None:
    """Write into each cell its percentage; nothing where it is nothing."""
    for (row, column), share in np.ndenumerate(energy):
        if share >= 5e-4:
            said = f"{100 * share:.0f}" if share >= 0.0995 else f"{100 * share:.1f}"
            colour = "white" if share > 0.45 * energy.max() else ON_PALE
            ax.text(column, row, said, ha="center", va="center", fontsize=8.5, color=colour)


def _outline(ax: Axes, pairs: list[tuple[int, int]]) -> None:
    """Draw a frame around cells, as one path."""
    if not pairs:
        return
    x, y = [], []
    for row, column in pairs:
        x += [column - 0.5, column + 0.5, column + 0.5, column - 0.5, column - 0.5, np.nan]
        y += [row - 0.5, row - 0.5, row + 0.5, row + 0.5, row - 0.5, np.nan]
    ax.plot(x, y, color=TERMS, linewidth=1.6, clip_on=False, gid="needed by the word")


def _colour_bar(ax: Axes, image: AxesImage, text: str) -> None:
    figure = ax.get_figure(root=True)
    if figure is None:
        return
    # Below: beside it, its ticks could be taken for the next picture's.
    bar = figure.colorbar(image, ax=ax, location="bottom", shrink=0.8, aspect=30, pad=0.03)
    bar.ax.tick_params(labelsize=8, labelcolor=INK, length=2)
    bar.set_label(text, fontsize=9, color=INK)
    bar.outline.set_visible(False)
