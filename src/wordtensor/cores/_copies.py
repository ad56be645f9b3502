"""Parts of a 0/1 tensor that occur several times beside each other.

Leave out the slices of one mode: what is left, the ones and their slices in the two other modes,
falls into connected parts. Parts that are the same up to the order of these slices are copies of
each other. BLISS, which sees the slices that all parts share, needs time exponential in their
number; so it is given one of them, with their number as its colour.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .._typing import Integers, Sizes

# Two copies, or few ones, are no trouble yet; and stored cores have no more.
FEWEST: Final = 3
_FEW_ONES: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A connected part: its ones, and its slices in the two modes that are not shared."""

    ones: Integers  # shape (k,): which of the tensor's
    # shapes (p,), (q,): the slices in an order that is the same for all copies
    slices: tuple[Integers, Integers]


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """The parts of a tensor that share the slices of one mode, copies together."""

    mode: int  # the shared one
    classes: tuple[tuple[Part, ...], ...]

    @property
    def others(self) -> tuple[int, int]:
        """The two modes that are not shared."""
        first, second = (m for m in range(3) if m != self.mode)
        return first, second

    @property
    def count(self) -> int:
        """Number of ones in one part of each class."""
        return sum(len(parts[0].ones) for parts in self.classes)

    def representatives(self) -> tuple[Integers, Integers]:
        """Return the ones of one part of each class, shape (k,), and how many copies there are."""
        ones = np.concatenate([parts[0].ones for parts in self.classes])
        numbers = [np.full(len(parts[0].ones), len(parts)) for parts in self.classes]
        return ones, np.concatenate(numbers)


def copies(shape: Sizes, places: Integers) -> Iterator[Copies]:
    """Yield the parts for each shared mode for which some are copies, fewest ones first."""
    if places.shape[1] <= _FEW_ONES:
        return
    found = [each for mode in range(3) if (each := _copies(shape, places, mode)) is not None]
    yield from sorted(found, key=lambda each: each.count)


def _copies(shape: Sizes, places: Integers, mode: int) -> Copies | None:
    """Find the parts that share one mode; None where there are no copies."""
    first, second = (m for m in range(3) if m != mode)
    alike: dict[tuple[int, bytes], list[Integers]] = defaultdict(list)
    for ones in _connected(shape, places[first], places[second]):
        used = np.sort(places[mode, ones])
        alike[len(ones), used.tobytes()].append(ones)
    if all(len(group) < FEWEST for group in alike.values()):
        return None
    classes: dict[tuple[bool, bytes], list[Part]] = defaultdict(list)
    for group in alike.values():
        for ones in group:
            part, key = _in_order(ones, places[[first, second, mode]][:, ones], len(group) == 1)
            classes[len(group) == 1, key].append(part)
    if all(len(parts) < FEWEST for parts in classes.values()):
        return None
    return Copies(mode, tuple(tuple(parts) for parts in classes.values()))


def _connected(shape: Sizes, first: Integers, second: Integers) -> Sequence[Integers]:
    """Return the ones of each connected part, given their slices in two modes."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = max(shape)
    graph = coo_array((np.ones(len(first)), (first, second + size)), (2 * size, 2 * size))
    labels = connected_components(graph, directed=False)[1][first]
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def _in_order(ones: Integers, places: Integers, alone: bool) -> tuple[Part, bytes]:
    """Order the slices of a part canonically, the shared ones being told apart; and its key."""
    names, numbers = zip(*(np.unique(row, return_inverse=True) for row in places[:2]), strict=True)
    if alone:
        return Part(ones, (names[0], names[1])), ones.tobytes()
    from igraph import Graph

    p, q = len(names[0]), len(names[1])
    vertices = p + q + np.arange(len(ones))
    edges = [np.stack([vertices, numbers[0]], axis=1), np.stack([vertices, numbers[1] + p], axis=1)]
    graph = Graph(n=p + q + len(ones), edges=np.concatenate(edges).tolist())
    colours = [0] * p + [1] * q + (2 + places[2]).tolist()
    labels = np.argsort(np.asarray(graph.canonical_permutation(color=colours)))
    orders = np.argsort(labels[:p]), np.argsort(labels[p : p + q])
    ranks = [np.argsort(order) for order in orders]
    moved = np.stack([ranks[0][numbers[0]], ranks[1][numbers[1]], places[2]])
    moved = moved[:, np.lexsort(moved[::-1])]
    return Part(ones, (names[0][orders[0]], names[1][orders[1]])), moved.tobytes()
