"""The closure of generators: every element once, and the Cayley table, by breadth-first search."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .._memory import require_memory
from .._typing import Indices, Integers
from ..errors import OrderLimitError
from ._tables import MAX_ORDER

Multiply = Callable[[Integers, Integers], Integers]


class _Search:
    """Breadth-first search from the identity by left multiplication with the generators."""

    def __init__(
        self,
        identity: Integers,
        generators: Sequence[Integers],
        multiply: Multiply,
        encoding: str,
        advice: str,
    ) -> None:
        self.advice = advice
        self.encoding = encoding
        self.multiply = multiply
        self.generators = generators
        self.shape, self.size = identity.shape, identity.size
        self.index: dict[bytes, int] = {self.encode(identity[None])[0]: 0}
        self.parent = [0]
        self.step = [0]
        self.left: list[list[int]] = [[] for _ in generators]
        frontier = identity[None]
        while len(frontier):
            frontier = self.advance(frontier)

    def encode(self, batch: Integers) -> list[bytes]:
        """Turn every element of a batch into bytes that sort as the element does."""
        rows = np.ascontiguousarray(batch.reshape(len(batch), -1).astype(self.encoding))
        return [row.tobytes() for row in rows]

    def advance(self, frontier: Integers) -> Integers:
        """Multiply one level by every generator and return what was not seen before."""
        start = len(self.left[0]) if self.left else 0
        fresh = []
        for step, generator in enumerate(self.generators):
            products = self.multiply(generator, frontier)
            for row, key in enumerate(self.encode(products)):
                found = self.index.setdefault(key, len(self.index))
                self.left[step].append(found)
                if found == len(self.parent):
                    self.parent.append(start + row)
                    self.step.append(step)
                    fresh.append(products[row])
            if len(self.index) > MAX_ORDER:
                raise OrderLimitError(
                    f"The generators give more than {MAX_ORDER} elements, the limit on the order; "
                    f"{self.advice}"
                )
            # Keys, the joined keys and the elements, and one level as int64 at most.
            kept = 4 * len(self.index) * max(8, np.dtype(self.encoding).itemsize) * self.size
            require_memory(
                kept, f"The elements generated, {len(self.index)} so far,", "Give smaller ones"
            )
        return np.stack(fresh) if fresh else np.empty((0, *self.shape), dtype=np.int64)


def _table(search: _Search, place: Indices) -> Indices:
    """Multiplication table from the search tree: the row of g = s*p is s applied to that of p."""
    # A row costs one gather, so that no product of elements is formed again.
    order = len(place)
    left = np.empty((len(search.left), order), dtype=np.int32)
    for step, images in enumerate(search.left):
        left[step, place] = place[np.array(images, dtype=np.int64)]
    cayley = np.empty((order, order), dtype=np.int32)
    cayley[place[0]] = np.arange(order, dtype=np.int32)
    for element in range(1, order):
        parent_row = cayley[place[search.parent[element]]]
        np.take(left[search.step[element]], parent_row, out=cayley[place[element]], mode="clip")
    return cayley


def generate(
    identity: Integers,
    generators: Sequence[Integers],
    multiply: Multiply,
    encoding: str,
    advice: str = "give generators of a smaller group",
) -> tuple[NDArray[np.integer], Indices]:
    """Return the elements (n, *s), identity first, then ascending, and the Cayley table (n, n)."""
    kept: list[Integers] = []
    search = _Search(identity, kept, multiply, encoding, advice)
    for generator in generators:
        # A generator that is kept at least doubles the group, so this loop searches rarely.
        if search.encode(generator[None])[0] not in search.index:
            kept.append(generator)
            search = _Search(identity, kept, multiply, encoding, advice)
    keys = list(search.index)
    ordered = sorted(range(1, len(keys)), key=keys.__getitem__)
    position = np.array([0, *ordered], dtype=np.int64)
    place = np.empty(len(keys), dtype=np.int32)
    place[position] = np.arange(len(keys), dtype=np.int32)
    flat = np.frombuffer(b"".join(keys[i] for i in position.tolist()), dtype=encoding)
    return flat.reshape(len(keys), *identity.shape), _table(search, place)
