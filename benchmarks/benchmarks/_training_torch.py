"""The nets in plain torch as the papers write them: pairs go in, autograd does the rest."""

import shutil
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from wordtensor.nets._state import TrainingState

from ._training_cases import CHECKED, Material, Stepper, repeated


class Plain:
    """The loss of one seed or of many, whose products are batched then."""

    def __init__(self, material: Material, device: str = "cpu") -> None:
        self.material = material
        self.config, self.n = material.config, material.n
        self.labels = torch.tensor(material.labels, device=device)
        self.pairs = torch.tensor(material.pairs, device=device)
        self.mask = torch.ones(3, 3, dtype=torch.bool, device=device).triu(1)

    def rows(self, matrix: Tensor, index: Tensor) -> Tensor:
        """Rows (P,) or (S, P) of matrices (n, k) or (S, n, k)."""
        if index.dim() == 1:
            return matrix.index_select(-2, index)
        count, n, width = matrix.shape
        offsets = n * torch.arange(count, device=index.device).unsqueeze(1)
        return functional.embedding(index + offsets, matrix.reshape(count * n, width))

    def both(self, w: dict[str, Tensor], a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows of both inputs, or on all pairs what broadcasts to them."""
        if self.material.on_grid:
            return w["U"].unsqueeze(-2), w["V"].unsqueeze(-3)
        return self.rows(w["U"], a), self.rows(w["V"], b)

    def logits(self, w: dict[str, Tensor], a: Tensor, b: Tensor) -> Tensor:
        kind = self.config.model
        if "U" in w:
            left, right = self.both(w, a, b)
            hidden = left * right if kind == "hadamard" else left + right
            if kind != "hadamard":
                hidden = hidden.square() if kind == "margin" else hidden.relu()
            if self.material.on_grid:
                hidden = hidden.flatten(-3, -2)
            return hidden @ w["W"].mT
        if kind == "mlp":
            both = torch.cat([self.rows(w["W_x"], a), self.rows(w["W_y"], b)], dim=-1)
            return torch.relu(both @ w["W"]) @ w["W_U"]
        tokens = torch.stack([a, b, torch.full_like(a, self.n)], dim=-1)
        x = self.rows(w["W_E"], tokens.flatten(-2)).unflatten(-2, (-1, 3))
        x = x + w["W_pos"].unsqueeze(-3)
        query, key, value = (
            torch.einsum("...ptd,...hdk->...phtk", x, w[name]) for name in ("W_Q", "W_K", "W_V")
        )
        scores = query @ key.mT / key.shape[-1] ** 0.5
        pattern = scores.masked_fill(self.mask, float("-inf")).softmax(-1)
        x = x + torch.einsum("...phtk,...hkd->...ptd", pattern @ value, w["W_O"])
        last = x[..., -1, :]
        return (last + torch.relu(last @ w["W_in"]) @ w["W_out"]) @ w["W_U"]

    def losses(self, w: dict[str, Tensor], index: Tensor) -> Tensor:
        """Return the loss of every seed on pairs, shape () or (S,)."""
        logits, targets = self.logits(w, index // self.n, index % self.n), self.labels[index]
        targets = targets.expand(logits.shape[:-1])
        if self.config.loss == "mse":
            wanted = functional.one_hot(targets, self.n).to(logits.dtype)
            loss = (logits - wanted).square().sum(-1).mean(-1)
        else:
            each = functional.cross_entropy(
                logits.flatten(0, -2), targets.flatten(), reduction="none"
            )
            loss = each.reshape(targets.shape).mean(-1)
        if self.config.penalty:
            norms = torch.stack([w[name].square().sum(-2) for name in "UVW"]).sum(0).sqrt()
            loss = loss + self.config.penalty * norms.pow(self.config.penalty_power).sum(-1)
        return loss

    def total(self, w: dict[str, Tensor], index: Tensor) -> Tensor:
        return self.losses(w, index).sum()


def torch_steps(material: Material, compiled: bool = False, device: str = "cpu") -> Stepper:
    """Return the steps of plain torch, the loss and its gradients compiled if asked."""
    if compiled and device == "cpu" and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        raise NotImplementedError("torch.compile needs a C++ compiler")
    plain, config = Plain(material, device), material.config
    weights = {
        name: torch.tensor(value, device=device, requires_grad=True)
        for name, value in material.weights.items()
    }
    rate = config.learning_rate
    optimizer: torch.optim.Optimizer
    if config.optimizer == "adamw":
        optimizer = torch.optim.AdamW(
            weights.values(), lr=rate, weight_decay=config.weight_decay, fused=True
        )
    else:
        optimizer = torch.optim.SGD(weights.values(), lr=rate, fused=True)
    total: Callable[[dict[str, Tensor], Tensor], Tensor] = plain.total
    if compiled:
        total = torch.compile(plain.total, dynamic=False)
    number = 0

    def step() -> None:
        nonlocal number
        index = plain.pairs
        if config.batch:
            index = torch.from_numpy(material.batch(number)).to(device)
        optimizer.zero_grad()
        total(weights, index).backward()
        optimizer.step()
        number += 1

    def arrays() -> dict[str, np.ndarray]:
        return {name: value.detach().cpu().numpy() for name, value in weights.items()}

    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    return Stepper(repeated(step), arrays, wait)


def checked(training: TrainingState, stepper: Stepper, alone: bool) -> float:
    """Make some steps; return how far the weights then are from plain torch's, over their way.

    The state is another one, still at the start; a stepper that is alone trains its first seed.
    Weights that stood still are off by 1; a loss may hardly fall within so few steps.
    """
    alone = alone or training.net.instances is None
    seeds = {0} if alone else {0, training.config.instances - 1}
    materials = {seed: Material(training, seed) for seed in seeds}
    stepper.advance(CHECKED)
    stepper.wait()
    reached, differences = stepper.weights(), []
    for seed, material in materials.items():
        plain = torch_steps(material, device=training.config.device)
        plain.advance(CHECKED)
        own = reached if alone else {name: value[seed] for name, value in reached.items()}
        wanted, start = plain.weights(), material.weights
        apart, moved = (
            sum(np.square(left[name] - right[name], dtype=float).sum() for name in start)
            for left, right in ((own, wanted), (wanted, start))
        )
        differences.append((apart / moved) ** 0.5)
    # A NaN is larger than everything.
    return float(np.max(differences))


def readout_products(training: TrainingState, together: bool) -> Stepper:
    """Return the readout and its two gradients: products that every step has to do."""
    config, net = training.config, training.net
    pairs = config.batch or len(training.tasks[0].train)
    count = config.instances if together else 1
    shape = {"device": net.device, "dtype": net.dtype}
    H = torch.randn(count, pairs, net.width, **shape)
    W = torch.randn(count, net.width, net.order, **shape)
    G = torch.randn(count, pairs, net.order, **shape)
    return Stepper(repeated(lambda: (H @ W, G @ W.mT, H.mT @ G)), dict)
