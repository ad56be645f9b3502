"""What a checkpoint of a search in the flip graph holds besides what all searches have."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ...errors import SchemeError
from ..searching._checkpoint import Arrays, Header, counted
from ._packed import PackedTerms, Ring
from ._state import FlipState

_COUNTS: Final = ("candidates", "lifts", "granted")


def taken_apart(state: FlipState[Any]) -> tuple[Header, Arrays]:
    """Return the header and the arrays of what a state has besides the fields of all states."""
    lists: dict[str, Sequence[PackedTerms]] = {
        "start": state.starts,
        "pool": state.pool,
        "end": state.ends,
        "pending": [] if state.pending is None else [state.pending],
        "found": [] if state.found_from is None else [state.found_from],
    }
    arrays: Arrays = {}
    for name, listed in lists.items():
        arrays |= side_by_side(name, listed)
    header: Header = {"fresh": state.fresh}
    header |= {name: getattr(state, name) for name in _COUNTS}
    return header, arrays


def put_together(common: dict[str, Any], header: Header, arrays: Arrays) -> FlipState[Any]:
    """Return the state that was taken apart, with the fields that all states have."""
    ring = header["task"]["ring"]
    parts = {
        name: separate(name, ring, arrays) for name in ("start", "pool", "end", "pending", "found")
    }
    if not parts["start"] or not parts["pool"] or len({t.rank for t in parts["pool"]}) > 1:
        raise SchemeError("starts or terms to walk from are missing")
    return FlipState(
        starts=tuple(parts["start"]),
        pool=tuple(parts["pool"]),
        ends=tuple(parts["end"]),
        pending=next(iter(parts["pending"]), None),
        found_from=next(iter(parts["found"]), None),
        fresh=bool(header["fresh"]),
        candidates=counted(header["candidates"]),
        lifts=counted(header["lifts"]),
        granted=counted(header["granted"]),
        **common,
    )


def side_by_side(name: str, listed: Sequence[PackedTerms]) -> Arrays:
    """Store terms of different lengths side by side."""
    ranks = np.array([terms.rank for terms in listed], dtype=np.int64)
    words = [np.vstack([terms.words, terms.signs]) for terms in listed]
    joined = np.concatenate([np.zeros((4, 0), dtype=np.uint64), *words], axis=1)
    return {f"{name}_ranks": ranks, f"{name}_words": joined}


def separate(name: str, ring: Ring, arrays: Arrays) -> list[PackedTerms]:
    """Cut what was stored under a name into its terms; what a walk cannot take is damage."""
    ranks, words = arrays[f"{name}_ranks"], arrays[f"{name}_words"]
    if ranks.ndim != 1 or words.ndim != 2 or ranks.min(initial=0) < 0 or len(words) != 4:
        raise SchemeError(f"the arrays of {name!r} have wrong shapes")
    if words.dtype != np.uint64 or not words[:3].all() or words[3].max(initial=0) > 1:
        raise SchemeError(f"the entries of {name!r} are of a wrong kind")
    if int(ranks.sum()) != words.shape[1]:
        raise SchemeError(f"the lengths of {name!r} do not fit")
    parts = np.split(words, np.cumsum(ranks)[:-1], axis=1) if len(ranks) else []
    return [PackedTerms(part[:3], part[3], ring) for part in parts]
