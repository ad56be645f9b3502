"""Which pairs a step takes: all that are trained on, or the next minibatch."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from .config import TrainConfig
from .tasks import PairTask, Task


class Batches:
    """From the number of a step to flat pairs, shape (B,) or (S, B); None stands for all."""

    def __init__(self, config: TrainConfig, tasks: Sequence[Task], device: torch.device) -> None:
        self._tasks, self._device = tasks, device
        self._size = config.batch and min(config.batch, len(cast(PairTask, tasks[0]).train))
        self._epoch = (-1, torch.empty(0))

    def __call__(self, step: int) -> Tensor | None:
        """Return the pairs of a step."""
        if not self._size:
            return None
        tasks = cast(Sequence[PairTask], self._tasks)
        number, place = divmod(step, -(-len(tasks[0].train) // self._size))
        if number != self._epoch[0]:
            drawn = stacked([task.epoch(number) for task in tasks], self._device)
            self._epoch = (number, drawn)
        return self._epoch[1][..., place * self._size : (place + 1) * self._size]


def stacked(arrays: Sequence[Any], device: torch.device) -> Tensor:
    """Return equal-shaped arrays as one tensor, or the only one without a new axis."""
    joined = arrays[0] if len(arrays) == 1 else np.stack(arrays)
    return torch.tensor(np.asarray(joined), device=device)
