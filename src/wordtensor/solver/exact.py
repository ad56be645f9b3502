"""From numerical terms to exact ones: a walk along the solutions to sparse and rational entries."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from .._threads import one_blas_thread
from .._typing import Array, Booleans, Integers
from ..errors import DecompositionError
from ..schemes.exact_array import ExactArray, from_conjugates, radicand_of, recognised
from ..schemes.exact_terms import ExactTerms, exact_sum
from ._arguments import check_amount, check_count, checked_array, generator
from ._walk import PairSystem, Point, Work
from .cp import fit_many

_LOG = logging.getLogger(__name__)

# Operations that rounding may take: a second or two.
ROUNDING_WORK: Final = 1.2e10
# Values at which entries are held, and how much a distance to them counts.
_VALUES: Final = np.array([0, 1, -1, 1 / 2, -1 / 2, 2, -2, 1 / 3, -1 / 3, 2 / 3, -2 / 3, 3, -3])
_RELUCTANCE: Final = np.array([0.1, 1, 1, 10, 10, 10, 10, 40, 40, 40, 40, 40, 40])
# Where these are refused: the nearest fraction with one of these denominators.
_DENOMINATORS: Final = np.array([1, 2, 3, 4, 5, 6, 8])
# Values refused in a row, one by one, before others are tried, and again so many before the walk is
# a dead end: for the given solution, and for others, of which there are many.
_MOST_REFUSALS: Final = 16
_FEW_REFUSALS: Final = 4
# Starts that look for other solutions together.
_STARTS: Final = 6
# Motions smaller than this are none.
_RIGID: Final = 1e-6
# Of entries of two factors; those of the third may have larger ones.
LARGEST_DENOMINATOR: Final = 1000
_LARGEST_OF_THIRD: Final = 10_000


def round_terms(
    tensor: ArrayLike,
    factors: Sequence[ArrayLike],
    *,
    rng: np.random.Generator | int = 0,
    radicand: int | None = None,
    attempts: int = 4,
    work: float = ROUNDING_WORK,
) -> ExactTerms | None:
    """Turn a numerical decomposition of an exact tensor into one with exact coefficients.

    Parameters
    ----------
    tensor : array_like of float, shape (x, y, z)
        Entries that are rational, or in one real quadratic field, given to rounding.
    factors : sequence of array_like of float, shapes (x, R), (y, R), (z, R)
        Real U, V, W whose terms add up to the tensor nearly to rounding.
    rng : Generator or int
        For the attempts after the first one.
    radicand : int, optional
        The d of the field Q(sqrt d) of the tensor, 1 for Q; by default the tensor tells it.
    attempts : int
        Most walks from the given terms; every second one may leave Q for a quadratic field. Then
        others follow from random starts of the solver, one from each, until the work is spent.
    work : float
        Operations to spend (counted, not timed, so that results repeat).

    Returns
    -------
    ExactTerms or None
        As many terms, checked exactly against the tensor; None if they resist or are far from the
        tensor, or if the tensor is not exact.

    Raises
    ------
    DecompositionError
        If the shapes do not fit, or something is complex.

    Notes
    -----
    The solutions near one solution form a manifold: terms can be scaled, the tensor has symmetries,
    and often there is more. The largest entry of each column of two factors becomes 1. Then those
    entries that can move, as the null space of the Gauss-Newton matrix tells, are held at the
    nearest of 0, 1, -1, 1/2, ..., many at once where they move independently, and the equations are
    solved again; where no solution is near, or an entry that can no longer move is irrational,
    fewer are tried. In the end all entries are isolated numbers, to be recognised. The third factor
    follows by a linear solve, so that the walk is in two factors only. Isolated points of a curve
    of high degree are not in a quadratic field, however often one tries; other solutions may lie on
    other manifolds, so that the walk goes on from those.

    Examples
    --------
    >>> from wordtensor.solver.cp import fit
    >>> product = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [-1.0, 0.0]]])
    >>> round_terms(product, fit(product, 3, rng=0).factors).equals(product.astype(int))
    True
    """
    if not isinstance(factors, Sequence):
        raise DecompositionError(
            f"Argument 'factors' must be three matrices, not {type(factors).__name__}"
        )
    noise_from = generator(rng)
    check_count(attempts, "attempts", 0)
    check_amount(work, "work")
    given = _real(tensor, "Argument 'tensor'")
    start = [_real(factor, "Every factor") for factor in factors]
    shapes = [factor.shape for factor in start]
    rank = start[0].shape[-1] if start and start[0].ndim else 0
    if given.ndim != 3 or shapes != [(size, rank) for size in given.shape]:
        raise DecompositionError(
            f"Factors of a tensor of shape {given.shape} must be matrices with one row for each of "
            f"its slices, not of shapes {shapes}"
        )
    target = _exact_tensor(given, radicand)
    if target is None or not target.as_float().any() or not rank:
        return None
    # The longest mode is the one that is solved for.
    last = int(np.argmax(given.shape))
    order = [mode for mode in range(3) if mode != last] + [last]
    turned = np.ascontiguousarray(target.as_float().transpose(order))
    system = PairSystem(turned, rank, Work(work))
    first = np.concatenate([_scaled(start[mode]) for mode in order[:2]]).ravel()
    if system.first_step > work:
        return None
    with one_blas_thread():
        point = system.settle(first, first == 1.0)
        for begin, way in () if point is None else _tries(system, point, attempts, noise_from):
            found = _walked(system, begin, target.radicand, way)
            exact = None if found is None else _exact(system, found, target, order)
            _LOG.debug("%r: %r, %.1e operations left", way, exact, system.work.left)
            if exact is not None or system.work.is_spent:
                return exact
    return None


@dataclass(frozen=True, slots=True)
class _Way:
    """How one walk goes."""

    rng: np.random.Generator | None  # None: what is nearest is held first
    extend: bool  # whether it may leave Q
    patience: int  # values refused in a row before it turns to others


def _tries(
    system: PairSystem, point: Point, attempts: int, rng: np.random.Generator
) -> Iterator[tuple[Point, _Way]]:
    """Yield ways from the given solution, then from others, which may lie on a better manifold."""
    for attempt in range(attempts):
        yield point, _Way(rng if attempt else None, attempt % 2 == 1, _MOST_REFUSALS)
    extend = False
    while attempts and not system.work.is_spent:
        for other in _others(system, rng):
            yield other, _Way(rng, extend, _FEW_REFUSALS)
            extend = not extend


def _others(system: PairSystem, rng: np.random.Generator) -> list[Point]:
    """Return solutions with as many terms from a few random starts of the solver."""
    results = fit_many(
        system.tensor,
        system.rank,
        rng.spawn(_STARTS),
        until_first=True,
        work=max(system.work.left, 0.0),
    )
    system.work.spend(sum(result.operations for result in results))
    found = [result.factors[:2] for result in results if result.status == "converged"]
    starts = [np.concatenate([_scaled(_real(u, "A factor")) for u in uv]).ravel() for uv in found]
    points = [system.settle(start, start == 1.0) for start in starts]
    return [point for point in points if point is not None]


def _real(given: ArrayLike, name: str) -> Array:
    """Return an array of real numbers."""
    array = checked_array(given, name, finite=False)
    if np.iscomplexobj(array):
        raise DecompositionError(
            "The terms and the tensor must be real; write complex ones by their real and imaginary "
            "parts"
        )
    return np.asarray(array, dtype=np.float64)


def _exact_tensor(given: Array, radicand: int | None) -> ExactArray | None:
    """Read the tensor as exact numbers."""
    if not np.isfinite(given).all():
        return None
    field = radicand_of(given.ravel()) if radicand is None else radicand
    return (
        None if field is None else recognised(given, field, largest_denominator=LARGEST_DENOMINATOR)
    )


def _scaled(factor: Array) -> Array:
    """Divide each column by its entry of largest size."""
    places = np.abs(factor).argmax(axis=0)
    scales = factor[places, np.arange(factor.shape[1])]
    scaled: Array = factor / np.where(scales == 0.0, 1.0, scales)
    return scaled


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """A solution, which of its entries are held, and how the others can move."""

    point: Point
    fixed: Booleans
    free: Integers  # shape (f,): the entries that are not held
    motions: Array  # shape (f, k)
    radicand: int  # of the field that the held entries lie in


def _walked(system: PairSystem, point: Point, radicand: int, way: _Way) -> _State | None:
    """Hold more and more entries until none can move; None at a dead end."""
    # What cannot move from the beginning says which field there is.
    state = _held(system, point, point.entries == 1.0, radicand, True)
    refused: set[tuple[int, float]] = set()
    share, in_vain = 0.5, 0
    while state is not None and state.motions.shape[1]:
        picked, values = _picked(state, refused, share, in_vain >= way.patience, way.rng)
        if not len(picked) or in_vain > 2 * way.patience or system.work.is_spent:
            return None
        following = _moved(system, state, picked, values, way.extend)
        if following is not None:
            state, share, in_vain = following, min(0.5, 2.0 * share), 0
            continue
        if len(picked) == 1:
            refused.add((int(state.free[picked[0]]), float(values[0])))
            in_vain += 1
        share /= 3.0
    return state


def _picked(
    state: _State,
    refused: set[tuple[int, float]],
    share: float,
    near: bool,
    rng: np.random.Generator | None,
) -> tuple[Integers, Array]:
    """Choose free entries that move independently, and values near them."""
    sizes = np.linalg.norm(state.motions, axis=1)
    entries = state.point.entries[state.free, None]
    if near:
        values = np.rint(entries * _DENOMINATORS) / _DENOMINATORS
        away = np.abs(entries - values) * _DENOMINATORS
    else:
        values = np.tile(_VALUES, (len(entries), 1))
        away = np.abs(entries - values) * _RELUCTANCE
    if rng is not None:
        away *= np.exp(0.7 * rng.standard_normal(away.shape))
    for place, value in refused:
        away[(state.free == place)[:, None] & (values == value)] = np.inf
    score = away.min(axis=1) / np.sqrt(np.maximum(sizes, 1e-2))
    left = state.motions.copy()
    most = max(1, int(share * left.shape[1]))
    chosen: list[int] = []
    for row in np.argsort(score, kind="stable"):
        if len(chosen) == most or not np.isfinite(score[row]):
            break
        size = float(np.linalg.norm(left[row]))
        if size > max(0.2 * sizes[row], 1e-5):
            chosen.append(int(row))
            direction = left[row] / size
            left -= np.outer(left @ direction, direction)
    picked = np.array(chosen, dtype=np.int64)
    return picked, values[picked, away[picked].argmin(axis=1)]


def _moved(
    system: PairSystem, state: _State, picked: Integers, values: Array, extend: bool
) -> _State | None:
    """Hold entries at values, with the solution nearby; None if there is none in the field."""
    places = state.free[picked]
    # By the shortest motion that brings them there, and then onto the manifold again.
    change = values - state.point.entries[places]
    steps = np.linalg.lstsq(state.motions[picked], change, rcond=None)[0]
    entries, fixed = state.point.entries.copy(), state.fixed.copy()
    entries[state.free] += state.motions @ steps
    entries[places], fixed[places] = values, True
    point = system.settle(entries, fixed)
    return None if point is None else _held(system, point, fixed, state.radicand, extend)


def _held(
    system: PairSystem, point: Point, fixed: Booleans, radicand: int, extend: bool
) -> _State | None:
    """Hold what can no longer move as well; None if it is not in the field or an extension."""
    free, motions = system.free_directions(point, fixed)
    rigid = np.linalg.norm(motions, axis=1) < _RIGID
    places = free[rigid]
    values = point.entries[places]
    if extend and radicand == 1:
        radicand = radicand_of(values) or 1
    exact = recognised(values, radicand, largest_denominator=LARGEST_DENOMINATOR)
    if exact is None:
        return None
    entries, fixed = point.entries.copy(), fixed.copy()
    entries[places], fixed[places] = exact.as_float(), True
    nearer = system.point(entries)
    return _State(nearer or point, fixed, free[~rigid], motions[~rigid], radicand)


def _exact(
    system: PairSystem, state: _State, target: ExactArray, order: list[int]
) -> ExactTerms | None:
    """Recognise the isolated entries, solve for the third factor, and check the identity."""
    entries, radicand = state.point.entries, state.radicand
    both = recognised(entries, radicand, largest_denominator=LARGEST_DENOMINATOR)
    if both is None:
        return None
    both = both.reshape(-1, system.rank)
    cut = system.tensor.shape[0]
    third = third_factor(both[:cut], both[cut:], target.transpose(order))
    if third is None:
        return None
    found = dict(zip(order, (both[:cut], both[cut:], third), strict=True))
    terms = exact_sum((found[0], found[1], found[2]))
    return terms if terms.equals(target) else None


def third_factor(first: ExactArray, second: ExactArray, target: ExactArray) -> ExactArray | None:
    """Solve for the third factor, shape (z, R), of two and the tensor (x, y, z)."""
    solved = _solved(first, second, target)
    radicand = max(first.radicand, second.radicand, target.radicand)
    if radicand == 1:
        return recognised(solved, largest_denominator=_LARGEST_OF_THIRD)
    # The conjugates of a solution solve the conjugate equations.
    other = _solved(first.conjugate(), second.conjugate(), target.conjugate())
    return from_conjugates(solved, other, radicand, _LARGEST_OF_THIRD)


def _solved(first: ExactArray, second: ExactArray, target: ExactArray) -> Array:
    U, V, tensor = first.as_float(), second.as_float(), target.as_float()
    products = (U[:, None, :] * V[None, :, :]).reshape(-1, U.shape[1])
    known = tensor.reshape(len(products), -1)
    return np.asarray(np.linalg.lstsq(products, known, rcond=None)[0].T, dtype=np.float64)
