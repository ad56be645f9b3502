"""The ways to cut a word tensor into blocks, as a registry of named routes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np

from .._memory import require_memory
from .._progress import begin_stage
from .._typing import Factors, Inexact, freeze
from ..cores import CanonicalCore, canonical_form
from ..cores.concise import compress
from ..errors import DecompositionError, MemoryLimitError
from ..groups import Group
from ..irreps import IsotypicSpaces, isotypic_spaces
from ..words import WordTensor
from ..words.core import Core, MergedTable, concise_core, merge_table, row_rank
from ._actions import MAX_POINTS, actions
from ._box_cover import box_blocks
from ._products import Isotopy, isotopy, product_blocks
from ._split import split_canonical, split_core, support_components
from ._substitutions import substitutions
from ._support import FourierTensor, cleared, fourier_tensor
from .block import Block

# Above this order the merged tensor is not taken apart as a dense array.
DENSE_ORDER: Final = 300
# Above this many entries a single start of the solver takes minutes.
SOLVER_LIMIT: Final = 70_000
# Tables with more entries are not brought to canonical order: it takes a second at this size.
MOST_CANONICAL: Final = 4200
# Largest entry of coordinates of which nothing but rounding is left.
_VANISHING: Final = 1e-11
# Tables of stored cores have no more entries.
_MOST_STORED: Final = 600


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What every route starts from, computed once."""

    tensor: WordTensor  # of order n
    merged: MergedTable  # its table with equal rows and columns merged
    # the merged table in canonical order; None above order 300, for large, regular or settled ones
    canonical: CanonicalCore | None
    # concise, in canonical order if there is one; None above order 300, and for settled ones
    core: Core | None
    # multilinear ranks; above order 1100 the merged shape, which bounds them from above
    shape: tuple[int, int, int]
    isotopy: Isotopy | None  # maps with w(a, b) = f(a) g(b), if there are any
    acting: tuple["Route", ...]  # the actions of the table's modes, if they were asked for
    spaces: IsotypicSpaces | None  # None above order 300
    # isotypic coordinates; None above order 300, and for words that are regular products
    fourier: FourierTensor | None
    seed: int  # for everything random

    @property
    def is_concise(self) -> bool:
        """Whether ``shape`` is known to be the multilinear ranks."""
        return self.tensor.order <= MAX_POINTS

    @property
    def is_dense(self) -> bool:
        """Whether the merged tensor may be written with its zeros."""
        x, y, z = self.merged.shape
        return x * y * z <= DENSE_ORDER**3

    @property
    def is_settled(self) -> bool:
        """Whether an action writes T as a direct sum of matrix products: there is no finer one."""
        return any(
            route.is_direct_sum and all(block.sizes is not None for block in route.blocks)
            for route in self.acting
        )

    @property
    def is_solved(self) -> bool:
        """Whether fibres or an action reach a lower bound: then no route takes fewer terms."""
        least = max(self.shape) if self.is_concise else self.merged.size
        if self.is_dense and min(_fibre_counts(self.merged)) <= least:
            return True
        return any(_is_optimal(route, least) for route in self.acting)

    def rng(self) -> np.random.Generator:
        """Return a fresh generator, so that no route depends on which ran before it."""
        return np.random.default_rng(self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One way to write T as a sum of blocks."""

    name: str  # "product", "action of a", "direct sum", "function of a*b", "slices" or "boxes"
    blocks: tuple[Block, ...]  # they add up to T

    @property
    def is_direct_sum(self) -> bool:
        """Whether all blocks are direct summands of T."""
        return all(block.summand for block in self.blocks)


def _is_optimal(route: Route, least: int) -> bool:
    """Say whether the blocks of an action are as few terms as there must be."""
    if not all(_is_line(block) for block in route.blocks):
        return False
    terms = (max(block.sizes or ()) * (3 if block.division == "C" else 1) for block in route.blocks)
    return route.is_direct_sum or sum(terms) <= least


def _is_line(block: Block) -> bool:
    """Say whether a block is a vector times a number, over R or C, whose rank is known."""
    return sorted(block.sizes or (2, 2))[1] == 1 and block.division != "H"


def _fibre_counts(merged: MergedTable) -> Iterator[int]:
    """Yield the number of fibres with ones in each direction, of the c, b and a that they run."""
    x, y = merged.table.shape
    yield x * y
    for table in (merged.table, merged.table.T):
        ordered = np.sort(table, axis=1)
        yield table.shape[0] + int(np.count_nonzero(np.diff(ordered, axis=1)))


def analyse(tensor: WordTensor, seed: int, method: str = "auto") -> Analysis:
    """Compute what the routes of one method, or of all ("auto"), share."""
    merged = merge_table(tensor.table, tensor.order)
    small = tensor.order <= DENSE_ORDER
    product = isotopy(tensor.table, tensor.group)
    regular = product is not None and product.is_regular
    shape = merged.shape
    if tensor.order <= MAX_POINTS and not regular:
        shape = (row_rank(merged.table), row_rank(merged.table.T), merged.size)
    found = Analysis(
        tensor=tensor,
        merged=merged,
        canonical=None,
        core=None,
        shape=shape,
        isotopy=product,
        acting=(),
        spaces=_isotypic_spaces(tensor.group, seed) if small else None,
        fourier=None,
        seed=seed,
    )
    if regular and method == "auto":
        return found  # the group algebra itself: no other route has anything to add
    if method in ("auto", "action", "direct sum"):
        found = replace(found, acting=tuple(_acting(found)))
    needed = method == "direct sum"
    if method == "auto" and not found.is_settled:
        needed = _may_be_stored(found) or not found.is_solved
    return _with_core(found) if needed else found


def _may_be_stored(analysis: Analysis) -> bool:
    """Say whether a tensor is so small that terms that are stored may be exact ones."""
    return analysis.merged.table.size <= _MOST_STORED


def _with_core(analysis: Analysis) -> Analysis:
    """Add the core, in canonical order where that is quick, and the isotypic coordinates."""
    if analysis.spaces is None:
        return analysis
    regular = analysis.isotopy is not None and analysis.isotopy.is_regular
    core, canonical = _core(analysis.merged, regular)
    fourier = None if regular else fourier_tensor(analysis.tensor, analysis.spaces)
    return replace(analysis, core=core, canonical=canonical, fourier=fourier)


# Words are often studied one after another over one group.
_isotypic_spaces = lru_cache(maxsize=4)(isotypic_spaces)


def _core(merged: MergedTable, regular: bool) -> tuple[Core, CanonicalCore | None]:
    """Return the concise core of a merged table, in canonical order where that is quick."""
    if regular or merged.table.size > MOST_CANONICAL:
        return concise_core(merged.table, merged.size), None
    canonical = canonical_form(merged.shape, merged.coords())
    x, y, z = canonical.shape
    return compress(canonical.to_dense().astype(np.float64), (np.eye(x), np.eye(y), np.eye(z))), (
        replace(canonical, rows=merged.composed(canonical.rows))
    )


def _product(analysis: Analysis) -> Iterator[Route]:
    if analysis.isotopy is not None:
        G = analysis.tensor.group
        # The matrices of all irreps, three times, and at least as many terms: before any work.
        require_memory(48.0 * G.order**2, f"Irreps and terms over {_described(G)}")
        begin_stage("irreps of %s", G.name)
        blocks = product_blocks(analysis.isotopy, G, analysis.seed)
        yield Route("product", blocks)


def _action(analysis: Analysis) -> Iterator[Route]:
    yield from analysis.acting


def _acting(analysis: Analysis) -> Iterator[Route]:
    merged = analysis.merged
    for name, blocks in actions(merged.table, merged.size, analysis.rng()):
        placed = _mark_summands(_placed(blocks, merged), analysis)
        yield Route(f"action of {name}", placed)


def _placed(blocks: list[Block], merged: MergedTable) -> list[Block]:
    """Bring the blocks' maps from merged slices to the elements of the group."""
    taken = merged.values[:, None] >= 0
    return [
        replace(
            block,
            maps=(
                freeze(block.maps[0][merged.rows]),
                freeze(block.maps[1][merged.columns]),
                freeze(np.where(taken, block.maps[2][merged.values], 0.0)),
            ),
        )
        for block in blocks
    ]


def _mark_summands(blocks: list[Block], analysis: Analysis) -> tuple[Block, ...]:
    """Mark blocks as direct summands where their dimensions add up to the multilinear ranks."""
    total = tuple(sum(block.shape[mode] for block in blocks) for mode in range(3))
    summands = analysis.is_concise and total == analysis.shape
    return tuple(replace(block, summand=summands) for block in blocks)


def _substitution(analysis: Analysis) -> Iterator[Route]:
    from scipy.sparse import csr_array

    tensor = analysis.tensor
    for found in substitutions(tensor.word, tensor.table, tensor.group):
        order = found.group.order
        merged = merge_table(found.table, order)
        used = np.flatnonzero(found.h >= 0)
        places = (found.h[used], used)
        fibres = csr_array((np.ones(used.size), places), shape=(tensor.order, order))
        inner = isotopy(found.table, found.group)
        if inner is not None and inner.is_regular:
            # The irreps are one way; the action below would only repeat it.
            ways = [("", list(product_blocks(inner, found.group, analysis.seed)))]
        else:
            ways = [
                (f", action of {name}", _placed(blocks, merged))
                for name, blocks in actions(merged.table, merged.size, analysis.rng())
            ]
        for name, inside in ways:
            blocks = [
                replace(
                    block,
                    maps=(
                        block.maps[0][found.f],
                        block.maps[1][found.g],
                        fibres @ block.maps[2],
                    ),
                    summand=False,
                )
                for block in inside
            ]
            # A function that sends whole fibres to one value sums some coordinates to nothing.
            kept = tuple(block for block in blocks if not _vanishes(block))
            yield Route(f"function of {found.name}{name}", kept)


def _vanishes(block: Block) -> bool:
    """Say whether a block whose coordinates were orthonormal, up to a scale, is zero now."""
    return any(float(np.abs(A).max(initial=0.0)) < _VANISHING for A in block.maps)


def _direct_sum(analysis: Analysis) -> Iterator[Route]:
    if analysis.core is None:
        return
    blocks = None
    if analysis.canonical is not None:
        blocks = split_canonical(analysis.canonical, analysis.core, analysis.seed)
    if blocks is None and analysis.fourier is not None:
        blocks = []
        for core in support_components(analysis.fourier):
            parts = split_core(core, analysis.rng())
            blocks += parts or [Block("general", core.shape, core.maps, cleared(core.tensor))]
    if blocks is not None:
        yield Route("direct sum", _name_products(tuple(blocks), analysis))


def _name_products(blocks: tuple[Block, ...], analysis: Analysis) -> tuple[Block, ...]:
    """Recognise matrix products among indecomposable summands."""
    # A summand is unique, so that a block of an action that spans the same spaces in all three
    # modes is the same tensor.
    if all(block.sizes is not None for block in blocks):
        return blocks
    known = [
        block
        for route in analysis.acting
        for block in route.blocks
        if block.summand and block.sizes is not None
    ]
    named = []
    for block in blocks:
        same = [k for k in known if k.shape == block.shape and _same_spaces(k.maps, block.maps)]
        named.append(same[0] if block.sizes is None and same else block)
    return tuple(named)


def _same_spaces(left: Factors, right: Factors) -> bool:
    return all(_is_inside(a, b) for a, b in zip(left, right, strict=True))


def _is_inside(inner: Inexact, outer: Inexact) -> bool:
    basis = np.linalg.qr(outer)[0]
    rest = inner - basis @ (basis.T @ inner)
    return bool(np.linalg.norm(rest) < 1e-7 * np.linalg.norm(inner))


def _slices(analysis: Analysis) -> Iterator[Route]:
    if analysis.is_dense:
        merged = analysis.merged
        tensor = merged.to_dense()
        yield Route("slices", (Block("slices", merged.shape, merged.maps(), tensor, summand=True),))


def _boxes(analysis: Analysis) -> Iterator[Route]:
    if analysis.spaces is not None:
        fourier = analysis.fourier or fourier_tensor(analysis.tensor, analysis.spaces)
        yield Route("boxes", box_blocks(fourier))


METHODS: Final = MappingProxyType[str, Callable[[Analysis], Iterator[Route]]](
    {
        "product": _product,
        "action": _action,
        "substitution": _substitution,
        "direct sum": _direct_sum,
        "slices": _slices,
        "boxes": _boxes,
    }
)


def routes(analysis: Analysis, method: str = "auto") -> tuple[Route, ...]:
    """Return the routes that apply to a word tensor, of one method or of all ("auto"), in order."""
    if method != "auto" and method not in METHODS:
        allowed = ", ".join(repr(name) for name in ("auto", *METHODS))
        raise DecompositionError(f"Argument 'method' must be one of {allowed}, not {method!r}")
    chosen = list(METHODS.values()) if method == "auto" else [METHODS[method]]
    if method == "auto" and analysis.isotopy is not None and analysis.isotopy.is_regular:
        chosen = [_product]
    elif method == "auto":
        settled, solved = analysis.is_settled, analysis.is_solved
        in_vain = set()
        if settled or np.prod(analysis.shape) <= SOLVER_LIMIT:
            in_vain |= {_boxes}  # schemes and the solver go far below
        if settled or (solved and analysis.core is None):
            in_vain |= {_direct_sum}
        if solved:
            in_vain |= {_product, _substitution, _boxes}
        chosen = [build for build in chosen if build not in in_vain]
    found = tuple(route for build in chosen for route in build(analysis))
    if found:
        return found
    where = f"{analysis.tensor.word} over {_described(analysis.tensor.group)}"
    if analysis.tensor.order > DENSE_ORDER:
        x, y, _ = analysis.merged.shape
        size = 24 * analysis.tensor.order * x * y / 2**30
        reason = f"No structure was found in {where}"
        if min(x, y) > MAX_POINTS:
            reason = (
                f"The tensor of {where} is too large: whether a word acts is looked into up to "
                f"{MAX_POINTS} different slices, and here are {min(x, y)}"
            )
        raise MemoryLimitError(
            f"{reason}; writing it out would take up to {x * y} terms and {size:.0f} GiB. Above "
            f"order {DENSE_ORDER} only words that act, or that are products f(a) g(b), can be "
            f"decomposed, by any method; take such a word, or a group of order up to {DENSE_ORDER}"
        )
    raise DecompositionError(f"Method {method!r} does not apply to {where}; try method='auto'")


def _described(G: Group) -> str:
    return f"{G.name} (order {G.order})"
