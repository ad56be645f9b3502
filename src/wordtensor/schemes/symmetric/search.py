"""Search for schemes of <n,n,n> with a cyclic symmetry: flip graphs modulo 2 of whole orbits."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ..._typing import IntegerFactors
from ..._version import __version__
from ...errors import FileFormatError, SchemeError
from ..scheme import Scheme
from ..searching._checkpoint import Checkpoint, opened
from ..searching._limits import Limits, check_limits
from ..searching._loop import run_search
from ..searching._progress import show_search
from ..searching._state import said_of_sessions
from ..searching.results import Progress, SearchResult
from ._archive import put_together, taken_apart
from ._state import SymmetricState, begun, stepped
from .options import SymmetricOptions
from .terms import SymmetricTerms, symmetric_start


def symmetric_search(
    n: int,
    rank: int | None = None,
    options: SymmetricOptions | None = None,
    *,
    start: SymmetricTerms | None = None,
    seconds: float | None = 60.0,
    flips: int | None = None,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
    callback: Callable[[Progress], None] | None = None,
    on_scheme: Callable[[Scheme], object] | None = None,
) -> SearchResult[SymmetricTerms]:
    """Search for a scheme of <n,n,n> that the cyclic exchange X, Y, Z leaves as it is.

    Parameters
    ----------
    n : int
        Size, from 2 to 8.
    rank : int, optional
        Stop at an exact scheme of this rank; without it, use all the time.
    options : SymmetricOptions, optional
        How to walk, and what to accept.
    start : SymmetricTerms, optional
        A scheme to start from instead, such as a `symmetric_kronecker`; it decides on ``fixed``
        and ``reflected``.
    seconds : float, optional
        Stop after the walk in which this time ends; None for no limit.
    flips : int, optional
        Stop after the walk in which so many flips of orbits are done: unlike ``seconds`` the same
        each time.
    checkpoint : str or Path, optional
        A file that is written after walks, at most every five seconds. If it exists, the search
        goes on from it, to the same end as without interruption.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a notebook
        only.
    callback : callable, optional
        Called with a `Progress` after each walk and each attempt to lift.
    on_scheme : callable, optional
        Called with each exact scheme that is shorter than the best so far, as soon as it is found,
        so that it can be kept whatever happens to the process.

    Returns
    -------
    SearchResult
        The best exact scheme, the best rank modulo 2 and what it took; also after Ctrl-C.

    Raises
    ------
    SchemeError
        If a number is out of range.
    FileFormatError
        If the checkpoint is damaged, belongs to another search, or one that is still running, or
        cannot be written.

    References
    ----------
    J. Moosbauer, M. Poole, "Flip graphs with symmetry and new matrix multiplication schemes",
    arXiv:2502.04514 (2025).

    Examples
    --------
    >>> symmetric_search(2, 7, SymmetricOptions(seed=1)).scheme
    Scheme(<2,2,2>, rank=7, ring='Z')
    """
    check_limits(rank, seconds, flips)
    options, target = options or SymmetricOptions(), rank or 0
    if start is None:
        cubes = _default_cubes(n, rank) if options.fixed is None else options.fixed
        start = symmetric_start(n, cubes, reflected=options.reflected)
    elif start.n != n:
        raise SchemeError(f"The start is a scheme of size {start.n}, not {n}")
    file = None if checkpoint is None else _checkpoint(Path(checkpoint), n, options)
    limits = Limits(target, seconds, flips)
    with (
        opened(file, lambda: begun(start, options.seed)) as state,
        show_search(progress, f"<{n},{n},{n}>", callback, limits) as report,
    ):
        _check_start(state, start, checkpoint)
        last, interrupted = run_search(
            state,
            partial(stepped, options=options, target=target),
            limits,
            report=report,
            named=lambda now: _named(now, _provenance(now, options, target)),
            on_exact=on_scheme,
            save=None if file is None else file.save,
        )
    return SearchResult(
        scheme=last.found,
        shortest=last.shortest,
        rank_in_ring=last.reached,
        ring="F2",
        flips=last.flips,
        seconds=last.seconds,
        interrupted=interrupted,
        seed=options.seed,
        sessions=last.sessions,
    )


def _default_cubes(n: int, rank: int | None) -> int:
    """Choose the number of cubes nearest to n/2 that has the remainder modulo 3 of the rank."""
    middle = (n + 1) // 2
    if rank is None:
        return middle
    fitting = [f for f in range(1, n + 1) if f % 3 == rank % 3]
    return min(fitting, key=lambda f: abs(f - middle), default=middle)


def _checkpoint(path: Path, n: int, options: SymmetricOptions) -> Checkpoint[SymmetricState]:
    """Return the file of a search."""
    names = ("seed", "signs_only", "patience", "plus_after", "margin")
    task = {"method": "symmetric", "n": n}
    task |= {name: getattr(options, name) for name in names}

    def remake(
        factors: IntegerFactors, denominators: tuple[int, int, int], provenance: str
    ) -> Scheme:
        return Scheme((n, n, n), *factors, denominators, provenance=provenance).check()

    return Checkpoint(path, task, taken_apart, put_together, remake)


def _check_start(state: SymmetricState, start: SymmetricTerms, path: str | Path | None) -> None:
    """Refuse the checkpoint of a search from another start."""
    first = state.start
    if (
        first.copies != start.copies
        or not np.array_equal(first.rows, start.rows)
        or not np.array_equal(first.cubes, start.cubes)
    ):
        raise FileFormatError(
            f"File {str(path)!r} belongs to a search from another start; name another file"
        )


def _named(state: SymmetricState, provenance: str) -> SymmetricState:
    """Say how the exact scheme was found."""
    if state.found is None:
        return state
    return replace(state, found=replace(state.found, provenance=provenance))


def _provenance(state: SymmetricState, options: SymmetricOptions, target: int) -> str:
    """Say which command, or which start, led to the scheme."""
    start, n = state.start, state.start.n
    command = f"wordtensor schemes search {n} {n} {n} --method symmetric"
    if target:
        command += f" --rank {target}"
    command += f" --fixed {len(start.cubes)}" + " --reflected" * (start.copies == 2)
    command += f" --seed {options.seed} --plus-after {options.plus_after} --margin {options.margin}"
    command += f" --patience {options.patience}" + " --signs-only" * options.signs_only
    return (
        f"flip graph modulo 2 with cyclic symmetry, and lifting: {command} --flips {state.spent}; "
        f"{state.flips} flips, {state.seconds:.1f} s{said_of_sessions(state)}, "
        f"from a scheme of rank {start.rank}; wordtensor {__version__}"
    )
