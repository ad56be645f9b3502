"""Batches of factors as stacked arrays, on the CPU by NumPy, on a GPU by torch's array API."""

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, Sizes

# An array (B, x + y + z, R) of whatever library: the three factors of B starts, one on the other.
Stacked = Any


def namespace(array: Any) -> ModuleType:
    """Return the library of functions that an array belongs to."""
    if isinstance(array, np.ndarray):
        return np
    import array_api_compat

    return array_api_compat.array_namespace(array)


def on_device(array: NDArray[np.inexact], device: str | None) -> Any:
    """Move an array to a device of torch's; None stays with NumPy."""
    if device is None:
        return array
    from importlib import import_module

    return import_module("array_api_compat.torch").asarray(array, device=device)


def to_numpy(array: Any) -> NDArray[Any]:
    """Bring an array back."""
    if isinstance(array, np.ndarray):
        return array
    import array_api_compat

    return np.asarray(array_api_compat.to_device(array, "cpu"))


def like(values: NDArray[Any], array: Any) -> Any:
    """Move values to where an array is."""
    if isinstance(array, np.ndarray):
        return values
    return namespace(array).asarray(values, device=array.device)


def transposed(array: Any) -> Any:
    """Exchange the last two axes."""
    return array.swapaxes(-1, -2)


def conjugated(array: Any) -> Any:
    """Conjugate; a real array is returned as it is."""
    return namespace(array).conj(array) if is_complex(array) else array


def is_complex(array: Any) -> bool:
    """Tell whether the entries are complex numbers."""
    if isinstance(array, np.ndarray):
        return bool(np.iscomplexobj(array))
    return "complex" in str(array.dtype)


def modes(stacked: Stacked, sizes: Sizes) -> tuple[Any, Any, Any]:
    """Return views of the three factors, shapes (B, x, R), (B, y, R), (B, z, R)."""
    x, y, _ = sizes
    return stacked[:, :x], stacked[:, x : x + y], stacked[:, x + y :]


def inner_products(left: Any, right: Any) -> Array:
    """Return the real part of the inner product for each start, shape (B,)."""
    # As products of rows with columns: BLAS adds up the same way for one start and for many.
    row = conjugated(left).reshape(len(left), 1, -1)
    found = to_numpy(namespace(left).matmul(row, right.reshape(len(right), -1, 1)))[:, 0, 0]
    return np.ascontiguousarray(found.real)


def squared_norms(array: Any) -> Array:
    """Return the squared norm for each start, shape (B,)."""
    return inner_products(array, array)
