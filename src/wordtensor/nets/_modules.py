"""Torch modules of others: their arrays, their activation, and what they return on pairs."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .._memory import require_memory
from ..errors import NetworkError
from ._state_dicts import Arrays, arrays_of

_NAMES: Final[dict[type[nn.Module], str]] = {
    nn.ReLU: "relu",
    nn.SiLU: "silu",
    nn.Tanh: "tanh",
    nn.Sigmoid: "sigmoid",
    nn.Identity: "identity",
}


def module_arrays(module: nn.Module) -> Arrays:
    """Return the arrays of a module's state dict."""
    return arrays_of(module.state_dict())


def module_activation(module: nn.Module, stated: str | None) -> str | None:
    """Return the activation that a module's parts name, or the one that is stated if none does."""
    found = {name for part in module.modules() if (name := _activation(part)) is not None}
    if len(found) > 1:
        raise NetworkError(f"The module has the activations {', '.join(sorted(found))}, not one")
    own = next(iter(found), None)
    if own is not None and stated not in (None, own):
        raise NetworkError(f"The module's own activation is {own}, not {stated}")
    return own or stated


def _activation(part: nn.Module) -> str | None:
    if isinstance(part, nn.GELU):
        return "gelu_tanh" if part.approximate == "tanh" else "gelu"
    return next((name for kind, name in _NAMES.items() if type(part) is kind), None)


def module_logits(module: nn.Module, order: int) -> Iterator[NDArray[np.float64]]:
    """Yield what a module gives on all pairs, (n, n, n), in each way of calling it that works."""
    require_memory(32.0 * order**3, f"What the module returns on all pairs of {order} elements")
    n = order
    a, b = torch.arange(n).repeat_interleave(n), torch.arange(n).repeat(n)
    dtype = next((p.dtype for p in module.parameters()), torch.float32)
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    one = torch.eye(n, dtype=dtype)
    inputs: tuple[Callable[[], tuple[Tensor, ...]], ...] = (
        lambda: (a, b),
        lambda: (torch.stack([a, b], 1),),
        lambda: (torch.stack([a, b, torch.full_like(a, n)], 1),),
        lambda: (torch.cat([one[a], one[b]], 1),),
        lambda: (one[a], one[b]),
        lambda: (one[a] + one[b],),
    )
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            for made in inputs:
                try:
                    value = module(*(part.to(device) for part in made()))
                except Exception:  # a user's module, called in a way that may not be its own
                    continue
                cube = _cube(value, n)
                if cube is not None:
                    yield cube
    finally:
        module.train(was_training)


def _cube(value: Any, n: int) -> NDArray[np.float64] | None:
    """Return logits of all pairs; of a sequence, those at its last place, without that of "="."""
    if not isinstance(value, Tensor) or len(value) != n * n or value.is_complex():
        return None
    last = value[:, -1] if value.ndim == 3 else value
    if last.ndim != 2 or last.shape[1] not in (n, n + 1):
        return None
    return last[:, :n].double().cpu().numpy().reshape(n, n, n)
