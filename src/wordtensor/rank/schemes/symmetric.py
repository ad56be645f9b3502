"""Search for schemes of <n,n,n> with a cyclic symmetry: flip graphs modulo 2 of whole orbits."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ...errors import SchemeError
from .scheme import Scheme
from .symmetric_terms import SymmetricTerms, symmetric_start

__all__ = ["SymmetricResult", "symmetric_search"]

_log = logging.getLogger(__name__)

_LEVELS, _PER_LEVEL = 3, 40
_FRESH = 0.25
_LIFTS_PER_RANK = 4


@dataclass(frozen=True, slots=True, eq=False)
class SymmetricResult:
    """What a search among symmetric schemes found.

    Attributes
    ----------
    scheme : Scheme or None
        The exact scheme of smallest rank that was reached.
    rank_mod_2 : int
        The smallest rank reached modulo 2; it may be one that does not lift.
    terms : SymmetricTerms
        A scheme modulo 2 of that rank.
    flips : int
        Flips of orbits that were made.
    seconds : float
        Time spent.
    seed : int
        The seed.
    """

    scheme: Scheme | None
    rank_mod_2: int
    terms: SymmetricTerms
    flips: int
    seconds: float
    seed: int


@dataclass(frozen=True, slots=True)
class _Options:
    rank: int
    patience: int
    plus_after: int
    margin: int
    signs_only: bool

    def __post_init__(self) -> None:
        for name in ("patience", "plus_after", "margin"):
            if getattr(self, name) < 1:
                raise SchemeError(
                    f"Argument {name!r} must be at least 1, not {getattr(self, name)}."
                )


@dataclass(slots=True)
class _Search:
    """A search in progress: the lowest ranks met so far and what was lifted."""

    start: SymmetricTerms
    options: _Options
    rng: np.random.Generator
    best: SymmetricTerms
    scheme: Scheme | None = None
    flips: int = 0
    levels: dict[int, list[SymmetricTerms]] = field(default_factory=dict)
    lifts: dict[int, int] = field(default_factory=dict)

    def source(self) -> SymmetricTerms:
        """Draw where to walk from: the start, or a low rank, each half as often as the next."""
        if not self.levels or self.rng.random() < _FRESH:
            return self.start
        ranks = sorted(self.levels)
        number = min(int(self.rng.geometric(0.5)), len(ranks)) - 1
        level = self.levels[ranks[number]]
        return level[int(self.rng.integers(len(level)))]

    def walk(self) -> SymmetricTerms:
        """Make one walk and keep its best scheme."""
        from ._symmetric_walk import walk

        source, options = self.source(), self.options
        rows, cubes, flips = walk(
            source.rows,
            source.cubes,
            source.copies,
            options.patience,
            max(1, int(options.plus_after * 2.0 ** self.rng.uniform(-2, 2))),
            max(1, int(options.margin * 2.0 ** self.rng.uniform(-1, 2))) * source.copies,
            options.rank,
            int(self.rng.integers(1, 2**31)),
        )
        self.flips += int(flips)
        found = SymmetricTerms(source.n, rows, cubes, source.copies)
        self.keep(found)
        return found

    def keep(self, found: SymmetricTerms) -> None:
        """Put a scheme into the pool of its rank; forget all but the lowest ranks."""
        level = self.levels.setdefault(found.rank, [])
        if len(level) < _PER_LEVEL:
            level.append(found)
        else:
            level[int(self.rng.integers(_PER_LEVEL))] = found
        for rank in sorted(self.levels)[_LEVELS:]:
            del self.levels[rank]
        if found.rank < self.best.rank:
            _log.info("Rank %d modulo 2 after %d flips.", found.rank, self.flips)
        if found.rank <= self.best.rank:
            self.best = found

    def worth_lifting(self, found: SymmetricTerms) -> bool:
        """Tell whether a scheme would be the best exact one and its rank deserves a try."""
        if found.rank > self.best.rank or (self.scheme and self.scheme.rank <= found.rank):
            return False
        return found.rank <= self.options.rank or self.lifts.get(found.rank, 0) < _LIFTS_PER_RANK

    def lift(self, found: SymmetricTerms) -> Scheme | None:
        """Try to lift a scheme."""
        from ._symmetric_lift import symmetric_lift

        tries = self.lifts.get(found.rank, 0)
        self.lifts[found.rank] = tries + 1
        signs_only = self.options.signs_only
        lifted = symmetric_lift(found.rows, found.cubes, found.n, seed=tries, signs_only=signs_only)
        if lifted is not None:
            self.scheme = lifted
        return lifted


def _default_cubes(n: int, rank: int | None) -> int:
    """Choose the number of cubes nearest to n/2 that has the remainder modulo 3 of the rank."""
    middle = (n + 1) // 2
    if rank is None:
        return middle
    fitting = [f for f in range(1, n + 1) if f % 3 == rank % 3]
    return min(fitting, key=lambda f: abs(f - middle), default=middle)


def symmetric_search(
    n: int,
    rank: int | None = None,
    *,
    fixed: int | None = None,
    reflected: bool = False,
    start: SymmetricTerms | None = None,
    seed: int = 0,
    seconds: float = 60.0,
    flips: int | None = None,
    patience: int = 10_000_000,
    plus_after: int = 20_000,
    margin: int = 12,
    signs_only: bool = False,
    callback: Callable[[SymmetricTerms, Scheme | None], None] | None = None,
) -> SymmetricResult:
    """Search for a scheme of <n,n,n> that the cyclic exchange X, Y, Z leaves as it is.

    Parameters
    ----------
    n : int
        Size, from 2 to 8.
    rank : int, optional
        Stop at an exact scheme of this rank; without it, use all the time.
    fixed : int, optional
        Number of terms ``a*a*a`` at the start; the rank keeps its remainder modulo 3. By default
        about n/2, fitting to the rank.
    reflected : bool
        Ask for the symmetry under the reversal of all indices, too.
    start : SymmetricTerms, optional
        A scheme to start from instead, such as a `symmetric_kronecker`; it decides on ``fixed``
        and ``reflected``.
    seed : int
        Seed of all randomness.
    seconds : float
        Stop after this time.
    flips : int, optional
        Stop after this many flips of orbits; the result is reproducible if this comes first.
    patience : int
        A walk ends after this many flips without a new lowest rank.
    plus_after, margin : int
        A plus transition follows this many flips without a reduction while the rank is below the
        best of the walk plus ``margin``; each walk varies both by a factor of 4 or less.
    signs_only : bool
        Accept only coefficients -1, 0, 1.
    callback : callable, optional
        Is told every scheme that was tried to lift and what became of it.

    Returns
    -------
    SymmetricResult
        The best exact scheme, the best rank modulo 2 and what it took.

    Raises
    ------
    SchemeError
        If a number is out of range.

    References
    ----------
    J. Moosbauer, M. Poole, "Flip graphs with symmetry and new matrix multiplication schemes",
    arXiv:2502.04514 (2025).

    Examples
    --------
    >>> symmetric_search(2, 7, seed=1).scheme
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    began = time.monotonic()
    if start is None:
        cubes = _default_cubes(n, rank) if fixed is None else fixed
        start = symmetric_start(n, cubes, reflected=reflected)
    if start.n != n:
        raise SchemeError(f"The start is a scheme of size {start.n}, not {n}.")
    options = _Options(rank or 0, patience, plus_after, margin, signs_only)
    search = _Search(start, options, np.random.default_rng(seed), start)
    while time.monotonic() - began < seconds and (flips is None or search.flips < flips):
        found = search.walk()
        if search.worth_lifting(found):
            lifted = search.lift(found)
            if callback is not None:
                callback(found, lifted)
        if search.scheme is not None and search.scheme.rank <= options.rank:
            break
    took = time.monotonic() - began
    return SymmetricResult(search.scheme, search.best.rank, search.best, search.flips, took, seed)
