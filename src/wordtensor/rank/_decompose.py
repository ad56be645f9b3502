"""`decompose`: run the plan, keep the least total, and check it."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np

from .._devices import check_array_device
from .._memory import require_memory
from .._progress import begin_stage
from .._typing import Field, Integers
from ..cores import CanonicalCore, Store
from ..errors import DecompositionError
from ..groups import Group
from ..schemes import Registry
from ..solver.descent import FAST_WORK, Attempt
from ..words import Word, word_tensor
from ._assemble import assemble
from ._bounds import searched_bound
from ._exact import FAST_ROUNDING
from ._numerical import Spending
from ._plan import Plan, PlannedRoute, check_choices, make_plan
from ._progress import show_attempts
from ._solution import Solution
from ._solved import Solved
from ._stored import keep_proof, save_terms
from ._strategies import Effort, assess, solve
from ._symmetry import symmetry_groups
from .decomposition import Decomposition
from .routes import Analysis, analyse

Callback = Callable[[Attempt], None]
DEFAULT_TIME_LIMIT = 60.0


def decompose(
    word: Word | str,
    group: Group | str,
    field: Field = "real",
    effort: Effort = "fast",
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
    *,
    method: str = "auto",
    registry: Registry | None = None,
    store: Store | None = None,
    device: str = "cpu",
    callback: Callback | None = None,
    on_kept: Callable[[Path], None] | None = None,
) -> Decomposition:
    """Write the word tensor of a finite group as a sum of few rank-one terms.

    Parameters
    ----------
    word : Word or str
        The word: "a*b", "[a,b]", "a^2*b^-3", ...
    group : Group or str
        The group or its name, of order n.
    field : {"real", "complex"}
        Where the terms live.
    effort : {"fast", "search"}
        "fast" is deterministic and bounded by counted work; "search" goes on until the time limit
        with the blocks that have no known scheme, and can only lower the rank.
    seed : int
        For irreps, random elements and the solver's starts.
    time_limit : float, optional
        Seconds that "search" adds to what "fast" does; 60 by default.
    progress : bool
        Whether to show progress on standard error.
    method : str
        "auto" for the best of all routes, or one route's name; see `plan`.
    registry : Registry, optional
        The schemes for matrix products; by default the package's and those of the user's searches.
    store : Store, optional
        What is known about cores without a scheme; by default the package's store and what the
        user's searches found. ``Store(())`` knows nothing.
    device : {"cpu", "cuda"}
        Where the solver runs its starts.
    callback : callable, optional
        Called with an `Attempt` after each start of the solver.
    on_kept : callable, optional
        Called with the file in the user's store that what a search found is kept in, if it is
        better than what is there.

    Returns
    -------
    Decomposition
        Factors U, V, W of shape (n, R), lower bound, and a report for each block. Ctrl-C during
        the search ends it and returns the best so far.

    Raises
    ------
    WordTensorError
        If an argument is not one of these, or the result would not fit into memory.

    Notes
    -----
    ``T[a, b, w(a, b)] = 1`` is cut into blocks by every route that applies (`plan`); a block that
    is a matrix product over R, C or H gets the best registered scheme, and what has no known
    structure goes to the numerical solver. The route with the least total wins.

    Examples
    --------
    >>> d = decompose("a*b*a^-1", "S4")
    >>> d.rank, d.status
    (47, 'exact')
    """
    start = time.monotonic()
    _check_arguments(effort, time_limit)
    check_choices(field, seed)
    check_array_device(device)
    tensor = word_tensor(word, group)
    begin_stage("structure of %s over %s", tensor.word, tensor.group.name)
    analysis = analyse(tensor, seed, method)
    plan = make_plan(analysis, field, method, registry, store)
    limit = None
    if effort == "search":
        plan, limit = _searched_bound(plan, analysis, time_limit, keep=store is None)
    symmetries = () if limit is None else _symmetries(plan, analysis)
    with show_attempts(progress, str(plan.word), plan.group.name, callback) as report:
        spending = Spending(int(seed), FAST_WORK, limit, device, report, symmetries)
        if field == "real":
            best, tried = _best_route(plan, spending)
        else:
            real_plan = make_plan(analysis, "real", method, plan.registry, store)
            best = _best_complex_route(plan, real_plan, spending)
            tried = [best]
    if method == "auto":
        best = _or_boxes(best, analysis, plan)
    best = best.marked(interrupted=effort == "search" and limit is None)
    rounding = FAST_ROUNDING
    if limit is not None and not best.interrupted:
        rounding *= max(1.0, DEFAULT_TIME_LIMIT if time_limit is None else time_limit)
    found, best = best, best.exactly(plan, rounding)
    begin_stage("terms of %s over %s, and their check", plan.word, plan.group.name)
    made = assemble(analysis, best.route.name, plan.bounds, best.blocks(), field)
    seconds = time.monotonic() - start
    made = replace(made, effort=effort, method=method, seed=int(seed), seconds=seconds)
    if limit is not None and store is None and analysis.canonical is not None:
        others = [t.exactly(plan, rounding) for t in tried if t.route.name != best.route.name]
        if len(others) < len(tried) or best.numerical < found.numerical:
            others.append(best)
        _keep(analysis.canonical, made, others, limit, plan, on_kept)
    return made


def _keep(
    canonical: CanonicalCore,
    made: Decomposition,
    tried: list[Solved],
    limit: float,
    plan: Plan,
    on_kept: Callable[[Path], None] | None,
) -> None:
    """Keep what was found for each route that was tried, and say so."""
    for route in tried:
        kept = save_terms(canonical, made, route.blocks(), limit, plan.solved)
        if kept is not None and on_kept is not None:
            on_kept(kept)


def _searched_bound(
    plan: Plan, analysis: Analysis, time_limit: float | None, *, keep: bool
) -> tuple[Plan, float | None]:
    """Look for a better lower bound in half of the time; return what is left, None if cut off."""
    time_limit = DEFAULT_TIME_LIMIT if time_limit is None else time_limit
    begin_stage("lower bounds of %s over %s", plan.word, plan.group.name)
    start, known = time.monotonic(), plan.lower_bound
    try:
        found = searched_bound(analysis, known, plan.upper, plan.field, time_limit / 2)
    except KeyboardInterrupt:
        return plan, None
    if found is not None:
        bound, proved = found
        plan = replace(plan, bounds=(bound, *plan.bounds))
        if keep:
            keep_proof(proved)
    return plan, max(time_limit / 2, time_limit - (time.monotonic() - start))


def _symmetries(plan: Plan, analysis: Analysis) -> tuple[tuple[Integers, ...], ...]:
    """Return symmetries of the core for the starts of a search, if the solver will be asked."""
    if analysis.canonical is None or not any(route.may_fall(True) for route in plan.routes):
        return ()
    return symmetry_groups(analysis.canonical, analysis.seed)


def _check_arguments(effort: str, time_limit: float | None) -> None:
    if effort not in get_args(Effort):
        raise DecompositionError(f"Argument 'effort' must be 'fast' or 'search', not {effort!r}")
    number = isinstance(time_limit, int | float | np.number) and not isinstance(time_limit, bool)
    if time_limit is not None and not (number and 0 < time_limit < float("inf")):
        raise DecompositionError(
            f"Argument 'time_limit' must be a positive number of seconds, not {time_limit!r}"
        )
    if time_limit is not None and effort != "search":
        raise DecompositionError("Argument 'time_limit' needs effort='search'")


def _best_route(plan: Plan, spending: Spending) -> tuple[Solved, list[Solved]]:
    """Return the best route and all that the solver was asked about; a search begins with fast."""
    best, tried = _tried_routes(plan, spending.without_search(), None, [])
    # Nothing is shorter than what is proved to be shortest.
    if spending.searching and not best.interrupted and best.rank > plan.lower_bound:
        best, again = _tried_routes(plan, spending, best, tried)
        named = {solved.route.name for solved in again}
        tried = [*again, *(solved for solved in tried if solved.route.name not in named)]
    return best, tried


def _tried_routes(
    plan: Plan, spending: Spending, best: Solved | None, before: list[Solved]
) -> tuple[Solved, list[Solved]]:
    """Solve the cheapest known route and those that might fall, from where they were left."""
    tried: list[Solved] = []
    known = [route for route in plan.routes if not route.needs_solver]
    if best is None and known:
        best = _solve_route(known[0], plan, None, None)
    open_routes = [route for route in plan.routes if route.may_fall(spending.searching)]
    share = spending.divided(len(open_routes))
    for route in open_routes:
        ceiling = None if best is None else best.rank
        if ceiling is not None and route.least >= ceiling:
            continue
        mine = next((solved for solved in before if solved.route is route), None)
        found = _solve_route(route, plan, share, ceiling, mine)
        tried.append(found)
        if best is None or found.rank < best.rank or found.route is best.route:
            best = found
        if found.interrupted:
            return best.marked(interrupted=True), tried
    if best is None:
        raise DecompositionError(
            f"No route applies to {plan.word} over {plan.group.name}; try method='auto'"
        )
    return best, tried


def _or_boxes(best: Solved, analysis: Analysis, plan: Plan) -> Solved:
    """Take the box cover after all, where the solver came to nothing."""
    routes = (route.name for route in plan.routes)
    if best.interrupted or "boxes" in routes or not best.route.needs_solver:
        return best
    if all(solution.strategy != "fibres" for solution in best.solutions):
        return best
    boxes = make_plan(analysis, plan.field, "boxes", plan.registry).routes[0]
    return best if boxes.upper >= best.rank else _solve_route(boxes, plan, None, None)


def _best_complex_route(plan: Plan, real_plan: Plan, spending: Spending) -> Solved:
    """Take what real terms reach and go on from there, or a shorter known route."""
    # The solver starts from real terms, so that complex terms are never more than real ones.
    half = spending.divided(2)
    fast = half.without_search()
    real, tried = _tried_routes(real_plan, fast, None, [])
    best = _over_complex(plan, real, fast, None)
    if spending.searching and not best.interrupted:
        real, _ = _tried_routes(real_plan, half, real, tried)
        found = _over_complex(plan, real, half, best)
        best = found if found.rank <= best.rank else best.marked(found.interrupted)
    known = [route for route in plan.routes if not route.needs_solver]
    if known and known[0].upper < best.rank:
        return _solve_route(known[0], plan, None, None).marked(best.interrupted)
    return best


def _over_complex(plan: Plan, real: Solved, spending: Spending, before: Solved | None) -> Solved:
    """Look for fewer complex terms than a route has real ones, from where it was left before."""
    blocks = real.route.blocks
    assessments = tuple(assess(block, plan.field, plan.registry, plan.solved) for block in blocks)
    hard = [k for k, a in enumerate(assessments) if a.may_fall(True)]
    share = spending.divided(len(hard))
    known = real.solutions
    if before is not None and before.route.blocks is blocks:
        pairs = zip(before.solutions, known, strict=True)
        known = tuple(mine if mine.rank <= each.rank else each for mine, each in pairs)
    solutions = []
    for k, (block, assessment) in enumerate(zip(blocks, assessments, strict=True)):
        mine = known[k]
        if assessment.strategy == "scheme":
            mine = solve(block, assessment, field=plan.field, registry=plan.registry)
        elif k in hard and not real.interrupted:
            found = solve(
                block,
                assessment,
                share.allowance(k),
                field=plan.field,
                registry=plan.registry,
                upper=mine.rank,
            )
            mine = found if found.rank < mine.rank else mine
        solutions.append(mine)
    route = PlannedRoute(real.route.name, blocks, assessments)
    return Solved(route, tuple(solutions)).marked(real.interrupted)


def _require_memory(route: PlannedRoute, plan: Plan) -> None:
    """Refuse a route whose terms would not fit into memory, in the blocks or in the group."""
    # A scheme, of shape (x + y + z, R), is composed of others, and held as integers and as floats.
    size = 24.0 * plan.group.order * route.upper
    for block, assessment in zip(route.blocks, route.assessments, strict=True):
        size += 48.0 * sum(block.shape) * assessment.upper
    if plan.field == "complex":
        size *= 2
    require_memory(
        size,
        f"The {route.upper} terms of {plan.word} over {plan.group.name} ({route.name})",
        "Ask for their number only (plan)",
    )


def _solve_route(
    route: PlannedRoute,
    plan: Plan,
    spending: Spending | None,
    ceiling: int | None,
    before: Solved | None = None,
) -> Solved:
    """Find factors for every block; small blocks first, so that large ones know what is left."""
    _require_memory(route, plan)
    searching = spending is not None and spending.searching
    hard = [k for k, a in enumerate(route.assessments) if spending and a.may_fall(searching)]
    hard.sort(key=lambda k: np.prod(route.blocks[k].shape))
    solutions: dict[int, Solution] = {}
    for k, (block, assessment) in enumerate(zip(route.blocks, route.assessments, strict=True)):
        if k not in hard:
            solutions[k] = solve(block, assessment, field=plan.field, registry=plan.registry)
    interrupted = False
    for place, k in enumerate(hard):
        assessment = route.assessments[k]
        upper = None
        if ceiling is not None:
            spent = sum(s.rank for s in solutions.values())
            ahead = sum(route.assessments[j].bound.value for j in hard[place + 1 :])
            upper = max(ceiling - spent - ahead, assessment.bound.value)
        # After Ctrl-C what is certain is taken.
        allowance = None
        if spending is not None and not interrupted:
            allowance = spending.divided(len(hard)).allowance(k)
            begin_stage("solver, looking for terms of a block %s", route.blocks[k].name)
        solutions[k] = solve(
            route.blocks[k],
            assessment,
            allowance,
            field=plan.field,
            registry=plan.registry,
            upper=upper,
            known=None if before is None else before.solutions[k],
        )
        interrupted = interrupted or solutions[k].interrupted
    return Solved(route, tuple(solutions[k] for k in range(len(route.blocks))))
