"""`train`: from a configuration to a run, on disk if asked, resumable, and safe from Ctrl-C.

The way of ``train(config)``, in order:

1. `config`: the values are checked when the `TrainConfig` is made.
2. `_start`: the first task is made (`tasks`), so that the sizes of the run are known.
3. `_resources`: a run that takes too much memory is refused; threads are chosen.
4. `_state`: the tasks and the untrained net (`_start`, `models`), the optimiser (`_optimizers`),
   the pairs of each step (`_batches`), and what writes gradients (`_gradients`, `_compiled_step`).
5. `_folder`: an older state is taken up, or the folder is cleared; records are written at once.
6. Steps, one by one, or recorded and replayed on a CUDA device (`_capture`); at some of them the
   nets are scored (`evaluation`), kept, or written down.
7. `run`: the `Run` with the net, its history, and every instance at its first success
   and at its best.
"""

import logging
import os
import time
from bisect import bisect_right
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import numpy as np

from .._files import path_of
from .._interrupts import deferred_interrupts
from .._progress import begin_stage
from .._typing import Integers
from .._version import __version__
from ..errors import NetworkError
from ._folder import (
    METRICS_FILE,
    STATE_FILE,
    Writer,
    clear_folder,
    journal,
    read_config,
    restore_state,
    run_folder,
    save_checkpoint,
    save_nets,
    save_state,
)
from ._progress import show_training
from ._resources import asked_precision, guard_memory, suitable_threads
from ._start import Target, first_task, named_after
from ._state import TrainingState
from .config import TrainConfig
from .run import History, Run

_LOGGER = logging.getLogger(__name__)
# A step that nobody reaches, and that floats still count exactly.
_FAR: Final = 2**53
# Steps that a device makes before Python looks for Ctrl-C.
_AT_ONCE: Final = 128


def train(
    config: TrainConfig,
    target: Target = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = True,
    callback: Writer | None = None,
    progress: bool | None = None,
    save_seconds: float = 30.0,
) -> Run:
    """Train a network, or many at once, on a word or a table.

    Parameters
    ----------
    config : TrainConfig
        Everything that decides the outcome.
    target : Group, ValueTable or TensorTask, optional
        What to learn, if it is not what ``config.group`` or ``config.table`` names.
    folder : str or path, optional
        Where to write: metrics.jsonl as they come, checkpoints, the state to go on from, and
        in the end net.safetensors and best.safetensors. Made if it does not exist.
    resume : bool
        Go on where the folder's run stopped; the numbers are those of an uninterrupted run. False
        begins anew.
    callback : callable, optional
        Gets every record: a dictionary with "step", "seconds" and the metrics, a list with one
        value per instance each.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a notebook
        only.
    save_seconds : float
        Time between two states on disk; a killed run loses at most that.

    Returns
    -------
    Run
        Also after Ctrl-C, which ends the run between two steps; ``run.interrupted`` says so.

    Raises
    ------
    NetworkError
        If the configuration does not fit the task, or every instance has diverged.
    FileFormatError
        If the folder cannot be used, holds damaged files, or another run is going on in it.
    MemoryLimitError
        If weights and activations would take more memory than the limit; see
        `wordtensor.memory_limit`.

    Examples
    --------
    >>> config = TrainConfig(group="S3", word="a*b", width=12, steps=300, seed=1)
    >>> run = train(config)
    >>> float(run.final["train_accuracy"][0])
    1.0
    """
    config = named_after(config, target)
    first = first_task(config, target)
    guard_memory(config, first)
    place = nullcontext() if folder is None else run_folder(path_of(folder), resume=resume)
    with (
        place as path,
        suitable_threads(config, first),
        asked_precision(config),
        deferred_interrupts() as interruption,
    ):
        state = TrainingState(config, target)
        if path is not None and resume and (path / STATE_FILE).exists():
            restore_state(state, path)
            _LOGGER.info("resumed at step %d", state.step)
        elif path is not None:
            if resume and (path / METRICS_FILE).exists():
                _LOGGER.warning(
                    "The run in %s was ended before its first state was written; it begins anew",
                    path,
                )
            clear_folder(path)
        begun = state.step
        begin_stage(
            "training of %s on %s%s",
            config.model,
            config.table or f"{config.word} over {config.group}",
            f", which goes on from step {begun}" if begun else "",
        )
        with journal(path, state) as write, show_training(config, progress) as show:

            def tell(row: dict[str, Any]) -> None:
                write(row)
                show(row)
                try:
                    if callback is not None:
                        callback(row)
                except KeyboardInterrupt:
                    interruption.pending = True

            stopped = _loop(state, path, tell, lambda: interruption.pending, save_seconds)
        # The state first: a run that goes on has no record where it was interrupted.
        if path is not None:
            save_state(state, path)
        between = _record_end(state)
        if path is not None:
            save_nets(state, path, between)
        return _run(state, path, begun, stopped)


