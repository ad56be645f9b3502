"""`decompose`: run the plan, keep the least total, and check it."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .._devices import check_array_device
from .._progress import begin_stage, notebook_bar
from .._typing import Field, Integers
from ..cores import CanonicalCore, Store
from ..groups import Group
from ..schemes import Registry
from ..solver.descent import FAST_WORK, Attempt
from ..words import Word, word_tensor
from ._assemble import assemble
from ._bounds import searched_bound
from ._exact import FAST_ROUNDING
from ._numerical import Spending
from ._plan import Plan, check_choices, make_plan
from ._progress import show_attempts
from ._search import search_routes, solve_route
from ._solved import Solved
from ._stored import keep_proof, save_terms
from ._strategies import DEFAULT_TIME_LIMIT, Effort, check_effort
from ._symmetry import symmetry_groups
from .decomposition import Decomposition
from .routes import Analysis, analyse

Callback = Callable[[Attempt], None]


def decompose(
    word: Word | str,
    group: Group | str,
    field: Field = "real",
    effort: Effort = "fast",
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool | None = None,
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
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a notebook
        only.
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
    check_effort(effort, time_limit)
    check_choices(field, seed)
    check_array_device(device)
    with notebook_bar(progress, _subject(word, group)):
        tensor = word_tensor(word, group)
        begin_stage("structure of %s over %s", tensor.word, tensor.group.name)
        analysis = analyse(tensor, seed, method)
        plan = make_plan(analysis, field, method, registry, store)
        limit = None
        if effort == "search":
            plan, limit = _searched_bound(plan, analysis, time_limit, keep=store is None)
        symmetries = () if limit is None else _symmetries(plan, analysis)
        with show_attempts(progress, plan.subject, callback, limit) as report:
            spending = Spending(int(seed), FAST_WORK, limit, device, report, symmetries)
            real = None
            if field == "complex":
                real = make_plan(analysis, "real", method, plan.registry, store)
            best, tried = search_routes(plan, real, spending)
        if method == "auto":
            best = _or_boxes(best, analysis, plan)
        best = best.marked(interrupted=effort == "search" and limit is None)
        rounding = FAST_ROUNDING
        if limit is not None and not best.interrupted:
            rounding *= max(1.0, DEFAULT_TIME_LIMIT if time_limit is None else time_limit)
        found, best = best, best.exactly(rounding).rebased(plan.group, plan.registry)
        begin_stage("terms of %s over %s, and their check", plan.word, plan.group.name)
        made = assemble(analysis, best.route.name, plan.bounds, best.blocks(), field)
        seconds = time.monotonic() - start
        made = replace(made, effort=effort, method=method, seed=int(seed), seconds=seconds)
        if limit is not None and store is None and analysis.canonical is not None:
            others = [t.exactly(rounding) for t in tried if t.route.name != best.route.name]
            if len(others) < len(tried) or best.numerical < found.numerical:
                others.append(best)
            _keep(analysis.canonical, made, others, limit, plan, on_kept)
        return made


def _subject(word: Word | str, group: Group | str) -> str:
    """Say what is decomposed before it is read."""
    return f"{word} over {getattr(group, 'name', group)}"


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


def _or_boxes(best: Solved, analysis: Analysis, plan: Plan) -> Solved:
    """Take the box cover after all, where the solver came to nothing."""
    routes = (route.name for route in plan.routes)
    if best.interrupted or "boxes" in routes or not best.route.needs_solver:
        return best
    if all(solution.strategy != "fibres" for solution in best.solutions):
        return best
    boxes = make_plan(analysis, plan.field, "boxes", plan.registry).routes[0]
    return best if boxes.upper >= best.rank else solve_route(boxes, plan, None, None)
