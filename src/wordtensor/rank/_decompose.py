"""`decompose`: run the plan, keep the least total, and check it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from .._typing import Field
from ..errors import DecompositionError
from ..groups import Group
from ..schemes import Registry
from ..solver.descent import FAST_WORK, Attempt
from ..words import Word, word_tensor
from ._assemble import SolvedBlock, assemble
from ._plan import Plan, PlannedRoute, check_choices, make_plan
from ._progress import show_attempts
from ._strategies import Assessment, Effort, Solution, assess, solve
from .block import Block
from .decomposition import Decomposition
from .routes import analyse

Callback = Callable[[Attempt], None]
DEFAULT_TIME_LIMIT = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """A route with factors for all of its blocks."""

    route: PlannedRoute
    solutions: tuple[Solution, ...]

    @property
    def rank(self) -> int:
        return sum(solution.rank for solution in self.solutions)

    @property
    def interrupted(self) -> bool:
        return any(solution.interrupted for solution in self.solutions)

    def blocks(self) -> list[SolvedBlock]:
        """Return the blocks with their bounds and terms."""
        bounds = [assessment.bound for assessment in self.route.assessments]
        return list(zip(self.route.blocks, bounds, self.solutions, strict=True))

    def marked(self, interrupted: bool) -> "_Solved":
        """Say that the search for something better was cut off."""
        if not interrupted or self.interrupted:
            return self
        last = replace(self.solutions[-1], interrupted=True)
        return _Solved(self.route, (*self.solutions[:-1], last))


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
    callback: Callback | None = None,
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
    callback : callable, optional
        Called with an `Attempt` after each start of the solver.

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
    (47, 'structural')
    """
    start = time.monotonic()
    _check_arguments(effort, time_limit)
    check_choices(field, seed)
    analysis = analyse(word_tensor(word, group), seed)
    plan = make_plan(analysis, field, method, registry)
    limit = None
    if effort == "search":
        limit = DEFAULT_TIME_LIMIT if time_limit is None else time_limit
    with show_attempts(progress, str(plan.word), plan.group.name, callback) as report:
        if field == "real":
            best = _best_route(plan, seed, limit, report)
        else:
            real_plan = make_plan(analysis, "real", method, plan.registry)
            best = _best_complex_route(plan, real_plan, seed, limit, report)
    made = assemble(analysis, best.route.name, plan.bound, best.blocks(), field)
    return replace(
        made, effort=effort, method=method, seed=int(seed), seconds=time.monotonic() - start
    )


def _check_arguments(effort: str, time_limit: float | None) -> None:
    if effort not in get_args(Effort):
        choices = " or ".join(repr(choice) for choice in get_args(Effort))
        raise DecompositionError(f"Argument 'effort' must be {choices}, not {effort!r}")
    number = isinstance(time_limit, int | float | np.number) and not isinstance(time_limit, bool)
    if time_limit is not None and not (number and 0 < time_limit < float("inf")):
        raise DecompositionError(
            f"Argument 'time_limit' must be a positive number of seconds, not {time_limit!r}"
        )
    if time_limit is not None and effort != "search":
        raise DecompositionError("Argument 'time_limit' needs effort='search'")


def _best_route(plan: Plan, seed: int, limit: float | None, callback: Callback) -> _Solved:
    """Solve the cheapest route that is known, and those that the solver might make cheaper."""
    known = [route for route in plan.routes if not route.needs_solver]
    best = _solve_route(known[0], plan, seed, None, None, callback) if known else None
    open_routes = [route for route in plan.routes if route.needs_solver]
    for route in open_routes:
        ceiling = None if best is None else best.rank
        if ceiling is not None and route.least >= ceiling:
            continue
        share = None if limit is None else limit / len(open_routes)
        found = _solve_route(route, plan, seed, ceiling, share, callback)
        if best is None or found.rank < best.rank:
            best = found
        if found.interrupted:
            return best.marked(interrupted=True)
    if best is None:
        raise DecompositionError(
            f"No route applies to {plan.word} over {plan.group.name}; try method='auto'"
        )
    return best


def _best_complex_route(
    plan: Plan, real_plan: Plan, seed: int, limit: float | None, callback: Callback
) -> _Solved:
    """Take what real terms reach, with complex schemes for its blocks, or a shorter known route."""
    # The solver works with real terms, so that complex terms are never more than real ones.
    real = _best_route(real_plan, seed, limit, callback)
    blocks = real.route.blocks
    assessments = tuple(assess(block, plan.field, plan.registry) for block in blocks)
    solutions = tuple(
        _solve_known(block, assessment, plan, seed) if assessment.strategy == "scheme" else solution
        for block, assessment, solution in zip(blocks, assessments, real.solutions, strict=True)
    )
    best = _Solved(PlannedRoute(real.route.name, blocks, assessments), solutions)
    known = [route for route in plan.routes if not route.needs_solver]
    if known and known[0].upper < best.rank:
        best = _solve_route(known[0], plan, seed, None, None, callback)
    return best.marked(real.interrupted)


def _solve_known(block: Block, assessment: Assessment, plan: Plan, seed: int) -> Solution:
    """Find factors of a block that needs no search, with the schemes that the plan knew."""
    rng = np.random.default_rng(seed)
    return solve(block, assessment, rng, field=plan.field, registry=plan.registry)


def _solve_route(
    route: PlannedRoute,
    plan: Plan,
    seed: int,
    ceiling: int | None,
    limit: float | None,
    callback: Callback,
) -> _Solved:
    """Find factors for every block; small blocks first, so that large ones know what is left."""
    hard = [k for k, a in enumerate(route.assessments) if a.strategy == "solver"]
    hard.sort(key=lambda k: np.prod(route.blocks[k].shape))
    solutions: dict[int, Solution] = {}
    for k, (block, assessment) in enumerate(zip(route.blocks, route.assessments, strict=True)):
        if k not in hard:
            solutions[k] = _solve_known(block, assessment, plan, seed)
    interrupted = False
    for place, k in enumerate(hard):
        assessment = route.assessments[k]
        if interrupted:  # take what is certain
            assessment = replace(assessment, strategy="fibres")
        upper = None
        if ceiling is not None:
            spent = sum(s.rank for s in solutions.values())
            ahead = sum(route.assessments[j].bound.value for j in hard[place + 1 :])
            upper = max(ceiling - spent - ahead, assessment.bound.value)
        solutions[k] = solve(
            route.blocks[k],
            assessment,
            np.random.default_rng((seed, k)),
            field=plan.field,
            upper=upper,
            work=FAST_WORK / len(hard),
            time_limit=None if limit is None else limit / len(hard),
            callback=callback,
        )
        interrupted = interrupted or solutions[k].interrupted
    return _Solved(route, tuple(solutions[k] for k in range(len(route.blocks))))
