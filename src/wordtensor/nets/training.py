"""The state of a training run, and how it is written down and taken up again."""

import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import FileFormatError, NetworkError
from ..groups import Group
from .config import TrainConfig
from .evaluation import Scores, evaluate
from .files import read_safetensors, write_safetensors
from .losses import norm_penalty
from .models import MODELS, Net
from .objectives import Task, make_objective
from .optimizers import decay_factor, make_optimizer, make_step, slot_names
from .run import SCORES
from .tasks import ParityTask, TensorTask, WordTask, parity_task, word_task

__all__ = [
    "METRICS_FILE",
    "STATE_FILE",
    "Target",
    "Training",
    "checkpoint_steps",
    "first_task",
    "make_model",
    "make_tasks",
    "parameter_count",
    "record_steps",
]

METRICS_FILE: Final = "metrics.jsonl"
STATE_FILE: Final = "state.safetensors"

Target = Group | TensorTask | None


def make_tasks(config: TrainConfig, target: Target = None) -> tuple[Task, ...]:
    """Return the tasks of a configuration: one for each instance, or one that serves all.

    Parameters
    ----------
    config : TrainConfig
        The run.
    target : Group or TensorTask, optional
        Instead of the group that the configuration names.
    """
    first = first_task(config, target)
    # Batches of one split come in one order, so that task too serves all.
    if not isinstance(first, WordTask) or config.split_seed is not None:
        return (first,)
    if config.fraction == 1 and not config.batch:
        return (first,)
    others = config.seeds[1:]
    return (first, *(word_task(first.word, first.group, config.fraction, s) for s in others))


def first_task(config: TrainConfig, target: Target = None) -> Task:
    """Return the task of the first instance.

    Raises
    ------
    NetworkError
        If the configured model cannot learn the target.
    """
    if isinstance(target, TensorTask):
        if (config.model, config.loss, config.batch, config.fraction) != ("hadamard", "mse", 0, 1):
            raise NetworkError(
                "a tensor is learned by model='hadamard' with loss='mse', batch=0 and fraction=1; "
                f"given {config.model!r}, {config.loss!r}, {config.batch} and {config.fraction}"
            )
        return target
    if config.model == "parity":
        if target is not None:
            raise NetworkError("model='parity' learns a parity and takes no other target")
        return parity_task(config.bits, config.relevant)
    seed = config.seed if config.split_seed is None else config.split_seed
    G = config.group if target is None else target
    return word_task(config.word, G, config.fraction, seed)


def parameter_count(config: TrainConfig, task: Task) -> float:
    """Return the number of weights of all instances, without making them."""
    kind, sizes = _architecture(config, task)
    try:
        with torch.device("meta"):
            single = sum(p.numel() for p in kind(**sizes).parameters())
    except (RuntimeError, TypeError):  # more bytes, or rows, than 64 bits can count
        return math.inf
    return float(single * config.instances)


