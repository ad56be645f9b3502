"""How training goes: the delay of grokking."""

import numpy as np
from numpy.typing import NDArray

from .run import History

__all__ = ["grokking_delay"]


def grokking_delay(history: History, accuracy: float = 1.0) -> NDArray[np.float64]:
    """Return how many steps the test accuracy comes after the training accuracy.

    Parameters
    ----------
    history : History
        Of a run with test pairs.
    accuracy : float
        What both must reach.

    Returns
    -------
    ndarray, shape (S,)
        NaN for instances in which one of the two never did.
    """
    reached = []
    for curve in (history.train_accuracy, history.test_accuracy):
        there = curve >= accuracy
        first = history.step[there.argmax(0)].astype(np.float64)
        reached.append(np.where(there.any(0), first, np.nan))
    delay: NDArray[np.float64] = reached[1] - reached[0]
    return delay
