"""Numerical search for exact schemes: start after start, and each solution is rounded."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

from ..._progress import show_progress
from ..._version import __version__
from ...errors import SchemeError
from ..scheme import Scheme
from .rounding import round_scheme
from .solve import NumericalStatus, solve_scheme

__all__ = ["NumericalAttempt", "NumericalSearchResult", "numerical_search"]

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NumericalAttempt:
    """What a search tells after each start."""

    number: int  # Starts made so far
    seed: int  # Seed of this start
    status: NumericalStatus  # How it ended;
    residual: float  # Relative residual of this start
    solutions: int  # Numerical solutions met so far
    exact: bool  # Whether this start led to an exact scheme


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
    *,
    division: str = "R",
    seed: int = 0,
    starts: int = 20,
    progress: bool = False,
    callback: Callable[[NumericalAttempt], None] | None = None,
    on_scheme: Callable[[Scheme], object] | None = None,
) -> NumericalSearchResult:
    """Solve Brent's equations from random starts and round each solution until one is exact.

    Parameters
    ----------
    n, m, p : int
        Sizes: an n x m matrix times an m x p matrix.
    rank : int
        Number of terms.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    seed : int
        Seed of the first start, at least 0; each further start has the next seed.
    starts : int
        Most starts.
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
    >>> numerical_search(2, 2, 2, 7, seed=1).scheme
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    if starts < 1 or seed < 0:
        raise SchemeError(
            f"There must be at least 1 start and a seed of at least 0, not {starts} and {seed}."
        )
    began = time.monotonic()
    count, solutions, residual = 0, 0, float("inf")
    found: Scheme | None = None
    interrupted = False
    try:
        with _shown(progress, f"<{n},{m},{p}>:{rank}", starts, callback) as report:
            while found is None and count < starts:
                number = seed + count
                solved = solve_scheme(n, m, p, rank, division=division, seed=number, starts=1)
                if solved.status == "converged":
                    solutions += 1
                    found = round_scheme(solved.factors, (n, m, p), division=division, seed=number)
                count, residual = count + 1, min(residual, solved.residual)
                if found is not None:
                    took = time.monotonic() - began
                    found = replace(found, provenance=_provenance(found, number, took)).check()
                    if on_scheme is not None:
                        on_scheme(found)
                report(
                    NumericalAttempt(
                        count, number, solved.status, solved.residual, solutions, found is not None
                    )
                )
    except KeyboardInterrupt:
        interrupted = True
    seconds = time.monotonic() - began
    return NumericalSearchResult(found, residual, count, solutions, seconds, interrupted, seed)


def _provenance(found: Scheme, seed: int, seconds: float) -> str:
    """Give the command that makes the successful start alone."""
    n, m, p = found.shape
    return (
        f"Gauss-Newton on Brent's equations, and rounding: wordtensor schemes search {n} {m} {p} "
        f"--method numerical --rank {found.rank} --division {found.division} --seed {seed} "
        f"--starts 1; {seconds:.1f} s with the starts before it; wordtensor {__version__}"
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
