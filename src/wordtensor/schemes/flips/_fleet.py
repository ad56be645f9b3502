"""Walkers on a CUDA device: built there, moved on there, and checked there before a few are read.

The host sends the starts and a few numbers for each walker, and reads two: its rank and its flips.
"""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import cuda

from ..._typing import Integers, Words
from ...errors import MemoryLimitError, SchemeError
from ._batch import Walkers
from ._layout import Layout, hash_slots, layout_for
from ._packed import PackedTerms, Ring, WalkResult, result_in
from ._rings import HEAD, State, Word
from ._walk_cuda import (
    advance_kernel,
    begin_kernel,
    check_kernel,
    fingerprint_kernel,
    gather_kernel,
    shared_advance_kernel,
)

# Steps of the first launch, and the seconds that one is to take: Ctrl-C waits for its end.
_FIRST_STEPS, _SECONDS, _FASTER = 1_000, 0.5, 16
_SHARE_OF_MEMORY: Final = 0.9
_THREADS: Final = 128  # of a block of a kernel that walks no steps
# A block may take so many bytes of shared memory, and a multiprocessor so many blocks.
_BLOCK_BYTES, _BLOCKS, _WARP = 48 * 1024, 32, 32
# Larger states stay in the device's memory: too few would be at work at a time.
_SHARED_STATE: Final = 8 * 1024
# Of a multiprocessor where the device does not tell, as in the simulator.
_SHARED_MEMORY: Final = 64 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Arrays on the device with a row for each walker; kernels change them."""

    layout: Layout  # with room for the longest
    capacities: Integers
    ring: Ring
    states: tuple[Any, Any, Any]  # heads, words, links
    settings: Any  # see `_walk_cuda`
    which: Any  # the start of each walker
    prints: Any  # the fingerprint of each start
    left: Any  # steps still to be done
    bits: int  # that a factor may have

    @classmethod
    def begun(cls, walkers: Walkers) -> "Fleet":
        """Build the states of all walkers on the device."""
        starts, which = walkers.starts, walkers.which
        ranks = np.array([start.rank for start in starts], dtype=np.uint64)
        capacities = ranks.astype(np.int64)[which] + walkers.margin + 1
        used = int(np.bitwise_or.reduce([start.used for start in starts]))
        layout = layout_for(int(capacities.max()), used, starts[0].ring, narrow=True)
        check_memory(len(walkers), _bytes(layout))
        limits = (walkers.plus_after, walkers.margin, walkers.target)
        settings = np.stack([3 * capacities, _slots(layout, capacities), *limits], axis=1)
        words, signs = _pool(layout, starts)
        there = [cuda.to_device(array) for array in (words, signs, ranks, which)]
        states = tuple(
            cuda.device_array((len(walkers), length), dtype=kind)
            for length, kind in zip(
                (HEAD, layout.words, layout.links), (np.uint64, *layout.types), strict=True
            )
        )
        fleet = cls(
            layout=layout,
            capacities=capacities,
            ring=starts[0].ring,
            states=(states[0], states[1], states[2]),
            settings=cuda.to_device(settings.astype(np.uint64)),
            which=there[3],
            prints=cuda.device_array(len(starts), dtype=np.uint64),
            left=cuda.to_device(walkers.steps),
            bits=max(1, used.bit_length()),
        )
        seeds = cuda.to_device(walkers.seeds.astype(np.uint64))
        _launch(begin_kernel, len(walkers))(*states, fleet.settings, *fleet._kind(), *there, seeds)
        _launch(fingerprint_kernel, len(starts))(
            *there[:3], Word(layout.ring), fleet.bits, fleet.prints
        )
        return fleet

    def __len__(self) -> int:
        return len(self.capacities)

    def _kind(self) -> tuple[np.uint64, np.uint64]:
        """Return whether tables are direct, and the ring."""
        return Word(self.layout.direct), Word(self.layout.ring)

    def advance(self, first_steps: int = _FIRST_STEPS, lanes: int | None = None) -> None:
        """Do all steps, in launches of about half a second; ``lanes`` walkers share a warp."""
        launch = self._launch(lanes)
        given = (*self.states, self.settings, *self._kind(), self.left)
        launch(*given, _zero(), 0)  # compiles, and is not timed
        steps = first_steps
        while True:
            began, remaining = time.monotonic(), _zero()
            launch(*given, remaining, steps)
            if int(remaining.copy_to_host()[0]) == 0:
                return
            rate = _SECONDS / max(time.monotonic() - began, _SECONDS / _FASTER)
            steps = max(1, int(steps * rate))

    def _launch(self, lanes: int | None) -> Any:
        """Return the kernel that walks, with its grid."""
        size = _bytes(self.layout)
        shared = size <= _SHARED_STATE
        lanes = lanes or lanes_for(len(self), size if shared else 0, *_device())
        if not shared:
            return _launch(advance_kernel, len(self), lanes)
        kernel = shared_advance_kernel(self.layout.word_bits, self.layout.link_bits)
        # A link may begin at any byte that is a multiple of its own size.
        return _launch(kernel, len(self), lanes, lanes * size + 8)

    def checked(self) -> tuple[Integers, Integers]:
        """Check the terms of each walker on the device; return their ranks, and the flips."""
        walkers, bits, wrong = len(self), self.bits, _zero()
        ranks, flips = (cuda.device_array(walkers, dtype=np.int64) for _ in range(2))
        given = (*self.states, self.settings, Word(self.layout.ring), bits)
        _launch(check_kernel, walkers)(*given, self.which, self.prints, ranks, flips, wrong)
        if failed := int(wrong.copy_to_host()[0]):
            raise SchemeError(
                f"{failed} of {walkers} walks on the device ended with terms of another tensor: "
                "the device makes mistakes, or this is an error in wordtensor; use device='cpu'"
            )
        return ranks.copy_to_host(), flips.copy_to_host()

    def shortest(self, walkers: Sequence[int]) -> tuple[PackedTerms, ...]:
        """Read the shortest terms of a few walkers."""
        if not walkers:
            return ()
        capacity, count = self.layout.capacity, len(walkers)
        words = cuda.device_array((count, 3 * capacity), dtype=np.uint64)
        signs = cuda.device_array((count, capacity), dtype=np.uint64)
        ranks = cuda.device_array(count, dtype=np.int64)
        chosen = cuda.to_device(np.array(walkers, dtype=np.int64))
        _launch(gather_kernel, count)(*self.states, self.settings, chosen, words, signs, ranks)
        rows = zip(*(array.copy_to_host() for array in (words, signs, ranks)), strict=True)
        return tuple(
            PackedTerms(self.layout.unpacked(word[: 3 * rank]), sign[:rank], self.ring)
            for word, sign, rank in rows
        )

    def results(self) -> list[WalkResult]:
        """Read everything."""
        rows = zip(*(array.copy_to_host() for array in self.states), strict=True)
        return [
            result_in(self._layout_of(walker), self._state(walker, *row), self.ring)
            for walker, row in enumerate(rows)
        ]

    def _layout_of(self, walker: int) -> Layout:
        """Return how the row of a walker is used."""
        capacity = int(self.capacities[walker])
        slots = self.layout.slots if self.layout.direct else hash_slots(capacity)
        kinds = (self.layout.ring, self.layout.word_bits, self.layout.link_bits)
        return Layout(capacity, slots, self.layout.direct, *kinds)

    def _state(self, walker: int, head: Words, words: Any, links: Any) -> State:
        return self._layout_of(walker).state(head, words, links)


def lanes_for(walkers: int, size: int, processors: int, shared: int) -> int:
    """Return how many walkers share a warp; 0 as the size of a state means that none is shared."""
    # Walkers take different branches, in which a warp takes turns: so as few as let every walker
    # be at work for whom a multiprocessor has memory.
    at_work = -(-walkers // processors)
    if size:
        at_work = min(at_work, shared // size)
    lanes = 1
    while lanes < _WARP and lanes * _BLOCKS < at_work and 2 * lanes * size + 8 <= _BLOCK_BYTES:
        lanes *= 2
    return lanes


def check_memory(walkers: int, size: int) -> None:
    """Refuse walkers with states of so many bytes that do not fit into the device's memory."""
    needed = walkers * (size + 64)
    free, _ = cuda.current_context().get_memory_info()  # type: ignore[no-untyped-call]
    if needed > _SHARE_OF_MEMORY * free:
        raise MemoryLimitError(
            f"{walkers} walkers need {needed / 2**30:.2f} GiB of the device's memory, of which "
            f"{free / 2**30:.2f} GiB are free; use at most "
            f"{int(walkers * _SHARE_OF_MEMORY * free / needed)} walkers"
        )


