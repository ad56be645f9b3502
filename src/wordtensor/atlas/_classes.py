"""The word maps of a group, sorted into classes of equal tensors up to relabelling."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from .._typing import Integers
from ..cores import CanonicalCore, canonical_form
from ..groups import Group, exponent, power_map
from ..words import Word
from ..words.core import merge_table
from ..words.maps import WordMaps


@dataclass(frozen=True, slots=True, eq=False)
class WordClass:
    """Word maps of one group whose tensors are equal up to relabelling slices and modes."""

    core: CanonicalCore
    word: Word  # the shortest, and of equally short ones the first
    count: int  # of the maps in it


def word_classes(maps: WordMaps) -> tuple[WordClass, ...]:
    """Sort the maps of a group by the keys of their canonical cores, shortest words first."""
    found: dict[str, list[tuple[int, int, CanonicalCore]]] = {}
    for numbers in _orbits(maps):
        first = int(numbers[0])
        merged = merge_table(maps.tables[first].astype(np.int32), maps.group.order)
        core = canonical_form(merged.shape, merged.coords())
        found.setdefault(core.key, []).append((first, len(numbers), core))
    classes = []
    for parts in found.values():
        first, _, core = min(parts, key=lambda part: part[0])
        count = sum(count for _, count, _ in parts)
        classes.append((first, WordClass(core, maps.word(first), count)))
    return tuple(each for _, each in sorted(classes, key=lambda pair: pair[0]))


def _orbits(maps: WordMaps) -> Iterator[Integers]:
    """Yield maps that are the same up to obvious relabellings, numbers in increasing order."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers = {table.tobytes(): number for number, table in enumerate(maps.tables)}
    count = len(maps)
    edges = []
    for moved in _relabelled(maps):
        images = [numbers[np.ascontiguousarray(table).tobytes()] for table in moved]
        edges.append((np.arange(count), np.array(images)))
    rows, columns = (np.concatenate([edge[k] for edge in edges]) for k in range(2))
    graph = coo_array((np.ones(len(rows)), (rows, columns)), (count, count))
    _, labels = connected_components(graph, directed=False)
    order = np.argsort(labels, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def _relabelled(maps: WordMaps) -> Iterator[NDArray[np.unsignedinteger]]:
    """Yield all tables with letters exchanged, or a letter or the value raised to a power."""
    tables = maps.tables
    yield np.swapaxes(tables, 1, 2)
    for k in _units(maps.group):
        power = power_map(maps.group, k)
        yield tables[:, power]
        yield power.astype(tables.dtype)[tables]


def _units(G: Group) -> list[int]:
    """Return the exponents that permute the elements of a group, apart from 1."""
    period = exponent(G)
    return [k for k in range(2, period) if gcd(k, period) == 1]
