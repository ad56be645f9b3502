"""Brace notation: a list of terms, each three matrices, as Mathematica and Maple print lists."""

import re
from pathlib import Path
from typing import Any, Final

from ..._files import replace_file
from ..._memory import require_memory
from ...errors import FileFormatError
from .._rational import Factor
from ..compose import flipped
from ..scheme import Scheme
from ._algebra import value
from ._conventions import Reading, both_conventions, first_complex, first_exact
from ._format import AnyRead, Format, Source
from ._numbers import Numbers
from ._plain_arrays import scheme_of_arrays
from ._texts import matrix_texts, real_scheme, without_comments

# A row, or a brace or comma around rows, or what should not stand there.
_TOKEN: Final = re.compile(r"\s*(?:\{([^{}]*)\}|([{},])|(\S))")
_START: Final = re.compile(
    r"\s*(?:[A-Za-z][A-Za-z0-9_$]{0,40}\s*:?=\s*)?(?:[{[]\s*[{[]|TriadSet\b)", re.ASCII
)
_NAME: Final = re.compile(r"\s*[A-Za-z][A-Za-z0-9_$]{0,40}\s*:?=", re.ASCII)
# Maple's names around its lists.
_WRAPPED: Final = re.compile(
    r"TriadSet\(|Triad\(|Matrix\((?:\d{1,9}, ?\d{1,9}, ?)?|(?<=\])\s?\)", re.ASCII
)
# The imaginary unit of Mathematica and Maple, and Python's numbers with it.
_UNIT: Final = re.compile(r"(?<![A-Za-z0-9_])I(?![A-Za-z0-9_])")
_IMAGINARY: Final = re.compile(r"(?<=[0-9.])[ij](?![A-Za-z0-9_])")
_BRACES: Final = str.maketrans("[]", "{}")
_DEEPEST: Final = 4
_ACCEPTED: Final = (
    "a scheme is a list of terms, each of three matrices, or a list of three matrices U, V and W"
)
_MATRICES: Final = ("first", "second", "third")

Nested = list[Any] | str
"""Lists in lists; the innermost, a row, is its text."""


def _recognise(content: bytes) -> bool:
    text = content[: 2**16].decode("utf-8-sig", "ignore")
    return b"TriadSet(" in content or _START.match(without_comments(text)) is not None


def _parse(source: Source) -> tuple[AnyRead, ...]:
    where = f"File {source.name}"
    require_memory(32 * len(source.content), f"What {source.name} may become")
    text = _IMAGINARY.sub("*I", _lists(source.text()))
    if _UNIT.search(text):
        lists = [_nested(_UNIT.sub(unit, text), where) for unit in "01"]
    else:
        lists = [_nested(text, where)]
    depth = _depth(lists[0])
    if depth == 3 and len(lists[0]) == 3:
        arrays = [_arrays(nested, where) for nested in lists]
        units = arrays[1] if len(arrays) > 1 else None
        return (scheme_of_arrays(arrays[0], source.sizes, where, with_units=units),)
    if depth != _DEEPEST:
        raise FileFormatError(f"{where} is a list nested {depth} deep; {_ACCEPTED}")
    readings = [_readings(nested, where) for nested in lists]
    if len(readings) == 1:
        return (first_exact(readings[0], where),)
    return (first_complex(readings[0], readings[1], where),)


def _lists(text: str) -> str:
    """Return the lists of a file without names, comments and Maple's brackets."""
    text = without_comments(text)
    start = text.find("TriadSet(")
    if start >= 0:
        end = text.find(";", start)
        stop = text.find(":", start)
        ends = [place for place in (end, stop) if place >= 0]
        text = _WRAPPED.sub("", text[start : min(ends, default=len(text))])
    elif (name := _NAME.match(text)) is not None:
        text = text[name.end() :]
    text = text.rstrip().removesuffix(";").removesuffix(":").rstrip()
    return text.translate(_BRACES)


def _nested(text: str, where: str) -> list[Any]:
    """Read lists in lists."""
    stack: list[list[Any]] = []
    whole: Nested | None = None
    after_value = False
    for match in _TOKEN.finditer(text):
        row, mark, other = match.groups()
        if other is not None or whole is not None or (mark in ("}", ",")) != after_value:
            raise _misplaced(text, match, where)
        if mark == "," and stack:
            after_value = False
            continue
        if mark == "{" and len(stack) < _DEEPEST - 1:
            stack.append([])
            continue
        if mark in (",", "{"):
            raise _misplaced(text, match, where)
        made: Nested = row if mark is None else stack.pop()
        after_value = True
        if stack:
            stack[-1].append(made)
        else:
            whole = made
    if not isinstance(whole, list):
        raise FileFormatError(f"{where} ends inside of a list; {_ACCEPTED}")
    return whole


def _misplaced(text: str, match: re.Match[str], where: str) -> FileFormatError:
    """Say what should not stand where it does."""
    if text.find("}", match.end()) < 0:
        return FileFormatError(f"{where} ends inside of a list; {_ACCEPTED}")
    line = text.count("\n", 0, match.start(match.lastindex or 0)) + 1
    found = match[0].strip()[:30]
    return FileFormatError(f"{where}, line {line}: {found!r} is out of place; {_ACCEPTED}")


def _depth(nested: Nested) -> int:
    return 1 if isinstance(nested, str) else 1 + _depth(nested[0])


