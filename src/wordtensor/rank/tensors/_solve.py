"""`solve`: any 3-tensor as few rank-one terms; it knows no word and no group."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ..._devices import check_array_device
from ..._progress import begin_stage, notebook_bar
from ..._typing import Factors, Field, freeze
from ..._version import __version__
from ...cores import Store
from ...errors import DecompositionError
from ...schemes import Registry
from ...solver import fit_many
from ...solver._arguments import check_count
from ...solver.descent import ACCEPTED, FAST_WORK, Attempt
from .._accuracy import TOLERANCE
from .._assemble import embedded, reports
from .._exact import FAST_ROUNDING, in_own_rows
from .._numerical import Spending
from .._plan import PlannedRoute
from .._progress import show_attempts
from .._search import search_routes, solve_route
from .._solution import Solution, SolvedBlock
from .._solved import Solved
from .._strategies import DEFAULT_TIME_LIMIT, Effort, check_effort
from ..block import Block
from ..sum_of_terms import Status
from ._parts import Part, concise
from ._tensor_bounds import searched_bound
from .decomposition import TensorDecomposition, relative_error, terms_of
from .files import read_tensor
from .plan import PartPlan, TensorPlan, all_parts, over_the_reals, plan_tensor
from .value import Tensor

# Starts at a number of terms that was asked for; on a GPU so many are followed at once.
_STARTS: Final = 96
_RIDGES: Final = (0.1, 0.03, 0.05, 0.01)


def solve(
    tensor: object,
    rank: int | None = None,
    *,
    starts: int = _STARTS,
    field: Field = "real",
    effort: Effort = "fast",
    seed: int = 0,
    time_limit: float | None = None,
    device: str = "cpu",
    progress: bool | None = None,
    registry: Registry | None = None,
    store: Store | None = None,
    callback: Callable[[Attempt], None] | None = None,
    name: str | None = None,
) -> TensorDecomposition:
    """Write any 3-tensor as a sum of few rank-one terms, and say how few there can be.

    Parameters
    ----------
    tensor : Tensor, array_like or path
        Shape (x, y, z): an array, nested lists, coordinates of scipy or sparse, a CPTensor of
        tensorly, a `WordTensor`, a table of values, or the path of a file (see
        `wordtensor.read_tensor`).
    rank : int, optional
        Take at most so many terms, or refuse; by default as few as are found.
    starts : int
        How many starts of the solver are made at ``rank`` terms, if nothing else reaches these.
    field : {"real", "complex"}
        Where the terms live.
    effort : {"fast", "search"}
        "fast" is deterministic and bounded by counted work; "search" goes on until the time limit,
        looks for better bounds as well, and can only lower the rank.
    seed : int
        For random elements and the solver's starts.
    time_limit : float, optional
        Seconds that "search" adds to what "fast" does; 60 by default.
    device : {"cpu", "cuda"}
        Where the solver runs its starts.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a
        notebook only.
    registry : Registry, optional
        The schemes for matrix products; by default the package's and those of the user's searches.
    store : Store, optional
        What is known about cores; by default the package's store and what the user's searches
        found.
    callback : callable, optional
        Called with an `Attempt` after each start of the solver.
    name : str, optional
        For people.

    Returns
    -------
    TensorDecomposition
        Factors U, V, W of shapes (x, R), (y, R), (z, R), lower bounds with reasons, and a report
        for each summand. Ctrl-C ends the search and returns the best so far.

    Raises
    ------
    WordTensorError
        If it is no tensor, an argument is not one of these, or ``rank`` terms are fewer than a
        proved bound, or were not found.

    Notes
    -----
    The tensor is cut into connected parts without equal slices, in an order that does not depend on
    how slices are numbered, and each part is written by every route that applies (`plan_tensor`):
    matrix products that are recognised get the best registered scheme, a part with two slices has
    an exact bound by its Kronecker form, 0/1 cores may be stored, and the numerical solver looks
    for fewer terms of all else. What it finds is rounded to exact numbers where that succeeds.

    Examples
    --------
    >>> from wordtensor.schemes.matrix_product import dense_product_tensor
    >>> solve(dense_product_tensor(2, 2, 2), name="<2,2,2>")
    TensorDecomposition('<2,2,2>', rank=7, lower_bound=7, status='exact')
    """
    start = time.monotonic()
    check_effort(effort, time_limit)
    check_array_device(device)
    check_count(starts, "starts", 1)
    with notebook_bar(progress, name or "a tensor"):
        if isinstance(tensor, str | os.PathLike):
            tensor = read_tensor(tensor)
        plan = plan_tensor(
            tensor, field=field, seed=seed, registry=registry, store=store, name=name
        )
        if rank is not None:
            _check_possible(rank, plan)
        limit = None
        if effort == "search":
            limit = DEFAULT_TIME_LIMIT if time_limit is None else time_limit
            plan = _with_searched_bound(plan, limit / 2)
            limit = max(limit / 2, limit - (time.monotonic() - start))
        with show_attempts(progress, plan.tensor.name, callback, limit) as report:
            spending = Spending(int(seed), FAST_WORK, limit, device, report)
            solved = _solve_parts(plan, rank, spending)
            found = [block for each in solved for block in each]
            if rank is not None and sum(solution.rank for _, _, solution in found) > rank:
                found = [_at_most(rank, plan, starts, spending, found)]
        interrupted = any(solution.interrupted for _, _, solution in found)
        # Whoever ended the search does not wait for more than what is quick.
        rounding = FAST_ROUNDING * max(1.0, 1.0 if interrupted else limit or 1.0)
        begin_stage("terms of %s, and their check", plan.tensor.name)
        made = None
        try:
            found = _exactly(found, rounding)
            made = _assemble(plan, found)
            if made.status == "structural" and plan.tensor.exact is not None:
                made = _rebased(plan, found, rounding, made)
        except KeyboardInterrupt:
            made, interrupted = made or _assemble(plan, found), True
        seconds = time.monotonic() - start
        return replace(
            made, effort=effort, seed=int(seed), seconds=seconds, interrupted=interrupted
        )


def _check_possible(rank: int, plan: TensorPlan) -> None:
    """Refuse fewer terms than there must be."""
    check_count(rank, "rank", 0)
    bound = plan.bounds[0]
    if rank < bound.value:
        raise DecompositionError(
            f"The tensor {plan.tensor.name!r} cannot be written with {rank} terms over the "
            f"{plan.field} numbers: at least {bound.value} are needed ({bound.reason})"
        )


def _with_searched_bound(plan: TensorPlan, seconds: float) -> TensorPlan:
    """Look for a better lower bound."""
    begin_stage("lower bounds of %s", plan.tensor.name)
    known, whole = plan.lower_bound, plan.tensor
    try:
        found = searched_bound(whole, all_parts(plan.parts), known, plan.upper, plan.field, seconds)
    except KeyboardInterrupt:
        return plan
    return plan if found is None else plan.with_bound(found)


def _solve_parts(plan: TensorPlan, rank: int | None, spending: Spending) -> list[list[SolvedBlock]]:
    """Find terms for every part; a search is over once enough is known."""
    real: Sequence[PartPlan | None] = [None] * len(plan.parts)
    if plan.field == "complex" and np.isrealobj(plan.tensor.entries):
        real = over_the_reals(plan).parts
    enough = rank is not None and plan.upper <= rank
    hard = [part for part in plan.parts if any(r.may_fall(spending.searching) for r in part.routes)]
    share = spending.divided(len(hard))
    found: list[list[SolvedBlock]] = []
    interrupted = enough
    for part, over_r in zip(plan.parts, real, strict=True):
        if interrupted:  # what is certain is taken
            solved = solve_route(part.routes[0], part, None, None)
        else:
            solved, _ = search_routes(part, over_r, share)
        interrupted = interrupted or solved.interrupted
        found.append(_scaled(solved, part.part))
    return found


def _scaled(solved: Solved, part: Part) -> list[SolvedBlock]:
    """Return blocks whose maps lead to the tensor itself, not to the scaled part of it."""
    return [
        (replace(block, maps=(*block.maps[:2], freeze(block.maps[2] * part.scale))), bound, found)
        for block, bound, found in solved.blocks()
    ]


def _at_most(
    rank: int, plan: TensorPlan, starts: int, spending: Spending, known: list[SolvedBlock]
) -> SolvedBlock:
    """Fit the whole tensor by as many terms as were asked for."""
    block = _whole(plan)
    tensor = block.own_tensor()
    generators = np.random.default_rng((spending.seed, rank)).spawn(starts)
    results = fit_many(
        tensor,
        rank,
        generators,
        ridges=[_RIDGES[k // 2 % len(_RIDGES)] for k in range(starts)],
        field=plan.field,
        device=spending.device,
        until_first=True,
        time_limit=spending.time_limit,
    )
    best = min(results, key=lambda result: result.residual)
    if best.residual > ACCEPTED or best.status == "diverged":
        fewest = sum(solution.rank for _, _, solution in known)
        raise DecompositionError(
            f"No sum of {rank} terms was found for the tensor {plan.tensor.name!r}: the best of "
            f"{starts} starts has the relative residual {best.residual:.1e}; {fewest} terms are "
            f"known, and at least {plan.lower_bound} are needed"
        )
    note = f"{rank} terms as asked, from {starts} starts"
    return block, plan.bounds[0], Solution(best.factors, "solver", "numerical", note)


def _whole(plan: TensorPlan) -> Block:
    """Return the whole tensor as one block, concise and scaled."""
    if len(plan.parts) == 1:
        part = plan.parts[0].part
        core, scale = part.core(), part.scale
        turned = np.argsort(part.modes)
        tensor = np.ascontiguousarray(core.tensor.transpose(turned))
        maps = part.restored((core.maps[0], core.maps[1], core.maps[2]))
    else:
        scale = float(np.abs(plan.tensor.entries).max())
        core = concise(plan.tensor.entries / scale)
        tensor, maps = core.tensor, (core.maps[0], core.maps[1], core.maps[2])
    x, y, z = tensor.shape
    return Block("general", (x, y, z), (maps[0], maps[1], maps[2] * scale), tensor)


def _exactly(found: list[SolvedBlock], work: float) -> list[SolvedBlock]:
    """Make what is numerical exact, where that is found."""
    route = PlannedRoute("", tuple(block for block, _, _ in found), ())
    solved = Solved(route, tuple(solution for _, _, solution in found)).exactly(work)
    pairs = zip(found, solved.solutions, strict=True)
    return [(block, bound, solution) for (block, bound, _), solution in pairs]


def _rebased(
    plan: TensorPlan, solved: list[SolvedBlock], work: float, made: TensorDecomposition
) -> TensorDecomposition:
    """Try to write matrix products that bases carry to rounding by exact terms of their own."""
    rebased = []
    for block, bound, solution in solved:
        if block.sizes is None or np.iscomplexobj(solution.factors[0]):
            return made
        found = in_own_rows(block, solution, work)
        if found is None:
            return made
        rebased.append((found[0], bound, found[1]))
    again = _assemble(plan, rebased)
    return again if again.status == "exact" else made


def _assemble(plan: TensorPlan, solved: list[SolvedBlock]) -> TensorDecomposition:
    """Bring all terms together, check them, and report on the blocks."""
    whole = plan.tensor
    x, y, z = whole.shape
    nothing: Factors = (np.zeros((x, 0)), np.zeros((y, 0)), np.zeros((z, 0)))
    U, V, W = embedded(solved) if solved else nothing
    fields = [solution.radicand for _, _, solution in solved if solution.status == "exact"]
    exact = terms_of(whole, (U, V, W), fields)
    if exact is not None:
        U, V, W = exact.as_float()
    error = relative_error(whole, (U, V, W))
    if not error <= TOLERANCE:
        raise DecompositionError(
            f"The terms miss the tensor {whole.name!r} by {error:.1e} of its largest entry, more "
            f"than {TOLERANCE:.0e}: its entries are too unequal for floating point; scale its "
            "slices, or give exact entries"
        )
    if (bound := plan.bounds[0]).value > U.shape[1]:
        raise DecompositionError(
            f"{U.shape[1]} terms were found where at least {bound.value} are needed "
            f"({bound.reason}): {_reason(whole)}"
        )
    numerical = any(solution.status == "numerical" for _, _, solution in solved)
    status: Status = "numerical" if numerical else "structural"
    return TensorDecomposition(
        tensor=whole,
        factors=(freeze(U), freeze(V), freeze(W)),
        bounds=plan.bounds,
        residual=error,
        status="exact" if exact is not None or not solved else status,
        blocks=reports(solved, [None] * len(solved), kept=False),
        field=plan.field,
        version=__version__,
    )


def _reason(whole: Tensor) -> str:
    """Say how a bound can be contradicted."""
    if whole.exact is None:
        return "the bound is to rounding, and so are the terms; give exact entries"
    return "this is an error in wordtensor, please report it"
