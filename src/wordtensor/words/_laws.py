"""Which laws an operation has, read off its table."""

import numpy as np

from .._typing import Indices
from ..errors import GroupError
from ..groups import Group


def is_latin(table: Indices, size: int) -> bool:
    """Tell whether every row and every column has each of the values once."""
    if table.shape != (size, size):
        return False
    natural = np.arange(size)
    return all(np.array_equal(np.sort(line), natural) for side in (table, table.T) for line in side)


def identity_of(table: Indices) -> int | None:
    """Return the element e with e*x = x*e = x for all x of a square table, if there is one."""
    natural = np.arange(len(table))
    rows = (table == natural).all(axis=1)
    columns = (table == natural[:, None]).all(axis=0)
    both = np.flatnonzero(rows & columns)
    return int(both[0]) if len(both) else None


def is_associative(table: Indices) -> bool:
    """Tell whether (a*b)*c = a*(b*c) for all elements of a closed table."""
    for b in range(len(table)):
        if not np.array_equal(table[table[:, b]], table[:, table[b]]):
            return False
    return True


def group_of(table: Indices, name: str, labels: tuple[str, ...]) -> Group | None:
    """Return the group that has a closed table, or None if no group has it."""
    try:
        return Group.from_cayley(table, name, labels)
    except GroupError:
        return None
