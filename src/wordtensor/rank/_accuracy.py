"""How far terms are from a word tensor, in floating point."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors

TOLERANCE: Final = 1e-9
# Operations up to which all n^3 entries are compared, a tenth of a second; above, so many random
# contractions are, which take about n / 16 times less.
FULL_WORK: Final = 5e9
CONTRACTIONS: Final = 32


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
