"""`train`: from a configuration to a run, on disk if asked, resumable, and safe from Ctrl-C."""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from torch import Tensor

from .._files import replace_file
from .._interrupts import deferred_interrupts
from .._version import __version__
from ..errors import FileFormatError, NetworkError, WordTensorError
from ..groups import Group
from ._milestones import checkpoint_steps, record_steps
from ._progress import show_training
from ._resources import guard_memory, suitable_threads
from ._setup import Target, first_task, parameter_count
from ._training import METRICS_FILE, STATE_FILE, Training
from .config import TrainConfig
from .files import read_safetensors, save
from .run import History, Run
from .tasks import TensorTask, name_of

__all__ = ["MEMORY_LIMIT", "load_run", "train"]

_LOGGER = logging.getLogger(__name__)

Callback = Callable[[dict[str, Any]], None]

MEMORY_LIMIT: Final = 2 * 2**30


def train(
    config: TrainConfig,
    target: Target = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = True,
    callback: Callback | None = None,
    progress: bool = False,
    memory_limit: int = MEMORY_LIMIT,
    save_seconds: float = 30.0,
) -> Run:
    """Train a network, or many at once, on a word.

    Parameters
    ----------
    config : TrainConfig
        Everything that decides the outcome.
    target : Group or TensorTask, optional
        What to learn, if it is not what ``config.group`` names.
    folder : str or path, optional
        Where to write: metrics.jsonl as they come, checkpoints, the state to go on from, and
        in the end net.safetensors and first.safetensors. Made if it does not exist.
    resume : bool
        Go on where the folder's run stopped; the numbers are those of an uninterrupted run. False
        begins anew.
    callback : callable, optional
        Gets every record: a dictionary with "step", "seconds" and the metrics, a list with one
        value per instance each.
    progress : bool
        Show a line on standard error.
    memory_limit : int
        Bytes that the weights and the activations of one step may take, by estimate.
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
        If the folder cannot be used, or holds damaged files.
    MemoryLimitError
        If the run would need more memory than the limit.

    Examples
    --------
    >>> config = TrainConfig(group="S3", word="a*b", width=12, steps=300, seed=1)
    >>> run = train(config)
    >>> float(run.final["train_accuracy"][0])
    1.0
    """
    first = first_task(config, target)
    guard_memory(config, first, memory_limit)
    path = None if folder is None else _open_folder(Path(folder))
    with suitable_threads(config, first), deferred_interrupts() as interruption:
        training = Training(config, target)
        if path is not None and resume and (path / STATE_FILE).exists():
            training.restore(path)
            _LOGGER.info("resumed at step %d", training.step)
        elif path is not None:
            _clear(path)
        with _journal(path, training) as write, show_training(config, progress) as show:

            def tell(row: dict[str, Any]) -> None:
                write(row)
                show(row)
                try:
                    if callback is not None:
                        callback(row)
                except KeyboardInterrupt:
                    interruption.pending = True

            stopped = _loop(training, path, tell, lambda: interruption.pending, save_seconds)
        return _finish(training, path, stopped)


def load_run(folder: str | os.PathLike[str], target: Target = None) -> Run:
    """Read a run, finished or not, from its folder.

    Parameters
    ----------
    folder : str or path
        As given to `train`.
    target : Group or TensorTask, optional
        As given to `train`; by default what the folder says.

    Raises
    ------
    FileFormatError
        If there is no run, or its files are damaged.
    """
    path = Path(folder)
    header, tensors = read_safetensors(path / STATE_FILE)
    held = sum(value.numel() for name, value in tensors.items() if name.startswith("net."))
    try:
        config = TrainConfig.from_dict(header.get("config"))  # type: ignore[arg-type]
        target = target or _target(config, tensors)
        # Before memory is taken on a header's word: the arrays must be as large as it says.
        fits = parameter_count(config, first_task(config, target)) == held
    except WordTensorError as error:
        raise FileFormatError(f"{str(path)!r} holds no training run: {error}") from error
    if not fits:
        raise FileFormatError(
            f"the arrays in {str(path)!r} do not fit its configuration, or the target passed"
        )
    training = Training(config, target)
    training.restore(path)
    return _run(training, path, not training.finished())


