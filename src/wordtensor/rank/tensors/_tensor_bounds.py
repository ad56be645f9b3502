"""All lower bounds that are known for a tensor: from its parts, and from its entries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import Final

import numpy as np

from ..._typing import Field, Inexact, Integers, Sizes
from ...bounds import (
    Bound,
    Flattening,
    LocusBound,
    SumBound,
    best_flattening,
    koszul_flattening,
    substitution_bound,
)
from ...bounds._exact_pencils import exact_pencil_rank
from ...bounds._modular import rank_modulo
from ...bounds.loci import are_slices
from ...bounds.theorems import block_bound, direct_sum_bound
from ...cores import Store
from .._bounds import best_first, stored_bound
from .._plan import PlannedRoute
from ..block import Block
from ..routes import Route
from ._parts import Part
from .value import Tensor

# Tensors with more entries are not flattened; or looked at for a bound by substitution: at once,
# and in a search.
_MOST_ENTRIES: Final = 120**3
_MOST_AT_ONCE: Final = 4**3
_MOST_SEARCHED: Final = 24**3
# Products of larger entries do not fit into 64 bits.
_LARGEST_SUBSTITUTED: Final = 2**10
# What is a smaller share of a tensor may be taken for nothing by the Kronecker form.
_CLEAR: Final = 1e-4
# What stands in the reason of a bound that floats were computed with.
DOUBT: Final = ", to rounding"


def summand_bound(block: Block, route: Route, part: Part, field: Field) -> Bound:
    """Bound a block of a part; two slices exactly if they are all of it, else with a doubt."""
    bound = block_bound(block, field)
    if block.sizes is not None or block.kind == "slices" or 2 not in block.shape:
        return bound
    rank = _rank_of_two(part, field) if len(route.blocks) == 1 else None
    if rank is not None:
        return replace(bound, value=rank)
    if _share(block.own_tensor()) < _CLEAR:
        return Bound(max(block.shape), "multilinear rank" + DOUBT)
    return replace(bound, reason=bound.reason.replace("exact, ", "") + DOUBT)


def _share(tensor: Inexact) -> float:
    """Return the least singular value of an unfolding, as a share of the largest."""
    return min(
        float(values[-1] / values[0])
        for mode, size in enumerate(tensor.shape)
        for values in [
            np.linalg.svd(np.moveaxis(tensor, mode, 0).reshape(size, -1), compute_uv=False)
        ]
    )


def _rank_of_two(part: Part, field: Field) -> int | None:
    """Return the rank of a rational part that two of its slices span, if it is not too large."""
    ranks = part.multilinear_ranks()
    if part.integers is None or 2 not in ranks:
        return None
    slices = np.moveaxis(part.integers, ranks.index(2), 0)
    rows = slices.reshape(len(slices), -1)
    other = next(k for k in range(1, len(rows)) if rank_modulo(rows[[0, k]]) == 2)
    return exact_pencil_rank(slices[[0, other]], field)


def multilinear_ranks(parts: Iterable[Part]) -> Sizes:
    """Return the ranks of the three unfoldings of a tensor, those of its parts together."""
    ranks = [0, 0, 0]
    for part in parts:
        for mode, rank in zip(part.modes, part.multilinear_ranks(), strict=True):
            ranks[mode] += rank
    return ranks[0], ranks[1], ranks[2]


def known_bounds(
    whole: Tensor,
    parts: Sequence[Part],
    planned: Sequence[Sequence[PlannedRoute]],
    field: Field,
    store: Store,
) -> tuple[Bound, ...]:
    """Return what is proved without a search, best first."""
    found = list(best_first(_structural(whole, parts, planned, field)))
    certain = _certain(planned)
    for more in (_flattened, _substituted):
        bound = more(whole, parts, found[0].value, certain, field)
        if bound is not None:
            found.insert(0, bound)
    if len(parts) == 1 and found[0].value != certain:
        stored = stored_bound(parts[0].canonical, found[0].value, field, store)
        found = found if stored is None else [stored, *found]
    return tuple(found)


def _structural(
    whole: Tensor, parts: Sequence[Part], planned: Sequence[Sequence[PlannedRoute]], field: Field
) -> Iterator[Bound]:
    """Yield what the multilinear ranks prove, and what the summands do."""
    x, y, z = multilinear_ranks(parts)
    doubt = "" if whole.integers is not None else DOUBT
    yield Bound(max(x, y, z), f"multilinear ranks {x}, {y}, {z}{doubt}")
    sums = [_best_sum(routes, field) for routes in planned]
    if all(route is not None for route in sums):
        blocks = [block for route in sums if route for block in route.blocks]
        bounds = [a.bound for route in sums if route for a in route.assessments]
        bound = direct_sum_bound(tuple(blocks), tuple(bounds), field)
        if bound.value > max(x, y, z):
            yield _with_doubt(bound) if doubt or any(DOUBT in b.reason for b in bounds) else bound


def _with_doubt(bound: Bound) -> Bound:
    return bound if DOUBT in bound.reason else replace(bound, reason=bound.reason + DOUBT)


def _best_sum(routes: Sequence[PlannedRoute], field: Field) -> PlannedRoute | None:
    """Return the direct sum, of those that a part is written as, that proves most."""
    sums = [route for route in routes if route.is_direct_sum and route.name != "slices"]

    def proved(route: PlannedRoute) -> int:
        bounds = tuple(assessment.bound for assessment in route.assessments)
        return direct_sum_bound(route.blocks, bounds, field).value

    return max(sums, key=proved, default=None)


def _certain(planned: Sequence[Sequence[PlannedRoute]]) -> int | None:
    """Return how many terms are enough, if that is known without a search."""
    least = [min((r.upper for r in routes if not r.needs_solver), default=0) for routes in planned]
    return sum(least) if all(least) else None


def _arranged(whole: Tensor, parts: Sequence[Part]) -> tuple[Integers, Sizes, list[list[int]]]:
    """Return a rational tensor as integers without equal slices: modes, and where slices stand."""
    integers = whole.integers
    if integers is None:
        raise TypeError("a tensor that is not rational is no tensor of integers")
    if len(parts) == 1:  # in its order, so that the numbering of slices does not matter
        modes, places = parts[0].modes, parts[0].places()
    else:
        modes, places = (0, 1, 2), [[], [], []]
        for part in parts:
            for mode, more in zip(part.modes, part.places(), strict=True):
                places[mode] += more
    return integers.transpose(modes)[np.ix_(*places)], modes, places


def _flattened(
    whole: Tensor, parts: Sequence[Part], known: int, enough: int | None, _: Field
) -> Bound | None:
    """Return what a Koszul flattening proves, if that is more than what is known already."""
    if whole.integers is None or known == enough:
        return None
    tensor, modes, places = _arranged(whole, parts)
    if tensor.size > _MOST_ENTRIES:
        return None
    found = best_flattening(tensor, enough)
    if found is None or found.bound <= known:
        return None
    mode = modes[found.mode]
    return Bound.of(found.lifted(np.array(places[found.mode]), whole.shape[mode], mode))


def _substituted(
    whole: Tensor,
    parts: Sequence[Part],
    known: int,
    enough: int | None,
    field: Field,
    most: int = _MOST_AT_ONCE,
    time_limit: float = inf,
) -> Bound | None:
    """Return what substitution proves, if that is more than what is known already."""
    if whole.integers is None or known == enough:
        return None
    tensor, modes, places = _arranged(whole, parts)
    if tensor.size > most or int(np.abs(tensor).max()) > _LARGEST_SUBSTITUTED:
        return None
    data = substitution_bound(tensor, field, known, enough, time_limit)
    return None if data is None else Bound.of(data.lifted(modes, places))


def searched_bound(
    whole: Tensor, parts: Sequence[Part], known: int, upper: int, field: Field, seconds: float
) -> Bound | None:
    """Look for a bound by substitution beyond what is known, for some seconds."""
    return _substituted(whole, parts, known, upper, field, _MOST_SEARCHED, seconds)


def is_proved_by(data: Flattening | LocusBound | SumBound, whole: Tensor, field: Field) -> bool:
    """Compute a bound again from its data, and the entries."""
    integers = whole.integers
    if integers is None:
        return False
    if isinstance(data, Flattening):
        again = koszul_flattening(integers, data.mode, data.p, data.restriction, data.prime)
        return again.rank == data.rank
    if data.field not in ("complex", field) or not are_slices(data.elements, whole.shape):
        return False
    return data.proves(integers[np.ix_(*data.elements)])
