"""How far terms are from a word tensor: in floating point, and exactly where they are rational."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors, Inexact

TOLERANCE: Final = 1e-9
# Operations up to which all n^3 entries are compared; above, so many random contractions are.
FULL_WORK: Final = 4e11
CONTRACTIONS: Final = 16

_DENOMINATORS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 24)
_NEAR: Final = 1e-9
# Operations in integers, which have no fast matrix product.
_WORK: Final = 2e9


def largest_error(factors: Factors, table: NDArray[np.integer]) -> tuple[float, str]:
    """Return the error of factors (n, R) against a table (n, n), and how it was measured."""
    # All entries, slice by slice; where that takes too long, the Frobenius norm is estimated: if E
    # is the error and x has independent standard normal entries, the expected squared norm of the
    # matrix sum_a x_a E[a] is the squared norm of E, and it is zero for almost no x unless E is.
    n, rank = factors[0].shape
    if 2.0 * n**3 * rank <= FULL_WORK:
        units: Inexact = np.eye(n)
        errors = (_contracted_error(factors, table, units[a : a + 1].ravel()) for a in range(n))
        return max(float(np.abs(error).max()) for error in errors), f"all {n}^3 entries"
    rng = np.random.default_rng(0)
    squares = [
        float(np.linalg.norm(_contracted_error(factors, table, rng.standard_normal((n,)))) ** 2)
        for _ in range(CONTRACTIONS)
    ]
    return float(np.sqrt(np.mean(squares))), f"{CONTRACTIONS} random contractions"


def _contracted_error(factors: Factors, table: NDArray[np.integer], x: Inexact) -> Inexact:
    """Contract mode a of the error with a vector: an n x n matrix over (b, c)."""
    U, V, W = factors
    n = table.shape[0]
    error: Inexact = (V * (x @ U)) @ W.T
    used = np.flatnonzero(x)
    rows = np.broadcast_to(np.arange(n), (used.size, n))
    np.subtract.at(error, (rows, table[used]), np.broadcast_to(x[used, None], (used.size, n)))
    return error


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
