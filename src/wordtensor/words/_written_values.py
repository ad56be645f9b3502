"""Tables of values as people write them: numbers or labels, with or without a border."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Indices
from ..errors import TableError
from ..groups import MAX_ORDER
from ..groups._text_rows import TextRows
from ..groups._written_table import ALONE
from ._laws import is_latin

_INTEGER: Final = re.compile(r"(?!0\d)[+-]?\d{1,300}", re.ASCII)
_NUMBER: Final = re.compile(
    r"[+-]?(\d{1,300}\.?\d{0,300}|\.\d{1,300})(e[+-]?\d{1,3})?", re.I | re.A
)
_PADDED: Final = re.compile(r"0\d", re.ASCII)  # as labels are: 00, 01, 10, 11
_SHOWN: Final = 6

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WrittenValues:
    """Values (n_a, n_b) as indices below a size, labels where there are any, and what to say."""

    values: Indices
    size: int
    rows: Labels = ()
    columns: Labels = ()
    labels: Labels = ()
    notes: tuple[str, ...] = ()


def read_values(given: Iterable[Sequence[object]], names: Labels = ()) -> WrittenValues:
    """Make a table of rows of numbers or labels; `names` are the elements in order, if known."""
    codes, entries, short = _coded(given)
    notes: tuple[str, ...] = ()
    rows: Labels = ()
    columns: Labels = ()
    numeric = np.array([_is_number(entry) for entry in entries])
    lines = given.lines if isinstance(given, TextRows) else []
    if short or _has_border(codes, entries, numeric):
        notes = _title(entries[codes[0, 0]], short)
        rows = tuple(entries[code] for code in codes[1:, 0])
        columns = tuple(entries[code] for code in codes[0, 1:])
        codes = codes[1:, 1:]
    elif len(codes) > 1 and not numeric[codes[0]].any() and numeric[codes[1:]].all():
        columns = tuple(entries[code] for code in codes[0])
        codes = codes[1:]
        notes = ("its first row is text above numbers, and was taken as the names of the columns",)
    elif _has_header(codes):
        rows = columns = tuple(entries[code] for code in codes[0])
        codes = codes[1:]
        notes = ("its first row was taken as the names of the rows and columns below it",)
    if names:
        rows, columns = rows or names, columns or names
    if codes.size == 1 and not numeric[codes].all():
        raise TableError(f"one entry, {entries[codes[0, 0]]!r:.60}, is no table")
    _check_entries(codes, entries, numeric, lines[-len(codes) :])
    _check_names(rows, columns, codes.shape)
    return _numbered(codes, entries, rows, columns, notes)


def _coded(given: Iterable[Sequence[object]]) -> tuple[Indices, list[str], bool]:
    """Return numbers (rows, columns) of the entries, these, and if the first row has no corner."""
    found: dict[object, int] = {}
    coded: list[Indices] = []
    lines = given.lines if isinstance(given, TextRows) else []
    for number, row in enumerate(given):
        if number > MAX_ORDER or len(row) > MAX_ORDER + 2:
            raise TableError(f"it has more than {MAX_ORDER} rows or columns")
        wrong = [entry for entry in row if type(entry) not in (int, float, str)]
        if wrong:
            raise TableError(
                f"row {number} holds {wrong[0]!r:.60}, and a table holds numbers or labels"
            )
        numbers = (found.setdefault(entry, len(found)) for entry in row)
        coded.append(np.fromiter(numbers, dtype=np.int32, count=len(row)))
        if number > 1 and len(coded[-1]) != len(coded[1]):
            raise TableError(_ragged(number, len(coded[-1]), len(coded[1]), lines))
        if len(found) > 3 * MAX_ORDER:
            raise TableError(f"it has more than {MAX_ORDER} different values")
    if not coded or not max(map(len, coded)):
        raise TableError("there are no rows in it")
    entries, place = _canonical(found)
    short = len(coded) > 1 and len(coded[0]) == len(coded[1]) - 1
    if len(coded) > 1 and len(coded[0]) != len(coded[1]):
        if not short:
            raise TableError(_ragged(1, len(coded[1]), len(coded[0]), lines))
        coded[0] = np.concatenate([coded[1][:1], coded[0]])  # the corner is not looked at
    codes: Indices = place[np.stack(coded)]
    if codes.shape[1] > 1 and all(entries[code] == "" for code in np.unique(codes[:, -1])):
        codes = codes[:, :-1]  # a separator at the end of each line
        short = False
    return codes, entries, short


def _ragged(number: int, length: int, other: int, lines: list[int]) -> str:
    where = f" (line {lines[number]})" if lines else ""
    return f"row {number}{where} has {length} entries and row {number - 1} has {other}"


def _canonical(found: Iterable[object]) -> tuple[list[str], Indices]:
    """Return the different entries as texts, and where each one found is among them."""
    # "1", "1.0" and 1 are one entry.
    texts = [_entry(entry) for entry in found]
    entries = list(dict.fromkeys(texts))
    at = {text: index for index, text in enumerate(entries)}
    return entries, np.array([at[text] for text in texts], dtype=np.int32)


def _entry(given: object) -> str:
    """Return an entry as a text, numbers in one way of writing them."""
    if isinstance(given, str) and not _is_number(given):
        return given
    whole = isinstance(given, int) or (isinstance(given, str) and _INTEGER.fullmatch(given))
    number = int(str(given)) if whole else float(str(given))
    if not isfinite(number):
        raise TableError(f"entry {given!r:.60} is no number")
    return str(int(number)) if number == int(number) else repr(number)


def _is_number(entry: str) -> bool:
    return _NUMBER.fullmatch(entry) is not None and not _PADDED.match(entry)


def _has_border(codes: Indices, entries: list[str], numeric: NDArray[np.bool_]) -> bool:
    """Tell whether a table has a header row and a header column."""
    if min(codes.shape) < 2:
        return False
    corner = entries[codes[0, 0]]
    if corner != "()" and not any(map(str.isalnum, corner)) and (codes == codes[0, 0]).sum() == 1:
        # A table of the signs + and - must not be taken for one of a single value.
        return len(codes) > 2 or corner in ("", "*")
    if not numeric[codes[0, 0]] and numeric[np.delete(codes.ravel(), 0)].all():
        return True  # such as "x\\y" over and beside numbers
    header = not numeric[codes[0]].any() and not numeric[codes[:, 0]].any()
    if header and numeric[codes[1:, 1:]].all():
        return True
    if len(codes) < 3 or not _is_closed(codes[1:, 1:], codes[0, 1:], codes[1:, 0]):
        return False
    latin = _is_latin_over(codes[1:, 1:], codes[0, 1:])
    titled = not numeric[codes[0, 0]] and corner not in ALONE
    if latin and titled:
        return True
    if latin or (titled and (codes == codes[0, 0]).sum() == 1):
        raise TableError(
            "its first row and column may be a header, or values as well; if they are a header, "
            f"leave the corner empty or write * there, not {corner!r:.40}, and if not, give it one"
        )
    return False


def _is_closed(body: Indices, columns: Indices, rows: Indices) -> bool:
    """Tell whether a square has different names, the same at its rows, and no other values."""
    names = set(columns.tolist())
    same = len(columns) == len(rows) == len(names) and set(rows.tolist()) == names
    return same and set(np.unique(body).tolist()) <= names


def _has_header(codes: Indices) -> bool:
    """Tell whether a first row names the elements of a Latin square below it."""
    if not len(codes) == codes.shape[1] + 1 > 2 or not _is_closed(codes[1:], codes[0], codes[0]):
        return False
    return _is_latin_over(codes[1:], codes[0])


def _is_latin_over(body: Indices, names: Indices) -> bool:
    return is_latin(np.searchsorted(np.sort(names), body).astype(np.int32), len(names))


def _title(corner: str, short: bool) -> tuple[str, ...]:
    """Say that a word in the corner was taken as a title."""
    if short or not corner.isalnum():
        return ()
    return (f"its corner {corner!r:.60} was taken as a title",)


def _check_entries(
    codes: Indices, entries: list[str], numeric: NDArray[np.bool_], lines: list[int]
) -> None:
    """Refuse empty entries, text that was not split, and lists of arguments with values."""
    empty = "" in entries and codes == entries.index("")
    if np.any(empty):
        row, column = (int(k) for k in np.argwhere(empty)[0])
        where = f" (line {lines[row]})" if lines else ""
        raise TableError(f"entry in row {row}, column {column}{where} is empty")
    if 1 in codes.shape and codes.size > 1 and not numeric[codes].all():
        raise TableError(
            f"it has {codes.shape[0]} rows and {codes.shape[1]} columns, the first entry "
            f"{entries[codes[0, 0]]!r:.60}; put commas or blanks between entries, a line for a row"
        )
    if len(codes) > 3 and codes.shape[1] == 3:
        pairs = {tuple(pair) for pair in codes[:, :2].tolist()}
        if len(pairs) == len(codes) == len({a for a, _ in pairs}) * len({b for _, b in pairs}):
            raise TableError(
                f"its {len(codes)} rows are all pairs with a third entry, a list of x, y and "
                "value; give a table, a row for each x and a column for each y"
            )


def _check_names(rows: Labels, columns: Labels, shape: tuple[int, ...]) -> None:
    """Refuse names of rows and columns that are not one for each, all different."""
    for what, names, count in (("rows", rows, shape[0]), ("columns", columns, shape[1])):
        if names and (len(names) != count or len(set(names)) != count or "" in names):
            raise TableError(
                f"its {count} {what} must have a different name each; there are {len(names)}, of "
                f"them {len(set(names))} different"
            )


def _numbered(
    codes: Indices, entries: list[str], rows: Labels, columns: Labels, notes: tuple[str, ...]
) -> WrittenValues:
    """Count the values as elements where the table is closed, else in sorted order."""
    used = [entries[code] for code in np.unique(codes)]
    n, square = len(codes), codes.shape[0] == codes.shape[1]
    indices = all(_INTEGER.fullmatch(text) for text in used) and all(
        0 <= int(text) < n for text in used
    )
    order: Labels = ()
    if square and rows and set(rows) == set(columns):
        if set(used) <= set(columns):
            order = columns
            place = {name: k for k, name in enumerate(rows)}
            codes, rows = codes[[place[name] for name in columns]], columns
        elif (
            rows == columns
            and not any(map(_is_number, rows))
            and (indices or _counts_from_one(used, n))
        ):
            start = 0 if indices else 1
            notes = notes if indices else (*notes, _from_one(n))
            return WrittenValues(_looked_up(codes, entries, map(str, range(start, n + start))), n,
                                 rows, columns, columns, notes)  # fmt: skip
    elif square and not rows and not columns:
        order = _elements(codes, entries, used, indices)
        if order and order[0] == "1" and order == tuple(map(str, range(1, n + 1))):
            notes = (*notes, _from_one(n))
        rows = columns = order
    if not order:
        order = tuple(sorted(used, key=_sorting(used)))
        mixed = {_is_number(text): text for text in order}
        if len(mixed) == 2:
            raise TableError(
                f"it holds numbers and texts, such as {mixed[True]!r:.40} and {mixed[False]!r:.40}"
                ", and no header that names them all"
            )
        shown = ", ".join(order[:_SHOWN]) + ", ..." * (len(order) > _SHOWN)
        if order != tuple(map(str, range(len(order)))):
            notes = (*notes, f"its {len(order)} values are numbered in sorted order: {shown}")
    if len(order) > MAX_ORDER:
        raise TableError(f"it has {len(order)} different values, and at most {MAX_ORDER} are read")
    return WrittenValues(_looked_up(codes, entries, order), len(order), rows, columns, order, notes)


def _elements(codes: Indices, entries: list[str], used: list[str], indices: bool) -> Labels:
    """Return the elements of a closed square table without a border, in order; none if unknown."""
    n = len(codes)
    if indices:
        return tuple(map(str, range(n)))
    if _counts_from_one(used, n):
        return tuple(map(str, range(1, n + 1)))
    first = tuple(entries[code] for code in codes[0])
    if np.array_equal(codes[0], codes[:, 0]) and len(set(first)) == n and set(used) <= set(first):
        return first  # the row and the column of an identity
    return ()


def _counts_from_one(used: list[str], n: int) -> bool:
    return str(n) in used and set(used) <= {str(k) for k in range(1, n + 1)}


def _from_one(n: int) -> str:
    return f"it counts from 1: its elements 1..{n} have the indices 0..{n - 1}"


def _sorting(used: list[str]) -> Callable[[str], Any]:
    return float if all(_is_number(text) for text in used) else str


def _looked_up(codes: Indices, entries: list[str], order: Iterable[str]) -> Indices:
    """Return the places of all entries in an order."""
    place = {text: index for index, text in enumerate(order)}
    table: Indices = np.array([place.get(text, -1) for text in entries], dtype=np.int32)[codes]
    return table
