"""A scheme as a display of LaTeX: its products, and the entries of the result."""

import re
from pathlib import Path
from typing import Final

from ..._files import replace_file
from .._linear_forms import as_factor, coefficient_texts, sum_text
from ..scheme import Scheme
from ._format import Format
from ._texts import real_scheme

_FRACTION: Final = re.compile(r"(\d+)/(\d+)")


def _names(letter: str, rows: int, columns: int) -> list[str]:
    comma = "," if max(rows, columns) > 9 else ""
    return [f"{letter}_{{{i + 1}{comma}{j + 1}}}" for i in range(rows) for j in range(columns)]


def write_latex(path: str | Path, schemes: tuple[Scheme, ...]) -> None:
    """Write a scheme as an align* environment (package amsmath)."""
    s = real_scheme(schemes, "A display of LaTeX")
    U, V = (coefficient_texts(f, d) for f, d in zip((s.U, s.V), s.denominators[:2], strict=True))
    W = coefficient_texts(s.W.T, s.denominators[2])
    products = [f"m_{{{r + 1}}}" for r in range(s.rank)]
    a, b, c = _names("a", s.n, s.m), _names("b", s.m, s.p), _names("c", s.n, s.p)
    lines = [
        f"{name} &= {as_factor(_shown(u, a))}\\,{as_factor(_shown(v, b))}"
        for name, u, v in zip(products, U, V, strict=True)
    ]
    lines += [f"{name} &= {_shown(w, products)}" for name, w in zip(c, W, strict=True)]
    display = " \\\\\n".join(lines)
    replace_file(path, f"\\begin{{align*}}\n{display}\n\\end{{align*}}\n".encode())


def _shown(texts: list[str], names: list[str]) -> str:
    return _FRACTION.sub(r"\\tfrac{\1}{\2}", sum_text(texts, names, times="\\,")) or "0"


FORMAT: Final = Format(
    name="latex", about="a display of LaTeX", ending=".tex", write=write_latex, third=""
)
