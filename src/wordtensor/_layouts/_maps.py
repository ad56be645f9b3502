"""Arrays by role from texts such as ``left=fc1.weight[:, :24]`` or ``readout=fc2.weight.T``."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._text import listed
from ..errors import NetworkError
from ._table import layout_named

_LONGEST: Final = 200
_DIGITS: Final = 9


def mapped(arrays: Mapping[str, NDArray[Any]], texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return what the texts name, by the roles of the layout "lookups"."""
    layout = layout_named("lookups")
    roles = (*layout.shapes, *layout.biases)
    found: dict[str, NDArray[Any]] = {}
    for text in texts:
        role, sign, rest = (part.strip() for part in text.partition("="))
        if not sign or role not in roles or role in found or len(text) > _LONGEST:
            raise NetworkError(
                f"A map must be one of {', '.join(roles)}, each once, with = and an array, as in "
                f"left=fc1.weight[:, :24], not {text[:_LONGEST]!r}"
            )
        found[role] = _value(arrays, rest, text)
    missing = [role for role in layout.shapes if role not in found]
    if missing:
        raise NetworkError(
            f"The maps must say what is left, right and readout; {listed(missing)} is missing"
        )
    return found


def _value(arrays: Mapping[str, NDArray[Any]], rest: str, text: str) -> NDArray[Any]:
    """Follow a name and what stands behind it: slices in brackets, and .T."""
    names = [name for name in arrays if rest == name or rest.startswith((f"{name}[", f"{name}.T"))]
    if not names:
        raise NetworkError(
            f"Map {text!r} names none of the arrays {listed(arrays)} and slices, as in "
            "fc1.weight[:, :24] or fc2.weight.T"
        )
    name = max(names, key=len)
    value, rest = arrays[name], rest[len(name) :]
    while rest:
        if rest.startswith(".T"):
            value, rest = value.T, rest[2:]
            continue
        inside, closed, after = rest[1:].partition("]")
        if not (rest.startswith("[") and closed):
            raise NetworkError(f"In map {text!r}, {rest!r} is neither slices in brackets nor .T")
        try:
            value = value[tuple(_index(part.strip()) for part in inside.split(","))]
        except (IndexError, ValueError) as error:
            raise NetworkError(
                f"In map {text!r}, [{inside}] fits no array of shape {value.shape}; slices are "
                "written as in [:, 0:24] or [2]"
            ) from error
        rest = after
    return np.asarray(value)


def _index(part: str) -> int | slice:
    """Read an integer, or a slice of integers."""
    numbers = [number.strip() for number in part.split(":")]
    if len(numbers) > 3 or any(len(number) > _DIGITS for number in numbers):
        raise ValueError(part)
    if len(numbers) == 1:
        return int(part)
    return slice(*(int(number) if number else None for number in numbers))
