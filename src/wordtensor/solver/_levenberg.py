"""Levenberg-Marquardt for a batch of starts: the damping, the ridge, and when to give up."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from .._typing import Array, Booleans, Integers
from ._arrays import Stacked, inner_products, like, namespace, squared_norms, to_numpy
from ._folding import Folding
from ._problem import Evaluation, Problem
from ._steps import (
    DENSE_UNKNOWNS,
    NormalEquations,
    dense_steps,
    dense_unknowns,
    loose_steps,
)

CPStatus = Literal["converged", "stalled", "diverged", "iterations", "stopped"]

# Squared relative residual that counts as reached: 1e-12 in norm.
CONVERGED: Final = 1e-24
# Where a solution is degenerate, exact steps come near slowly: 1e-11 in norm.
CONVERGED_HARD: Final = 1e-22
# Entries beyond this, for a tensor with entries of size one, are on their way to infinity, as
# they are where the border rank is smaller than the rank.
LARGEST_ENTRY: Final = 50.0
FIRST_DAMPING: Final = 0.1
SMALLEST_DAMPING: Final = 1e-15
# By this a ridge falls whenever its own problem is nearly solved.
FALL: Final = 0.8
# Conjugate gradients that take so many steps do not converge.
INNER_LIMIT: Final = 80
# Near a solution exact steps converge quadratically, unless it is a degenerate one.
INNER_LIMIT_NEAR: Final = 300
NEAR_STEPS: Final = 12
# After so many failures near a solution the steps are exact ones.
HARD: Final = 3
# The share of all work from which one exact step of all starts that need it is too much.
DEAR: Final = 0.02
# Most unknowns, the longest mode eliminated, for which a matrix is built.
DENSE_LIMIT: Final = 12_000
# What a Gauss-Newton step, or an inner one, costs besides its arithmetic, in operations.
STEP_OVERHEAD: Final = 2e6
INNER_OVERHEAD: Final = 6e4


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """Where one start ended."""

    factors: Array  # shape (N, R)
    status: CPStatus
    iterations: int
    operations: float


@dataclass(slots=True, eq=False)
class Batch:
    """The starts that go on; every array has an entry for each of them."""

    numbers: Integers
    factors: Stacked
    evaluation: Evaluation
    sizes: Array  # squared norms of the factors
    ridges: Array
    first_ridges: Array
    dampings: Array
    growths: Array
    failures: Integers  # conjugate gradients that did not converge near a solution
    near: Integers  # steps near a solution
    operations: Array
    history: Array  # shape (B, steps): squared residuals
    folding: Folding | None  # what keeps symmetric starts symmetric

    def take(self, places: Integers) -> "Batch":
        """Keep some of the starts."""
        moved = like(places, self.factors)
        return Batch(
            self.numbers[places],
            self.factors[moved],
            self.evaluation.take(moved),
            self.sizes[places],
            self.ridges[places],
            self.first_ridges[places],
            self.dampings[places],
            self.growths[places],
            self.failures[places],
            self.near[places],
            self.operations[places],
            self.history[places],
            None if self.folding is None else self.folding.take(moved),
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop starts that have not ended."""

    iterations: int  # steps of each
    patience: int  # steps in which its squared residual must fall to a third
    until_first: bool = False  # once one has converged
    work: float = float("inf")  # once they have taken so many operations together
    deadline: float = float("inf")  # of the clock `time.monotonic`

    def reached(self, endings: dict[int, Ending], statuses: list[Any], operations: float) -> bool:
        """Tell whether all starts are to be stopped."""
        if self.until_first and "converged" in statuses:
            return True
        if self.work < float("inf"):
            operations += sum(ending.operations for ending in endings.values())
        return operations > self.work or time.monotonic() > self.deadline


