"""Symmetric searches on disk: all that a search needs to go on, never half-written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..._files import damage_as, read_archive, read_file, write_archive
from ...errors import FileFormatError, SchemeError
from ..scheme import Scheme
from ._state import SymmetricState
from .terms import SymmetricTerms

__all__ = ["load_symmetric", "save_symmetric"]

_FORMAT: Final = "wordtensor-symmetric-search"
_VERSION: Final = 1
_GROUPS: Final = ("start", "best", "pending", "pool")

Arrays = dict[str, NDArray[Any]]


def save_symmetric(path: str | Path, state: SymmetricState, task: dict[str, Any]) -> None:
    """Write the state of a search; a crash leaves the former file or the new one."""
    # Entry ``header`` is JSON in bytes; the schemes of a group are stored one after the other,
    # with the numbers of their rows and cubes in ``<group>_counts``.
    header: dict[str, Any] = {
        "format": _FORMAT,
        "version": _VERSION,
        "task": task,
        "random": dict(state.random),
        "lifts": sorted(state.lifts.items()),
        "copies": state.start.copies,
        "flips": state.flips,
        "spent": state.spent,
        "seconds": state.seconds,
        "denominators": None,
    }
    arrays: Arrays = {}
    pool = [terms for rank in sorted(state.levels) for terms in state.levels[rank]]
    pending = [] if state.pending is None else [state.pending]
    for name, group in zip(_GROUPS, ([state.start], [state.best], pending, pool), strict=True):
        arrays |= _stacked(name, group)
    if state.scheme is not None:
        header["denominators"] = state.scheme.denominators
        arrays |= {"U": state.scheme.U, "V": state.scheme.V, "W": state.scheme.W}
    write_archive(path, arrays, header)


def _stacked(name: str, group: Sequence[SymmetricTerms]) -> Arrays:
    counts = np.array([(len(t.rows), len(t.cubes)) for t in group], dtype=np.int64)
    rows = [t.rows for t in group]
    cubes = [t.cubes for t in group]
    return {
        f"{name}_counts": counts.reshape(-1, 2),
        f"{name}_rows": np.concatenate([np.zeros((0, 3), dtype=np.int64), *rows]),
        f"{name}_cubes": np.concatenate([np.zeros(0, dtype=np.int64), *cubes]),
    }


def load_symmetric(path: str | Path, task: dict[str, Any], start: SymmetricTerms) -> SymmetricState:
    """Read the state of a search, to go on with it."""
    content = read_file(path)
    with damage_as(path, "it is damaged, or no checkpoint"):
        header, arrays = read_archive(content)
        if header["format"] != _FORMAT or header["version"] != _VERSION:
            raise FileFormatError(
                f"{str(path)!r} is not a checkpoint of a symmetric search of this version."
            )
        if header["task"] != task:
            raise FileFormatError(
                f"{str(path)!r} belongs to another search ({_words(header['task'])}, not "
                f"{_words(task)}); name another file."
            )
        state = _restored(header, arrays, start.n)
    if not _same(state.start, start):
        raise FileFormatError(
            f"{str(path)!r} belongs to a search from another start; name another file."
        )
    return state


def _words(task: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in task.items())


def _same(first: SymmetricTerms, second: SymmetricTerms) -> bool:
    return (
        first.copies == second.copies
        and np.array_equal(first.rows, second.rows)
        and np.array_equal(first.cubes, second.cubes)
    )


def _restored(header: dict[str, Any], arrays: Arrays, n: int) -> SymmetricState:
    groups = {name: _separate(name, arrays, n, header["copies"]) for name in _GROUPS}
    (start,), (best,), pending = groups["start"], groups["best"], groups["pending"]
    levels: dict[int, tuple[SymmetricTerms, ...]] = {}
    for terms in groups["pool"]:
        levels[terms.rank] = (*levels.get(terms.rank, ()), terms)
    # A state that the generator does not take is damage as well.
    np.random.default_rng().bit_generator.state = header["random"]
    return SymmetricState(
        start,
        header["random"],
        best,
        MappingProxyType(levels),
        MappingProxyType({int(rank): int(count) for rank, count in header["lifts"]}),
        pending[0] if pending else None,
        _scheme(header["denominators"], arrays, n),
        int(header["flips"]),
        int(header["spent"]),
        float(header["seconds"]),
    )


def _separate(name: str, arrays: Arrays, n: int, copies: int) -> list[SymmetricTerms]:
    """Cut a group into its schemes; what a walk cannot take is damage."""
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


def _scheme(denominators: list[int] | None, arrays: Arrays, n: int) -> Scheme | None:
    if denominators is None:
        return None
    d, e, f = denominators
    return Scheme((n, n, n), arrays["U"], arrays["V"], arrays["W"], (d, e, f)).check()
