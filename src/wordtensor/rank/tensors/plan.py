"""What is known about a tensor at once: bounds, structure and the best terms, without a search."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..._progress import begin_stage
from ..._shown import Line, Shown, Table
from ..._typing import Field, Sizes
from ...bounds import Bound
from ...cores import SolvedCore, Store, user_store
from ...schemes import Registry, user_registry
from .._plan import PlannedRoute, check_choices
from .._stored import known_cores
from .._strategies import assess
from ._modular_tables import modular_routes
from ._part_routes import part_routes
from ._parts import Part, parts
from ._tensor_bounds import DOUBT, known_bounds, multilinear_ranks, summand_bound
from .value import Tensor, require_field, tensor


@dataclass(frozen=True, slots=True, eq=False)
class PartPlan:
    """One part of a tensor with its routes, cheapest first: a problem for the search."""

    subject: str
    part: Part
    field: Field
    routes: tuple[PlannedRoute, ...]
    lower_bound: int
    registry: Registry
    solved: tuple[SolvedCore, ...]

    @property
    def upper(self) -> int:
        """Number of terms that is certain to be reached without a search."""
        return self.routes[0].upper


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TensorPlan(Shown):
    """What is known about the rank of a tensor before any search.

    Attributes
    ----------
    tensor : Tensor
        The tensor.
    field : {"real", "complex"}
        Where the terms live.
    multilinear_ranks : tuple of int
        Ranks of its three unfoldings.
    bounds : tuple of Bound
        Lower bounds on the rank, best first.
    parts : tuple of PartPlan
        Its connected parts, each with the ways to write it, cheapest first.
    seed : int
        As asked.
    store : Store
        What was known about cores.

    Examples
    --------
    >>> from wordtensor.schemes.matrix_product import dense_product_tensor
    >>> found = plan_tensor(dense_product_tensor(2, 2, 3), name="a product")
    >>> found.upper, found.lower_bound
    (11, 10)
    >>> print(found)  # doctest: +ELLIPSIS
    a product: 4 x 6 x 6, 12 entries, rational, real terms
    multilinear ranks 4, 6, 6
    <BLANKLINE>
    part  by          rank  blocks
       1  direct sum    11  <2,2,3>
    ...
    the rank is at most 11 and at least 10
    wordtensor solve may find fewer terms
    """

    tensor: Tensor
    field: Field
    multilinear_ranks: Sizes
    bounds: tuple[Bound, ...]
    parts: tuple[PartPlan, ...]
    seed: int = 0
    store: Store = dataclasses.field(default_factory=Store)

    @property
    def lower_bound(self) -> int:
        """The rank is at least this."""
        return self.bounds[0].value

    @property
    def upper(self) -> int:
        """Number of terms that is certain to be reached without a search."""
        return sum(part.upper for part in self.parts)

    def with_bound(self, bound: Bound) -> "TensorPlan":
        """Return the plan with one more bound, the best of all."""
        plans = self.parts
        if len(plans) == 1:
            plans = (_with_bound(plans[0], bound),)
        return replace(self, bounds=(bound, *self.bounds), parts=plans)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON-able values."""
        return {
            "name": self.tensor.name,
            "shape": list(self.tensor.shape),
            "nonzero": self.tensor.nnz,
            "entries": self.tensor.kind,
            "notes": list(self.tensor.notes),
            "field": self.field,
            "multilinear_ranks": list(self.multilinear_ranks),
            "upper": self.upper,
            "lower_bound": self.lower_bound,
            "bounds": [bound.to_dict() for bound in self.bounds],
            "parts": [[route.to_dict() for route in part.routes] for part in self.parts],
        }

    def __repr__(self) -> str:
        return (
            f"TensorPlan({self.tensor.name!r}, upper={self.upper}, lower_bound={self.lower_bound})"
        )

    def _parts(self) -> list[Line]:
        x, y, z = self.multilinear_ranks
        lines: list[Line] = [
            described(self.tensor, self.field),
            f"multilinear ranks {x}, {y}, {z}",
            "",
        ]
        if self.parts:
            rows = [_row(k, plan.routes[0]) for k, plan in enumerate(self.parts, 1)]
            lines += [Table(["part", "by", "rank", "blocks"], rows), ""]
        lines += [f"at least {bound.value}: {bound.reason}" for bound in self.bounds]
        lines.append(conclusion(self.upper, self.bounds[0]))
        if self.upper > self.lower_bound:
            lines.append("wordtensor solve may find fewer terms")
        return lines


def described(whole: Tensor, field: Field) -> str:
    """Say what a tensor is, and where its terms are to live."""
    x, y, z = whole.shape
    notes = f" ({'; '.join(whole.notes)})" if whole.notes else ""
    entries = f"{whole.nnz} entr{'y' if whole.nnz == 1 else 'ies'}, {whole.kind}"
    return f"{whole.name}: {x} x {y} x {z}, {entries}, {field} terms{notes}"