def minimise(
    problem: Problem,
    factors: Stacked,
    ridges: Array,
    limits: Limits,
    pool: ThreadPoolExecutor,
    folding: Folding | None = None,
) -> list[Ending]:
    """Follow all starts to their ends, or to the limits."""
    endings: dict[int, Ending] = {}
    batch = _begin(problem, factors, ridges, folding)
    for step in range(limits.iterations + 1):
        batch.history = np.concatenate([batch.history, batch.evaluation.squared[:, None]], axis=1)
        statuses = _statuses(batch, limits.patience)
        if step == limits.iterations:
            statuses = [status or "iterations" for status in statuses]
        statuses = _spared(problem, batch, limits, statuses)
        if limits.reached(endings, statuses, float(batch.operations.sum())):
            statuses = [status or "stopped" for status in statuses]
        if any(statuses):
            _take_out(batch, statuses, step, endings)
            batch = batch.take(np.array([k for k, s in enumerate(statuses) if not s], dtype=int))
        if not len(batch.numbers):
            break
        _advance(problem, batch, pool)
    return [endings[number] for number in range(len(ridges))]


def _spared(
    problem: Problem, batch: Batch, limits: Limits, statuses: list[CPStatus | None]
) -> list[CPStatus | None]:
    """Where exact steps would soon take all the work, stop all starts that need them but one."""
    exact = [k for k, s in enumerate(statuses) if s is None and batch.failures[k] >= HARD]
    cost = dense_unknowns(problem.sizes, batch.factors.shape[-1]) ** 3 / 3.0
    if len(exact) < 2 or not limits.until_first or len(exact) * cost < DEAR * limits.work:
        return statuses
    best = min(exact, key=lambda k: batch.evaluation.squared[k])
    return ["stopped" if k in exact and k != best else s for k, s in enumerate(statuses)]


def _begin(problem: Problem, factors: Stacked, ridges: Array, folding: Folding | None) -> Batch:
    count = len(ridges)
    return Batch(
        numbers=np.arange(count),
        factors=factors,
        evaluation=problem.evaluate(factors),
        sizes=squared_norms(factors),
        ridges=ridges.copy(),
        first_ridges=ridges,
        dampings=np.full(count, FIRST_DAMPING),
        growths=np.full(count, 2.0),
        failures=np.zeros(count, dtype=int),
        near=np.zeros(count, dtype=int),
        operations=np.zeros(count),
        history=np.zeros((count, 0)),
        folding=folding,
    )


def _take_out(
    batch: Batch, statuses: Sequence[CPStatus | None], step: int, endings: dict[int, Ending]
) -> None:
    """Note where the starts that have a status ended."""
    for k, status in enumerate(statuses):
        if status is not None:
            found = np.array(to_numpy(batch.factors[k]))
            endings[int(batch.numbers[k])] = Ending(found, status, step, float(batch.operations[k]))


def _advance(problem: Problem, batch: Batch, pool: ThreadPoolExecutor) -> None:
    """Try one step of every start; keep those that lower its cost."""
    state, total, squared = batch.evaluation, problem.squared_norm, batch.evaluation.squared
    xp = namespace(batch.factors)
    gradient = state.gradient + like(batch.ridges[:, None, None], batch.factors) * batch.factors
    slopes = np.sqrt(squared_norms(gradient))
    shifts = batch.ridges + batch.dampings
    system = NormalEquations(
        problem.sizes, batch.factors, state.grams, state.hadamards, gradient, shifts
    )
    steps, solved = _solve(problem, batch, system, slopes, pool)
    if batch.folding is not None:
        steps = batch.folding.average(steps)
    trial = batch.factors + steps
    after, trial_sizes = problem.evaluate(trial), squared_norms(trial)
    costs = 0.5 * (total * squared + batch.ridges * batch.sizes)
    predicted = 0.5 * (batch.dampings * squared_norms(steps) - inner_products(gradient, steps))
    lowered = costs - 0.5 * (total * after.squared + batch.ridges * trial_sizes)
    with np.errstate(invalid="ignore", over="ignore"):
        gains = lowered / np.maximum(predicted, 1e-300)
        better = solved & (gains >= 1e-4)
        easier = np.maximum(0.2, 1.0 - (2.0 * gains - 1.0) ** 3)
    moved = like(better, batch.factors)
    batch.factors = xp.where(moved[:, None, None], trial, batch.factors)
    batch.evaluation = after.where(better, state)
    batch.sizes = np.where(better, trial_sizes, batch.sizes)
    batch.dampings = np.where(
        better,
        np.maximum(SMALLEST_DAMPING, batch.dampings * easier),
        batch.dampings * batch.growths,
    )
    batch.growths = np.where(better, 2.0, 2.0 * batch.growths)
    nearly = slopes < 0.3 * np.maximum(batch.ridges, 1e-3) * np.sqrt(batch.sizes)
    nearly |= predicted < 1e-2 * costs
    lower = _lowered(batch.ridges, batch.evaluation.squared, nearly)
    batch.ridges = np.where(better, lower, batch.ridges)


