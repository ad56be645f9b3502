"""From numerical factors to an exact scheme: sparsify, fix the gauge, pin what is still free."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._typing import Array, Booleans
from ...errors import SchemeError
from .._rational import rounded
from ..scheme import DIMENSIONS, Scheme
from ._brent import BrentSystem, brent_system, cholesky_step
from ._gauge import balanced, diagonal_gauge, sparsified, turned

_LOG = logging.getLogger(__name__)

# Values for pins, and how much a distance to them counts in even and odd attempts: an entry that
# is the square of another one has a rational root at 1, but not at 1/2 or 2.
_GRID: Final = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0)
_RELUCTANCE: Final = ((1.0, 1.0, 1.0, 1.5, 1.5, 2.0, 2.0), (1.0, 1.0, 1.0, 6.0, 6.0, 8.0, 8.0))
# Squared defects of a point on the variety, and the last polishing.
_ON_VARIETY: Final = 1e-22
_POLISHED: Final = 1e-28
_SMALL_ENTRY: Final = 0.05
# Eigenvalues of the normal matrix below this, relative to the largest, are free directions.
_NULL: Final = 1e-9
_RATIONAL: Final = 1e-8
# Pins that may fail before the rest is read off as it is.
_MOST_REFUSALS: Final = 16


def round_scheme(
    factors: Sequence[ArrayLike],
    shape: tuple[int, int, int],
    *,
    division: str = "R",
    seed: int = 0,
    attempts: int = 6,
    largest_denominator: int = 64,
    provenance: str = "numerical",
) -> Scheme | None:
    """Turn a numerical solution of Brent's equations into an exact scheme.

    Parameters
    ----------
    factors : sequence of array_like of float, shapes (n*m*d, R), (m*p*d, R), (n*p*d, R)
        U, V, W with a residual near rounding.
    shape : tuple of int
        The sizes (n, m, p).
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    seed : int
        Seed of the random gauges of the attempts after the first.
    attempts : int
        Most attempts; one whose denominators are at most 4 ends the search.
    largest_denominator : int
        Of a single coefficient.
    provenance : str
        Stored in the scheme.

    Returns
    -------
    Scheme or None
        Checked exactly: the attempt with the smallest denominators, or None if all of them ended
        in irrational or large coefficients.

    Raises
    ------
    SchemeError
        If the factors do not fit the sizes or do not solve the equations.

    Notes
    -----
    The solutions near one solution form a variety that contains at least its images under
    ``X -> P X Q^-1, Y -> Q Y S^-1`` and under scaling. The sum of the absolute values of the
    entries (in odd attempts then of their square roots) is minimised on it, which makes most of
    them zero. They are pinned; entries that form a unimodular system for the diagonal P, Q, S and
    the scalings are set to 1 or -1 by these; the entries nearest to {0, +-1, +-1/2, +-2} that can
    still move are pinned there, and the rest is then determined; it may be irrational.

    References
    ----------
    A. V. Smirnov, "The bilinear complexity and practical algorithms for matrix multiplication",
    Comput. Math. Math. Phys. 53 (2013) 1781-1795.

    Examples
    --------
    >>> from wordtensor.schemes import NumericalOptions, solve_scheme
    >>> round_scheme(solve_scheme(2, 2, 2, 7, NumericalOptions(seed=1)).factors, (2, 2, 2))
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    U, V, W = (np.asarray(f, dtype=np.float64) for f in factors)
    system = _system_for((U, V, W), shape, division)
    rng = np.random.default_rng(seed)
    best: Scheme | None = None
    for attempt in range(attempts):
        moved = turned((U, V, W), shape, rng) if attempt else (U, V, W)
        entries = sparsified(system, balanced(moved))
        if attempt % 2:
            corner = balanced(system.split(entries))
            entries = sparsified(system, corner, steps=40, power=0.5, weight=3e-4)
        entries = _pin(system, entries, shape, DIMENSIONS[division], rng, attempt)
        found = _rational(system, entries, shape, division, largest_denominator, provenance)
        _LOG.info("rounding attempt %d of <%d,%d,%d>: %r", attempt, *shape, found)
        if found is not None and (best is None or _ugliness(found) < _ugliness(best)):
            best = found
        if best is not None and max(best.denominators) <= 4:
            break
    return best


def _ugliness(s: Scheme) -> tuple[int, int]:
    numerators = max(int(np.abs(f).max(initial=0)) for f in (s.U, s.V, s.W))
    return s.denominators[0] * s.denominators[1] * s.denominators[2], numerators


def _system_for(
    factors: tuple[Array, Array, Array], shape: tuple[int, int, int], division: str
) -> BrentSystem:
    if any(f.ndim != 2 for f in factors):
        raise SchemeError("Factors must be two-dimensional arrays")
    rank = factors[0].shape[1]
    system = brent_system(shape, rank, division)
    expected = [(size, rank) for size in system.tensor.shape]
    given = [f.shape for f in factors]
    if given != expected:
        raise SchemeError(f"Factors of {shape} over {division} must be {expected}, not {given}")
    defects, _ = system.evaluate(np.concatenate([f.ravel() for f in factors]))
    if not defects < 1e-6:
        raise SchemeError(f"The factors do not solve the equations: squared defect {defects:.1e}")
    return system


