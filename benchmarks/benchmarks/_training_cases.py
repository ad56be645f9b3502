"""Training steps to be measured, and what every peer needs to make the same ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wordtensor.nets import TrainConfig
from wordtensor.nets._state import TrainingState

TORCH, COMPILED, JAX = "torch", "torch.compile", "JAX jit"
# How far weights may be from plain torch's, over their way, after so many steps. Where a gradient
# is nearly zero Adam amplifies its rounding, and after twenty steps by a hundred times more.
TOLERANCE, CHECKED = 1e-2, 4

HADAMARD_S3: dict[str, Any] = {"group": "S3", "width": 12, "fraction": 1.0}
HADAMARD_S4: dict[str, Any] = {"group": "S4", "width": 128}
MLP: dict[str, Any] = {
    "group": "S5", "model": "mlp", "loss": "cross entropy", "width": 128, "embedding": 256,
}  # fmt: skip
TRANSFORMER: dict[str, Any] = MLP | {"model": "transformer", "width": 512, "embedding": 128}
# As recipe morwani-z71, before its first doubling of the rate.
MARGIN: dict[str, Any] = {
    "group": "C71", "model": "margin", "loss": "cross entropy", "width": 500, "fraction": 1.0,
    "optimizer": "gd", "learning_rate": 0.05, "weight_decay": 0.0, "penalty": 1e-4,
}  # fmt: skip
# As recipe shutman-fig2-d8-aab-relu.
BATCHES: dict[str, Any] = {
    "group": "D8", "word": "a^2*b", "model": "perceptron", "width": 48, "fraction": 0.8,
    "batch": 16, "learning_rate": 5e-3, "instances": 20,
}  # fmt: skip

CASES: dict[str, dict[str, Any]] = {
    "hadamard S4": HADAMARD_S4,
    "hadamard S4, 32 seeds": HADAMARD_S4 | {"instances": 32},
    "perceptron S4": HADAMARD_S4 | {"model": "perceptron"},
    "hadamard S3": HADAMARD_S3,
    "hadamard S3, 32 seeds": HADAMARD_S3 | {"instances": 32},
    "hadamard S3, 256 seeds": HADAMARD_S3 | {"instances": 256},
    "hadamard S3, 2048 seeds": HADAMARD_S3 | {"instances": 2048},
    "perceptron D8 in batches of 16, 20 seeds": BATCHES,
    "mlp S5": MLP,
    "mlp S5, 32 seeds": MLP | {"instances": 32},
    "margin C71": MARGIN,
    "margin C71, 32 seeds": MARGIN | {"instances": 32},
    "transformer S5": TRANSFORMER,
    "transformer S5, 4 seeds": TRANSFORMER | {"instances": 4},
}


def config_of(values: dict[str, Any], device: str = "cpu") -> TrainConfig:
    """Return the configuration of a case; what it does not say is as in the papers."""
    common: dict[str, Any] = {
        "word": "a*b", "model": "hadamard", "loss": "mse", "fraction": 0.4, "optimizer": "adamw",
        "learning_rate": 1e-3, "weight_decay": 1.0, "steps": 10**6, "seed": 1, "device": device,
    }  # fmt: skip
    return TrainConfig(**(common | values))


class Material:
    """What a run starts from, as numpy arrays: of all its seeds, or of one of them alone."""

    def __init__(self, training: TrainingState, only: int | None = None) -> None:
        self.config = training.config
        self.n = training.net.order
        self.alone = only is not None or training.net.instances is None
        self._tasks = training.tasks
        self.weights = training.net.arrays()
        if only is not None:
            self._tasks = [training.tasks[min(only, len(training.tasks) - 1)]]
            self.weights = training.net.instance(only).arrays()
        self.labels = np.array(self._tasks[0].labels)
        # Sorted, so that gathering walks through memory.
        self.pairs = self._joined([np.sort(task.train) for task in self._tasks])
        self._epoch = (-1, self.pairs)

    def _joined(self, arrays: list[np.ndarray]) -> np.ndarray:
        return arrays[0] if len(arrays) == 1 else np.stack(arrays)

    @property
    def on_grid(self) -> bool:
        """Whether a step has all pairs, so that they need not be gathered."""
        return not self.config.batch and self.config.fraction == 1

    def batch(self, step: int) -> np.ndarray:
        """Return the pairs of a step in batches, shape (P,) or (S, P)."""
        size = self.config.batch
        number, place = divmod(step, -(-self.pairs.shape[-1] // size))
        if number != self._epoch[0]:
            self._epoch = (number, self._joined([task.epoch(number) for task in self._tasks]))
        return self._epoch[1][..., place * size : (place + 1) * size]


@dataclass(slots=True)
class Stepper:
    """One way to make steps."""

    # Makes so many steps.
    advance: Callable[[int], Any]
    # The weights by name, with an axis of seeds unless there is one seed only.
    weights: Callable[[], dict[str, np.ndarray]]
    # Ends when what was begun is done.
    wait: Callable[[], Any] = lambda: None


def ours(training: TrainingState) -> Stepper:
    """Return our own steps."""
    return Stepper(training.advance, training.net.arrays)


def repeated(step: Callable[[], Any]) -> Callable[[int], None]:
    """Return what makes a step so many times."""

    def advance(count: int) -> None:
        for _ in range(count):
            step()

    return advance
