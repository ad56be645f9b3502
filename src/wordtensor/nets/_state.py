"""The state of a training run in memory: weights, optimiser, records, and what succeeded when."""

import math
import time
from typing import Any

import numpy as np
import torch

from ._losses import norm_penalty
from ._objective import make_objective
from ._optimizers import decay_factor, make_optimizer, make_step
from ._start import Target, make_model, make_tasks
from .config import TrainConfig
from .evaluation import SCORES, Scores, decisive_accuracy, evaluate
from .models import Net


class TrainingState:
    """A run in progress, changed by every step."""

    def __init__(self, config: TrainConfig, target: Target = None) -> None:
        self.config = config
        self.tasks = make_tasks(config, target)
        self.net = make_model(config, self.tasks)
        self.optimizer = make_optimizer(config, self.net)
        self.step = 0
        self.records: list[dict[str, Any]] = []
        self.success_step = np.full(config.instances, -1, dtype=np.int64)
        self.lowest_loss = np.full(config.instances, np.inf)
        self.first = {name: p.detach().clone() for name, p in self.net.named_parameters()}
        self._objective = make_objective(config, self.tasks, self.net.device)
        self._advance = make_step(config, self.net, self.optimizer)
        self.start_clock(0.0)

    def start_clock(self, seconds: float) -> None:
        """Count the time from now on, after some that earlier sessions took."""
        self._earlier, self._began = seconds, time.perf_counter()

    @property
    def seconds(self) -> float:
        """Time spent, earlier sessions included."""
        return self._earlier + time.perf_counter() - self._began

    def advance(self) -> None:
        """Make one step."""
        config = self.config
        self.optimizer.zero_grad()
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
        accuracy = decisive_accuracy(scores["train_accuracy"], scores["test_accuracy"])
        fresh = (self.success_step < 0) & (accuracy >= self.config.success_accuracy)
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
        net = make_model(self.config, self.tasks)
        arrays = {}
        for name, parameter in self.net.named_parameters():
            now, then = parameter.detach(), self.first[name]
            if self.net.instances is None:
                arrays[name] = then if self.success_step[0] >= 0 else now
            else:
                had = torch.tensor(self.success_step >= 0, device=now.device)
                arrays[name] = torch.where(had.reshape(-1, *[1] * (now.dim() - 1)), then, now)
        return net.assign(arrays)
