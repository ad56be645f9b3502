"""Cayley tables as people write them: with labels, borders, brackets, or numbers from 1."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import GroupError
from ._tables import MAX_ORDER
from ._text_rows import MOST_ENTRIES, TextRows

_LARGEST: Final = 1e9  # of what may be an index
_PADDED: Final = re.compile(r"0\d", re.ASCII)  # as labels are: 00, 01, 10, 11
# What the only element of a group may be called where nothing else says that it is one.
ALONE: Final = frozenset({"0", "1", "e", "E", "I", "id", "()"})
_INTEGER: Final = re.compile(r"[+-]?\d{1,300}", re.ASCII)
_NUMBER: Final = re.compile(
    r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?|nan|inf(inity)?)", re.IGNORECASE | re.ASCII
)


FORMS: Final = (
    "tables are read as rows of numbers or labels, with or without a header, and generators as "
    "Group([ (1,2,3), (1,2) ])"
)


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A table (n, n) for `Group.from_cayley`, the labels in it, and what is to be said of it."""

    table: NDArray[Any]
    labels: tuple[str, ...] | None = None
    said: str = ""


def read_rows(rows: Iterable[Sequence[object]], names: object = None) -> WrittenTable:
    """Make a table of rows of numbers or labels; `names` are the elements in order, if known."""
    lines = rows.lines if isinstance(rows, TextRows) else []
    codes, entries = _coded(rows, lines)
    written = _read(codes, entries, names, lines)
    _check_once(written, len(codes), lines)
    return written


def _read(
    codes: NDArray[np.int32], entries: list[str], names: object, lines: list[int]
) -> WrittenTable:
    """Find out what the entries are: indices, or labels with a border or without."""
    names = _checked(names)
    if codes.size and "" in entries:
        empty = (codes == entries.index("")).all(axis=0)
        codes = codes[:, int(empty[0]) : codes.shape[1] - int(empty[-1])]  # beside the separators
    numeric = all(_INTEGER.fullmatch(entry) for entry in entries)
    numeric = numeric and len(set(map(int, entries))) == len(entries)  # 0 and 00 are two labels
    n = len(codes)
    if _has_border(codes, entries):
        read = _bordered(codes[1:, 1:], entries, codes[0, 1:], codes[1:, 0], lines[1:])
        corner = entries[codes[0, 0]]
        title = f"its corner {corner!r:.60} is taken as a title" if corner.isalnum() else ""
        return replace(read, said="; ".join(filter(None, (title, read.said))))
    if n == codes.shape[1] + 1 > 1:
        return _bordered(codes[1:], entries, codes[0], codes[0], lines[1:])
    if codes.shape == (1, 1) and names is None and entries[0] not in ALONE:
        raise GroupError(
            f"One entry, {entries[0]!r:.60}, is no table; the group of order 1 is written as 0"
        )
    if n != codes.shape[1]:
        raise GroupError(
            f"A Cayley table must be square, (n, n); given shape {codes.shape}; {FORMS}"
        )
    if names is not None and not (numeric and all(isinstance(name, str) for name in names)):
        return _of_names(codes, entries, names, lines)
    if numeric:
        values = [int(entry) for entry in entries]
        if max(values) < 2**31 and -(2**31) <= min(values):
            read = read_numbers(np.array(values, dtype=np.int64)[codes])
            low, high = int(read.table.min()), int(read.table.max())
            if (0 <= low and high < n) or len(entries) != n:
                # If it is not closed, `from_cayley` says where.
                return read if names is None else replace(read, labels=tuple(map(str, names)))
    if names is not None:
        return _of_names(codes, entries, names, lines)
    if not np.array_equal(codes[0], codes[:, 0]):
        if numeric:
            raise GroupError(f"The table is not closed: its numbers are not the indices 0..{n - 1}")
        raise GroupError(
            "In a table of labels the first row and the first column must be the same, as those of "
            "the identity; or give it a header row and a header column"
        )
    return _looked_up(codes, entries, codes[0], codes[0], lines)


def _of_names(
    codes: NDArray[np.int32], entries: list[str], names: list[object], lines: list[int]
) -> WrittenTable:
    """Read a table of labels whose order is given."""
    texts = [_entry(name) for name in names]
    place = {text: k for k, text in enumerate(dict.fromkeys([*entries, *texts]))}
    columns = np.array([place[text] for text in texts], dtype=np.int64)
    return _looked_up(codes, list(place), columns, columns, lines)


