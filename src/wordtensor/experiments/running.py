"""Run a recipe: its configurations here or in other processes, each in a folder of its own."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._interrupts import was_interrupted
from .._progress import begin_stage, notebook_bar
from .._version import __version__
from .._workers import results_of
from ..nets._folder import held_folder
from ..nets._start import Target
from ..nets.config import TrainConfig
from ..nets.training import train
from ._recipe import Outcome, Recipe, Report
from ._reports import REPORTS
from .registry import recipe as named_recipe


@dataclass(frozen=True, slots=True)
class _Task:
    """One run."""

    number: int
    config: TrainConfig
    target: Target
    report: Report
    folder: Path | None
    resume: bool
    progress: bool | None


@dataclass(frozen=True, slots=True)
class _Report:
    """What is told of one run."""

    row: dict[str, Any]
    steps: int
    begun: int
    interrupted: bool


def run_recipe(
    which: Recipe | str,
    *,
    quick: bool = False,
    changes: dict[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = True,
    callback: Callable[[dict[str, Any]], None] | None = None,
    progress: bool | None = None,
    executor: Executor | None = None,
) -> Outcome:
    """Repeat an experiment of the papers.

    Parameters
    ----------
    which : Recipe or str
        One of `RECIPES`, or its name.
    quick : bool
        The size of a minute or two on two cores, instead of the full one.
    changes : dict, optional
        Values of the configurations to be replaced: ``{"device": "cuda"}``, ``{"seed": 7}``.
    folder : str or path, optional
        Where each run is written to, in a folder of its own; what is there is taken up again.
    resume : bool
        As for `train`.
    callback : callable, optional
        Gets the row of each finished run, as they end.
    progress : bool, optional
        Whether to show progress on standard error, without an executor, or in a notebook a bar; by
        default in a notebook only.
    executor : concurrent.futures.Executor, optional
        Where the networks are trained; by default here, one after another.

    Returns
    -------
    Outcome
        The same for every executor, but for its seconds. After Ctrl-C, with the runs made until
        then, without an executor also the last one as it was.

    Raises
    ------
    NetworkError
        If there is no such recipe, or a change is refused.

    Examples
    --------
    >>> outcome = run_recipe("shutman-fig10-z32", quick=True, changes={"steps": 200})
    >>> len(outcome.rows), outcome.rows[0]["width"]
    (2, 2)
    """
    chosen = named_recipe(which) if isinstance(which, str) else which
    configs = chosen.configs(quick, changes)
    tasks = _tasks(chosen, configs, folder, resume, progress if executor is None else False)
    began, interrupted = time.perf_counter(), False
    done: dict[int, _Report] = {}
    try:
        with (
            notebook_bar(progress, chosen.name),
            nullcontext() if folder is None else held_folder(Path(folder)),
            results_of(_reported, tasks, executor) as results,
        ):
            for task, report in results:
                done[task.number] = report
                if executor is not None:
                    begin_stage("training, %d of %d runs", len(done), len(tasks))
                if callback is not None:
                    callback(report.row)
                if report.interrupted:
                    interrupted = True
                    break
    except (KeyboardInterrupt, SystemError) as error:
        # Between two runs, or in a report: what has been reported is kept.
        if not was_interrupted(error):
            raise
        interrupted = True
    made = sorted(done)
    return Outcome(
        recipe=chosen,
        quick=quick,
        rows=tuple(done[k].row for k in made),
        configs=tuple(configs[k] for k in made),
        steps=sum(done[k].steps for k in made),
        begun=sum(done[k].begun for k in made),
        seconds=time.perf_counter() - began,
        interrupted=interrupted,
        version=__version__,
    )


def _tasks(
    chosen: Recipe,
    configs: Sequence[TrainConfig],
    folder: str | os.PathLike[str] | None,
    resume: bool,
    progress: bool | None,
) -> list[_Task]:
    """Return the runs of a recipe."""
    target = None if chosen.target is None else chosen.target.resolve()
    return [
        _Task(
            number=number,
            config=config,
            target=target,
            report=chosen.report,
            folder=None if folder is None else Path(folder) / _name(number, config),
            resume=resume,
            progress=progress,
        )
        for number, config in enumerate(configs)
    ]


def _reported(task: _Task) -> _Report:
    """Train, and report: a function of values, so that any process may run it."""
    run = train(
        task.config, task.target, folder=task.folder, resume=task.resume, progress=task.progress
    )
    return _Report(REPORTS[task.report](run), run.steps, run.begun, run.interrupted)


def _name(number: int, config: TrainConfig) -> str:
    return f"{number:02d}-{config.model}-width-{config.width}"
