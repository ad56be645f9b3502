"""Training steps of every net, alone and many seeds at once, against torch and JAX."""

import time
from collections.abc import Callable
from typing import Any

import torch

from wordtensor.nets._state import TrainingState

from ._training_cases import (
    CASES,
    CHECKED,
    COMPILED,
    JAX,
    TOLERANCE,
    TORCH,
    Material,
    Stepper,
    config_of,
    ours,
)
from ._training_jax import jax_steps
from ._training_torch import checked, readout_products, torch_steps
from .base import LIMIT, OURS, Suite, require_full, unknown

PEERS: dict[str, Callable[[Material], Stepper]] = {
    TORCH: torch_steps,
    COMPILED: lambda material: torch_steps(material, compiled=True),
    JAX: jax_steps,
}
# What takes seconds or a compiler.
SLOW = ("256", "2048", "mlp S5, 32", "margin C71", "transformer")


def best_form(forms: list[tuple[Stepper, int]]) -> Callable[[], Any]:
    """Return the quicker of making a step of all seeds, and as many steps of one seed."""

    def seconds(stepper: Stepper, repeats: int) -> float:
        began = time.perf_counter()
        stepper.advance(1)
        stepper.wait()
        return repeats * (time.perf_counter() - began)

    stepper, repeats = min(forms, key=lambda form: min(seconds(*form) for _ in range(3)))

    def work() -> None:
        stepper.advance(repeats)
        stepper.wait()

    return work


class Step(Suite):
    """One optimiser step."""

    pretty_suite = (
        "training step; With many seeds, one step of all stands against the better of two: as "
        "many steps of one seed, or all seeds in one batch (bmm, vmap). All in float32; the "
        "limit is the readout's products."
    )
    params = (tuple(CASES), (OURS, *PEERS, LIMIT))
    timeout = 600.0
    tolerance = TOLERANCE

    def setup(self, case: str, way: str) -> None:
        torch.set_num_threads(1)
        super().setup(case, way)

    def prepare(self, case: str, way: str) -> Callable[[], Any]:
        if way == COMPILED or any(part in case for part in SLOW):
            require_full(60.0)
        training = TrainingState(config_of(CASES[case]))
        seeds = training.config.instances
        if way == LIMIT:
            return best_form(
                [
                    (readout_products(training, together=True), 1),
                    (readout_products(training, together=False), seeds),
                ]
            )
        if way == OURS:
            start = TrainingState(config_of(CASES[case]))
            self.difference = checked(start, ours(training), alone=False)
            return lambda: training.advance(1)
        if way not in PEERS:
            raise unknown(way)
        self.difference, forms = 0.0, []
        for alone in (True, False) if seeds > 1 else (True,):
            stepper = PEERS[way](Material(training, 0 if alone else None))
            self.difference = max(self.difference, checked(training, stepper, alone))
            forms.append((stepper, seeds if alone else 1))
        return best_form(forms)

    def check(self, case: str, way: str, answer: Any) -> float:
        """Return how far the weights are from plain torch's after a few steps, over their way."""
        return self.difference

    def time_step(self, case: str, way: str) -> None:
        self.work()

    def track_weight_difference(self, case: str, way: str) -> float:
        return self.error

    track_weight_difference.params = (tuple(CASES), (OURS,))
    track_weight_difference.unit = f"of the way, after {CHECKED} steps"