def _checked(names: object) -> list[object] | None:
    """Return the elements that a file lists, as texts or as numbers, if it does."""
    if names is None:
        return None
    if not isinstance(names, list) or not 1 <= len(names) <= MAX_ORDER:
        raise GroupError(f"The elements of a group must be a list of 1 to {MAX_ORDER} labels")
    return names


def read_numbers(table: NDArray[Any]) -> WrittenTable:
    """Make a table of an array of numbers: whole ones may be floats, and may count from 1."""
    check_type(table)
    if table.dtype.kind in "fc" and np.isfinite(table).all() and not np.imag(table).any():
        # In double precision: half precision has no number as large as the limit.
        whole = np.rint(np.real(table)).astype(np.float64)
        if np.array_equal(table, whole) and np.abs(whole).max(initial=0.0) < _LARGEST:
            table = whole.astype(np.int64)
    if table.dtype.kind in "iu" and table.ndim == 2 and table.size and table.min() == 1:
        n = len(table)
        if table.max() == n:
            labels = tuple(str(k) for k in range(1, n + 1))
            said = f"it counts from 1: its elements 1..{n} have the indices 0..{n - 1} here"
            return WrittenTable(table - 1, labels, said)
    return WrittenTable(table)


def check_type(table: NDArray[Any]) -> None:
    """Refuse small integers in which the indices of a table cannot all be, and seem to be cut."""
    if table.dtype.kind in "iu" and table.ndim and table.size:
        most = int(np.iinfo(table.dtype).max)
        if max(table.shape) > most + 1 and (table.max() == most or table.min() < 0):
            raise GroupError(
                f"Its numbers are {table.dtype}, at most {most}, and its shape is {table.shape}: "
                "larger ones were cut; save them as int32"
            )


def _coded(
    rows: Iterable[Sequence[object]], lines: list[int]
) -> tuple[NDArray[np.int32], list[str]]:
    """Return the numbers (rows, columns) of the entries, and the different entries."""
    found: dict[object, int] = {}
    coded: list[NDArray[np.int32]] = []
    for number, row in enumerate(rows):
        if number > MAX_ORDER or len(row) >= MOST_ENTRIES:
            raise GroupError(f"The table is above the limit of {MAX_ORDER} rows and columns")
        kinds = set(map(type, row)) - {int, float, str}
        if kinds:
            raise GroupError(
                f"A Cayley table holds numbers or labels; row {number} holds {kinds.pop().__name__}"
            )
        numbers = (found.setdefault(entry, len(found)) for entry in row)
        coded.append(np.fromiter(numbers, dtype=np.int32, count=len(row)))
        if len(coded) == 2 and len(coded[0]) == len(row) - 1 > 0:  # a header without a corner
            coded[0] = np.insert(coded[0], 0, found.setdefault("", len(found)))
        if len(coded[-1]) != len(coded[0]):
            where = f" (line {lines[number]})" if lines else ""
            raise GroupError(
                f"A Cayley table must be square; row {number}{where} has {len(row)} entries and "
                f"row 0 has {len(coded[0])}; {FORMS}"
            )
        if len(found) > 2 * len(row) + 3:
            raise GroupError(
                f"The table is not closed: up to row {number} it has {len(found)} different "
                f"entries in {len(row)} columns"
            )
    if not coded:
        raise GroupError("A Cayley table must be square, and there are no rows")
    # "1", "1.0" and 1 are one entry.
    texts = [_entry(entry) for entry in found]
    entries = list(dict.fromkeys(texts))
    place = {text: index for index, text in enumerate(entries)}
    renumbered = np.array([place[text] for text in texts], dtype=np.int32)
    return renumbered[np.stack(coded)], entries


def _entry(given: object) -> str:
    """Return an entry as a text; numbers must be whole."""
    if isinstance(given, str):
        if not _NUMBER.fullmatch(given) or _PADDED.match(given):
            return given
        number: float = int(given) if _INTEGER.fullmatch(given) else float(given)
    elif isinstance(given, int | float) and not isinstance(given, bool):
        number = given
    else:
        raise GroupError(f"The elements of a group are labels or numbers, not {given!r:.60}")
    if not isfinite(number) or number != int(number):
        raise GroupError(f"Entry {given!r:.60} is no whole number, as the indices of elements are")
    return str(int(number))


