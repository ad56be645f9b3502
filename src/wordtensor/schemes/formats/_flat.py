"""A text of numbers alone: the sizes and the rank, then U, V and W, term after term."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

from ..._files import replace_file
from ..._memory import require_memory
from ...errors import FileFormatError
from .._linear_forms import coefficient_texts
from ..compose import flipped
from ..scheme import Scheme
from ._conventions import both_conventions, first_exact
from ._format import Format, Read, Source
from ._numbers import Numbers
from ._texts import real_scheme

_HEADER: Final = re.compile(rb"\s*(?:[1-9][0-9]{0,5}[ \t]+){3}[1-9][0-9]{0,8}[ \t]*\r?\n")


def _recognise(content: bytes) -> bool:
    return _HEADER.match(content[:200]) is not None


def _parse(source: Source) -> tuple[Read[Scheme], ...]:
    where = f"File {source.name}"
    require_memory(64 * len(source.content), f"What {source.name} may become")
    texts = source.text().split()
    n, m, p, rank = (int(text) for text in texts[:4])
    ends = [4]
    for length in (n * m, m * p, n * p):
        ends.append(ends[-1] + rank * length)
    if len(texts) != ends[-1]:
        raise FileFormatError(
            f"{where} begins with sizes {n},{m},{p} and {rank} terms, so {ends[-1] - 4} numbers "
            f"must follow, not {len(texts) - 4}"
        )
    factors = []
    for name, (start, end) in zip("UVW", pairwise(ends), strict=True):
        numbers = Numbers()
        numbers.extend(texts[start:end], f"{where}, {name}")
        factors.append(numbers.factor(rank, where))
    return (first_exact(both_conventions((n, m, p), *factors), where),)


def write_flat(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    """Write the sizes, the rank, and a line each for U, V and W, of the transposed product."""
    s = real_scheme(schemes, "A text of numbers")
    lines = [f"{s.n} {s.m} {s.p} {s.rank}"]
    factors = (s.U, s.V, flipped(s.W, s.n, s.p))
    for factor, denominator in zip(factors, s.denominators, strict=True):
        columns = coefficient_texts(factor, denominator)
        lines.append(" ".join(text for column in columns for text in column))
    replace_file(path, ("\n".join(lines) + "\n").encode())


FORMAT: Final = Format(
    name="flat",
    about="numbers after n, m, p and the rank",
    ending=".txt",
    recognise=_recognise,
    parse=_parse,
    write=write_flat,
)
