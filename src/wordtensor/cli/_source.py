"""From the command line's GROUP or --cayley FILE to a group."""

from pathlib import Path

from .._kinds import DECOMPOSITION, TABLE, expecting
from ..errors import FileFormatError, GroupError, WordError, WordTensorError
from ..groups import Group, group, read_group
from ..groups.files import FORMATS
from ..words import Word, value_table, word


def group_from(text: str | None, cayley: Path | None) -> Group:
    """Return the group that a user named, or whose table they gave.

    Parameters
    ----------
    text : str or None
        A group's name, generators or presentation, or the path of a file: it is one if it ends
        like one of `FORMATS`.
    cayley : Path or None
        The path of a file.

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
        return _read_group(cayley)
    if text is None:
        raise GroupError("There is no group; name one (S4, Q8, C7:C3) or pass --cayley FILE")
    path = Path(text)
    if path.suffix.lower() in FORMATS:
        return _read_group(path)
    with expecting(path, TABLE, DECOMPOSITION):
        try:
            return group(text)
        except GroupError as error:
            if not path.is_file():
                raise
            known = ", ".join(FORMATS)
            raise FileFormatError(
                f"{str(path)!r} is no name of a group, and a file of a group ends in one of {known}"
            ) from error


def _read_group(path: Path) -> Group:
    """Read a group, or say what a table is that is no group's."""
    try:
        return read_group(path)
    except GroupError as error:
        what = _what_else(path)
        if not what:
            raise
        raise GroupError(f"{error}; it is {what}, which info, train, decompose and compare "
                         "take as --table") from None  # fmt: skip


def kind_of_table(path: Path) -> str:
    """Return the kind of the table of values in a file, or "" for none."""
    try:
        return value_table(path).kind
    except WordTensorError:
        return ""


def _what_else(path: Path) -> str:
    """Say what a file holds, if it is a table of values but no group's."""
    kind = kind_of_table(path)
    if not kind:
        return ""
    named = {"operation": "the table of an operation", "table": "a table of values", "group": ""}
    return named.get(kind, f"the table of a {kind}")


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