def _polished(
    system: BrentSystem, fixed: Booleans, entries: Array, goal: float = _ON_VARIETY
) -> Array | None:
    """Return the solution nearby with the same fixed entries, or None if there seems to be none."""
    free = np.flatnonzero(~fixed)
    defects, gradient = system.evaluate(entries)
    damping = 1e-3
    for step_number in range(25):
        if defects < goal:
            return entries
        if not len(free) or defects > 1e3:
            return None
        normal = system.normal_matrix(entries, free)
        for _ in range(4):
            shift = min(damping, 1.0) * np.sqrt(defects) + 1e-13
            step = cholesky_step(normal, shift, gradient[free])
            trial = entries.copy()
            if step is not None:
                trial[free] += step
            after, following = system.evaluate(trial)
            if step is not None and after < defects:
                break
            damping *= 30.0
        else:
            return None
        if (step_number >= 5 and after > 0.5 * defects) or np.abs(trial).max() > 20.0:
            return None
        entries, defects, gradient = trial, after, following
        damping = max(damping / 10.0, 1e-6)
    return None


@dataclass(slots=True)
class _Pins:
    """A solution, and which of its entries stay."""

    entries: Array
    fixed: Booleans

    def try_pins(self, system: BrentSystem, places: NDArray[np.int64], values: Array) -> bool:
        """Pin entries at values if there is a solution nearby, and say whether there was."""
        fixed, wanted = self.fixed.copy(), self.entries.copy()
        fixed[places], wanted[places] = True, values
        found = _polished(system, fixed, wanted)
        if found is not None:
            self.entries, self.fixed = found, fixed
        return found is not None


def _pin(
    system: BrentSystem,
    entries: Array,
    shape: tuple[int, int, int],
    components: int,
    rng: np.random.Generator,
    attempt: int,
) -> Array:
    """Pin entries until the solution is isolated, and polish it."""
    pins = _Pins(entries, np.zeros(len(entries), dtype=bool))
    _pin_zeros(system, pins)
    pins.entries, chosen = diagonal_gauge(system, pins.entries, shape, components)
    pins.fixed[chosen] = True
    _pin_free_directions(system, pins, rng, attempt)
    last = _polished(system, pins.fixed, pins.entries, _POLISHED)
    return pins.entries if last is None else last


def _pin_zeros(system: BrentSystem, pins: _Pins) -> None:
    """Pin small entries to zero, all at once or in smaller batches."""
    order = np.argsort(np.abs(pins.entries), kind="stable")
    order = order[np.abs(pins.entries[order]) < _SMALL_ENTRY]
    position, size, refusals = 0, len(order), 0
    while position < len(order) and refusals < 2 * _MOST_REFUSALS:
        batch = order[position : position + size]
        if pins.try_pins(system, batch, np.zeros(len(batch))):
            position += len(batch)
            size = 2 * size
        else:
            refusals += 1
            position += len(batch) == 1
            size = max(1, len(batch) // 3)


def _pin_free_directions(
    system: BrentSystem, pins: _Pins, rng: np.random.Generator, attempt: int
) -> None:
    """Pin entries that can still move at the nearest values of the grid, until none can."""
    grid, reluctance = np.array(_GRID), np.array(_RELUCTANCE[attempt % 2])
    refused: set[tuple[int, int]] = set()
    share = 0.5
    free, null = _free_directions(system, pins)
    while null.shape[1] and len(refused) < _MOST_REFUSALS:
        away = np.abs(pins.entries[free, None] - grid) * reluctance
        away *= 1.0 + (attempt > 1) * rng.random(away.shape)
        for place, value in refused:
            away[free == place, value] = np.inf
        target = away.argmin(axis=1)
        picked = _independent(null, away.min(axis=1), max(1, int(share * null.shape[1])))
        if not len(picked):
            return
        if pins.try_pins(system, free[picked], grid[target[picked]]):
            share = min(0.5, 2.0 * share)
            free, null = _free_directions(system, pins)
        else:
            if len(picked) == 1:
                refused.add((int(free[picked[0]]), int(target[picked[0]])))
            share /= 3.0


def _free_directions(system: BrentSystem, pins: _Pins) -> tuple[NDArray[np.int64], Array]:
    """Return the unpinned entries, shape (f,), and a basis of their motions, shape (f, k)."""
    from scipy.linalg import eigh

    free = np.flatnonzero(~pins.fixed)
    if not len(free):
        return free, np.zeros((0, 0))
    eigenvalues, vectors = eigh(system.normal_matrix(pins.entries, free))
    return free, vectors[:, eigenvalues < _NULL * eigenvalues[-1]]


def _independent(null: Array, away: Array, count: int) -> NDArray[np.int64]:
    """Choose entries near the grid that can move independently of each other."""
    norms = np.linalg.norm(null, axis=1)
    score = np.where(norms > 1e-6, away / np.sqrt(np.maximum(norms, 1e-2)), np.inf)
    left = null.copy()
    chosen: list[int] = []
    for row in np.argsort(score, kind="stable"):
        if len(chosen) == count or not np.isfinite(score[row]):
            break
        norm = float(np.linalg.norm(left[row]))
        if norm > max(0.2 * norms[row], 1e-5):
            chosen.append(int(row))
            direction = left[row] / norm
            left = left - np.outer(left @ direction, direction)
    return np.array(chosen, dtype=np.int64)


def _rational(
    system: BrentSystem,
    entries: Array,
    shape: tuple[int, int, int],
    division: str,
    largest: int,
    provenance: str,
) -> Scheme | None:
    """Read the entries as fractions, and check the scheme exactly."""
    numerators, denominators = [], []
    for factor in system.split(entries):
        try:
            tops, common = rounded(factor, largest)
        except SchemeError:
            return None
        if np.abs(tops / common - factor).max() > _RATIONAL or np.abs(tops).max() > 2**31:
            return None
        numerators.append(tops)
        denominators.append(common)
    d = (denominators[0], denominators[1], denominators[2])
    U, V, W = numerators
    try:
        return Scheme(
            shape, U, V, W, denominators=d, division=division, provenance=provenance
        ).check()
    except SchemeError:
        return None
