"""A search in the flip graph as a value: batches of walks from a pool, and what they led to.

The search knows nothing of matrix products: it takes the terms to start from and a function that
makes an exact value of terms, or says that it cannot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from ..._typing import Integers
from ...errors import SchemeError
from ..searching._limits import check_counts
from ..searching._state import LEAST_FLIPS, ExactValue, SearchState, random_state
from ._batch import Walkers
from ._packed import PackedTerms
from ._walkers import Walks

_FROM_POOL: Final = 0.5
_SHORT_WALK, _SHORT_AFTER, _SHORT_MARGIN, _SHORT_SHARE = 20_000, 50, 7, 0.8
# Of the ends of a batch so many are looked at, the shortest: enough to fill the pool anew.
_MOST_ENDS: Final = 1_000
# All terms of a new least number are tried at first, later one in so many.
_ALL_TRIED, _THEN_ONE_IN = 8, 4

Found = TypeVar("Found", bound=ExactValue)
# Makes an exact value of terms and the number of the attempt, or returns None.
Exact = Callable[[PackedTerms, int], Found | None]


@dataclass(frozen=True, slots=True)
class WalkOptions:
    """How to walk, with every default filled in."""

    target: int = 0  # stop when an exact value with this many terms is found
    steps: int = 5_000_000  # flips of one walk
    plus_after: int = 2_000  # flips without a reduction before a plus transition
    margin: int = 4  # a plus transition needs fewer terms than the best plus this
    walkers: int = 1  # walks in a batch
    pool: int = 200  # terms of the smallest number that are kept
    flips: int | None = None  # so many are spent at most, by all walks together

    def __post_init__(self) -> None:
        check_counts(self, "steps", "plus_after", "margin", "walkers", "pool")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FlipState(SearchState[PackedTerms, Found]):
    """A search between two steps; ``ends`` are of walks that are not all entered yet."""

    starts: tuple[PackedTerms, ...]  # where walks start besides the pool
    pool: tuple[PackedTerms, ...]  # terms of the least number, at least one
    fresh: bool = True  # whether the pool has starts only
    ends: tuple[PackedTerms, ...] = ()  # what walks led to
    granted: int = 0  # with so many flips allowed, all walks so far are as long as they were
    candidates: int = 0  # terms since the last progress that might have been made exact
    lifts: int = 0  # attempts to make terms exact
    found_from: PackedTerms | None = None  # what the exact value was made of

    @property
    def reached(self) -> int:
        """Fewest terms met, apart from what is shorter than was asked for."""
        return self.pool[0].rank

    @property
    def kept(self) -> int:
        """Number of terms in the pool."""
        return len(self.pool)

    @property
    def settled(self) -> bool:
        """Whether all that walks led to is entered and tried."""
        return self.pending is None and not self.ends

    @property
    def shortest(self) -> PackedTerms:
        """The fewest terms met."""
        if self.found_from is not None and self.found_from.rank < self.reached:
            return self.found_from
        return self.pool[0]


def begun(starts: Sequence[PackedTerms], seed: int) -> FlipState[Found]:
    """Return the state before the first walk; the seed is that of all randomness."""
    if not starts:
        raise SchemeError(
            "A search needs at least one set of terms to start from; try start='standard'"
        )
    least = min(terms.rank for terms in starts)
    pool = tuple(terms for terms in starts if terms.rank == least)
    random = random_state(np.random.default_rng(seed))
    return FlipState(starts=tuple(starts), pool=pool, random=random)


def stepped(
    state: FlipState[Found], options: WalkOptions, exact: Exact[Found], walks: Walks
) -> FlipState[Found]:
    """Make exact what is pending, or make a batch of walks; then enter what they led to."""
    if state.pending is not None:
        after = _tried(state, exact)
        if after.found is not state.found:
            return after  # told before anything else happens
    else:
        after = state if state.ends else _walked(state, options, walks)
    return _entered(after, options)


def _walked(state: FlipState[Found], options: WalkOptions, walks: Walks) -> FlipState[Found]:
    """Walk from as many starts as there are walkers."""
    rng = state.generator()
    calls = [_choice(state, options, rng) for _ in range(options.walkers)]
    how = {name: np.array([call[name] for call in calls], dtype=np.int64) for name in calls[0]}
    left = None if options.flips is None else options.flips - state.spent
    shares = _shares(how["steps"], left)
    how["steps"] = np.minimum(how["steps"], shares)
    walkers = Walkers((*state.pool, *state.starts), **how)
    # An end that is longer than the pool's, and no shorter than what is exact, is of no use.
    ceiling = None if state.found is None else max(state.reached, state.found.rank - 1)
    ends = walks(walkers, ceiling, _MOST_ENDS)
    counted = np.maximum(ends.flips, np.minimum(shares, LEAST_FLIPS))
    return replace(
        state,
        ends=ends.terms,
        flips=state.flips + int(ends.flips.sum()),
        spent=state.spent + int(counted.sum()),
        granted=max(state.granted, state.spent + int(shares.sum())),
        random=random_state(rng),
    )


def _shares(steps: Integers, left: int | None) -> Integers:
    """Say for how many flips each walk may count: all it takes, or as many as the others."""
    costs = np.maximum(steps, LEAST_FLIPS)
    if left is None or left >= costs.sum():
        return costs
    shares = np.zeros_like(costs)
    # The shortest walks first: what they do not take is for the longer ones.
    for place, walker in enumerate(np.argsort(costs, kind="stable")):
        shares[walker] = min(int(costs[walker]), left // (len(costs) - place))
        left -= int(shares[walker])
    return shares


def _choice(
    state: FlipState[Found], options: WalkOptions, rng: np.random.Generator
) -> dict[str, int]:
    """Choose a start, from the pool and then the starts, and the parameters of a walk."""
    reached = state.reached
    # While nothing of the best rank lifts, see many terms of it on short walks.
    short = reached <= options.target or (
        not state.has(reached) and not state.fresh and rng.random() < _SHORT_SHARE
    )
    from_pool = short or rng.random() < _FROM_POOL
    which = int(rng.integers(len(state.pool if from_pool else state.starts)))
    length, after = (_SHORT_WALK, _SHORT_AFTER) if short else (options.steps, options.plus_after)
    return {
        "which": which if from_pool else which + len(state.pool),
        "steps": length,
        "plus_after": max(1, int(after * 2.0 ** rng.uniform(-1, 2))),
        "margin": int(rng.integers(2, _SHORT_MARGIN if short else options.margin + 3)),
        # Not below the target: what is shorter modulo 2 may have no exact value at all.
        "target": max(reached - 1, options.target) if short else options.target,
        "seeds": int(rng.integers(2**62)),
    }


def _entered(state: FlipState[Found], options: WalkOptions) -> FlipState[Found]:
    """Put ends of walks into the pool, up to the first that is to be made exact."""
    rng, pool, fresh = state.generator(), [*state.pool], state.fresh
    candidates, pending, entered = state.candidates, None, 0
    for terms in state.ends:
        entered += 1
        reached = pool[0].rank
        # A flip may remove two terms at once. Shorter than what was asked for may be too short to
        # be made exact, and the pool must not sink there.
        if terms.rank >= min(reached, options.target):
            if terms.rank < reached or (fresh and terms.rank == reached):
                candidates = 0 if terms.rank < reached else candidates
                pool, fresh = [terms], False
            elif terms.rank == reached and len(pool) < options.pool:
                pool.append(terms)
            elif terms.rank == reached:
                pool[int(rng.integers(options.pool))] = terms
        if not state.has(terms.rank):
            candidates += 1
            if candidates <= _ALL_TRIED or candidates % _THEN_ONE_IN == 0:
                pending = terms
                break
    return replace(
        state,
        random=random_state(rng),
        pool=tuple(pool),
        fresh=fresh,
        candidates=candidates,
        pending=pending,
        ends=state.ends[entered:],
    )


def _tried(state: FlipState[Found], exact: Exact[Found]) -> FlipState[Found]:
    """Try to make exact what is pending."""
    terms, trial = state.pending, state.lifts + 1
    found = None if terms is None else exact(terms, trial)
    after = replace(state, pending=None, lifts=trial)
    if found is None:
        return after
    return replace(after, found=found, found_from=terms, candidates=0)
