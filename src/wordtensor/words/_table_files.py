"""Files with tables of values."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from .._files import damage_as, parse_json, read_array, read_arrays, read_file
from .._kinds import DECOMPOSITION, TABLE, Kind, expecting
from .._progress import begin_stage
from .._text import listed, printable
from ..errors import FileFormatError, GroupError, TableError
from ..groups import MAX_ORDER
from ..groups._text_rows import TextRows
from ..groups._written_table import check_type
from ..groups.files import decoded_text, framed, labels_of
from ._written_values import WrittenValues, read_values

TABLE_FILES: Final = (".npy", ".npz", ".csv", ".tsv", ".txt", ".json")

# Eight bytes an entry of the largest table, as numbers or as text, and something around it.
_MAX_BYTES: Final = 8 * MAX_ORDER**2 + 2**16
_VALUES: Final = Kind("a table of values", "'wordtensor train --table'")
_KEYS: Final = ("values", "table", "cayley")


def read_table(path: Path) -> tuple[str, WrittenValues]:
    """Return the name and the content of a file's table."""
    kind = path.suffix.lower()
    if kind not in TABLE_FILES:
        raise FileFormatError(
            f"A table of values must be a file {', '.join(TABLE_FILES)}, or a formula such as "
            f"'x^2 + y^2 mod 97', not {str(path)!r:.200}"
        )
    begin_stage("reading the table %s", path.name)
    with expecting(path, _VALUES, TABLE, DECOMPOSITION):
        content = read_file(path, _MAX_BYTES)
        with damage_as(path, "it is damaged, or no table"):
            given = _decoded(kind, content)
        try:
            name, rows, names = _told(given)
            return name or printable(path.stem), read_values(rows, names)
        except (TableError, GroupError) as error:
            raise TableError(f"File {str(path)!r} holds no table of values: {error}") from None


def _decoded(kind: str, content: bytes) -> Any:
    """Return an array, a dict of arrays or of what JSON holds, a list, or text."""
    if kind == ".npy":
        return read_array(content)
    if kind == ".npz":
        arrays = read_arrays(content, _MAX_BYTES)
        labels = labels_of(arrays)
        return arrays if labels is None else {**arrays, "labels": labels}
    if kind == ".json":
        return parse_json(content)
    return decoded_text(content)


def _told(given: Any) -> tuple[str, Iterable[Sequence[object]], tuple[str, ...]]:
    """Return a name, if there is one, the rows, and the names of the elements, if there are any."""
    if isinstance(given, str):
        return "", TextRows(given), ()
    if not isinstance(given, dict):
        return "", _rows(given), ()
    name, names = given.get("name", ""), given.get("labels", given.get("elements", []))
    if not isinstance(name, str) or not isinstance(names, list):
        raise TableError("its 'name' must be a text, and its 'labels' a list of texts")
    return name, _rows(_chosen(given)), tuple(map(str, names))


def _rows(given: Any) -> Iterable[Sequence[object]]:
    """Return the rows of an array of numbers or texts, or of a list of lists."""
    if isinstance(given, np.ndarray):
        if given.ndim != 2 or given.dtype.kind not in "iufU":
            raise TableError(
                f"its array has the shape {given.shape} and the type {given.dtype}; a table has "
                "two axes, and numbers or texts"
            )
        check_type(given)
        return (row.tolist() for row in given)
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise TableError("it must be a list of rows, which are lists")
    return given


def _chosen(given: dict[str, Any]) -> Any:
    """Return the table of an object or an archive: by its key, or the only one that may be it."""
    for key in _KEYS:
        if key in given:
            return given[key]
    frame = framed(given)
    if frame is not None:
        return frame
    tables = [key for key, value in given.items() if _is_table(value)]
    if len(tables) != 1:
        raise TableError(f"there is no 'values' in it, and not one table alone: {listed(given)}")
    return given[tables[0]]


def _is_table(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 2
    return isinstance(value, list) and len(value) > 0 and isinstance(value[0], list)
