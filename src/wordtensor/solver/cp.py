"""The numerical solver: canonical polyadic factors, from one start or from many at once."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from reprlib import repr as shortened
from typing import Any, Final

import numpy as np

from .._threads import one_blas_thread
from .._typing import Array, Factors, Field, Inexact, Sizes, freeze
from ..errors import DecompositionError
from ._arguments import (
    check_amount,
    check_limits,
    check_rank,
    checked_start,
    checked_tensor,
    generator,
)
from ._arrays import on_device
from ._folding import Folding, Symmetry, fold
from ._levenberg import CPStatus, Ending, Limits, minimise
from ._problem import Problem

# First weight of the penalty: smaller ones take longer, larger ones miss solutions.
RIDGE: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class CPResult:
    """Factors found by the solver, why it stopped, and what it cost.

    Attributes
    ----------
    factors : tuple of ndarray of float64 or complex128, shapes (x, R), (y, R), (z, R)
        Balanced: the columns of one term have equal norms. Read-only.
    residual : float
        ``||T - [[U, V, W]]|| / ||T||`` (Frobenius norms).
    status : {"converged", "stalled", "diverged", "iterations", "stopped"}
        "converged": residual below 1e-12 with bounded entries; "stalled": a local minimum, or a
        valley along which it creeps; "diverged": entries grow without bound, as they do where the
        border rank is smaller than the rank; "iterations": the iteration limit came first;
        "stopped": another start of `fit_many` had converged, or its work or time was over.
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

    factors: Factors
    residual: float
    status: CPStatus
    iterations: int
    operations: float


def random_factors(
    shape: Sizes, rank: int, rng: np.random.Generator, field: Field = "real"
) -> Factors:
    """Draw Gaussian factors of shapes (x, rank), (y, rank), (z, rank) with unit expected norms."""

    def draw(size: int) -> Inexact:
        real: Inexact = rng.standard_normal((size, rank)) / np.sqrt(size)
        if field == "real":
            return real
        imaginary = rng.standard_normal((size, rank)) / np.sqrt(size)
        return np.asarray((real + 1j * imaginary) / np.sqrt(2.0))

    x, y, z = shape
    return draw(x), draw(y), draw(z)


def reconstruct(factors: Factors) -> Inexact:
    """Sum the rank-one terms: entry [i, j, k] is sum_r U[i, r] V[j, r] W[k, r].

    Parameters
    ----------
    factors : tuple of ndarray, shapes (x, R), (y, R), (z, R)
        The factors U, V, W.

    Returns
    -------
    ndarray, shape (x, y, z)
        The sum of the R terms.

    Examples
    --------
    >>> reconstruct((np.eye(2), np.eye(2), np.ones((1, 2)))).tolist()
    [[[1.0], [0.0]], [[0.0], [1.0]]]
    """
    U, V, W = factors
    pairs = (U[:, None, :] * V[None, :, :]).reshape(-1, U.shape[1])
    return np.asarray((pairs @ W.T).reshape(len(U), len(V), len(W)))


