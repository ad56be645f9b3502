"""Search for schemes: walks in the flip graph over F_2, F_3 or Z, lifting, and the exact check."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from ..._devices import check_device
from ..._progress import begin_stage
from ..._typing import IntegerFactors
from ..._version import __version__
from ...errors import MemoryLimitError, SchemeError
from ..flips._archive import put_together, taken_apart
from ..flips._packed import LONGEST, PackedTerms, Ring, compile_walk
from ..flips._starts import check_fits, check_start, starting_terms
from ..flips._state import Exact, FlipState, WalkOptions, begun, stepped
from ..flips._walkers import walking
from ..lifting.lift import lift_terms, lift_terms_modulo_3
from ..matrix_product import DIMENSIONS, dense_product_tensor, require_division
from ..registry import Registry, default_registry
from ..scheme import Scheme
from ._checkpoint import Checkpoint, opened
from ._limits import Limits, check_counts, check_limits, check_seed
from ._loop import run_search
from ._progress import show_search
from ._state import said_of_sessions
from .results import Progress, SearchResult

# A plus transition after this many flips in vain, and this far above the best rank.
_PLUS_AFTER: Final = {"F2": 1_000, "F3": 1_000, "Z": 50_000}
_MARGIN: Final = 1
_STEPS, _FEWEST_STEPS, _STEPS_A_PLUS = 20_000_000, 10_000, 20_000
_MINUTE: Final = 60.0

_log = logging.getLogger(__name__)
_CHARACTERISTIC: Final = {"F2": 2, "F3": 3, "Z": 0}
_NAMES: Final = {
    "F2": "modulo 2 and lifting",
    "F3": "modulo 3 and lifting",
    "Z": "over Z",
}


@dataclass(frozen=True, slots=True)
class FlipOptions:
    """How `search_scheme` walks, where from, and what it accepts.

    Attributes
    ----------
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    ring : {"F2", "F3", "Z"}
        Walk modulo 2 or 3 and lift, or walk over Z with coefficients -1, 0, 1. What is lifted
        from modulo 2 has odd denominators; schemes that need 1/2 are reached modulo 3 only.
    start : {"auto", "best", "extend", "project", "standard"}
        Where walks start: "standard" is the product by its definition, "best" the shortest known
        scheme, "extend" one of a size smaller by one with a standard slice, "project" one of a
        size larger by one without a slice; "auto" is all of them.
    walkers : int
        Walks side by side. It is part of what makes a search repeatable.
    steps : int, optional
        Flips of one walk, by default 20 million for all walkers together, fewer where a plus
        transition follows after less than 1000.
    plus_after, margin : int, optional
        A plus transition follows about this many flips without a reduction, at less than about the
        best rank plus ``margin``. By default 1000 modulo 2 and 3, 50000 over Z, and 1.
    signs_only : bool
        Accept only coefficients -1, 0, 1.
    characteristic : {0, 2, 3}
        With 2 and ring "F2", or 3 and ring "F3", what is looked for is a scheme that holds modulo
        that prime only; nothing is lifted.
    device : {"cpu", "cuda"}
        Where to walk; the result is the same. A GPU takes thousands of ``walkers`` to be busy.
    seed : int
        Seed of all randomness, at least 0.

    Raises
    ------
    SchemeError
        If a value is out of range.

    Examples
    --------
    >>> FlipOptions(ring="Z", walkers=4).start
    'auto'
    >>> FlipOptions(walkers=0)
    Traceback (most recent call last):
    wordtensor.errors.SchemeError: Argument 'walkers' must be at least 1, not 0
    """

    division: str = "R"
    ring: Ring = "F2"
    start: str = "auto"
    walkers: int = 1
    steps: int | None = None
    plus_after: int | None = None
    margin: int | None = None
    signs_only: bool = False
    characteristic: int = 0
    device: str = "cpu"
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        require_division(self.division)
        if self.ring not in LONGEST:
            raise SchemeError(f"Argument 'ring' must be 'F2', 'F3' or 'Z', not {self.ring!r}")
        check_start(self.start)
        if self.characteristic not in (0, _CHARACTERISTIC[self.ring]):
            raise SchemeError(
                "Argument 'characteristic' must be 0, or 2 with ring 'F2', or 3 with ring 'F3', "
                f"not {self.characteristic!r} with ring {self.ring!r}"
            )
        check_counts(self, "walkers", "steps", "plus_after", "margin")
        check_seed(self.seed)


def search_scheme(
    n: int,
    m: int,
    p: int,
    rank: int | None = None,
    options: FlipOptions | None = None,
    *,
    seconds: float | None = None,
    flips: int | None = None,
    registry: Registry | None = None,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
    callback: Callable[[Progress], None] | None = None,
    on_scheme: Callable[[Scheme], object] | None = None,
) -> SearchResult[Scheme]:
    """Walk the flip graph from known schemes, lift what is found, and check it exactly.

    Parameters
    ----------
    n, m, p : int
        Sizes: an n x m matrix times an m x p matrix.
    rank : int, optional
        Stop here; by default the search goes on to its end.
    options : FlipOptions, optional
        How to walk, where from, and what to accept.
    seconds : float, optional
        Stop after the batch of walks in which this time ends, that for the starts included; by
        default after a minute, or never if ``flips`` is given.
    flips : int, optional
        Stop after so many flips of all walks: unlike with ``seconds`` the result is the same each
        time, from the same registry. A walk that ends early counts for 10000 flips at least.
    registry : Registry, optional
        Where starting schemes come from; by default the schemes of the package.
    checkpoint : str or Path, optional
        A file that is written after walks, at most every five seconds. If it exists, the search
        goes on from it, to the same end as without interruption; with more ``flips``, further.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a notebook
        only.
    callback : callable, optional
        Called with a `Progress` after each batch of walks and each attempt to lift.
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
        If the checkpoint is damaged, belongs to another search, or one that is still running, or
        cannot be written.
    WordTensorError
        If the device is unknown, or is ``"cuda"`` where there is none.

    References
    ----------
    M. Kauers, J. Moosbauer, "Flip graphs for matrix multiplication", ISSAC (2023).
    Y. Arai, Y. Ichikawa, K. Hukushima, "Adaptive flip graph algorithm for matrix multiplication",
    ISSAC (2024): plus transitions and extension.

    Examples
    --------
    >>> search_scheme(2, 2, 2, 7, FlipOptions(start="standard"), flips=10**6).scheme
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    options = options or FlipOptions()
    if min(n, m, p) < 1:
        raise SchemeError(f"Sizes must be positive integers, not ({n}, {m}, {p})")
    check_limits(rank, seconds, flips)
    check_fits(n, m, p, options.division, options.ring)
    check_device(options.device)
    walk = _walk_options(options, rank or 0, flips)
    task, known = _Task((n, m, p), options, walk), registry or default_registry()
    file = None if checkpoint is None else task.checkpoint(Path(checkpoint))
    compile_walk()
    limits = Limits(walk.target, _MINUTE if seconds is None and flips is None else seconds, flips)

    def first() -> FlipState[Scheme]:
        begin_stage("starts of walks for <%d,%d,%d>", n, m, p)
        how = (options.division, options.start, known, options.ring, options.seed)
        state: FlipState[Scheme] = begun(starting_terms(n, m, p, *how), options.seed)
        return replace(state, seconds=limits.elapsed())

    with (
        opened(file, first) as state,
        show_search(progress, f"<{n},{m},{p}>", callback, limits) as report,
        walking(walk.walkers, options.device) as walks,
    ):
        last, interrupted = run_search(
            state,
            partial(stepped, options=walk, exact=task.exact(), walks=walks),
            limits,
            report=report,
            named=task.named,
            on_exact=on_scheme,
            save=None if file is None else file.save,
        )
    return SearchResult(
        scheme=last.found,
        shortest=task.scheme(last.shortest.factors(task.rows), _CHARACTERISTIC[options.ring]),
        rank_in_ring=last.shortest.rank,
        ring=options.ring,
        flips=last.flips,
        seconds=last.seconds,
        interrupted=interrupted,
        seed=options.seed,
        sessions=last.sessions,
    )


