"""Training steps of every net, alone and many seeds at once, against plain torch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from wordtensor.nets import TrainConfig
from wordtensor.nets._state import TrainingState
from wordtensor.words import word_tensor

from .base import LIMIT, OURS, Suite

CASES = {
    "hadamard S4": {"group": "S4", "model": "hadamard", "width": 128, "loss": "mse"},
    "perceptron S4": {"group": "S4", "model": "perceptron", "width": 128, "loss": "mse"},
    "mlp S5": {"group": "S5", "model": "mlp", "width": 128, "embedding": 256},
    "transformer S5": {"group": "S5", "model": "transformer", "width": 512, "embedding": 128},
    "hadamard S3, 32 seeds": {
        "group": "S3", "model": "hadamard", "width": 12, "loss": "mse", "instances": 32,
    },
}  # fmt: skip


def config_of(case: str) -> TrainConfig:
    values = {"word": "a*b", "fraction": 0.4, "loss": "cross entropy"} | CASES[case]
    if "S3" in case:
        values["fraction"] = 1.0
    return TrainConfig(
        optimizer="adamw", learning_rate=1e-3, weight_decay=1.0, steps=10**6, seed=1, **values
    )


class Plain:
    """The nets as the papers write them: pairs are gathered, autograd does the rest."""

    def __init__(self, training: TrainingState) -> None:
        self.config = training.config
        net, task = training.net, training.tasks[0]
        index = torch.nonzero(torch.as_tensor(task.train_mask()).flatten()).flatten()
        n = net.order
        self.n, self.a, self.b = n, index // n, index % n
        self.targets = (
            torch.as_tensor(np.array(word_tensor(task.word, task.group).table))
            .flatten()[index]
            .long()
        )
        one = net if net.instances is None else net.instance(0)
        self.weights = {
            name: torch.tensor(value, requires_grad=True) for name, value in one.arrays().items()
        }
        self.heads = one.sizes.get("heads", 4)
        self.optimizer = torch.optim.AdamW(self.weights.values(), lr=1e-3, weight_decay=1.0)

    def logits(self) -> torch.Tensor:
        w, kind = self.weights, self.config.model
        if kind == "hadamard":
            return (w["U"][self.a] * w["V"][self.b]) @ w["W"].T
        if kind == "perceptron":
            return torch.relu(w["U"][self.a] + w["V"][self.b]) @ w["W"].T
        if kind == "mlp":
            both = torch.cat([w["W_x"][self.a], w["W_y"][self.b]], dim=1)
            return torch.relu(both @ w["W"]) @ w["W_U"]
        tokens = torch.stack([self.a, self.b, torch.full_like(self.a, self.n)], dim=1)
        x = w["W_E"][tokens] + w["W_pos"]
        query, key, value = (
            torch.einsum("ptd,hdk->phtk", x, w[name]) for name in ("W_Q", "W_K", "W_V")
        )
        scores = query @ key.mT / key.shape[-1] ** 0.5
        mask = torch.ones(3, 3, dtype=torch.bool).triu(1)
        pattern = scores.masked_fill(mask, float("-inf")).softmax(-1)
        x = x + torch.einsum("phtk,hkd->ptd", pattern @ value, w["W_O"])
        last = x[:, -1]
        return (last + torch.relu(last @ w["W_in"]) @ w["W_out"]) @ w["W_U"]

    def loss(self) -> torch.Tensor:
        logits = self.logits()
        if self.config.loss == "mse":
            target = functional.one_hot(self.targets, self.n).to(logits.dtype)
            return (logits - target).square().sum(1).mean()
        return functional.cross_entropy(logits.double(), self.targets)

    def step(self) -> None:
        self.optimizer.zero_grad()
        self.loss().backward()
        self.optimizer.step()


class Step(Suite):
    """One optimiser step in full batch."""

    pretty_suite = (
        "training step; With 32 seeds, one step of all stands against 32 steps. "
        "The limit is the readout's products."
    )
    params = (tuple(CASES), (OURS, "torch", LIMIT))
    timeout = 600.0

    def setup(self, case: str, way: str) -> None:
        torch.set_num_threads(1)
        super().setup(case, way)

    def prepare(self, case: str, way: str) -> Callable[[], Any]:
        training = TrainingState(config_of(case))
        plain, seeds = Plain(training), training.config.instances
        if way == OURS:
            return training.advance
        if way == "torch":
            return lambda: [plain.step() for _ in range(seeds)]
        # The readout and its two gradients: products that every step has to do.
        pairs, width = len(plain.a), training.net.width
        H, W = torch.randn(seeds, pairs, width), torch.randn(seeds, width, plain.n)
        G = torch.randn(seeds, pairs, plain.n)
        return lambda: (H @ W, G @ W.mT, H.mT @ G)

    # The loss after twenty steps from one start: rounding is amplified on the way.
    tolerance = 1e-3

    def check(self, case: str, way: str, answer: Any) -> float:
        """Return by how much the loss differs from plain torch's after twenty steps."""
        if way != OURS:
            return 0.0
        training = TrainingState(config_of(case))
        start, reached = Plain(training), Plain(training)
        for _ in range(20):
            training.advance()
            start.step()
        net = training.net if training.net.instances is None else training.net.instance(0)
        with torch.no_grad():
            for name, value in net.named_parameters():
                reached.weights[name].copy_(value)
            return abs(float(reached.loss()) / float(start.loss()) - 1.0)

    def time_step(self, case: str, way: str) -> None:
        self.work()

    def track_loss_difference(self, case: str, way: str) -> float:
        return self.error

    track_loss_difference.params = (tuple(CASES), (OURS,))
    track_loss_difference.unit = "relative, after 20 steps"