def make_model(config: TrainConfig, tasks: Sequence[Task]) -> Net:
    """Return the untrained net of a configuration.

    Raises
    ------
    NetworkError
        If torch cannot use the configured device.
    """
    kind, sizes = _architecture(config, tasks[0])
    seed = config.seeds if config.instances > 1 else config.seed
    net = kind(**sizes, seed=seed, dtype=getattr(torch, config.dtype))
    try:
        return net.to(config.device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise NetworkError(f"device {config.device!r} cannot be used: {reason}") from error


def _architecture(config: TrainConfig, first: Task) -> tuple[type[Net], dict[str, Any]]:
    """Return the class of a configured net and its arguments, seed and dtype apart."""
    if isinstance(first, ParityTask):
        sizes: dict[str, Any] = {
            "bits": config.bits,
            "width": config.width,
            "power": config.power or config.relevant,
        }
    elif isinstance(first, TensorTask):
        x, y, z = first.target.shape
        sizes = {"order": (x, y, z), "width": config.width}
    else:
        sizes = {"order": first.order, "width": config.width}
        if config.model == "perceptron":
            sizes["activation"] = config.activation
        if config.model == "mlp":
            sizes["embedding"] = config.embedding
        if config.model == "transformer":
            sizes |= {
                "model_size": config.embedding,
                "heads": config.heads,
                "head_size": config.head_size,
            }
    if config.model not in ("mlp", "transformer"):
        sizes["scale"] = config.scale
    return MODELS[config.model], sizes


class Training:
    """A run in progress.

    Parameters
    ----------
    config : TrainConfig
        The run.
    target : Group or TensorTask, optional
        Instead of the group that the configuration names.

    Attributes
    ----------
    net : Net
        As trained so far.
    tasks : tuple of Task
        What it learns.
    step : int
        Steps made.
    records : list of dict
        The metrics so far.
    success_step : ndarray of int64, shape (S,)
        When each instance first had full accuracy; -1: not yet.
    """

    def __init__(self, config: TrainConfig, target: Target = None) -> None:
        self.config = config
        self.tasks = make_tasks(config, target)
        self.net = make_model(config, self.tasks)
        self.step = 0
        self.records: list[dict[str, Any]] = []
        self.success_step = np.full(config.instances, -1, dtype=np.int64)
        self.lowest_loss = np.full(config.instances, np.inf)
        self.first = {name: p.detach().clone() for name, p in self.net.named_parameters()}
        self._earlier = 0.0
        self._began = time.perf_counter()
        self._optimizer = make_optimizer(config, self.net)
        self._objective = make_objective(config, self.tasks, self.net.device)
        self._advance = make_step(config, self.net, self._optimizer)

    @property
    def seconds(self) -> float:
        """Time spent, earlier sessions included."""
        return self._earlier + time.perf_counter() - self._began

    def advance(self) -> None:
        """Make one step."""
        config = self.config
        self._optimizer.zero_grad()
        loss = self._objective(self.net, self.step).sum()
        if config.penalty:
            weight = config.penalty * decay_factor(config, self.step)
            loss = loss + weight * norm_penalty(self.net, config.penalty_power).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        self._advance(self.step)
        self.step += 1

    def record(self) -> dict[str, Any]:
        """Evaluate, remember and return the metrics of now."""
        scores = evaluate(self.net, self.tasks, self.config.loss)
        self._note_success(scores)
        self.lowest_loss = np.fmin(self.lowest_loss, scores["train_loss"])
        row: dict[str, Any] = {"step": self.step, "seconds": self.seconds}
        for name in SCORES:
            row[name] = [float(v) if math.isfinite(v) else None for v in scores[name]]
        self.records.append(row)
        return row

    def _note_success(self, scores: Scores) -> None:
        tested = scores["test_accuracy"]
        accuracy = scores["train_accuracy"] if np.isnan(tested).all() else tested
        fresh = (self.success_step < 0) & (accuracy >= (self.config.stop_accuracy or 1.0))
        if not fresh.any():
            return
        self.success_step[fresh] = self.step
        chosen = torch.tensor(np.flatnonzero(fresh), device=self.net.device)
        for name, parameter in self.net.named_parameters():
            if self.net.instances is None:
                self.first[name] = parameter.detach().clone()
            else:
                self.first[name][chosen] = parameter.detach()[chosen]

    def finished(self) -> bool:
        """Whether all steps are made, or a stopping rule holds for every instance."""
        config = self.config
        if self.step >= config.steps:
            return True
        if config.stop_accuracy is not None and (self.success_step >= 0).all():
            return True
        return config.stop_loss is not None and bool((self.lowest_loss <= config.stop_loss).all())

    def diverged(self) -> bool:
        """Whether no instance has finite weights any more."""
        norms = self.records[-1]["norm"] if self.records else [0.0]
        return all(value is None for value in norms)

    def first_net(self) -> Net:
        """Return every instance at its first success, or as it is now if it had none."""
        config = self.config
        net = make_model(config, self.tasks)
        arrays = {}
        for name, parameter in self.net.named_parameters():
            now, then = parameter.detach(), self.first[name]
            if self.net.instances is None:
                arrays[name] = then if self.success_step[0] >= 0 else now
            else:
                had = torch.tensor(self.success_step >= 0, device=now.device)
                arrays[name] = torch.where(had.reshape(-1, *[1] * (now.dim() - 1)), then, now)
        return net.assign(arrays)

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on into the folder, whole or not at all."""
        tensors: dict[str, Tensor] = {f"net.{n}": p for n, p in self.net.named_parameters()}
        tensors |= {f"first.{name}": value for name, value in self.first.items()}
        for number, slots in self._optimizer.state_dict()["state"].items():
            for key, value in slots.items():
                if value is not None:
                    tensors[f"optimizer.{number}.{key}"] = torch.as_tensor(value)
        tensors["success_step"] = torch.tensor(self.success_step)
        tensors["lowest_loss"] = torch.tensor(self.lowest_loss)
        tensors |= _target_tensors(self.tasks[0])
        header = {
            "config": self.config.to_dict(),
            "step": self.step,
            "records": len(self.records),
            "seconds": self.seconds,
        }
        write_safetensors(folder / STATE_FILE, tensors, header)

    def restore(self, folder: Path) -> None:
        """Take up the run that a folder holds.

        Raises
        ------
        FileFormatError
            If its files are damaged.
        NetworkError
            If it is another run.
        """
        header, tensors = read_safetensors(folder / STATE_FILE)
        _check_same(folder, header, tensors, self.config, self.tasks[0])
        try:
            step = int(header["step"])
            self._check_arrays(tensors, step)
            self.net.assign({n: tensors[f"net.{n}"] for n, _ in self.net.named_parameters()})
            self.first = {n: tensors[f"first.{n}"].to(self.net.device) for n in self.first}
            state = self._optimizer.state_dict()
            state["state"] = {
                number: {key: tensors[f"optimizer.{number}.{key}"] for key in self._slots(step)}
                for number, _ in enumerate(self.net.parameters())
            }
            self._optimizer.load_state_dict(state)
            self.success_step = tensors["success_step"].numpy().copy()
            self.lowest_loss = tensors["lowest_loss"].numpy().copy()
            self.step, self._earlier = step, float(header["seconds"])
        except (KeyError, ValueError, TypeError, RuntimeError, OverflowError) as error:
            raise FileFormatError(f"{str(folder / STATE_FILE)!r} is damaged: {error}") from error
        self.records = _read_records(
            folder / METRICS_FILE, header.get("records"), self.config.instances
        )
        self._began = time.perf_counter()

    def _slots(self, step: int) -> frozenset[str]:
        return slot_names(self.config) if step else frozenset()

    def _check_arrays(self, tensors: dict[str, Tensor], step: int) -> None:
        """Refuse arrays that this run cannot have written."""
        if not 0 <= step <= self.config.steps:
            raise ValueError(f"it claims {step} steps of {self.config.steps}")
        count: tuple[int, ...] = (self.config.instances,)
        wanted = {"success_step": (count, torch.int64), "lowest_loss": (count, torch.float64)}
        for number, (name, parameter) in enumerate(self.net.named_parameters()):
            shape, dtype = tuple(parameter.shape), parameter.dtype
            wanted |= {f"net.{name}": (shape, dtype), f"first.{name}": (shape, dtype)}
            for key in self._slots(step):
                wanted[f"optimizer.{number}.{key}"] = (
                    ((), torch.float32) if key == "step" else (shape, dtype)
                )
        for name, (shape, dtype) in wanted.items():
            if (tuple(tensors[name].shape), tensors[name].dtype) != (shape, dtype):
                raise ValueError(f"the array {name!r} is not {dtype} of shape {shape}")


def _target_tensors(task: Task) -> dict[str, Tensor]:
    """Return what is learned, where the configuration alone does not say it."""
    if isinstance(task, TensorTask):
        return {"target": torch.tensor(task.target)}
    if isinstance(task, WordTask):
        return {"cayley": torch.tensor(task.group.cayley)}
    return {}


def _check_same(
    folder: Path,
    header: dict[str, Any],
    tensors: dict[str, Tensor],
    config: TrainConfig,
    task: Task,
) -> None:
    saved, asked = header.get("config"), config.to_dict()
    if not isinstance(saved, dict):
        raise FileFormatError(f"{str(folder / STATE_FILE)!r} is no state of a training run")
    differing = sorted(key for key in saved.keys() | asked if saved.get(key) != asked.get(key))
    if differing:
        key = differing[0]
        raise NetworkError(
            f"{str(folder)!r} holds another run: its {key!r} is {saved.get(key)!r}, not "
            f"{asked.get(key)!r}; name another folder, or pass resume=False to begin anew"
        )
    for name, value in _target_tensors(task).items():
        if name not in tensors or not torch.equal(tensors[name], value):
            raise NetworkError(
                f"{str(folder)!r} holds a run for another {'group' if name == 'cayley' else name}; "
                f"pass the one that it was made with, or name another folder"
            )


def _read_records(path: Path, count: Any, instances: int) -> list[dict[str, Any]]:
    """Read the first records; what a killed run wrote after its last state is made again."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        if not isinstance(count, int) or not 1 <= count <= len(lines):
            raise ValueError(f"it has {len(lines)} records where the run made {count}")
        rows = [json.loads(line) for line in lines[:count]]
        for row in rows:
            float(row["seconds"])
            if not isinstance(row["step"], int) or any(
                len(row[name]) != instances
                or not all(value is None or isinstance(value, float) for value in row[name])
                for name in SCORES
            ):
                raise ValueError(f"its record {row} is not one of this run")
    except (OSError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise FileFormatError(f"{str(path)!r} is damaged: {error}") from error
    return rows


Steps = NDArray[np.int64]


def record_steps(config: TrainConfig) -> Steps:
    """Return the steps at which metrics are taken: 0, evenly spaced, some early ones, the last."""
    even = np.arange(0, config.steps + 1, config.record_every)
    early = np.unique(np.geomspace(1, max(1, config.record_every), 8).astype(np.int64))
    steps = np.unique(np.concatenate([even, early, [config.steps]]))
    return steps[steps <= config.steps]


def checkpoint_steps(config: TrainConfig) -> Steps:
    """Return the log-spaced steps at which the net is kept: 0, 1, ..., the last."""
    if not config.checkpoints:
        return np.array([], dtype=np.int64)
    spaced = np.geomspace(1, max(1, config.steps), config.checkpoints)
    steps = np.unique(np.concatenate([[0], np.round(spaced).astype(np.int64)]))
    return steps[steps <= config.steps]
