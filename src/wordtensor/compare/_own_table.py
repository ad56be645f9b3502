"""A net whose answers are the table of a group, but not in our order of elements, or of another."""

import numpy as np

from .._typing import Indices
from ..errors import GroupError
from ..groups import Group, identify, isomorphism
from ..words import WordTensor


def own_table(table: Indices, T: WordTensor) -> str:
    """Say of which group a net's answers are the table, in another order or of another group."""
    G = T.group
    if not np.array_equal(T.table, G.cayley):
        return ""
    if not (_permutations(table) and _permutations(table.T)):
        return ""
    try:
        own = Group.from_cayley(table)
    except GroupError:
        return ""
    if isomorphism(own, G) is None:
        name = identify(own).name
        which = f"another group, {name}" if name else "another group"
        return (
            f"Its own answers are the multiplication table of {which}: give the table that it was "
            "trained with as GROUP."
        )
    return (
        f"Its own answers are the multiplication table of {G.name} with the elements in another "
        "order: give the table that it was trained with as GROUP."
    )


def _permutations(table: Indices) -> bool:
    """Say whether every row is a permutation."""
    return bool((np.sort(table, axis=1) == np.arange(table.shape[1])).all())
