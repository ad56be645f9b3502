"""A campaign: one search over all formats up to a size, kept in a folder and resumed from it."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from math import prod
from pathlib import Path
from typing import Final

import numpy as np

from ..._files import path_of
from ..._folders import held
from ..._interrupts import was_interrupted
from ..._progress import begin_stage, show_progress
from ..._typing import Sizes
from ..._version import __version__
from ..._workers import results_on_demand
from ...errors import SchemeError
from ..best import best_rank, best_scheme
from ..flips._packed import PackedTerms, compile_walk
from ..flips._starts import fits, packed
from ..registry import Registry, default_registry
from ..scheme import Scheme
from ..searching._limits import check_limits, check_seed
from ._choice import constructed, lift_cost, neighbours, next_task
from ._folder import Folder
from ._formats import Format
from ._moves import least_of, move_of, started, ways
from ._task import Outcome, Task, done

# Factors of 64 coordinates are the longest that a walk takes.
_LARGEST: Final = 8
_HOUR: Final = 3600.0
# A seed's second number for what is random outside of tasks.
_OWN: Final = 2**40


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """What a campaign came to for one format.

    Attributes
    ----------
    sizes : tuple of int
        n <= m <= p.
    before : int
        The rank that was known when the campaign began.
    rank : int
        The rank that is known now, over Q.
    goal : int
        Where the campaign stops looking.
    least : int
        The least rank modulo 2 that was met.
    flips : int
        Flips spent.

    Examples
    --------
    >>> CampaignRow((2, 2, 2), before=8, rank=7, goal=7, least=7, flips=10**6).improved
    True
    """

    sizes: Sizes
    before: int
    rank: int
    goal: int
    least: int
    flips: int

    @property
    def improved(self) -> bool:
        """Whether the rank is smaller than before."""
        return self.rank < self.before


@dataclass(frozen=True, slots=True)
class CampaignState:
    """How far a campaign is: after each task, and at its end.

    Attributes
    ----------
    rows : tuple of CampaignRow
        One for each format.
    tasks : int
        Tasks done in this session.
    flips : int
        Flips done in this session.
    seconds : float
        Time of this session.
    walking : float
        Seconds of one core that all workers together spent in walks, of ``working``.
    working : float
        Seconds of one core that they spent in tasks.
    interrupted : bool
        Whether Ctrl-C was the end.
    last : str
        What the last task was.

    Examples
    --------
    >>> CampaignState((), tasks=3, flips=10**9, seconds=30.0, walking=28.5, working=30.0).flips
    1000000000
    """

    rows: tuple[CampaignRow, ...]
    tasks: int
    flips: int
    seconds: float
    walking: float
    working: float
    interrupted: bool = False
    last: str = ""


def scheme_campaign(
    largest: int,
    folder: str | Path,
    *,
    goals: Mapping[Sizes, int] | None = None,
    seconds: float | None = None,
    tasks: int | None = None,
    registry: Registry | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: bool | None = None,
    callback: Callable[[CampaignState], object] | None = None,
    on_scheme: Callable[[Scheme], object] | None = None,
) -> CampaignState:
    """Look for shorter schemes of all formats n <= m <= p up to a size, each from the others.

    Parameters
    ----------
    largest : int
        The largest p, from 1 to 8.
    folder : str or Path
        Where all is kept, as it comes; a folder that has a campaign is gone on with.
    goals : mapping of sizes to int, optional
        Where to stop for a format n <= m <= p, as `read_known_ranks` gives them; by default, and
        where none is given, max(nm, mp, np), below which no rank lies.
    seconds : float, optional
        Begin no task after this time; by default an hour, or no limit if ``tasks`` is given.
    tasks : int, optional
        So many tasks in this session. With no executor they are the same every time.
    registry : Registry, optional
        The schemes to begin with; by default those of the package.
    seed : int
        Seed of all randomness.
    executor : concurrent.futures.Executor, optional
        Where tasks run; by default here, one after another.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar.
    callback : callable, optional
        Called with a `CampaignState` after each task.
    on_scheme : callable, optional
        Called with each exact scheme that is shorter than what was known, as soon as it is found.

    Returns
    -------
    CampaignState
        Also after Ctrl-C.

    Raises
    ------
    SchemeError
        If an argument is out of range.
    FileFormatError
        If the folder belongs to another campaign, or one that is still running, or is damaged.

    Notes
    -----
    A task is a walk modulo 2 from terms of the pool of its format, from two pieces of it side by
    side, from a larger scheme without a slice (the best over all changes of bases), or from a
    Kronecker product. What is shorter than anything known over Q is lifted and checked exactly;
    what does not lift stays an ingredient. The next task is one for the format whose gap to its
    goal, relative to the goal, is largest by the flips that were in vain there.

    References
    ----------
    M. Kauers, J. Moosbauer, "Flip graphs for matrix multiplication", ISSAC (2023).
    Y. Arai, Y. Ichikawa, K. Hukushima, "Adaptive flip graph algorithm for matrix multiplication",
    ISSAC (2024).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     end = scheme_campaign(2, place, tasks=20, registry=Registry(()))
    >>> [(row.sizes, row.before, row.rank) for row in end.rows if row.improved]
    [((2, 2, 2), 8, 7)]
    """
    if not 1 <= largest <= _LARGEST:
        raise SchemeError(f"Argument 'largest' must be from 1 to {_LARGEST}, not {largest}")
    check_limits(None, seconds, None)
    check_seed(seed)
    place = Folder(path_of(folder))
    place.prepare()
    compile_walk()
    limit = _HOUR if seconds is None and tasks is None else seconds
    with (
        held(place.header, "campaign"),
        show_progress(progress, "campaign", _line, callback, first="the first tasks") as report,
    ):
        campaign = _Campaign(largest, place, goals or {}, registry or default_registry(), seed)
        campaign.begin()
        interrupted = False
        try:
            campaign.run(limit, tasks, executor, report, on_scheme)
        except (KeyboardInterrupt, SystemError) as error:
            if not was_interrupted(error):
                raise
            interrupted = True
        return replace(campaign.state(), interrupted=interrupted)


def _line(now: CampaignState) -> str:
    speed = now.flips / max(now.seconds, 1e-9) / 1e6
    share = 100 * now.walking / max(now.working, 1e-9)
    better = [row for row in now.rows if row.improved]
    return (
        f"{len(better)} formats improved, {now.tasks} tasks, {now.flips / 1e9:.2f} billion flips, "
        f"{speed:.1f} million a second, {share:.0f}% of the time in walks; {now.last}"
    )


class _Campaign:
    """A campaign that runs: what it knows of each format, written down as it changes."""

    def __init__(
        self, largest: int, place: Folder, goals: Mapping[Sizes, int], known: Registry, seed: int
    ) -> None:
        self.place, self.registry, self.seed, self.largest = place, known, seed, largest
        self.sizes = list(combinations_with_replacement(range(1, largest + 1), 3))
        self.goals = {s: goals.get(s, max(s[0] * s[1], s[1] * s[2])) for s in self.sizes}
        self.random = np.random.default_rng([seed, _OWN])
        self.formats: dict[Sizes, Format] = {}
        self.before: dict[Sizes, int] = {}
        self.running: dict[int, Sizes] = {}
        self.number = self.tasks = self.flips = 0
        self.walking = self.working = 0.0
        self.began, self.last = time.monotonic(), ""

    def begin(self) -> None:
        """Read what there is, and enter the best schemes that are known."""
        begin_stage("the formats of the campaign")
        before = {s: best_rank(*s, registry=self.registry) for s in self.sizes}
        self.before = self.place.begin(self.largest, self.seed, before)
        self.number = self.place.tasks()
        for found in self.place.schemes():
            self.registry = self.registry.with_scheme(found)
        fresh = [Format(sizes=s, exact=s[0] * s[1] * s[2], goal=self.goals[s]) for s in self.sizes]
        self.formats = self.place.formats(fresh)
        self._enter_known()

    def _enter_known(self) -> None:
        """Enter the best schemes over Q, and what they and others are put together to modulo 2."""
        for sizes, known in self.formats.items():
            rank = best_rank(*sizes, registry=self.registry)
            if rank < known.exact or not known.pool:
                found = [self._known_modulo_2(sizes)]
                self.formats[sizes] = _fresh(replace(known, exact=rank)).entered(found, self.random)
            else:
                self.formats[sizes] = replace(known, exact=rank)

    def _known_modulo_2(self, sizes: Sizes) -> PackedTerms:
        """Reduce the best scheme over Q, or where a denominator is even, take that modulo 2."""
        best = best_scheme(*sizes, registry=self.registry)
        if not fits(best, "F2"):
            best = best_scheme(*sizes, registry=self.registry, ring="F2")
        return packed(best, "F2")

    def run(
        self,
        seconds: float | None,
        tasks: int | None,
        executor: Executor | None,
        report: Callable[[CampaignState], object],
        on_scheme: Callable[[Scheme], object] | None,
    ) -> None:
        """Give out tasks until a limit, and take in what they come to."""
        with results_on_demand(done, self._tasks(seconds, tasks), executor) as results:
            for task, outcome in results:
                found = self._taken_in(task, outcome)
                if found is not None and on_scheme is not None:
                    on_scheme(found)
                report(self.state())

    def _tasks(self, seconds: float | None, tasks: int | None) -> Iterator[Task]:
        """Make tasks, each from all that is known by then."""
        first = self.number
        while tasks is None or self.number - first < tasks:
            if seconds is not None and time.monotonic() - self.began >= seconds:
                return
            task = next_task(self.number, self.seed, self.formats, iter(self.running.values()))
            if task is None:
                return
            self.number += 1
            self.running[task.number] = task.sizes
            yield task

    def _taken_in(self, task: Task, outcome: Outcome) -> Scheme | None:
        """Enter what a task came to, and write it down."""
        self.running.pop(task.number, None)
        self.tasks += 1
        self.flips += outcome.flips
        self.walking += outcome.walking
        self.working += outcome.seconds
        known = self.formats[task.sizes]
        after = replace(
            known,
            flips=known.flips + outcome.flips,
            idle=known.idle + outcome.spent,
            tasks=known.tasks + 1,
            lifts=known.lifts + outcome.lifts,
            lifting=known.lifting + outcome.lifts * lift_cost(task.sizes, task.exact - 1),
        ).entered(outcome.ends, self.random)
        self.formats[task.sizes] = after
        changed = {task.sizes}
        name = "<{},{},{}>".format(*task.sizes)
        self.last = f"last {name}:{known.exact} (modulo 2 {known.least}) {task.move.said()}"
        found = None
        if outcome.found is not None and outcome.found.rank < known.exact:
            found = replace(outcome.found, provenance=self._provenance(task, outcome))
            self.place.keep(found)
            changed |= self._lowered(task.sizes, found.rank)
        if after.least < known.least:
            changed |= self._spread(task.sizes)
        for sizes in changed:
            self.place.save(self.formats[sizes])
        self.place.note(self.number)
        return found

    def _lowered(self, sizes: Sizes, rank: int) -> set[Sizes]:
        """Note a rank over Q, and those that follow from it."""
        ranks = {other: known.exact for other, known in self.formats.items()} | {sizes: rank}
        ranks = constructed(ranks)
        changed = {other for other, known in self.formats.items() if ranks[other] < known.exact}
        for other in changed:
            known = replace(self.formats[other], exact=ranks[other])
            self.formats[other] = _fresh(known).entered([], self.random)
        return changed

    def _spread(self, sizes: Sizes) -> set[Sizes]:
        """Let others profit from fewer terms modulo 2: put them together, and try again there."""
        changed = set()
        for other in sorted(self.sizes, key=prod):
            known = self.formats[other]
            found = ways(other, least_of(self.formats))
            best = min(found, key=lambda way: way.rank, default=None)
            if best is not None and best.rank < known.least:
                terms = started(move_of(best, self.formats, self.random), other, self.random)
                self.formats[other] = _fresh(known).entered([terms], self.random)
                changed.add(other)
        for other in {sizes} | neighbours(sizes, self.formats):
            self.formats[other] = _fresh(self.formats[other])
            changed.add(other)
        return changed

    def _provenance(self, task: Task, outcome: Outcome) -> str:
        """Say how a scheme was found."""
        parts = b"".join(part.terms.words.tobytes() for part in task.move.parts)
        return (
            f"flip graph modulo 2 and lifting: wordtensor schemes campaign --max {self.largest} "
            f"--seed {self.seed}, task {task.number}, {task.move.said()} modulo 2 (digest "
            f"{hashlib.sha256(parts).hexdigest()[:8]}); {outcome.flips} flips with seed "
            f"{task.seed}, {outcome.seconds:.1f} s of a core; wordtensor {__version__}"
        )

    def state(self) -> CampaignState:
        """Say how far it is."""
        rows = [
            CampaignRow(s, self.before[s], known.exact, known.goal, known.least, known.flips)
            for s, known in self.formats.items()
        ]
        elapsed = time.monotonic() - self.began
        return CampaignState(
            tuple(rows), self.tasks, self.flips, elapsed, self.walking, self.working, last=self.last
        )


def _fresh(known: Format) -> Format:
    """Forget what was in vain."""
    return replace(known, idle=0, lifts=0, lifting=0)
