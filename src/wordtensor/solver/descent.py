"""Walk the number of terms of one block down with the numerical solver."""

import dataclasses
import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isqrt
from typing import Final

import numpy as np

from .._interrupts import was_interrupted
from .._typing import Factors, Field, Inexact
from ._arguments import check_amount, check_count, check_device, checked_tensor, generator
from ._folding import Symmetry
from .cp import CPResult, fit_many, scaled_start, workers
from .starts import symmetric_factors

logger = logging.getLogger(__name__)

# Residual, relative and absolute (Frobenius norms), at which a fit counts as a decomposition; the
# absolute one keeps every entry of the word tensor within what `verify` allows.
ACCEPTED: Final = 1e-10
ACCEPTED_ERROR: Final = 5e-10
# Floating-point operations that "fast" spends before it settles: up to twenty seconds.
FAST_WORK: Final = 5e11
_STARTS_ON_THE_WAY: Final = 4
# What one step on the way may take of all work, or time.
_SHARE: Final = 0.3
# A last attempt at one term fewer takes R^3 / 100 starts within these bounds, in batches, until so
# many operations are spent: solutions are rare where there are many terms.
_STARTS_AT_THE_END: Final = (6, 96)
_BATCH: Final = 24
_WORK_AT_THE_END: Final = 2e10
# Starts that a GPU follows at once.
_DEVICE_STARTS: Final = 192
# First ridges in turn: the smaller ones find solutions with large entries.
_RIDGES: Final = (0.1, 0.03, 0.05, 0.01)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One start of the solver, as a callback sees it.

    Attributes
    ----------
    rank : int
        Number of terms tried.
    residual : float
        Relative residual reached.
    status : str
        How the solver ended.
    best : int
        Least number of terms found for this block so far.
    starts : int
        Starts so far.
    per_second : float
        Starts per second so far.

    Examples
    --------
    >>> seen = []
    >>> _ = descend(np.eye(2)[:, :, None], 2, 3, np.random.default_rng(0), callback=seen.append)
    >>> seen[0].rank, seen[-1].best, seen[-1].starts
    (2, 2, 6)
    """

    rank: int
    residual: float
    status: str
    best: int
    starts: int = 1
    per_second: float = float("nan")


@dataclass(frozen=True, slots=True)
class Failure:
    """A number of terms at which no start succeeded.

    Attributes
    ----------
    rank : int
        Number of terms.
    starts : int
        Starts tried.
    residual : float
        The least relative residual that one of them reached.

    Examples
    --------
    >>> units = np.zeros((2, 2, 2)); units[[1, 0, 0], [0, 1, 0], [0, 0, 1]] = 1.0
    >>> descend(units, 2, 4, np.random.default_rng(0)).failure.rank
    2
    """

    rank: int
    starts: int
    residual: float


@dataclass(frozen=True, slots=True, eq=False)
class DescentResult:
    """The least number of terms found, and how much was tried.

    Attributes
    ----------
    factors : tuple of ndarray or None
        Shapes (x, R), (y, R), (z, R); None if nothing below the given upper bound was found.
    attempts : int
        Starts of the solver.
    interrupted : bool
        Whether Ctrl-C ended it.
    failure : Failure or None
        The largest number of terms below the best at which all starts failed.

    Examples
    --------
    >>> found = descend(np.eye(2)[:, :, None], 2, 4, np.random.default_rng(0))
    >>> [factor.shape for factor in found.factors], found.interrupted, found.failure
    ([(2, 2), (2, 2), (1, 2)], False, None)
    """

    factors: Factors | None
    attempts: int
    interrupted: bool
    failure: Failure | None


def fibre_rank(tensor: Inexact) -> int:
    """Count the non-zero fibres in the direction that has fewest: a simple bound on the rank."""
    return min(int(np.any(tensor, axis=mode).sum()) for mode in range(3))


def fibre_factors(tensor: Inexact) -> Factors:
    """Write a tensor (x, y, z) as a term for each non-zero fibre, in the direction with fewest."""
    counts = [int(np.any(tensor, axis=mode).sum()) for mode in range(3)]
    mode = int(np.argmin(counts))
    others = [m for m in range(3) if m != mode]
    moved = np.moveaxis(tensor, mode, 2)
    i, j = np.nonzero(np.any(moved, axis=2))
    factors: list[Inexact] = [np.zeros(0)] * 3
    for m, places in zip(others, (i, j), strict=True):
        factors[m] = np.eye(tensor.shape[m])[:, places]
    factors[mode] = np.ascontiguousarray(moved[i, j].T)
    return factors[0], factors[1], factors[2]


@dataclass(slots=True)
class _Descent:
    """State of the walk: the best factors so far and the work that is left."""

    tensor: Inexact
    lower: int
    best: int
    rng: np.random.Generator
    work: float
    callback: Callable[[Attempt], None] | None
    field: Field
    device: str
    symmetries: Sequence[Sequence[Symmetry]]
    deadline: float = float("inf")
    began: float = dataclasses.field(default_factory=time.monotonic)
    factors: Factors | None = None
    attempts: int = 0
    turns: int = 0
    pool: ThreadPoolExecutor | None = None
    period: float = float("inf")  # seconds of the time limit
    allowed: float = dataclasses.field(init=False)  # the work at the beginning
    failures: dict[int, Failure] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self.allowed = self.work

    def spent(self) -> bool:
        return self.work <= 0 or time.monotonic() > self.deadline

    def any_of(self, rank: int, starts: int, share: float = 1.0) -> bool:
        """Follow some starts until the first succeeds, for a share of work and time at most."""
        if self.spent():
            return False
        left = min(self.deadline - time.monotonic(), share * self.period)
        # The groups take turns.
        group: Sequence[Symmetry] = ()
        if self.symmetries:
            group = self.symmetries[self.turns % len(self.symmetries)]
        self.turns += 1
        results = fit_many(
            self.tensor,
            rank,
            [self._start(rank, self.attempts + k, group) for k in range(starts)],
            ridges=[_RIDGES[(self.attempts + k) // 2 % len(_RIDGES)] for k in range(starts)],
            field=self.field,
            device=self.device,
            symmetries=group,
            until_first=True,
            work=min(self.work, share * self.allowed),
            time_limit=None if left == float("inf") else left,
            pool=self.pool,
        )
        self.work -= sum(result.operations for result in results)
        found = [result for result in results if self._is_accurate(result)]
        if found:
            self.best, self.factors = rank, found[0].factors
        before = self.failures.get(rank, Failure(rank, 0, float("inf")))
        least = min(before.residual, *(result.residual for result in results))
        self.failures[rank] = Failure(rank, before.starts + starts, least)
        self._report(rank, results)
        return bool(found)

    def _start(
        self, rank: int, number: int, group: Sequence[Symmetry]
    ) -> Factors | np.random.Generator:
        """Draw a start; where there are symmetries every other one has them."""
        rng = self.rng.spawn(1)[0]
        if not group or number % 2 == 0:
            return rng
        drawn = symmetric_factors(self.tensor.shape, rank, group, rng, self.field)
        return scaled_start(drawn, self.tensor)

    def _is_accurate(self, result: CPResult) -> bool:
        error = result.residual * float(np.linalg.norm(self.tensor))
        accurate = result.residual <= ACCEPTED and error <= ACCEPTED_ERROR
        return accurate and result.status != "diverged"

    def _report(self, rank: int, results: Sequence[CPResult]) -> None:
        for result in results:
            self.attempts += 1
            logger.debug("rank %d: %s, residual %.1e", rank, result.status, result.residual)
            if self.callback is not None:
                speed = self.attempts / max(time.monotonic() - self.began, 1e-9)
                self.callback(
                    Attempt(
                        rank=rank,
                        residual=result.residual,
                        status=result.status,
                        best=self.best,
                        starts=self.attempts,
                        per_second=speed,
                    )
                )

    def result(self, interrupted: bool) -> DescentResult:
        """Say what was found."""
        below = [rank for rank in self.failures if rank < self.best]
        failure = self.failures[max(below)] if below else None
        return DescentResult(self.factors, self.attempts, interrupted, failure)


def descend(
    tensor: Inexact,
    lower: int,
    upper: int,
    rng: np.random.Generator,
    *,
    work: float = FAST_WORK,
    time_limit: float | None = None,
    callback: Callable[[Attempt], None] | None = None,
    field: Field = "real",
    device: str = "cpu",
    symmetries: Sequence[Sequence[Symmetry]] = (),
    failed: int = 0,
) -> DescentResult:
    """Look for a decomposition of a block with fewer than ``upper`` terms.

    Parameters
    ----------
    tensor : ndarray of float64 or complex128, shape (x, y, z)
        Concise.
    lower : int
        A proved lower bound; fewer terms are never tried.
    upper : int
        Number of terms known already.
    rng : Generator
        For the starts.
    work : float
        Floating-point operations to spend (counted, not timed, so that results repeat).
    time_limit : float, optional
        Seconds; if given, the walk goes on until they are over, whatever work that is.
    callback : callable, optional
        Called with an `Attempt` after every start.
    field : {"real", "complex"}
        Where the terms live.
    device : str
        "cpu", or "cuda" to follow hundreds of starts at once on a GPU.
    symmetries : sequence of sequence of tuple of ndarray
        Small groups of the tensor's own symmetries, each as for `symmetric_factors`; every other
        start is then symmetric under one of them.
    failed : int
        A number of terms at which earlier searches failed; the bisection begins above it.

    Returns
    -------
    DescentResult
        The best found; Ctrl-C ends the walk and keeps it.

    Raises
    ------
    DecompositionError
        As `fit`, or if a number is out of its range.

    Notes
    -----
    The solver succeeds from some rank on. This rank is first enclosed by bisection on a geometric
    scale, with few starts for each trial. Then one rank after the other below the least success is
    tried, with more starts.

    Examples
    --------
    The product of two complex numbers takes three real products.

    >>> product = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [-1.0, 0.0]]])
    >>> descend(product, 3, 4, np.random.default_rng(0)).factors[0].shape
    (2, 3)
    """
    tensor = checked_tensor(tensor, field)
    for name, count in (("lower", lower), ("upper", upper), ("failed", failed)):
        check_count(count, name, 0)
    if time_limit is not None:
        check_amount(time_limit, "time_limit")
    check_amount(work, "work")
    check_device(device)
    state = _Descent(
        tensor=tensor,
        lower=lower,
        best=upper,
        rng=generator(rng),
        work=work,
        callback=callback,
        field=field,
        device=device,
        symmetries=symmetries,
    )
    try:
        with workers() as state.pool:
            _search(state, max(failed, lower - 1), time_limit)
    except BaseException as error:
        if not was_interrupted(error):
            raise
        return state.result(interrupted=True)
    return state.result(interrupted=False)


def _search(state: _Descent, failed: int, time_limit: float | None) -> None:
    """Walk down by counted work, or for as long as there is time."""
    if time_limit is not None:
        state.work = state.allowed = float("inf")
        state.period, state.deadline = time_limit, time.monotonic() + time_limit
    _walk(state, failed)
    while time_limit is not None and state.best > state.lower and not state.spent():
        state.any_of(state.best - 1, _together(state.device))


def _walk(state: _Descent, failed: int) -> None:
    """Bracket the rank at which the solver succeeds, then insist a little below it."""
    while state.best - failed > 2 and not state.spent():
        middle = isqrt(max(failed, 1) * state.best)
        middle = min(max(middle, failed + 1), state.best - 2)
        # Near the least rank exact steps may take all: farther above it there is an easier one.
        if not state.any_of(middle, _STARTS_ON_THE_WAY, _SHARE):
            failed = middle
    while state.best > state.lower and not state.spent():
        if not _insist(state, state.best - 1):
            return


def _insist(state: _Descent, rank: int) -> bool:
    """Try hard at one number of terms."""
    fewest, most = _STARTS_AT_THE_END
    left = min(max(rank**3 // 100, fewest), most)
    reserve = state.work - _WORK_AT_THE_END
    while left > 0 and not state.spent() and state.work > reserve:
        if state.any_of(rank, min(left, _BATCH)):
            return True
        left -= _BATCH
    return False


def _together(device: str) -> int:
    """Say how many starts are followed at once while there is time."""
    return max(_BATCH, 2 * (os.cpu_count() or 1)) if device == "cpu" else _DEVICE_STARTS
