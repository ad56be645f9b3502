"""How training goes: the delay of grokking."""

import numpy as np
from numpy.typing import NDArray

from .run import History


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

    Examples
    --------
    >>> rows = [(0, 0.2, 0.1), (10, 1.0, 0.5), (20, 1.0, 1.0)]
    >>> others = dict.fromkeys(("train_loss", "test_loss", "norm"), np.zeros((3, 1)))
    >>> history = History(
    ...     step=np.array([step for step, _, _ in rows]),
    ...     seconds=np.zeros(3),
    ...     train_accuracy=np.array([[seen] for _, seen, _ in rows]),
    ...     test_accuracy=np.array([[unseen] for _, _, unseen in rows]),
    ...     **others,
    ... )
    >>> grokking_delay(history).tolist()
    [10.0]
    """
    reached = []
    for curve in (history.train_accuracy, history.test_accuracy):
        there = curve >= accuracy
        first = history.step[there.argmax(0)].astype(np.float64)
        reached.append(np.where(there.any(0), first, np.nan))
    delay: NDArray[np.float64] = reached[1] - reached[0]
    return delay
