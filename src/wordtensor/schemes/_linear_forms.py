"""Linear forms in the entries of a matrix, as texts."""

from collections.abc import Iterable
from fractions import Fraction

from .._typing import Integers


def coefficient_texts(factor: Integers, denominator: int) -> list[list[str]]:
    """Return the columns of a factor as texts in lowest terms: "0", "-3/8"."""
    shown = {value: str(Fraction(value, denominator)) for value in set(factor.ravel().tolist())}
    return [[shown[value] for value in column] for column in factor.T.tolist()]


def names_of(letter: str, rows: int, columns: int) -> list[str]:
    """Return the names of a matrix's entries, row by row: "a12", or "a1_12" if that is needed."""
    middle = "_" if max(rows, columns) > 9 else ""
    return [f"{letter}{i + 1}{middle}{j + 1}" for i in range(rows) for j in range(columns)]


def sum_text(texts: Iterable[str], names: Iterable[str], times: str = "*") -> str:
    """Return a linear form as a text: "a11 - 2*a12", or "" for none."""
    shown = ""
    for text, name in zip(texts, names, strict=True):
        if text != "0":
            sign, size = ("-", text[1:]) if text[0] == "-" else ("+", text)
            shown += f" {sign} " if shown else sign.replace("+", "")
            shown += name if size == "1" else f"{size}{times}{name}"
    return shown


def as_factor(text: str) -> str:
    """Return a linear form as it stands in a product."""
    return text if text[:1].isalpha() and " " not in text else f"({text})"
