"""Many walks in the flip graph at once: in threads, or in one launch on a CUDA device."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..._devices import check_device
from ...errors import SchemeError
from ._packed import PackedTerms, WalkResult, capacity_for, loaded_state, result_in, ring_code, walk

Walks = Callable[..., list[WalkResult]]  # `walk_many` on some device, with its threads


@contextmanager
def walking(walkers: int, device: str = "cpu") -> Iterator[Walks]:
    """Give a function that walks on a device, in as many threads as are of use."""
    threads = min(walkers, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as executor:
        yield partial(walk_many, device=device, executor=executor)


def walk_many(
    starts: Sequence[PackedTerms],
    steps: int | Sequence[int],
    *,
    plus_after: int | Sequence[int],
    margin: int | Sequence[int],
    target: int | Sequence[int] = 0,
    seeds: Sequence[int],
    device: str = "cpu",
    executor: ThreadPoolExecutor | None = None,
) -> list[WalkResult]:
    """Do what `walk` does from several starts in one ring, with one option for all or for each."""
    check_device(device)
    if len({start.ring for start in starts}) > 1:
        raise SchemeError("The walks of one call must all be in the same ring")
    options = _options(len(starts), steps, plus_after, margin, target, seeds)
    if not starts:
        return []
    if device == "cuda":
        return _walk_on_device(starts, options)
    calls = [
        (start, count, {"plus_after": after, "margin": above, "target": low, "seed": seed})
        for start, (count, after, above, low, seed) in zip(starts, options, strict=True)
    ]
    if executor is not None:
        return _in_threads(executor, calls)
    if len(calls) == 1:
        return [walk(start, count, **how) for start, count, how in calls]
    with ThreadPoolExecutor(min(len(calls), os.cpu_count() or 1)) as threads:
        return _in_threads(threads, calls)


def _options(walkers: int, *given: int | Sequence[int]) -> list[tuple[int, int, int, int, int]]:
    """Return steps, plus_after, margin, target and seed of each walk."""
    lists = [[value] * walkers if isinstance(value, int) else list(value) for value in given]
    if any(len(values) != walkers for values in lists):
        raise SchemeError(
            f"There are {walkers} starts, but {[len(values) for values in lists]} values of steps, "
            "plus_after, margin, target and seeds; give one for each start"
        )
    return [(a, b, c, d, e) for a, b, c, d, e in zip(*lists, strict=True)]


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


def _walk_on_device(
    starts: Sequence[PackedTerms], options: list[tuple[int, int, int, int, int]]
) -> list[WalkResult]:
    from ._rings import state_size
    from ._walk_cuda import advance, check_memory

    margins = [margin for _, _, margin, _, _ in options]
    capacities = [capacity_for(*pair) for pair in zip(starts, margins, strict=True)]
    width = max(state_size(capacity)[0] for capacity in capacities)
    check_memory(len(starts), width)
    states = np.zeros((len(starts), width), dtype=np.uint64)
    settings = np.zeros((len(starts), 5), dtype=np.uint64)
    for i, (start, (_, after, margin, target, seed)) in enumerate(
        zip(starts, options, strict=True)
    ):
        state, slots = loaded_state(start, margin, seed)
        states[i, : len(state)] = state
        settings[i] = capacities[i], slots, after, margin, target
    steps: NDArray[np.int64] = np.array([option[0] for option in options], dtype=np.int64)
    ends = advance(states, settings, steps, ring_code(starts[0].ring))
    return [
        result_in(state, start, margin)
        for state, start, margin in zip(ends, starts, margins, strict=True)
    ]
