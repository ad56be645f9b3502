"""How far terms are from a word tensor: in floating point, and exactly where they are rational."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors

TOLERANCE: Final = 1e-9
# Operations up to which all n^3 entries are compared, a tenth of a second; above, so many random
# contractions are, which take about n / 16 times less.
FULL_WORK: Final = 5e9
CONTRACTIONS: Final = 32

_DENOMINATORS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 24)
_NEAR: Final = 1e-9
# Numerators above are not exact as floats.
_LARGEST: Final = 2.0**53
# Operations in integers, which have no fast matrix product.
_WORK: Final = 2e9


def largest_error(factors: Factors, table: NDArray[np.integer]) -> tuple[float, str]:
    """Return the error of factors (n, R) against a table (n, n), and how it was measured."""
    n, rank = factors[0].shape
    if 2.0 * n**3 * rank <= FULL_WORK:
        errors = [_slice_error(factors, table, a) for a in range(n)]
        return float(np.max(errors)), f"all {n}^3 entries"  # Python's max passes over NaN
    return _estimated_norm(factors, table), f"{CONTRACTIONS} random contractions"


def _slice_error(factors: Factors, table: NDArray[np.integer], a: int) -> float:
    """Return the largest absolute error over all b and c."""
    U, V, W = factors
    error = (V * U[a]) @ W.T
    error[np.arange(len(table)), table[a]] -= 1.0
    return float(np.abs(error).max())


def _estimated_norm(factors: Factors, table: NDArray[np.integer]) -> float:
    """Estimate the Frobenius norm of the error, which no entry of it exceeds."""
    # If E is the error and x and y have independent standard normal entries, the expected squared
    # norm of the vector sum_ab x_a y_b E[a, b] is that of E, and it is 0 for almost no x and y
    # unless E is.
    U, V, W = factors
    n = len(table)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, CONTRACTIONS, n))
    found = ((x @ U) * (y @ V)) @ W.T
    values = table.ravel()
    for k in range(CONTRACTIONS):
        found[k] -= np.bincount(values, weights=np.outer(x[k], y[k]).ravel(), minlength=n)
    return float(np.linalg.norm(found) / np.sqrt(CONTRACTIONS))


def rational_factors(factors: Factors, table: NDArray[np.integer]) -> Factors | None:
    """Return real factors (n, R) without rounding if they are rational up to scale, else None."""
    n, rank = factors[0].shape
    if np.iscomplexobj(factors[0]) or float(n) ** 3 * rank > _WORK:
        return None
    # As they are, if they are integers already; else each column by its largest entry.
    U, first = _scaled(factors[0])
    V, second = _scaled(factors[1])
    for tried in (factors, (U, V, factors[2] * (first * second))):
        found = _checked(tried, n, table)
        if found is not None:
            return found
    return None


def _checked(factors: Factors, n: int, table: NDArray[np.integer]) -> Factors | None:
    """Round factors to a common denominator each and check them exactly."""
    numerators, denominators = [], []
    for factor in factors:
        found = _common_denominator(factor, n)
        if found is None:
            return None
        numerators.append(found[0])
        denominators.append(found[1])
    if not _is_exact(numerators, int(np.prod(denominators)), table):
        return None
    u, v, w = (a / q for a, q in zip(numerators, denominators, strict=True))
    return u, v, w


def _scaled(factor: NDArray[np.inexact]) -> tuple[NDArray[np.inexact], NDArray[np.inexact]]:
    """Divide each column by its entry of largest size."""
    places = np.argmax(np.abs(factor) > 0.999 * np.abs(factor).max(axis=0), axis=0)
    scale = factor[places, np.arange(factor.shape[1])]
    scale = np.where(scale == 0, 1.0, scale)
    return factor / scale, scale


def _common_denominator(
    factor: NDArray[np.inexact], n: int
) -> tuple[NDArray[np.int64], int] | None:
    if not np.abs(factor).max(initial=0.0) * max(_DENOMINATORS) * n < _LARGEST:
        return None
    for q in sorted({k * e for k in _DENOMINATORS for e in (1, n)}):
        numerators = np.rint(factor * q)
        if np.abs(factor * q - numerators).max() < _NEAR * q:
            return numerators.astype(np.int64), q
    return None


def _is_exact(
    numerators: list[NDArray[np.int64]], denominator: int, table: NDArray[np.integer]
) -> bool:
    U, V, W = numerators
    largest = float(np.prod([float(np.abs(a).max()) for a in numerators])) * U.shape[1]
    if largest >= 2**62 or denominator >= 2**62:
        return False
    b = np.arange(table.shape[1])
    for a in range(table.shape[0]):
        entries = (V * U[a]) @ W.T
        entries[b, table[a]] -= denominator
        if entries.any():
            return False
    return True
