"""Words over one group: exponents modulo the group's, and tables of the powers that are left."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..groups import Group, exponent, is_abelian, power_map
from ._syllables import Syllables, root


def reduce_exponents(syllables: Iterable[tuple[int, int]], period: int) -> Syllables:
    """Reduce a word freely with exponents modulo a period, each of least absolute value."""
    below = (period - 1) // 2
    stack: list[tuple[int, int]] = []
    for letter, k in syllables:
        if stack and stack[-1][0] == letter:
            k += stack.pop()[1]
        k = (k + below) % period - below
        if k:
            stack.append((letter, k))
    return tuple(stack)


def simplified(syllables: Syllables, G: Group) -> tuple[Syllables, int]:
    """Return a short word v and a k with v(a, b)^k = w(a, b) for all elements of a group."""
    period = exponent(G)
    reduced = reduce_exponents(syllables, period)
    if len(reduced) > 2 and is_abelian(G):
        reduced = reduce_exponents(sorted(reduced), period)
    if len(reduced) <= 2:
        return reduced, 1
    base, times = root(reduced)
    times %= period
    return (base, times) if times else ((), 1)


def power_maps(exponents: Iterable[int], G: Group) -> tuple[dict[int, int], NDArray[np.int32]]:
    """Return the row of each exponent k, and the rows g -> g^k, shape (m, n)."""
    position = {k: row for row, k in enumerate(sorted(set(exponents)))}
    maps = np.empty((len(position), G.order), dtype=np.int32)
    for k, row in position.items():
        maps[row] = power_map(G, k)
    return position, maps
