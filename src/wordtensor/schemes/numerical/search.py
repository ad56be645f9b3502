"""Numerical search for exact schemes: start after start, and each solution is rounded."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

from ..._progress import show_progress
from ..._version import __version__
from ..scheme import Scheme
from .rounding import round_scheme
from .solve import NumericalOptions, NumericalStatus, solve_scheme

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NumericalAttempt:
    """What a search tells after each start."""

    number: int  # starts made so far
    seed: int
    status: NumericalStatus  # how it ended, as in `NumericalResult`
    residual: float  # relative, of this start, as is the seed
    solutions: int  # numerical solutions met so far
    exact: bool  # whether this start led to an exact scheme


@dataclass(frozen=True, slots=True, eq=False)
class NumericalSearchResult:
    """What a numerical search came to.

    Attributes
    ----------
    scheme : Scheme or None
        Exact, checked, with its provenance.
    residual : float
        The smallest relative residual of all starts; infinity before the first one has ended.
    starts : int
        Starts made.
    solutions : int
        How many of them converged; without a scheme, none of these could be rounded.
    seconds : float
        Time spent.
    interrupted : bool
        Whether Ctrl-C ended it.
    seed : int
        Seed of the first start.
    version : str
        The version of wordtensor.

    Examples
    --------
    >>> result = numerical_search(2, 2, 2, 6, NumericalOptions(starts=2))
    >>> result.scheme, result.starts, result.solutions
    (None, 2, 0)
    """

    scheme: Scheme | None
    residual: float
    starts: int
    solutions: int
    seconds: float
    interrupted: bool
    seed: int
    version: str = __version__


def numerical_search(
    n: int,
    m: int,
    p: int,
    rank: int,
    options: NumericalOptions | None = None,
    *,
    progress: bool = False,
    callback: Callable[[NumericalAttempt], None] | None = None,
    on_scheme: Callable[[Scheme], object] | None = None,
) -> NumericalSearchResult:
    """Solve Brent's equations from random starts and round each solution until one is exact.

    Parameters
    ----------
    n, m, p, rank, options
        As in `solve_scheme`; what cannot be rounded does not end the search.
    progress : bool
        Show a line of progress on standard error.
    callback : callable, optional
        Called with a `NumericalAttempt` after each start.
    on_scheme : callable, optional
        Called with the exact scheme as soon as there is one.

    Returns
    -------
    NumericalSearchResult
        Also after Ctrl-C.

    Raises
    ------
    SchemeError
        If an argument is out of range.
    MemoryLimitError
        If the equations are too many for the memory.

    Examples
    --------
    >>> numerical_search(2, 2, 2, 7, NumericalOptions(seed=1)).scheme
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    options = options or NumericalOptions()
    began = time.monotonic()
    count, solutions, residual = 0, 0, float("inf")
    found: Scheme | None = None
    interrupted = False
    try:
        with _shown(progress, f"<{n},{m},{p}>:{rank}", options.starts, callback) as report:
            while found is None and count < options.starts:
                once = replace(options, seed=options.seed + count, starts=1)
                solved = solve_scheme(n, m, p, rank, once)
                if solved.status == "converged":
                    solutions += 1
                    found = round_scheme(
                        solved.factors, (n, m, p), division=once.division, seed=once.seed
                    )
                count, residual = count + 1, min(residual, solved.residual)
                if found is not None:
                    took = time.monotonic() - began
                    found = replace(found, provenance=_provenance(found, once, took)).check()
                    if on_scheme is not None:
                        on_scheme(found)
                report(
                    NumericalAttempt(
                        number=count,
                        seed=once.seed,
                        status=solved.status,
                        residual=solved.residual,
                        solutions=solutions,
                        exact=found is not None,
                    )
                )
    except KeyboardInterrupt:
        interrupted = True
    seconds = time.monotonic() - began
    return NumericalSearchResult(
        scheme=found,
        residual=residual,
        starts=count,
        solutions=solutions,
        seconds=seconds,
        interrupted=interrupted,
        seed=options.seed,
    )


def _provenance(found: Scheme, once: NumericalOptions, seconds: float) -> str:
    """Give the command that makes the successful start alone, and what a command cannot say."""
    n, m, p = found.shape
    usual = NumericalOptions(division=once.division, seed=once.seed, starts=1)
    return (
        f"Gauss-Newton on Brent's equations, and rounding: wordtensor schemes search {n} {m} {p} "
        f"--method numerical --rank {found.rank} --division {found.division} --seed {once.seed} "
        f"--starts 1; {seconds:.1f} s with the starts before it; "
        + ("" if once == usual else f"by {once!r}; ")
        + f"wordtensor {__version__}"
    )


def _shown(
    shown: bool, head: str, starts: int, callback: Callable[[NumericalAttempt], None] | None
) -> AbstractContextManager[Callable[[NumericalAttempt], None]]:
    """Log each start, show it if asked, and pass it on."""

    def line(now: NumericalAttempt) -> str:
        return _line(now, starts)

    def told(now: NumericalAttempt) -> None:
        _LOG.info("%s: %s", head, line(now))
        if callback is not None:
            callback(now)

    return show_progress(shown, head, line, told, first="the first start")


def _line(now: NumericalAttempt, starts: int) -> str:
    ending = "exact" if now.exact else f"{now.status} at residual {now.residual:.0e}"
    return f"start {now.number} of {starts}: {ending}; {now.solutions} numerical solutions"
