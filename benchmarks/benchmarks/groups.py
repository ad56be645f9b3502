"""Groups from their names, as multiplication tables."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

import wordtensor as wt

from .base import LIMIT, OURS, SEED, Suite, peer, unknown

CASES = ("C60", "D30", "S5", "A6", "S6", "Q8xC5")
Permutation = tuple[int, ...]


def cycles(points: int, *moved: Sequence[int]) -> Permutation:
    """Return the permutation of 0..points-1 with these cycles."""
    images = list(range(points))
    for cycle in moved:
        for x, y in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            images[x] = y
    return tuple(images)


# Generators on few points, for the peers.
GENERATORS = {
    "C60": [cycles(12, range(3), range(3, 7), range(7, 12))],
    "D30": [cycles(30, range(30)), tuple(-i % 30 for i in range(30))],
    "S5": [cycles(5, range(5)), cycles(5, (0, 1))],
    "A6": [cycles(6, (0, 1, i)) for i in range(2, 6)],
    "S6": [cycles(6, range(6)), cycles(6, (0, 1))],
    "Q8xC5": [
        cycles(13, (0, 1, 2, 3), (4, 5, 6, 7)),
        cycles(13, (0, 4, 2, 6), (1, 7, 3, 5)),
        cycles(13, range(8, 13)),
    ],
}


def closure(generators: Iterable[Permutation]) -> list[Permutation]:
    """Return all products of permutations, sorted."""
    generators = list(generators)
    found = {tuple(range(len(generators[0])))}
    new = list(found)
    while new:
        products = {tuple(p[i] for i in g) for p in new for g in generators}
        new = list(products - found)
        found |= products
    return sorted(found)


def order_of(permutation: Permutation) -> int:
    lengths, left = [], set(range(len(permutation)))
    while left:
        first = point = left.pop()
        length = 1
        while (point := permutation[point]) != first:
            left.remove(point)
            length += 1
        lengths.append(length)
    return math.lcm(*lengths)


def orders_in(table: np.ndarray) -> Counter[int]:
    """Count the elements of each order, by taking powers; 0 for no order."""
    elements = np.arange(len(table))
    identity = int(np.flatnonzero((table == elements).all(axis=1))[0])
    orders = np.zeros(len(table), dtype=int)
    power = elements
    for exponent in range(1, len(table) + 1):
        orders[(power == identity) & (orders == 0)] = exponent
        if orders.all():
            break
        power = table[power, elements]
    return Counter(orders.tolist())


def wrong_products(table: np.ndarray, permutations: list[Permutation]) -> int:
    """Count what keeps a table from being that of a group with these permutations' orders."""
    n = len(permutations)
    elements = np.arange(n)
    if table.shape != (n, n):
        return n * n
    wrong = int((np.sort(table, axis=0) != elements[:, None]).sum())
    wrong += int((np.sort(table, axis=1) != elements).sum())
    if wrong or not (table == elements).all(axis=1).any():
        return max(wrong, 1)
    for g in np.random.default_rng(SEED).integers(n, size=8):
        wrong += int((table[table[:, g]] != table[:, table[g]]).sum())
    expected = Counter(order_of(p) for p in permutations)
    return wrong + (orders_in(table) - expected).total()


class Groups(Suite):
    pretty_suite = (
        "group by name; The peers make it from permutations. The limit is to copy its table."
    )
    params = (CASES, (OURS, "sympy", "netket", LIMIT))

    def prepare(self, case: str, way: str) -> Callable[[], np.ndarray]:
        self.permutations = closure(GENERATORS[case])
        if way == OURS:
            return lambda: wt.group(case).cayley
        if way == LIMIT:
            table = wt.group(case).cayley
            target = np.empty_like(table)
            return lambda: np.copyto(target, table)
        if way == "sympy":
            return _sympy(GENERATORS[case])
        if way == "netket":
            return _netket(self.permutations)
        raise unknown(way)

    def check(self, case: str, way: str, answer: np.ndarray) -> float:
        return wrong_products(answer, self.permutations)

    def time_table(self, case: str, way: str) -> None:
        self.work()

    def track_wrong_products(self, case: str, way: str) -> float:
        return self.error

    track_wrong_products.params = (CASES, (OURS,))


def _sympy(generators: list[Permutation]) -> Callable[[], np.ndarray]:
    combinatorics = peer("sympy.combinatorics")
    made = [combinatorics.Permutation(g) for g in generators]

    def table() -> np.ndarray:
        elements = list(combinatorics.PermutationGroup(made).elements)
        place = {element: k for k, element in enumerate(elements)}
        return np.array([[place[g * h] for h in elements] for g in elements])

    return table


def _netket(permutations: list[Permutation]) -> Callable[[], np.ndarray]:
    """Make the table of elements that are given."""
    module = peer("netket.utils.group")
    arrays = [np.array(p) for p in permutations]

    def table() -> np.ndarray:
        elements = [module.Permutation(permutation_array=a, validate=False) for a in arrays]
        G = module.PermutationGroup(elems=elements, degree=len(arrays[0]))
        # Its own table holds the products of the first one's inverse with the second.
        return G.product_table[G.inverse]

    return table
