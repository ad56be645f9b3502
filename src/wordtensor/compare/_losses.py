"""Cross entropy and accuracy of logits, in numpy, accurate for tiny losses."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._typing import Array, unmasked

_TIE: Final = 1e-11


def cross_entropies(
    logits: Array, targets: NDArray[np.integer], *, overwrite: bool = False
) -> Array:
    """Return the cross entropy of every row of logits (P, n), which may be overwritten."""
    # The target's own term enters by log1p, so that a loss of 1e-20 is not rounded to zero.
    values = logits if overwrite else logits.copy()
    at = np.arange(len(values))
    values -= values[at, targets][:, None]
    values[at, targets] = -np.inf
    top = np.maximum(values.max(axis=1), 0.0)
    values -= top[:, None]
    others = np.exp(values, out=values).sum(axis=1)
    plain = top == 0.0
    result = np.empty(len(values))
    result[plain] = np.log1p(others[plain])
    result[~plain] = top[~plain] + np.log(others[~plain] + np.exp(-top[~plain]))
    return result


def accuracy(logits: Array, targets: ArrayLike) -> float:
    """Return the share of rows (..., n) whose largest entry is the target's; 1 without rows."""
    # Entries that differ from the largest by rounding only are ties, and a tie of k counts 1/k:
    # after an intervention, logits are often equal in exact arithmetic.
    rows = logits.reshape(-1, logits.shape[-1])
    columns = np.asarray(unmasked(targets)).reshape(-1)
    if not len(rows):
        return 1.0
    top = rows.max(axis=1)
    floor = top - _TIE * np.maximum(np.abs(top), np.abs(rows.min(axis=1)))
    tied = (rows >= floor[:, None]).sum(axis=1)
    right = rows[np.arange(len(rows)), columns] >= floor
    return float((right / tied).mean())
