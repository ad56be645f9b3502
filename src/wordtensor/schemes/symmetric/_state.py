"""A search among symmetric schemes as a value: walks, and attempts to lift what they led to."""

import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from ..._progress import begin_stage, is_compiled
from ..scheme import Scheme
from ..searching._state import LEAST_FLIPS, SearchState, random_state
from .options import SymmetricOptions
from .terms import SymmetricTerms

_log = logging.getLogger(__name__)

_LEVELS: Final = 3
_PER_LEVEL: Final = 40
_FRESH: Final = 0.25
_LIFTS_PER_RANK: Final = 4


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SymmetricState(SearchState[SymmetricTerms, Scheme]):
    """A search between two steps; ``levels`` has the schemes of the lowest ranks, by rank."""

    start: SymmetricTerms  # where it began
    shortest: SymmetricTerms  # the latest scheme modulo 2 of the smallest rank met
    levels: Mapping[int, tuple[SymmetricTerms, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    # how many schemes of a rank were tried to lift
    lifts: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def reached(self) -> int:
        """Smallest rank met modulo 2."""
        return self.shortest.rank

    @property
    def kept(self) -> int:
        """Number of schemes that walks may start from."""
        return sum(map(len, self.levels.values()))


def begun(start: SymmetricTerms, seed: int) -> SymmetricState:
    """Return the state before the first walk; the seed is that of all randomness."""
    random = random_state(np.random.default_rng(seed))
    return SymmetricState(start=start, shortest=start, random=random)


def stepped(state: SymmetricState, options: SymmetricOptions, target: int) -> SymmetricState:
    """Lift what is to be lifted, or make a walk; ``target`` is the rank that is asked for."""
    if state.pending is None:
        return _walked(state, options, target)
    return _lifted(state, state.pending, options)


def _source(state: SymmetricState, rng: np.random.Generator) -> SymmetricTerms:
    """Draw where to walk from: the start, or a low rank, each half as often as the next."""
    if not state.levels or rng.random() < _FRESH:
        return state.start
    ranks = sorted(state.levels)
    number = min(int(rng.geometric(0.5)), len(ranks)) - 1
    level = state.levels[ranks[number]]
    return level[int(rng.integers(len(level)))]


def _walked(state: SymmetricState, options: SymmetricOptions, target: int) -> SymmetricState:
    """Make one walk and keep its best scheme."""
    if f"{__package__}._walk" not in sys.modules:
        _tell_compiling()
    from ._walk import walk

    rng = state.generator()
    source = _source(state, rng)
    rows, cubes, flips = walk(
        source.rows,
        source.cubes,
        source.copies,
        options.patience,
        max(1, int(options.plus_after * 2.0 ** rng.uniform(-2, 2))),
        max(1, int(options.margin * 2.0 ** rng.uniform(-1, 2))) * source.copies,
        target,
        int(rng.integers(1, 2**31)),
    )
    found = SymmetricTerms(source.n, rows, cubes, source.copies)
    if found.rank < state.reached:
        _log.info("Rank %d modulo 2 after %d flips.", found.rank, state.flips + int(flips))
    levels = _with(state.levels, found, rng)
    after = replace(
        state,
        levels=levels,
        shortest=found if found.rank <= state.reached else state.shortest,
        flips=state.flips + int(flips),
        spent=state.spent + max(int(flips), LEAST_FLIPS),
        random=random_state(rng),
    )
    return replace(after, pending=found if _worth_lifting(after, found, target) else None)


def _tell_compiling() -> None:
    """Say so where the walk has to be compiled first, which takes long."""
    if not is_compiled(str(Path(__file__).with_name("_walk.py")), "_walk"):
        begin_stage("compiling the walk of orbits, once for all processes")


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


def _worth_lifting(state: SymmetricState, found: SymmetricTerms, target: int) -> bool:
    """Tell whether a scheme would be the best exact one and its rank deserves a try."""
    if found.rank > state.reached or state.has(found.rank):
        return False
    return found.rank <= target or state.lifts.get(found.rank, 0) < _LIFTS_PER_RANK


def _lifted(
    state: SymmetricState, pending: SymmetricTerms, options: SymmetricOptions
) -> SymmetricState:
    """Try to lift what is to be lifted."""
    from ._lift import symmetric_lift

    tries = state.lifts.get(pending.rank, 0)
    scheme = symmetric_lift(
        pending.rows, pending.cubes, pending.n, seed=tries, signs_only=options.signs_only
    )
    return replace(
        state,
        lifts=MappingProxyType({**state.lifts, pending.rank: tries + 1}),
        pending=None,
        found=state.found if scheme is None else scheme,
    )
