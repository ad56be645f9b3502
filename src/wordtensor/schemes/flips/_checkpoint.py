"""Searches on disk: all that a search needs to go on, in a file that is never half-written."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..._files import damage_as, read_archive, read_file, write_archive
from ...errors import FileFormatError
from ._search import FlipOptions, FlipSearch
from ._terms import Ring, Terms

__all__ = ["load_checkpoint", "save_checkpoint"]

_FORMAT: Final = "wordtensor-flip-search"
_VERSION: Final = 1

Found = TypeVar("Found")


def save_checkpoint(path: str | Path, search: FlipSearch[Any], task: dict[str, Any]) -> None:
    """Write the state of a search; a crash leaves the former file or the new one."""
    # Entry ``header`` is JSON in bytes. The best exact value is not stored but made again from its
    # terms, which are.
    header = {
        "format": _FORMAT,
        "version": _VERSION,
        "task": task,
        "options": asdict(search.options),
        "random": search.random_state(),
        "reached": search.reached,
        "fresh": search.fresh,
        "flips": search.flips,
        "spent": search.spent,
        "lifts": search.lifts,
        "candidates": search.candidates,
        "seconds": search.seconds,
        "best_lift": search.best_lift,
    }
    arrays: dict[str, NDArray[Any]] = {}
    groups = {"start": search.starts, "pool": search.pool, "best": search.best_terms}
    for name, group in groups.items():
        arrays |= _stacked(name, group)
    write_archive(path, arrays, header)


def _stacked(name: str, group: Sequence[Terms]) -> dict[str, NDArray[Any]]:
    """Store terms of different lengths side by side."""
    ranks = np.array([terms.rank for terms in group], dtype=np.int64)
    words = [np.vstack([terms.words, terms.signs]) for terms in group]
    joined = np.concatenate(words, axis=1) if words else np.zeros((4, 0), dtype=np.uint64)
    return {f"{name}_ranks": ranks, f"{name}_words": joined}


def load_checkpoint(
    path: str | Path, task: dict[str, Any], exact: Callable[[Terms, int], Found | None]
) -> FlipSearch[Found]:
    """Read a search, to go on with it."""
    content = read_file(path)
    with damage_as(path, "it is damaged, or no checkpoint"):
        header, arrays = read_archive(content)
        if header["format"] != _FORMAT or header["version"] != _VERSION:
            raise FileFormatError(f"{str(path)!r} is not a checkpoint of this version.")
        if header["task"] != task:
            raise FileFormatError(
                f"{str(path)!r} belongs to another search ({_words(header['task'])}, not "
                f"{_words(task)}); name another file."
            )
        return _restored(header, arrays, exact)


def _words(task: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in task.items())


def _restored(
    header: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    exact: Callable[[Terms, int], Found | None],
) -> FlipSearch[Found]:
    ring = header["task"]["ring"]
    search = FlipSearch.begin(
        _separate("start", arrays, ring), FlipOptions(**header["options"]), exact
    )
    search.pool = _separate("pool", arrays, ring)
    search.restore_random_state(header["random"])
    for name in (
        "reached",
        "fresh",
        "flips",
        "spent",
        "lifts",
        "candidates",
        "seconds",
        "best_lift",
    ):
        setattr(search, name, header[name])
    search.best_terms = _separate("best", arrays, ring)
    if search.best_terms:
        search.best = exact(search.best_terms[0], search.best_lift)
        if search.best is None:
            raise FileFormatError("its best terms are wrong")
        search.best_rank = search.best_terms[0].rank
    return search


def _separate(name: str, arrays: dict[str, NDArray[Any]], ring: Ring) -> list[Terms]:
    ends = np.cumsum(arrays[f"{name}_ranks"])[:-1]
    if len(arrays[f"{name}_ranks"]) == 0:
        return []
    parts = np.split(arrays[f"{name}_words"], ends, axis=1)
    return [Terms(part[:3], part[3], ring) for part in parts]
