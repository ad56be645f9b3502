"""Direct products."""

import functools
import itertools
import math

import numpy as np

from .._typing import Indices, freeze
from ..errors import GroupError
from ._group import Group
from ._tables import check_order, find_inverses


def _pair_table(left: Indices, right: Indices) -> Indices:
    order = len(left) * len(right)
    scaled = left * np.int32(len(right))
    return (scaled[:, None, :, None] + right[None, :, None, :]).reshape(order, order)


def direct_product(*factors: Group, name: str | None = None) -> Group:
    """Return the direct product of groups.

    Parameters
    ----------
    *factors : Group
        At least one.
    name : str, optional
        By default the names of the factors, joined by " x ".

    Returns
    -------
    Group
        Elements in the order of `itertools.product`; labels such as "(r, x)".

    Raises
    ------
    GroupError
        If the order is above ``MAX_ORDER``, or there is no factor.

    Examples
    --------
    >>> from wordtensor.groups.families import cyclic, dihedral
    >>> direct_product(dihedral(5), cyclic(2))
    Group('D5 x C2', order=20)
    """
    if not factors or not all(isinstance(factor, Group) for factor in factors):
        raise GroupError("Direct_product needs one or more groups")
    joined = name if name is not None else " x ".join(factor.name for factor in factors)
    check_order(math.prod(factor.order for factor in factors), joined)
    cayley = functools.reduce(_pair_table, [factor.cayley for factor in factors])
    labels = factors[0].labels
    if len(factors) > 1:
        tuples = itertools.product(*(factor.labels for factor in factors))
        labels = tuple("(" + ", ".join(parts) + ")" for parts in tuples)
    identity = 0
    for factor in factors:
        identity = identity * factor.order + factor.identity
    inverse = freeze(find_inverses(cayley, identity))
    return Group(joined, freeze(cayley), inverse, identity, labels)
