"""The numerical solver: canonical polyadic factors by inexact Gauss-Newton steps."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, RealFactors, freeze
from ..errors import DecompositionError
from ._steps import INNER_LIMIT, NormalEquations, inner_product, map_modes, squared_norm

CPStatus = Literal["converged", "stalled", "diverged", "iterations"]

# Squared relative residual that counts as reached: 1e-12 in norm.
CONVERGED: Final = 1e-24
# Near a solution exact steps converge quadratically, unless it is a degenerate one.
INNER_LIMIT_NEAR: Final = 300
NEAR_STEPS: Final = 12
# What a Gauss-Newton step, or an inner one, costs besides its arithmetic, in operations.
STEP_OVERHEAD: Final = 6e6
INNER_OVERHEAD: Final = 6e5
# Entries beyond this, for a tensor with entries of size one, are on their way to infinity, as
# they are where the border rank is smaller than the rank.
LARGEST_ENTRY: Final = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class CPResult:
    """Factors found by the solver, why it stopped, and what it cost.

    Attributes
    ----------
    factors : tuple of ndarray of float64, shapes (x, R), (y, R), (z, R)
        Balanced: the columns of one term have equal norms. Read-only.
    residual : float
        ``||T - [[U, V, W]]|| / ||T||`` (Frobenius norms).
    status : {"converged", "stalled", "diverged", "iterations"}
        "converged": residual below 1e-12 with bounded entries; "stalled": a local minimum;
        "diverged": entries grow without bound, as they do where the border rank is smaller than
        the rank; "iterations": the iteration limit came first.
    iterations : int
        Gauss-Newton steps tried.
    operations : float
        An estimate of the floating-point operations spent, overhead included; it depends on
        nothing but the run, so that limits on it do not depend on the clock.

    Examples
    --------
    >>> result = fit(np.eye(2)[:, :, None], 2, rng=0)
    >>> result.status, [factor.shape for factor in result.factors]
    ('converged', [(2, 2), (2, 2), (1, 2)])
    """

    factors: RealFactors
    residual: float
    status: CPStatus
    iterations: int
    operations: float


def random_factors(shape: tuple[int, int, int], rank: int, rng: np.random.Generator) -> RealFactors:
    """Draw Gaussian factors of shapes (x, rank), (y, rank), (z, rank) with unit expected norms."""
    x, y, z = (rng.standard_normal((size, rank)) / np.sqrt(size) for size in shape)
    return x, y, z


def reconstruct(factors: RealFactors) -> Array:
    """Sum the rank-one terms: entry [i, j, k] is sum_r U[i, r] V[j, r] W[k, r].

    Examples
    --------
    >>> reconstruct((np.eye(2), np.eye(2), np.ones((1, 2)))).tolist()
    [[[1.0], [0.0]], [[0.0], [1.0]]]
    """
    U, V, W = factors
    return (U @ _khatri_rao(V, W).T).reshape(U.shape[0], V.shape[0], W.shape[0])


def fit(
    tensor: NDArray[np.inexact],
    rank: int,
    *,
    rng: np.random.Generator | int | None = None,
    start: RealFactors | None = None,
    iterations: int = 300,
    ridge: float = 0.1,
) -> CPResult:
    """Fit a tensor by a given number of rank-one terms, from one start.

    Parameters
    ----------
    tensor : ndarray of float64, shape (x, y, z)
        What to decompose.
    rank : int
        Number of terms.
    rng : Generator or int, optional
        For the random start.
    start : tuple of ndarray, optional
        Factors to start from instead; not changed.
    iterations : int
        Most Gauss-Newton steps.
    ridge : float
        First weight of the penalty on the factors' norms; it falls to zero on the way.

    Returns
    -------
    CPResult
        The factors and how it ended.

    Raises
    ------
    DecompositionError
        If the tensor has not three modes, is zero, or the rank is not positive.

    Notes
    -----
    With ``G_m = F_m^T F_m`` the Jacobian is never formed; its normal matrix applied to V is
    ``Y_m = V_m (G_k * G_l) + F_m sum_k (G_l * (F_k^T V_k)^T)`` and the preconditioner is its block
    diagonal. The step is damped as in Levenberg-Marquardt, by Nielsen's rule. A ridge on the
    factors, lowered whenever its own minimum is nearly reached, keeps the path away from the
    divergent solutions that appear where the border rank is smaller than the rank.

    References
    ----------
    Sorber, Van Barel, De Lathauwer, SIAM J. Optim. 23 (2013) 695-720.
    Nielsen, Damping parameter in Marquardt's method, IMM-REP-1999-05.

    Examples
    --------
    >>> import numpy as np
    >>> units = np.zeros((2, 2, 2)); units[[0, 1], [0, 1], [0, 1]] = 1.0
    >>> fit(units, 2, rng=0).status
    'converged'
    """
    if tensor.ndim != 3 or not np.any(tensor) or np.iscomplexobj(tensor):
        raise DecompositionError(
            f"Argument 'tensor' must be a non-zero real array with three axes, not {tensor.shape}"
        )
    if rank < 1:
        raise DecompositionError(f"Argument 'rank' must be at least 1, not {rank}")
    # Loaded before its threads are limited: only libraries that are there can be.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits

    x, y, z = tensor.shape
    # The ridge and the damping are made for entries of the size of a 0/1 table's core.
    unit = float(np.linalg.norm(tensor)) / np.cbrt(x * y * z)
    problem = _Problem(np.ascontiguousarray(tensor / unit, dtype=np.float64))
    if start is None:
        # Terms of norm ||T|| / sqrt(rank), so that their sum starts with about the norm of T.
        first = random_factors((x, y, z), rank, np.random.default_rng(rng))
        scale = np.cbrt(np.cbrt(x * y * z) / np.sqrt(rank))
    else:
        expected = [(size, rank) for size in (x, y, z)]
        if [np.shape(factor) for factor in start] != expected:
            raise DecompositionError(
                f"Argument 'start' must be factors of shapes {expected}, not "
                f"{[np.shape(factor) for factor in start]}"
            )
        first, scale = start, unit ** (-1 / 3)
    begin = (first[0] * scale, first[1] * scale, first[2] * scale)
    # Matrices this small are slower, up to twenty times, where BLAS shares them among threads.
    with threadpool_limits(1, user_api="blas"):
        state = _minimise(problem, begin, iterations, ridge)
    residual = float(np.sqrt(problem.exact_squared_residual(state.factors)))
    largest = max(float(np.abs(f).max()) for f in state.factors)
    factors = _balance(state.factors, unit)
    status = state.status
    if largest > LARGEST_ENTRY or not np.isfinite(residual):
        status = "diverged"
    return CPResult(factors, residual, status, state.iterations, state.operations)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """A tensor and its products with the factors; residuals are squared and relative."""

    tensor: Array

    @property
    def squared_norm(self) -> float:
        return float(np.vdot(self.tensor, self.tensor))

    @property
    def shape(self) -> tuple[int, int, int]:
        x, y, z = self.tensor.shape
        return (x, y, z)

    def gradient_terms(self, factors: RealFactors) -> RealFactors:
        """Contract the tensor with the Khatri-Rao product of each two factors."""
        U, V, W = factors
        x, y, z = self.shape
        rank = U.shape[1]
        with_w = (self.tensor.reshape(x * y, z) @ W).reshape(x, y, rank)
        with_u = (self.tensor.reshape(x, y * z).T @ U).reshape(y, z, rank)
        return (
            np.einsum("xyr,yr->xr", with_w, V),
            np.einsum("xyr,xr->yr", with_w, U),
            np.einsum("yzr,yr->zr", with_u, V),
        )

    def exact_squared_residual(self, factors: RealFactors) -> float:
        difference = reconstruct(factors) - self.tensor
        return float(np.vdot(difference, difference)) / self.squared_norm

    def evaluate(self, factors: RealFactors) -> tuple[float, RealFactors, RealFactors]:
        """Return the squared residual, the Gram matrices and the contracted tensor."""
        grams = tuple(f.T @ f for f in factors)
        terms = self.gradient_terms(factors)
        fitted = float(np.prod(grams, axis=0).sum()) - 2.0 * float(np.vdot(terms[0], factors[0]))
        squared = 1.0 + fitted / self.squared_norm
        if squared < 1e-6:  # cancellation has eaten the formula's digits
            squared = self.exact_squared_residual(factors)
        return squared, (grams[0], grams[1], grams[2]), terms


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    factors: RealFactors
    status: CPStatus
    iterations: int
    operations: float


def _minimise(
    problem: _Problem, factors: RealFactors, iterations: int, first_ridge: float
) -> _State:
    """Levenberg-Marquardt with Nielsen's damping and a ridge that falls to zero."""
    ridge, damping, growth = first_ridge, 0.1, 2.0
    squared, grams, terms = problem.evaluate(factors)
    size, total = squared_norm(factors), problem.squared_norm
    history: list[float] = []
    operations, hard, near = 0.0, False, 0
    for step_number in range(iterations):
        history.append(squared)
        if squared < CONVERGED:
            return _State(factors, "converged", step_number, operations)
        if not np.isfinite(squared):
            return _State(factors, "diverged", step_number, operations)
        if _has_stalled(history, ridge, first_ridge) or damping > 1e6:
            return _State(factors, "stalled", step_number, operations)
        hadamards = (grams[1] * grams[2], grams[0] * grams[2], grams[0] * grams[1])
        gradient = map_modes(lambda f, h, t, r=ridge: f @ h - t + r * f, factors, hadamards, terms)
        slope = float(np.sqrt(squared_norm(gradient)))
        tolerance = min(0.3, max(1e-4, slope / np.sqrt(total)))
        near += squared < 1e-6
        limit = INNER_LIMIT_NEAR if 0 < near <= NEAR_STEPS else INNER_LIMIT
        system = NormalEquations(factors, grams, hadamards, gradient, ridge + damping)
        step, inner = system.solve(tolerance, limit, hard)
        operations += _operations(problem, factors, inner)
        hard = hard or inner >= INNER_LIMIT
        if step is None:
            damping, growth = damping * growth, 2.0 * growth
            continue
        trial = map_modes(lambda f, s: f + s, factors, step)
        trial_squared, trial_grams, trial_terms = problem.evaluate(trial)
        trial_size = squared_norm(trial)
        cost = 0.5 * (total * squared + ridge * size)
        predicted = 0.5 * (damping * squared_norm(step) - inner_product(gradient, step))
        gain = (cost - 0.5 * (total * trial_squared + ridge * trial_size)) / max(predicted, 1e-300)
        if gain < 1e-4:
            damping, growth = damping * growth, 2.0 * growth
            continue
        factors, squared, grams, terms = trial, trial_squared, trial_grams, trial_terms
        size = trial_size
        damping, growth = max(1e-12, damping * max(0.2, 1.0 - (2.0 * gain - 1.0) ** 3)), 2.0
        nearly_solved = slope < 0.3 * max(ridge, 1e-3) * np.sqrt(size) or predicted < 1e-2 * cost
        ridge = _lower(ridge, squared, nearly_solved)
    return _State(factors, "iterations", iterations, operations)


