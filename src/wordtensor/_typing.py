"""The types of arrays that several rooms share, and arrays that nobody can change."""

from collections.abc import Iterator
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Inexact = NDArray[np.inexact]  # real or complex
Integers = NDArray[np.int64]
Indices = NDArray[np.int32]  # elements of a group
Booleans = NDArray[np.bool_]
Words = NDArray[np.uint64]  # packed bits

# The factors U, V, W of R terms, shapes (x, R), (y, R), (z, R); or maps into three modes.
Factors = tuple[Inexact, Inexact, Inexact]
RealFactors = tuple[Array, Array, Array]
IntegerFactors = tuple[Integers, Integers, Integers]

Sizes = tuple[int, int, int]  # (n, m, p) of a matrix product
Triplet = tuple[int, int, int]  # indices of irreps of a, b and c
Division = Literal["R", "C", "H"]  # where the entries of matrices live
Field = Literal["real", "complex"]  # where terms live

Entry = TypeVar("Entry", bound=np.generic)


def frozen(array: NDArray[Entry]) -> NDArray[Entry]:
    """Return an array that nobody can change: itself if that is so already, else a copy."""
    if any(part.flags.writeable for part in _owners(array)):
        return freeze(np.array(array))
    return array


def freeze(array: NDArray[Entry]) -> NDArray[Entry]:
    """Make an array that nobody else holds, and what it is a view of, read-only in place."""
    for part in _owners(array):
        part.setflags(write=False)
    return array


def freeze_fields(value: object, *names: str) -> None:
    """Give a frozen dataclass arrays, or tuples of arrays, that nobody can change."""
    for name in names:
        field = getattr(value, name)
        kept = tuple(map(frozen, field)) if isinstance(field, tuple) else frozen(field)
        object.__setattr__(value, name, kept)


def _owners(array: Any) -> Iterator[NDArray[Any]]:
    """Yield an array and all arrays whose memory it is a view of."""
    while isinstance(array, np.ndarray):
        yield array
        array = array.base
