"""Training steps of every net, alone and many seeds at once, against torch and JAX."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from wordtensor.nets._state import TrainingState

from ._training_cases import CASES, Material, Stepper, config_of, ours
from ._training_jax import jax_steps
from ._training_torch import torch_steps
from .base import LIMIT, OURS, Suite, require_full, unknown

TORCH, COMPILED, JAX = "torch", "torch.compile", "JAX jit"
PEERS: dict[str, Callable[[Material], Stepper]] = {
    TORCH: torch_steps,
    COMPILED: lambda material: torch_steps(material, compiled=True),
    JAX: jax_steps,
}
TOLERANCE = 1e-2
# What takes seconds or a compiler.
SLOW = ("256", "2048", "mlp S5, 32", "margin C71", "transformer")


def checked(training: TrainingState, stepper: Stepper, alone: bool) -> float:
    """Make some steps; return how far the weights then are from plain torch's, over their way.

    The state is another one, still at the start; a stepper that is alone trains its first seed.
    Weights that stood still are off by 1; a loss may hardly fall within so few steps.
    """
    alone = alone or training.net.instances is None
    seeds = {0} if alone else {0, training.config.instances - 1}
    materials = {seed: Material(training, seed) for seed in seeds}
    stepper.advance()
    stepper.wait()
    # A second step is without compilers.
    began = time.perf_counter()
    stepper.advance()
    stepper.wait()
    steps = 20 if time.perf_counter() - began < 0.3 else 4
    for _ in range(steps - 2):
        stepper.advance()
    reached, differences = stepper.weights(), []
    for seed, material in materials.items():
        plain = torch_steps(material)
        for _ in range(steps):
            plain.advance()
        own = reached if alone else {name: value[seed] for name, value in reached.items()}
        wanted, start = plain.weights(), material.weights
        apart, moved = (
            sum(np.square(left[name] - right[name], dtype=float).sum() for name in start)
            for left, right in ((own, wanted), (wanted, start))
        )
        differences.append((apart / moved) ** 0.5)
    # A NaN is larger than everything.
    return float(np.max(differences))


def readout_products(training: TrainingState, together: bool) -> Callable[[], Any]:
    """Return the readout and its two gradients: products that every step has to do."""
    config, net = training.config, training.net
    pairs = config.batch or len(training.tasks[0].train)
    count = config.instances if together else 1
    shape = {"device": net.device, "dtype": net.dtype}
    H = torch.randn(count, pairs, net.width, **shape)
    W = torch.randn(count, net.width, net.order, **shape)
    G = torch.randn(count, pairs, net.order, **shape)
    return lambda: (H @ W, G @ W.mT, H.mT @ G)


def best_form(forms: list[tuple[Stepper, int]]) -> Callable[[], Any]:
    """Return the quicker of making a step of all seeds, and as many steps of one seed."""

    def work(stepper: Stepper, repeats: int) -> None:
        for _ in range(repeats):
            stepper.advance()
        stepper.wait()

    def seconds(stepper: Stepper, repeats: int) -> float:
        began = time.perf_counter()
        work(stepper, 1)
        return repeats * (time.perf_counter() - began)

    best = min(forms, key=lambda form: min(seconds(*form) for _ in range(3)))
    return lambda: work(*best)


class Step(Suite):
    """One optimiser step."""

    pretty_suite = (
        "training step; With many seeds, one step of all stands against the better of two: as "
        "many steps of one seed, or all seeds in one batch (bmm, vmap). All in float32; the "
        "limit is the readout's products."
    )
    params = (tuple(CASES), (OURS, *PEERS, LIMIT))
    timeout = 600.0
    # After twenty steps (four, if they are long): where a gradient is nearly zero, Adam amplifies
    # its rounding.
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
            return best_form([
                (Stepper(readout_products(training, not alone), dict), seeds if alone else 1)
                for alone in (True, False)
            ])  # fmt: skip
        if way == OURS:
            start = TrainingState(config_of(CASES[case]))
            self.difference = checked(start, ours(training), alone=False)
            return training.advance
        if way not in PEERS:
            raise unknown(way)
        self.difference, forms = 0.0, []
        for alone in (True, False) if seeds > 1 else (True,):
            stepper = PEERS[way](Material(training, 0 if alone else None))
            self.difference = max(self.difference, checked(training, stepper, alone))
            forms.append((stepper, seeds if alone else 1))
        return best_form(forms)

    def check(self, case: str, way: str, answer: Any) -> float:
        """Return how far the weights are from plain torch's after twenty steps, over their way."""
        return self.difference

    def time_step(self, case: str, way: str) -> None:
        self.work()

    def track_weight_difference(self, case: str, way: str) -> float:
        return self.error

    track_weight_difference.params = (tuple(CASES), (OURS,))
    track_weight_difference.unit = "of the way, after 20 steps"
