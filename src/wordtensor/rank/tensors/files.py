"""Reading a 3-tensor from a file, whatever notation it is in."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..._files import HEADER, damage_as, parse_json, path_of, read_array, read_arrays, read_file
from ..._kinds import DECOMPOSITION, TENSOR, TERMS, expecting, kind_of
from ..._memory import require_memory
from ..._progress import begin_stage
from ..._text import listed
from ...errors import DecompositionError, FileFormatError
from ._written import read_text
from .value import Tensor, of_array, of_coordinates, of_terms

# Bytes that a letter of text may become: a number with its place in lists.
_PARSED: Final = 100
# Names of what an archive or a JSON object may hold.
_TENSOR: Final = ("tensor", "T", "entries", "data", "array")
_PLACES: Final = ("coords", "indices", "subs", "coordinates")
_VALUES: Final = ("values", "data", "vals")
_SHAPE: Final = ("shape", "size", "dims")
_FACTORS: Final = (("U", "V", "W"), ("A", "B", "C"))
_FORMS: Final = (
    "a 3-dimensional array (alone or named 'tensor'), coordinates 'coords', 'values' and 'shape', "
    "or factors U, V, W"
)


def read_tensor(path: str | os.PathLike[str]) -> Tensor:
    r"""Read a 3-tensor from a file.

    Parameters
    ----------
    path : str or path
        ``.npy``; ``.npz`` or ``.json`` with one 3-dimensional array, alone or named ``tensor``,
        with ``coords``, ``values`` and ``shape``, or with factors ``U``, ``V``, ``W``, which stand
        for their sum; any other file is text: lines ``i j k value`` with indices from 0 or 1
        (FROSTT's ``.tns``, Matlab's ``(1,2,3) 1``, Tensor Toolbox), perhaps below a line with the
        shape, slices of rows with a blank line between, or brackets as numpy prints them. ``#`` and
        ``%`` begin comments.

    Returns
    -------
    Tensor
        Its entries are exact where they are integers, fractions such as ``1/2``, or floats that
        are; its notes say how the file was read.

    Raises
    ------
    FileFormatError
        If the file cannot be read, or is none of these; the message says where.
    MemoryLimitError
        If the tensor is too large with all of its zeros; see `wordtensor.memory_limit`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "w.tns")
    ...     _ = path.write_text("1 1 2 1\n1 2 1 1\n2 1 1 1/2\n")
    ...     found = read_tensor(path)
    >>> found, found.notes
    (Tensor('w', shape=(2, 2, 2), nnz=3, rational), ('indices from 1',))
    """
    with expecting(path, TENSOR):
        return _read(path_of(path))


def _read(source: Path) -> Tensor:
    """Read by the ending of the name; whatever it does not name is text."""
    if kind_of(source) not in (None, DECOMPOSITION, TERMS):  # those have terms, or a tensor
        raise FileFormatError(f"File {str(source)!r} holds no tensor")
    begin_stage("reading the tensor %s", source.name)
    content = read_file(source)
    name, kind = source.stem, source.suffix.lower()
    with damage_as(source, "it is damaged, or no tensor"):
        try:
            return _decoded(source, content, name, kind)
        except (DecompositionError, FileFormatError) as error:
            reason = str(error)
            raise FileFormatError(
                f"File {str(source)!r} holds no tensor that can be read: {reason[:1].lower()}"
                f"{reason[1:]}"
            ) from error


def _decoded(source: Path, content: bytes, name: str, kind: str) -> Tensor:
    """Read the bytes of a file whose name ends in some way."""
    if kind == ".npy":
        return of_array(read_array(content), name)
    if kind == ".npz":
        return _of_named(read_arrays(content), name)
    require_memory(_PARSED * len(content), f"Reading {str(source)!r}", "Give a .npy file")
    if kind == ".json":
        return _of_json(parse_json(content), name)
    return read_text(content.decode("utf-8-sig"), name)


def _of_json(given: Any, name: str) -> Tensor:
    """Read nested lists, or an object of named lists."""
    if not isinstance(given, dict):
        return of_array(_listed(given), name)
    title = given.get("name")
    arrays = {key: _listed(value) for key, value in given.items() if isinstance(value, list)}
    return _of_named(arrays, title[:1000] if isinstance(title, str) else name)


def _listed(given: Any) -> NDArray[Any]:
    """Make an array of nested lists of JSON, in which texts may stand for fractions."""
    if not isinstance(given, list):
        raise FileFormatError(f"it is {type(given).__name__}, and no list; accepted are {_FORMS}")
    array = np.array(given)
    # numpy would write numbers beside texts as texts.
    return np.array(given, dtype=object) if array.dtype.kind in "UO" else array


def _of_named(arrays: Mapping[str, NDArray[Any]], name: str) -> Tensor:
    """Find a tensor among named arrays."""
    arrays = {key: array for key, array in arrays.items() if key != HEADER}
    places = _first(arrays, _PLACES)
    if places is not None:
        values, shape = _first(arrays, _VALUES), _first(arrays, _SHAPE)
        return _of_places(places, values, shape, name)
    deep = {key: array for key, array in arrays.items() if array.ndim == 3}
    chosen = _first(deep, _TENSOR)
    if chosen is None and len(deep) == 1 and len(arrays) == 1:
        chosen = next(iter(deep.values()))
    if chosen is not None:
        return of_array(chosen, name)
    for keys in _FACTORS:
        if all(key in arrays for key in keys):
            summed = of_terms([arrays[key] for key in keys])
            count = arrays[keys[0]].shape[1]
            return of_array(summed, name, (f"the sum of its {count} terms {', '.join(keys)}",))
    shapes = listed(f"{key} {array.shape}" for key, array in arrays.items())
    raise FileFormatError(f"it has the arrays {shapes}; accepted are {_FORMS}")


def _first(arrays: Mapping[str, NDArray[Any]], names: tuple[str, ...]) -> NDArray[Any] | None:
    return next((arrays[name] for name in names if name in arrays), None)


def _of_places(
    places: NDArray[Any], values: NDArray[Any] | None, shape: NDArray[Any] | None, name: str
) -> Tensor:
    """Read coordinates (3, k) or (k, 3), counted from 0, with ones where there are no values."""
    if places.ndim == 2 and len(places) != 3 and places.shape[1] == 3:
        places = places.T
    if places.ndim != 2 or places.dtype.kind not in "iu" or not places.size:
        raise FileFormatError(
            f"its coordinates must be integers of shape (3, k), not of shape {places.shape} and "
            f"type {places.dtype}"
        )
    values = np.ones(places.shape[1], dtype=np.int64) if values is None else values.ravel()
    if shape is not None and (shape.size != 3 or shape.dtype.kind not in "iu"):
        raise FileFormatError(f"its shape must be three integers, not {shape.tolist()!r:.60}")
    sizes = (places.max(axis=1) + 1 if shape is None else shape.ravel()).tolist()
    if values.dtype.kind not in "biufc":
        raise FileFormatError(f"its values must be numbers, not of type {values.dtype}")
    return of_array(of_coordinates(places.astype(np.int64), values, sizes), name)
