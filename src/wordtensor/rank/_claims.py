"""What a decomposition says about itself as a whole, found again or contradicted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Field
from ..bounds import Bound, Flattening, LocusBound, SumBound
from ..bounds.theorems import block_bound
from ..errors import DecompositionError, GroupError, OrderLimitError, WordTensorError
from ..groups import Group, group, isomorphism
from ..words import WordTensor
from ._bounds import Summands, is_proved_by, structural_bounds
from ._check import Check, differing
from ._exact import terms_of_table
from ._triplets import block_triplets
from .block import Block
from .block_report import BlockReport
from .decomposition import Decomposition
from .integral import integral_bound
from .routes import Analysis, Route, analyse, routes
from .sum_of_terms import Status

# The float of an exact number may be off by a rounding or two.
_ROUNDING: Final = 2.0**-50
# Two measurements of an error agree to this factor, beyond what rounding alone makes of them.
_SAME_ERROR: Final = 4.0
_ROUNDING_ERROR: Final = 1e-13


def group_check(G: Group) -> Check:
    """Hold a group's table and labels against those of its name."""
    try:
        known = group(G.name)
    except OrderLimitError as error:  # a name that is known, of a group that this one cannot be
        return Check(f"the group is called {G.name}, and has order {G.order}: {error}", False)
    except GroupError:
        text = f"not checked: the group's name {G.name!r} and the labels of its elements"
        return Check(text, not_checked=("group", "labels"))
    if known != G:
        return _other_numbering(G, known)
    if known.labels != G.labels:
        text = f"the group's table is that of {G.name}; not checked: the labels of its elements"
        return Check(text, not_checked=("labels",))
    return Check(f"the group's table and labels are those of {G.name}")


def _other_numbering(G: Group, known: Group) -> Check:
    """Tell a table of the same group with other numbers from one of another group."""
    try:
        found = isomorphism(G, known)
    except GroupError as error:
        return Check(f"not checked: the group's name. {error}", not_checked=("group", "labels"))
    if found is None:
        return Check(f"the group is called {G.name}, but its table is not that of {G.name}", False)
    text = f"the table is {G.name}'s, with its elements in another order; not checked: their labels"
    return Check(text, not_checked=("labels",))


def residual_check(d: Decomposition, error: float) -> Check:
    """Compare the error that is stated with the one that was found."""
    small, large = sorted((d.residual, error))
    if 0 <= d.residual and large <= _SAME_ERROR * small + _ROUNDING_ERROR:
        return Check(f"the error is found to be {d.residual:.1e} again, up to rounding")
    return differing(
        d.version, f"the error is said to be {d.residual:.1e}, and is {error:.1e}", "residual"
    )


def status_check(d: Decomposition, table: NDArray[np.integer]) -> Check:
    """Find the status again: from the factors, entry by entry, and from the blocks."""
    said = f"status {d.status!r}"
    numbers = _exact_numbers(d, table)
    if numbers:
        how = "in integers" if numbers == "rational" else "exactly"
        text = f"the factors are {numbers} and the identity holds {how}"
        return Check(text) if d.status == "exact" else Check(f"{said}, but {text}", False)
    numerical = any(block.status == "numerical" for block in d.blocks)
    found: Status = "numerical" if numerical else "structural"
    if d.status == "exact":
        text = f"{said}, but the factors are not exact to the last digit, or the sum is not"
        return Check(text, False)
    if d.status != found:
        blocks = "a block is numerical" if numerical else "no block is numerical"
        return Check(f"{said}, but {blocks}", False)
    return Check(f"{said} is that of the blocks")


def _exact_numbers(d: Decomposition, table: NDArray[np.integer]) -> str:
    """Say what numbers the factors are, each the float nearest to an exact one, or nothing."""
    if not all(np.isfinite(factor).all() for factor in d.factors):
        return ""
    found = terms_of_table(d.factors, table, [block.radicand for block in d.blocks])
    if found is None:
        return ""
    pairs = zip(found.as_float(), d.factors, strict=True)
    if not all((np.abs(own - F) <= _ROUNDING * np.abs(own)).all() for own, F in pairs):
        return ""
    return "rational" if found.radicand == 1 else f"in Q(sqrt {found.radicand})"


def history_check(d: Decomposition) -> Check:
    """Say what nothing but the decomposition itself knows: how it was found."""
    text = (
        f"not checked: how it was found, which is said to be with effort {d.effort!r}, method "
        f"{d.method!r}, seed {d.seed}, by version {d.version or '?'} in {d.seconds:.3g} s"
        f"{', interrupted' if d.interrupted else ''}"
    )
    names = ["effort", "method", "seed", "version", "seconds", "interrupted", "blocks.note"]
    if any(block.strategy != "scheme" for block in d.blocks):
        names.append("blocks.strategy")
    return Check(f"{text}; and the notes of blocks", not_checked=tuple(names))


def plan_checks(d: Decomposition, table: NDArray[np.integer]) -> Iterator[Check]:
    """Cut the tensor again, by the route that is named, and prove the bounds again."""
    tensor = WordTensor(d.word, d.group, table.astype(np.int32))
    method = _method_of(d.route)
    # Of all methods together less is looked into than of the one that was asked for.
    analysis = analyse(tensor, d.seed, "auto" if d.method == "auto" else method)
    if d.method not in ("auto", method):
        yield Check(f"method {d.method!r}, but route {d.route!r}", False)
    mine = Counter(_cut(block) for block in d.blocks)
    same = [
        route
        for route in _routes(analysis, method)
        if route.name == d.route and Counter(_cut(block) for block in route.blocks) == mine
    ]
    if same:
        yield Check(f"route {d.route!r} cuts the tensor into these blocks again")
    else:
        text = f"route {d.route!r} does not cut the tensor into blocks of these kinds and sizes"
        yield differing(d.version, text, "route", "blocks.kind", "blocks.division")
    yield from _bound_checks(d, analysis, same)
    yield from _block_checks(d, analysis, same)


