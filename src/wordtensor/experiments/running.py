"""Run a recipe: its configurations one after the other, each in a folder of its own."""

import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from .._interrupts import was_interrupted
from .._version import __version__
from ..errors import NetworkError
from ..nets._folder import held_folder
from ..nets.config import TrainConfig
from ..nets.training import train
from ..words import word
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
    target = None if chosen.target is None else chosen.target.resolve()
    configs = [config.replace(**(changes or {})) for config in chosen.configs(quick)]
    _check(chosen, configs, changes or {})
    began, rows, interrupted = time.perf_counter(), [], False
    try:
        with nullcontext() if folder is None else held_folder(Path(folder)):
            for number, config in enumerate(configs):
                place = None if folder is None else Path(folder) / _name(number, config)
                run = train(config, target, folder=place, resume=resume, progress=progress)
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
        configs=tuple(configs[: len(rows)]),
        seconds=time.perf_counter() - began,
        interrupted=interrupted,
        version=__version__,
    )


def _check(chosen: Recipe, configs: list[TrainConfig], changes: dict[str, Any]) -> None:
    """Refuse changes under which the recipe's report would say nothing, before training."""
    fixed = {"group", "word"} & changes.keys()
    if chosen.target is not None and fixed:
        raise NetworkError(
            f"Recipe {chosen.name!r} has its own target; {sorted(fixed)[0]!r} cannot be changed"
        )
    for config in configs:
        if chosen.report in ("grokking", "block", "widths", "bsc") and config.model != "hadamard":
            raise NetworkError(
                f"Recipe {chosen.name!r} reports on Hadamard nets; 'model' cannot be changed"
            )
        if chosen.report in ("margin", "bsc") and config.model != "parity":
            if word(config.word) != word("a*b"):
                raise NetworkError(f"Recipe {chosen.name!r} is about a*b; 'word' cannot be changed")
        if chosen.report == "margin" and not (
            config.model == "margin"
            or (config.model, config.activation) == ("perceptron", "square")
            or (config.model == "parity" and config.power in (0, config.relevant))
        ):
            raise NetworkError(
                f"Recipe {chosen.name!r} is about gamma*, which bounds quadratic nets (and x^k for "
                "k-parity); take model=margin"
            )


def _name(number: int, config: TrainConfig) -> str:
    return f"{number:02d}-{config.model}-width-{config.width}"
