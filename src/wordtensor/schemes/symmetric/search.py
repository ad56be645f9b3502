"""Search for schemes of <n,n,n> with a cyclic symmetry: flip graphs modulo 2 of whole orbits."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..._version import __version__
from ...errors import SchemeError
from .._search_progress import show_search
from ..flips._search import Progress
from ..scheme import Scheme
from ._checkpoint import load_symmetric, save_symmetric
from ._state import SymmetricOptions, SymmetricState, begun, stepped
from .terms import SymmetricTerms, symmetric_start

__all__ = ["SymmetricResult", "symmetric_search"]

_SAVE_EVERY: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class SymmetricResult:
    """What a search among symmetric schemes found.

    Attributes
    ----------
    scheme : Scheme or None
        The exact scheme of smallest rank that was reached, checked, with its provenance.
    rank_mod_2 : int
        The smallest rank reached modulo 2; it may be one that does not lift.
    terms : SymmetricTerms
        A scheme modulo 2 of that rank.
    flips : int
        Flips of orbits that were made.
    seconds : float
        Time spent, that before a resumption included.
    interrupted : bool
        Whether Ctrl-C ended it.
    seed : int
        The seed.
    version : str
        The version of wordtensor.
    """

    scheme: Scheme | None
    rank_mod_2: int
    terms: SymmetricTerms
    flips: int
    seconds: float
    interrupted: bool
    seed: int
    version: str = __version__


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
    seconds: float | None = 60.0,
    flips: int | None = None,
    patience: int = 10_000_000,
    plus_after: int = 20_000,
    margin: int = 12,
    signs_only: bool = False,
    checkpoint: str | Path | None = None,
    progress: bool = False,
    callback: Callable[[Progress], None] | None = None,
    on_scheme: Callable[[Scheme], object] | None = None,
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
        Seed of all randomness, at least 0.
    seconds : float, optional
        Stop after the walk in which this time ends; None for no limit.
    flips : int, optional
        Stop after the walk in which so many flips of orbits are done: unlike ``seconds`` the same
        each time.
    patience : int
        A walk ends after this many flips without a new lowest rank.
    plus_after, margin : int
        A plus transition follows this many flips without a reduction while the rank is below the
        best of the walk plus ``margin``; each walk varies both by a factor of 4 or less.
    signs_only : bool
        Accept only coefficients -1, 0, 1.
    checkpoint : str or Path, optional
        A file that is written after walks, at most every five seconds. If it exists, the search
        goes on from it, to the same end as without interruption.
    progress : bool
        Show a line of progress on standard error.
    callback : callable, optional
        Called with a `Progress` after each walk and each attempt to lift.
    on_scheme : callable, optional
        Called with each exact scheme that is shorter than the best so far, as soon as it is found,
        so that it can be kept whatever happens to the process.

    Returns
    -------
    SymmetricResult
        The best exact scheme, the best rank modulo 2 and what it took; also after Ctrl-C.

    Raises
    ------
    SchemeError
        If a number is out of range.
    FileFormatError
        If the checkpoint is damaged, belongs to another search, or cannot be written.

    References
    ----------
    J. Moosbauer, M. Poole, "Flip graphs with symmetry and new matrix multiplication schemes",
    arXiv:2502.04514 (2025).

    Examples
    --------
    >>> symmetric_search(2, 7, seed=1).scheme
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    _check_limits(rank, seed, seconds, flips)
    options = SymmetricOptions(rank or 0, patience, plus_after, margin, signs_only)
    if start is None:
        cubes = _default_cubes(n, rank) if fixed is None else fixed
        start = symmetric_start(n, cubes, reflected=reflected)
    elif start.n != n:
        raise SchemeError(f"The start is a scheme of size {start.n}, not {n}.")
    task = {"n": n, "seed": seed, "signs_only": signs_only, "patience": patience}
    task |= {"plus_after": plus_after, "margin": margin}
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        state = load_symmetric(path, task, start)
    else:
        state = begun(start, seed)
    search = _Search(state, options, seed, path, task, on_scheme)
    with show_search(progress, f"<{n},{n},{n}>", callback) as report:
        interrupted = search.run(seconds, flips, report)
    state = search.state
    return SymmetricResult(
        search.named(), state.best.rank, state.best, state.flips, state.seconds, interrupted, seed
    )


def _check_limits(rank: int | None, seed: int, seconds: float | None, flips: int | None) -> None:
    if rank is not None and rank < 1:
        raise SchemeError(f"Argument 'rank' must be at least 1, not {rank}.")
    if seed < 0:
        raise SchemeError(f"Argument 'seed' must be at least 0, not {seed}.")
    if seconds is not None and not seconds >= 0:
        raise SchemeError(f"Argument 'seconds' must be at least 0, not {seconds}.")
    if flips is not None and flips < 1:
        raise SchemeError(f"Argument 'flips' must be at least 1, not {flips}.")


@dataclass(slots=True)
class _Search:
    """A running search: its latest state, and where it is written."""

    state: SymmetricState
    options: SymmetricOptions
    seed: int
    path: Path | None
    task: dict[str, Any]
    on_scheme: Callable[[Scheme], object] | None

    def run(
        self, seconds: float | None, flips: int | None, report: Callable[[Progress], None]
    ) -> bool:
        """Step until a limit is reached or the rank that was asked for; tell whether by Ctrl-C."""
        began = saved = time.monotonic()
        interrupted = False
        try:
            while not self._ends(flips, None if seconds is None else began + seconds):
                before, self.state = self.state, stepped(self.state, self.options)
                if self.on_scheme is not None and self.state.found != before.found:
                    self.on_scheme(self._certain())
                report(self._progress())
                if self.path is not None and time.monotonic() - saved > _SAVE_EVERY:
                    save_symmetric(self.path, self.state, self.task)
                    saved = time.monotonic()
        except KeyboardInterrupt:
            interrupted = True
        if self.path is not None:
            save_symmetric(self.path, self.state, self.task)
        return interrupted

    def _ends(self, flips: int | None, deadline: float | None) -> bool:
        """Tell whether the rank or a limit is reached; what was found last is lifted before."""
        if self.state.reached(self.options.target):
            return True
        spent = flips is not None and self.state.spent >= flips
        late = deadline is not None and time.monotonic() >= deadline
        return (spent or late) and self.state.pending is None

    def _progress(self) -> Progress:
        state = self.state
        return Progress(state.best.rank, state.found, state.kept, state.flips, state.seconds)

    def named(self) -> Scheme | None:
        """Return the exact scheme with its provenance."""
        return None if self.state.scheme is None else self._certain()

    def _certain(self) -> Scheme:
        state = self.state
        if state.scheme is None:
            raise SchemeError("The search has found no exact scheme.")
        return replace(state.scheme, provenance=_provenance(state, self.options, self.seed)).check()


def _provenance(state: SymmetricState, options: SymmetricOptions, seed: int) -> str:
    """Say which command, or which start, led to the scheme."""
    start, n = state.start, state.start.n
    command = f"wordtensor schemes search {n} {n} {n} --method symmetric"
    if options.target:
        command += f" --rank {options.target}"
    command += f" --fixed {len(start.cubes)}" + " --reflected" * (start.copies == 2)
    command += f" --seed {seed} --plus-after {options.plus_after} --margin {options.margin}"
    command += f" --patience {options.patience}" + " --signs-only" * options.signs_only
    return (
        f"flip graph modulo 2 with cyclic symmetry, and lifting: {command} --flips {state.spent}; "
        f"{state.flips} flips, {state.seconds:.1f} s, from a scheme of rank {start.rank}; "
        f"wordtensor {__version__}"
    )
