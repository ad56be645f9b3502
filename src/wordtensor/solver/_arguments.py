"""What the solver is given, checked: one sentence for whatever it cannot work with."""

from math import isnan
from reprlib import repr as shortened
from typing import Any, Final

import numpy as np

from .._memory import require_memory
from .._typing import Factors, Field, Inexact, Sizes, check_field, is_integer, unmasked
from ..errors import DecompositionError

# Of the largest entry: squares of smaller ones, and of their inverses, are no numbers any more.
_SMALLEST: Final = 1e-100


def checked_array(given: object, name: str, finite: bool = True) -> Inexact:
    """Return an array of real or complex numbers, float64 or complex128; finite ones, if asked."""
    try:
        array = np.asarray(unmasked(given))
    except ValueError as error:  # rows of different lengths
        raise DecompositionError(f"{name} must be an array of numbers ({error})") from None
    if array.dtype.kind not in "biufcO":
        raise DecompositionError(f"{name} must be an array of numbers, not of type {array.dtype}")
    kind = np.complex128 if np.iscomplexobj(array) else np.float64
    try:
        numbers: Inexact = array.astype(kind, copy=False)
    except (TypeError, ValueError, OverflowError):
        raise DecompositionError(
            f"{name} must be an array of numbers; some of its entries are none"
        ) from None
    if finite and not np.isfinite(numbers).all():
        raise DecompositionError(f"{name} must be finite, and has entries that are not")
    return numbers


def checked_tensor(given: object, field: str) -> Inexact:
    """Return a tensor as an array of floats, if terms over a field can be fitted to it."""
    check_field(field, DecompositionError)
    tensor = checked_array(given, "Argument 'tensor'")
    if tensor.ndim != 3 or not np.any(tensor):
        raise DecompositionError(
            f"Argument 'tensor' must be a non-zero array with three axes, not {tensor.shape}"
        )
    if field == "real" and np.iscomplexobj(tensor):
        raise DecompositionError(
            "Argument 'tensor' is complex, so argument 'field' must be 'complex', not 'real'"
        )
    largest = float(np.abs(tensor).max())
    if not _SMALLEST < largest < 1.0 / _SMALLEST:
        raise DecompositionError(
            f"Argument 'tensor' has the largest entry {largest:.0e}, which must lie between "
            f"{_SMALLEST:.0e} and {1.0 / _SMALLEST:.0e}; scale it"
        )
    return tensor


def check_rank(rank: object, shape: Sizes) -> None:
    """Refuse what is no number of terms, or more than any tensor of a shape needs."""
    check_count(rank, "rank", 1)
    x, y, z = sorted(shape)
    if rank > x * y:  # type: ignore[operator]
        raise DecompositionError(
            f"Argument 'rank' must be at most {x * y}, which is enough for every tensor of shape "
            f"{tuple(shape)}, not {rank}"
        )
    # Khatri-Rao products of each two factors, and Gram matrices, of one start.
    size = 16.0 * rank * (x * y + x * z + y * z) + 72.0 * float(rank) ** 2  # type: ignore[operator, arg-type]
    require_memory(size, f"Fitting {rank} terms to a tensor of shape {tuple(shape)}")


def check_count(value: object, name: str, least: int) -> None:
    """Refuse what is not an integer from some number on."""
    if not is_integer(value) or value < least:
        raise DecompositionError(
            f"Argument {name!r} must be an integer, at least {least}, not {shortened(value)}"
        )


def check_amount(value: object, name: str) -> None:
    """Refuse what is not a number from 0 on; infinity is one."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or isnan(value) or value < 0:  # type: ignore[operator, arg-type]
        raise DecompositionError(
            f"Argument {name!r} must be a number from 0 on, not {shortened(value)}"
        )


def check_limits(
    iterations: object, patience: object, work: object, time_limit: object, device: object
) -> None:
    """Refuse limits that are none."""
    check_count(iterations, "iterations", 1)
    if patience is not None:
        check_count(patience, "patience", 1)
    check_amount(work, "work")
    if time_limit is not None:
        check_amount(time_limit, "time_limit")
    check_device(device)


def check_device(device: object) -> None:
    """Refuse what is no name of a device."""
    if not isinstance(device, str):
        raise DecompositionError(
            f"Argument 'device' must be 'cpu' or a device of torch, not {shortened(device)}"
        )


def generator(rng: Any) -> np.random.Generator:
    """Return a generator of random numbers, from one, a seed, or None."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise DecompositionError(
            "Argument 'rng' must be a numpy Generator or a seed, an integer from 0 on, not "
            f"{shortened(rng)}"
        ) from None


def checked_start(start: Any, shape: Sizes, rank: int, field: Field) -> Factors:
    """Return given factors to start from, if they fit."""
    expected = [(size, rank) for size in shape]
    if len(start) != 3:
        raise DecompositionError(f"Every start must be three factors, not {len(start)}")
    first, second, third = (checked_array(factor, "Every factor of a start") for factor in start)
    found = [first.shape, second.shape, third.shape]
    if found != expected:
        raise DecompositionError(f"Every start must be factors of shapes {expected}, not {found}")
    if field == "real" and any(map(np.iscomplexobj, (first, second, third))):
        raise DecompositionError("A start is complex, so argument 'field' must be 'complex'")
    return first, second, third
