"""All lower bounds that are known for a word tensor, from its structure and from its entries."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

import numpy as np

from .._typing import Field, Integers
from ..bounds import Bound, Flattening, best_flattening, koszul_flattening
from ..bounds.theorems import block_bound, direct_sum_bound
from ..words.core import MergedTable
from .block import Block
from .routes import Analysis

# Tensors with more entries are not flattened.
_MOST_ENTRIES: Final = 120**3


class AnyRoute(Protocol):
    """A route, planned or not."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What it cuts T into."""

    @property
    def is_direct_sum(self) -> bool:
        """Whether all blocks are direct summands of T."""


def structural_bounds(
    analysis: Analysis, found: Iterable[AnyRoute], field: Field
) -> Iterator[Bound]:
    """Yield what the multilinear ranks prove, and what direct sums do."""
    if analysis.is_concise or _is_regular(analysis):
        x, y, z = analysis.shape
        yield Bound(max(x, y, z), f"multilinear ranks {x}, {y}, {z}")
    else:
        # The slices of mode c are 0/1 with disjoint supports, hence independent.
        yield Bound(analysis.merged.size, "number of values of the word")
    for route in found:
        if route.name not in ("slices", "flips") and route.is_direct_sum:
            bounds = tuple(block_bound(block, field) for block in route.blocks)
            yield direct_sum_bound(route.blocks, bounds, field)


def best_first(bounds: Iterable[Bound]) -> tuple[Bound, ...]:
    """Return bounds, each once, the largest first."""
    return tuple(sorted(dict.fromkeys(bounds), key=lambda bound: -bound.value))


def flattening_bound(analysis: Analysis, known: int, enough: int | None) -> Bound | None:
    """Return what a Koszul flattening proves, if that is more than what is known already."""
    # Of an algebra Alder and Strassen know more.
    if _is_regular(analysis) or known == enough:
        return None
    merged, canonical = analysis.merged, analysis.canonical
    if np.prod(merged.shape, dtype=float) > _MOST_ENTRIES:
        return None
    modes, rows = (0, 1, 2), _rows(merged)
    if canonical is None:
        tensor = merged.to_dense().astype(np.int64)
    else:  # in canonical order, so that the numbering of elements does not matter
        tensor, modes, rows = canonical.to_dense(), canonical.modes, canonical.rows
    found = best_flattening(tensor, enough)
    if found is None or found.bound <= known:
        return None
    mode = int(modes[found.mode])
    slices = rows[mode]
    elements = np.array([np.flatnonzero(slices == k)[0] for k in range(tensor.shape[found.mode])])
    return Bound.of(found.lifted(elements, analysis.tensor.order, mode))


def is_flattening_of(data: Flattening, analysis: Analysis) -> bool:
    """Compute the rank of a flattening again, from the table."""
    merged = analysis.merged
    narrow = _narrowed(data, _rows(merged)[data.mode], merged.shape[data.mode])
    tensor = merged.to_dense().astype(np.int64)
    again = koszul_flattening(tensor, data.mode, data.p, narrow, data.prime)
    return again.rank == data.rank


def _narrowed(data: Flattening, rows: Integers, count: int) -> Sequence[Sequence[int]]:
    """Add up the columns of a restriction that belong to equal slices."""
    narrow = [[0] * count for _ in data.restriction]
    for line, given in zip(narrow, data.restriction, strict=True):
        for place, value in zip(rows.tolist(), given, strict=True):
            if place >= 0:  # else a value that the word never takes: a slice of zeros
                line[place] += value
    return narrow


def _rows(merged: MergedTable) -> tuple[Integers, Integers, Integers]:
    return merged.rows, merged.columns, merged.values


def _is_regular(analysis: Analysis) -> bool:
    return analysis.isotopy is not None and analysis.isotopy.is_regular
