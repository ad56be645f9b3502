"""Reading a solved tensor from its file: every field is checked before it is believed."""

from types import MappingProxyType
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from ..._files import array_sizes, read_arrays
from ..._memory import require_memory
from ..._typing import Field
from .._records import check_columns, check_types, read_block, read_bounds, whole
from .._strategies import Effort
from ..decomposition import SCHEMA as NEWEST
from ..sum_of_terms import Status
from .decomposition import SCHEMA, TensorDecomposition
from .value import Tensor, of_numerators

_ARRAYS: Final = frozenset({"header", "U", "V", "W", "tensor"})
_TEXTS: Final = ("name", "version")
_COUNTS: Final = ("rank", "lower_bound", "seed", "denominator")
_CHOICES: Final = MappingProxyType[str, tuple[str, ...]](
    {"status": get_args(Status), "field": get_args(Field), "effort": get_args(Effort)}
)
_OTHERS: Final = (
    "format", "schema", "shape", "notes", "bounds", "residual", "seconds", "interrupted", "blocks",
)  # fmt: skip
_FIELDS: Final = frozenset((*_TEXTS, *_COUNTS, *_CHOICES, *_OTHERS))
# Bytes of what stands before the numbers of an array.
_PREFIX: Final = 2**16


def loaded(content: bytes, header: dict[str, Any]) -> TensorDecomposition:
    """Make a decomposition of the bytes of a file and its header; ValueError says what is wrong."""
    _check_header(header)
    x, y, z = whole(header["shape"])
    sizes, rank = array_sizes(content), header["rank"]
    if set(sizes) != _ARRAYS:
        raise ValueError(f"its arrays are {sorted(sizes)!r:.80}, not those of a solved tensor")
    numbers = {"tensor": 2 * x * y * z, "U": 2 * x * rank, "V": 2 * y * rank, "W": 2 * z * rank}
    for name, count in numbers.items():
        if sizes[name] > 8 * count + _PREFIX:
            raise ValueError(f"its array {name!r} unpacks to more bytes than it may hold")
    require_memory(sum(sizes.values()), "The solved tensor")
    arrays = read_arrays(content)
    taken = _tensor(arrays["tensor"], header)
    factors = (arrays["U"], arrays["V"], arrays["W"])
    if taken.shape != (x, y, z) or [f.shape for f in factors] != [(k, rank) for k in (x, y, z)]:
        raise ValueError("its arrays do not have the shape and the rank of its header")
    entries = (np.float64,) if header["field"] == "real" else (np.float64, np.complex128)
    if any(f.dtype not in entries for f in factors):
        raise ValueError(f"its factors are not of {header['field']} numbers in double precision")
    blocks = tuple(read_block(entry, NEWEST) for entry in header["blocks"])
    check_columns(blocks, rank)
    return TensorDecomposition(
        tensor=taken,
        factors=factors,
        bounds=read_bounds({**header, "schema": NEWEST}),
        residual=float(header["residual"]),
        status=header["status"],
        blocks=blocks,
        field=header["field"],
        effort=header["effort"],
        seed=header["seed"],
        version=header["version"],
        seconds=float(header["seconds"]),
        interrupted=header["interrupted"],
    )


def _tensor(array: NDArray[Any], header: dict[str, Any]) -> Tensor:
    """Return the tensor, exactly if it has a denominator."""
    exact = header["denominator"] > 0
    if array.dtype not in ((np.int64,) if exact else (np.float64, np.complex128)):
        raise ValueError(f"its tensor is of type {array.dtype}, which its denominator denies")
    return of_numerators(array, header["denominator"], header["name"], tuple(header["notes"]))


def _check_header(header: dict[str, Any]) -> None:
    """Check that all fields are there, no others, and of their kinds."""
    if header.get("schema") != SCHEMA or type(header["schema"]) is not int:
        raise ValueError(f"its schema is {header.get('schema')!r:.40}; {SCHEMA} is read")
    if set(header) != _FIELDS:
        raise ValueError(f"its header has other fields: {sorted(set(header) ^ _FIELDS)!r:.80}")
    check_types(header, _TEXTS, _COUNTS)
    for key, allowed in _CHOICES.items():
        if header[key] not in allowed:
            raise ValueError(f"its {key} is {header[key]!r:.40}, which is none of ours")
    for key in ("residual", "seconds"):
        if type(header[key]) not in (int, float) or not 0 <= header[key] < float("inf"):
            raise ValueError(f"{key!r} is {header[key]!r:.40}, and no number from 0 on")
    if type(header["interrupted"]) is not bool:
        raise ValueError("'interrupted' is neither true nor false")
    if not all(isinstance(note, str) for note in header["notes"]):
        raise ValueError("its notes are no texts")
