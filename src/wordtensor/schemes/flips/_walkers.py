"""Many walks in the flip graph at once: in threads, or in one launch on a CUDA device."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..._devices import check_device
from ..._typing import Integers
from ._batch import Ends, Walkers
from ._packed import PackedTerms, WalkResult, walk

if TYPE_CHECKING:
    from ._fleet import Fleet

_Counts = int | Sequence[int] | NDArray[np.int64]


# Walks on some device: the ends with at most so many terms, and at most so many ends.
Walks = Callable[[Walkers, int | None, int], Ends]


@contextmanager
def walking(walkers: int, device: str = "cpu") -> Iterator[Walks]:
    """Give a function that walks on a device, in as many threads as are of use."""
    threads = min(walkers, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as executor:
        yield partial(walk_to_ends, device=device, executor=executor)


def walk_to_ends(
    walkers: Walkers,
    ceiling: int | None,
    most: int,
    *,
    device: str = "cpu",
    executor: ThreadPoolExecutor | None = None,
) -> Ends:
    """Walk, and return ends of at most ``ceiling`` terms: the first of the shortest ``most``."""
    check_device(device)
    if device == "cuda" and len(walkers):
        fleet = _walked(walkers)
        ranks, flips = fleet.checked()
        return Ends(fleet.shortest(_chosen(ranks, ceiling, most)), flips)
    results = _results(walkers, executor)
    ends = [result.shortest for result in results]
    chosen = _chosen(np.array([terms.rank for terms in ends]), ceiling, most)
    flips = np.array([result.flips for result in results], dtype=np.int64)
    return Ends(tuple(ends[walker] for walker in chosen), flips)


def _chosen(ranks: Integers, ceiling: int | None, most: int) -> list[int]:
    """Return the walkers whose ends are kept, in their order."""
    low = np.arange(len(ranks)) if ceiling is None else np.flatnonzero(ranks <= ceiling)
    first = low[np.argsort(ranks[low], kind="stable")[:most]]
    return [int(walker) for walker in np.sort(first)]


def walk_many(
    starts: Sequence[PackedTerms],
    steps: _Counts,
    *,
    plus_after: _Counts,
    margin: _Counts,
    target: _Counts = 0,
    seeds: Sequence[int],
    device: str = "cpu",
    executor: ThreadPoolExecutor | None = None,
) -> list[WalkResult]:
    """Do what `walk` does from several starts in one ring, with one option for all or for each."""
    check_device(device)
    unlike = {id(start): start for start in starts}
    place = {key: index for index, key in enumerate(unlike)}
    which, given = (
        [place[id(start)] for start in starts],
        (steps, plus_after, margin, target, seeds),
    )
    options = [np.full(len(starts), n) if isinstance(n, int) else np.asarray(n) for n in given]
    walkers = Walkers(tuple(unlike.values()), np.array(which, dtype=np.int64), *options)
    if device == "cuda" and starts:
        return _walked(walkers).results()
    return _results(walkers, executor)


def _walked(walkers: Walkers) -> "Fleet":
    """Return walkers that have walked on the device."""
    from ._fleet import Fleet

    fleet = Fleet.begun(walkers)
    fleet.advance()
    return fleet


def _results(walkers: Walkers, executor: ThreadPoolExecutor | None) -> list[WalkResult]:
    """Walk on the CPU."""
    names = ("steps", "plus_after", "margin", "target", "seeds")
    calls = [
        (walkers.starts[int(place)], int(steps), {name: int(value) for name, value in how})
        for place, steps, *values in zip(
            walkers.which, *(getattr(walkers, name) for name in names), strict=True
        )
        for how in [zip(("plus_after", "margin", "target", "seed"), values, strict=True)]
    ]
    if executor is not None:
        return _in_threads(executor, calls)
    if len(calls) < 2:
        return [walk(start, count, **how) for start, count, how in calls]
    with ThreadPoolExecutor(min(len(calls), os.cpu_count() or 1)) as threads:
        return _in_threads(threads, calls)


def _in_threads(
    executor: ThreadPoolExecutor, calls: list[tuple[PackedTerms, int, dict[str, int]]]
) -> list[WalkResult]:
    futures = [executor.submit(walk, start, steps, **how) for start, steps, how in calls]
    try:
        return [future.result() for future in futures]
    finally:
        # After Ctrl-C only the walks that run are waited for.
        for future in futures:
            future.cancel()
