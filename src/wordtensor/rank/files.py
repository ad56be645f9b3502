"""Reading a decomposition from its file: every field is checked before it is believed."""

import math
import os
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from .._files import array_sizes, damage_as, read_arrays, read_file, read_header_alone
from .._kinds import DECOMPOSITION, TERMS, expecting
from .._memory import require_memory
from .._typing import Field
from ..errors import FileFormatError
from ..groups import Group
from ..groups._tables import check_order
from ..words import word
from ._records import check_columns, check_types, read_block, read_bounds
from ._strategies import Effort
from .block_report import BlockReport
from .decomposition import COORDINATES, SCHEMA, Decomposition
from .routes import METHODS
from .sum_of_terms import Status
from .tensors._load import loaded
from .tensors.decomposition import FORMAT, TensorDecomposition

_ARRAYS: Final = ("header", "U", "V", "W", "cayley")
_READABLE: Final = (1, 2, 3, SCHEMA)
# What must be text in the header and in the record of a block, what a whole number from 0 on, and
# what one of a few texts.
_TEXTS: Final = ("word", "group", "route", "version")
_COUNTS: Final = ("order", "rank", "lower_bound", "seed")
_CHOICES: Final = MappingProxyType[str, tuple[str, ...]](
    {
        "status": get_args(Status),
        "field": get_args(Field),
        "effort": get_args(Effort),
        "method": ("auto", "flips", *METHODS),
    }
)
_OTHERS: Final = ("schema", "labels", "letters", "residual", "seconds", "interrupted", "blocks")
_FIELDS: Final = frozenset((*_TEXTS, *_COUNTS, *_CHOICES, *_OTHERS))
# Bytes of a header (S7's has 0.2 million), and of what stands before the numbers of an array.
_LARGEST_HEADER: Final = 2**25
_LARGEST_PREFIX: Final = 2**16


def load(path: str | os.PathLike[str]) -> Decomposition | TensorDecomposition:
    """Read a decomposition that was saved, of a word tensor or of any other.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    Decomposition or TensorDecomposition
        As it was saved; `verify` says whether it is still right. Blocks of a file of schema 1 have
        no maps: decompose again, with the same seed, to have them.

    Raises
    ------
    FileFormatError
        If the file is missing, damaged, pickled, of a newer schema, or not one of ours, or if its
        blocks contradict themselves.

    Examples
    --------
    >>> import os, tempfile
    >>> from wordtensor.rank import decompose
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     decompose("a*b", "S3").save(path := os.path.join(folder, "s3.npz"))
    ...     load(path)
    Decomposition('a*b', 'S3', rank=9, lower_bound=9, status='exact')
    """
    if not isinstance(path, str | os.PathLike):
        raise FileFormatError(f"Argument 'path' must be a path, not {path!r}")
    with expecting(path, DECOMPOSITION, TERMS):
        return _loaded(Path(path))


def load_of_word(path: str | os.PathLike[str]) -> Decomposition:
    """Read a decomposition of a word tensor; another tensor's is refused."""
    with expecting(path, DECOMPOSITION):
        found = load(path)
        if not isinstance(found, Decomposition):
            raise FileFormatError(f"{os.fspath(path)!r} is not of a word over a group")
        return found


def _loaded(source: Path) -> Decomposition | TensorDecomposition:
    """Read header and blocks before any array is unpacked."""
    content = read_file(source)
    with damage_as(source, "it is damaged, or not a wordtensor .npz file"):
        sizes = array_sizes(content)
        if "header" in sizes:
            header = read_header_alone(content, _LARGEST_HEADER)
            if isinstance(header, dict) and header.get("format") == FORMAT:
                return loaded(content, header)
        missing = [key for key in _ARRAYS if key not in sizes]
        if missing:
            raise FileFormatError(
                f"{source} is not a wordtensor decomposition: it has no {missing[0]!r}"
            )
    schema = header.get("schema") if isinstance(header, dict) else None
    if schema not in _READABLE or type(schema) is not int:
        raise FileFormatError(
            f"{source} has schema {schema!r}; this version of wordtensor reads schemas "
            f"{_READABLE[0]} to {_READABLE[-1]}"
        )
    with damage_as(source, "it is damaged"):
        _check_header(header)
        blocks = tuple(read_block(entry, schema) for entry in header["blocks"])
        _check_sizes(sizes, header, blocks)
    require_memory(sum(sizes.values()), f"The decomposition in {str(source)!r}")
    with damage_as(source, "it is damaged"):
        return _decomposition(header, blocks, read_arrays(content))


