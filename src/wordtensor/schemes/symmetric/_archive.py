"""What a checkpoint of a symmetric search holds besides what all searches have."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from ...errors import SchemeError
from ..searching._checkpoint import Arrays, Header, counted
from ._state import SymmetricState
from .terms import SymmetricTerms

_NAMES: Final = ("start", "best", "pending", "pool")


def taken_apart(state: SymmetricState) -> tuple[Header, Arrays]:
    """Return the header and the arrays of what a state has besides the fields of all states."""
    # Schemes are stored one after the other, the numbers of their rows and cubes in <name>_counts.
    arrays: Arrays = {}
    pool = [terms for rank in sorted(state.levels) for terms in state.levels[rank]]
    pending = [] if state.pending is None else [state.pending]
    lists = ([state.start], [state.shortest], pending, pool)
    for name, listed in zip(_NAMES, lists, strict=True):
        arrays |= _stacked(name, listed)
    return {"copies": state.start.copies, "lifts": sorted(state.lifts.items())}, arrays


def put_together(common: dict[str, Any], header: Header, arrays: Arrays) -> SymmetricState:
    """Return the state that was taken apart, with the fields that all states have."""
    n, copies = header["task"]["n"], header["copies"]
    lists = {name: _separate(name, arrays, n, copies) for name in _NAMES}
    (start,), (shortest,) = lists["start"], lists["best"]
    levels: dict[int, tuple[SymmetricTerms, ...]] = {}
    for terms in lists["pool"]:
        levels[terms.rank] = (*levels.get(terms.rank, ()), terms)
    return SymmetricState(
        start=start,
        shortest=shortest,
        levels=MappingProxyType(levels),
        lifts=MappingProxyType({counted(rank): counted(count) for rank, count in header["lifts"]}),
        pending=next(iter(lists["pending"]), None),
        **common,
    )


def _stacked(name: str, listed: Sequence[SymmetricTerms]) -> Arrays:
    counts = np.array([(len(t.rows), len(t.cubes)) for t in listed], dtype=np.int64)
    rows = [t.rows for t in listed]
    cubes = [t.cubes for t in listed]
    return {
        f"{name}_counts": counts.reshape(-1, 2),
        f"{name}_rows": np.concatenate([np.zeros((0, 3), dtype=np.int64), *rows]),
        f"{name}_cubes": np.concatenate([np.zeros(0, dtype=np.int64), *cubes]),
    }


def _separate(name: str, arrays: Arrays, n: int, copies: int) -> list[SymmetricTerms]:
    """Cut what was stored under a name into schemes; what a walk cannot take is damage."""
    counts, rows, cubes = (arrays[f"{name}_{part}"] for part in ("counts", "rows", "cubes"))
    if counts.ndim != 2 or counts.shape[1] != 2 or rows.shape[1:] != (3,) or cubes.ndim != 1:
        raise SchemeError(f"the arrays of {name!r} have wrong shapes")
    if counts.min(initial=0) < 0 or counts.sum(axis=0).tolist() != [len(rows), len(cubes)]:
        raise SchemeError(f"the lengths of {name!r} do not fit")
    if any(array.dtype != np.int64 for array in (rows, cubes)) or copies not in (1, 2):
        raise SchemeError(f"the entries of {name!r} are of a wrong kind")
    if (counts[:, 0] % copies).any():
        raise SchemeError(f"the rows of {name!r} do not make up blocks")
    masks = np.concatenate([rows.ravel(), cubes])
    if not masks.all() or (n < 8 and (masks.min(initial=0) < 0 or (masks >> n * n).any())):
        raise SchemeError(f"masks of {name!r} are out of range")
    ends = np.cumsum(counts, axis=0)[:-1]
    parts = zip(np.split(rows, ends[:, 0]), np.split(cubes, ends[:, 1]), strict=True)
    return [SymmetricTerms(n, part, alone, copies) for part, alone in parts] if len(counts) else []
