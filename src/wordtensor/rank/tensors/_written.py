"""Tensors as text: coordinates, slices of rows, brackets as numpy prints them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import FileFormatError
from ._entries import numerators, written_number
from .value import Tensor, of_coordinates, of_numerators

Number = Fraction | float | complex

ACCEPTED: Final = (
    'lines "i j k value" (indices from 0 or 1), slices of rows with a blank line between, or '
    "brackets as numpy prints them"
)
_COMMENT: Final = re.compile(r"[#%].*|//.*")
# What stands between numbers; an index in parentheses is Matlab's.
_BETWEEN: Final = re.compile(r"[\s,;:()\[\]|]+")
_SLICE: Final = re.compile(
    r"[A-Za-z_][\w.]*\(:,:,(\d{1,9})\)\s*=?|[(\[]:,\s*:,\s*(\d{1,9})[)\]]\s*=?"
)
# A name, and what Python writes before brackets.
_BRACKETS: Final = re.compile(
    r"\s*(?:[A-Za-z_]\w{0,40}\s*:?=)?\s*"
    r"(?:(?:\w{1,10}\.)?(?=(?:array|tensor)\()|(?=[\[{]\s*[\[{]))"
)
_NAMED: Final = re.compile(r"[A-Za-z_]\w{0,40}\s*=", re.ASCII)
_SIZE: Final = re.compile(r"(\d{1,9})\s*[x×]\s*(\d{1,9})\s*[x×]\s*(\d{1,9})")
_INDEX: Final = re.compile(r"\d{1,15}", re.ASCII)
_PART: Final = re.compile(r"[\[{\]}]|[^\s,\[\]{}]+")
_NESTED: Final = "a tensor has three nested brackets, and numbers in the inner ones"
_LONGEST: Final = 2**22  # letters of a line
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class _Line:
    """The numbers of a line, as texts, and where it stands."""

    number: int
    cells: tuple[str, ...]
    after_gap: bool  # whether a blank line, or the title of a slice, stands before it


@dataclass(frozen=True, slots=True)
class _Title:
    """What a text says of itself beside its numbers."""

    shape: tuple[int, ...] | None = None
    format: str = ""  # "sptensor" or "tensor" of Tensor Toolbox, or "slices" of Matlab


def read_text(text: str, name: str) -> Tensor:
    """Read a tensor in any of the notations; errors say the line."""
    bare = _COMMENT.sub("", text)
    if (begin := _BRACKETS.match(bare)) is not None:
        return _bracketed(" " * begin.end() + bare[begin.end() :], name)
    lines, title = _lines(text)
    if title.format in ("sptensor", "tensor"):
        return _of_toolbox(lines, title.format, name)
    if not lines:
        raise FileFormatError(f"it has no numbers; a tensor is written as {ACCEPTED}")
    blocks = [list(block) for _, block in groupby(_numbered_blocks(lines), key=lambda b: b[0])]
    slices = [[line for _, line in block] for block in blocks]
    if title.format == "slices" or _are_slices(slices):
        return _of_slices(slices, -1 if title.format == "slices" else 0, name)
    return _of_lines(lines, title.shape, name)


def _lines(text: str) -> tuple[list[_Line], _Title]:
    """Split a text into lines of numbers, and what it says beside them."""
    lines: list[_Line] = []
    shape: tuple[int, ...] | None = None
    form = ""
    gap = False
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LONGEST:
            raise FileFormatError(f"line {number} is longer than that of any tensor")
        bare = _COMMENT.sub("", line).strip()
        if not bare:
            gap = True  # slices have comments or blank lines between them
            continue
        if not lines and bare.lower() in ("sptensor", "tensor"):
            form = bare.lower()
        elif _SLICE.fullmatch(bare):
            form, gap = "slices", True
        elif (size := _SIZE.search(bare)) and not lines:
            shape = tuple(map(int, size.groups()))
        elif not lines and _NAMED.fullmatch(bare):  # Octave's, before its slices
            continue
        elif lines or not _is_header(bare):
            cells = tuple(cell for cell in _BETWEEN.split(bare) if cell)
            lines.append(_Line(number, cells, gap))
            gap = False
    return lines, _Title(shape, form)


def _is_header(line: str) -> bool:
    """Say whether a first line names columns: "i,j,k,value"."""
    cells = [cell.strip("\"'") for cell in _BETWEEN.split(line) if cell]
    return len(cells) in (3, 4) and all(re.fullmatch(r"[A-Za-z_]\w{0,30}", c) for c in cells)


def _numbered_blocks(lines: Sequence[_Line]) -> Iterator[tuple[int, _Line]]:
    """Yield each line with the number of its block, between gaps."""
    block = 0
    for line in lines:
        block += line.after_gap and line is not lines[0]
        yield block, line


def _are_slices(blocks: Sequence[Sequence[_Line]]) -> bool:
    """Say whether blocks are slices of one shape, and no coordinates."""
    widths = {len(line.cells) for block in blocks for line in block}
    if len(widths) > 1 or len(blocks) == 1:
        return False
    [width] = widths
    if width in (3, 4) and len({*map(len, blocks)}) > 1:
        return False
    places = [line.cells[:3] for block in blocks for line in block]
    indices = all(_INDEX.fullmatch(cell) for place in places for cell in place)
    if width in (3, 4) and indices and len(set(places)) == len(places):
        raise FileFormatError(
            f"line {blocks[1][0].number} begins a block; it may be of slices of {width} columns as "
            "well as of coordinates; take the blank lines out of coordinates, or put slices into "
            "brackets"
        )
    return True


def _number(cell: str, line: int) -> Number:
    found = written_number(cell)
    if found is None:
        raise FileFormatError(
            f"line {line} has {cell[:_SHOWN]!r}, which is no number; accepted are {ACCEPTED}"
        )
    return found


def _of_slices(blocks: Sequence[Sequence[_Line]], axis: int, name: str) -> Tensor:
    """Stack matrices along an axis."""
    first = blocks[0]
    for block in blocks:
        for line in block:
            if len(line.cells) != len(first[0].cells):
                raise FileFormatError(
                    f"line {line.number} has {len(line.cells)} numbers, and the first row has "
                    f"{len(first[0].cells)}"
                )
        if len(block) != len(first):
            raise FileFormatError(
                f"the slice that begins in line {block[0].number} has {len(block)} rows, and the "
                f"first one {len(first)}"
            )
    numbers = [_number(c, line.number) for block in blocks for line in block for c in line.cells]
    flat, denominator = numerators(numbers)
    array = flat.reshape(len(blocks), len(first), len(first[0].cells))
    note = (
        f"{len(blocks)} slices of {len(first)} rows, along the {'last' if axis else 'first'} axis"
    )
    return of_numerators(np.moveaxis(array, 0, axis), denominator, name, (note,))


def _of_lines(lines: Sequence[_Line], shape: tuple[int, ...] | None, name: str) -> Tensor:
    """Read coordinates, of which the first line may be the shape."""
    counts = {len(line.cells) for line in lines[1:]} or {len(lines[0].cells)}
    width = len(lines[-1].cells)
    first = lines[0].cells
    if len(lines) > 1 and counts == {4} and len(first) == 3 and shape is None:
        shape, lines = tuple(_index(cell, lines[0].number) for cell in first[:3]), lines[1:]
    elif shape is None and counts == {4} and _may_be_size(lines):
        raise FileFormatError(
            f"line {lines[0].number} may be an entry as well as the shape and the number of "
            f'entries; write a shape as "{" x ".join(first[:3])}", or move an entry down'
        )
    if width not in (3, 4):
        what = f"{width} number{'s' * (width != 1)}"
        raise FileFormatError(f"line {lines[-1].number} has {what}; accepted are {ACCEPTED}")
    return _of_coordinates(lines, shape, width, name)


def _may_be_size(lines: Sequence[_Line]) -> bool:
    """Say whether a first line of four numbers may be the shape, and how many lines follow."""
    *size, count = lines[0].cells
    if count != str(len(lines) - 1) or not all(map(_INDEX.fullmatch, size)):
        return False
    columns = zip(*(line.cells[:3] for line in lines[1:]), strict=True)
    return all(
        all(_INDEX.fullmatch(cell) and int(cell) <= int(most) for cell in column)
        for column, most in zip(columns, size, strict=True)
    )


def _index(cell: str, line: int) -> int:
    whole = cell.removesuffix(".0")
    if not _INDEX.fullmatch(whole):
        raise FileFormatError(
            f"line {line} has the index {cell[:_SHOWN]!r}, which is no integer from 0 on; accepted "
            f"are {ACCEPTED}"
        )
    return int(whole)


def _of_coordinates(
    lines: Sequence[_Line], shape: tuple[int, ...] | None, width: int, name: str, base: int = -1
) -> Tensor:
    """Read lines of three indices and a value, or of three indices, where ones are."""
    seen: dict[tuple[int, ...], int] = {}
    numbers: list[Number] = []
    for line in lines:
        if len(line.cells) != width:
            raise FileFormatError(
                f"line {line.number} has {len(line.cells)} numbers, and others have {width}; "
                f"accepted are {ACCEPTED}"
            )
        place = tuple(_index(cell, line.number) for cell in line.cells[:3])
        if place in seen:
            raise FileFormatError(
                f"line {line.number} gives the place {place} again, which line {seen[place]} gave"
            )
        seen[place] = line.number
        numbers.append(_number(line.cells[3], line.number) if width == 4 else Fraction(1))
    places = np.array(list(seen), dtype=np.int64).T
    base = _base(places, shape) if base < 0 else base
    places = places - base
    sizes = tuple((places.max(axis=1) + 1).tolist()) if shape is None else shape
    outside = (places < 0).any(axis=0) | (places >= np.array(sizes)[:, None]).any(axis=0)
    if outside.any():
        line = lines[int(np.argmax(outside))]
        raise FileFormatError(
            f"line {line.number} names a place outside of the shape {sizes}, with indices from "
            f"{base}"
        )
    flat, denominator = numerators(numbers)
    notes = [f"indices from {base}"]
    if width == 3:
        notes.append("three indices a line: the places of ones")
    return of_numerators(of_coordinates(places, flat, sizes), denominator, name, tuple(notes))


def _base(places: NDArray[np.int64], shape: tuple[int, ...] | None) -> int:
    """Say whether indices begin with 0 or 1; where both may be they are FROSTT's, from 1."""
    if shape is not None and (places.max(axis=1) == np.array(shape)).any():
        return 1
    return int(places.min() > 0)


