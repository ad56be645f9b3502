"""Linear forms of reduced FMM files: sums that occur several times have a number of their own."""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ..._memory import require_memory
from ...errors import FileFormatError
from .._rational import Factor
from ._numbers import fraction, over_one

_LARGEST = 2**63
Form = dict[int, Fraction]


class Expanded(NamedTuple):
    """Forms without fresh variables, and the additions that they took with them."""

    forms: list[Form]
    additions: int


def expanded(fresh: Any, rows: Any, length: int, count: int, where: str) -> Expanded:
    """Write rows over length variables, and fresh ones after those, as sums of the former."""
    for name, part in (("_fresh", fresh), ("", rows)):
        if not isinstance(part, list):
            raise FileFormatError(f"{where}{name} must be a list of rows")
    if len(rows) != count:
        raise FileFormatError(f"{where} must have {count} rows, not {len(rows)}")
    require_memory(128 * length * len(fresh), f"The {len(fresh)} sums of {where}_fresh")
    known: list[Form] = []
    for t, row in enumerate(fresh):
        known.append(_form(row, known, length, f"{where}_fresh, row {t + 1}"))
    forms = [_form(row, known, length, f"{where}, row {t + 1}") for t, row in enumerate(rows)]
    additions = sum(max(len(row) - 1, 0) for row in (*fresh, *rows))
    return Expanded(forms, additions)


def _form(row: Any, known: list[Form], length: int, where: str) -> Form:
    """Add up the entries of a row: variables, and sums of rows above."""
    if not isinstance(row, list):
        raise FileFormatError(f"{where} must be a list of entries with 'index' and 'value'")
    total: Form = {}
    for entry in row:
        if not isinstance(entry, dict) or entry.keys() != {"index", "value"}:
            raise FileFormatError(f"{where} has an entry without 'index' and 'value'")
        index, value = entry["index"], entry["value"]
        if type(index) is not int or not 0 <= index < length + len(known):
            raise FileFormatError(
                f"{where}: index {str(index)[:20]} is none of 0 to {length + len(known) - 1}, the "
                "variables and the fresh ones before"
            )
        for place, part in _of(index, known, length).items():
            total[place] = total.get(place, Fraction(0)) + _number(value, where) * part
            if max(abs(total[place].numerator), total[place].denominator) >= _LARGEST:
                raise FileFormatError(f"{where}: a coefficient has 2^63 or more in it")
    return total


def _of(index: int, known: list[Form], length: int) -> Form:
    return known[index - length] if index >= length else {index: Fraction(1)}


def _number(value: Any, where: str) -> Fraction:
    if type(value) not in (int, float, str):
        raise FileFormatError(f"{where}: a value must be a number, not {str(value)[:30]!r}")
    try:
        return fraction(str(value))
    except ValueError as error:
        raise FileFormatError(f"{where}: {error}") from error


def factor_of(forms: list[Form], length: int, where: str) -> Factor:
    """Return forms over length variables as the columns of a factor."""
    require_memory(16 * length * len(forms), where)
    values: dict[Fraction, int] = {Fraction(0): 0}
    places = np.zeros((length, len(forms)), dtype=np.intp)
    for t, form in enumerate(forms):
        for i, value in form.items():
            places[i, t] = values.setdefault(value, len(values))
    return over_one(list(values), places, where)
