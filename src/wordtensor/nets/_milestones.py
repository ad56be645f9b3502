"""At which steps metrics are taken and nets are kept."""

import numpy as np

from .._typing import Integers
from .config import TrainConfig

__all__ = ["checkpoint_steps", "record_steps"]


def record_steps(config: TrainConfig) -> Integers:
    """Return the steps at which metrics are taken: 0, evenly spaced, some early ones, the last."""
    even = np.arange(0, config.steps + 1, config.record_every)
    early = np.unique(np.geomspace(1, max(1, config.record_every), 8).astype(np.int64))
    steps = np.unique(np.concatenate([even, early, [config.steps]]))
    return steps[steps <= config.steps]


def checkpoint_steps(config: TrainConfig) -> Integers:
    """Return the log-spaced steps at which the net is kept: 0, 1, ..., the last."""
    if not config.checkpoints:
        return np.array([], dtype=np.int64)
    spaced = np.geomspace(1, max(1, config.steps), config.checkpoints)
    steps = np.unique(np.concatenate([[0], np.round(spaced).astype(np.int64)]))
    return steps[steps <= config.steps]
