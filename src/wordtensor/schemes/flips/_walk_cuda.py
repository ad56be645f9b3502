"""Walks in the flip graph on a CUDA device, a walker per thread. Import only where CUDA is wanted.

The kernel calls the functions of `_walk` on the same states, so that a walk ends alike on both
devices, bit by bit. A walker is a row of the array of states: its accesses are random, so that
columns would not coalesce either, and a row keeps the header that each step reads in one line of
the cache. For numba's simulator set NUMBA_DISABLE_JIT as well.
"""

import time
import warnings

import numpy as np
from numba import cuda
from numpy.typing import NDArray

from ..._typing import Words
from ...errors import MemoryLimitError
from ._walk import walk

# Up to so many walkers have a warp each: they take different branches, and a warp takes turns.
_WARPS = 4_096
_WARP = 32
# Steps of the first launch, and the seconds that a launch is to take: Ctrl-C waits for its end.
_FIRST_STEPS, _SHORTEST, _LONGEST = 10_000, 0.25, 1.0
_SHARE_OF_MEMORY = 0.9


@cuda.jit
def advance_kernel(states, settings, left, ring, steps):  # type: ignore[no-untyped-def]
    """Let each walker do its next steps and write how many are left."""
    walker = cuda.grid(1)  # type: ignore[attr-defined]
    if walker < left.shape[0] and left[walker] > 0:
        now = steps if steps < left[walker] else left[walker]
        own = settings[walker]
        unfinished = walk(states[walker], own[0], own[1], ring, now, own[2], own[3], own[4])
        left[walker] = left[walker] - now if unfinished else 0


def advance(
    states: Words,
    settings: Words,
    steps: NDArray[np.int64],
    ring: np.uint64,
    first_steps: int = _FIRST_STEPS,
) -> Words:
    """Walk on from states, shape (walkers, length), with settings, shape (walkers, 5)."""
    # Settings: capacity, slots, plus_after, margin and target, as in `_walk.walk`.
    walkers = len(states)
    on_device, settings_there, left = (cuda.to_device(array) for array in (states, settings, steps))
    threads = min(_WARP, -(-walkers // _WARPS))
    with warnings.catch_warnings():
        # Few walkers leave most of a GPU idle: that is the caller's choice.
        warnings.filterwarnings("ignore", ".*under-utilization")
        launch = advance_kernel[-(-walkers // threads), threads]
    now, remain = first_steps, int(steps.max(initial=0))
    while remain > 0:
        began = time.monotonic()
        launch(on_device, settings_there, left, ring, now)
        remain = int(left.copy_to_host().max())
        seconds = time.monotonic() - began
        if seconds < _SHORTEST:
            now *= 2
        elif seconds > _LONGEST:
            now = max(1, now // 2)
    found: Words = on_device.copy_to_host()
    return found


def check_memory(walkers: int, length: int) -> None:
    """Refuse walkers with states of ``length`` words that do not fit into the device's memory."""
    needed = 8 * walkers * (length + 6)
    free, _ = cuda.current_context().get_memory_info()  # type: ignore[no-untyped-call]
    if needed > _SHARE_OF_MEMORY * free:
        raise MemoryLimitError(
            f"{walkers} walkers need {needed / 2**30:.2f} GiB of the device's memory, of which "
            f"{free / 2**30:.2f} GiB are free; use at most "
            f"{int(walkers * _SHARE_OF_MEMORY * free / needed)} walkers"
        )
