"""Numerical solutions of Brent's equations: Levenberg-Marquardt steps with a falling ridge."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ..._typing import Array, RealFactors, freeze
from ...errors import MemoryLimitError, SchemeError
from ..scheme import DIMENSIONS, require_division
from ._brent import BrentSystem, brent_system, cholesky_step

NumericalStatus = Literal["converged", "minimum", "border", "iterations"]

# Squared relative residual of a solution, and the one below which a failure to converge means
# that the infimum is zero but the entries grow: a border-rank solution.
CONVERGED: Final = 1e-26
SMALL: Final = 1e-3
LARGEST_ENTRY: Final = 50.0
# Bytes that the equations may take: three square matrices, or the tensor and its terms.
MAX_BYTES: Final = 2**33
# The sum of ridge and damping above which single precision is enough for a step.
SINGLE_PRECISION: Final = 3e-4


@dataclass(frozen=True, slots=True)
class NumericalOptions:
    """How `solve_scheme` and `numerical_search` look for a scheme.

    Attributes
    ----------
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    seed : int
        Seed of the first start, at least 0; each further start has the next seed.
    starts : int
        Most starts.
    ridge : float
        First weight of the penalty on the squares of the entries.
    iterations : int
        Most steps of one start.

    Raises
    ------
    SchemeError
        If a value is out of range.

    Examples
    --------
    >>> NumericalOptions(starts=5)
    NumericalOptions(division='R', seed=0, starts=5, ridge=0.01, iterations=400)
    """

    division: str = "R"
    seed: int = 0
    starts: int = 20
    ridge: float = 0.01
    iterations: int = 400

    def __post_init__(self) -> None:
        require_division(self.division)
        if self.starts < 1 or self.seed < 0:
            raise SchemeError(
                f"There must be at least 1 start and a seed of at least 0, not {self.starts} and "
                f"{self.seed}"
            )
        if not self.ridge >= 0.0:
            raise SchemeError(f"Argument 'ridge' must not be negative, not {self.ridge}")
        if self.iterations < 0:
            raise SchemeError(f"Argument 'iterations' must not be negative, not {self.iterations}")


@dataclass(frozen=True, slots=True, eq=False)
class NumericalResult:
    """The best factors of several starts, and what the starts came to.

    Attributes
    ----------
    factors : tuple of ndarray of float64, shapes (x, R), (y, R), (z, R)
        Of the best start; read-only.
    residual : float
        ``||T - [[U, V, W]]|| / ||T||`` (Frobenius norms).
    status : {"converged", "minimum", "border", "iterations"}
        Of the best start. "converged": an exact solution to rounding; "minimum": a local minimum;
        "border": a small residual whose entries grow; "iterations": the limit came first.
    seed : int
        Seed of the start that gave the factors: ``seed`` plus the number of starts before it.
    starts : int
        Starts made.
    iterations : int
        Steps of all starts.
    outcomes : tuple of (str, int)
        How many starts ended how.

    Examples
    --------
    >>> result = solve_scheme(2, 2, 2, 6, NumericalOptions(starts=2))
    >>> result.starts, sum(count for _, count in result.outcomes), result.residual > 0.1
    (2, 2, True)
    """

    factors: RealFactors
    residual: float
    status: NumericalStatus
    seed: int
    starts: int
    iterations: int
    outcomes: tuple[tuple[str, int], ...]


def solve_scheme(
    n: int,
    m: int,
    p: int,
    rank: int,
    options: NumericalOptions | None = None,
    *,
    callback: Callable[[int, str, float], bool] | None = None,
) -> NumericalResult:
    """Look for real factors of <n,m,p> with a given number of terms, from random starts.

    Parameters
    ----------
    n, m, p : int
        Sizes: an n x m matrix times an m x p matrix.
    rank : int
        Number of terms.
    options : NumericalOptions, optional
        The algebra, the seed, and how many starts and steps there are; the first solution ends the
        search.
    callback : callable, optional
        Called as ``callback(seed, status, residual)`` after each start; true ends the search.

    Returns
    -------
    NumericalResult
        The start with the smallest residual.

    Raises
    ------
    SchemeError
        If a size or the rank is not positive.
    MemoryLimitError
        If the equations take more than 8 GiB.

    Notes
    -----
    The cost is ``||T - [[U, V, W]]||^2 + ridge ||(U, V, W)||^2``. Its minimum for the first ridge
    is found roughly, the ridge is lowered step by step, and with the square of the residual at the
    end. Near 0.01 to 0.02 half of the starts reach rank 23 for <3,3,3>; at 0.1 terms vanish and
    nearly none do. A local minimum typically has a squared defect of 1 or 2: it is an exact
    scheme for all but one or two entries of the tensor.

    References
    ----------
    A. V. Smirnov, "The bilinear complexity and practical algorithms for matrix multiplication",
    Comput. Math. Math. Phys. 53 (2013) 1781-1795.
    P. Tichavsky, A.-H. Phan, A. Cichocki, "Numerical CP decomposition of some difficult tensors",
    J. Comput. Appl. Math. 317 (2017) 362-370.

    Examples
    --------
    >>> result = solve_scheme(2, 2, 2, 7, NumericalOptions(seed=1))
    >>> result.status
    'converged'
    """
    options = options or NumericalOptions()
    if min(n, m, p, rank) < 1:
        raise SchemeError(f"Sizes and rank must be positive, not {(n, m, p)} and {rank}")
    _check_memory((n, m, p), rank, options.division)
    system = brent_system((n, m, p), rank, options.division)
    outcomes: dict[str, int] = {}
    best: tuple[float, NumericalStatus, Array, int] = (np.inf, "iterations", np.empty(0), 0)
    steps = 0
    for seed in range(options.seed, options.seed + options.starts):
        entries, squared, status, used = minimise(
            system,
            _random_start(system, np.random.default_rng(seed)),
            ridge=options.ridge,
            iterations=options.iterations,
        )
        steps += used
        outcomes[status] = outcomes.get(status, 0) + 1
        if not best[2].size or squared < best[0]:
            best = (squared, status, entries, seed)
        stop = callback is not None and callback(seed, status, float(np.sqrt(squared)))
        if stop or status == "converged":
            break
    return NumericalResult(
        factors=system.split(freeze(best[2])),
        residual=float(np.sqrt(best[0])),
        status=best[1],
        seed=best[3],
        starts=sum(outcomes.values()),
        iterations=steps,
        outcomes=tuple(sorted(outcomes.items())),
    )


def _check_memory(shape: tuple[int, int, int], rank: int, division: str) -> None:
    """Refuse what would not fit into memory, before anything is allocated."""
    d = DIMENSIONS[division]
    n, m, p = shape
    rows = (n * m * d, m * p * d, n * p * d)
    unknowns = sum(rows) * rank
    needed = 8 * (3 * unknowns**2 + 3 * rows[0] * rows[1] * rows[2])
    if needed > MAX_BYTES:
        raise MemoryLimitError(
            f"{rank} terms for <{n},{m},{p}>_{division} have {unknowns} unknowns, and the "
            f"equations take {needed / 2**30:.0f} GiB, more than {MAX_BYTES / 2**30:.0f}; "
            "ask for smaller sizes"
        )


def _random_start(system: BrentSystem, rng: np.random.Generator) -> Array:
    """Draw entries so that the sum of the terms has about the norm of the tensor."""
    scale = np.cbrt(np.sqrt(system.total / system.rank / system.tensor.size))
    start: Array = rng.standard_normal(system.edges[3]) * scale
    return start


@dataclass(slots=True)
class _Weights:
    """The weights of ridge and damping, which change from step to step."""

    ridge: float
    damping: float = 0.1
    growth: float = 2.0

    def refuse(self) -> None:
        self.damping *= self.growth
        self.growth *= 2.0

    def accept(self, gain: float) -> None:
        """Lower the damping after a step that was taken, by the rule of Nielsen."""
        self.damping = max(1e-12, self.damping * max(0.2, 1.0 - (2.0 * gain - 1.0) ** 3))
        self.growth = 2.0

    def lower(self, squared: float, nearly_solved: bool) -> None:
        """Lower the ridge once its own problem is nearly solved, and with the residual."""
        if nearly_solved:
            self.ridge *= 0.8
        if squared < 1e-4:
            self.ridge = min(self.ridge, 0.1 * squared)
        if self.ridge < 1e-11:
            self.ridge = 0.0


def minimise(
    system: BrentSystem, start: Array, *, ridge: float = 0.01, iterations: int = 400
) -> tuple[Array, float, NumericalStatus, int]:
    """Return entries (N,), squared relative residual, status and steps of one start."""
    # Source: Nielsen, Damping parameter in Marquardt's method, IMM-REP-1999-05.
    entries, now, total = start, _Weights(ridge), system.total
    defects, gradient = system.evaluate(entries)
    history: list[float] = []
    normal: Array | None = None
    for step_number in range(iterations):
        squared = defects / total
        history.append(squared)
        if squared < CONVERGED:
            return entries, squared, _status(squared, entries, "converged"), step_number
        if _has_stalled(history, now, ridge):
            return entries, squared, _status(squared, entries, "minimum"), step_number
        if normal is None:
            rough = now.damping + now.ridge > SINGLE_PRECISION
            normal = system.normal_matrix(entries, dtype=np.float32 if rough else np.float64)
        slope = gradient + now.ridge * entries
        step = cholesky_step(normal, now.ridge + now.damping, slope)
        if step is None:
            now.refuse()
            continue
        trial = entries + step
        trial_defects, trial_gradient = system.evaluate(trial)
        size = _size(entries)
        cost = 0.5 * (defects + now.ridge * size)
        after = 0.5 * (trial_defects + now.ridge * _size(trial))
        predicted = 0.5 * (now.damping * _size(step) - float(slope @ step))
        gain = (cost - after) / max(predicted, 1e-300)
        if not gain >= 1e-4:
            normal = normal if normal.dtype == np.float64 else None
            now.refuse()
            continue
        entries, defects, gradient = trial, trial_defects, trial_gradient
        normal = None
        now.accept(gain)
        flat = float(np.sqrt(np.sum(slope**2))) < 0.3 * max(now.ridge, 1e-3) * size**0.5
        now.lower(squared, flat or predicted < 1e-2 * cost)
    return entries, defects / total, _status(defects / total, entries, "iterations"), iterations


def _size(values: Array) -> float:
    """Sum the squares, in the order of a product with ones: what a seed leads to depends on it."""
    return float(np.ones(len(values)) @ values**2)


def _has_stalled(history: list[float], now: _Weights, first_ridge: float) -> bool:
    squared, length = history[-1], len(history)
    if now.damping > 1e6 or not np.isfinite(squared):
        return True
    if now.ridge < 1e-3 * first_ridge and squared > SMALL:
        return True  # the ridge no longer holds it, and it is not near a solution
    slow = length > 80 and history[-30] < 3.0 * squared
    if slow and squared > 1e-11 and now.ridge < 1e-2 * first_ridge:
        return True  # creeping along a valley, as it does towards a border-rank solution
    return length > 120 and squared > SMALL and history[-40] < 1.02 * squared


def _status(squared: float, entries: Array, otherwise: NumericalStatus) -> NumericalStatus:
    bounded = bool(np.abs(entries).max() < LARGEST_ENTRY)
    if squared < CONVERGED and bounded:
        return "converged"
    return "border" if not squared >= SMALL else otherwise
