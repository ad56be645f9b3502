"""Run a recipe: its configurations here or in other processes, each in a folder of its own."""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .._files import path_of
from .._interrupts import was_interrupted
from .._progress import begin_stage, notebook_bar
from .._version import __version__
from .._workers import results_of
from ..nets._folder import recipe_folder
from ..nets._start import Target
from ..nets.config import TrainConfig
from ..nets.run import Run
from ..nets.training import train
from ._recipe import Outcome, Recipe, Report, Row
from ._reports import REPORTS
from ._run_folders import check_runs
from ._seeds import seed_rows
from ._study import Chunk, chunks, keep_rows, open_study
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
    """What is told of one run: a row, or in a study a row for each seed."""

    rows: tuple[dict[str, Any], ...]
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
    keep_runs: bool = False,
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
        Where each run is written to, in a folder of its own; what is there is taken up again. A
        study writes the rows of its seeds to seeds.jsonl, and does not train these seeds again.
    resume : bool
        As for `train`.
    callback : callable, optional
        Gets the row of each finished run, or of each seed of a study, as they end.
    progress : bool, optional
        Whether to show progress on standard error, without an executor, or in a notebook a bar; by
        default in a notebook only.
    executor : concurrent.futures.Executor, optional
        Where the networks are trained; by default here, one after another.
    keep_runs : bool
        In a study of seeds, keep the folder of each chunk with its nets and checkpoints; by default
        it is removed once the rows of its seeds are written down.

    Returns
    -------
    Outcome
        The same for every executor, but for its seconds. After Ctrl-C, with the runs made until
        then, without an executor also the last one as it was.

    Raises
    ------
    NetworkError
        If there is no such recipe, a change is refused, or the folder is another study's.
    FileFormatError
        If the folder holds the runs of another recipe.

    Notes
    -----
    The seeds of a study (report "universality") are split into chunks, and each chunk is one run:
    one seed on a CPU, where many seeds in one model would save no time, and 50 seeds on every other
    device, which only many seeds fill.

    Examples
    --------
    >>> outcome = run_recipe("shutman-fig10-z32", quick=True, changes={"steps": 200})
    >>> len(outcome.rows), outcome.rows[0]["width"]
    (2, 2)
    """
    chosen = named_recipe(which) if isinstance(which, str) else which
    configs = chosen.configs(quick, changes)
    place = None if folder is None else path_of(folder)
    study = place if chosen.by_seed else None
    tell = callback or (lambda row: None)
    began, interrupted = time.perf_counter(), False
    old: tuple[Row, ...] = ()
    made: dict[int, _Report] = {}
    try:
        with (
            notebook_bar(progress, chosen.name),
            nullcontext() if place is None else recipe_folder(place),
        ):
            check_runs(place, _runs(chosen, configs, old), chosen.by_seed, resume)
            old = () if study is None else open_study(study, configs, resume)
            shown = progress if executor is None else False
            tasks = _tasks(chosen, _runs(chosen, configs, old), place, resume, shown)
            with results_of(_reported, tasks, executor) as results:
                for task, report in results:
                    made[task.number] = report
                    if study is not None:
                        _keep(study, task, report, keep_runs)
                    if executor is not None:
                        begin_stage("training, %d of %d runs", len(made), len(tasks))
                    for row in report.rows:
                        tell(row)
                    if report.interrupted:
                        interrupted = True
                        break
    except (KeyboardInterrupt, SystemError) as error:
        # Between two runs, or in a report: what has been reported is kept.
        if not was_interrupted(error):
            raise
        interrupted = True
    reports, before = [made[k] for k in sorted(made)], sum(row["steps"] for row in old)
    return Outcome(
        recipe=chosen,
        quick=quick,
        rows=_in_order(chosen, [*old, *(row for report in reports for row in report.rows)]),
        configs=configs if chosen.by_seed else tuple(configs[k] for k in sorted(made)),
        steps=before + sum(report.steps for report in reports),
        begun=before + sum(report.begun for report in reports),
        seconds=time.perf_counter() - began,
        interrupted=interrupted,
        version=__version__,
    )


def _runs(chosen: Recipe, configs: Sequence[TrainConfig], old: Sequence[Row]) -> list[Chunk]:
    """Return what is to be trained: the chunks of a study, or else a run of every configuration."""
    if chosen.by_seed:
        return list(chunks(configs, old))
    return [Chunk(config, _name(number, config)) for number, config in enumerate(configs)]


def _tasks(
    chosen: Recipe,
    runs: Sequence[Chunk],
    folder: Path | None,
    resume: bool,
    progress: bool | None,
) -> list[_Task]:
    """Return the runs of a recipe as tasks."""
    target = None if chosen.target is None else chosen.target.resolve()
    return [
        _Task(
            number=number,
            config=run.config,
            target=target,
            report=chosen.report,
            folder=None if folder is None else folder / run.name,
            resume=resume,
            progress=progress,
        )
        for number, run in enumerate(runs)
    ]


def _reported(task: _Task) -> _Report:
    """Train, and report: a function of values, so that any process may run it."""
    if task.report != "universality":
        run = _trained(task, task.folder)
        return _Report((REPORTS[task.report](run),), run.steps, run.begun, run.interrupted)
    # The learned order is read from checkpoints, so that a study always has a folder.
    with TemporaryDirectory() if task.folder is None else nullcontext(task.folder) as folder:
        run = _trained(task, Path(folder))
        rows = () if run.interrupted else seed_rows(run)
        return _Report(rows, len(rows) * run.steps, len(rows) * run.begun, run.interrupted)


def _trained(task: _Task, folder: Path | None) -> Run:
    return train(
        task.config, task.target, folder=folder, resume=task.resume, progress=task.progress
    )


def _keep(study: Path, task: _Task, report: _Report, keep_runs: bool) -> None:
    """Write down the rows of a chunk, and take its folder away."""
    if not report.rows:
        return
    keep_rows(study, report.rows)
    if not keep_runs and task.folder is not None:
        shutil.rmtree(task.folder, ignore_errors=True)


def _in_order(chosen: Recipe, rows: list[Row]) -> tuple[Row, ...]:
    """Return rows in the order of the runs; of a study by width and seed."""
    if chosen.by_seed:
        rows.sort(key=lambda row: (row["width"], row["seed"]))
    return tuple(rows)


def _name(number: int, config: TrainConfig) -> str:
    return f"{number:02d}-{config.model}-width-{config.width}"
