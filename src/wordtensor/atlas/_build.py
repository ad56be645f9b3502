"""`build`: every word over some groups, decomposed once for each canonical core."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from .._progress import begin_stage
from .._workers import results_of
from ..cores import canonical_core
from ..groups import group
from ..rank import Decomposition, decompose
from ..words import Word, word, word_maps
from ._atlas import Atlas
from ._classes import word_classes
from .entry import Entry


@dataclass(frozen=True, slots=True)
class Task:
    """One core that is to be decomposed."""

    key: str
    word: str
    group: str
    time_limit: float | None


@dataclass(frozen=True, slots=True)
class Solved:
    """What came of it."""

    rank: int
    lower_bound: int
    reason: str
    status: str


@dataclass(frozen=True, slots=True)
class _Core:
    """A canonical core and what leads to it."""

    shape: tuple[int, int, int]
    ones: int
    pairs: tuple[tuple[str, str, int], ...]


def build(
    groups: Iterable[str],
    words: Iterable[Word | str] | None = None,
    *,
    time_limit: float | None = None,
    executor: Executor | None = None,
    known: Atlas | None = None,
    callback: Callable[[Entry], None] | None = None,
) -> Atlas:
    """Decompose every word over some groups, each canonical core once.

    Parameters
    ----------
    groups : iterable of str
        Names of groups.
    words : iterable of Word or str, optional
        Only these words; by default all of them, as the group's word maps.
    time_limit : float, optional
        Seconds of search for each core, besides the fast answer; what it finds is kept in the
        user's store. None for the fast answer only.
    executor : concurrent.futures.Executor, optional
        Where the cores are decomposed; by default here, one after another.
    known : Atlas, optional
        Entries that need not be made again.
    callback : callable, optional
        Called with each new `Entry`.

    Returns
    -------
    Atlas
        Its ``groups`` are those of which every word is in it.

    Raises
    ------
    WordTensorError
        If a name or a word is none, or a group has too many word maps.

    Notes
    -----
    A finite group has finitely many word maps, and up to relabelling slices and modes very few
    tensors: see `wordtensor.word_maps`. The entries do not depend on the executor: each is a
    function of its word and group alone, unless a time limit is given.

    Examples
    --------
    >>> atlas = build(["C2", "C3"])
    >>> [(entry.group, entry.word, entry.rank) for entry in atlas]
    [('C2', '1', 1), ('C2', 'a', 2), ('C2', 'a*b', 2), ('C3', 'a', 3), ('C3', 'a*b', 4)]
    """
    names = tuple(groups)
    given = None if words is None else tuple(word(each) for each in words)
    cores = _cores(names, given)
    old = {} if known is None else {entry.key: entry for entry in known}
    tasks = [
        Task(key, core.pairs[0][1], core.pairs[0][0], time_limit)
        for key, core in cores.items()
        if key not in old
    ]
    found: dict[str, Entry] = {}
    for task, solved in results_of(decomposed, tasks, executor):
        found[task.key] = _entry(task.key, cores[task.key], solved)
        if callback is not None:
            callback(found[task.key])
    entries = [
        found[key] if key in found else _entry(key, core, old[key]) for key, core in cores.items()
    ]
    return Atlas(tuple(sorted(entries, key=_place)), names if words is None else ())


def _place(entry: Entry) -> tuple[int, int, str]:
    x, y, z = entry.shape
    return x * y * z, len(entry.word), entry.key


def decomposed(task: Task) -> Solved:
    """Decompose one core: a function of values, so that any process may run it."""
    if task.time_limit is None:
        found = decompose(task.word, task.group)
    else:
        found = decompose(task.word, task.group, effort="search", time_limit=task.time_limit)
    return _solved(found)


def _solved(d: Decomposition) -> Solved:
    return Solved(d.rank, d.lower_bound, d.bounds[0].reason, d.status)


def _cores(names: tuple[str, ...], words: tuple[Word, ...] | None) -> dict[str, _Core]:
    """Collect the canonical cores of all words over the groups, smallest group first."""
    cores: dict[str, _Core] = {}
    for name in sorted(names, key=lambda name: group(name).order):
        begin_stage("word maps of %s", name)
        for key, shape, ones, text, count in _classes_of(name, words):
            before = cores[key].pairs if key in cores else ()
            cores[key] = _Core(shape, ones, (*before, (name, text, count)))
    return cores


def _classes_of(
    name: str, words: tuple[Word, ...] | None
) -> Iterator[tuple[str, tuple[int, int, int], int, str, int]]:
    """Yield key, sizes, ones, shortest word and number of maps of each class over a group."""
    if words is None:
        for each in word_classes(word_maps(name)):
            ones = int(each.core.coords.shape[1])
            yield each.core.key, each.core.shape, ones, str(each.word), each.count
        return
    seen: set[str] = set()
    for w in words:
        core = canonical_core(w, name)
        if core.key not in seen:
            seen.add(core.key)
            yield core.key, core.shape, int(core.coords.shape[1]), str(w), 1


def _entry(key: str, core: _Core, solved: Solved | Entry) -> Entry:
    return Entry(
        key=key,
        shape=core.shape,
        ones=core.ones,
        pairs=core.pairs,
        rank=solved.rank,
        lower_bound=solved.lower_bound,
        reason=solved.reason,
        status=solved.status,
    )
