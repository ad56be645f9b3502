"""What a decomposition says about its blocks, held against their coordinates and schemes."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np

from .._typing import Factors, Field, Inexact
from ..bounds import Bound
from ..errors import SchemeError
from ..schemes import Registry
from ._check import Check
from ._exact import MOST_WORK, exact_terms
from ._solution import Solution
from ._strategies import Assessment, scheme_for, solve, stretched, structured_solution
from .block_report import BlockReport
from .decomposition import Decomposition

# Sums of blocks are compared at so many random vectors, up to this share of their size; single
# terms with those of a scheme up to the other.
_PROBES: Final = 8
_CLOSE: Final = 1e-8
_SAME: Final = 1e-9

# The terms of matrix products by what they are: sizes and division.
Known = dict[tuple[object, object], Solution]


def scheme_checks(d: Decomposition, registry: Registry, known: Known) -> Iterator[Check]:
    """Check the schemes that the blocks are made of by Brent's equations, in integers."""
    kinds = {(b.name, b.sizes, b.division, b.rank) for b in d.blocks if b.sizes is not None}
    for name, sizes, division, rank in sorted(kinds):
        if known[sizes, division].rank != rank:
            text = f"not checked: {name}: its scheme of rank {rank} is not among those known here"
            yield Check(text, not_checked=("blocks.note",))
            continue
        scheme = scheme_for(sizes, division, d.field, registry)
        try:
            scheme.check()
        except SchemeError as error:
            yield Check(f"{name}: {error}", False)
            continue
        yield Check(f"{name}: {scheme} satisfies Brent's equations in integers")
        notes = {b.note for b in d.blocks if (b.name, b.rank) == (name, rank)}
        if notes != {known[sizes, division].note}:  # such as one of another user's own schemes
            text = f"not checked: how the scheme of {name} was made"
            yield Check(text, not_checked=("blocks.note",))


def known_schemes(d: Decomposition, registry: Registry) -> Known:
    """Return the terms that the registry has for each matrix product among the blocks."""
    known: Known = {}
    for report in d.blocks:
        if report.sizes is not None and (report.sizes, report.division) not in known:
            known[report.sizes, report.division] = _solved(report, d.field, registry)
    return known


def _solved(report: BlockReport, field: Field, registry: Registry) -> Solution:
    """Solve a block again by its scheme, or fibre by fibre."""
    strategy: Literal["fibres", "scheme"] = "fibres" if report.sizes is None else "scheme"
    assessment = Assessment(strategy, report.rank, Bound(0, ""))
    return solve(report.as_block(), assessment, field=field, registry=registry)


def coordinate_checks(d: Decomposition, registry: Registry, known: Known) -> Iterator[Check]:
    """Check that each block's terms lie in its spaces, add up to its tensor, and are as exact."""
    if any(block.maps is None for block in d.blocks):
        text = "the blocks' coordinates are not stored: their sums were not compared"
        names = ("status", "blocks.status", "blocks.columns", "blocks.rank", "blocks.radicand")
        yield Check(f"not checked: {text}, nor how exact they are", not_checked=names)
        return
    rng = np.random.default_rng(0)
    x, y, z = (rng.standard_normal((_PROBES, d.group.order)) for _ in range(3))
    unknown = []
    for number, block in enumerate(d.blocks):
        found = known.get((block.sizes, block.division))
        if block.strategy == "fibres":
            found = _solved(block, d.field, registry)
        elif block.strategy == "structured":
            found = structured_solution(block.as_block())
        ways = [] if found is None else [found]
        if block.division == "C" and found is not None and d.field == "real":
            ways.append(stretched(block.as_block(), found, registry))
        fault = _block_fault(block, d.factors, (x, y, z), ways)
        if fault == _UNKNOWN:
            unknown.append(f"block {number}, {block.name}")
        elif fault:
            yield Check(f"block {number}, {block.name}: {fault}", False)
            return
    if unknown:
        text = f"not checked: whether the terms of {unknown[0]} are an exact scheme: {_UNKNOWN}"
        yield Check(text, not_checked=("status", "blocks.status"))
    yield Check("the terms of each block lie in its spaces and add up to its tensor")
    if any(block.status == "numerical" for block in d.blocks):
        text = "not checked: whether there are exact terms near those of numerical blocks"
        yield Check(text, not_checked=("blocks.status", "blocks.radicand"))


_UNKNOWN: Final = "it is not among those known here"


def _block_fault(
    block: BlockReport, factors: Factors, probes: Factors, ways: Sequence[Solution]
) -> str:
    """Say what is wrong with a block's terms, or nothing; probes have shape (K, order)."""
    if block.maps is None or len(block.maps[0]) != len(factors[0]):
        return "its maps are of another group"
    terms = np.ones((len(probes[0]), block.rank))
    coordinates, own = [], []
    for F, A, x in zip(factors, block.maps, probes, strict=True):
        columns = F[:, slice(*block.columns)]
        if not np.imag(columns).any():  # real terms of one block beside complex ones of another
            columns = columns.real
        own.append(np.linalg.lstsq(A, columns, rcond=1e-10)[0])
        if np.linalg.norm(columns - A @ own[-1]) > _CLOSE * np.linalg.norm(columns):
            return "its terms leave the spaces of its maps"
        terms = terms * (x @ columns)
        coordinates.append(x @ A)
    errors = np.abs(block.form(*coordinates) - terms.sum(1))
    if not bool((errors <= _CLOSE * np.abs(terms).sum(1)).all()):
        return "its terms do not add up to its tensor"
    own_terms = own[0], own[1], own[2]
    if block.status == "exact":
        exact = exact_terms(block.as_block().own_tensor(), own_terms, block.radicand)
        if exact is None or exact.radicand != block.radicand:
            return "its terms are said to be exact, and are not, or not in this field"
    known = any(_are_terms(terms, coordinates, way) for way in ways)
    if block.status != "structural" or known:
        return ""
    if (
        any(np.iscomplexobj(own) for own in own_terms)
        or np.prod(block.shape) * block.rank > MOST_WORK
    ):
        return _UNKNOWN
    if exact_terms(block.as_block().own_tensor(), own_terms, 1) is None:
        return "its terms are said to be an exact scheme, and are not"
    return ""


def _are_terms(terms: Inexact, coordinates: Sequence[Inexact], known: Solution) -> bool:
    """Tell whether terms (K, R) at the probes are those of known factors, one by one."""
    if known.rank != terms.shape[1]:
        return False
    expected, size = np.ones(1), np.ones(1)
    for vectors, factor in zip(coordinates, known.factors, strict=True):
        expected = expected * (vectors @ factor)
        # What a term could be, were nothing cancelled: maps that are not injective make some zero.
        size = size * (np.abs(vectors) @ np.abs(factor))
    return bool((np.abs(terms - expected) <= _SAME * size.max(axis=0)).all())
