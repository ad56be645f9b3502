"""Words over one group: exponents modulo the group's, and tables of the powers that are left."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..groups import Group, power_map
from ._syllables import Syllables


def reduce_exponents(syllables: Iterable[tuple[int, int]], period: int) -> Syllables:
    """Reduce a word in the free product of two cyclic groups of the same order.

    Parameters
    ----------
    syllables : iterable of (int, int)
        Pairs (letter, exponent).
    period : int
        Order of the cyclic groups: the exponent of the group that the word will be evaluated in.

    Returns
    -------
    tuple of (int, int)
        Neighbouring letters differ, and exponents are the representatives of least absolute value,
        so that an inverse stays an inverse.

    Examples
    --------
    >>> reduce_exponents([(0, 7), (1, 3), (0, -2)], 3)
    ((0, -1),)
    """
    below = (period - 1) // 2
    stack: list[tuple[int, int]] = []
    for letter, exponent in syllables:
        if stack and stack[-1][0] == letter:
            exponent += stack.pop()[1]
        exponent = (exponent + below) % period - below
        if exponent:
            stack.append((letter, exponent))
    return tuple(stack)


def power_maps(exponents: Iterable[int], G: Group) -> tuple[dict[int, int], NDArray[np.int32]]:
    """Tabulate g -> g^k for several k.

    Parameters
    ----------
    exponents : iterable of int
        The exponents k; repeated ones are tabulated once.
    G : Group
        Of order n.

    Returns
    -------
    position : dict of int to int
        Which row belongs to which exponent.
    maps : ndarray of int32, shape (m, n)
        One row for each exponent.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> position, maps = power_maps([1, -1, 1], group("C3"))
    >>> maps[position[-1]]
    array([0, 2, 1], dtype=int32)
    """
    position = {k: row for row, k in enumerate(sorted(set(exponents)))}
    maps = np.empty((len(position), G.order), dtype=np.int32)
    for k, row in position.items():
        maps[row] = power_map(G, k)
    return position, maps
