"""What the formats of text share: comments left out, and coefficients shown."""

from ..._typing import Integers
from ...errors import SchemeError
from .._linear_forms import coefficient_texts
from ..scheme import Scheme


def without_comments(text: str) -> str:
    """Leave out (* comments *) of Mathematica, but none of their lines."""
    pieces, start = [], 0
    while (begin := text.find("(*", start)) >= 0:
        end = text.find("*)", begin + 2)
        end = len(text) if end < 0 else end + 2
        pieces += [text[start:begin], " " + "\n" * text.count("\n", begin, end)]
        start = end
    return "".join([*pieces, text[start:]])


def real_scheme(schemes: tuple[Scheme, ...], what: str) -> Scheme:
    """Return the one scheme that a format with a place for R and F_2 only can hold."""
    if len(schemes) != 1:
        raise SchemeError(f"{what} holds one scheme a file, not {len(schemes)}")
    (s,) = schemes
    if s.division != "R" or s.characteristic == 3:
        raise SchemeError(f"{what} holds schemes over R and F_2, not {s!r}; use 'wordtensor'")
    return s


def matrix_texts(
    factor: Integers, denominator: int, shape: tuple[int, int]
) -> list[list[list[str]]]:
    """Return the columns of a factor as matrices of texts."""
    rows, columns = shape
    return [
        [column[r * columns : (r + 1) * columns] for r in range(rows)]
        for column in coefficient_texts(factor, denominator)
    ]
