"""Exact terms: of a block in its own coordinates, and of a whole word tensor."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors, Inexact, Sizes, freeze
from ..cores._centroid import contracted
from ..schemes.exact_array import ExactArray, radicand_of, recognised
from ..schemes.exact_terms import ExactTerms, exact_sum, recognised_terms
from ..solver.exact import LARGEST_DENOMINATOR, round_terms, third_factor
from ._frame import echelon, snapped
from ._solution import Solution
from .block import Block

# Operations that rounding one block may take in a fast answer, and for each second of a search;
# and in all: a quarter of a minute.
FAST_ROUNDING: Final = 1e10
_MOST_ROUNDING: Final = 1e11
# Entries times terms that are compared exactly, and that a third factor is solved for.
MOST_WORK: Final = 2e9
_MOST_COMPLETED: Final = 2e8
# Numbers that are looked at first.
_SAMPLE: Final = 256


def exactly(block: Block, solution: Solution, work: float) -> Solution:
    """Make the terms of a numerical solution exact in the block's coordinates, if that is found."""
    if solution.status != "numerical" or np.iscomplexobj(solution.factors[0]):
        return solution
    terms = _as_stored(block, solution)
    # What is stored as numerical has resisted the search that found it.
    resisted = solution.strategy == "store" and work <= FAST_ROUNDING
    if terms is None and not solution.radicand and not resisted:
        terms = _rounded(block, solution.factors, min(work, _MOST_ROUNDING))
    if terms is None:
        return replace(solution, radicand=0)
    return replace(solution, factors=terms.as_float(), status="exact", radicand=terms.radicand)


def _rounded(block: Block, factors: Factors, work: float) -> ExactTerms | None:
    """Walk to exact terms in the core's order of modes, which does not depend on labels."""
    modes: Sizes = (0, 1, 2) if block.frame is None else block.frame.modes
    turned = np.ascontiguousarray(block.own_tensor().transpose(modes))
    terms = round_terms(turned, [factors[mode] for mode in modes], work=work)
    if terms is None:
        return None
    first, second, third = (terms.factors[modes.index(mode)] for mode in range(3))
    return exact_sum((first, second, third))


def _as_stored(block: Block, solution: Solution) -> ExactTerms | None:
    """Read factors that are said to be exact, and check that they add up exactly."""
    if not solution.radicand:
        return None
    return exact_terms(block.own_tensor(), solution.factors, solution.radicand)


def exact_terms(
    tensor: NDArray[np.number], factors: Sequence[Inexact], radicand: int | None = None
) -> ExactTerms | None:
    """Read factors in Q(sqrt radicand), if they add up to a tensor (x, y, z) exactly, else None."""
    # If the field is not given, the numbers themselves tell it.
    if not all(np.isrealobj(factor) and np.isfinite(factor).all() for factor in factors):
        return None
    target: ExactArray | None = None
    for tried, unit in _readings(factors, max(np.shape(tensor))):
        own = _field(tried, unit) if radicand is None else radicand
        if own is None:
            continue
        # The tensor is looked at only if the factors are numbers of a field.
        target = target or _exact_tensor(tensor)
        terms = None if target is None else recognised_terms(tried, own, unit=unit)
        if target is None or (terms is not None and terms.equals(target)):
            return terms
    own = _field(factors, 1) if radicand is None else radicand
    return None if own is None or target is None else _completed(target, factors, own)


def _readings(factors: Sequence[Inexact], order: int) -> Iterator[tuple[Sequence[Inexact], int]]:
    """Yield factors that may be multiples of 1 and 1/order, such as duals of representations."""
    yield from ((factors, unit) for unit in (1, order))
    scaled = _scaled(factors)
    yield from ((scaled, unit) for unit in (1, order))


def _exact_tensor(tensor: NDArray[np.number]) -> ExactArray | None:
    given = np.asarray(tensor, dtype=np.float64)
    field = radicand_of(given.ravel())
    return None if field is None else _read(given, field)


