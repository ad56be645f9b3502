"""Search for schemes: walks in the flip graph over F_2, F_3 or Z, lifting, and the exact check."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from .._version import __version__
from ..errors import MemoryLimitError, SchemeError
from ._search_progress import show_search
from .flips._checkpoint import load_checkpoint
from .flips._running import Limits, run_rounds
from .flips._search import FlipOptions, FlipSearch, Progress
from .flips._starts import check_fits, starting_terms
from .flips._terms import LONGEST, Ring, Terms
from .flips._walkers import check_device
from .lifting.lift import lift_terms, lift_terms_modulo_3, target_tensor
from .registry import Registry, default_registry
from .scheme import DIMENSIONS, Scheme

__all__ = ["SearchResult", "search_scheme"]

# A plus transition after this many flips in vain, and this far above the best rank.
_PLUS_AFTER: Final = {"F2": 1_000, "F3": 20_000, "Z": 50_000}
_MARGIN: Final = 1
_STEPS, _FEWEST_STEPS = 20_000_000, 10_000
_MINUTE: Final = 60.0

_log = logging.getLogger(__name__)
_PRIMES: Final = {"F2": 2, "F3": 3}
_NAMES: Final = {
    "F2": "modulo 2 and lifting",
    "F3": "modulo 3 and lifting",
    "Z": "over Z",
}


@dataclass(frozen=True, slots=True, eq=False)
class SearchResult:
    """What a search found.

    Attributes
    ----------
    scheme : Scheme or None
        The exact scheme of smallest rank, checked, with its provenance.
    rank_in_ring : int
        The smallest rank met in the ring of the walk; modulo a prime it may not lift.
    shortest : Scheme
        A scheme of that rank; over "F2" or "F3" it has characteristic 2 or 3.
    flips : int
        Flips done.
    seconds : float
        Time spent, that before a resumption included.
    interrupted : bool
        Whether Ctrl-C ended it.
    seed : int
        Seed of all randomness.
    version : str
        The version of wordtensor.
    """

    scheme: Scheme | None
    rank_in_ring: int
    shortest: Scheme
    flips: int
    seconds: float
    interrupted: bool
    seed: int
    version: str = __version__


def search_scheme(
    n: int,
    m: int,
    p: int,
    rank: int | None = None,
    *,
    division: str = "R",
    ring: Ring = "F2",
    seed: int = 0,
    seconds: float | None = None,
    flips: int | None = None,
    start: str = "auto",
    walkers: int | None = None,
    steps: int | None = None,
    plus_after: int | None = None,
    margin: int | None = None,
    signs_only: bool = False,
    characteristic: int = 0,
    device: str = "cpu",
    registry: Registry | None = None,
    checkpoint: str | Path | None = None,
    progress: bool = False,
    callback: Callable[[Progress], None] | None = None,
    on_scheme: Callable[[Scheme], object] | None = None,
) -> SearchResult:
    """Walk the flip graph from known schemes, lift what is found, and check it exactly.

    Parameters
    ----------
    n, m, p : int
        Sizes: an n x m matrix times an m x p matrix.
    rank : int, optional
        Stop here; by default the search goes on to its end.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    ring : {"F2", "F3", "Z"}
        Walk modulo 2 or 3 and lift, or walk over Z with coefficients -1, 0, 1. What is lifted has
        denominators prime to 2 or 3: a scheme that needs 1/2 is found modulo 3 only.
    seed : int
        Seed of all randomness, at least 0.
    seconds : float, optional
        Stop after the round of walks in which this time ends; by default after a minute, or never
        if ``flips`` is given.
    flips : int, optional
        Stop after the round in which so many flips are done: unlike with ``seconds`` the result is
        the same each time, from the same registry. A walk counts for 10000 flips at least.
    start : {"auto", "best", "extend", "project", "standard"}
        Where walks start: see `starting_schemes`.
    walkers : int, optional
        Walks side by side, by default 1. It is part of what makes a search repeatable.
    steps : int, optional
        Flips of one walk, by default 20 million for all walkers together.
    plus_after, margin : int, optional
        A plus transition follows about this many flips without a reduction, at less than about the
        best rank plus ``margin``. By default 1000 modulo 2, 20000 modulo 3, 50000 over Z, and 1.
    signs_only : bool
        Accept only coefficients -1, 0, 1.
    characteristic : {0, 2, 3}
        With the prime of the ring a scheme that holds modulo that prime only is what is looked for;
        nothing is lifted.
    device : {"cpu", "cuda"}
        Where to walk; the result is the same. A GPU takes thousands of ``walkers`` to be busy.
    registry : Registry, optional
        Where starting schemes come from; by default the schemes of the package.
    checkpoint : str or Path, optional
        A file that is written after rounds, at most every five seconds. If it exists, the search
        goes on from it, to the same end as without interruption.
    progress : bool
        Show a line of progress on standard error.
    callback : callable, optional
        Called with a `Progress` after each round.
    on_scheme : callable, optional
        Called with each exact scheme that is shorter than the best so far, as soon as it is found,
        so that it can be kept whatever happens to the process.

    Returns
    -------
    SearchResult
        Also after Ctrl-C, with the best so far.

    Raises
    ------
    SchemeError
        If an argument is out of range or the sizes are too large for the ring.
    FileFormatError
        If the checkpoint is damaged or belongs to another search.
    WordTensorError
        If the device is unknown, or is ``"cuda"`` where there is none.

    References
    ----------
    M. Kauers, J. Moosbauer, "Flip graphs for matrix multiplication", ISSAC (2023).
    Y. Arai, Y. Ichikawa, K. Hukushima, "Adaptive flip graph algorithm for matrix multiplication",
    ISSAC (2024): plus transitions and extension.

    Examples
    --------
    >>> search_scheme(2, 2, 2, 7, start="standard", flips=10**6).scheme
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    _check_arguments(n, m, p, rank, division, ring, seconds, flips, characteristic)
    check_fits(n, m, p, division, ring)
    check_device(device)
    registry = default_registry() if registry is None else registry
    options = FlipOptions(
        target=rank or 0,
        steps=_default_steps(walkers, flips, checkpoint) if steps is None else steps,
        plus_after=_PLUS_AFTER[ring] if plus_after is None else plus_after,
        margin=_MARGIN if margin is None else margin,
        walkers=1 if walkers is None else walkers,
        seed=seed,
    )
    exact = _exact_scheme(n, m, p, division, ring, signs_only, characteristic)
    task = {"sizes": [n, m, p], "division": division, "ring": ring, "signs_only": signs_only}
    task |= {"characteristic": characteristic, "start": start, "seed": seed}
    task |= {name: getattr(options, name) for name in ("walkers", "steps", "plus_after", "margin")}
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        search = load_checkpoint(path, task, exact)
        search.options = replace(search.options, target=options.target)
    else:
        starts = starting_terms(n, m, p, division, start, registry, ring, seed)
        search = FlipSearch.begin(starts, options, exact)
    how = _How((n, m, p), division, start, signs_only)
    finds = _Finds(search, how, search.best, on_scheme)
    search.on_exact = finds.enter
    stop = Limits(_MINUTE if seconds is None and flips is None else seconds, flips)
    with show_search(progress, f"<{n},{m},{p}>", callback) as report:
        interrupted = run_rounds(search, stop, (report,), path, task, device)
    return _result(search, how, finds.best, interrupted)


