"""Words that are the product of the group once their letters and values are renamed."""

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Indices
from ..errors import GroupError
from ..groups import Group, isomorphism
from ..words import WordTensor
from ..words._laws import is_latin


@dataclass(frozen=True, slots=True, eq=False)
class ProductForm:
    """Permutations (alpha, beta, gamma) with ``gamma[w(a, b)] = alpha[a] beta[b]``."""

    names: tuple[Indices, Indices, Indices]

    def renamed(self, factors: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        """Return functions (n, R) of a, b, c as those of alpha[a], beta[b], gamma[c]."""
        u, v, w = (F[np.argsort(name)] for F, name in zip(factors, self.names, strict=True))
        return u, v, w


def product_form(T: WordTensor) -> ProductForm | None:
    """Return how a word becomes the product, if it does: for a*b^-1, the inverse of b."""
    # By Albert's theorem (1943), a table that is a group's up to names is one with these names.
    G, table = T.group, T.table
    if not is_latin(table, G.order):
        return None
    alpha, beta = table[:, G.identity], table[G.identity]
    product = table[np.ix_(np.argsort(alpha), np.argsort(beta))]
    gamma = _onto(product, G)
    if gamma is None:
        return None
    return ProductForm((gamma[alpha], gamma[beta], gamma))


def _onto(product: Indices, G: Group) -> Indices | None:
    """Return an isomorphism of a table onto a group: the nearest at hand, if there is one."""
    if np.array_equal(product, G.cayley):
        return np.arange(G.order, dtype=np.int32)
    if np.array_equal(product, G.cayley.T):
        return G.inverse
    try:
        return isomorphism(Group.from_cayley(product), G)
    except GroupError:
        return None
