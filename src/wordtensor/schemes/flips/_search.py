"""Search in the flip graph: rounds of walks from a pool of the best terms, then an exact value.

The search knows nothing of matrix products: it takes the terms to start from and a function that
makes an exact value of terms, or says that it cannot.
"""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np

from ...errors import SchemeError
from ._terms import Terms, WalkResult
from ._walkers import walk_many

__all__ = ["FlipOptions", "FlipSearch", "Progress"]

_FROM_POOL = 0.5
_MOST_WALKERS = 2**16
_SHORT_WALK, _SHORT_AFTER, _SHORT_MARGIN, _SHORT_SHARE = 20_000, 50, 7, 0.8
_LEAST_FLIPS = 10_000
# Every scheme of a rank is lifted at first, later one in so many.
_ALL_LIFTED, _THEN_ONE_IN = 8, 4

# What a round changes besides the pool and the random state.
_CHANGING = (
    "best",
    "best_rank",
    "best_terms",
    "best_lift",
    "reached",
    "fresh",
    "flips",
    "spent",
    "lifts",
    "candidates",
)

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class FlipOptions:
    """How to walk."""

    target: int = 0  # Stop when an exact value with this many terms is found
    steps: int = 5_000_000  # Flips of one walk
    # A plus transition follows this many flips without a reduction while the number of terms is
    # below the best plus ``margin``;
    plus_after: int = 2_000
    # A plus transition follows this many flips without a reduction while the number of terms is
    # below the best plus ``margin``;
    margin: int = 4
    walkers: int = 1  # Walks in a round;
    pool: int = 200  # Terms that are kept of the smallest number
    seed: int = 0  # Seed of all randomness

    def __post_init__(self) -> None:
        for name in ("steps", "plus_after", "margin", "walkers", "pool"):
            if getattr(self, name) < 1:
                raise SchemeError(
                    f"Argument {name!r} must be at least 1, not {getattr(self, name)}."
                )
        if self.walkers > _MOST_WALKERS:
            raise SchemeError(
                f"Argument 'walkers' must be at most {_MOST_WALKERS}, not {self.walkers}."
            )
        if self.seed < 0:
            raise SchemeError(f"Argument 'seed' must be at least 0, not {self.seed}.")


@dataclass(frozen=True, slots=True)
class Progress:
    """What a search tells after each round."""

    best: int  # Fewest terms met in the ring of the walk
    found: int | None  # Fewest terms of an exact value
    pool: int  # Number of different walks' ends that are kept
    flips: int  # Flips done
    seconds: float  # Time spent, over all sessions