def _cut(block: Block | BlockReport) -> tuple[object, ...]:
    """Return what a block is, apart from where it lies."""
    return block.kind, block.division, block.shape, block.sizes


def _method_of(route: str) -> str:
    """Return the method that has a route of that name."""
    prefixes = {"action of ": "action", "function of ": "substitution"}
    return next((method for start, method in prefixes.items() if route.startswith(start)), route)


def _routes(analysis: Analysis, method: str) -> tuple[Route, ...]:
    """Return the routes of a method, none if it does not apply."""
    if method == "flips":
        merged = analysis.merged
        return (
            Route("flips", (Block("general", merged.shape, merged.maps(), merged.to_dense()),)),
        )
    try:
        return routes(analysis, method)
    except DecompositionError:
        return ()


def _ways(
    d: Decomposition, analysis: Analysis, same: list[Route]
) -> Iterator[tuple[Analysis, Iterable[Route]]]:
    """Yield routes whose blocks may prove the lower bound, cheapest first."""
    yield analysis, same
    whole = analysis if d.method == "auto" else analyse(analysis.tensor, d.seed)
    yield whole, _routes(whole, "auto")
    if d.method != "auto":
        yield analysis, _routes(analysis, d.method)


def _sums(found: Iterable[Route], field: Field) -> Iterator[Summands]:
    """Yield the blocks of routes that are direct sums, with a bound for each block."""
    for route in found:
        if route.is_direct_sum and route.name not in ("slices", "flips"):
            yield route.blocks, tuple(block_bound(block, field) for block in route.blocks)


def _bound_checks(d: Decomposition, analysis: Analysis, same: list[Route]) -> Iterator[Check]:
    """Prove the lower bounds again: from their data, or by the structure."""
    claimed = [bound for bound in d.bounds if bound.data is None]
    data = (bound.data for bound in d.bounds if bound.data is not None)
    yield from (_data_check(each, analysis, d.field) for each in data)
    best = Bound(0, "nothing")
    for known, found in _ways(d, analysis, same):
        for bound in structural_bounds(known, _sums(found, d.field), d.field):
            best = max(best, bound, key=lambda each: each.value)
            if bound in claimed:
                claimed.remove(bound)
                yield Check(f"lower bound {bound.value} proved again ({bound.reason})")
        if not claimed:
            return
    for bound in claimed:
        if best.value < bound.value:
            yield Check(f"lower bound {bound.value} claimed, {best.value} proved", False)
            continue
        text = f"{bound.value} as a lower bound for another reason than {best.reason}"
        yield differing(d.version, f"{text}, which proves {best.value}", "lower_bound", "bounds")


def _data_check(
    data: Flattening | LocusBound | SumBound, analysis: Analysis, field: Field
) -> Check:
    """Compute a bound again from its data."""
    try:
        holds = is_proved_by(data, analysis, field)
    except WordTensorError:  # no restriction of this tensor, or no prime
        holds = False
    if not holds:
        return Check(f"lower bound {data.bound} is not what its data prove", False)
    return Check(f"lower bound {data.bound} computed again ({data.reason})")


def _block_checks(d: Decomposition, analysis: Analysis, same: list[Route]) -> Iterator[Check]:
    """Find the blocks' own bounds and triplets again."""
    blocks = _placed(d.blocks, same)
    if blocks is None:
        names = ("blocks.lower_bound", "blocks.reason", "blocks.triplets")
        yield Check("not checked: the blocks' own bounds and triplets of irreps", not_checked=names)
        return
    of_tensor = _integral_bounds(d, analysis) if d.route == "flips" else ()
    for number, (report, block) in enumerate(zip(d.blocks, blocks, strict=True)):
        where = f"block {number}, {report.name}"
        claimed = Bound(report.lower_bound, report.reason)
        proved = of_tensor or (block_bound(block, d.field),)
        most = max(proved, key=lambda bound: bound.value)
        if claimed.value > most.value:
            yield Check(f"{where}: lower bound {claimed.value} claimed, {most.value} proved", False)
        elif claimed not in proved:
            text = f"{where}: its bound {claimed.value} ({claimed.reason}) is not found again"
            yield differing(d.version, text, "blocks.lower_bound", "blocks.reason")
        if report.triplets != block_triplets(block, analysis):
            text = f"{where}: the triplets of irreps are not those that it touches"
            yield differing(d.version, text, "blocks.triplets")
    yield Check("the blocks' own bounds and triplets of irreps were computed again")


def _placed(reports: tuple[BlockReport, ...], same: list[Route]) -> tuple[Block, ...] | None:
    """Give the reports their places: their own maps, or those of a route in the same order."""
    cuts = [_cut(report) for report in reports]
    if any(report.maps is None for report in reports):
        orders = (route.blocks for route in same)
        return next((found for found in orders if [_cut(b) for b in found] == cuts), None)
    return tuple(report.as_block() for report in reports)


def _integral_bounds(d: Decomposition, analysis: Analysis) -> tuple[Bound, ...]:
    """Return what is proved for terms over the integers, and over all numbers."""
    everywhere = tuple(
        structural_bounds(analysis, _sums(_routes(analysis, "auto"), "real"), "real")
    )
    own = (integral_bound(d.word, d.group, fractions=fractions) for fractions in (False, True))
    return (*everywhere, *own)
