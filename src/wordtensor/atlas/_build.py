"""`build`: every word over some groups, decomposed once for each canonical core."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from .._progress import show_progress
from .._typing import Sizes
from .._workers import results_of
from ..cores import CanonicalCore, canonical_core
from ..cores._canonical import labelling_version
from ..errors import WordTensorError
from ..groups import group
from ..rank import decompose
from ..rank._strategies import Effort
from ..words import Word, word, word_maps
from ._atlas import Atlas
from ._classes import word_classes
from .entry import Entry

_Pairs = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class _Core:
    """A canonical core and what leads to it: all that is known before it is decomposed."""

    key: str
    shape: Sizes
    ones: int
    pairs: _Pairs


@dataclass(frozen=True, slots=True)
class Task:
    """One core that is to be decomposed."""

    core: _Core
    time_limit: float | None


def build(
    groups: Iterable[str],
    words: Iterable[Word | str] | None = None,
    *,
    time_limit: float | None = None,
    executor: Executor | None = None,
    known: Atlas | None = None,
    callback: Callable[[Entry], None] | None = None,
    progress: bool | None = None,
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
        What there is already: none of its entries is made again, and all are kept.
    callback : callable, optional
        Called with each new `Entry`.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a notebook
        only.

    Returns
    -------
    Atlas
        With the entries of ``known``. Its ``groups`` are those of which every word is in it.

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
    found = {} if known is None else {entry.key: entry for entry in known}
    complete = () if known is None else known.groups
    if known is not None and known.igraph != labelling_version():
        raise WordTensorError(
            f"The atlas was built with igraph {known.igraph}, whose keys are not those of igraph "
            f"{labelling_version()}; build it again, into another file"
        )
    tasks = [Task(core, time_limit) for key, core in cores.items() if key not in found]
    for key, core in cores.items():
        if key in found:
            found[key] = replace(found[key], pairs=_joined(found[key].pairs, core.pairs))
    had = len(found)

    def share(_: Entry) -> float:
        return (len(found) - had) / len(tasks)

    def line(entry: Entry) -> str:
        return f"{len(found) - had} of {len(tasks)} cores, {entry.word} over {entry.group}"

    with (
        show_progress(progress, "atlas", line, callback, share=share) as tell,
        results_of(decomposed, tasks, executor) as results,
    ):
        for task, entry in results:
            found[task.core.key] = entry
            tell(entry)
    if words is None:
        complete = tuple(dict.fromkeys((*complete, *names)))
    return Atlas(tuple(sorted(found.values(), key=_place)), complete)


def _joined(known: _Pairs, more: _Pairs) -> _Pairs:
    """Join the groups and words that lead to one core, smallest group first."""
    # Of two lists of words over a group the larger one has the shorter words.
    both = sorted((*known, *more), key=lambda pair: (pair[2], -len(pair[1])))
    pairs = {name: (name, text, count) for name, text, count in both}
    return tuple(sorted(pairs.values(), key=lambda pair: (group(pair[0]).order, pair[0])))


def _place(entry: Entry) -> tuple[int, int, str]:
    x, y, z = entry.shape
    return x * y * z, len(entry.word), entry.key


def decomposed(task: Task) -> Entry:
    """Decompose one core: a function of values, so that any process may run it."""
    core = task.core
    name, text, _ = core.pairs[0]
    effort: Effort = "fast" if task.time_limit is None else "search"
    d = decompose(text, name, effort=effort, time_limit=task.time_limit, progress=False)
    return Entry(
        key=core.key,
        shape=core.shape,
        ones=core.ones,
        pairs=core.pairs,
        rank=d.rank,
        lower_bound=d.lower_bound,
        reason=d.bounds[0].reason,
        status=d.status,
    )


def _cores(names: tuple[str, ...], words: tuple[Word, ...] | None) -> dict[str, _Core]:
    """Collect the canonical cores of all words over the groups, smallest group first."""
    cores: dict[str, _Core] = {}
    for name in sorted(names, key=lambda name: group(name).order):
        for found, text, count in _classes_of(name, words):
            before = cores[found.key].pairs if found.key in cores else ()
            ones = int(found.coords.shape[1])
            pairs = (*before, (name, text, count))
            cores[found.key] = _Core(found.key, found.shape, ones, pairs)
    return cores


def _classes_of(
    name: str, words: tuple[Word, ...] | None
) -> Iterator[tuple[CanonicalCore, str, int]]:
    """Yield the core, a shortest word and the number of maps of each class over a group."""
    if words is None:
        for each in word_classes(word_maps(name)):
            yield each.core, str(each.word), each.count
        return
    seen: set[str] = set()
    for w in words:
        core = canonical_core(w, name)
        if core.key not in seen:
            seen.add(core.key)
            yield core, str(w), 1
