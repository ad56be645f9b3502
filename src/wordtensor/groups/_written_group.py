"""A group written as text or lists: generators, a presentation, or a Cayley table."""

import logging
import re
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from numpy.typing import NDArray

from .._text import printable
from ..errors import GroupError, WordTensorError
from ._free_quotients import is_free_quotient, presentation_of
from ._group import Group
from ._presentations import is_presentation
from ._printed_by_gap import check_printed, without_commands
from ._tables import MAX_ORDER
from ._text_rows import TextRows
from ._written_generators import WrittenGenerators, is_generators, nested, read_generators
from ._written_table import read_numbers, read_rows

_LOG = logging.getLogger(__name__)

_UNCOMMENTED: Final = re.compile(r"#[^\r\n]*")
_ANGLED: Final = re.compile(r"\s*[<⟨][^<>⟨⟩]*[>⟩][\s;]*")
_MOST_LETTERS: Final = 2**20  # of generators
_LONGEST: Final = 200  # of a name made of generators


def is_written(text: str) -> bool:
    """Tell whether a text is no name: it begins as generators, a presentation or a table do."""
    begins = text.lstrip().removeprefix("gap>").lstrip()[:1] in ("<", "⟨", "[", "{")
    return begins or is_generators(text) or is_presentation(text) or is_free_quotient(text)


def group_of_text(text: str, name: str | None, labels: Any = None) -> tuple[Group, str]:
    """Return the group that is written in a text, and what is to be said of it."""
    text = without_commands(text)
    bare = _UNCOMMENTED.sub("", text)
    if is_free_quotient(bare):
        return Group.from_presentation(presentation_of(bare), name), ""
    if len(bare) <= _MOST_LETTERS:
        check_printed(bare)
    if is_presentation(bare) or (_ANGLED.fullmatch(bare) and not is_generators(bare)):
        return Group.from_presentation(
            bare.strip().removeprefix("Group").strip("; \t\r\n"), name
        ), ""
    if not is_generators(bare):
        return _of_rows(text, name, labels)
    if bare.lstrip()[0] in "([":  # perhaps a table of cycles
        try:
            return _of_table(TextRows(text), name, labels)
        except GroupError:
            pass
    if len(text) > _MOST_LETTERS:
        raise GroupError(f"Generators are a text of at most {_MOST_LETTERS} letters")
    written = read_generators(bare)
    return _generated(written, name), written.said


def group_of_lists(value: list[Any], name: str | None, labels: Any) -> tuple[Group, str]:
    """Return the group of what JSON holds: a table, or permutations."""
    if value and all(isinstance(row, str) for row in value):
        written = nested(value)
        return _generated(written, name), written.said
    if not all(isinstance(row, list) for row in value):
        raise GroupError("A Cayley table must be square: a list of rows of the same length")
    if not _may_generate(value):
        return _of_table(value, name, labels)
    try:
        return group_of_generators(value, name)
    except GroupError:
        return _of_table(value, name, labels)  # which says what is wrong with it as a table


def group_of_array(table: NDArray[Any], name: str | None, labels: Any = None) -> tuple[Group, str]:
    """Return the group of an array, of indices or of labels."""
    if table.dtype.kind in "UO" and table.ndim == 2 and table.size:
        written = read_rows((row.tolist() for row in table), labels)
    else:
        written = read_numbers(table)
        written = written if labels is None else replace(written, labels=tuple(labels))
    return Group.from_cayley(written.table, name, written.labels), written.said


def group_of_generators(value: Any, name: str | None) -> tuple[Group, str]:
    """Return the group of the generators that JSON holds."""
    written = nested(value)
    return _generated(written, name), written.said


def _of_rows(text: str, name: str | None, labels: Any) -> tuple[Group, str]:
    """Return the group of a table; rows of numbers that are no square may be permutations."""
    rows = TextRows(text)
    try:
        return _of_table(rows, name, labels)
    except GroupError:
        entries = [[int(entry) for entry in row] for row in _few_numbers(text)]
        if not entries or not _may_generate(entries):
            raise
        try:
            written = nested(entries)
            group = _generated(written, name)
        except WordTensorError:
            group = None
        if group is None:
            raise
    start = 1 if written.said else 0
    said = (
        f"read as {len(entries)} permutation{'s' * (len(entries) > 1)} that generate the group, "
        f"a row each, with images counted from {start}"
    )
    return group, said


def _few_numbers(text: str) -> list[list[str]]:
    """Return the first rows of a text if they are numbers of one length, and no more than fit."""
    if len(text) > _MOST_LETTERS:
        return []
    try:
        rows = list(islice(TextRows(text), MAX_ORDER))
    except GroupError:
        return []
    numeric = all(re.fullmatch(r"\d{1,9}", e, re.ASCII) for row in rows for e in row)
    return rows if numeric and len({len(row) for row in rows}) == 1 else []


def _may_generate(rows: list[Any]) -> bool:
    """Tell whether rows may be permutations: no square, and no table that was cut short."""
    if any(isinstance(entry, list) for row in rows for entry in row):
        return any(len(row) != len(rows) for row in rows)
    if not all(isinstance(entry, int) for row in rows for entry in row):
        return False
    # In the first rows of a table no column has an entry twice.
    cut = len(rows) > 1 and all(
        len(set(column)) == len(rows) for column in zip(*rows, strict=False)
    )
    return not cut and all(len(row) > len(rows) for row in rows)


def _of_table(rows: Any, name: str | None, labels: Any) -> tuple[Group, str]:
    written = read_rows(rows, labels)
    return Group.from_cayley(written.table, name, written.labels), written.said


def _generated(written: WrittenGenerators, name: str | None) -> Group:
    """Generate the group, named by its generators where no name is given."""
    if name is None:
        texts = [_cycles(one) for one in written.generators]
        name = f"<{', '.join(texts)}>" if sum(map(len, texts)) < _LONGEST else None
    return Group.from_permutations(written.generators, name)


def _cycles(generator: str | list[int]) -> str:
    """Write a generator as GAP does, with commas."""
    if isinstance(generator, str):
        return generator.replace(" ", ",")
    parts, seen = [], set[int]()
    for start, image in enumerate(generator):
        if start in seen or not 0 <= image < len(generator) or image == start:
            continue
        cycle, point = [start], image
        while point not in seen and point != start and 0 <= point < len(generator):
            seen.add(point)
            cycle.append(point)
            point = generator[point]
        parts.append(f"({','.join(str(point + 1) for point in cycle)})")
    return "".join(parts) or "()"


def tell(what: str, said: str) -> None:
    """Log what is to be said of a group that was read."""
    if said:
        _LOG.warning("%s: %s", printable(what), said)
