"""Entries as people write them: Python's numbers and texts, and their common denominator."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from numbers import Rational
from reprlib import repr as shortened
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import DecompositionError

# Numerators and denominators stay below.
LARGEST: Final = 2**62


def numerators(numbers: Sequence[Fraction | float | complex]) -> tuple[NDArray[Any], int]:
    """Return integers over a denominator; floats over 0, or over -1 where they are too large."""
    fractions = [number for number in numbers if isinstance(number, Fraction)]
    if len(fractions) == len(numbers):
        scale = 1
        for number in set(fractions):
            scale = lcm(scale, number.denominator)
            if scale >= LARGEST:
                break
        tops = [int(number * scale) for number in fractions] if scale < LARGEST else [LARGEST]
        if max(map(abs, tops), default=0) < LARGEST:
            return np.array(tops, dtype=np.int64), scale
    kind = complex if any(isinstance(number, complex) for number in numbers) else float
    denominator = -1 if len(fractions) == len(numbers) else 0
    try:
        return np.array([kind(number) for number in numbers]), denominator  # type: ignore[arg-type]
    except OverflowError:
        raise DecompositionError("A tensor has an entry that is too large for a float") from None


def as_number(value: Any, place: object) -> Fraction | float | complex:
    """Read one entry: a number of Python, or the text of one, such as "1/2"."""
    if isinstance(value, bool | np.bool_):
        return Fraction(int(value))
    if isinstance(value, Rational | np.integer):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, float | np.floating):
        return float(value)
    if isinstance(value, complex | np.complexfloating):
        return complex(value)
    if isinstance(value, str):  # a text of numpy's, too
        value = str(value)
        found = written_number(value)
        if found is not None:
            return found
    raise DecompositionError(
        f"Entry {place} of a tensor is {shortened(value)}, which is no number; an integer, a "
        "fraction such as 1/2 or a decimal is one"
    )


def written_number(text: str) -> Fraction | float | complex | None:
    """Read an integer, a fraction, a decimal or a complex number such as 1+2j; None if none."""
    if len(text) > 64 or "_" in text:
        return None
    text = text.replace("\u2212", "-")  # a minus as it is set in print
    try:
        top, slash, bottom = text.partition("/")
        if slash or not set(text) - set("+-0123456789 "):
            return Fraction(int(top), int(bottom) if slash else 1)
        return float(text)
    except (ValueError, ZeroDivisionError):
        pass
    try:
        return complex(text.replace("i", "j"))
    except ValueError:
        return None
