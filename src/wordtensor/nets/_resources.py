"""Memory and threads of a run, by the size of its steps."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

from .._memory import require_memory
from .._threads import blas_threads
from ._start import parameter_count, weight_type
from .config import TrainConfig
from .tasks import ParityTask, Task, TensorTask

# Multiplications in a step from which a second thread pays.
_THREADS_PAY: Final = 3e7


def _work(config: TrainConfig, task: Task) -> float:
    """Estimate the numbers of activations and logits in a step."""
    if isinstance(task, TensorTask):
        return float(config.instances * config.width * max(task.target.shape) ** 2)
    if isinstance(task, ParityTask):
        return float(config.instances * len(task.inputs) * config.width)
    pairs = float(config.batch or config.fraction * len(task.labels))
    if not config.batch and config.device == "cpu":
        pairs = min(pairs, 2.0**16)  # a few at a time; so does evaluation
    return float(config.instances * pairs * (config.width + task.shape[2]))


def guard_memory(config: TrainConfig, task: Task) -> None:
    """Refuse a run that would take more memory than the limit."""
    # Activations, logits and their gradients: about three of each at once. Weights, gradients, two
    # moments of them, and the weights of the best nets.
    size = torch.finfo(weight_type(config)).bits // 8
    needed = size * (3 * _work(config, task) + 5 * parameter_count(config, task))
    require_memory(needed, "This run", "Lower 'batch', 'instances' or 'width'")


@contextmanager
def suitable_threads(config: TrainConfig, task: Task) -> Iterator[None]:
    """Use as many threads as asked (and there are), or as pay for such steps; restored later."""
    before = torch.get_num_threads()
    inner = 1 if isinstance(task, ParityTask) else min(config.width, 128)
    pays = _work(config, task) * inner >= _THREADS_PAY
    there = os.cpu_count() or 1
    count = min(config.threads or (before if pays else 1), there)
    torch.set_num_threads(count)
    try:
        # Compiled steps multiply by numpy's and scipy's BLAS.
        with blas_threads(count):
            yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def asked_precision(config: TrainConfig) -> Iterator[None]:
    """Have products in the precision asked for, whatever the program allows; restored later."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if config.dtype == "tf32" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