def _of_toolbox(lines: Sequence[_Line], form: str, name: str) -> Tensor:
    """Read what export_data of Tensor Toolbox writes: order, shape, and the entries."""
    head = 3 if form == "sptensor" else 2
    if len(lines) <= head or lines[0].cells != ("3",) or len(lines[1].cells) != 3:
        raise FileFormatError(
            f'after "{form}" there must be a line with 3, one with the shape and the entries'
        )
    shape = tuple(_index(cell, lines[1].number) for cell in lines[1].cells)
    if form == "sptensor":
        return _of_coordinates(lines[3:], shape, 4, name, base=1)
    numbers = [_number(cell, line.number) for line in lines[2:] for cell in line.cells]
    if len(numbers) != int(np.prod(shape, dtype=float)):
        raise FileFormatError(f"it has {len(numbers)} entries, which are not those of {shape}")
    flat, denominator = numerators(numbers)
    return of_numerators(flat.reshape(shape, order="F"), denominator, name)


def _bracketed(text: str, name: str) -> Tensor:
    """Read nested brackets with commas or blanks between: numpy's, Python's, Mathematica's."""
    text = _without_call(text.rstrip().removesuffix(";"))
    depth, counts, shape = 0, [0, 0, 0], [0, 0, 0]
    numbers: list[Number] = []
    for found in _PART.finditer(text):
        part = found.group()
        if part in "[{":
            if depth == 3 or (not depth and shape[0]):
                raise FileFormatError(f"{_place(text, found)} opens a bracket too many: {_NESTED}")
            if depth:
                counts[depth - 1] += 1
            depth += 1
        elif part in "]}":
            depth -= 1
            if depth < 0:
                raise FileFormatError(f"{_place(text, found)} closes a bracket that is not open")
            _closed(depth, counts, shape)
        elif depth != 3:
            raise FileFormatError(
                f"{_place(text, found)} has {part[:_SHOWN]!r} outside of the inner brackets: "
                f"{_NESTED}"
            )
        else:
            value = written_number(part)
            if value is None:
                left_out = ", which stands for entries that were left out" * ("..." in part)
                raise FileFormatError(
                    f"{_place(text, found)} has {part[:_SHOWN]!r}{left_out}; an entry is a number"
                )
            counts[2] += 1
            numbers.append(value)
    if depth:
        raise FileFormatError("a bracket is not closed at its end")
    flat, denominator = numerators(numbers)
    return of_numerators(flat.reshape(shape), denominator, name)


def _without_call(text: str) -> str:
    """Take array(...) and tensor(..., dtype=...) away, as Python prints them."""
    begin, call, rest = text.partition("(")
    if not call or begin.strip() not in ("array", "tensor"):
        return text
    body, bracket, tail = rest.rpartition("]")
    if not tail.rstrip().endswith(")"):
        raise FileFormatError("a parenthesis is not closed at its end")
    return body + bracket


def _place(text: str, found: re.Match[str]) -> str:
    """Say in which line a part of a text stands."""
    return f"line {text.count(chr(10), 0, found.start()) + 1}"


def _closed(depth: int, counts: list[int], shape: list[int]) -> None:
    """Check that a bracket that closes has as much in it as others of its depth."""
    if shape[depth] and shape[depth] != counts[depth]:
        raise FileFormatError(
            f"a bracket of depth {depth + 1} holds {counts[depth]} parts, and another "
            f"{shape[depth]}"
        )
    shape[depth] = counts[depth]
    counts[depth] = 0
