"""What all searches carry along: a frozen state, of which each step makes the next.

A step that is interrupted leaves no trace, and a state that is written down goes on as if nothing
had happened.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Generic, Protocol, TypeVar

import numpy as np

from ..._typing import Integers
from ..._version import __version__
from .results import Progress, Session

# What a walk counts for at least: it may find hardly any flips to do, and a limit has to come.
LEAST_FLIPS: Final = 10_000


class ExactValue(Protocol):
    """What a search is for: a `Scheme` or `ExactTerms`."""

    @property
    def U(self) -> Integers:
        """Numerators of the first factor."""

    @property
    def V(self) -> Integers:
        """Numerators of the second factor."""

    @property
    def W(self) -> Integers:
        """Numerators of the third factor."""

    @property
    def denominators(self) -> tuple[int, int, int]:
        """One for each factor."""

    @property
    def rank(self) -> int:
        """Number of terms."""


Walked = TypeVar("Walked")  # terms as a walk takes them
Found = TypeVar("Found", bound=ExactValue)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SearchState(ABC, Generic[Walked, Found]):
    """All that the further course of a search depends on, besides its options."""

    random: Mapping[str, Any]  # state of the generator
    pending: Walked | None = None  # what is to be made exact next
    found: Found | None = None  # the exact value of the fewest terms
    flips: int = 0
    spent: int = 0  # flips, at least LEAST_FLIPS for each walk
    seconds: float = 0.0
    sessions: tuple[Session, ...] = ()  # the first one, and one for each time it was resumed

    @property
    @abstractmethod
    def reached(self) -> int:
        """Fewest terms met in the ring of the walk."""

    @property
    @abstractmethod
    def kept(self) -> int:
        """Number of terms that walks may start from, besides the starts."""

    @property
    def settled(self) -> bool:
        """Whether all that walks led to is entered and tried: only then a search ends."""
        return self.pending is None

    def has(self, rank: int) -> bool:
        """Tell whether there is an exact value of so few terms."""
        return self.found is not None and self.found.rank <= rank

    def progress(self) -> Progress:
        """Say how far the search is."""
        found = None if self.found is None else self.found.rank
        return Progress(self.reached, found, self.kept, self.flips, self.seconds)

    def generator(self) -> np.random.Generator:
        """Return a generator that goes on from the state of the former one."""
        rng = np.random.default_rng(0)
        rng.bit_generator.state = dict(self.random)
        return rng


Searched = TypeVar("Searched", bound=SearchState[Any, Any])


def in_session(state: Searched, rank: int) -> Searched:
    """Note down that a search begins here, or goes on."""
    return replace(state, sessions=(*state.sessions, Session(state.spent, rank, __version__)))


def said_of_sessions(state: SearchState[Any, Any]) -> str:
    """Say when a search was resumed, and with which version and aim if these are others."""
    said = []
    for before, now in pairwise(state.sessions):
        changes = [f"with --rank {now.rank}"] if now.rank != before.rank else []
        changes += [f"by wordtensor {now.version}"] if now.version != before.version else []
        said.append(" ".join([f"after {now.spent} flips", *changes]))
    return f", resumed {' and '.join(said)}" if said else ""


def random_state(rng: np.random.Generator) -> dict[str, Any]:
    """Return the state of a random generator, ready for JSON."""
    return dict(rng.bit_generator.state)
