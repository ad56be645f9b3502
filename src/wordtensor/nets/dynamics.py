"""How training goes: order in which irreps appear, and the delay of grokking."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..irreps import character_similarity, real_irreps
from ..words import WordTensor
from .run import History

__all__ = ["grokking_delay", "learned_order"]


def learned_order(
    logits: Sequence[ArrayLike], T: WordTensor, threshold: float = 0.05
) -> list[tuple[int, int]]:
    """Return in which order irreps appear in the logits of checkpoints.

    Parameters
    ----------
    logits : sequence of array_like, each of shape (n, n, n)
        The logits of the same net, later and later in training.
    T : WordTensor
        What is learned.
    threshold : float
        An irrep counts as learned once its `character_similarity` is above this; 0.05 in the
        code of Chughtai et al.

    Returns
    -------
    list of (int, int)
        Index of the irrep (never the trivial one), and the number of the checkpoint. At one
        checkpoint the larger similarity comes first.
    """
    G = T.group
    irreps = real_irreps(G)
    order: list[tuple[int, int]] = []
    for number, cube in enumerate(logits):
        similarity = character_similarity(G, cube, T.table, irreps)
        known = {index for index, _ in order}
        fresh = [k for k in np.argsort(-similarity).tolist() if similarity[k] > threshold]
        order += [(k, number) for k in fresh if k not in known and k != 0]
    return order


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
