"""Numbers in files: texts and floats that stand for fractions, each different one read once."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import FileFormatError, SchemeError
from .._rational import Factor, common_numerators, rounded

# More digits than any numerator of 63 bits over any denominator of 63 bits has.
_FRACTION: Final = re.compile(r"([+-]?) ?([0-9]{1,40})(?: ?/ ?([0-9]{1,40}))?", re.ASCII)
_DECIMAL: Final = re.compile(
    r"[+-]? ?(?=\.?[0-9])[0-9]{0,40}\.?[0-9]{0,40}(?:[eE][+-]?[0-9]{1,2})?"
)
LARGEST_DENOMINATOR: Final = 1024
_NEAR: Final = 1e-9
NUMBERS: Final = "numbers are 3, -3/8 or 0.5"


def fraction(text: str) -> Fraction:
    """Read a number; a decimal must be a fraction with a small denominator."""
    shown = " ".join(text.split())
    match = _FRACTION.fullmatch(shown)
    if match is not None and int(match[3] or 1) != 0:
        return Fraction(int(match[1] + match[2]), int(match[3] or 1))
    if _DECIMAL.fullmatch(shown) is None:
        raise ValueError(f"{shown[:30]!r} is not a rational number; {NUMBERS}")
    value = Fraction(shown.replace(" ", ""))
    near = value.limit_denominator(LARGEST_DENOMINATOR)
    if abs(near - value) > _NEAR:
        raise ValueError(
            f"{shown[:30]} is no fraction with a denominator up to {LARGEST_DENOMINATOR}"
        )
    return near


class Numbers:
    """The numbers of one factor, in the order of the file; what is the same is read once."""

    __slots__ = ("_places", "_read", "_texts", "_values")

    def __init__(self, read: Callable[[str], Fraction] = fraction) -> None:
        self._read = read
        self._places: list[int] = []
        self._texts: dict[str, int] = {}
        self._values: list[Fraction] = []

    def extend(self, texts: Sequence[str], where: str) -> None:
        """Read the next numbers; where names their row in errors."""
        for t, text in enumerate(texts):
            place = self._texts.get(text)
            if place is None:
                try:
                    self._values.append(self._read(text))
                except ValueError as error:
                    raise FileFormatError(f"{where}, entry {t + 1}: {error}") from error
                place = self._texts[text] = len(self._values) - 1
            self._places.append(place)

    def __len__(self) -> int:
        return len(self._places)

    def factor(self, terms: int, where: str) -> Factor:
        """Return all numbers, which are those of one term after another, as a factor."""
        places = np.array(self._places, dtype=np.intp).reshape(terms, -1)
        return over_one(self._values, places.T, where)


def over_one(values: Sequence[Fraction], places: NDArray[np.intp], where: str) -> Factor:
    """Bring values, by their places, over one denominator; where names them in errors."""
    try:
        return common_numerators(values, places)
    except SchemeError as error:
        raise SchemeError(f"{where}: {error}") from error


def exact(array: NDArray[Any], where: str) -> Factor:
    """Return numerators and denominator of an array of integers or floating-point numbers."""
    if array.dtype.kind not in "biuf":
        raise FileFormatError(f"{where} holds {array.dtype}, not real numbers")
    if not np.isfinite(array).all():
        raise FileFormatError(f"{where} has entries that are not finite")
    if array.dtype.kind != "f":
        if array.size and (int(array.max()) >= 2**63 or int(array.min()) <= -(2**63)):
            raise SchemeError(f"{where} has entries of 2^63 or more")
        return array.astype(np.int64), 1
    try:
        return rounded(array.astype(np.float64), LARGEST_DENOMINATOR)
    except SchemeError as error:
        raise SchemeError(f"{where}: {error}") from error


def simple(array: NDArray[Any], where: str) -> Factor:
    """Do the same, and refuse floating-point numbers that are not near a simple fraction."""
    numerators, denominator = exact(array, where)
    rounding = np.finfo(array.dtype).eps if array.dtype.kind == "f" else 0.0
    near = np.maximum(_NEAR, 4.0 * rounding * np.abs(array))
    far = np.argwhere(np.abs(numerators / denominator - array) > near)
    if len(far):
        place = tuple(int(index) for index in far[0])
        raise FileFormatError(
            f"{where}, entry {list(place)}: {float(array[place])!r} is no fraction with a "
            f"denominator up to {LARGEST_DENOMINATOR}"
        )
    return numerators, denominator
