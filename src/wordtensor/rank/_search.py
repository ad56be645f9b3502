"""The search over routes: known ones beside those whose blocks the solver is asked about."""

from typing import Protocol

import numpy as np

from .._memory import require_memory
from .._progress import begin_stage
from .._typing import Field
from ..cores import SolvedCore
from ..errors import DecompositionError
from ..schemes import Registry
from ._numerical import Spending
from ._plan import PlannedRoute
from ._solution import Solution
from ._solved import Solved
from ._strategies import assess, solve


class Problem(Protocol):
    """What a search asks of a plan, for a word or for any tensor."""

    @property
    def subject(self) -> str:
        """What is decomposed, such as "a*b over S3"."""

    @property
    def field(self) -> Field:
        """Where the terms live."""

    @property
    def lower_bound(self) -> int:
        """The rank is at least this."""

    @property
    def routes(self) -> tuple[PlannedRoute, ...]:
        """Cheapest first."""

    @property
    def registry(self) -> Registry:
        """The schemes for matrix products."""

    @property
    def solved(self) -> tuple[SolvedCore, ...]:
        """What is stored about its core, best first."""


def search_routes(
    problem: Problem, real: Problem | None, spending: Spending
) -> tuple[Solved, list[Solved]]:
    """Return the best that is found, and all that was tried; first of real terms, if asked to."""
    if real is None:
        return _best_route(problem, spending)
    best = _best_complex_route(problem, real, spending)
    return best, [best]


def _best_route(problem: Problem, spending: Spending) -> tuple[Solved, list[Solved]]:
    """Return the best route and all that the solver was asked about; a search begins with fast."""
    best, tried = _tried_routes(problem, spending.without_search(), None, [])
    # Nothing is shorter than what is proved to be shortest.
    if spending.searching and not best.interrupted and best.rank > problem.lower_bound:
        best, again = _tried_routes(problem, spending, best, tried)
        named = {solved.route.name for solved in again}
        tried = [*again, *(solved for solved in tried if solved.route.name not in named)]
    return best, tried


def _tried_routes(
    problem: Problem, spending: Spending, best: Solved | None, before: list[Solved]
) -> tuple[Solved, list[Solved]]:
    """Solve the cheapest known route and those that might fall, from where they were left."""
    tried: list[Solved] = []
    known = [route for route in problem.routes if not route.needs_solver]
    if best is None and known:
        best = solve_route(known[0], problem, None, None)
    open_routes = [route for route in problem.routes if route.may_fall(spending.searching)]
    share = spending.divided(len(open_routes))
    for route in open_routes:
        ceiling = None if best is None else best.rank
        if ceiling is not None and route.least >= ceiling:
            continue
        mine = next((solved for solved in before if solved.route is route), None)
        found = solve_route(route, problem, share, ceiling, mine)
        tried.append(found)
        if best is None or found.rank < best.rank or found.route is best.route:
            best = found
        if found.interrupted:
            return best.marked(interrupted=True), tried
    if best is None:
        raise DecompositionError(f"No route applies to {problem.subject}; try method='auto'")
    return best, tried


def _best_complex_route(problem: Problem, real_problem: Problem, spending: Spending) -> Solved:
    """Take what real terms reach and go on from there, or a shorter known route."""
    # The solver starts from real terms, so that complex terms are never more than real ones.
    half = spending.divided(2)
    fast = half.without_search()
    real, tried = _tried_routes(real_problem, fast, None, [])
    best = _over_complex(problem, real, fast, None)
    if spending.searching and not best.interrupted:
        real, _ = _tried_routes(real_problem, half, real, tried)
        found = _over_complex(problem, real, half, best)
        best = found if found.rank <= best.rank else best.marked(found.interrupted)
    known = [route for route in problem.routes if not route.needs_solver]
    if known and known[0].upper < best.rank:
        return solve_route(known[0], problem, None, None).marked(best.interrupted)
    return best


def _over_complex(
    problem: Problem, real: Solved, spending: Spending, before: Solved | None
) -> Solved:
    """Look for fewer complex terms than a route has real ones, from where it was left before."""
    blocks = real.route.blocks
    assessments = tuple(
        assess(block, problem.field, problem.registry, problem.solved) for block in blocks
    )
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
            mine = solve(block, assessment, field=problem.field, registry=problem.registry)
        elif k in hard and not real.interrupted:
            found = solve(
                block,
                assessment,
                share.allowance(k),
                field=problem.field,
                registry=problem.registry,
                upper=mine.rank,
            )
            mine = found if found.rank < mine.rank else mine
        solutions.append(mine)
    route = PlannedRoute(real.route.name, blocks, assessments)
    return Solved(route, tuple(solutions)).marked(real.interrupted)


def _require_memory(route: PlannedRoute, problem: Problem) -> None:
    """Refuse a route whose terms would not fit into memory, in the blocks or in the whole."""
    # A scheme, of shape (x + y + z, R), is composed of others, and held as integers and as floats.
    size = 8.0 * sum(map(len, route.blocks[0].maps)) * route.upper
    for block, assessment in zip(route.blocks, route.assessments, strict=True):
        size += 48.0 * sum(block.shape) * assessment.upper
    if problem.field == "complex":
        size *= 2
    require_memory(
        size,
        f"The {route.upper} terms of {problem.subject} ({route.name})",
        "Ask for their number only (plan)",
    )


def solve_route(
    route: PlannedRoute,
    problem: Problem,
    spending: Spending | None,
    ceiling: int | None,
    before: Solved | None = None,
) -> Solved:
    """Find factors for every block; small blocks first, so that large ones know what is left."""
    _require_memory(route, problem)
    searching = spending is not None and spending.searching
    hard = [k for k, a in enumerate(route.assessments) if spending and a.may_fall(searching)]
    hard.sort(key=lambda k: np.prod(route.blocks[k].shape))
    solutions: dict[int, Solution] = {}
    for k, (block, assessment) in enumerate(zip(route.blocks, route.assessments, strict=True)):
        if k not in hard:
            solutions[k] = solve(block, assessment, field=problem.field, registry=problem.registry)
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
            field=problem.field,
            registry=problem.registry,
            upper=upper,
            known=None if before is None else before.solutions[k],
        )
        interrupted = interrupted or solutions[k].interrupted
    return Solved(route, tuple(solutions[k] for k in range(len(route.blocks))))
