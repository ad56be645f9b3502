"""Exact terms: of a block in its own coordinates, and of a whole word tensor."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors, Inexact, Sizes
from ..schemes.exact_array import ExactArray, radicand_of, recognised
from ..schemes.exact_terms import ExactTerms, exact_sum, recognised_terms
from ..solver.exact import LARGEST_DENOMINATOR, round_terms, third_factor
from ._solution import Solution
from .block import Block

# Operations that rounding one block may take in a fast answer, and for each second of a search.
FAST_ROUNDING: Final = 3e9
# Entries times terms that are compared in integers.
MOST_WORK: Final = 2e8


def exactly(block: Block, solution: Solution, work: float) -> Solution:
    """Make the terms of a numerical solution exact in the block's coordinates, if that is found."""
    if solution.status != "numerical" or np.iscomplexobj(solution.factors[0]):
        return solution
    terms = _as_stored(block, solution)
    # What is stored as numerical has resisted the search that found it.
    resisted = solution.strategy == "store" and work <= FAST_ROUNDING
    if terms is None and not solution.radicand and not resisted:
        terms = _rounded(block, solution.factors, work)
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


def exact_terms(tensor: Inexact, factors: Factors, radicand: int) -> ExactTerms | None:
    """Read factors in Q(sqrt radicand), if they add up to a tensor (x, y, z) exactly, else None."""
    if not all(np.isrealobj(factor) and np.isfinite(factor).all() for factor in factors):
        return None
    given = np.asarray(tensor, dtype=np.float64)
    field = radicand_of(given.ravel())
    target = None if field is None else _read(given, field)
    if target is None:
        return None
    plain = recognised_terms(factors, radicand)
    if plain is not None and plain.equals(target):
        return plain
    # Two factors have simple entries; those of the third follow, and may have any denominators.
    read = [_read(factor, radicand) for factor in factors]
    for last in sorted(range(3), key=lambda mode: -given.shape[mode]):
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


def exact_factors(factors: Factors, table: NDArray[np.integer], radicand: int) -> Factors | None:
    """Return exact factors (n, R) without rounding if they are in Q(sqrt radicand), else None."""
    n, rank = factors[0].shape
    if np.iscomplexobj(factors[0]) or float(n) ** 3 * rank > MOST_WORK:
        return None
    dense = np.zeros((n, n, n))
    i, j = np.indices(table.shape)
    dense[i, j, table] = 1.0
    terms = exact_terms(dense, factors, radicand)
    return None if terms is None else terms.as_float()
