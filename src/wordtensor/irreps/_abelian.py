"""An abelian normal subgroup, its characters, and their orbits under the whole group."""

from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, Booleans, Integers, freeze_fields
from ..groups import ConjugacyClasses, Group, element_orders, generating_set

# With no more cosets than these beside its own, one element of each is as good as generators.
_FEW = 4


@dataclass(frozen=True, slots=True, eq=False)
class AbelianNormal:
    """A direct product of m elements of cyclic groups, normal in a group of order n."""

    orders: tuple[int, ...]  # of the r cyclic factors
    elements: Integers  # shape (m,): the elements, the exponent of the last factor runs fastest
    places: Integers  # shape (n,): the place of each element in these; -1 outside

    def __post_init__(self) -> None:
        freeze_fields(self, "elements", "places")

    @property
    def exponents(self) -> Integers:
        """Exponents of the elements, shape (r, m); those of the characters are the same."""
        return np.indices(self.orders, dtype=np.int64).reshape(len(self.orders), -1)

    @property
    def exponent(self) -> int:
        """Characters are powers of a primitive root of unity of this order."""
        return lcm(*self.orders)

    def phases(self, characters: Integers, elements: Integers) -> Integers:
        """Return the exponents of the root of unity, for places (k,) and (l,): shape (k, l)."""
        grid = self.exponents
        scale = np.array([self.exponent // order for order in self.orders])
        # Small integers, in floats: exact, and by BLAS.
        left = (grid[:, characters].T * scale).astype(np.float64)
        product = left @ grid[:, elements].astype(np.float64)
        exponents: Integers = np.mod(product, self.exponent).astype(np.int64)
        return exponents

    def transform(self, functions: Array) -> NDArray[np.complex128]:
        """Return the Fourier coefficients of real functions, shape (..., m)."""
        axes = tuple(range(functions.ndim - 1, functions.ndim - 1 + len(self.orders)))
        split = functions.reshape(*functions.shape[:-1], *self.orders)
        return np.asarray(np.fft.fftn(split, axes=axes).reshape(functions.shape), np.complex128)


def abelian_normal_subgroup(G: Group, classes: ConjugacyClasses) -> AbelianNormal:
    """Return an abelian normal subgroup that no conjugacy class enlarges."""
    orders = element_orders(G)
    by_class = np.split(
        np.argsort(classes.index, kind="stable"), np.cumsum(classes.sizes)[:-1].tolist()
    )
    elements = np.array([G.identity], dtype=np.int64)
    inside = np.arange(G.order) == G.identity
    commuting = np.ones(G.order, dtype=bool)
    for c in np.argsort(-orders[classes.representatives], kind="stable").tolist():
        g, members = int(classes.representatives[c]), by_class[c]
        # Of a normal subgroup's commutant, and abelian: then what they generate together is.
        if inside[g] or not commuting[g] or (G.cayley[g, members] != G.cayley[members, g]).any():
            continue
        for h in members.tolist():
            if not inside[h]:
                elements = _joined(G, elements, inside, h)
                inside[elements] = True
                commuting &= G.cayley[h] == G.cayley[:, h]
    return _product_of_cyclic(G, elements)


def _joined(G: Group, elements: Integers, inside: Booleans, h: int) -> Integers:
    """Return the elements of a subgroup times the powers of an element that commutes with it."""
    powers = [G.identity]
    while True:
        following = int(G.cayley[powers[-1], h])
        if inside[following]:
            return G.cayley[elements[:, None], powers].ravel().astype(np.int64)
        powers.append(following)


def _product_of_cyclic(G: Group, elements: Integers) -> AbelianNormal:
    """Write an abelian subgroup as a product of cyclic ones."""
    # If H is a direct factor, a cyclic subgroup that meets it trivially and whose order is the
    # exponent of the quotient makes a larger one.
    inside = np.arange(G.order) == G.identity
    found, orders = np.array([G.identity], dtype=np.int64), []
    own = _orders_modulo(G, elements, inside)
    relative = own
    while len(found) < len(elements):
        largest = int(relative.max())
        g = int(elements[np.flatnonzero((relative == largest) & (own == largest))[0]])
        found = _joined(G, found, inside, g)
        inside[found] = True
        orders.append(largest)
        relative = _orders_modulo(G, elements, inside)
    places = np.full(G.order, -1, dtype=np.int64)
    places[found] = np.arange(len(found))
    return AbelianNormal(tuple(orders) or (1,), found, places)


def _orders_modulo(G: Group, elements: Integers, inside: Booleans) -> Integers:
    """Return the least k for each element of a group with its k-th power inside."""
    count = len(elements)
    doubled = [elements]
    while 2 ** len(doubled) <= count:
        doubled.append(G.cayley[doubled[-1], doubled[-1]].astype(np.int64))
    orders = np.zeros(count, dtype=np.int64)
    for k in (k for k in range(1, count + 1) if count % k == 0):
        left = np.flatnonzero(orders == 0)
        if not len(left):
            break
        power = np.full(len(left), G.identity, dtype=np.int64)
        for bit, squares in enumerate(doubled):
            if k >> bit & 1:
                power = G.cayley[power, squares[left]].astype(np.int64)
        orders[left[inside[power]]] = k
    return orders


def _acting(G: Group, subgroup: AbelianNormal) -> tuple[int, ...]:
    """Return elements that generate G together with an abelian normal subgroup."""
    covered = subgroup.places >= 0
    chosen: list[int] = []
    while not covered.all():
        if len(chosen) == _FEW:
            return generating_set(G)
        chosen.append(int(np.argmin(covered)))
        covered[G.cayley[chosen[-1], subgroup.elements]] = True
    return tuple(chosen)


def character_orbits(G: Group, subgroup: AbelianNormal) -> Integers:
    """Return for each character the first one of its orbit under G and conjugation, shape (m,)."""
    grid, orders = subgroup.exponents, np.array(subgroup.orders)
    scale = subgroup.exponent // orders
    moves = [np.ravel_multi_index(tuple((-grid) % orders[:, None]), subgroup.orders)]
    units = np.ravel_multi_index(tuple(np.eye(len(orders), dtype=int) % orders), subgroup.orders)
    for s in _acting(G, subgroup):
        # A character is given by its values on the generators of the cyclic factors.
        moved = G.cayley[G.cayley[s, subgroup.elements[units]], G.inverse[s]]
        phases = subgroup.phases(np.arange(len(subgroup.elements)), subgroup.places[moved])
        moves.append(np.ravel_multi_index(tuple((phases // scale).T), subgroup.orders))
    labels = np.arange(len(subgroup.elements))
    while True:
        before = labels
        for move in moves:
            jump = move
            # The least label of a cycle, in windows that double.
            for _ in range(len(labels).bit_length()):
                labels = np.minimum(labels, labels[jump])
                jump = jump[jump]
        if np.array_equal(labels, before):
            return labels
