"""What all pictures share: axes, colours, ticks for categories, and texts that can be drawn."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import FixedLocator, MaxNLocator

# One meaning for each colour, in every picture and on the page of a comparison: what is of the net,
# of the decomposition (and the word tensor), of the bound, outside of all this, and taken away. The
# first three are nearly Okabe and Ito's; they differ in grey as well, and in every blindness.
NET: Final = "#0072b2"
TERMS: Final = "#d97f00"
BOUND: Final = "#009e73"
OUTSIDE: Final = "#8a929b"
REMOVED: Final = "#b3261e"
INK: Final = "#22272e"
# On a pale cell, which is pale in the dark as well.
ON_PALE: Final = "#1b1f24"
LIGHT: Final = "#c9d3de"
# Several series of one net, from dark to light, and their marks.
SHADES: Final = ("#0b2f5b", NET, "#7fbce4")
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
# From a light to a dark blue, and monotone in grey; the least is no white, so that cells are seen.
SEQUENTIAL: Final = LinearSegmentedColormap.from_list(
    "energy", ["#e9eff5", "#b5d3e8", "#5ba3cf", "#1e6aa8", "#0b2f5b"]
)

# Points: of ticks and legends, and of the names of axes.
_SMALL: Final = 9
_NAMES: Final = 9.5
# Inches that the text of one category needs, and a letter of a legend, and its mark.
_SLOT: Final = 0.16
_LETTER: Final = 0.068
_MARK: Final = 0.42
_LONGEST: Final = 60


def framed(
    ax: Axes | None,
    size: tuple[float, float],
    text: str,
    about: str,
    *,
    x: str = "",
    y: str = "",
    grid: str = "",
) -> Axes:
    """Return the axes given, or those of a new figure of this size in inches, named and tidy."""
    # The figure belongs to no window and no list of open figures: save it, or let it go.
    if ax is None:
        figure = Figure(figsize=size, dpi=100, layout="constrained")
        FigureCanvasAgg(figure)
        ax = figure.add_subplot()
    _title(ax, f"{text}: {about}" if about else text)
    _tidy(ax, x, y, grid)
    return ax


def rows_size(count: int, width: float = 5.6, slot: float = 0.24) -> tuple[float, float]:
    """Return the size of a picture of horizontal bars, so many of them."""
    return width, 1.4 + slot * max(count, 3)


def rows_from_above(ax: Axes, labels: Sequence[str]) -> None:
    """Name horizontal bars at 0, 1, ..., the first one above."""
    ax.set_ylim(len(labels) - 0.4, -0.6)
    category_ticks(ax.yaxis, labels)


def whole_numbers(ax: Axes) -> None:
    """Put ticks of the horizontal axis at whole numbers only."""
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def marks(ax: Axes, values: Sequence[float], name: str, colour: str, size: float = 11) -> None:
    """Draw a mark on each horizontal bar, with a white edge, so that it is seen on it."""
    places = range(len(values))
    for width, shade, label in ((4.0, "white", "_edge"), (2.2, colour, name)):
        ax.plot(
            values, places, linestyle="", marker="|", markersize=size, mew=width, color=shade,
            label=label,
        )  # fmt: skip


def not_shown(count: int, what: str) -> str:
    """Say how many are left out, if any are."""
    return f" ({count} {what} are not shown)" if count else ""


def drawable(text: str, longest: int = _LONGEST) -> str:
    """Return a text on one line, not too long, with a question mark for what the font lacks."""
    known = get_font(findfont(FontProperties())).get_charmap()
    shown = "".join(c if ord(c) in known else "?" for c in " ".join(text.split()))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _title(ax: Axes, text: str) -> None:
    """Set the title, on the left: what is drawn, and of what, as far as there is room."""
    # A dollar sign is a dollar sign.
    figure = ax.get_figure(root=True)
    width = ax.get_position().width * (figure.get_figwidth() if figure is not None else 6.0)
    shown = drawable(text, max(20, int(12.0 * width)))
    _set_title(ax, shown, 6.0)


def _set_title(ax: Axes, text: str, points: float) -> None:
    """Write the title so many points above the axes."""
    ax.set_title(text, loc="left", pad=points, fontsize=10.5, color=INK, parse_math=False)


def _tidy(ax: Axes, x: str, y: str, grid: str) -> None:
    """Name the axes, take away the frame's upper and right sides, and draw a faint grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(OUTSIDE)
    ax.tick_params(labelsize=_SMALL, color=OUTSIDE, labelcolor=INK)
    ax.set_xlabel(x, fontsize=_NAMES, color=INK)
    ax.set_ylabel(y, fontsize=_NAMES, color=INK)
    ax.set_axisbelow(True)
    if grid in ("x", "y"):
        ax.grid(axis="x" if grid == "x" else "y", color=LIGHT, linewidth=0.6)


def category_ticks(axis: Axis, labels: Sequence[str], *, vertical: bool = False) -> None:
    """Label the places 0, 1, ... of an axis, or every second or third where room is scarce."""
    ax = axis.axes
    box, figure = ax.get_position(), ax.get_figure(root=True)
    inches = figure.get_size_inches() if figure is not None else (6.0, 4.0)
    across = axis is ax.xaxis
    length = box.width * inches[0] if across else box.height * inches[1]
    longest = max(map(len, labels), default=1)
    slot = max(_SLOT, 0.085 * longest) if across and not vertical else _SLOT
    step = max(1, -(-int(len(labels) * slot * 100) // max(1, int(length * 100))))
    places = range(0, len(labels), step)
    shown = [drawable(labels[k]) for k in places]
    axis.set_ticks(places, shown, parse_math=False, rotation=90 if across and vertical else 0)
    axis.set_tick_params(length=0, labelsize=_SMALL)


def legend(ax: Axes) -> None:
    """Draw the legend, if anything has a name, in rows between the title and the picture."""
    handles, names = ax.get_legend_handles_labels()
    if not handles:
        return
    figure = ax.get_figure(root=True)
    # Beside the names of bars there is less room.
    named = isinstance(ax.yaxis.get_major_locator(), FixedLocator)
    bars = max((len(text.get_text()) for text in ax.get_yticklabels()), default=0) if named else 0
    inches = (figure.get_figwidth() if figure is not None else 6.0) - 0.8 - _LETTER * bars
    widest = max(map(len, names)) * _LETTER + _MARK
    columns = max(1, min(len(names), int(inches / widest)))
    made = ax.legend(
        handles, names, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=columns,
        fontsize=_SMALL, frameon=False, borderaxespad=0.1, borderpad=0.2, columnspacing=1.2,
        handletextpad=0.5, handlelength=1.4, labelspacing=0.25,
    )  # fmt: skip
    for text in made.get_texts():
        text.set_parse_math(False)
        text.set_color(INK)
    # The title goes above it.
    rows = -(-len(names) // columns)
    _set_title(ax, ax.get_title(loc="left"), 8 + 13.5 * rows)


def say_nothing_to_show(ax: Axes, text: str) -> None:
    """Write in the middle of empty axes why they are empty."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color=OUTSIDE)
