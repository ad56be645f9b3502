"""From rational or nearly rational entries to a scheme that was checked: what all readers share."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import SchemeError
from .scheme import Scheme

Factor = tuple[NDArray[np.int64], int]
"""Numerators of a factor, shape (rows, R), and their common denominator."""

_LIMIT: Final = 2**63


def common_numerators(values: Sequence[Fraction], places: NDArray[np.intp]) -> Factor:
    """Bring ``values[places]``, shape (rows, R), over one denominator."""
    denominator = 1
    for value in values:
        denominator = lcm(denominator, value.denominator)
        if denominator >= _LIMIT:
            break
    tops = [value.numerator * (denominator // value.denominator) for value in values]
    if denominator >= _LIMIT or any(abs(top) >= _LIMIT for top in tops):
        raise SchemeError(
            "Over their common denominator the entries of a factor need numbers of 2^63 or more; "
            "rescale its terms so that the denominators are small"
        )
    return np.array(tops, dtype=np.int64)[places], denominator


def rounded(values: NDArray[np.float64], largest_denominator: int) -> Factor:
    """Round entries, shape (rows, R), to fractions with small denominators, over a common one."""
    different, places = np.unique(values, return_inverse=True)
    fractions = [Fraction(float(x)).limit_denominator(largest_denominator) for x in different]
    return common_numerators(fractions, places.reshape(values.shape))


def checked_scheme(
    shape: tuple[int, int, int],
    factors: tuple[Factor, Factor, Factor],
    where: str,
    *,
    characteristic: int | None = None,
    division: str = "R",
    provenance: str = "",
) -> Scheme:
    """Make a scheme of numerators over denominators, checked exactly; where: its name in errors."""
    (U, u), (V, v), (W, w) = factors
    # What is wrong over Z may hold modulo 2, if nothing but bits is given and nothing else said.
    bits = (u, v, w) == (1, 1, 1) and all(((f == 0) | (f == 1)).all() for f in (U, V, W))
    choices = (0, 2) if characteristic is None and bits else (characteristic or 0,)
    failures = []
    for choice in choices:
        try:
            return Scheme(
                shape, U, V, W, denominators=(u, v, w),
                division=division, provenance=provenance, characteristic=choice,
            ).check()  # fmt: skip
        except SchemeError as error:
            failures.append(str(error))
    raise SchemeError(f"{where}: " + "; read modulo 2: ".join(failures))
