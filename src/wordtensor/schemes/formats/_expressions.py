"""Expressions: a product of three linear forms a line, or named products and entries of c."""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ..._files import replace_file
from ..._memory import require_memory
from ..._typing import Sizes
from ...errors import FileFormatError
from .._linear_forms import as_factor, coefficient_texts, names_of, sum_text
from .._rational import Factor
from ..compose import flipped
from ..scheme import Scheme
from ._algebra import ACCEPTED, Form, Parser, Statement, Summand
from ._conventions import both_conventions, first_exact
from ._format import Format, Read, Source
from ._numbers import over_one
from ._texts import real_scheme, without_comments

_ENTRY: Final = re.compile(rb"[aA]_?[\[{]? ?[0-9]")
_VARIABLE: Final = re.compile(r"([abc])\[([0-9]+),([0-9]+)\]")
_LETTERS: Final = "abc"


class _Term(NamedTuple):
    """A product: the linear forms of a, of b, and the entries of c that it goes into."""

    a: Form
    b: Form
    c: Form


def _recognise(content: bytes) -> bool:
    head = content[: 2**16]
    return _ENTRY.search(head) is not None and (b"*" in head or b"(" in head)


def _parse(source: Source) -> tuple[Read[Scheme], ...]:
    where = f"File {source.name}"
    text = without_comments(source.text())
    require_memory(128 * len(text), f"What {source.name} may become")

    def name(match: re.Match[str]) -> str:
        return _name(match, source.sizes)

    parser = Parser(text, name, where)
    terms, named = _terms(parser, where)
    sizes = _sizes(terms, source.sizes, where)
    read = _scheme(terms, sizes, where)
    return (read._replace(additions=parser.additions if named else None),)


def _name(match: re.Match[str], sizes: Sizes | None) -> str:
    """Return "a[1,12]" for any way to write it, and the name of a product as it is."""
    letter, digits = match["name"].lower(), match["digits"]
    i, j = match["i"] or match["k"], match["j"] or match["l"]
    if letter not in _LETTERS or (i is None and len(digits or "") < 2):
        return f"{match['name']}{digits or ''}{f'{i}_{j}' if i else ''}"
    if i is not None:
        return f"{letter}[{int(i)},{int(j)}]"
    n, m, p = sizes or (10**6, 10**6, 10**6)
    most = {"a": (n, m), "b": (m, p), "c": (max(n, p), max(n, p))}[letter]
    splits = [
        (digits[:cut], digits[cut:])
        for cut in range(1, len(digits))
        if len(digits) == 2 or "0" not in (digits[0], digits[cut])
    ]
    fitting = [s for s in splits if int(s[0]) <= most[0] and int(s[1]) <= most[1]]
    fitting = splits if len(splits) == 1 else fitting
    if len(fitting) != 1:
        meant = " or ".join(f"{letter}[{i},{j}]" for i, j in splits[:2]) or "no entry"
        raise ValueError(
            f"{letter}{digits} may be {meant}; write {letter}1_11 or {letter}[1,11], or give the "
            "sizes"
        )
    return f"{letter}[{fitting[0][0]},{fitting[0][1]}]"


def _terms(parser: Parser, where: str) -> tuple[list[_Term], bool]:
    """Return the terms of a file of either kind, and whether all of them have names."""
    terms: list[_Term] = []
    named: dict[str, int] = {}
    while (line := parser.statement()) is not None:
        here = f"{where}, line {line.line}"
        if not line.target:
            if named:
                raise FileFormatError(f"{here} has no name before '=', as others; {ACCEPTED}")
            terms += [_term(summand, here) for summand in line.summands]
        elif _VARIABLE.fullmatch(line.target):
            _deliver(parser, line, terms, named, here)
        elif all(len(summand.forms) == 1 for summand in line.summands):
            parser.known[line.target] = parser.form(line.summands)
        elif len(line.summands) != 1 or len(line.summands[0].forms) != 2:
            raise FileFormatError(
                f"{here}: {line.target[:20]} must be a sum, or a sum of a's times one of b's"
            )
        elif line.target in named:
            raise FileFormatError(f"{here}: {line.target[:20]} is there twice")
        else:
            named[line.target] = len(terms)
            terms.append(_term(line.summands[0], here, entry={}))
    if not terms:
        raise FileFormatError(f"{where} holds no product; {ACCEPTED}")
    return terms, len(named) == len(terms)


def _deliver(
    parser: Parser, line: Statement, terms: list[_Term], named: dict[str, int], where: str
) -> None:
    """Say in each product what it adds to an entry of c."""
    for name, value in parser.form(line.summands).items():
        if name not in named:
            raise FileFormatError(f"{where}: {name[:20]} is used, but not said what it is, above")
        entries = terms[named[name]].c
        entries[line.target] = entries.get(line.target, Fraction(0)) + value


