"""Run a recipe: its configurations one after the other, each in a folder of its own."""

import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from .._interrupts import was_interrupted
from .._version import __version__
from ..nets._folder import held_folder
from ..nets.config import TrainConfig
from ..nets.training import train
from ._recipe import Outcome, Recipe
from ._reports import REPORTS
from .registry import recipe as named_recipe


def run_recipe(
    which: Recipe | str,
    *,
    quick: bool = False,
    changes: dict[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = True,
    callback: Callable[[dict[str, Any]], None] | None = None,
    progress: bool = False,
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
        Gets the row of each finished run.
    progress : bool
        Show a line on standard error.

    Returns
    -------
    Outcome
        After Ctrl-C, with the runs made until then, the last one as it was.

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
    target = None if chosen.target is None else chosen.target.resolve()
    began, rows, interrupted = time.perf_counter(), [], False
    steps = begun = 0
    try:
        with nullcontext() if folder is None else held_folder(Path(folder)):
            for number, config in enumerate(configs):
                place = None if folder is None else Path(folder) / _name(number, config)
                run = train(config, target, folder=place, resume=resume, progress=progress)
                steps, begun = steps + run.steps, begun + run.begun
                rows.append(REPORTS[chosen.report](run))
                if callback is not None:
                    callback(rows[-1])
                if run.interrupted:
                    interrupted = True
                    break
    except (KeyboardInterrupt, SystemError) as error:
        # Between two runs, or in a report: what has been reported is kept.
        if not was_interrupted(error):
            raise
        interrupted = True
    return Outcome(
        recipe=chosen,
        quick=quick,
        rows=tuple(rows),
        configs=configs[: len(rows)],
        steps=steps,
        begun=begun,
        seconds=time.perf_counter() - began,
        interrupted=interrupted,
        version=__version__,
    )


def _name(number: int, config: TrainConfig) -> str:
    return f"{number:02d}-{config.model}-width-{config.width}"