def _walk_options(options: FlipOptions, target: int, flips: int | None) -> WalkOptions:
    """Fill in the defaults."""
    steps, plus_after, margin = options.steps, options.plus_after, options.margin
    plus_after = _PLUS_AFTER[options.ring] if plus_after is None else plus_after
    if steps is None:
        # A batch takes about a second of one core, where a plus takes as long as many flips.
        steps = min(_STEPS // options.walkers, plus_after * _STEPS_A_PLUS)
        steps = max(steps, _FEWEST_STEPS)
    return WalkOptions(
        target=target,
        steps=steps,
        plus_after=plus_after,
        margin=_MARGIN if margin is None else margin,
        walkers=options.walkers,
        flips=flips,
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """What is searched for, and how."""

    sizes: tuple[int, int, int]
    options: FlipOptions
    walk: WalkOptions

    @property
    def rows(self) -> tuple[int, int, int]:
        """Lengths of the factors."""
        (n, m, p), d = self.sizes, DIMENSIONS[self.options.division]
        return n * m * d, m * p * d, n * p * d

    def scheme(
        self,
        factors: IntegerFactors,
        characteristic: int,
        denominators: tuple[int, int, int] = (1, 1, 1),
        provenance: str = "",
    ) -> Scheme:
        """Make a scheme of factors."""
        return Scheme(
            self.sizes,
            *factors,
            denominators=denominators,
            division=self.options.division,
            provenance=provenance,
            characteristic=characteristic,
        )

    def exact(self) -> Exact[Scheme]:
        """Return the function that makes an exact scheme of terms."""
        options = self.options
        target = dense_product_tensor(*self.sizes, options.division)
        lift = lift_terms_modulo_3 if options.ring == "F3" else lift_terms

        def exact(terms: PackedTerms, trial: int) -> Scheme | None:
            factors = terms.factors(self.rows)
            if options.ring == "Z" or options.characteristic:
                return self.scheme(factors, options.characteristic).check()
            begin_stage("lifting of %d terms", terms.rank)
            try:
                lifted = lift(factors, target, seed=trial, signs_only=options.signs_only)
            except MemoryLimitError as error:
                _log.warning("not lifted: %s", error)
                return None
            return None if lifted is None else self.scheme(lifted[0], 0, lifted[1]).check()

        return exact

    def checkpoint(self, path: Path) -> Checkpoint[FlipState[Scheme]]:
        """Return the file of the search."""
        options, walk = self.options, self.walk
        task = {"method": "flips", "sizes": list(self.sizes)}
        names = ("division", "ring", "signs_only", "characteristic", "start", "seed")
        task |= {name: getattr(options, name) for name in names}
        counts = ("walkers", "steps", "plus_after", "margin")
        task |= {name: getattr(walk, name) for name in counts}

        def remake(
            factors: IntegerFactors, denominators: tuple[int, int, int], provenance: str
        ) -> Scheme:
            characteristic = options.characteristic
            return self.scheme(factors, characteristic, denominators, provenance).check()

        return Checkpoint(path, task, taken_apart, put_together, remake)

    def named(self, state: FlipState[Scheme]) -> FlipState[Scheme]:
        """Give the scheme the command that repeats the search, and what it started from."""
        if state.found is None:
            return state
        options, walk, starts = self.options, self.walk, state.starts
        ranks = ", ".join(str(rank) for rank in sorted({terms.rank for terms in starts}))
        digest = hashlib.sha256(b"".join(terms.words.tobytes() for terms in starts)).hexdigest()
        provenance = (
            f"flip graph {_NAMES[options.ring]}: wordtensor schemes search "
            f"{' '.join(map(str, self.sizes))} "
            f"{f'--rank {walk.target} ' if walk.target else ''}--division {options.division} "
            f"--ring {options.ring} --seed {options.seed} --walkers {walk.walkers} "
            f"--start {options.start} --plus-after {walk.plus_after} --margin {walk.margin} "
            f"--steps {walk.steps}{' --signs-only' if options.signs_only else ''} "
            f"--flips {max(state.granted, 1)}; {state.seconds:.1f} s{said_of_sessions(state)}, "
            f"from {len(starts)} schemes of rank {ranks} (digest {digest[:8]}); "
            f"wordtensor {__version__}"
        )
        return replace(state, found=replace(state.found, provenance=provenance))