def _solve(
    problem: Problem, batch: Batch, system: NormalEquations, slopes: Array, pool: ThreadPoolExecutor
) -> tuple[Stacked, Booleans]:
    """Solve each start's normal equations, exactly where that pays."""
    rank = batch.factors.shape[-1]
    unknowns = dense_unknowns(problem.sizes, rank)
    batch.near += batch.evaluation.squared < 1e-6
    if unknowns <= DENSE_UNKNOWNS or not isinstance(batch.factors, np.ndarray):
        batch.operations += _operations(problem, rank) + unknowns**3 / 3.0
        return dense_steps(system, pool)
    exact = (batch.failures >= HARD) & (unknowns <= DENSE_LIMIT)
    steps, solved = np.empty_like(batch.factors), np.zeros(len(exact), dtype=bool)
    if exact.any():
        steps[exact], solved[exact] = dense_steps(system.take(exact), pool)
        batch.operations[exact] += _operations(problem, rank) + unknowns**3 / 3.0
    loose = ~exact
    if loose.any():
        tolerances = np.clip(slopes / np.sqrt(problem.squared_norm), 1e-4, 0.3)
        close = (batch.near > 0) & (batch.near <= NEAR_STEPS)
        limits = np.where(close, INNER_LIMIT_NEAR, INNER_LIMIT)
        part = system.take(loose)
        steps[loose], solved[loose], counts = loose_steps(
            part, tolerances[loose], limits[loose], pool
        )
        inner = counts * (6.0 * rank * rank * sum(problem.sizes) + INNER_OVERHEAD)
        batch.operations[loose] += _operations(problem, rank) + inner
        batch.failures[loose] += (counts >= limits[loose]) & (batch.near[loose] > 0)
    return steps, solved


def _operations(problem: Problem, rank: int) -> float:
    """Count one Gauss-Newton step apart from its linear solve."""
    x, y, z = problem.sizes
    return 4.0 * x * y * z * rank + 12.0 * rank * rank * (x + y + z) + STEP_OVERHEAD


def _lowered(ridges: Array, squared: Array, nearly_solved: Booleans) -> Array:
    """Lower a ridge once its own problem is nearly solved, and with the residual at the end."""
    ridges = np.where(nearly_solved, FALL * ridges, ridges)
    ridges = np.where(squared < 1e-4, np.minimum(ridges, 0.1 * squared), ridges)
    return np.where(ridges > 1e-11, ridges, 0.0)


def _statuses(batch: Batch, patience: int) -> list[CPStatus | None]:
    """Say which starts are at their ends."""
    history, squared = batch.history, batch.evaluation.squared
    xp = namespace(batch.factors)
    largest = to_numpy(xp.max(abs(batch.factors), axis=(1, 2)))
    # The ridge no longer holds it, and it is not near a solution.
    released = (batch.ridges < 1e-3 * batch.first_ridges) & (squared > 1e-3)
    stalled = released | (batch.dampings > 1e6)
    if history.shape[1] > 3 * patience // 2:
        # Creeping along a valley, as it does towards a local minimum or a divergent solution.
        stalled |= (squared > 1e-11) & (history[:, -patience] < 3.0 * squared)
    diverged = (largest > LARGEST_ENTRY) | ~np.isfinite(squared)
    converged = squared < np.where(batch.failures < HARD, CONVERGED, CONVERGED_HARD)
    found: list[CPStatus | None] = []
    for k in range(len(squared)):
        if diverged[k]:
            found.append("diverged")
        elif converged[k]:
            found.append("converged")
        else:
            found.append("stalled" if stalled[k] else None)
    return found
