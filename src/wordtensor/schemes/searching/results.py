"""What the searches tell: `Progress` while they run, a result at the end."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from ..._version import __version__
from ..exact_terms import ExactTerms
from ..flips._packed import Ring
from ..scheme import Scheme

Shortest = TypeVar("Shortest")


@dataclass(frozen=True, slots=True)
class Progress:
    """What a search tells after each step.

    Attributes
    ----------
    best : int
        Fewest terms met in the ring of the walk.
    found : int or None
        Fewest terms of an exact value.
    pool : int
        Number of different terms that walks may start from.
    flips : int
        Flips done.
    seconds : float
        Time spent, that before a resumption included.

    Examples
    --------
    >>> from wordtensor.schemes import FlipOptions, search_scheme
    >>> told = []
    >>> _ = search_scheme(2, 2, 2, 7, FlipOptions(start="standard"), callback=told.append)
    >>> told[-1].best, told[-1].found
    (7, 7)
    """

    best: int
    found: int | None
    pool: int
    flips: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Session:
    """Where a search began or was resumed: flips spent by then, the rank asked for (0: none)."""

    spent: int
    rank: int
    version: str  # of wordtensor


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _SearchRun:
    """How a search went, whatever it was for."""

    rank_in_ring: int
    ring: Ring
    flips: int
    seconds: float
    interrupted: bool
    seed: int
    sessions: tuple[Session, ...]
    version: str = __version__

    @property
    def resumed(self) -> int:
        """How often the search went on from a checkpoint."""
        return len(self.sessions) - 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SearchResult(_SearchRun, Generic[Shortest]):
    """What `search_scheme` or `symmetric_search` found.

    Attributes
    ----------
    scheme : Scheme or None
        The exact scheme of smallest rank, checked, with its provenance.
    shortest : Scheme or SymmetricTerms
        What has the smallest rank met in the ring of the walk: of `search_scheme` a scheme, over
        "F2" of characteristic 2, over "F3" of 3; of `symmetric_search` symmetric terms modulo 2.
    rank_in_ring : int
        That rank; modulo 2 or 3 there may be no exact scheme of it.
    ring : {"F2", "F3", "Z"}
        Of the walk.
    flips : int
        Flips done.
    seconds : float
        Time spent, that before a resumption included.
    interrupted : bool
        Whether Ctrl-C ended it.
    seed : int
        Seed of all randomness.
    sessions : tuple of Session
        The flips spent, the rank asked for (0: none) and the version of wordtensor where the search
        began, and where it was resumed from a checkpoint: ``resumed`` times.
    version : str
        The version of wordtensor.

    Examples
    --------
    >>> from wordtensor.schemes import FlipOptions, search_scheme
    >>> found = search_scheme(2, 2, 2, 7, FlipOptions(start="standard"))
    >>> found.scheme, found.shortest
    (Scheme(<2,2,2>, rank=7, ring='Z'), Scheme(<2,2,2>, rank=7, ring='F2'))
    """

    scheme: Scheme | None
    shortest: Shortest


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TensorSearchResult(_SearchRun):
    """What `search_tensor` found.

    Attributes
    ----------
    terms : ExactTerms
        The fewest exact terms, checked; the fibres of the tensor if a search lifted nothing.
    rank_in_ring : int
        The fewest terms met in the ring of the walk; modulo 2 they may have no exact value.
    ring : {"F2", "Z"}
        Of the walk.
    flips : int
        Flips done.
    seconds : float
        Time spent, that before a resumption included.
    interrupted : bool
        Whether Ctrl-C ended it.
    seed : int
        Seed of all randomness.
    sessions : tuple of Session
        The flips spent, the rank asked for (0: none) and the version of wordtensor where the search
        began, and where it was resumed from a checkpoint: ``resumed`` times.
    version : str
        The version of wordtensor.

    Examples
    --------
    >>> from wordtensor.schemes import search_tensor
    >>> found = search_tensor([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], 3, flips=10**5)
    >>> found.terms.rank, found.rank_in_ring, found.ring
    (3, 3, 'Z')
    """

    terms: ExactTerms
