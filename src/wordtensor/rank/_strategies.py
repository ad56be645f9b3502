"""What to do with one block: the strategy, what it would cost in terms, and its factors."""

from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np

from .._text import product_name
from .._typing import Division, Factors, Field, Inexact
from ..bounds import Bound
from ..bounds.theorems import block_bound
from ..cores import SolvedCore
from ..errors import DecompositionError
from ..schemes import (
    ComplexScheme,
    Registry,
    Scheme,
    best_rank,
    best_scheme,
    construction,
    user_registry,
)
from ..schemes.structured import structured_product, structured_rank, structured_scheme
from ..solver.descent import fibre_factors, fibre_rank
from ._numerical import Allowance, Found, search_terms
from ._solution import Solution
from ._stored import StoredTerms, stored_terms
from .block import Block
from .routes import SOLVER_LIMIT

Effort = Literal["fast", "search"]
DEFAULT_TIME_LIMIT: Final = 60.0  # seconds of a search


def check_effort(effort: str, time_limit: float | None) -> None:
    """Refuse an effort that does not exist, and a time limit that is none or of no use."""
    if effort not in get_args(Effort):
        raise DecompositionError(f"Argument 'effort' must be 'fast' or 'search', not {effort!r}")
    number = isinstance(time_limit, int | float | np.number) and not isinstance(time_limit, bool)
    if time_limit is not None and not (number and 0 < time_limit < float("inf")):
        raise DecompositionError(
            f"Argument 'time_limit' must be a positive number of seconds, not {time_limit!r}"
        )
    if time_limit is not None and effort != "search":
        raise DecompositionError("Argument 'time_limit' needs effort='search'")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known about a block before anything is searched."""

    # by a registered scheme, by stored terms, by the numerical solver, or a term for each fibre
    # by the scheme of a structured product
    strategy: Literal["scheme", "structured", "store", "solver", "fibres"]
    upper: int  # number of terms that is certain to be reached
    bound: Bound  # lower bound on the block's rank, with its reason
    stored: StoredTerms | None = None

    def may_fall(self, searching: bool) -> bool:
        """Whether the solver is to look for fewer terms, in a long search or without one."""
        return self.strategy == "solver" or (
            searching and self.strategy == "store" and self.upper > self.bound.value
        )


def assess(
    block: Block,
    field: Field = "real",
    registry: Registry | None = None,
    solved: tuple[SolvedCore, ...] = (),
    bound: Bound | None = None,
) -> Assessment:
    """Say what a block will cost at most and, if no bound is given, at least; search nothing."""
    bound = bound or block_bound(block, field)
    if block.sizes is not None:
        return Assessment("scheme", _scheme_rank(block, field, registry), bound)
    upper = fibre_rank(block.own_tensor())
    if block.kind == "slices" or upper <= bound.value:
        return Assessment("fibres", upper, bound)
    known = structured_product(block.own_tensor())
    if known is not None:
        rank = structured_rank(known[0].structure, known[0].n, known[0].p)
        if rank < upper:
            return Assessment("structured", rank, bound)
    stored = stored_terms(block, solved, field)
    if stored is not None and stored.rank <= upper:
        return Assessment("store", stored.rank, bound, stored)
    searched = np.prod(block.shape) <= SOLVER_LIMIT
    return Assessment("solver" if searched else "fibres", upper, bound)


def scheme_for(
    sizes: tuple[int, int, int], division: Division, field: Field, registry: Registry | None = None
) -> Scheme | ComplexScheme:
    """Return the registered scheme that a matrix product is decomposed by."""
    registry = registry or user_registry()
    (n, m, p), over = _complexified(sizes, division, field)
    shorter = registry.complex_scheme(n, m, p) if field == "complex" else None
    return shorter or best_scheme(n, m, p, over, registry=registry)


def _complexified(
    sizes: tuple[int, int, int], division: Division, field: Field
) -> tuple[tuple[int, int, int], Division]:
    if field == "real" or division == "R":
        return sizes, division
    n, m, p = sizes
    return (sizes if division == "C" else (2 * n, 2 * m, 2 * p)), "R"


def _scheme_rank(block: Block, field: Field, registry: Registry | None) -> int:
    (n, m, p), over = _complexified(block.sizes or (1, 1, 1), block.division, field)
    copies = 2 if field == "complex" and block.division == "C" else 1
    registry = registry or user_registry()
    shorter = registry.complex_scheme(n, m, p) if field == "complex" else None
    return copies * (shorter.rank if shorter else best_rank(n, m, p, over, registry=registry))


def solve(
    block: Block,
    assessment: Assessment,
    allowance: Allowance | None = None,
    *,
    field: Field = "real",
    registry: Registry | None = None,
    upper: int | None = None,
    known: Solution | None = None,
) -> Solution:
    """Find factors of a block as assessed; with an allowance the solver looks below ``upper``."""
    if assessment.strategy == "scheme":
        return _solve_by_scheme(block, field, registry or user_registry())
    if assessment.strategy == "structured":
        structured = structured_solution(block)
        if structured is None:
            raise DecompositionError(f"The block {block.name} is no structured product")
        return structured
    certain = known or _certain(block, assessment.stored)
    if allowance is None or assessment.strategy == "fibres":
        return certain
    limit = certain.rank if upper is None else min(upper, certain.rank)
    if certain.failed[1]:  # other starts than those of earlier searches
        seed = (*allowance.seed, *certain.failed)
        allowance = replace(allowance, seed=seed, failed=certain.failed[0])
    found = search_terms(block, assessment.bound.value, limit, field, allowance)
    failed = _failed(found, certain.failed)
    if found.factors is None:
        note = "; ".join(part for part in (certain.note, found.note) if part)
        return replace(certain, note=note, interrupted=found.interrupted, failed=failed)
    return Solution(
        found.factors, "solver", "numerical", found.note, found.interrupted, failed=failed
    )


def _certain(block: Block, stored: StoredTerms | None) -> Solution:
    """Take what needs no search: the stored terms, or one for each fibre."""
    if stored is None:
        return Solution(fibre_factors(block.own_tensor()), "fibres", "structural")
    return Solution(
        factors=stored.factors,
        strategy="store",
        status="numerical",
        note=stored.origin,
        radicand=stored.radicand,
        failed=stored.failed,
    )


def _failed(found: Found, before: tuple[int, int]) -> tuple[int, int]:
    """Add up the starts that failed at one rank in earlier searches and in this one."""
    if found.failure is None:
        return before
    rank, starts = found.failure.rank, found.failure.starts
    return rank, starts + (before[1] if before[0] == rank else 0)


def structured_solution(block: Block) -> Solution | None:
    """Take the terms of the structured product that a block is, or None if it is none."""
    found = structured_product(block.own_tensor())
    if found is None:
        return None
    product, order = found
    scheme = structured_scheme(product.structure, product.n, product.p)
    terms = scheme.terms.as_float()
    u, v, w = (terms[order.index(mode)] for mode in range(3))
    text = f"{product}:{scheme.rank} = {scheme.provenance}"
    return Solution((u, v, w), "structured", "structural", text)


def _solve_by_scheme(block: Block, field: Field, registry: Registry) -> Solution:
    sizes = block.sizes or (1, 1, 1)
    scheme = scheme_for(sizes, block.division, field, registry)
    factors: Factors
    if isinstance(scheme, ComplexScheme):
        factors = scheme.as_complex()
        text = f"{product_name(scheme.shape, 'R')}:{scheme.rank} = user's over {scheme.ring}"
    else:
        factors = scheme.as_float()
        text = construction(*scheme.shape, scheme.division, registry=registry)
    if field == "complex" and block.division == "C":
        factors, text = _conjugate_pair(factors), f"{text} and its conjugate"
    elif field == "complex" and block.division == "H":
        factors = _split_quaternions(factors, sizes)
    return Solution(factors, "scheme", "structural", text)


def stretched(block: Block, solution: Solution, registry: Registry | None = None) -> Solution:
    """Take a product over C by three real ones: x0 y0, t x1 t y1 and (x0 + t x1)(y0 + t y1)."""
    # As the scheme does, with t = 1, if it has three terms for each of a scheme over R.
    n, m, p = block.sizes or (1, 1, 1)
    factors = best_scheme(n, m, p, registry=registry or user_registry()).as_float()
    step = step_of(block.maps[0])
    if 3 * factors[0].shape[1] != solution.rank or step is None:
        return solution
    forms = np.array([[1.0, 0.0, 1.0], [0.0, step, step]])
    sums = np.array([[1.0, -(step**-2), 0.0], [-1.0 / step, -1.0 / step, 1.0 / step]])
    u, v, w = (np.kron(*pair) for pair in zip(factors, (forms, forms, sums), strict=True))
    return replace(solution, factors=(u, v, w))


def step_of(first: Inexact) -> float | None:
    """Return the t that takes the largest second coordinate of a map over C to one, if any is."""
    largest = float(np.abs(first.reshape(-1, 2)[:, 1]).max(initial=0.0))
    return 1.0 / largest if largest else None


def _conjugate_pair(factors: Factors) -> Factors:
    """Write Re(X Y conj(Z)) over C as half the sum of a complex product and its conjugate."""
    units = np.array([[1.0], [1.0j]])
    u, v = (np.kron(factor, units) for factor in factors[:2])
    half = 0.5 * np.kron(factors[2], units.conj())
    return np.hstack([u, u.conj()]), np.hstack([v, v.conj()]), np.hstack([half, half.conj()])


def _split_quaternions(factors: Factors, sizes: tuple[int, int, int]) -> Factors:
    """Write <n,m,p> over H as <2n,2m,2p> over C, by quaternions as 2 x 2 complex matrices."""
    n, m, p = sizes
    u = _quaternion_entries(n, m).T @ factors[0]
    v = _quaternion_entries(m, p).T @ factors[1]
    w = 0.5 * _quaternion_entries(n, p).conj().T @ factors[2]
    return u, v, w


def _quaternion_entries(rows: int, columns: int) -> Inexact:
    """Linear map from quaternion coordinates to the entries of the 2 rows x 2 columns matrix."""
    units = np.array([np.eye(2), [[1j, 0], [0, -1j]], [[0, 1], [-1, 0]], [[0, 1j], [1j, 0]]])
    entries = np.zeros((rows, 2, columns, 2, rows, columns, 4), dtype=complex)
    for i in range(rows):
        for j in range(columns):
            entries[i, :, j, :, i, j, :] = units.transpose(1, 2, 0)
    return entries.reshape(4 * rows * columns, 4 * rows * columns)