def load_run(folder: str | os.PathLike[str], target: Target = None) -> Run:
    """Read a run, finished or not, from its folder.

    Parameters
    ----------
    folder : str or path
        As given to `train`.
    target : Group, ValueTable or TensorTask, optional
        As given to `train`; by default what the folder says.

    Returns
    -------
    Run
        As it was when it was last written.

    Raises
    ------
    FileFormatError
        If there is no run, or its files are damaged.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = train(TrainConfig(group="C3", width=12, steps=20), folder=folder)
    ...     again = load_run(folder)
    >>> again.steps, bool((again.model.logits() == run.model.logits()).all())
    (20, True)
    """
    path = Path(folder)
    state = TrainingState(*read_config(path, target))
    restore_state(state, path)
    stopped = not state.finished()
    _record_end(state)
    return _run(state, path, state.step, stopped)


def record_steps(config: TrainConfig) -> Integers:
    """Return the steps at which metrics are taken: 0, evenly spaced, some early ones, the last."""
    even = np.arange(0, config.steps + 1, config.record_every)
    early = np.unique(np.geomspace(1, min(max(1, config.record_every), _FAR), 8).astype(np.int64))
    steps = np.unique(np.concatenate([even, early, [config.steps]]))
    return steps[steps <= config.steps]


def checkpoint_steps(config: TrainConfig) -> Integers:
    """Return the log-spaced steps at which the net is kept: 0, 1, ..., the last."""
    if not config.checkpoints:
        return np.array([], dtype=np.int64)
    spaced = np.geomspace(1, min(max(1, config.steps), _FAR), config.checkpoints)
    steps = np.unique(np.concatenate([[0], np.round(spaced).astype(np.int64)]))
    return steps[steps <= config.steps]


def _loop(
    state: TrainingState,
    path: Path | None,
    tell: Writer,
    interrupted: Callable[[], bool],
    save_seconds: float,
) -> bool:
    """Make the steps; whether Ctrl-C ended them."""
    records = set(record_steps(state.config).tolist())
    checkpoints = set(checkpoint_steps(state.config).tolist()) if path else set()
    events = sorted(records | checkpoints)
    saved = time.monotonic()
    if state.step == 0 and not state.records:
        _keep(state, path, checkpoints)
        tell(state.record())
    while not state.finished():
        if interrupted():
            return True
        state.advance(_steps_ahead(state, events))
        _keep(state, path, checkpoints)
        if state.step in records:
            tell(state.record())
            if state.diverged():
                raise NetworkError(
                    f"All weights are infinite at step {state.step}; lower the learning rate "
                    f"({state.config.learning_rate})"
                )
        if path is not None and time.monotonic() - saved > save_seconds:
            save_state(state, path)
            saved = time.monotonic()
    return False


def _record_end(state: TrainingState) -> dict[str, Any] | None:
    """Score the nets where an interrupted run ended; None if it ended at a record."""
    return None if state.records[-1]["step"] == state.step else state.record()


def _steps_ahead(state: TrainingState, events: list[int]) -> int:
    """Return how many steps to make before anything else is looked at."""
    if not state.recorded:
        return 1
    return min(events[bisect_right(events, state.step)] - state.step, _AT_ONCE)


def _keep(state: TrainingState, path: Path | None, steps: set[int]) -> None:
    if path is not None and state.step in steps:
        save_checkpoint(state, path)


def _run(state: TrainingState, path: Path | None, begun: int, stopped: bool) -> Run:
    return Run(
        config=state.config,
        model=state.net,
        first=state.first_net(),
        best=state.best_net(),
        best_step=state.best_step(),
        success_step=state.success_step,
        history=History.from_records(state.records),
        tasks=state.tasks,
        steps=state.step,
        begun=begun,
        seconds=state.seconds,
        interrupted=stopped,
        folder=path,
        version=__version__,
    )
