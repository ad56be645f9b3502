"""The types of arrays that several rooms share, and arrays that nobody can change."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Any, Final, Literal, Self, TypeGuard, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from .errors import WordTensorError

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
Given = TypeVar("Given")

# Bytes up to which arrays are kept where nobody can unlock them; larger ones are read-only as numpy
# has it, without a copy, which takes time from here on.
_LOCKED: Final = 2**24


def is_integer(value: object) -> TypeGuard[int | np.integer[Any]]:
    """Tell whether something is an integer of Python or numpy, and no truth value."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def check_field(field: object, error: type[WordTensorError] = WordTensorError) -> None:
    """Refuse what is no field that terms can live over."""
    if field not in get_args(Field):
        raise error(f"Argument 'field' must be 'real' or 'complex', not {field!r}")


def unmasked(values: Given, error: type[WordTensorError] = WordTensorError) -> Given:
    """Return what somebody gave as an array, or refuse it if it has a mask, which would be lost."""
    parts: Iterable[object] = values if isinstance(values, list | tuple) else (values,)
    if any(isinstance(part, np.ma.MaskedArray) for part in parts):
        raise error(
            "Masked arrays are not taken, since their masks would be lost; give plain ones, such "
            "as array.filled(0)"
        )
    return values


def frozen(array: NDArray[Entry]) -> NDArray[Entry]:
    """Return an array that nobody can change: itself if that is so already, else a copy."""
    parts = list(_owners(unmasked(array)))
    writeable = any(part.flags.writeable for part in parts)
    memory: object = parts[-1].base
    if not writeable and isinstance(memory, bytes):
        return array
    if 0 < array.nbytes <= _LOCKED and not array.dtype.hasobject:
        return _locked(array)
    return freeze(np.array(array)) if writeable else array


def _locked(array: NDArray[Entry]) -> NDArray[Entry]:
    """Copy an array into bytes, which cannot be made writable again, in the same layout."""
    axes = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
    turned = array.transpose(axes)
    kept = np.frombuffer(turned.tobytes(), dtype=array.dtype).reshape(turned.shape)
    return kept.transpose(sorted(range(array.ndim), key=axes.__getitem__))


def freeze(array: NDArray[Entry]) -> NDArray[Entry]:
    """Make an array that nobody else holds, and what it is a view of, read-only in place."""
    for part in _owners(array):
        part.setflags(write=False)
    return array


def freeze_fields(value: object, *names: str) -> None:
    """Give a frozen dataclass arrays, or tuples of arrays, that nobody can change; or None."""
    for name in names:
        field = getattr(value, name)
        if field is not None:
            kept = tuple(map(frozen, field)) if isinstance(field, tuple) else frozen(field)
            object.__setattr__(value, name, kept)


class Value:
    """A frozen dataclass whose copies are itself, and that is unpickled by its constructor."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Else its arrays would come back writable.
        names = [field.name for field in fields(self) if field.init]  # type: ignore[arg-type]
        return _made, (type(self), {name: getattr(self, name) for name in names})


def _made(kind: Callable[..., Any], given: dict[str, Any]) -> Any:
    return kind(**given)


def _owners(array: Any) -> Iterator[NDArray[Any]]:
    """Yield an array and all arrays whose memory it is a view of."""
    while isinstance(array, np.ndarray):
        yield array
        array = array.base
