"""Bounds by substitution of either kind: searched for, and read from their fields."""

import math
import time
from typing import Any

from .._typing import Field, Integers
from ._locus_search import locus_bound
from ._sum_search import sum_bound
from .loci import LocusBound
from .sums import SumBound


def substitution_bound(
    tensor: Integers,
    field: Field = "real",
    lower: int = 0,
    upper: int | None = None,
    time_limit: float = math.inf,
) -> LocusBound | SumBound | None:
    """Bound the rank by `sum_bound` where the tensor splits, and by `locus_bound` beyond that.

    Parameters
    ----------
    tensor : ndarray of int, shape (x, y, z)
        The tensor.
    field : {"real", "complex"}
        Where the terms live.
    lower : int
        A number of terms that is known to be necessary: only more is tried.
    upper : int, optional
        A number of terms that is known to be enough.
    time_limit : float
        Seconds after which no new attempt begins.

    Returns
    -------
    LocusBound, SumBound or None
        The best bound that was proved; None if there is none beyond ``lower``.

    Raises
    ------
    WordTensorError
        If the tensor has not three axes of integers, or the field is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> substitution_bound(np.array([[[1, 0], [0, 0]], [[0, 0], [0, 1]]])).bound
    2
    """
    stop = time.monotonic() + time_limit
    best = sum_bound(tensor, field, lower, upper, time_limit)
    if best is not None:
        lower = best.bound
    if lower == upper:
        return best
    return locus_bound(tensor, field, lower, upper, max(0.0, stop - time.monotonic())) or best


def read_substitution(fields: dict[str, Any]) -> LocusBound | SumBound:
    """Return the bound that `to_dict` wrote, of either kind.

    Parameters
    ----------
    fields : dict
        Its fields. What they prove is not checked; see `LocusBound.holds` and `SumBound.holds`.

    Returns
    -------
    LocusBound or SumBound

    Raises
    ------
    WordTensorError
        If they are not of the right kinds.

    Examples
    --------
    >>> import numpy as np
    >>> found = substitution_bound(np.array([[[1, 0], [0, 0]], [[0, 0], [0, 1]]]))
    >>> read_substitution(found.to_dict()) == found
    True
    """
    return SumBound.from_dict(fields) if "summands" in fields else LocusBound.from_dict(fields)
