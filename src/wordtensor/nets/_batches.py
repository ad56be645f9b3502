"""Which pairs a step takes: all that are trained on, or the next minibatch."""

from collections.abc import Sequence
from typing import Any, Final, cast

import numpy as np
import torch
from torch import Tensor

from .._devices import check_device
from ..errors import WordTensorError
from ..words import word_table
from .config import TrainConfig
from .tasks import PairTask, Task, WordTask

# Labels from which a table made on a device is there sooner than one that is sent.
_MADE_THERE: Final = 2**18


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


def device_labels(task: PairTask, device: torch.device) -> Tensor:
    """Return the labels of all pairs on a device, int64; a large table of a word is made there."""
    if isinstance(task, WordTask) and len(task.labels) >= _MADE_THERE and _makes_tables(device):
        table = word_table(task.word, task.group, device="cuda", copy=False)
        return torch.utils.dlpack.from_dlpack(table).reshape(-1).long()
    return torch.tensor(task.labels, device=device)


def _makes_tables(device: torch.device) -> bool:
    """Tell whether numba makes tables on the device: the first one of CUDA, if it finds that."""
    if device.type != "cuda" or device.index != 0:
        return False
    try:
        check_device("cuda")
    except WordTensorError:
        return False
    return True