def _target(config: TrainConfig, tensors: dict[str, Tensor]) -> Target:
    """Return what a run was for, as its folder has it: a name may stand for another table."""
    if "target" in tensors:
        return TensorTask(tensors["target"].numpy())
    if "cayley" in tensors:
        return Group.from_cayley(tensors["cayley"].numpy(), config.group)
    return None


def _loop(
    training: Training,
    path: Path | None,
    tell: Callback,
    interrupted: Callable[[], bool],
    save_seconds: float,
) -> bool:
    """Make the steps; whether Ctrl-C ended them."""
    records = set(record_steps(training.config).tolist())
    checkpoints = set(checkpoint_steps(training.config).tolist()) if path else set()
    saved = time.monotonic()
    if training.step == 0 and not training.records:
        _keep(training, path, checkpoints)
        tell(training.record())
    while not training.finished():
        if interrupted():
            return True
        training.advance()
        _keep(training, path, checkpoints)
        if training.step in records:
            tell(training.record())
            if training.diverged():
                raise NetworkError(
                    f"all weights are infinite at step {training.step}; lower the learning rate "
                    f"({training.config.learning_rate})"
                )
        if path is not None and time.monotonic() - saved > save_seconds:
            training.save(path)
            saved = time.monotonic()
    return False


def _keep(training: Training, path: Path | None, steps: set[int]) -> None:
    if path is not None and training.step in steps:
        name = f"step-{training.step:08d}.safetensors"
        save(training.net, path / "checkpoints" / name, _about(training) | {"step": training.step})


def _about(training: Training) -> dict[str, Any]:
    config = training.config
    return {
        "word": config.word,
        "group": name_of(training.tasks[0], config.group),
        "seeds": list(config.seeds),
        "version": __version__,
    }


def _finish(training: Training, path: Path | None, stopped: bool) -> Run:
    if path is not None:
        training.save(path)
        save(training.net, path / "net.safetensors", _about(training) | {"step": training.step})
        if (training.success_step >= 0).any():
            about = _about(training) | {"success_step": training.success_step.tolist()}
            save(training.first_net(), path / "first.safetensors", about)
    return _run(training, path, stopped)


def _run(training: Training, path: Path | None, stopped: bool) -> Run:
    return Run(
        config=training.config,
        model=training.net,
        first=training.first_net(),
        success_step=training.success_step,
        history=History.from_records(training.records),
        tasks=training.tasks,
        steps=training.step,
        seconds=training.seconds,
        interrupted=stopped,
        folder=path,
        version=__version__,
    )


def _open_folder(path: Path) -> Path:
    try:
        (path / "checkpoints").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFormatError(
            f"cannot make the folder {str(path)!r}: {error.strerror or error}"
        ) from error
    return path


def _clear(path: Path) -> None:
    """Take away what an earlier run left, its state first: nobody shall go on from it."""
    names = (STATE_FILE, "net.safetensors", "first.safetensors", METRICS_FILE)
    old = [path / name for name in names]
    found = [file.name for file in old if file.exists()]
    if found and not (path / "config.json").exists():
        raise FileFormatError(
            f"{str(path)!r} is no run's folder and holds {found[0]!r}, which a run would replace; "
            "name another folder"
        )
    try:
        for file in [*old, *(path / "checkpoints").glob("step-*.safetensors")]:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise FileFormatError(
            f"cannot begin anew in {str(path)!r}: {error.strerror or error}"
        ) from error


@contextmanager
def _journal(path: Path | None, training: Training) -> Iterator[Callback]:
    """Write records as lines of JSON, after those that the state already knows."""
    if path is None:
        yield lambda row: None
        return
    target = path / METRICS_FILE
    lines = "".join(json.dumps(row) + "\n" for row in training.records)
    replace_file(target, lines.encode())
    replace_file(path / "config.json", json.dumps(training.config.to_dict(), indent=2).encode())
    stream: IO[str]
    with target.open("a", encoding="utf-8") as stream:

        def write(row: dict[str, Any]) -> None:
            stream.write(json.dumps(row) + "\n")
            stream.flush()

        yield write