def _operations(problem: _Problem, factors: RealFactors, inner: int) -> float:
    """Count one Gauss-Newton step: tensor contractions, Gram products, and the linear solve."""
    rank = factors[0].shape[1]
    unknowns = sum(f.size for f in factors)
    products = 6.0 * rank * unknowns
    # A Cholesky factorisation runs several times faster than the small products do.
    solve = inner * (products + INNER_OVERHEAD) if inner else float(unknowns) ** 3 / 9.0
    contraction = 4.0 * problem.tensor.size * rank
    return float(contraction + 2.0 * products + solve + STEP_OVERHEAD)


def _lower(ridge: float, squared: float, nearly_solved: bool) -> float:
    """Lower the ridge once its own problem is nearly solved, and with the residual at the end."""
    if nearly_solved:
        ridge *= 0.8
    if squared < 1e-4:
        ridge = min(ridge, 0.1 * squared)
    return ridge if ridge > 1e-11 else 0.0


def _has_stalled(history: list[float], ridge: float, first_ridge: float) -> bool:
    squared = history[-1]
    if ridge < 1e-3 * first_ridge and squared > 1e-3:
        return True  # the ridge no longer holds it, and it is not near a solution
    if squared > 1e-11 and len(history) > 80 and history[-30] < 3.0 * squared:
        return True  # creeping along a valley, as it does towards a divergent solution
    return len(history) > 60 and ridge < 1e-3 * first_ridge and history[-30] < 1.02 * squared


def _khatri_rao(left: Array, right: Array) -> Array:
    return (left[:, None, :] * right[None, :, :]).reshape(-1, left.shape[1])


def _balance(factors: RealFactors, unit: float) -> RealFactors:
    """Give the three columns of a term the same norm, and the sum the tensor's own scale."""
    norms = [np.linalg.norm(f, axis=0) for f in factors]
    mean = np.cbrt(norms[0] * norms[1] * norms[2] * unit)
    scales = [mean / np.where(k > 0, k, 1.0) for k in norms]
    u, v, w = (freeze(f * scale) for f, scale in zip(factors, scales, strict=True))
    return u, v, w