def _place(row: int, column: int, lines: list[int]) -> str:
    """Say where an entry stands: counted from 0 in the table, and on which line of a file."""
    return f"row {row}, column {column}" + (f" (line {lines[row]})" if row < len(lines) else "")


def _check_once(written: WrittenTable, rows: int, lines: list[int]) -> None:
    """Refuse the first entry that stands twice in its row or column, by its label."""
    table, n = written.table, len(written.table)
    if written.labels is None and (table.dtype.kind not in "iu" or table.min() < 0):
        return
    if table.shape != (n, n) or not 0 <= table.min() <= table.max() < n:
        return  # `from_cayley` says where
    lines = lines[rows - n :]
    for kind, view in (("row", table), ("column", table.T)):
        bad = np.flatnonzero((np.sort(view, axis=1) != np.arange(n)).any(axis=1))
        if len(bad):
            line = view[bad[0]]
            twice = int(np.flatnonzero(np.bincount(line, minlength=n) > 1)[0])
            first, second = (int(k) for k in np.flatnonzero(line == twice)[:2])
            row, column = (int(bad[0]), second) if kind == "row" else (second, int(bad[0]))
            label = written.labels[twice] if written.labels else str(twice)
            other = f"{'column' if kind == 'row' else 'row'} {first}"
            raise GroupError(
                f"This is not a group table: entry {label!r:.60} at {_place(row, column, lines)} "
                f"is in the same {kind} twice, in {other} as well; each element must appear once"
            )


def _has_border(codes: NDArray[np.int32], entries: list[str]) -> bool:
    """Tell whether a square table has a header row and a header column, by its corner."""
    rows, columns = codes.shape
    if rows != columns or rows < 2:
        return False
    corner = entries[codes[0, 0]]
    # In a table of more than one element each stands more than once.
    if corner in ALONE or _INTEGER.fullmatch(corner) or (codes == codes[0, 0]).sum() > 1:
        return False
    # A wrong table of the signs + and - must not be taken for the group of order 1.
    return rows > 2 or corner in ("", "*")


def _bordered(
    body: NDArray[np.int32],
    entries: list[str],
    columns: NDArray[Any],
    rows: NDArray[Any],
    lines: list[int],
) -> WrittenTable:
    """Read what a header names: labels again, or their indices where these are numbers."""
    used, indices = np.unique(body, return_inverse=True)
    written = [entries[code] for code in used]
    names = [entries[code] for code in (*columns, *rows)]
    if all(map(_INTEGER.fullmatch, written)) and not any(map(_INTEGER.fullmatch, names)):
        if not np.array_equal(columns, rows):
            raise GroupError(
                "Where the entries are indices, the labels beside the rows must be those of the "
                "header row, in the same order"
            )
        body = indices.reshape(body.shape).astype(np.int32)
        return _read(body, written, names[: len(columns)], lines)
    return _looked_up(body, entries, columns, rows, lines)


def _looked_up(
    body: NDArray[np.int32],
    entries: list[str],
    columns: NDArray[Any],
    rows: NDArray[Any],
    lines: list[int],
) -> WrittenTable:
    """Turn labels into indices, in the order of the columns."""
    labels = tuple(entries[code] for code in columns)
    order = len(labels)
    place = np.full(len(entries), -1, dtype=np.int32)
    place[columns] = np.arange(order, dtype=np.int32)
    if body.shape != (order, order):
        raise GroupError(
            f"A Cayley table of {order} elements must be square, ({order}, {order}); given shape "
            f"{body.shape}"
        )
    if len(set(labels)) != order or "" in labels:
        raise GroupError("The header of the table must have a different label for each element")
    if not np.array_equal(np.sort(place[rows]), np.arange(order)):
        raise GroupError("The header column must have the labels of the header row, each once")
    wrong = np.argwhere(place[body] < 0)
    if len(wrong):
        row, column = (int(k) for k in wrong[0])
        raise GroupError(
            f"The table is not closed: entry {entries[body[row, column]]!r:.60} at "
            f"{_place(row, column, lines)} is none of its elements, {', '.join(labels[:8])!r:.100}"
        )
    table = np.empty_like(body)
    table[place[rows]] = place[body]
    return WrittenTable(table, labels)