def _scaled(factors: Sequence[Inexact]) -> list[Inexact]:
    """Make the largest entry of each column of U and V one, with the scales in W."""
    scaled, total = [], np.ones(factors[2].shape[1])
    for factor in factors[:2]:
        places = np.argmax(np.abs(factor) > 0.999 * np.abs(factor).max(axis=0), axis=0)
        scale = factor[places, np.arange(factor.shape[1])]
        scale = np.where(scale == 0.0, 1.0, scale)
        scaled.append(factor / scale)
        total = total * scale
    return [*scaled, factors[2] * total]


def _field(arrays: Sequence[Inexact], unit: int) -> int | None:
    """Return the d of the one field Q(sqrt d) that all numbers lie in, or None."""
    values = np.concatenate([array.ravel() for array in arrays]) * unit
    # Numbers of no field, such as those of orthogonal irreps, are refused without a look at all.
    if radicand_of(values[:: max(1, len(values) // _SAMPLE)]) is None:
        return None
    return radicand_of(values)


def _completed(target: ExactArray, factors: Sequence[Inexact], radicand: int) -> ExactTerms | None:
    """Take two factors with simple entries; those of the third follow, with any denominators."""
    rank = factors[0].shape[1]
    if float(target.rational.size) * rank > _MOST_COMPLETED:
        return None
    read = [_read(factor, radicand) for factor in factors]
    for last in sorted(range(3), key=lambda mode: -target.shape[mode]):
        first, second = (read[mode] for mode in range(3) if mode != last)
        order = [mode for mode in range(3) if mode != last] + [last]
        if first is None or second is None:
            continue
        third = third_factor(first, second, target.transpose(order))
        if third is None:
            continue
        found = dict(zip(order, (first, second, third), strict=True))
        terms = exact_sum((found[0], found[1], found[2]))
        if terms.equals(target):
            return terms
    return None


def _read(values: Inexact, radicand: int) -> ExactArray | None:
    """Read floats with all the denominators that rounding may have given them."""
    return recognised(values, radicand, largest_denominator=LARGEST_DENOMINATOR)


def exact_maps(maps: Sequence[Inexact]) -> tuple[Factors, int] | None:
    """Return the maps (n, x), (n, y), (n, z) of a block without rounding, and their field."""
    for unit in (1, len(maps[0])):
        radicand = _field(maps, unit)
        if radicand is not None:
            read = [recognised(each, radicand, unit=unit) for each in maps]
            first, second, third = (None if e is None else freeze(e.as_float()) for e in read)
            if first is not None and second is not None and third is not None:
                return (first, second, third), radicand
    return None


def terms_of_table(
    factors: Factors, table: NDArray[np.integer], radicands: Iterable[int] = ()
) -> ExactTerms | None:
    """Read factors (n, R) as exact numbers of one field, if they add up to a table, else None."""
    # The fields of blocks say which one it may be where the numbers themselves do not.
    n, rank = factors[0].shape
    if np.iscomplexobj(factors[0]) or float(n) ** 3 * rank > MOST_WORK:
        return None
    dense = np.zeros((n, n, n), dtype=np.int8)
    i, j = np.indices(table.shape)
    dense[i, j, table] = 1
    found = exact_terms(dense, factors)
    radicand = max(radicands, default=0)
    return found if found is not None or not radicand else exact_terms(dense, factors, radicand)


def in_own_rows(block: Block, solution: Solution, work: float) -> tuple[Block, Solution] | None:
    """Make terms of a matrix product exact in its tensor's own coordinates, if that is found."""
    # Its bases are known to rounding; some rows of its maps span rational ones.
    chosen = [echelon(np.asarray(A)) for A in block.maps]
    (E, F, G), places = (tuple(parts) for parts in zip(*chosen, strict=True))
    parts = [A[rows] for A, rows in zip(block.maps, places, strict=True)]
    tensor = snapped(contracted(block.own_tensor(), (parts[0].T, parts[1].T, parts[2].T)))
    u, v, w = (P @ factor for P, factor in zip(parts, solution.factors, strict=True))
    own = Block("general", block.shape, (E, F, G), tensor)
    start = Solution((u, v, w), "solver", "numerical", f"{block.name} by {solution.note}")
    found = exactly(own, start, work)
    return (own, found) if found.status == "exact" else None
