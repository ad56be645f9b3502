"""Walk the number of terms of one block down with the numerical solver."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import Final

import numpy as np

from .._typing import Factors, Inexact
from .cp import fit

logger = logging.getLogger(__name__)

# Residual, relative and absolute (Frobenius norms), at which a fit counts as a decomposition; the
# absolute one keeps every entry of the word tensor within what `verify` allows.
ACCEPTED: Final = 1e-10
ACCEPTED_ERROR: Final = 5e-10
# Floating-point operations that "fast" spends before it settles: up to twenty seconds.
FAST_WORK: Final = 1.3e11
_STARTS_ON_THE_WAY: Final = 3
_STARTS_AT_THE_END: Final = 8
_ENDLESS: Final = 10**9
_RIDGES: Final = (0.1, 0.03, 0.2)


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

    Examples
    --------
    >>> seen = []
    >>> _ = descend(np.eye(2)[:, :, None], 2, 4, np.random.default_rng(0), callback=seen.append)
    >>> [(attempt.rank, attempt.status, attempt.best) for attempt in seen]
    [(2, 'converged', 2)]
    """

    rank: int
    residual: float
    status: str
    best: int


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

    Examples
    --------
    >>> found = descend(np.eye(2)[:, :, None], 2, 4, np.random.default_rng(0))
    >>> [factor.shape for factor in found.factors], found.interrupted
    ([(2, 2), (2, 2), (1, 2)], False)
    """

    factors: Factors | None
    attempts: int
    interrupted: bool


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
    deadline: float = float("inf")
    factors: Factors | None = None
    attempts: int = 0

    def spent(self) -> bool:
        return self.work <= 0 or time.monotonic() > self.deadline

    def attempt(self, rank: int) -> bool:
        """Start the solver once; keep what it finds."""
        ridge = _RIDGES[self.attempts % len(_RIDGES)] if self.attempts > 20 else _RIDGES[0]
        result = fit(self.tensor, rank, rng=self.rng.spawn(1)[0], ridge=ridge)
        self.attempts += 1
        self.work -= result.operations
        error = result.residual * float(np.linalg.norm(self.tensor))
        accurate = result.residual <= ACCEPTED and error <= ACCEPTED_ERROR
        found = accurate and result.status != "diverged"
        if found and rank < self.best:
            self.best, self.factors = rank, result.factors
        logger.debug("rank %d: %s, residual %.1e", rank, result.status, result.residual)
        if self.callback is not None:
            self.callback(Attempt(rank, result.residual, result.status, self.best))
        return found

    def any_of(self, rank: int, starts: int) -> bool:
        for _ in range(starts):
            if self.spent():
                return False
            if self.attempt(rank):
                return True
        return False


def descend(
    tensor: Inexact,
    lower: int,
    upper: int,
    rng: np.random.Generator,
    *,
    work: float = FAST_WORK,
    time_limit: float | None = None,
    callback: Callable[[Attempt], None] | None = None,
) -> DescentResult:
    """Look for a decomposition of a block with fewer than ``upper`` terms.

    Parameters
    ----------
    tensor : ndarray of float64, shape (x, y, z)
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
        Seconds; if given, then once the counted work is spent the search goes on below the best
        rank until they are over, so that it never ends with more terms than without.
    callback : callable, optional
        Called with an `Attempt` after every start.

    Returns
    -------
    DescentResult
        The best found; Ctrl-C ends the walk and keeps it.

    Notes
    -----
    The rank at which the solver begins to succeed is bracketed by bisection on a geometric scale
    with few starts; below the least success, more starts are spent one rank at a time.

    Examples
    --------
    The product of two complex numbers takes three real products.

    >>> product = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [-1.0, 0.0]]])
    >>> descend(product, 3, 4, np.random.default_rng(0)).factors[0].shape
    (2, 3)
    """
    state = _Descent(tensor, lower, upper, rng, work, callback)
    try:
        _walk(state)
        if time_limit is not None:
            state.work, state.deadline = float("inf"), time.monotonic() + time_limit
            while state.best > state.lower and state.any_of(state.best - 1, _ENDLESS):
                pass
    except KeyboardInterrupt:
        return DescentResult(state.factors, state.attempts, True)
    return DescentResult(state.factors, state.attempts, False)


def _walk(state: _Descent) -> None:
    """Bracket the rank at which the solver succeeds, then insist a little below it."""
    failed = state.lower - 1
    while state.best - failed > 1 and not state.spent():
        middle = isqrt(max(failed, 1) * state.best)
        middle = min(max(middle, failed + 1), state.best - 1)
        if not state.any_of(middle, _STARTS_ON_THE_WAY):
            failed = middle
    while state.best > state.lower and not state.spent():
        if not state.any_of(state.best - 1, _STARTS_AT_THE_END):
            return
