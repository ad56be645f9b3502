"""Plans: every route with what it would cost, before any search is paid for."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from .._shown import Line, Shown, Table
from .._typing import Field, check_field, is_integer
from ..bounds import Bound
from ..cores import SolvedCore, Store, user_store
from ..errors import DecompositionError
from ..groups import Group
from ..schemes import Registry, user_registry
from ..words import Word, word_tensor
from ._bounds import best_first, flattening_bound, stored_bound, structural_bounds
from ._stored import known_cores
from ._strategies import Assessment, assess
from .block import Block
from .routes import DENSE_ORDER, Analysis, Route, analyse, routes

# Letters that the blocks of a route take in a table at most; else they are counted.
_NAMES: Final = 50


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlannedRoute:
    """One route with an assessment of each of its blocks.

    Attributes
    ----------
    name : str
        The route.
    blocks : tuple of Block
        They add up to T.
    assessments : tuple of Assessment
        Strategy, upper and lower bound for each block.

    Examples
    --------
    >>> route = plan("a*b", "S3").routes[0]
    >>> route, route.least, route.needs_solver
    (PlannedRoute('product', blocks=3, upper=9), 9, False)
    """

    name: str
    blocks: tuple[Block, ...]
    assessments: tuple[Assessment, ...]

    @property
    def upper(self) -> int:
        """Number of terms that the route is certain to reach."""
        return sum(a.upper for a in self.assessments)

    @property
    def least(self) -> int:
        """Number of terms below which no search for its blocks can bring the route."""
        return sum(a.bound.value if a.may_fall(True) else a.upper for a in self.assessments)

    @property
    def needs_solver(self) -> bool:
        """Whether some block has no known scheme, and no stored terms."""
        return self.may_fall(False)

    @property
    def is_exact(self) -> bool:
        """Whether exact terms are stored for a block of it."""
        return any(a.stored is not None and a.stored.radicand > 0 for a in self.assessments)

    def may_fall(self, searching: bool) -> bool:
        """Whether the solver is to look for fewer terms, in a long search or without one."""
        return any(a.may_fall(searching) for a in self.assessments)

    @property
    def is_direct_sum(self) -> bool:
        """Whether all blocks are direct summands of T."""
        return all(block.summand for block in self.blocks)

    def __repr__(self) -> str:
        return f"PlannedRoute({self.name!r}, blocks={len(self.blocks)}, upper={self.upper})"

    def to_dict(self) -> dict[str, Any]:
        """Return the route as JSON-able values."""
        return {
            "name": self.name,
            "rank": self.upper,
            "needs_solver": self.needs_solver,
            "blocks": [
                {
                    "name": block.name,
                    "kind": block.kind,
                    "division": block.division,
                    "shape": list(block.shape),
                    "strategy": a.strategy,
                    "rank": a.upper,
                    "lower_bound": a.bound.value,
                    "reason": a.bound.reason,
                }
                for block, a in zip(self.blocks, self.assessments, strict=True)
            ],
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Plan(Shown):
    """What `decompose` would do with a word over a group.

    Attributes
    ----------
    word, group : Word, Group
        What is to be decomposed.
    field : {"real", "complex"}
        Where the terms live.
    shape : tuple of int
        Multilinear ranks (above order 1100, upper bounds on them).
    bounds : tuple of Bound
        Lower bounds on the rank, known without any search, best first.
    routes : tuple of PlannedRoute
        Cheapest first.
    notes : tuple of str
        What was not tried, and why.
    registry : Registry
        The schemes that its ranks are those of.
    solved : tuple of SolvedCore
        What the store of solved cores knew about it, best first.

    Examples
    --------
    >>> print(plan("a*b", "S3"))  # doctest: +ELLIPSIS
    a*b over S3 (order 6), real terms
    multilinear ranks 6 x 6 x 6, lower bound 9
    <BLANKLINE>
    route    rank  blocks
    product  9     2 <1,1,1> + <2,2,2>
    <BLANKLINE>
    at least 9: 2 for summands that add up (JaJa, Takche 1986, or substitution); 7 for <2,2,2> ...
    """

    word: Word
    group: Group
    field: Field
    shape: tuple[int, int, int]
    bounds: tuple[Bound, ...]
    routes: tuple[PlannedRoute, ...]
    notes: tuple[str, ...]
    registry: Registry
    solved: tuple[SolvedCore, ...] = ()

    @property
    def subject(self) -> str:
        """What is decomposed: "a*b over S3"."""
        return f"{self.word} over {self.group.name}"

    @property
    def bound(self) -> Bound:
        """The best of the lower bounds."""
        return self.bounds[0]

    @property
    def lower_bound(self) -> int:
        """The rank is at least this."""
        return self.bound.value

    @property
    def upper(self) -> int:
        """Number of terms that is certain to be reached without a search."""
        return self.routes[0].upper

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON-able values."""
        return {
            "word": str(self.word),
            "group": self.group.name,
            "order": self.group.order,
            "field": self.field,
            "multilinear_ranks": list(self.shape),
            "lower_bound": self.lower_bound,
            "reason": self.bound.reason,
            "bounds": [bound.to_dict() for bound in self.bounds],
            "upper": self.upper,
            "routes": [route.to_dict() for route in self.routes],
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        return (
            f"Plan({str(self.word)!r}, {self.group.name!r}, upper={self.upper}, "
            f"lower_bound={self.lower_bound})"
        )

    def _parts(self) -> list[Line]:
        lines: list[Line] = [
            f"{self.word} over {self.group.name} (order {self.group.order}), {self.field} terms",
            f"multilinear ranks {self.shape[0]} x {self.shape[1]} x {self.shape[2]}, "
            f"lower bound {self.lower_bound}",
            "",
            Table(["route", "rank", "blocks"], [_row(route) for route in self.routes]),
            "",
            f"at least {self.lower_bound}: {self.bound.reason}",
        ]
        if any(route.needs_solver for route in self.routes):
            lines += ["", "<= : some blocks go to the solver, which can find fewer terms"]
        for note in self.notes:
            lines += ["", f"note: {note}"]
        return lines


def _row(route: PlannedRoute) -> list[str]:
    """Return one row of a plan's table, with equal blocks counted."""
    blocks = Counter(block.name for block in route.blocks)
    names = " + ".join(f"{k} {name}" if k > 1 else name for name, k in blocks.items())
    if len(names) > _NAMES:
        names = f"{len(route.blocks)} blocks"
    return [route.name, f"<= {route.upper}" if route.needs_solver else f"{route.upper}", names]


def plan(
    word: Word | str,
    group: Group | str,
    *,
    field: Field = "real",
    method: str = "auto",
    seed: int = 0,
    registry: Registry | None = None,
    store: Store | None = None,
) -> Plan:
    """Say how a word over a group would be decomposed, without searching.

    Parameters
    ----------
    word : Word or str
        The word.
    group : Group or str
        The group.
    field : {"real", "complex"}
        Where the terms live.
    method : str
        "auto", or one route's name: "product", "action", "substitution", "direct sum", "slices",
        "boxes".
    seed : int
        For irreps and random elements.
    registry : Registry, optional
        The schemes for matrix products; by default the package's and those of the user's searches.
    store : Store, optional
        What is known about cores without a scheme; by default the package's store and what the
        user's searches found.

    Returns
    -------
    Plan
        Prints as a table.

    Raises
    ------
    WordTensorError
        If an argument is not one of these, or no route applies.

    Examples
    --------
    >>> plan("[a,b]", "A4")  # its terms are stored
    Plan('a*b*a^-1*b^-1', 'A4', upper=18, lower_bound=16)
    >>> found = plan("[a,b]", "A4", store=Store())
    >>> found, found.routes[0].needs_solver
    (Plan('a*b*a^-1*b^-1', 'A4', upper=31, lower_bound=16), True)
    """
    check_choices(field, seed)
    analysis = analyse(word_tensor(word, group), seed, method)
    return make_plan(analysis, field, method, registry, store)


def check_choices(field: str, seed: int) -> None:
    """Refuse a field or a seed that does not exist, before anything is computed."""
    check_field(field, DecompositionError)
    if not is_integer(seed) or seed < 0:
        raise DecompositionError(f"Argument 'seed' must be a non-negative integer, not {seed!r}")


def make_plan(
    analysis: Analysis,
    field: Field,
    method: str,
    registry: Registry | None = None,
    store: Store | None = None,
) -> Plan:
    """Assess the routes of an analysis."""
    # Read once: a search that ends meanwhile must not make what is built differ from the plan.
    registry = user_registry() if registry is None else registry
    store = user_store() if store is None else store
    solved = known_cores(analysis.canonical, field, store)
    planned = [_assessed(route, field, registry, solved) for route in routes(analysis, method)]
    # Of equally short ones those that are exact: slices, which are 0/1, and exact stored terms.
    planned.sort(key=lambda r: (r.upper, r.needs_solver, r.name != "slices", not r.is_exact))
    notes = []
    regular = analysis.isotopy is not None and analysis.isotopy.is_regular
    if analysis.tensor.order > DENSE_ORDER and not regular:
        notes.append("large group: boxes and direct sums were not tried")
    elif not analysis.is_solved and not any(
        route.is_direct_sum and route.name != "slices" for route in planned
    ):
        notes.append("the core is too large to be split into direct summands")
    return Plan(
        word=analysis.tensor.word,
        group=analysis.tensor.group,
        field=field,
        shape=analysis.shape,
        bounds=_bounds(analysis, tuple(planned), field, store),
        routes=tuple(planned),
        notes=tuple(notes) if method == "auto" else (),
        registry=registry,
        solved=solved,
    )


def _assessed(
    route: Route, field: Field, registry: Registry, solved: tuple[SolvedCore, ...]
) -> PlannedRoute:
    assessments = tuple(assess(block, field, registry, solved) for block in route.blocks)
    return PlannedRoute(route.name, route.blocks, assessments)


def _bounds(
    analysis: Analysis, planned: tuple[PlannedRoute, ...], field: Field, store: Store
) -> tuple[Bound, ...]:
    """Return all that is proved: by the structure, and where that is open by more."""
    sums = [
        (route.blocks, tuple(assessment.bound for assessment in route.assessments))
        for route in planned
        if route.is_direct_sum and route.name != "slices"
    ]
    found = best_first(structural_bounds(analysis, sums, field))
    certain = min((route.upper for route in planned if not route.needs_solver), default=None)
    more = flattening_bound(analysis, found[0].value, certain)
    if more is not None:
        found = (more, *found)
    if found[0].value == certain:
        return found
    stored = stored_bound(analysis.canonical, found[0].value, field, store)
    return found if stored is None else (stored, *found)
