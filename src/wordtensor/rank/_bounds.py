"""All lower bounds that are known for a word tensor, from its structure and from its entries."""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from .._typing import Field, Integers
from ..bounds import (
    Bound,
    Flattening,
    LocusBound,
    SumBound,
    best_flattening,
    koszul_flattening,
    read_substitution,
    substitution_bound,
)
from ..bounds.loci import are_slices
from ..bounds.theorems import direct_sum_bound
from ..cores import CanonicalCore, ProvedCore, Store
from ..errors import WordTensorError
from ..words.core import MergedTable
from .block import Block
from .routes import Analysis

# Tensors with more entries are not flattened.
_MOST_ENTRIES: Final = 120**3
# Tensors with more entries are not looked at for a bound by substitution.
_MOST_SEARCHED: Final = 24**3

_log = logging.getLogger(__name__)


# Direct summands that add up to T, and a bound for each of them.
Summands = tuple[tuple[Block, ...], tuple[Bound, ...]]


def structural_bounds(
    analysis: Analysis, sums: Iterable[Summands], field: Field
) -> Iterator[Bound]:
    """Yield what the multilinear ranks prove, and what direct sums do."""
    if analysis.is_concise or _is_regular(analysis):
        x, y, z = analysis.shape
        yield Bound(max(x, y, z), f"multilinear ranks {x}, {y}, {z}")
    else:
        # The slices of mode c are 0/1 with disjoint supports, hence independent.
        yield Bound(analysis.merged.size, "number of values of the word")
    yield from (direct_sum_bound(blocks, bounds, field) for blocks, bounds in sums)


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


def stored_bound(
    canonical: CanonicalCore | None, known: int, field: Field, store: Store
) -> Bound | None:
    """Return what a store proves about the core, checked, if it is more than what is known."""
    if canonical is None:
        return None
    for proved in store.proofs.find_all(canonical, field):
        if proved.value <= known:
            break
        try:
            data = read_substitution(json.loads(proved.data)).lifted(*proved.places())
            if data.bound == proved.value and data.holds(canonical.to_dense()):
                return Bound.of(of_elements(data, canonical))
            error = "its data do not prove it"
        except (WordTensorError, IndexError) as reason:
            error = str(reason)
        _log.warning("left out a stored bound, file %s.json: %s", proved.name, error)
    return None


def searched_bound(
    analysis: Analysis, known: int, upper: int, field: Field, time_limit: float
) -> tuple[Bound, ProvedCore] | None:
    """Look for a bound by substitution beyond what is known, and say what to keep of it."""
    canonical = analysis.canonical
    if canonical is None or known >= upper or np.prod(canonical.shape) > _MOST_SEARCHED:
        return None
    data = substitution_bound(canonical.to_dense(), field, known, upper, time_limit)
    if data is None:
        return None
    proved = ProvedCore.of(canonical, field, data.bound, data.to_dict())
    return Bound.of(of_elements(data, canonical)), proved


def of_elements(data: LocusBound | SumBound, canonical: CanonicalCore) -> LocusBound | SumBound:
    """Bring a bound on the canonical core to the slices it was made of: the first of equal ones."""
    places = [
        [int(np.flatnonzero(canonical.rows[mode] == k)[0]) for k in range(size)]
        for mode, size in zip(canonical.modes, canonical.shape, strict=True)
    ]
    return data.lifted(canonical.modes, places)


def is_proved_by(
    data: Flattening | LocusBound | SumBound, analysis: Analysis, field: Field
) -> bool:
    """Compute a bound again from its data, and the table."""
    if isinstance(data, Flattening):
        return _is_flattening_of(data, analysis)
    table = analysis.tensor.table
    if data.field not in ("complex", field) or not are_slices(data.elements, (len(table),) * 3):
        return False
    a, b, c = (np.array(places, dtype=np.intp) for places in data.elements)
    return data.proves((table[np.ix_(a, b)][:, :, None] == c).astype(np.int64))


def _is_flattening_of(data: Flattening, analysis: Analysis) -> bool:
    """Compute the rank of a flattening again."""
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