def _matrix(rows: Any, where: str) -> Factor:
    """Read rows of equal lengths as an array; its rows stay rows."""
    numbers, columns = Numbers(value), None
    for t, row in enumerate(rows if isinstance(rows, list) else []):
        texts = _cells(row, f"{where}, row {t + 1}")
        if columns not in (None, len(texts)):
            raise FileFormatError(f"{where}, row {t + 1} has {len(texts)} entries, not {columns}")
        columns = len(texts)
        numbers.extend(texts, f"{where}, row {t + 1}")
    if columns is None:
        raise FileFormatError(f"{where} is not a list of rows")
    numerators, denominator = numbers.factor(len(rows), where)
    return numerators.T, denominator


def _cells(row: Any, where: str) -> list[str]:
    if not isinstance(row, str):
        raise FileFormatError(f"{where} is nested more deeply than the others; {_ACCEPTED}")
    return [text.strip().strip('"') for text in row.split(",")]


def _arrays(nested: list[Any], where: str) -> list[Factor]:
    return [_matrix(nested[k], f"{where}, matrix {'UVW'[k]}") for k in range(3)]


def _readings(terms: list[Any], where: str) -> list[Reading]:
    """Return what terms of three matrices may mean."""
    if len(terms) == 3 and any(len(part) != 3 for part in terms):
        terms = [list(term) for term in zip(*terms, strict=False)]  # U, V and W apart
    numbers = (Numbers(value), Numbers(value), Numbers(value))
    shapes: list[tuple[int, int]] = []
    for t, term in enumerate(terms):
        place = f"{where}, term {t + 1}"
        if not isinstance(term, list) or len(term) != 3:
            found = len(term) if isinstance(term, list) else 1
            raise FileFormatError(f"{place} has {found} matrices, not three; {_ACCEPTED}")
        for k, matrix in enumerate(term):
            here = f"{place}, {_MATRICES[k]} matrix"
            if not isinstance(matrix, list):
                raise FileFormatError(f"{here} is not a list of rows; {_ACCEPTED}")
            if t == 0:
                shapes.append((len(matrix), len(_cells(matrix[0], here))))
            _extend(numbers[k], matrix, shapes[k], here)
    (n, m), (inner, p), third = shapes
    if inner != m or third not in ((p, n), (n, p)):
        raise FileFormatError(
            f"{where} has matrices of shapes {n}x{m}, {inner}x{p} and {third[0]}x{third[1]} in "
            "each term; n x m, m x p and p x n (or n x p) are a scheme's"
        )
    U, V, W = (one.factor(len(terms), where) for one in numbers)
    plain, turned = third == (n, p), third == (p, n)
    return both_conventions((n, m, p), U, V, W, plain=plain, turned=turned)


def _extend(numbers: Numbers, matrix: list[Any], shape: tuple[int, int], where: str) -> None:
    """Read one matrix of a term."""
    if len(matrix) != shape[0]:
        raise FileFormatError(f"{where} has {len(matrix)} rows, not {shape[0]} as in term 1")
    for r, row in enumerate(matrix):
        texts = _cells(row, f"{where}, row {r + 1}")
        if len(texts) != shape[1]:
            raise FileFormatError(
                f"{where}, row {r + 1} has {len(texts)} entries, not {shape[1]} as in term 1"
            )
        numbers.extend(texts, f"{where}, row {r + 1}")


def _terms(schemes: tuple[Scheme, ...], what: str) -> list[list[list[list[str]]]]:
    """Return the three matrices of each term, the third for the transposed product."""
    s = real_scheme(schemes, what)
    shapes = ((s.n, s.m), (s.m, s.p), (s.p, s.n))
    factors = (s.U, s.V, flipped(s.W, s.n, s.p))
    columns = [
        matrix_texts(factor, denominator, shape)
        for factor, denominator, shape in zip(factors, s.denominators, shapes, strict=True)
    ]
    return [list(term) for term in zip(*columns, strict=True)]


def _braced(rows: list[list[str]]) -> str:
    return "{" + ",".join("{" + ",".join(row) + "}" for row in rows) + "}"


def write_braces(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    """Write a scheme in Mathematica's braces, one term a line."""
    terms = _terms(schemes, "Brace notation")
    lines = ",\n  ".join("{" + ",".join(map(_braced, term)) + "}" for term in terms)
    replace_file(path, f"{{\n  {lines}\n}}\n".encode())


def write_triads(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    """Write a scheme as Maple's TriadSet, as the catalogue of fmm.univ-lille.fr does."""
    terms = _terms(schemes, "Maple's TriadSet")
    lines = ",\n  ".join(f"Triad([{', '.join(map(_maple, term))}])" for term in terms)
    replace_file(path, f"Tensor:=TriadSet([\n  {lines}\n]):\n".encode())


def _maple(rows: list[list[str]]) -> str:
    listed = ",".join("[" + ",".join(row) + "]" for row in rows)
    return f"Matrix({len(rows)}, {len(rows[0])}, [{listed}])"


FORMAT: Final = Format(
    name="m",
    about="lists of three matrices for each term, such as {{{{1}},{{1}},{{1}}}}",
    ending=".m",
    recognise=_recognise,
    parse=_parse,
    write=write_braces,
)
MAPLE: Final = Format(
    name="maple",
    about="TriadSets of Maple",
    ending=".mpl",
    recognise=lambda content: b"TriadSet(" in content,
    parse=_parse,
    write=write_triads,
)
