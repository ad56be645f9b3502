"""Many searches that differ in their seeds: here, or shared out to other processes."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ..._interrupts import was_interrupted
from ..._progress import begin_stage
from ..._workers import results_of
from ...errors import SchemeError
from ..symmetric.options import SymmetricOptions
from .results import SearchResult
from .schemes import FlipOptions

Shortest = TypeVar("Shortest")


@dataclass(frozen=True, slots=True)
class _Task:
    """One search: what is called, and with what."""

    search: Callable[..., SearchResult[Any]]
    rank: int | None
    options: FlipOptions | SymmetricOptions
    checkpoint: Path | None


def search_seeds(
    search: Callable[..., SearchResult[Shortest]],
    options: FlipOptions | SymmetricOptions,
    seeds: Iterable[int],
    rank: int | None = None,
    *,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
    callback: Callable[[SearchResult[Shortest]], None] | None = None,
) -> tuple[SearchResult[Shortest], ...]:
    """Search with several seeds, each by itself, and give what they found, the best first.

    Parameters
    ----------
    search : callable
        `search_scheme` or `symmetric_search`, with its sizes and limits:
        ``functools.partial(search_scheme, 3, 3, 3, flips=10**7)``. Each seed has these limits.
    options : FlipOptions or SymmetricOptions
        How to walk; their own seed is not used.
    seeds : iterable of int
        At least one, each once.
    rank : int, optional
        No seed is begun after one that reached this rank; by default all are.
    checkpoint : str or Path, optional
        A file, "walk.npz", next to which each seed has its own: "walk-seed0.npz".
    executor : concurrent.futures.Executor, optional
        Where the searches run; by default here, one after another.
    callback : callable, optional
        Called with each result as it comes.

    Returns
    -------
    tuple of SearchResult
        Sorted by the rank of the scheme, the rank in the ring of the walk, and the place of the
        seed. After Ctrl-C, what there was.

    Raises
    ------
    SchemeError
        If there are no seeds, or one is given twice; and as the search raises.

    Notes
    -----
    The result does not depend on the executor, if the limits are flips: where seeds reach ``rank``,
    the results are those up to the first of them, in the order in which they were given.

    Examples
    --------
    >>> from functools import partial
    >>> from wordtensor.schemes import search_scheme
    >>> walk = partial(search_scheme, 2, 2, 2, flips=10**6)
    >>> found = search_seeds(walk, FlipOptions(start="standard", steps=10**4), range(4), 7)
    >>> found[0].scheme, found[0].seed
    (Scheme(<2,2,2>, rank=7, ring='Z'), 0)
    """
    numbers = tuple(seeds)
    if not numbers or len(set(numbers)) < len(numbers):
        raise SchemeError(f"Argument 'seeds' must be different numbers, not {numbers!r:.80}")
    tasks = [
        _Task(search, rank, replace(options, seed=seed), seed_file(checkpoint, seed))
        for seed in numbers
    ]
    found: dict[int, SearchResult[Shortest]] = {}
    needed = set(numbers)
    try:
        with results_of(_searched, tasks, executor) as results:
            for task, result in results:
                seed = task.options.seed
                found[seed] = result
                begin_stage("search, %d of %d seeds", len(found), len(numbers))
                if callback is not None:
                    callback(result)
                if _reached(result, rank):
                    needed &= set(numbers[: numbers.index(seed) + 1])
                if result.interrupted or needed <= found.keys():
                    break
    except (KeyboardInterrupt, SystemError) as error:
        if not was_interrupted(error) or not found:
            raise
    return tuple(sorted((found[k] for k in numbers if k in needed & found.keys()), key=_merit))


def seed_file(checkpoint: str | Path | None, seed: int) -> Path | None:
    """Name the checkpoint of one seed."""
    if checkpoint is None:
        return None
    path = Path(checkpoint)
    return path.with_name(f"{path.stem}-seed{seed}{path.suffix}")


def _searched(task: _Task) -> SearchResult[Any]:
    """Search with one seed: a function of values, so that any process may run it."""
    return task.search(task.rank, options=task.options, checkpoint=task.checkpoint)


def _reached(result: SearchResult[Any], rank: int | None) -> bool:
    return rank is not None and result.scheme is not None and result.scheme.rank <= rank


def _merit(result: SearchResult[Any]) -> tuple[bool, int, int]:
    """Sort by exact rank, then by that in the ring; seeds stay in their order."""
    exact = result.scheme
    return exact is None, 0 if exact is None else exact.rank, result.rank_in_ring
