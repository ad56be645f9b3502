"""From rational or nearly rational entries to a scheme that was checked: what all readers share."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import SchemeError
from ..scheme import Scheme

__all__ = ["Factor", "checked_scheme", "common_numerators", "rounded"]

Factor = tuple[NDArray[np.int64], int]
"""Numerators of a factor, shape (rows, R), and their common denominator."""

_LIMIT: Final = 2**63


def common_numerators(values: Sequence[Fraction], places: NDArray[np.intp]) -> Factor:
    """Bring the entries of a factor over one denominator.

    Parameters
    ----------
    values : sequence of Fraction
        The different entries.
    places : ndarray of int, shape (rows, R)
        Which of them stands where.

    Returns
    -------
    tuple
        Numerators, int64 of shape (rows, R), and the denominator.

    Raises
    ------
    SchemeError
        If the denominator or a numerator does not fit into 63 bits.

    Examples
    --------
    >>> common_numerators([Fraction(1, 2), Fraction(1, 3)], np.array([[0, 1]]))
    (array([[3, 2]]), 6)
    """
    denominator = 1
    for value in values:
        denominator = lcm(denominator, value.denominator)
        if denominator >= _LIMIT:
            break
    tops = [value.numerator * (denominator // value.denominator) for value in values]
    if denominator >= _LIMIT or any(abs(top) >= _LIMIT for top in tops):
        raise SchemeError(
            "Over their common denominator the entries of a factor need numbers of 2^63 or more; "
            "rescale its terms so that the denominators are small."
        )
    return np.array(tops, dtype=np.int64)[places], denominator


def rounded(values: NDArray[np.float64], largest_denominator: int) -> Factor:
    """Round the entries of a factor to fractions with small denominators.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, R)
        Finite numbers.
    largest_denominator : int
        For each entry, at least 1.

    Returns
    -------
    tuple
        Numerators, int64 of shape (rows, R), and the common denominator.

    Raises
    ------
    SchemeError
        If the common denominator or a numerator does not fit into 63 bits.

    Examples
    --------
    >>> rounded(np.array([[0.5, 1 / 3]]), 10)
    (array([[3, 2]]), 6)
    """
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
    """Build a scheme from what a file holds and verify Brent's equations exactly.

    Parameters
    ----------
    shape : tuple of int
        The sizes (n, m, p).
    factors : tuple of Factor
        Numerators and denominators of U, V, W; the product is not transposed.
    where : str
        Names the scheme in messages.
    characteristic : {0, 2}, optional
        If it is not given and all entries are 0 or 1, a scheme that is wrong over Z may hold
        modulo 2; with any other entry it must hold over Q.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    provenance : str
        How the scheme was found.

    Returns
    -------
    Scheme
        Exact.

    Raises
    ------
    SchemeError
        If an equation fails; the message names the scheme and the equation.
    """
    (U, u), (V, v), (W, w) = factors
    longest = max(len(U), len(V), len(W))
    # Of such a rank no scheme exists; refusing also bounds the memory of the check by the file's.
    if U.shape[1] < longest:
        raise SchemeError(
            f"{where}: {U.shape[1]} terms cannot be a scheme for sizes {shape}, which need at "
            f"least {longest}."
        )
    bits = (u, v, w) == (1, 1, 1) and all(((f == 0) | (f == 1)).all() for f in (U, V, W))
    choices = (0, 2) if characteristic is None and bits else (characteristic or 0,)
    failures = []
    for choice in choices:
        try:
            return Scheme(shape, U, V, W, (u, v, w), division, provenance, choice).check()
        except SchemeError as error:
            failures.append(str(error))
    raise SchemeError(f"{where}: " + " Read modulo 2: ".join(failures))
