"""What training gives: the net, its history, and the moment when it first succeeded."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from .._shown import Line, Shown, Table
from .._text import joined
from .._typing import Array, Integers, Value, freeze_fields
from .config import TrainConfig
from .evaluation import SCORES, decisive_accuracy
from .models import Net
from .tasks import TableTask, Task, TensorTask, WordTask

# The accuracy on its training pairs below which a net has not learned them.
_FITTED: Final = 0.9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class History(Value):
    """Metrics over training, for S instances.

    Attributes
    ----------
    step : ndarray of int64, shape (records,)
        Optimiser steps made when the record was taken.
    seconds : ndarray, shape (records,)
        Since the start, earlier sessions of a resumed run included.
    train_loss, test_loss, train_accuracy, test_accuracy, norm : ndarray, shape (records, S)
        NaN where there is nothing to test; norm is the sum of the squares of all weights.

    Examples
    --------
    >>> from wordtensor.nets import TrainConfig, train
    >>> history = train(TrainConfig(group="C3", width=12, steps=100, log_every=50)).history
    >>> int(history.step[-1]), history.train_loss.shape, float(history.accuracy[-1, 0])
    (100, (9, 1), 1.0)
    """

    step: Integers
    seconds: Array
    train_loss: Array
    test_loss: Array
    train_accuracy: Array
    test_accuracy: Array
    norm: Array

    def __post_init__(self) -> None:
        freeze_fields(self, *self.__slots__)

    @classmethod
    def from_records(cls, records: Iterable[dict[str, Any]]) -> "History":
        """Make a history from the lines of a metrics file."""
        rows = list(records)
        columns = {
            name: np.array([_floats(row[name]) for row in rows], dtype=np.float64)
            for name in SCORES
        }
        return cls(
            step=np.array([row["step"] for row in rows], dtype=np.int64),
            seconds=np.array([row["seconds"] for row in rows], dtype=np.float64),
            **columns,
        )

    @property
    def accuracy(self) -> Array:
        """The accuracy that counts, shape (records, S): on test pairs, or training ones if none."""
        return decisive_accuracy(self.train_accuracy, self.test_accuracy)

    def __len__(self) -> int:
        return len(self.step)

    def __repr__(self) -> str:
        last = f", last step {self.step[-1]}" if len(self) else ""
        return f"History({len(self)} records{last})"


def _floats(values: list[float | None]) -> list[float]:
    """Return numbers, with NaN for the null that JSON has in its place."""
    return [float("nan") if value is None else value for value in values]


def _nulls(values: Array) -> list[float | None]:
    """Return numbers, with the null that JSON has for NaN."""
    return [None if np.isnan(value) else float(value) for value in values]


def _spans(numbers: Integers) -> str:
    """Write rising numbers, neighbours as one: "0-3, 5 and 8"."""
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return joined([f"{p[0]}-{p[-1]}" if len(p) > 1 else str(p[0]) for p in parts])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Run(Shown):
    """A finished, or interrupted, training run.

    Attributes
    ----------
    config : TrainConfig
        As asked.
    model : Net
        At the end. With more than one instance it has them all; ``model.instance(k)`` is one.
    first : Net
        Every instance as it was when it first had full accuracy, or ``config.stop_accuracy`` if
        that is set (on test pairs, if there are any); if it never had, at the
        record when it first was right on most pairs.
    best : Net
        Every instance at the end, or as in `first` if it has lost accuracy since, for grokking can
        be lost again. This is what ``wordtensor compare`` shows of a run's folder.
    best_step : ndarray of int64, shape (S,)
        The step at which every instance was as in `best`.
    success_step : ndarray of int64, shape (S,)
        The step of that; -1 if it never happened.
    history : History
        The metrics over time; the last record is of the step where a run was interrupted.
    tasks : tuple of Task
        What was learned: one for each instance, or one for all.
    steps : int
        Steps made.
    begun : int
        Of these, the steps that were made before: a run that was resumed goes on from there.
    seconds : float
        Spent, earlier sessions of a resumed run included.
    interrupted : bool
        Whether Ctrl-C ended it.
    folder : Path or None
        Where it was written to.
    version : str
        Of wordtensor.

    Examples
    --------
    >>> from wordtensor.nets import TrainConfig, train
    >>> run = train(TrainConfig(group="C3", width=12, steps=100))
    >>> run
    Run('a*b', 'C3', 'hadamard', width=12, instances=1, steps=100)
    >>> float(run.final["train_accuracy"][0]), run.interrupted
    (1.0, False)
    """

    config: TrainConfig
    model: Net
    first: Net
    best: Net
    best_step: Integers
    success_step: Integers
    history: History
    tasks: tuple[Task, ...]
    steps: int
    begun: int
    seconds: float
    interrupted: bool
    folder: Path | None
    version: str

    def __post_init__(self) -> None:
        freeze_fields(self, "success_step", "best_step")

    @property
    def final(self) -> dict[str, Array]:
        """The last record's metrics, each of shape (S,)."""
        return {name: getattr(self.history, name)[-1] for name in SCORES}

    @property
    def best_accuracy(self) -> Array:
        """The accuracy that counts, of every instance as in `best`, shape (S,)."""
        record = self._best_records()
        values: Array = self.history.accuracy[record, np.arange(len(record))]
        return values

    def _best_records(self) -> Integers:
        """Return the record of every instance as in `best`, shape (S,)."""
        return np.searchsorted(self.history.step, self.best_step, side="right") - 1

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome, without weights and history, as JSON-able values."""
        return {
            "config": self.config.to_dict(),
            "steps": self.steps,
            "begun": self.begun,
            "seconds": self.seconds,
            "interrupted": self.interrupted,
            "success_step": self.success_step.tolist(),
            "best_step": self.best_step.tolist(),
            "best_accuracy": _nulls(self.best_accuracy),
            "version": self.version,
            **{name: _nulls(values) for name, values in self.final.items()},
        }

    def __repr__(self) -> str:
        config = self.config
        what = repr(config.table) if config.table else f"{config.word!r}, {config.group!r}"
        return (
            f"Run({what}, {config.model!r}, width={config.width}, "
            f"instances={config.instances}, steps={self.steps})"
        )

    def _parts(self) -> list[Line]:
        """Return a table of the outcome: medians, and the best instance."""
        config, count = self.config, self.config.instances
        lines: list[Line] = [
            f"{self._title()}: {config.model}, width {config.width}, {count} instance"
            f"{'s' if count > 1 else ''}, {self.steps} steps in {self.seconds:.1f} s"
            f"{' (interrupted)' if self.interrupted else ''}",
            "",
        ]
        rows = []
        for name, values in self.final.items():
            known = values[~np.isnan(values)]
            if len(known):
                best = known.max() if name.endswith("accuracy") else known.min()
                rows.append([name.replace("_", " "), f"{np.median(known):.6g}", f"{best:.6g}"])
        lines.append(Table(["", "median", "best"], rows))
        lost = int(np.isnan(self.final["train_loss"]).sum())
        if lost:
            lines.append(f"{lost} of {count} diverged; they are left out above")
        return [*lines, "", *self._trained_on(), self._why_it_ended(), self._success()]

    def _trained_on(self) -> list[str]:
        """Say which share of all pairs was trained on."""
        first = self.tasks[0]
        if not isinstance(first, WordTask | TableTask):
            return []
        pairs = len(first.train) + len(first.test)
        return [
            f"It trained on {len(first.train)} of {pairs} pairs (fraction {first.fraction:g}); the "
            f"loss is {self.config.loss}."
        ]

    def _why_it_ended(self) -> str:
        """Say why no more steps were made."""
        config = self.config
        if self.interrupted:
            return f"It was interrupted after {self.steps} of {config.steps} steps."
        if self.steps >= config.steps:
            return f"It ended after all of its {config.steps} steps."
        if np.isnan(self.final["train_loss"]).all():
            return f"It ended at step {self.steps}, since no instance has finite weights any more."
        if config.stop_accuracy is not None and (self.success_step >= 0).all():
            return (
                f"It ended at step {self.steps} of {config.steps}, since every instance had "
                f"reached an accuracy of {config.stop_accuracy:g}; stop_accuracy=none goes on."
            )
        return (
            f"It ended at step {self.steps} of {config.steps}, since every loss was at most "
            f"{config.stop_loss:g}; stop_loss=none goes on."
        )

    def _success(self) -> str:
        """Say how many instances ever had the accuracy that counts, and how many have it now."""
        wanted, count = self.config.success_accuracy, len(self.success_step)
        those = np.flatnonzero(self.success_step >= 0)
        reached = self.success_step[those]
        tested = not np.isnan(self.final["test_accuracy"]).all()
        on = "test" if tested else "training"
        if not len(reached):
            return f"No instance ever had an accuracy of {wanted:g} on {on} pairs.{self._advice()}"
        now = int((self.history.accuracy[-1] >= wanted).sum())
        return (
            f"An accuracy of {wanted:g} on {on} pairs was reached by {len(reached)} of {count}, "
            f"at step {int(np.median(reached))} (median); at the end {now} of {count} have it."
            f"{self._named(those) if len(those) < count else ''}"
        )

    def _named(self, those: Integers) -> str:
        """Say which instances succeeded, and which seeds they have."""
        numbers, seeds = _spans(those), _spans(those + self.config.seed)
        if len(those) == 1:
            return f" It was instance {numbers}, which has seed {seeds}."
        return f" They were the instances {numbers}, which have the seeds {seeds}."

    def _advice(self) -> str:
        """Say how near an unsuccessful run came, and what to try."""
        if np.isnan(self.best_accuracy).all():
            return ""
        k = int(np.nanargmax(self.best_accuracy))
        best = f" The best was {self.best_accuracy[k]:.4g}, at step {self.best_step[k]}"
        decay = next((f", less {d}" for d in ("l2", "weight_decay") if getattr(self.config, d)), "")
        if self.config.fraction == 1:
            return f"{best}; a larger width, more steps{decay} or another learning rate may help."
        train = float(self.history.train_accuracy[self._best_records()[k], k])
        if train < _FITTED:
            return (
                f"{best}; there it was right on {train:.4g} of its training pairs only, so it has "
                f"not learned these yet. More steps{decay} or a larger width may help."
            )
        return (
            f"{best}: the pairs shown do not lead to the others so. A larger fraction (it was "
            f"{self.config.fraction:g}), more steps or another seed may; some words need nearly "
            "all pairs."
        )

    def _title(self) -> str:
        """Name what was learned."""
        first = self.tasks[0]
        if isinstance(first, TensorTask):
            return first.name
        if isinstance(first, TableTask):
            return first.table.name
        if isinstance(first, WordTask):
            return f"{self.config.word} over {first.group.name}"
        return "parity"
