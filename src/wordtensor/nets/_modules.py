"""Torch modules of others: their arrays, their activation, and what they return on pairs."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .._memory import require_memory
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


def module_activations(module: nn.Module) -> list[str]:
    """Return the activations that a module's parts name, sorted."""
    return sorted({name for part in module.modules() if (name := _activation(part)) is not None})


def _activation(part: nn.Module) -> str | None:
    if isinstance(part, nn.GELU):
        return "gelu_tanh" if part.approximate == "tanh" else "gelu"
    return next((name for kind, name in _NAMES.items() if type(part) is kind), None)


def module_logits(module: nn.Module, order: int) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield what a module gives on all pairs, (n, n, n), and how it was called, in each way."""
    require_memory(32.0 * order**3, f"What the module returns on all pairs of {order} elements")
    n = order
    a, b = torch.arange(n).repeat_interleave(n), torch.arange(n).repeat(n)
    dtype = next((p.dtype for p in module.parameters()), torch.float32)
    if dtype in (torch.float16, torch.bfloat16):
        # Its own rounding would hide what it computes.
        dtype, module = torch.float32, copy.deepcopy(module).float()
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    one = torch.eye(n, dtype=dtype)
    inputs: dict[str, Callable[[], tuple[Tensor, ...]]] = {
        "on indices (a, b)": lambda: (a, b),
        "on rows [a, b]": lambda: (torch.stack([a, b], 1),),
        "on rows [a, b, n]": lambda: (torch.stack([a, b, torch.full_like(a, n)], 1),),
        "on one-hot vectors side by side": lambda: (torch.cat([one[a], one[b]], 1),),
        "on two one-hot vectors": lambda: (one[a], one[b]),
        "on rows of one-hot vectors": lambda: (torch.stack([one[a], one[b]], 1),),
        "on sums of one-hot vectors": lambda: (one[a] + one[b],),
    }
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            for how, made in inputs.items():
                try:
                    cube = _cube(module(*(part.to(device) for part in made())), n)
                except Exception:  # a user's module, called in a way that may not be its own
                    continue
                if cube is not None:
                    yield how, cube
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