def fit(
    tensor: Inexact,
    rank: int,
    *,
    rng: np.random.Generator | int | None = None,
    start: Factors | None = None,
    iterations: int = 300,
    ridge: float = RIDGE,
    field: Field = "real",
) -> CPResult:
    """Fit a tensor by a given number of rank-one terms, from one start.

    Parameters
    ----------
    tensor : ndarray of float64 or complex128, shape (x, y, z)
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
    field : {"real", "complex"}
        Where the terms live.

    Returns
    -------
    CPResult
        The factors and how it ended.

    Raises
    ------
    DecompositionError
        If the tensor has not three modes, is zero, not finite, or complex though the terms are
        real; if the rank is not a positive integer, or more than every tensor of that shape needs;
        or if the start or another argument cannot be used.
    MemoryLimitError
        If a step would not fit into memory.

    Notes
    -----
    With ``G_m = F_m^T conj(F_m)`` the Jacobian is never formed; its normal matrix applied to V is
    ``Y_m = V_m (G_k * G_l) + F_m sum_k (G_l * (V_k^T conj(F_k)))`` and the preconditioner of the
    conjugate gradients is its block diagonal. Small systems, and those that are hard near a
    solution, are solved by a Cholesky factorisation instead, the longest mode eliminated. The step
    is damped as in Levenberg-Marquardt, by Nielsen's rule. A ridge on the factors, lowered
    whenever its own minimum is nearly reached, keeps the path away from the divergent solutions
    that appear where the border rank is smaller than the rank.

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
    tensor = checked_tensor(tensor, field)
    shape = _sizes(tensor)
    check_rank(rank, shape)
    if start is None:
        first = scaled_start(random_factors(shape, rank, generator(rng), field), tensor)
    else:
        first = start
    return fit_many(tensor, rank, [first], iterations=iterations, ridges=[ridge], field=field)[0]


def fit_many(
    tensor: Inexact,
    rank: int,
    starts: Sequence[Factors | np.random.Generator | int],
    *,
    iterations: int = 300,
    patience: int | None = None,
    ridges: Sequence[float] | None = None,
    field: Field = "real",
    device: str = "cpu",
    symmetries: Sequence[Symmetry] = (),
    until_first: bool = False,
    work: float = float("inf"),
    time_limit: float | None = None,
    pool: ThreadPoolExecutor | None = None,
) -> tuple[CPResult, ...]:
    """Fit a tensor by a given number of rank-one terms, from many starts at once.

    Parameters
    ----------
    tensor : ndarray of float64 or complex128, shape (x, y, z)
        What to decompose.
    rank : int
        Number of terms.
    starts : sequence of factors, Generator or int
        Factors to start from, or what to draw random ones with.
    iterations : int
        Most Gauss-Newton steps of each.
    patience : int, optional
        Steps in which its squared residual must fall to a third, or a start counts as stalled;
        otherwise 16 and one for each four terms.
    ridges : sequence of float, optional
        For each start the first weight of the penalty on the factors' norms, otherwise 0.1.
    field : {"real", "complex"}
        Where the terms live.
    device : str
        "cpu", or one of torch's such as "cuda", where all steps are exact and all starts are
        followed together.
    symmetries : sequence of tuple of ndarray
        A group of the tensor's own symmetries, as for `symmetric_factors`; starts that are
        symmetric under it are kept so.
    until_first : bool
        Stop all starts once the first has converged: the one with fewest steps, then the one with
        the lowest number.
    work : float
        Stop all starts once they have taken so many operations together.
    time_limit : float, optional
        Stop all starts after so many seconds.
    pool : ThreadPoolExecutor, optional
        Threads to use, with BLAS held to one; otherwise a thread for every core.

    Returns
    -------
    tuple of CPResult
        For every start. None depends on which others are there, unless one stops them, or on the
        number of cores.

    Raises
    ------
    DecompositionError
        As `fit`.

    Examples
    --------
    >>> import numpy as np
    >>> units = np.zeros((2, 2, 2)); units[[0, 1], [0, 1], [0, 1]] = 1.0
    >>> [result.status for result in fit_many(units, 2, range(3))]
    ['converged', 'converged', 'converged']
    """
    tensor = checked_tensor(tensor, field)
    shape, dtype = _sizes(tensor), np.float64 if field == "real" else np.complex128
    check_rank(rank, shape)
    check_limits(iterations, patience, work, time_limit, device)
    if not isinstance(starts, Sequence):
        raise DecompositionError(
            "Argument 'starts' must be a sequence of factors, generators or seeds, not "
            f"{shortened(starts)}"
        )
    if not len(starts):
        return ()
    weights = _weights(ridges, len(starts))
    # The ridge and the damping are made for entries of the size of a 0/1 table's core.
    unit = _unit(tensor)
    stacked = np.stack(
        [_stacked(start, shape, rank, tensor, field) * unit ** (-1 / 3) for start in starts]
    ).astype(dtype)
    torch_device = None if device == "cpu" else device
    scaled = np.ascontiguousarray(tensor / unit, dtype=dtype)
    problem = Problem(on_device(scaled, torch_device), float(np.vdot(scaled, scaled).real))
    deadline = float("inf") if time_limit is None else time.monotonic() + time_limit
    patience = 16 + rank // 4 if patience is None else patience
    limits = Limits(iterations, patience, until_first, work, deadline)
    folding = None
    if symmetries:
        found = fold(stacked, shape, symmetries)
        matrices, exchanges = found.matrices.astype(dtype), found.exchanges.astype(dtype)
        folding = Folding(
            shape,
            on_device(matrices, torch_device),
            on_device(exchanges, torch_device),
            found.held,
        )
    begin = on_device(stacked, torch_device)
    with nullcontext(pool) if pool is not None else workers() as threads:
        endings = minimise(problem, begin, weights, limits, threads, folding)
    return tuple(_result(scaled, unit, ending) for ending in endings)


def _weights(ridges: Sequence[float] | None, starts: int) -> Array:
    """Return the first weight of the penalty for each start."""
    if ridges is None:
        return np.full(starts, RIDGE)
    for ridge in ridges:
        check_amount(ridge, "ridge")
    if len(ridges) != starts:
        raise DecompositionError(
            f"Argument 'ridges' must have one number for each of the {starts} starts, not "
            f"{len(ridges)}"
        )
    return np.asarray(ridges, dtype=float)


def scaled_start(factors: Factors, tensor: Inexact) -> Factors:
    """Scale random terms so that their sum starts with about the norm of the tensor."""
    # Terms of norm ||T|| / sqrt(rank).
    rank = factors[0].shape[1]
    scale = np.cbrt(float(np.linalg.norm(tensor)) / np.sqrt(rank))
    return factors[0] * scale, factors[1] * scale, factors[2] * scale


@contextmanager
def workers() -> Iterator[ThreadPoolExecutor]:
    """Provide a thread for every core, each with one of BLAS's own."""
    # Matrices this small are slower, up to twenty times, where BLAS shares them among threads.
    with one_blas_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
        yield pool


