"""The state of a training run in memory: weights, optimiser, records, and what succeeded when."""

import math
import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .._typing import Array, Integers
from ._batches import Batches
from ._capture import TOGETHER, Launches, Recorder, cuda_graph
from ._gradients import make_gradients
from ._optimizers import Update, make_optimizer
from ._start import Target, make_model, make_tasks
from .config import TrainConfig
from .evaluation import SCORES, Scores, evaluate, merit
from .models import Net
from .run import History


class TrainingState:
    """A run in progress, changed by every step."""

    def __init__(
        self, config: TrainConfig, target: Target = None, record: Recorder | None = None
    ) -> None:
        """Begin; steps are recorded and replayed on a CUDA device, or as the caller says."""
        self.config = config
        self.tasks = make_tasks(config, target)
        self.net = make_model(config, self.tasks)
        self.optimizer = make_optimizer(config, self.net)
        self.step = 0
        self.records: list[dict[str, Any]] = []
        self.success_step = np.full(config.instances, -1, dtype=np.int64)
        self.lowest_loss = np.full(config.instances, np.inf)
        # Of every instance, the net when it first succeeded, or first had its best accuracy.
        self.first = {name: p.detach().clone() for name, p in self.net.named_parameters()}
        self.first_step = np.full(config.instances, -1, dtype=np.int64)
        self.best_merit = np.full(config.instances, -np.inf)
        self._batches = Batches(config, self.tasks, self.net.device)
        if record is None and self.net.device.type == "cuda":
            record = cuda_graph
        self._update = Update(config, self.net, self.optimizer, record is not None)
        record = record if self._update.recordable else None
        self._gradients = make_gradients(config, self.tasks, self.net, record is not None)
        self._launches = None if record is None else Launches(self._body, record)
        self.start_clock(0.0)

    def start_clock(self, seconds: float) -> None:
        """Count the time from now on, after some that earlier sessions took."""
        self._earlier, self._began = seconds, time.perf_counter()

    @property
    def seconds(self) -> float:
        """Time spent, earlier sessions included."""
        return self._earlier + time.perf_counter() - self._began

    @property
    def recorded(self) -> bool:
        """Whether steps are replayed on a device, which makes many while Python looks away."""
        return self._launches is not None

    def advance(self, steps: int = 1) -> None:
        """Make one step, or more."""
        end = self.step + steps
        while self.step < end:
            self._update.set(self.step)
            batch, times = self._batches(self.step), 1
            if self._launches is None:
                self._body(batch)
            else:
                free = batch is None and not self._update.outside and self._launches.ready()
                times = TOGETHER if free and end - self.step >= TOGETHER else 1
                self._launches(batch, times)
            self.step += times

    def _body(self, batch: Tensor | None) -> None:
        """Make a step of what a device can do by itself."""
        self._gradients(batch)
        self._update()

    def record(self) -> dict[str, Any]:
        """Evaluate, remember and return the metrics of now."""
        scores = evaluate(self.net, self.tasks, self.config.loss)
        self._note_best(scores)
        self.lowest_loss = np.fmin(self.lowest_loss, scores["train_loss"])
        row: dict[str, Any] = {"step": self.step, "seconds": self.seconds}
        for name in SCORES:
            row[name] = [float(v) if math.isfinite(v) else None for v in scores[name]]
        self.records.append(row)
        return row

    def _note_best(self, scores: Scores) -> None:
        value = self._merit(scores)
        fresh = value > self.best_merit
        if not fresh.any():
            return
        self.best_merit[fresh] = value[fresh]
        self.first_step[fresh] = self.step
        self.success_step[fresh & (value == 1)] = self.step
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

    def _merit(self, scores: Scores) -> Array:
        config = self.config
        accuracies = scores["train_accuracy"], scores["test_accuracy"]
        return merit(*accuracies, config.fraction, config.success_accuracy)

    def take_records(self, records: list[dict[str, Any]]) -> None:
        """Take up the records of an earlier session, and from them how good the kept nets are."""
        self.records = records
        history = History.from_records(records)
        value = self._merit({name: getattr(history, name) for name in SCORES})
        self.best_merit = value.max(axis=0)
        first = history.step[value.argmax(axis=0)]
        self.first_step = np.where(np.isfinite(self.best_merit), first, -1)

    def lost(self) -> NDArray[np.bool_]:
        """Tell which instances are not as good at the last record as they were, shape (S,)."""
        last = History.from_records(self.records[-1:])
        value = self._merit({name: getattr(last, name)[0] for name in SCORES})
        fallen: NDArray[np.bool_] = value < self.best_merit
        return fallen

    def best_step(self) -> Integers:
        """Return the step at which every instance was as `best_net` has it."""
        return np.where(self.lost(), self.first_step, self.step)

    def first_net(self) -> Net:
        """Return every instance at its first success or best; as it is now if there is none."""
        return self._mixed(self.first_step >= 0)

    def best_net(self) -> Net:
        """Return every instance as it is now, or as it was before it got worse."""
        lost = self.lost()
        return self._mixed(lost) if lost.any() else self.net

    def _mixed(self, earlier: NDArray[np.bool_]) -> Net:
        """Return some instances as they were kept, and the others as they are now."""
        net = make_model(self.config, self.tasks)
        arrays = {}
        for name, parameter in self.net.named_parameters():
            now, then = parameter.detach(), self.first[name]
            if self.net.instances is None:
                arrays[name] = then if earlier[0] else now
            else:
                had = torch.tensor(earlier, device=now.device)
                arrays[name] = torch.where(had.reshape(-1, *[1] * (now.dim() - 1)), then, now)
        return net.assign(arrays)
