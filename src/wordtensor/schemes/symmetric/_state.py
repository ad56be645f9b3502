"""A search among symmetric schemes as a value: each step makes a new state of the former one.

A step that is interrupted leaves no trace, and a state that is written down goes on as if nothing
had happened.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from ...errors import SchemeError
from ..scheme import Scheme
from .terms import SymmetricTerms

__all__ = ["SymmetricOptions", "SymmetricState", "begun", "stepped"]

_log = logging.getLogger(__name__)

_LEVELS: Final = 3
_PER_LEVEL: Final = 40
_FRESH: Final = 0.25
_LIFTS_PER_RANK: Final = 4
# What a walk counts for at least: it may find hardly any flips to do, and a limit has to come.
_LEAST_FLIPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class SymmetricOptions:
    """How to walk."""

    target: int  # Stop at an exact scheme of this rank
    patience: int  # A walk ends after this many flips without a new lowest rank
    # A plus transition follows this many flips without a reduction while the rank is below the
    # best of the walk plus ``margin``;
    plus_after: int
    # A plus transition follows this many flips without a reduction while the rank is below the
    # best of the walk plus ``margin``;
    margin: int
    signs_only: bool  # Accept only coefficients -1, 0, 1

    def __post_init__(self) -> None:
        for name in ("patience", "plus_after", "margin"):
            if getattr(self, name) < 1:
                raise SchemeError(
                    f"Argument {name!r} must be at least 1, not {getattr(self, name)}."
                )


@dataclass(frozen=True, slots=True, eq=False)
class SymmetricState:
    """All that the further course of a search depends on, besides its options."""

    start: SymmetricTerms  # Where it began
    random: Mapping[str, Any]  # State of the random generator
    best: SymmetricTerms  # The scheme modulo 2 of the smallest rank met, the latest of them
    levels: Mapping[int, tuple[SymmetricTerms, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    # How many schemes of a rank were tried to lift
    lifts: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    pending: SymmetricTerms | None = None  # What is to be lifted next
    scheme: Scheme | None = None  # The exact scheme of the smallest rank
    flips: int = 0  # Flips made, and the same with at least 10000 for each walk
    spent: int = 0  # Flips made, and the same with at least 10000 for each walk
    seconds: float = 0.0  # Time spent

    @property
    def found(self) -> int | None:
        """Rank of the exact scheme."""
        return None if self.scheme is None else self.scheme.rank

    @property
    def kept(self) -> int:
        """Number of schemes that walks may start from."""
        return sum(map(len, self.levels.values()))

    def reached(self, target: int) -> bool:
        """Tell whether there is an exact scheme of a rank."""
        return self.scheme is not None and self.scheme.rank <= target


def begun(start: SymmetricTerms, seed: int) -> SymmetricState:
    """Return the state before the first walk."""
    state = dict(np.random.default_rng(seed).bit_generator.state)
    return SymmetricState(start, state, start)


def stepped(state: SymmetricState, options: SymmetricOptions) -> SymmetricState:
    """Lift what is to be lifted, or make a walk."""
    began = time.monotonic()
    after = _walked(state, options) if state.pending is None else _lifted(state, options)
    return replace(after, seconds=state.seconds + time.monotonic() - began)


def _generator(state: SymmetricState) -> np.random.Generator:
    rng = np.random.default_rng()
    rng.bit_generator.state = dict(state.random)
    return rng


def _source(state: SymmetricState, rng: np.random.Generator) -> SymmetricTerms:
    """Draw where to walk from: the start, or a low rank, each half as often as the next."""
    if not state.levels or rng.random() < _FRESH:
        return state.start
    ranks = sorted(state.levels)
    number = min(int(rng.geometric(0.5)), len(ranks)) - 1
    level = state.levels[ranks[number]]
    return level[int(rng.integers(len(level)))]


def _walked(state: SymmetricState, options: SymmetricOptions) -> SymmetricState:
    """Make one walk and keep its best scheme."""
    from ._walk import walk

    rng = _generator(state)
    source = _source(state, rng)
    rows, cubes, flips = walk(
        source.rows,
        source.cubes,
        source.copies,
        options.patience,
        max(1, int(options.plus_after * 2.0 ** rng.uniform(-2, 2))),
        max(1, int(options.margin * 2.0 ** rng.uniform(-1, 2))) * source.copies,
        options.target,
        int(rng.integers(1, 2**31)),
    )
    found = SymmetricTerms(source.n, rows, cubes, source.copies)
    if found.rank < state.best.rank:
        _log.info("Rank %d modulo 2 after %d flips.", found.rank, state.flips + int(flips))
    levels = _with(state.levels, found, rng)
    after = replace(
        state,
        levels=levels,
        best=found if found.rank <= state.best.rank else state.best,
        flips=state.flips + int(flips),
        spent=state.spent + max(int(flips), _LEAST_FLIPS),
        random=dict(rng.bit_generator.state),
    )
    return replace(after, pending=found if _worth_lifting(after, found, options) else None)


def _with(
    levels: Mapping[int, tuple[SymmetricTerms, ...]],
    found: SymmetricTerms,
    rng: np.random.Generator,
) -> Mapping[int, tuple[SymmetricTerms, ...]]:
    """Put a scheme to those of its rank; forget all but the lowest ranks."""
    level = list(levels.get(found.rank, ()))
    if len(level) < _PER_LEVEL:
        level.append(found)
    else:
        level[int(rng.integers(_PER_LEVEL))] = found
    both = {**levels, found.rank: tuple(level)}
    return MappingProxyType({rank: both[rank] for rank in sorted(both)[:_LEVELS]})


def _worth_lifting(state: SymmetricState, found: SymmetricTerms, options: SymmetricOptions) -> bool:
    """Tell whether a scheme would be the best exact one and its rank deserves a try."""
    if found.rank > state.best.rank or state.reached(found.rank):
        return False
    return found.rank <= options.target or state.lifts.get(found.rank, 0) < _LIFTS_PER_RANK


def _lifted(state: SymmetricState, options: SymmetricOptions) -> SymmetricState:
    """Try to lift what is to be lifted."""
    from ._lift import symmetric_lift

    found = state.pending
    if found is None:
        return state
    tries = state.lifts.get(found.rank, 0)
    scheme = symmetric_lift(
        found.rows, found.cubes, found.n, seed=tries, signs_only=options.signs_only
    )
    return replace(
        state,
        lifts=MappingProxyType({**state.lifts, found.rank: tries + 1}),
        pending=None,
        scheme=state.scheme if scheme is None else scheme,
    )