def _sizes(tensor: Inexact) -> Sizes:
    x, y, z = tensor.shape
    return x, y, z


def _unit(tensor: Inexact) -> float:
    return float(np.linalg.norm(tensor)) / float(np.cbrt(tensor.size))


def _stacked(start: Any, shape: Sizes, rank: int, tensor: Inexact, field: Field) -> Inexact:
    """Return the factors of a start, drawn if need be, as one array (x + y + z, rank)."""
    if not isinstance(start, tuple | list):
        drawn = random_factors(shape, rank, generator(start), field)
        start = scaled_start(drawn, tensor)
    start = checked_start(start, shape, rank, field)
    # In C order whatever the order of the given ones: compiled code knows no other.
    return np.ascontiguousarray(np.concatenate(start))


def _result(scaled: Inexact, unit: float, ending: Ending) -> CPResult:
    x, y, _ = scaled.shape
    parts = ending.factors[:x], ending.factors[x : x + y], ending.factors[x + y :]
    residual = float(np.linalg.norm(reconstruct(parts) - scaled) / np.linalg.norm(scaled))
    status = ending.status
    return CPResult(_balanced(parts, unit), residual, status, ending.iterations, ending.operations)


def _balanced(factors: Factors, unit: float) -> Factors:
    """Give the three columns of a term the same norm, and the sum the tensor's own scale."""
    norms = [np.linalg.norm(f, axis=0) for f in factors]
    mean = np.cbrt(norms[0] * norms[1] * norms[2] * unit)
    scales = [mean / np.where(k > 0, k, 1.0) for k in norms]
    u, v, w = (freeze(f * scale) for f, scale in zip(factors, scales, strict=True))
    return u, v, w