def _default_steps(walkers: int | None, flips: int | None, checkpoint: str | Path | None) -> int:
    """Choose walks such that a round takes about a second of one core, and no more than asked."""
    steps = max(_STEPS // max(walkers or 1, 1), _FEWEST_STEPS)
    # Another limit must not make a checkpoint that of another search.
    return min(steps, max(flips, _FEWEST_STEPS)) if flips and checkpoint is None else steps


@dataclass(frozen=True, slots=True)
class _How:
    """What a search was asked for, besides its options."""

    sizes: tuple[int, int, int]
    division: str
    start: str
    signs_only: bool


@dataclass(slots=True)
class _Finds:
    """The shortest exact scheme so far; it stays even if Ctrl-C takes back the round it is of."""

    search: FlipSearch[Scheme]
    how: _How
    best: Scheme | None
    on_scheme: Callable[[Scheme], object] | None

    def enter(self, found: Scheme) -> None:
        """Take a scheme as soon as it is made, and hand it on."""
        if self.best is not None and self.best.rank <= found.rank:
            return
        self.best = replace(found, provenance=_provenance(self.search, self.how)).check()
        if self.on_scheme is not None:
            self.on_scheme(self.best)


def _check_arguments(
    n: int,
    m: int,
    p: int,
    rank: int | None,
    division: str,
    ring: str,
    seconds: float | None,
    flips: int | None,
    characteristic: int,
) -> None:
    if min(n, m, p) < 1:
        raise SchemeError(f"Sizes must be positive integers, not ({n}, {m}, {p}).")
    if division not in DIMENSIONS:
        raise SchemeError(f"Argument 'division' must be 'R', 'C' or 'H', not {division!r}.")
    if ring not in LONGEST:
        raise SchemeError(f"Argument 'ring' must be 'F2', 'F3' or 'Z', not {ring!r}.")
    if characteristic not in (0, _PRIMES.get(ring, 0)):
        raise SchemeError(
            "Argument 'characteristic' must be 0, or 2 with ring 'F2', or 3 with ring 'F3', not "
            f"{characteristic!r}."
        )
    if rank is not None and rank < 1:
        raise SchemeError(f"Argument 'rank' must be at least 1, not {rank}.")
    if seconds is not None and not seconds >= 0:
        raise SchemeError(f"Argument 'seconds' must be at least 0, not {seconds}.")
    if flips is not None and flips < 1:
        raise SchemeError(f"Argument 'flips' must be at least 1, not {flips}.")


def _exact_scheme(
    n: int, m: int, p: int, division: str, ring: Ring, signs_only: bool, characteristic: int
) -> Callable[[Terms, int], Scheme | None]:
    """Return the function that makes an exact scheme of terms."""
    target = target_tensor(n, m, p, division)

    def exact(terms: Terms, trial: int) -> Scheme | None:
        factors = terms.factors(target.shape)
        if ring == "Z" or characteristic:
            s = Scheme((n, m, p), *factors, division=division, characteristic=characteristic)
            return s.check()
        lift = lift_terms_modulo_3 if ring == "F3" else lift_terms
        try:
            lifted = lift(factors, target, seed=trial, signs_only=signs_only)
        except MemoryLimitError as error:
            _log.warning("not lifted: %s", error)
            return None
        return None if lifted is None else Scheme((n, m, p), *lifted[0], lifted[1], division)

    return exact


def _result(
    search: FlipSearch[Scheme], how: _How, best: Scheme | None, interrupted: bool
) -> SearchResult:
    d = DIMENSIONS[how.division]
    n, m, p = how.sizes
    shortest = min([*search.pool, *search.best_terms], key=lambda terms: terms.rank)
    reached = Scheme(
        how.sizes,
        *shortest.factors((n * m * d, m * p * d, n * p * d)),
        division=how.division,
        characteristic=_PRIMES.get(shortest.ring, 0),
    )
    return SearchResult(
        scheme=best,
        rank_in_ring=shortest.rank,
        shortest=reached,
        flips=search.flips,
        seconds=search.seconds,
        interrupted=interrupted,
        seed=search.options.seed,
    )


def _provenance(search: FlipSearch[Scheme], how: _How) -> str:
    """Give the command that repeats the search up to now, and what it started from."""
    options, ring = search.options, search.starts[0].ring
    ranks = ", ".join(str(rank) for rank in sorted({terms.rank for terms in search.starts}))
    digest = hashlib.sha256(b"".join(terms.words.tobytes() for terms in search.starts)).hexdigest()
    return (
        f"flip graph {_NAMES[ring]}: wordtensor schemes search {' '.join(map(str, how.sizes))} "
        f"{f'--rank {options.target} ' if options.target else ''}--division {how.division} "
        f"--ring {ring} --seed {options.seed} --walkers {options.walkers} --start {how.start} "
        f"--plus-after {options.plus_after} --margin {options.margin} --steps {options.steps}"
        f"{' --signs-only' if how.signs_only else ''} --flips {max(search.spent, 1)}; "
        f"{search.seconds:.1f} s, from {len(search.starts)} schemes of rank {ranks} "
        f"(digest {digest[:8]}); wordtensor {__version__}"
    )
