"""Optimisers of torch, with schedules, and with a learning rate for every instance."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..errors import NetworkError
from .config import TrainConfig
from .models import Net


def rate_factor(config: TrainConfig, step: int) -> float:
    """Return what multiplies the learning rate at a step."""
    if config.schedule == "linear":
        return max(0.0, 1 - step / config.steps)
    if config.schedule == "doubling":
        return 2.0 ** sum(step >= at for at in config.doublings)
    return 1.0


def decay_factor(config: TrainConfig, step: int) -> float:
    """Return what multiplies l2, weight decay and penalty at a step."""
    if config.decay_schedule == "linear":
        return max(0.0, 1 - step / (0.75 * config.steps))
    return 1.0


def make_optimizer(config: TrainConfig, net: Net) -> torch.optim.Optimizer:
    """Return the configured optimiser of torch for a net."""
    parameters = list(net.parameters())
    rates = config.learning_rate
    rate = max(rates) if isinstance(rates, tuple) else rates
    common: dict[str, Any] = {"lr": rate, "fused": True}
    match config.optimizer:
        case "gd" | "sgd":
            return torch.optim.SGD(
                parameters, momentum=config.momentum, weight_decay=config.l2, **common
            )
        case "adam":
            return torch.optim.Adam(
                parameters, betas=config.betas, weight_decay=config.l2, **common
            )
        case "adamw":
            return torch.optim.AdamW(
                parameters, betas=config.betas, weight_decay=config.weight_decay, **common
            )
    if not hasattr(torch.optim, "Muon"):
        raise NetworkError(
            f"Version {torch.__version__} of torch has no Muon; take optimizer='adamw'"
        )
    if any(p.dim() != 2 for p in parameters):
        raise NetworkError(
            f"Optimizer 'muon' needs matrices as weights, and a {net.kind!r} has others"
        )
    return torch.optim.Muon(
        parameters, lr=rate, momentum=config.momentum, weight_decay=config.weight_decay
    )


def slot_names(config: TrainConfig) -> frozenset[str]:
    """Return the names of what the configured optimiser remembers of every parameter."""
    if config.optimizer in ("adam", "adamw"):
        return frozenset({"step", "exp_avg", "exp_avg_sq"})
    if config.optimizer == "muon" or config.momentum:
        return frozenset({"momentum_buffer"})
    return frozenset()


def make_step(
    config: TrainConfig, net: Net, optimizer: torch.optim.Optimizer
) -> Callable[[int], None]:
    """Return the function that makes step number s from the gradients that are there."""
    # Every step of these optimisers is proportional to the learning rate, so an instance with a
    # smaller one takes that share of the step that the largest would make.
    start = optimizer.param_groups[0]
    base_rate, base_decay = start["lr"], start["weight_decay"]
    moving = config.schedule != "constant"
    lowering = config.decay_schedule != "constant"
    parameters = list(net.parameters())
    shares = _shares(config, net)

    def step(number: int) -> None:
        group = optimizer.param_groups[0]  # another dictionary once a state was loaded
        if moving:
            group["lr"] = base_rate * rate_factor(config, number)
        if lowering:
            group["weight_decay"] = base_decay * decay_factor(config, number)
        if shares is None:
            optimizer.step()
            return
        with torch.no_grad():
            before = [parameter.clone() for parameter in parameters]
            optimizer.step()
            for parameter, old in zip(parameters, before, strict=True):
                share = shares.reshape(-1, *[1] * (parameter.dim() - 1))
                parameter.copy_(torch.lerp(old, parameter, share))

    return step


def _shares(config: TrainConfig, net: Net) -> Tensor | None:
    """Return the learning rates over the largest one, or None if they are all the same."""
    rates = config.learning_rate
    if not isinstance(rates, tuple) or net.instances is None or len(set(rates)) == 1:
        return None
    return torch.tensor(rates, dtype=net.dtype, device=net.device) / max(rates)
