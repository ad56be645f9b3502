"""From a file as people have it to a group: a table, generators, or a presentation."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from .._files import (
    HEADER,
    Path_,
    damage_as,
    parse_json,
    path_of,
    read_array,
    read_arrays,
    read_file,
    read_header,
)
from .._kinds import DECOMPOSITION, TABLE, expecting
from .._progress import begin_stage
from .._text import listed, printable
from ..errors import FileFormatError, GroupError
from ._group import Group
from ._tables import MAX_ORDER
from ._written_group import (
    group_of_array,
    group_of_generators,
    group_of_lists,
    group_of_text,
    tell,
)

FORMATS: Final = (".npy", ".npz", ".csv", ".tsv", ".txt", ".json", ".g", ".gap")

# Eight bytes an entry of the largest group, as numbers or as text, and something around it.
_MAX_BYTES = 8 * MAX_ORDER**2 + 2**16


def read_group(path: Path_) -> Group:
    r"""Read a group from a file of its Cayley table, generators or a presentation.

    Parameters
    ----------
    path : str or Path
        ``.npy``; ``.npz`` with an array ``cayley``, such as a saved decomposition, or with one
        array alone; ``.csv``, ``.tsv`` or ``.txt`` with a row per line, ``#`` beginning a comment,
        or with rows in brackets; or ``.json`` with a list of rows or an object with ``"cayley"``
        (or one table under another key) and, optionally, ``"name"`` and ``"labels"`` (or
        ``"elements"``).

        The entry in row g and column h is the product gh: an index counted from 0, or from 1 (which
        is logged as a warning), or a label. A table of labels has them in a header row and a header
        column, or its first row and column are those of the identity.

        Text (``.txt``, ``.g``, ``.gap``) may also be generators as GAP, Sage or sympy print them,
        such as ``Group([ (1,2,3), (1,2) ])``, rows of images, or a presentation; and JSON an object
        with ``"generators"`` or ``"presentation"``.

    Returns
    -------
    Group
        Named after the file unless the file says otherwise.

    Raises
    ------
    FileFormatError
        If the file is missing, too large or not one of these.
    GroupError
        If the table is not a group's, or the generators cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.csv"
    ...     _ = path.write_text("*,e,a\ne,e,a\na,a,e\n")
    ...     G = read_group(path)
    >>> G, G.labels
    (Group('mine', order=2), ('e', 'a'))
    """
    with expecting(path, TABLE, DECOMPOSITION):
        return _read(path_of(path))


def _read(path: Path) -> Group:
    """Read a table by the ending of its file's name."""
    kind = path.suffix.lower()
    if kind not in FORMATS:
        known = ", ".join(FORMATS)
        raise FileFormatError(f"A Cayley table must be a file {known}, not {str(path)!r}")
    begin_stage("reading the table %s", path.name)
    content = read_file(path, _MAX_BYTES)
    with damage_as(path, "it is damaged, or no table"):
        given = _decoded(kind, content)
    try:
        G, said = _group_of(given, printable(path.stem))
    except GroupError as error:
        raise type(error)(f"File {str(path)!r} holds no group: {error}") from None
    tell(str(path), said)
    return G


def _group_of(given: Any, name: str) -> tuple[Group, str]:
    """Return the group that a file holds, and what is to be said of it."""
    labels = None
    if isinstance(given, dict):
        labels = given.get("labels")
        _check_names(given.get("name"), labels)
        labels = given.get("elements") if labels is None else labels
        name = name if given.get("name") is None else given["name"]
        if "generators" in given and "cayley" not in given:
            return group_of_generators(given["generators"], name)
        given = given["presentation"] if "presentation" in given else _chosen(given)
    if isinstance(given, str):
        return group_of_text(given, name, labels)
    if isinstance(given, list):
        return group_of_lists(given, name, labels)
    if not isinstance(given, np.ndarray):
        raise GroupError("A Cayley table must be square: a list of rows of the same length")
    return group_of_array(given, name, labels)


def _decoded(kind: str, content: bytes) -> Any:
    """Return an array, a dict of arrays or of what JSON holds, a list, or text."""
    if kind == ".npy":
        return read_array(content)
    if kind == ".npz":
        arrays = read_arrays(content, _MAX_BYTES)
        if "cayley" not in arrays:
            if len(arrays) != 1:
                raise ValueError(f"there is no array 'cayley'; there are {listed(arrays)}")
            return next(iter(arrays.values()))
        # What a saved decomposition says of its group; other archives may have no header.
        header = read_header(arrays) if HEADER in arrays else {}
        told = {"name": header.get("group"), "labels": header.get("labels", labels_of(arrays))}
        return {"cayley": arrays["cayley"], **told}
    if kind == ".json":
        value = parse_json(content)
        if isinstance(value, str):
            raise ValueError("it holds one text")
        return value
    return decoded_text(content)


def labels_of(arrays: dict[str, Any]) -> list[str] | None:
    """Return the labels of an archive, an array of texts, if it has them."""
    labels = arrays.get("labels", arrays.get("elements"))
    return labels.tolist() if labels is not None and labels.dtype.kind == "U" else None


def decoded_text(content: bytes) -> str:
    """Decode UTF-8, with or without its mark; say how else a file seems to be saved."""
    if b"\0" in content:
        raise ValueError("it is no text, or saved as UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is text of another encoding; save it as UTF-8") from None


def _chosen(given: dict[str, Any]) -> Any:
    """Return the table of a JSON object: under "cayley", or the only square one."""
    if "cayley" in given:
        return given["cayley"]
    frame = framed(given)
    if frame is not None:
        return frame
    square = [key for key, value in given.items() if _is_square(value)]
    if len(square) == 1:
        return given[square[0]]
    if square:
        raise GroupError(
            f"There are several tables, {listed(square)}; give the one that is meant as 'cayley'"
        )
    raise GroupError(f"There is no square table under 'cayley'; the keys are {listed(given)}")


def framed(given: dict[str, Any]) -> Any:
    """Return the table that pandas splits into columns, index and data, with its header, if any."""
    parts: list[Any] = [given.get(key) for key in ("columns", "index", "data")]
    if not all(isinstance(part, list) for part in parts):
        return None
    columns, index, data = parts
    if index == list(range(len(index))):  # as of a table without names of its rows
        return [columns, *data]
    if len(index) != len(data) or not all(isinstance(row, list) for row in data):
        raise GroupError("The 'index' must have one label for each row of 'data'")
    return [["", *columns], *([name, *row] for name, row in zip(index, data, strict=True))]


def _is_square(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(row, list) and len(row) == len(value) for row in value)
    )


def _check_names(name: Any, labels: Any) -> None:
    """Refuse a name that is not a text, and labels that are not a list of texts."""
    if name is not None and not isinstance(name, str):
        raise GroupError(f"Entry 'name' must be a text, not {name!r:.60}")
    if labels is None:
        return
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise GroupError("Entry 'labels' must be a list of texts, one for each element")