def _term(summand: Summand, where: str, entry: Form | None = None) -> _Term:
    """Sort the linear forms of a product by their letters; the third may be known."""
    coefficient, forms = summand
    found: dict[str, Form] = {} if entry is None else {"c": entry}
    for form in forms:
        letters = {name.partition("[")[0] for name in form}
        letter = min(letters, default="")
        entries = all(_VARIABLE.fullmatch(name) for name in form)
        if len(letters) != 1 or not entries or letter in found:
            shown = ", ".join(sorted(letters))[:60]
            raise FileFormatError(
                f"{where}: a product needs one sum of a's, one of b's and one of c's, not {shown}"
            )
        found[letter] = form
    if len(found) != 3:
        raise FileFormatError(f"{where} has {len(found)} sums to multiply, not three; {ACCEPTED}")
    first = {name: coefficient * value for name, value in found["a"].items()}
    return _Term(first, found["b"], found["c"])


def _indices(name: str) -> tuple[int, int]:
    i, j = name[2:-1].split(",")  # of "a[1,12]"
    return int(i), int(j)


def _sizes(terms: list[_Term], given: Sizes | None, where: str) -> dict[str, tuple[int, int, int]]:
    """Return first index, rows and columns of each letter: every entry has to occur."""
    found = {}
    for k, letter in enumerate(_LETTERS):
        entries = {_indices(name) for term in terms for name in term[k]}
        least = min((min(pair) for pair in entries), default=1)
        base = 0 if least == 0 else 1
        rows, columns = (max(pair[axis] for pair in entries) + 1 - base for axis in (0, 1))
        if len(entries) != rows * columns:
            missing = next(
                pair
                for pair in product(range(base, rows + base), range(base, columns + base))
                if pair not in entries
            )
            raise FileFormatError(
                f"{where}: {letter}[{missing[0]},{missing[1]}] never occurs, though {letter} has "
                f"{rows} rows and {columns} columns; a scheme needs every entry"
            )
        found[letter] = (base, rows, columns)
    (_, n, m), (_, inner, p), (_, *third) = found["a"], found["b"], found["c"]
    if inner != m or tuple(third) not in ((p, n), (n, p)):
        raise FileFormatError(
            f"{where} has a of {n}x{m}, b of {inner}x{p} and c of {third[0]}x{third[1]}; n x m, "
            "m x p and p x n (or n x p) are a scheme's"
        )
    if given not in (None, (n, m, p)):
        raise FileFormatError(f"{where} is for sizes {n},{m},{p}, not {given}")
    return found


def _scheme(terms: list[_Term], sizes: dict[str, tuple[int, int, int]], where: str) -> Read[Scheme]:
    entries = sum(rows * columns for _, rows, columns in sizes.values())
    require_memory(16 * entries * len(terms), f"The scheme of {where}")
    U, V, W = (
        _factor([term[k] for term in terms], sizes[letter], where)
        for k, letter in enumerate(_LETTERS)
    )
    (_, n, m), (_, _, p), (_, *third) = (sizes[letter] for letter in _LETTERS)
    plain, turned = tuple(third) == (n, p), tuple(third) == (p, n)
    readings = both_conventions((n, m, p), U, V, W, plain=plain, turned=turned)
    read = first_exact(readings, where)
    from_zero = "indices from 0" if any(base == 0 for base, _, _ in sizes.values()) else ""
    return read._replace(note="; ".join(filter(None, (read.note, from_zero))))


def _factor(forms: Sequence[Form], size: tuple[int, int, int], where: str) -> Factor:
    base, rows, columns = size
    values: dict[Fraction, int] = {Fraction(0): 0}
    places = np.zeros((rows * columns, len(forms)), dtype=np.intp)
    for r, form in enumerate(forms):
        for name, value in form.items():
            i, j = _indices(name)
            place = values.setdefault(value, len(values))
            places[(i - base) * columns + j - base, r] = place
    return over_one(list(values), places, where)


def write_expressions(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    """Write a scheme as one product of three linear forms a line."""
    s = real_scheme(schemes, "The format of expressions")
    shapes = ((s.n, s.m), (s.m, s.p), (s.p, s.n))
    factors = (s.U, s.V, flipped(s.W, s.n, s.p))
    columns = []
    for letter, shape, factor, denominator in zip(
        _LETTERS, shapes, factors, s.denominators, strict=True
    ):
        names = names_of(letter, *shape)
        texts = coefficient_texts(factor, denominator)
        columns.append([sum_text(column, names) or f"0*{names[0]}" for column in texts])
    lines = ["*".join(map(as_factor, term)) for term in zip(*columns, strict=True)]
    replace_file(path, ("\n".join(lines) + "\n").encode())


FORMAT: Final = Format(
    name="exp",
    about="products such as (a11+a22)*b11*(c21-c22)",
    ending=".exp",
    recognise=_recognise,
    parse=_parse,
    write=write_expressions,
)
