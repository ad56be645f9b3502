"""What neurons do to what enters them, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.special import expit, ndtr

from .._typing import Array
from ..errors import ComparisonError


def _gelu(x: Array) -> Array:
    values: Array = x * ndtr(x)
    return values


def _gelu_tanh(x: Array) -> Array:
    values: Array = 0.5 * x * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3)))
    return values


ACTIVATIONS: Final[Mapping[str, Callable[[Array], Array]]] = MappingProxyType(
    {
        "relu": lambda x: np.maximum(x, 0.0),
        "gelu": _gelu,
        "gelu_tanh": _gelu_tanh,
        "silu": lambda x: x * expit(x),
        "tanh": np.tanh,
        "sigmoid": expit,
        "abs": np.abs,
        "square": np.square,
        "identity": lambda x: x,
    }
)
# What may be stated: the names above, and neurons that multiply their two inputs.
NAMES: Final = ("product", *ACTIVATIONS)


def check_activation(name: object) -> None:
    """Refuse what is no name of an activation."""
    if name not in NAMES:
        raise ComparisonError(
            f"Argument 'activation' must be one of {', '.join(NAMES)}, not {str(name)[:60]!r}"
        )