@dataclass(slots=True)
class FlipSearch(Generic[Found]):
    """A search in progress: the pool, the best exact value and the random state."""

    # All that happens depends on the starts and the options only, so that a search that was
    # interrupted after a round and continued ends like one that was not.

    starts: list[Terms]  # Where walks start besides the pool
    options: FlipOptions  # How to walk
    # Makes an exact value of terms and a number, or returns None
    exact: Callable[[Terms, int], Found | None]
    best: Found | None = None  # The exact value with the fewest terms
    best_rank: int | None = None  # Its number of terms
    best_terms: list[Terms] = field(default_factory=list)
    best_lift: int = 0
    reached: int = 0
    pool: list[Terms] = field(default_factory=list)
    fresh: bool = True
    flips: int = 0
    # Flips done, where a walk counts for 10000 at least: it may find hardly any to do, and a limit
    # has to be reached all the same
    spent: int = 0
    # Called with each exact value that is shorter than the best, as soon as it is made
    on_exact: Callable[[Found], None] | None = None
    lifts: int = 0
    candidates: int = 0
    seconds: float = 0.0
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    @classmethod
    def begin(
        cls,
        starts: Sequence[Terms],
        options: FlipOptions,
        exact: Callable[[Terms, int], Found | None],
    ) -> "FlipSearch[Found]":
        """Start a search."""
        if not starts:
            raise SchemeError(
                "A search needs at least one set of terms to start from; try start='standard'."
            )
        rng = np.random.default_rng(options.seed)
        reached = min(terms.rank for terms in starts)
        pool = [terms for terms in starts if terms.rank == reached]
        return cls(list(starts), options, exact, reached=reached, pool=pool, rng=rng)

    @property
    def done(self) -> bool:
        """Whether an exact value as short as was asked for is known."""
        return self.best_rank is not None and self.best_rank <= self.options.target

    def progress(self) -> Progress:
        """Say how far the search is."""
        return Progress(self.reached, self.best_rank, len(self.pool), self.flips, self.seconds)

    def round(self, executor: ThreadPoolExecutor | None = None, device: str = "cpu") -> Progress:
        """Do one round of walks and enter what they reached."""
        began = time.monotonic()
        before = self._snapshot()
        try:
            calls = [self._choice() for _ in range(self.options.walkers)]
            how = {name: [call[name] for _, call in calls] for name in calls[0][1]}
            starts = [start for start, _ in calls]
            for result in walk_many(starts, **how, device=device, executor=executor):
                self._enter(result)
        except BaseException:
            # Ctrl-C, mostly: half a round must not get into a checkpoint.
            self._restore(before)
            raise
        self.seconds += time.monotonic() - began
        return self.progress()

    def _snapshot(self) -> dict[str, Any]:
        """Return all that a round may change."""
        kept = {name: getattr(self, name) for name in _CHANGING}
        return kept | {"pool": [*self.pool], "random": json.dumps(self.random_state())}

    def _restore(self, snapshot: dict[str, Any]) -> None:
        """Undo what has happened since a snapshot."""
        for name in (*_CHANGING, "pool"):
            setattr(self, name, snapshot[name])
        self.restore_random_state(json.loads(snapshot["random"]))

    def random_state(self) -> dict[str, Any]:
        """Return the state of the random generator, ready for JSON."""
        return dict(self.rng.bit_generator.state)

    def restore_random_state(self, state: dict[str, Any]) -> None:
        """Set the state of the random generator."""
        self.rng.bit_generator.state = state

    def _choice(self) -> tuple[Terms, dict[str, int]]:
        """Choose a start and the parameters of a walk."""
        options, rng = self.options, self.rng
        unlifted = self.best_rank is None or self.best_rank > self.reached
        # While nothing of the best rank lifts, see many terms of it on short walks.
        short = self.reached <= options.target or (
            unlifted and not self.fresh and rng.random() < _SHORT_SHARE
        )
        source = self.pool if short or rng.random() < _FROM_POOL else self.starts
        start = source[int(rng.integers(len(source)))]
        length, after = (
            (_SHORT_WALK, _SHORT_AFTER) if short else (options.steps, options.plus_after)
        )
        return start, {
            "steps": length,
            "plus_after": max(1, int(after * 2.0 ** rng.uniform(-1, 2))),
            "margin": int(rng.integers(2, _SHORT_MARGIN if short else options.margin + 3)),
            # Not below the target: what is shorter modulo 2 may have no exact value at all.
            "target": max(self.reached - 1, options.target) if short else options.target,
            "seeds": int(rng.integers(2**62)),
        }

    def _enter(self, result: WalkResult) -> None:
        """Put the end of a walk into the pool and try to make it exact."""
        terms = result.last if result.last.rank == result.best.rank else result.best
        self.flips += result.flips
        self.spent += max(result.flips, _LEAST_FLIPS)
        if terms.rank < min(self.reached, self.options.target):
            # A flip may remove two terms at once. Shorter than what was asked for may be too short
            # to be made exact, and the pool must not sink there.
            self._make_exact(terms)
            return
        if terms.rank < self.reached or (self.fresh and terms.rank <= self.reached):
            if terms.rank < self.reached:
                self.candidates = 0
            self.pool, self.reached, self.fresh = [terms], terms.rank, False
        elif terms.rank == self.reached and len(self.pool) < self.options.pool:
            self.pool.append(terms)
        elif terms.rank == self.reached:
            self.pool[int(self.rng.integers(self.options.pool))] = terms
        if self.best_rank is None or terms.rank < self.best_rank:
            self._make_exact(terms)

    def _make_exact(self, terms: Terms) -> None:
        self.candidates += 1
        if self.candidates > _ALL_LIFTED and self.candidates % _THEN_ONE_IN:
            return
        self.lifts += 1
        found = self.exact(terms, self.lifts)
        if found is not None:
            self.best, self.best_rank, self.candidates = found, terms.rank, 0
            self.best_terms, self.best_lift = [terms], self.lifts
            if self.on_exact is not None:
                self.on_exact(found)
