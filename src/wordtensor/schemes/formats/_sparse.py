"""Sparse matrices in three files: L, R and P of one scheme, each in the format SMS."""

import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from ..._files import read_file, replace_file
from ..._memory import require_memory
from ..._typing import Integers
from ...errors import FileFormatError
from .._linear_forms import coefficient_texts
from .._rational import Factor
from ..library import SCHEME_BYTES
from ..scheme import Scheme
from ._format import PLAIN, AnyRead, Format, Source
from ._numbers import fraction, over_one
from ._plain_arrays import scheme_of_arrays
from ._texts import real_scheme

_HEADER: Final = re.compile(r"([0-9]{1,9})\s+([0-9]{1,9})\s+[A-Za-z]", re.ASCII)
_PART: Final = re.compile(r"(.*?)([LRP])\.sms", re.IGNORECASE | re.DOTALL)
_PARTS: Final = "LRP"
ACCEPTED: Final = (
    "a scheme is three files NAME_L.sms, NAME_R.sms and NAME_P.sms; each begins with 'rows columns "
    "M', has a line 'row column value' for each entry, numbered from 1, and ends with '0 0 0'"
)
# Axes of the terms: L and R have a row for each, P a column.
_AXES: Final = (0, 0, 1)


def _lines(text: str) -> list[tuple[int, str]]:
    """Return what is not empty and no comment, with the numbers of the lines."""
    numbered = ((t + 1, line.strip()) for t, line in enumerate(text.splitlines()))
    return [(t, line) for t, line in numbered if line and line[0] not in "#%"]


def _recognise(content: bytes) -> bool:
    lines = _lines(content[: 2**16].decode("utf-8-sig", "ignore"))
    return bool(lines) and _HEADER.fullmatch(lines[0][1]) is not None


def parts_of(path: Path) -> tuple[Path, Path, Path]:
    """Return the three files that a name stands for: of one of them, or of all without L, R, P."""
    match = _PART.fullmatch(path.name)
    stem = match[1] if match else path.name.removesuffix(".sms") + "_"
    lower = match is not None and match[2].islower()
    L, R, P = (
        path.with_name(f"{stem}{letter.lower() if lower else letter}.sms") for letter in _PARTS
    )
    return L, R, P


def part_in(folder: Path) -> Path:
    """Return the one L of a folder that holds the three files of one scheme."""
    names = sorted(entry.name for entry in folder.iterdir())
    found = [name for name in names if (match := _PART.fullmatch(name)) and match[2] in "Ll"]
    if len(found) != 1:
        shown = ", ".join(found[:3]) or "none"
        raise FileFormatError(
            f"Cannot read {str(folder)!r}: a folder must hold one file that ends in L.sms, not "
            f"{shown}; {ACCEPTED}"
        )
    return folder / found[0]


def _parse(source: Source) -> tuple[AnyRead, ...]:
    paths = parts_of(source.path)
    factors = []
    for path in paths:
        same = path.name == source.path.name
        if not same and not path.is_file():
            raise FileFormatError(f"File {source.name} has no {path.name} beside it; {ACCEPTED}")
        content = source.content if same else read_file(path, SCHEME_BYTES)
        factors.append(_matrix(Source(content, path).text(), f"File {path.name}"))
    names = ", ".join(path.name for path in paths)
    where = f"Files {names}"
    read = scheme_of_arrays(factors, source.sizes, where, usual=_AXES)
    return (read._replace(note=f"read from {names}; {read.note}"),)


def _matrix(text: str, where: str) -> Factor:
    """Read one file; its header only says what the entries have to fit into."""
    lines = _lines(text)
    header = _HEADER.fullmatch(lines[0][1]) if lines else None
    if header is None:
        raise FileFormatError(f"{where} does not begin with 'rows columns M'; {ACCEPTED}")
    rows, columns = int(header[1]), int(header[2])
    require_memory(32 * rows * columns, f"The {rows} x {columns} matrix of {where}")
    places = np.zeros((rows, columns), dtype=np.intp)
    values: dict[Fraction, int] = {Fraction(0): 0}
    for number, line in lines[1:]:
        fields = line.split(maxsplit=2)
        if fields == ["0", "0", "0"]:
            break
        try:
            i, j, value = int(fields[0]), int(fields[1]), fraction(fields[2])
        except (ValueError, IndexError) as error:
            reason = f": {error}" if len(fields) == 3 else ""
            raise FileFormatError(
                f"{where}, line {number}: {line[:40]!r} is not 'row column value'{reason}"
            ) from error
        if not (1 <= i <= rows and 1 <= j <= columns):
            raise FileFormatError(
                f"{where}, line {number}: row {i}, column {j} is not in a {rows} x {columns} matrix"
            )
        places[i - 1, j - 1] = values.setdefault(value, len(values))
    else:
        raise FileFormatError(f"{where} does not end with '0 0 0', so a part of it may be missing")
    return over_one(list(values), places, where)


def _written(texts: Iterable[Iterable[str]], shape: tuple[int, int]) -> bytes:
    entries = [
        f"{i + 1} {j + 1} {text}"
        for i, row in enumerate(texts)
        for j, text in enumerate(row)
        if text != "0"
    ]
    return "\n".join([f"{shape[0]} {shape[1]} R", *entries, "0 0 0", ""]).encode()


def write_sparse(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    """Write the three files of a scheme, the product not transposed."""
    s = real_scheme(schemes, "SMS")
    factors: tuple[tuple[Integers, int], ...] = tuple(
        zip((s.U, s.V, s.W.T), s.denominators, strict=True)
    )
    for place, (factor, denominator) in zip(parts_of(Path(path)), factors, strict=True):
        texts = coefficient_texts(factor, denominator)
        replace_file(place, _written(texts, (factor.shape[1], factor.shape[0])))


FORMAT: Final = Format(
    name="sms",
    about="matrices NAME_L.sms, NAME_R.sms and NAME_P.sms",
    ending=".sms",
    recognise=_recognise,
    parse=_parse,
    write=write_sparse,
    targets=parts_of,
    third=PLAIN,
)
