"""What happens over training: losses, accuracies, and irreps as they are learned."""

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from .._typing import Array
from ..compare import LearnedOrder
from ..errors import ComparisonError
from ._given import check_part
from ._style import LIGHT, MARKERS, NET, OUTSIDE, SHADES, framed, legend, say_nothing_to_show


class HistoryLike(Protocol):
    """Steps and scores over training, such as `wordtensor.nets.History`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> history = SimpleNamespace(
    ...     step=np.arange(3), train_loss=np.array([2.0, 1.0, 0.5]), test_loss=np.full(3, np.nan)
    ... )
    >>> training_curves(history, measure="loss").get_ylabel()
    'loss'
    """

    @property
    def step(self) -> NDArray[np.int64]:
        """Steps, shape (records,)."""

    @property
    def train_loss(self) -> Array:
        """Loss on training pairs, shape (records,) or (records, S), as the others."""

    @property
    def test_loss(self) -> Array:
        """Loss on test pairs; nan where there are none."""

    @property
    def train_accuracy(self) -> Array:
        """Share of training pairs that are right."""

    @property
    def test_accuracy(self) -> Array:
        """Share of test pairs that are right."""


def training_curves(
    history: HistoryLike | Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    measure: Literal["loss", "accuracy"] = "accuracy",
    of: str = "",
) -> Axes:
    """How the net became right over training.

    Parameters
    ----------
    history : History or mapping of str to array_like
        ``step`` of shape (records,); ``train_loss``, ``test_loss``, ``train_accuracy`` and
        ``test_accuracy``, those that there are, of shape (records,) or (records, S).
    ax : Axes, optional
        Where to draw; by default on a new figure.
    measure : {"loss", "accuracy"}
        What is drawn.
    of : str
        Of which net it is, for the title.

    Returns
    -------
    Axes
        Of many instances the median, and the range as a band.

    Raises
    ------
    ComparisonError
        If the history has no steps, or nothing of that measure, or they do not fit.

    Examples
    --------
    >>> history = {"step": [0, 10], "train_loss": [1.0, 0.1], "test_loss": [1.0, 0.5]}
    >>> [line.get_label() for line in training_curves(history, measure="loss").get_lines()]
    ['training', 'test']
    """
    if measure not in ("accuracy", "loss"):
        raise ComparisonError(f"Argument 'measure' must be 'accuracy' or 'loss', not {measure!r}")
    step = _series(history, "step")
    found = {part: _series(history, f"{part}_{measure}") for part in ("train", "test")}
    if step is None or step.ndim != 1 or all(values is None for values in found.values()):
        raise ComparisonError(
            f"A history needs 'step', and 'train_{measure}' or 'test_{measure}', as run.history of "
            "a run of wordtensor.nets has; a Comparison has none"
        )
    ax = framed(ax, (5.6, 3.4), f"{measure} over training", of, x="steps", y=measure, grid="y")
    for (part, values), name, style in zip(
        found.items(), ("training", "test"), ((SHADES[-1], "--"), (NET, "-")), strict=True
    ):
        if values is not None and not np.isnan(values).all():
            _curve(ax, step, values, f"{part}_{measure}", name, style)
    _scale(ax, measure)
    legend(ax)
    return ax


def _series(history: HistoryLike | Mapping[str, ArrayLike], name: str) -> Array | None:
    value = history.get(name) if isinstance(history, Mapping) else getattr(history, name, None)
    return None if value is None else np.asarray(value, dtype=np.float64)


def _curve(
    ax: Axes, step: Array, values: Array, key: str, name: str, style: tuple[str, str]
) -> None:
    if values.shape[:1] != step.shape or values.ndim > 2:
        raise ComparisonError(
            f"Array {key!r} must have the shape ({len(step)},) or ({len(step)}, S), as 'step' has, "
            f"not {values.shape}"
        )
    table = values.reshape(len(step), -1)
    known = ~np.isnan(table).all(axis=1)
    step, table = step[known], table[known]
    marker = "o" if len(step) == 1 else ""
    colour, dashes = style
    ax.plot(step, np.nanmedian(table, axis=1), dashes, color=colour, marker=marker, label=name)
    if table.shape[1] > 1:
        low, high = np.nanmin(table, axis=1), np.nanmax(table, axis=1)
        ax.fill_between(step, low, high, color=colour, alpha=0.18, linewidth=0)


def _scale(ax: Axes, measure: str) -> None:
    if measure == "accuracy":
        ax.set_ylim(-0.02, 1.04)
    elif any((np.asarray(line.get_ydata()) > 0).any() for line in ax.get_lines()):
        ax.set_yscale("log")


def similarity_curves(
    order: LearnedOrder, ax: Axes | None = None, *, most: int = 8, of: str = ""
) -> Axes:
    """When the net learned each irrep.

    Parameters
    ----------
    order : LearnedOrder
        Of a net in training.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    most : int
        Key irreps with a colour and a name, in the order in which they were first seen; at most 8.
    of : str
        Of which net it is, for the title.

    Returns
    -------
    Axes
        The other irreps are grey. A legend names the step at which an irrep first exceeded the
        threshold, and says "tie" where the checkpoints do not tell which of several came first.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> nets = [(0, [F[:, :2] for F in d.factors]), (100, d.factors)]
    >>> order = wt.compare.learned_order(nets, "S3")
    >>> [text.get_text() for text in similarity_curves(order).get_legend().get_texts()]
    ['1Rb (step 0)', '2R (step 100)', 'other irreps']
    """
    check_part(order, LearnedOrder, "c.order, if checkpoints were given")
    text, unit = "irreps as they are learned", "similarity of the logits"
    ax = framed(ax, (5.6, 3.8), text, of, x="steps", y=unit, grid="y")
    if not len(order.steps):
        say_nothing_to_show(ax, "no checkpoints")
        return ax
    named = order.order[: min(most, len(MARKERS))]
    every = max(1, len(order.steps) // 20)
    chosen, seen = {k for k, _ in named}, [step for _, step in order.order]
    for place, ((k, step), marker) in enumerate(zip(named, MARKERS, strict=False)):
        tie = ", tie" if seen.count(step) > 1 else ""
        when = "never" if step is None else f"step {step}{tie}"
        name = f"{order.irreps[k]} ({when})"
        values = order.similarities[:, k]
        colour = SHADES[place * len(SHADES) // len(named)]
        ax.plot(
            order.steps, values, color=colour, marker=marker, markersize=4, markevery=every,
            label=name,
        )  # fmt: skip
    others = [k for k in range(len(order.irreps)) if k not in chosen]
    for number, k in enumerate(others):
        name = "other irreps" if number == 0 else "_others"
        values = order.similarities[:, k]
        ax.plot(order.steps, values, color=LIGHT, linewidth=1, zorder=1, label=name)
    ax.axhline(0.0, color=OUTSIDE, linewidth=0.8)
    if order.steps[-1] > 100:
        # Checkpoints are spaced by a constant factor, and one of them may be at 0.
        ax.set_xscale("symlog", linthresh=1.0)
        ax.set_xlim(left=float(order.steps[0]))
    legend(ax)
    return ax
