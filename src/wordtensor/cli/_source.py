"""From the command line's GROUP or --cayley FILE to a group."""

import json
from pathlib import Path
from typing import Any

from .._files import damage_as, read_array, read_arrays, read_file
from ..errors import FileFormatError, GroupError
from ..groups import MAX_ORDER, Group, group

FORMATS = (".npy", ".npz", ".csv", ".txt", ".json")

# A text table of the largest group, six characters an entry, and some blanks.
_MAX_BYTES = 8 * MAX_ORDER**2


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
    return group(text)


def read_cayley(path: Path) -> Group:
    """Read a group from a file that holds its Cayley table.

    Parameters
    ----------
    path : Path
        ``.npy``; ``.npz`` with an array ``cayley``, such as a saved decomposition; ``.csv`` or
        ``.txt`` with a row per line, separated by commas or blanks, ``#`` beginning a comment; or
        ``.json`` with a list of rows or an object with ``"cayley"`` and, optionally, ``"name"`` and
        ``"labels"``.

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
    kind = path.suffix.lower()
    if kind not in FORMATS:
        known = ", ".join(FORMATS)
        raise FileFormatError(f"A Cayley table must be a file {known}, not {str(path)!r}")
    name: Any = path.stem
    labels: Any = None
    content = read_file(path, _MAX_BYTES)
    with damage_as(path, "it is damaged, or no table"):
        if kind == ".npy":
            table: Any = read_array(content)
        elif kind == ".npz":
            arrays = read_arrays(content, _MAX_BYTES)
            if "cayley" not in arrays:
                raise FileFormatError(f"File {str(path)!r} holds no array 'cayley'")
            table = arrays["cayley"]
        elif kind == ".json":
            table = json.loads(content)
            if isinstance(table, dict):
                name, labels = table.get("name", name), table.get("labels")
                table = table.get("cayley")
        else:
            table = _rows(content.decode("utf-8-sig"))
    try:
        _check_names(name, labels)
        return Group.from_cayley(table, name, labels)
    except GroupError as error:
        raise GroupError(f"File {str(path)!r} holds no group: {error}") from None


def _check_names(name: Any, labels: Any) -> None:
    """Refuse a name that is not a text, and labels that are not a list of texts."""
    if not isinstance(name, str):
        raise GroupError(f"Entry 'name' must be a text, not {name!r}")
    if labels is None:
        return
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise GroupError("Entry 'labels' must be a list of texts, one for each element")


def _rows(text: str) -> list[list[int]]:
    """Read rows of integers separated by commas or blanks; a comma without a number is an error."""
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        cells = content.split(",") if "," in content else content.split()
        try:
            rows.append([int(cell) for cell in cells])
        except ValueError:
            raise ValueError(f"line {number} holds something other than integers") from None
    if not rows:
        raise ValueError("there are no rows")
    return rows
