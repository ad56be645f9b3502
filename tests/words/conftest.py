"""The oracle of the words room: a word read letter by letter, multiplied with plain loops."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from wordtensor.groups import Group


def naive_table(syllables: Iterable[tuple[int, int]], G: Group) -> np.ndarray:
    """Multiply the letters one by one, for every pair of elements."""
    letters = [(c, k > 0) for c, k in syllables for _ in range(abs(k))]
    table = np.empty((G.order, G.order), dtype=np.int32)
    for a in range(G.order):
        for b in range(G.order):
            value = G.identity
            for letter, positive in letters:
                g = (a, b)[letter]
                value = G.cayley[value, g if positive else G.inverse[g]]
            table[a, b] = value
    return table


@pytest.fixture(scope="session")
def oracle() -> Callable[[Iterable[tuple[int, int]], Group], np.ndarray]:
    return naive_table
