"""A net whose answers are the table of a group, but not in our order of elements, or of another."""

import numpy as np

from ..errors import GroupError
from ..groups import Group, identify, isomorphism
from ..words import WordTensor
from ._forward import Network
from ._network import answers


def own_table(net: Network, T: WordTensor) -> str:
    """Say which group a net multiplies in, if it does so in another one or in another order."""
    G = T.group
    if not np.array_equal(T.table, G.cayley):
        return ""
    table = answers(net)
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


def _permutations(table: np.ndarray) -> bool:
    """Say whether every row is a permutation."""
    return bool((np.sort(table, axis=1) == np.arange(table.shape[1])).all())
