"""Many walks in the flip graph at once: in threads, or in one launch on a CUDA device."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import SchemeError, WordTensorError
from ._terms import Terms, WalkResult, capacity_for, loaded_state, result_in, ring_code, walk

__all__ = ["DEVICES", "Device", "check_device", "walk_many"]

Device = Literal["cpu", "cuda"]
DEVICES = ("cpu", "cuda")


def check_device(device: str) -> None:
    """Refuse a device that there is not.

    Parameters
    ----------
    device : str
        "cpu" or "cuda".

    Raises
    ------
    WordTensorError
        If the device is unknown, or is ``"cuda"`` where there is none.

    Examples
    --------
    >>> check_device("cpu")
    """
    if device not in DEVICES:
        raise WordTensorError(f"Argument 'device' must be one of {DEVICES}, not {device!r}.")
    if device == "cpu":
        return
    try:
        from numba import cuda
    except ImportError as error:
        raise WordTensorError(
            f"device='cuda' needs numba with CUDA support ({error}); "
            "install numba-cuda, or use device='cpu', which gives the same result"
        ) from error
    if not cuda.is_available():  # type: ignore[no-untyped-call]
        raise WordTensorError(
            "device='cuda' needs a CUDA device and its driver, and numba finds none; "
            "use device='cpu', which gives the same result"
        )


def walk_many(
    starts: Sequence[Terms],
    steps: int | Sequence[int],
    *,
    plus_after: int | Sequence[int],
    margin: int | Sequence[int],
    target: int | Sequence[int] = 0,
    seeds: Sequence[int],
    device: str = "cpu",
    executor: ThreadPoolExecutor | None = None,
) -> list[WalkResult]:
    """Walk at random in the flip graph, from several starts.

    Parameters
    ----------
    starts : sequence of Terms
        Where each walk starts; all in one ring.
    steps, plus_after, margin, target : int or sequence of int
        As in `walk`, for all walks or for each.
    seeds : sequence of int
        Seed of each walk, at least 0.
    device : {"cpu", "cuda"}
        Where to walk. The result is the same. A GPU takes thousands of walkers to be busy.
    executor : ThreadPoolExecutor, optional
        Runs the walks on the CPU; by default as many threads as there are cores.

    Returns
    -------
    list of WalkResult
        In the order of the starts: what `walk` returns for each.

    Raises
    ------
    SchemeError
        If the arguments differ in length or the starts in their ring.
    WordTensorError
        If the device is unknown, or is ``"cuda"`` where there is none.
    MemoryLimitError
        If the walkers do not fit into the memory of the device.

    Examples
    --------
    >>> import numpy as np
    >>> one, other = np.array([[1, 1]]), np.array([[1, 0], [0, 1]])
    >>> start = Terms.from_factors(one, one, other, "F2")
    >>> [r.best for r in walk_many([start] * 2, 9, plus_after=9, margin=1, seeds=[0, 1])]
    [Terms(1 terms, ring='F2'), Terms(1 terms, ring='F2')]
    """
    check_device(device)
    if len({start.ring for start in starts}) > 1:
        raise SchemeError("The walks of one call must all be in the same ring.")
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
            "plus_after, margin, target and seeds; give one for each start."
        )
    return [(a, b, c, d, e) for a, b, c, d, e in zip(*lists, strict=True)]


def _in_threads(
    executor: ThreadPoolExecutor, calls: list[tuple[Terms, int, dict[str, int]]]
) -> list[WalkResult]:
    futures = [executor.submit(walk, start, steps, **how) for start, steps, how in calls]
    try:
        return [future.result() for future in futures]
    finally:
        # After Ctrl-C only the walks that run are waited for.
        for future in futures:
            future.cancel()


def _walk_on_device(
    starts: Sequence[Terms], options: list[tuple[int, int, int, int, int]]
) -> list[WalkResult]:
    from ._rings import state_size
    from ._walk_cuda import advance, check_memory

    margins = [margin for _, _, margin, _, _ in options]
    capacities = [capacity_for(*pair) for pair in zip(starts, margins, strict=True)]
    width = max(state_size(capacity)[0] for capacity in capacities)
    check_memory(len(starts), width)
    states = np.zeros((len(starts), width), dtype=np.uint64)
    plans = np.zeros((len(starts), 5), dtype=np.uint64)
    for i, (start, (_, after, margin, target, seed)) in enumerate(
        zip(starts, options, strict=True)
    ):
        state, slots = loaded_state(start, margin, seed)
        states[i, : len(state)] = state
        plans[i] = capacities[i], slots, after, margin, target
    steps: NDArray[np.int64] = np.array([option[0] for option in options], dtype=np.int64)
    ends = advance(states, plans, steps, ring_code(starts[0].ring))
    return [
        result_in(state, start, margin)
        for state, start, margin in zip(ends, starts, margins, strict=True)
    ]
