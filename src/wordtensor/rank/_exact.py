"""Exact terms: of a block in its own coordinates, and of a whole word tensor."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Factors
from ..schemes.exact_array import ExactArray, radicand_of, recognised
from ..schemes.exact_terms import ExactTerms, exact_sum
from ..solver.exact import round_terms
from ._solution import Solution
from .block import Block

# Operations that rounding one block may take in a fast answer: seconds.
FAST_ROUNDING: Final = 3e9
# Entries times terms that are compared in integers.
_MOST: Final = 2e8


def exactly(block: Block, solution: Solution, work: float) -> Solution:
    """Make the terms of a numerical solution exact in the block's coordinates, if that is found."""
    if solution.status != "numerical" or np.iscomplexobj(solution.factors[0]):
        return solution
    tensor = block.own_tensor()
    terms = _as_stored(block, solution)
    if terms is None and not solution.radicand:
        terms = round_terms(tensor, solution.factors, work=work)
    if terms is None:
        return replace(solution, radicand=0)
    return replace(solution, factors=terms.as_float(), status="exact", radicand=terms.radicand)


def _as_stored(block: Block, solution: Solution) -> ExactTerms | None:
    """Read factors that are said to be exact, and check that they add up exactly."""
    if not solution.radicand:
        return None
    tensor = np.asarray(block.own_tensor(), dtype=np.float64)
    field = radicand_of(tensor.ravel())
    target = None if field is None else recognised(tensor, field)
    terms = _recognised(solution.factors, solution.radicand)
    if target is None or terms is None or not terms.equals(target):
        return None
    return terms


def _recognised(factors: Factors, radicand: int) -> ExactTerms | None:
    """Read floats as exact terms of one field."""
    found = [recognised(factor, radicand, largest_denominator=5000) for factor in factors]
    U, V, W = found
    return None if U is None or V is None or W is None else exact_sum((U, V, W))


def exact_factors(factors: Factors, table: NDArray[np.integer], radicand: int) -> Factors | None:
    """Return exact factors (n, R) without rounding if they are in Q(sqrt radicand), else None."""
    n, rank = factors[0].shape
    if np.iscomplexobj(factors[0]) or float(n) ** 3 * rank > _MOST:
        return None
    terms = _recognised(factors, radicand)
    if terms is None:
        return None
    dense = np.zeros((n, n, n), dtype=np.int64)
    i, j = np.indices(table.shape)
    dense[i, j, table] = 1
    return terms.as_float() if terms.equals(ExactArray(dense)) else None
