"""The value `PackedTerms`: rank-one terms in machine words, and a walk from them."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..._progress import begin_stage, is_compiled
from ..._typing import Integers, Value, Words, frozen
from ...errors import SchemeError

if TYPE_CHECKING:
    from ._layout import Layout
    from ._rings import State

Ring = Literal["F2", "Z", "F3"]  # where the coefficients of a walk live

# Coordinates that a factor may have: a bit each modulo 2, two over Z and modulo 3.
LONGEST: Final = {"F2": 64, "Z": 32, "F3": 32}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PackedTerms(Value):
    """A sum of rank-one terms modulo 2 or 3, or with coefficients -1, 0, 1 over Z."""

    words: Words  # shape (3, R): the packed factors, read-only
    signs: Words  # shape (R,): 1 for a term with a minus sign, read-only
    ring: Ring

    def __post_init__(self) -> None:
        for name in ("words", "signs"):
            array = np.asarray(getattr(self, name), dtype=np.uint64)
            object.__setattr__(self, name, frozen(array))

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.words.shape[1])

    @property
    def used(self) -> int:
        """The bits that some factor has."""
        return int(np.bitwise_or.reduce(self.words, axis=None, initial=np.uint64(0)))

    @classmethod
    def from_factors(cls, U: Integers, V: Integers, W: Integers, ring: Ring) -> "PackedTerms":
        """Pack factors of shapes (n1, R), (n2, R), (n3, R); terms that vanish are left out."""
        if ring not in LONGEST:
            raise SchemeError(f"Argument 'ring' must be 'F2', 'F3' or 'Z', not {ring!r}")
        words = []
        for name, factor in zip("UVW", (U, V, W), strict=True):
            if len(factor) > LONGEST[ring]:
                raise SchemeError(
                    f"Factor {name} has {len(factor)} rows; a walk over {ring} takes at most "
                    f"{LONGEST[ring]}{'' if ring == 'F2' else '; try F2'}"
                )
            if ring == "Z" and np.abs(factor).max(initial=0) > 1:
                raise SchemeError(
                    f"Factor {name} has a coefficient other than -1, 0, 1; search over F2"
                )
            words.append(_packed(np.asarray(factor, dtype=np.int64), ring))
        stacked = np.stack(words)
        alive = (stacked != 0).all(axis=0)
        return cls(stacked[:, alive], np.zeros(int(alive.sum()), dtype=np.uint64), ring)

    def factors(self, rows: tuple[int, int, int]) -> tuple[Integers, Integers, Integers]:
        """Unpack to factors with these numbers of rows; the signs go to the first factor."""
        U, V, W = (
            _unpacked(word, count, self.ring) for word, count in zip(self.words, rows, strict=True)
        )
        if self.ring != "F2":
            U = U * (1 - 2 * self.signs.astype(np.int64))
        return U, V, W

    def __repr__(self) -> str:
        return f"PackedTerms({self.rank} terms, ring={self.ring!r})"


def compile_walk() -> None:
    """Compile the walk, or load it where an earlier process has compiled it, before it is timed."""
    if f"{__package__}._walk" in sys.modules:
        return
    if not is_compiled(str(Path(__file__).with_name("_walk.py")), "walk"):
        begin_stage("compiling the walk in the flip graph, once for all processes")
    one = PackedTerms(np.ones((3, 1), dtype=np.uint64), np.zeros(1, dtype=np.uint64), "F2")
    walk(one, 0, plus_after=1, margin=1)


def _packed(factor: Integers, ring: Ring) -> Words:
    bits = np.uint64(1) << np.arange(len(factor), dtype=np.uint64)[:, None]
    if ring == "F2":
        return _gathered(factor & 1, bits)
    if ring == "F3":
        factor = (factor + 1) % 3 - 1
    return _gathered(factor > 0, bits) | (_gathered(factor < 0, bits) << np.uint64(32))


def _gathered(chosen: NDArray[np.generic], bits: Words) -> Words:
    word: Words = np.bitwise_or.reduce(
        np.where(chosen, bits, np.uint64(0)), axis=0, initial=np.uint64(0)
    )
    return word


def _unpacked(word: Words, rows: int, ring: Ring) -> Integers:
    shifts = np.arange(rows, dtype=np.uint64)[:, None]
    ones = ((word >> shifts) & np.uint64(1)).astype(np.int64)
    if ring == "F2":
        return ones
    return ones - ((word >> (shifts + np.uint64(32))) & np.uint64(1)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class WalkResult:
    """Where a walk in the flip graph led."""

    best: PackedTerms  # the fewest terms met, the latest of several
    last: PackedTerms  # the terms at the end
    flips: int  # steps: over Z not every flip that is tried can be made
    pluses: int  # plus transitions

    @property
    def shortest(self) -> PackedTerms:
        """The terms at the end if they are as few as the best, which are then older."""
        return self.last if self.last.rank == self.best.rank else self.best


def walk(
    start: PackedTerms, steps: int, *, plus_after: int, margin: int, target: int = 0, seed: int = 0
) -> WalkResult:
    """Walk at random in the flip graph, with the options of `WalkOptions`; the sum stays."""
    from ._walk import walk as walk_compiled

    layout, state = loaded_state(start, margin, seed)
    limits = (np.uint64(plus_after), np.uint64(margin), np.uint64(target))
    with np.errstate(over="ignore"):  # without compilation NumPy warns of what is meant
        walk_compiled(state, steps, *limits)
    return result_in(layout, state, start.ring)


def wandered(start: PackedTerms, flips: int, seed: int) -> PackedTerms:
    """Return other terms of the same sum, reached by flips, and no more of them."""
    met = walk(start, flips, plus_after=flips // 4, margin=1, seed=seed)
    return met.last if met.last.rank <= start.rank else met.best


def capacity_for(start: PackedTerms, margin: int) -> int:
    """Return the number of terms that a walker has room for."""
    return start.rank + margin + 1


def loaded_state(start: PackedTerms, margin: int, seed: int) -> "tuple[Layout, State]":
    """Return the state of a walker before its first step, and how it is laid out."""
    from ._layout import layout_for
    from ._walk import load

    layout = layout_for(capacity_for(start, margin), start.used, start.ring)
    state = layout.empty()
    with np.errstate(over="ignore"):
        words = layout.packed(start.words)
        load(state, np.uint64(seed), words, start.signs, np.uint64(start.rank))
    return layout, state


def result_in(layout: "Layout", state: "State", ring: Ring) -> WalkResult:
    """Read a state after a walk."""
    from ._rings import FLIPS, PLUSES

    best, last = (PackedTerms(*layout.terms(state, best=best), ring) for best in (True, False))
    return WalkResult(best, last, int(state.head[FLIPS]), int(state.head[PLUSES]))
