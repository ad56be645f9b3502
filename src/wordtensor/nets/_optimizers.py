"""Optimisers of torch, with penalty and schedules, and a learning rate for every instance."""

from typing import Any, Final, cast

import torch
from torch import Tensor

from ..errors import NetworkError
from .config import COUPLED, TrainConfig
from .models import Net

# Weights up to which one thread, without torch's call, is faster than any number of them.
_FEW: Final = 2**18


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


# What a step's number decides is set beforehand, in tensors, so that a record of the update
# (`_capture`) reads it anew at each replay.
class Update:
    """Changes the parameters by their gradients, with penalty, decay and schedules."""

    def __init__(
        self, config: TrainConfig, net: Net, optimizer: torch.optim.Optimizer, recorded: bool
    ) -> None:
        """Take what is trained; recorded, all of the update is torch's."""
        self._config, self._net, self._optimizer = config, net, optimizer
        self._parameters: list[Tensor] = list(net.parameters())
        group = optimizer.param_groups[0]
        self._base, self._decay = float(group["lr"]), float(group["weight_decay"])
        self._momentum, self._betas = float(group.get("momentum", 0)), config.betas
        self._moving = config.schedule != "constant"
        self._lowering = config.decay_schedule != "constant"
        self._shares = _shares(config, net)
        # On a CUDA device the optimisers read a rate in single precision.
        exact = torch.float64 if net.device.type == "cpu" else torch.float32
        self._rate: float | Tensor = self._base
        if self._moving:
            self._rate = torch.tensor(self._base, dtype=exact, device=net.device)
        # Gradients, and what the optimiser remembers, once it does: a state is loaded before that.
        self._slots: list[list[Tensor]] = []
        numbers = sum(p.numel() for p in self._parameters)
        plain = net.device.type == "cpu" and not self._moving and not recorded
        self._compiled = plain and numbers <= _FEW
        self._arrays: list[tuple[Any, Any, Any, Any, Any]] = []
        self._share = torch.ones((), dtype=net.dtype, device=net.device)

    @property
    def outside(self) -> bool:
        """Whether a step's number matters, so that something is set between two steps."""
        return self._moving or self._lowering

    @property
    def recordable(self) -> bool:
        """Whether the update runs without asking for values, once it has run as it is."""
        return self._config.optimizer != "muon"

    def set(self, number: int) -> None:
        """Set what the number of the step decides."""
        if isinstance(self._rate, Tensor):
            self._rate.fill_(self._base * rate_factor(self._config, number))
        if self._lowering:
            self._share.fill_(decay_factor(self._config, number))

    def __call__(self) -> None:
        """Make the update."""
        with torch.no_grad():
            if self._config.penalty:
                self._add_penalty()
            # Every step of these optimisers is proportional to the learning rate, so an instance
            # with a smaller one takes that share of the step that the largest would make.
            before = [] if self._shares is None else [p.clone() for p in self._parameters]
            decay = self._decay
            if self._lowering and decay:
                decay = self._lowered_decay()
            self._step(decay)
            if self._shares is None:
                return
            for parameter, old in zip(self._parameters, before, strict=True):
                share = self._shares.reshape(-1, *[1] * (parameter.dim() - 1))
                parameter.copy_(torch.lerp(old, parameter, share))

    def _add_penalty(self) -> None:
        """Add the gradient of ``penalty * sum_i ||omega_i||^p`` over neurons i."""
        power = self._config.penalty_power
        factor = self._net.neuron_norms().pow(power - 2).mul_(self._config.penalty * power)
        if self._lowering:
            factor.mul_(self._share)
        own = dict(self._net.named_parameters())
        for name, axis in self._net.neuron_axes.items():
            _gradient(own[name]).addcmul_(own[name], factor.unsqueeze(axis))

    def _lowered_decay(self) -> float:
        """Make a decay that falls by hand; what is left for the optimiser is none."""
        coupled = self._config.optimizer in COUPLED
        factor = self._share * self._decay
        for parameter in self._parameters:
            if coupled:
                _gradient(parameter).addcmul_(parameter, factor)
            else:
                parameter.mul_(1 - factor * self._rate)
        return 0.0

    def _adam(self, decay: float) -> None:
        """Make Adam's step: of small nets on a CPU by a compiled function, else by torch's."""
        gradients, steps, first, second = self._slots
        adam = self._config.optimizer == "adam"
        if self._compiled:
            from ._adam_kernel import adam_step  # and with it numba

            if not self._arrays:
                parts = zip(self._parameters, gradients, first, second, strict=True)
                flat = ([each.detach().view(-1).numpy() for each in part] for part in parts)
                counts = [step.numpy() for step in steps]
                self._arrays = list(zip(*zip(*flat, strict=True), counts, strict=True))
            l2, rest = (decay, 0.0) if adam else (0.0, decay)
            beta, gamma = self._betas
            for arrays in self._arrays:
                adam_step(*arrays, float(self._rate), beta, gamma, l2, rest)
            return
        torch._foreach_add_(steps, 1)
        made = torch._fused_adam_ if adam else torch._fused_adamw_
        made(
            self._parameters, gradients, first, second, [], steps,
            lr=self._rate,
            beta1=self._betas[0], beta2=self._betas[1], weight_decay=decay,
            eps=1e-8, amsgrad=False, maximize=False,
        )  # fmt: skip

    def _step(self, decay: float) -> None:
        state, parameters = self._optimizer.state, self._parameters
        plain = self._config.optimizer in ("gd", "sgd") and not self._momentum
        if not plain and (not state.get(parameters[0]) or self._config.optimizer == "muon"):
            group = self._optimizer.param_groups[0]  # another dictionary once a state was loaded
            group["lr"], group["weight_decay"] = float(self._rate), decay
            self._optimizer.step()
            return
        # What torch's optimisers do in the end; their own way there takes longer than small nets.
        if not self._slots:
            names = ("momentum_buffer",) if self._momentum else ("step", "exp_avg", "exp_avg_sq")
            kept = [] if plain else [[state[p][name] for p in parameters] for name in names]
            self._slots = [[_gradient(p) for p in parameters], *kept]
        if self._config.optimizer in ("gd", "sgd"):
            torch._fused_sgd_(
                parameters,
                self._slots[0],
                [] if plain else self._slots[1],
                weight_decay=decay,
                momentum=self._momentum,
                lr=self._rate,
                dampening=0.0,
                nesterov=False,
                maximize=False,
                is_first_step=False,
            )
            return
        self._adam(decay)


def _gradient(parameter: Tensor) -> Tensor:
    return cast(Tensor, parameter.grad)


def _shares(config: TrainConfig, net: Net) -> Tensor | None:
    """Return the learning rates over the largest one, or None if they are all the same."""
    rates = config.learning_rate
    if not isinstance(rates, tuple) or net.instances is None or len(set(rates)) == 1:
        return None
    return torch.tensor(rates, dtype=net.dtype, device=net.device) / max(rates)
