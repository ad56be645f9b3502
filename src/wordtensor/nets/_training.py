"""The state of a training run, and how it is written down and taken up again."""

import json
import math
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from .._files import damage_as, read_file
from ..errors import FileFormatError, NetworkError
from ._losses import norm_penalty
from ._objectives import Task, make_objective
from ._optimizers import decay_factor, make_optimizer, make_step, slot_names
from ._setup import Target, make_model, make_tasks
from .config import TrainConfig
from .evaluation import Scores, evaluate
from .files import read_safetensors, write_safetensors
from .models import Net
from .run import SCORES
from .tasks import TensorTask, WordTask

__all__ = ["METRICS_FILE", "STATE_FILE", "Training"]

METRICS_FILE: Final = "metrics.jsonl"
STATE_FILE: Final = "state.safetensors"


class Training:
    """A run in progress."""

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
        """Take up the run that a folder holds."""
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
    with damage_as(path, "it is damaged"):
        lines = read_file(path).decode().splitlines() if path.is_file() else []
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
    return rows