def _check_header(header: dict[str, Any]) -> None:
    """Check that all fields are there, no others, and of their kinds."""
    # Until schema 3 there was one bound, and "certificate" told its reason.
    unknown = sorted(set(header) - _FIELDS - {"certificate" if header["schema"] < 4 else "bounds"})
    if unknown:
        raise ValueError(f"its header has the unknown field {unknown[0]!r}")
    check_types(header, _TEXTS, _COUNTS)
    for key, allowed in _CHOICES.items():
        if header[key] not in allowed:
            raise ValueError(f"its {key} is {header[key]!r}, which is none of ours")
    for key in ("residual", "seconds"):
        if type(header[key]) not in (int, float) or not 0 <= header[key] < float("inf"):
            raise ValueError(f"{key!r} is {header[key]!r}, and no number from 0 on")
    if type(header["interrupted"]) is not bool:
        raise ValueError("'interrupted' is neither true nor false")


def _check_sizes(
    sizes: dict[str, int], header: dict[str, Any], blocks: tuple[BlockReport, ...]
) -> None:
    """Check that no array unpacks to more than the header tells, before any is unpacked."""
    order, rank = header["order"], header["rank"]
    check_order(order, "it")
    wide = [sum(block.shape[mode] for block in blocks) for mode in range(3)]
    own = sum(math.prod(block.shape) for block in blocks if block.sizes is None)
    numbers = dict.fromkeys("UVW", 2 * order * rank) | {"cayley": order**2}
    numbers |= dict(zip(COORDINATES, [*(order * width for width in wide), own], strict=True))
    for name, size in sizes.items():
        if name not in (*_ARRAYS, *COORDINATES):
            raise ValueError(f"it has an unknown array {name[:80]!r}")
        if name in numbers and size > 8 * numbers[name] + _LARGEST_PREFIX:
            raise ValueError(f"its array {name!r} unpacks to {size} bytes, more than it may hold")


def _decomposition(
    header: dict[str, Any], blocks: tuple[BlockReport, ...], arrays: dict[str, NDArray[Any]]
) -> Decomposition:
    G = Group.from_cayley(arrays["cayley"], header["group"], header["labels"])
    U, V, W = arrays["U"], arrays["V"], arrays["W"]
    rank = U.shape[1]
    if any(F.shape != (G.order, rank) for F in (U, V, W)):
        raise ValueError("its factors do not fit its group")
    if (header["order"], header["rank"]) != (G.order, rank):
        raise ValueError("its order and rank are not those of its arrays")
    entries = (np.float64,) if header["field"] == "real" else (np.float64, np.complex128)
    if any(F.dtype not in entries for F in (U, V, W)):
        raise ValueError(f"its factors are not of {header['field']} numbers in double precision")
    check_columns(blocks, rank)
    return Decomposition(
        word=word(header["word"], tuple(header["letters"])),
        group=G,
        factors=(U, V, W),
        bounds=read_bounds(header),
        residual=float(header["residual"]),
        status=header["status"],
        route=header["route"],
        blocks=_with_coordinates(blocks, arrays, G.order),
        field=header["field"],
        effort=header["effort"],
        method=header["method"],
        seed=header["seed"],
        version=header["version"],
        seconds=float(header["seconds"]),
        interrupted=header["interrupted"],
    )


def _with_coordinates(
    blocks: tuple[BlockReport, ...], arrays: dict[str, NDArray[Any]], order: int
) -> tuple[BlockReport, ...]:
    """Give blocks their maps and tensors, if the file has them."""
    found = [arrays[key] for key in COORDINATES if key in arrays]
    if not found:
        return blocks
    if len(found) < len(COORDINATES):
        raise ValueError("it has some of the arrays A, B, C and t, and not all")
    own = [b.shape[0] * b.shape[1] * b.shape[2] for b in blocks if b.sizes is None]
    expected = [(order, sum(block.shape[mode] for block in blocks)) for mode in range(3)]
    if [array.shape for array in found] != [*expected, (sum(own),)]:
        raise ValueError("its arrays A, B, C and t do not fit the shapes of its blocks")
    if any(array.dtype != np.float64 for array in found):
        raise ValueError("its arrays A, B, C and t are not all of real numbers")
    maps = [
        np.split(array, np.cumsum([block.shape[mode] for block in blocks])[:-1], axis=1)
        for mode, array in enumerate(found[:3])
    ]
    tensors = iter(np.split(found[3], np.cumsum(own)))
    return tuple(
        replace(
            block,
            maps=(A, B, C),
            tensor=next(tensors).reshape(block.shape) if block.sizes is None else None,
        )
        for block, A, B, C in zip(blocks, *maps, strict=True)
    )
