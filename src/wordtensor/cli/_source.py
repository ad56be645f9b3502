"""From the command line's GROUP or --cayley FILE to a group."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from .._files import HEADER, damage_as, parse_json, read_array, read_arrays, read_file, read_header
from .._kinds import DECOMPOSITION, TABLE, expecting
from .._memory import require_memory
from .._progress import begin_stage
from .._text import listed, printable
from ..errors import FileFormatError, GroupError, WordError, WordTensorError
from ..groups import MAX_ORDER, Group, group
from ..groups._written_table import WrittenTable, read_numbers, read_rows, split_rows
from ..words import Word, word
from ._output import say

FORMATS: Final = (".npy", ".npz", ".csv", ".tsv", ".txt", ".json")

# Eight bytes an entry of the largest group, as numbers or as text, and something around it.
_MAX_BYTES = 8 * MAX_ORDER**2 + 2**16
# A letter of JSON can become an empty object or a number with its place in a list.
_PARSED: Final = 24


def group_from(text: str | None, cayley: Path | None) -> Group:
    """Return the group that a user named, or whose table they gave.

    Parameters
    ----------
    text : str or None
        A group's name, or the path of a table: it is one if it ends like one of `FORMATS`.
    cayley : Path or None
        The path of a table.

    Raises
    ------
    WordTensorError
        If both or neither are given, the name is unknown, or the table is not a group's.

    Examples
    --------
    >>> group_from("C7:C3", None)
    Group('C7:C3', order=21)
    """
    if text is not None and cayley is not None:
        raise GroupError(f"Give a group or --cayley, not both {text!r} and {str(cayley)!r}")
    if cayley is not None:
        return read_cayley(cayley)
    if text is None:
        raise GroupError("There is no group; name one (S4, Q8, C7:C3) or pass --cayley FILE")
    path = Path(text)
    if path.suffix.lower() in FORMATS:
        return read_cayley(path)
    with expecting(path, TABLE, DECOMPOSITION):
        return group(text)


def word_from(text: str, other: str | None, command: str) -> Word:
    """Return the word that a user wrote; say so if it is a group's name, and the group a word."""
    try:
        return word(text)
    except WordError:
        if other is None or not _are_swapped(text, other):
            raise
    raise WordError(
        f"{text!r} is a group and {other!r} a word, so they seem to be swapped; the word comes "
        f'first: wordtensor {command} "{other}" "{text}"'
    )


def _are_swapped(first: str, second: str) -> bool:
    """Tell whether the first text names a group and the second is a word."""
    try:
        word(second)
        group(first)
    except WordTensorError:
        return False
    return True


def read_cayley(path: Path) -> Group:
    """Read a group from a file that holds its Cayley table.

    Parameters
    ----------
    path : Path
        ``.npy``; ``.npz`` with an array ``cayley``, such as a saved decomposition, or with one
        array alone; ``.csv``, ``.tsv`` or ``.txt`` with a row per line, ``#`` beginning a comment,
        or with rows in brackets; or ``.json`` with a list of rows or an object with ``"cayley"``
        (or one table under another key) and, optionally, ``"name"`` and ``"labels"`` (or
        ``"elements"``).

        The entry in row g and column h is the product gh: an index counted from 0, or from 1 (which
        is said on stderr), or a label. A table of labels has them in a header row and a header
        column, or its first row and column are those of the identity.

    Returns
    -------
    Group
        Named after the file unless the file says otherwise.

    Raises
    ------
    FileFormatError
        If the file is missing, too large or not one of these.
    GroupError
        If the table is not a group's.
    """
    with expecting(path, TABLE, DECOMPOSITION):
        return _read(path)


def _read(path: Path) -> Group:
    """Read a table by the ending of its file's name."""
    kind = path.suffix.lower()
    if kind not in FORMATS:
        known = ", ".join(FORMATS)
        raise FileFormatError(f"A Cayley table must be a file {known}, not {str(path)!r}")
    begin_stage("reading the table %s", path.name)
    content = read_file(path, _MAX_BYTES)
    if kind == ".json":
        require_memory(_PARSED * len(content), f"Reading {str(path)!r}", "Give a .npy file")
    with damage_as(path, "it is damaged, or no table"):
        given = _decoded(kind, content)
    name, labels = None, None
    try:
        if isinstance(given, dict):
            name, labels = given.get("name"), given.get("labels")
            _check_names(name, labels)
            labels = given.get("elements") if labels is None else labels
            given = _chosen(given)
        written = _written(given, labels)
        name = printable(path.stem) if name is None else name
        G = Group.from_cayley(written.table, name, written.labels)
    except GroupError as error:
        raise GroupError(f"File {str(path)!r} holds no group: {error}") from None
    if written.said:
        say(f"note: {path}: {written.said}", err=True)
    return G


def _decoded(kind: str, content: bytes) -> Any:
    """Return an array, a dict of arrays or of what JSON holds, a list, or text."""
    if kind == ".npy":
        return read_array(content)
    if kind == ".npz":
        arrays = read_arrays(content, _MAX_BYTES)
        if "cayley" not in arrays:
            return _only(arrays)
        # What a saved decomposition says of its group; other archives may have no header.
        header = read_header(arrays) if HEADER in arrays else {}
        told = {"name": header.get("group"), "labels": header.get("labels")}
        return {"cayley": arrays["cayley"], **told}
    if kind == ".json":
        value = parse_json(content)
        if isinstance(value, str):
            raise ValueError("it holds one text")
        return value
    return _text(content)


def _text(content: bytes) -> str:
    """Decode UTF-8, with or without its mark; say how else a file seems to be saved."""
    if b"\0" in content:
        raise ValueError("it is no text, or saved as UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is text of another encoding; save it as UTF-8") from None


def _only(arrays: dict[str, Any]) -> Any:
    """Return the only array of an archive."""
    if len(arrays) != 1:
        raise FileFormatError(f"There is no array 'cayley'; there are {listed(arrays)}")
    return next(iter(arrays.values()))


def _chosen(given: dict[str, Any]) -> Any:
    """Return the table of a JSON object: under "cayley", or the only square one."""
    if "cayley" in given:
        return given["cayley"]
    square = [key for key, value in given.items() if _is_square(value)]
    if len(square) == 1:
        return given[square[0]]
    if square:
        raise GroupError(
            f"There are several tables, {listed(square)}; give the one that is meant as 'cayley'"
        )
    raise GroupError(f"There is no square table under 'cayley'; the keys are {listed(given)}")


def _is_square(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(row, list) and len(row) == len(value) for row in value)
    )


def _written(given: Any, labels: Any) -> WrittenTable:
    """Make a table and labels of what a file holds."""
    if isinstance(given, str):
        return read_rows(split_rows(given), labels)
    if isinstance(given, np.ndarray) and given.dtype.kind == "U" and given.ndim == 2:
        return read_rows((row.tolist() for row in given), labels)
    if isinstance(given, np.ndarray):
        written = read_numbers(given)
        return written if labels is None else replace(written, labels=tuple(labels))
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise GroupError("A Cayley table must be square: a list of rows of the same length")
    return read_rows(given, labels)


def _check_names(name: Any, labels: Any) -> None:
    """Refuse a name that is not a text, and labels that are not a list of texts."""
    if name is not None and not isinstance(name, str):
        raise GroupError(f"Entry 'name' must be a text, not {name!r:.60}")
    if labels is None:
        return
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise GroupError("Entry 'labels' must be a list of texts, one for each element")