def _device() -> tuple[int, int]:
    """Return the number of multiprocessors, and the shared memory of each."""
    device: Any = cuda.current_context().device  # type: ignore[no-untyped-call]
    return (
        getattr(device, "MULTIPROCESSOR_COUNT", 1),
        getattr(device, "MAX_SHARED_MEMORY_PER_MULTIPROCESSOR", _SHARED_MEMORY),
    )


def _bytes(layout: Layout) -> int:
    """Return the size of a state."""
    words, links = layout.types
    return 8 * HEAD + layout.words * words.itemsize + layout.links * links.itemsize


def _slots(layout: Layout, capacities: Integers) -> Integers:
    """Return the slots of the tables of walkers with these capacities."""
    if layout.direct:
        return np.full(len(capacities), layout.slots)
    unlike, places = np.unique(capacities, return_inverse=True)
    return np.array([hash_slots(int(capacity)) for capacity in unlike])[places]


def _pool(layout: Layout, starts: Sequence[PackedTerms]) -> tuple[Words, Words]:
    """Return the factors of each code of each start, and the signs."""
    words = np.zeros((len(starts), 3 * layout.capacity), dtype=np.uint64)
    signs = np.zeros((len(starts), layout.capacity), dtype=np.uint64)
    for place, start in enumerate(starts):
        words[place, : 3 * start.rank] = layout.packed(start.words)
        signs[place, : start.rank] = start.signs
    return words, signs


def _zero() -> Any:
    """Return a counter on the device."""
    return cuda.to_device(np.zeros(1, dtype=np.int64))


def _launch(kernel: Any, rows: int, threads: int = _THREADS, shared: int = 0) -> Any:
    """Return a kernel with a grid that has a thread for each row."""
    with warnings.catch_warnings():
        # Few walkers leave most of a GPU idle: that is the caller's choice.
        warnings.filterwarnings("ignore", ".*under-utilization")
        return kernel[-(-rows // threads), threads, 0, shared]