def conclusion(upper: int, bound: Bound, exact: bool = True) -> str:
    """Say in a sentence what is known about the rank."""
    doubt = "" if exact else ", if the terms that were found to rounding are right"
    if DOUBT in bound.reason:
        doubt += "; the lower bound is to rounding, too" if doubt else DOUBT
    if upper == bound.value:
        return f"the rank is {upper}{doubt}"
    return f"the rank is at most {upper} and at least {bound.value}{doubt}"


def _row(number: int, route: PlannedRoute) -> list[object]:
    """Return one row of the table, with equal blocks counted."""
    blocks = Counter(block.name for block in route.blocks)
    names = " + ".join(f"{k} {name}" if k > 1 else name for name, k in blocks.items())
    return [number, route.name, route.upper, names if len(blocks) < 8 else f"{len(blocks)} kinds"]


def plan_tensor(
    given: object,
    *,
    field: Field = "real",
    seed: int = 0,
    registry: Registry | None = None,
    store: Store | None = None,
    name: str | None = None,
) -> TensorPlan:
    """Say what is known about the rank of a tensor, without searching for terms.

    Parameters
    ----------
    given : Tensor or whatever `tensor` takes
        The tensor, shape (x, y, z).
    field : {"real", "complex"}
        Where the terms live.
    seed : int
        For random elements.
    registry : Registry, optional
        The schemes for matrix products; by default the package's and those of the user's searches.
    store : Store, optional
        What is known about cores; by default the package's store and what the user's searches
        found.
    name : str, optional
        For people.

    Returns
    -------
    TensorPlan
        Prints as a table.

    Raises
    ------
    WordTensorError
        If it is no tensor, or an argument is not one of these.

    Notes
    -----
    The tensor is cut into connected parts, without equal slices. A part that is a matrix product up
    to the names of its slices is recognised; a table of values whose rows, columns or values act as
    permutations is a sum of matrix products; other parts are split into their indecomposable direct
    summands by the centroid.

    Examples
    --------
    >>> w_state = [[[0, 1], [1, 0]], [[1, 0], [0, 0]]]
    >>> plan_tensor(w_state).bounds[0]
    Bound(value=3, reason='two slices: exact, from the Kronecker form, JaJa 1979', data=None)
    """
    check_choices(field, seed)
    taken = tensor(given, name)
    require_field(taken, field)
    store = user_store() if store is None else store
    registry = user_registry() if registry is None else registry
    begin_stage("structure of %s", taken.name)
    if not taken.nnz:
        return TensorPlan(
            tensor=taken,
            field=field,
            multilinear_ranks=(0, 0, 0),
            bounds=(Bound(0, "all entries are zero"),),
            parts=(),
        )
    found = parts(taken)
    alone = len(found) == 1
    plans = [_part_plan(part, taken, field, seed, registry, store, alone) for part in found]
    bounds = known_bounds(taken, found, [plan.routes for plan in plans], field, store)
    if len(plans) == 1:
        plans = [_with_bound(plans[0], bounds[0])]
    return TensorPlan(
        tensor=taken,
        field=field,
        multilinear_ranks=multilinear_ranks(found),
        bounds=bounds,
        parts=tuple(plans),
        seed=seed,
        store=store,
    )


def _part_plan(
    part: Part,
    whole: Tensor,
    field: Field,
    seed: int,
    registry: Registry,
    store: Store,
    alone: bool,
) -> PartPlan:
    """Assess all routes of a part, which may be alone in its tensor."""
    solved = known_cores(part.canonical, field, store)
    planned = [
        PlannedRoute(
            route.name,
            route.blocks,
            tuple(
                assess(block, field, registry, solved, summand_bound(block, route, part, field))
                for block in route.blocks
            ),
        )
        for route in (
            *part_routes(part, seed),
            *(modular_routes(whole, part, seed) if alone else ()),
        )
    ]
    # As for words: of equally short ones those that are exact.
    planned.sort(key=lambda r: (r.upper, r.needs_solver, r.name != "slices", not r.is_exact))
    return PartPlan(
        subject=whole.name,
        part=part,
        field=field,
        routes=tuple(planned),
        lower_bound=max(part.multilinear_ranks()),
        registry=registry,
        solved=solved,
    )


def _with_bound(plan: PartPlan, bound: Bound) -> PartPlan:
    """Give the only part of a tensor, and a block that is all of it, the tensor's own bound."""
    routes = tuple(_bounded(route, bound) for route in plan.routes)
    return replace(plan, routes=routes, lower_bound=bound.value)


def _bounded(route: PlannedRoute, bound: Bound) -> PlannedRoute:
    [first, *others] = route.assessments
    if others or bound.value <= first.bound.value:
        return route
    return replace(route, assessments=(replace(first, bound=bound),))


def over_the_reals(plan: TensorPlan) -> TensorPlan:
    """Return the plan of a real tensor for real terms."""
    registry = plan.parts[0].registry if plan.parts else None
    return plan_tensor(plan.tensor, seed=plan.seed, registry=registry, store=plan.store)


def all_parts(plans: Sequence[PartPlan]) -> list[Part]:
    """Return the parts themselves."""
    return [plan.part for plan in plans]
