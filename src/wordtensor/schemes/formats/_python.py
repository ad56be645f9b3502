"""A scheme as a function of plain Python, which needs nothing else."""

from pathlib import Path
from typing import Final

import numpy as np

from ..._files import replace_file
from ..._typing import Integers
from ...errors import SchemeError
from .._linear_forms import as_factor, names_of, sum_text
from ..scheme import Scheme
from ._format import Format
from ._texts import real_scheme

_HEAD: Final = '''"""A {n} x {m} times a {m} x {p} matrix in {rank} products, by wordtensor."""


def multiply(a, b):
    """Return the rows of the product of a ({n} x {m}) and b ({m} x {p}).

    Both are lists of rows, or arrays, of numbers.{rounding}
    """
'''
_ROUNDING: Final = (
    " The sums are divided by {scale}, so that\n    whole numbers become floating-point ones."
)


def write_python(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    """Write a scheme as a module with one function, multiply(a, b)."""
    s = real_scheme(schemes, "A function of Python")
    if s.characteristic:
        raise SchemeError(
            f"A function of Python computes over the real numbers, and {s!r} holds modulo "
            f"{s.characteristic} only; lift it first, with lift_scheme(s)"
        )
    scale = s.denominators[0] * s.denominators[1] * s.denominators[2]
    rounding = _ROUNDING.format(scale=scale) if scale > 1 else ""
    a, b = names_of("a", s.n, s.m), names_of("b", s.m, s.p)
    products = [f"m{r + 1}" for r in range(s.rank)]
    lines = [f"{_unpacked(a, s.m)} = a", f"{_unpacked(b, s.p)} = b"]
    lines += [
        f"{name} = {as_factor(_sum(u, a))} * {as_factor(_sum(v, b))}"
        for name, u, v in zip(products, s.U.T, s.V.T, strict=True)
    ]
    entries = [_sum(w, products) for w in s.W]
    if scale > 1:
        entries = [f"({entry}) / {scale}" for entry in entries]
    rows = [", ".join(entries[i * s.p : (i + 1) * s.p]) for i in range(s.n)]
    lines += ["return [", *(f"    [{row}]," for row in rows), "]"]
    head = _HEAD.format(n=s.n, m=s.m, p=s.p, rank=s.rank, rounding=rounding)
    replace_file(path, (head + "".join(f"    {line}\n" for line in lines)).encode())


def _sum(column: Integers, names: list[str]) -> str:
    return sum_text(map(str, np.asarray(column).tolist()), names) or f"0 * {names[0]}"


def _unpacked(names: list[str], columns: int) -> str:
    """Return the left side of an assignment from rows: "(a11, a12), (a21, a22)"."""
    rows = [_tuple(names[start : start + columns]) for start in range(0, len(names), columns)]
    return _tuple(rows)[1:-1]


def _tuple(names: list[str]) -> str:
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


FORMAT: Final = Format(
    name="python",
    about="a function of Python",
    ending=".py",
    write=write_python,
    third="",
)
