"""All subgroups of a finite group, up to conjugacy and one by one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .._progress import begin_stage
from .._typing import Booleans, Indices, Value, freeze_fields
from ..errors import GroupError
from ._group import Group
from ._parameters import integer_parameter
from ._primes import is_prime, prime_divisors
from ._tables import closure_mask
from .structure import element_orders


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subgroup(Value):
    """One subgroup H of a group G, and its place among all of them.

    Attributes
    ----------
    elements : ndarray, shape (m,), int32, read-only
        The indices of its elements, ascending.
    index : int
        The number of its cosets, n / m.
    class_number : int
        Equal for conjugate subgroups: 0 is the trivial one; the classes count up with the order.
    class_size : int
        The number of its conjugates, itself included.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> subgroups(group("S3"))[4]
    Subgroup(order=3, index=2, class_number=2, class_size=1)
    """

    elements: Indices
    index: int
    class_number: int
    class_size: int

    def __post_init__(self) -> None:
        freeze_fields(self, "elements")

    def __len__(self) -> int:
        return len(self.elements)

    def __repr__(self) -> str:
        return (
            f"Subgroup(order={self.order}, index={self.index}, "
            f"class_number={self.class_number}, class_size={self.class_size})"
        )

    @property
    def order(self) -> int:
        """The number of elements."""
        return len(self.elements)

    @property
    def is_normal(self) -> bool:
        """Whether it is equal to all its conjugates, so that gH = Hg for every g."""
        return self.class_size == 1


def subgroups(G: Group, limit: int = 20_000) -> tuple[Subgroup, ...]:
    """Return all subgroups of a group, the trivial one and the group itself among them.

    Parameters
    ----------
    G : Group
    limit : int
        How many subgroups may be found. There can be very many: C2^8 has 417199.

    Returns
    -------
    tuple of Subgroup
        By order; conjugate ones stand together, classes of the same order by their first members,
        the members of a class in lexicographic order of their elements.

    Raises
    ------
    GroupError
        If the group has more than ``limit`` subgroups, as soon as that is known.

    Notes
    -----
    A subgroup K other than 1 is ``<H, z>`` with H maximal in K and z of prime power order. Hence
    all of them are found, up to conjugacy, from the trivial one when one H of each class is joined
    with one z of each cyclic subgroup of prime power order; z up to conjugacy in the normaliser of
    H is enough.

    References
    ----------
    J. Neubüser (1960), Untersuchungen des Untergruppenverbandes endlicher Gruppen auf einer
    programmgesteuerten elektronischen Dualmaschine, Numerische Mathematik 2, 280-292.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> found = subgroups(group("S4"))
    >>> len(found), found[-1].class_number + 1
    (30, 11)
    >>> [H.order for H in found if H.is_normal]
    [1, 4, 12, 24]
    """
    limit = integer_parameter(limit, 1, "Argument 'limit'")
    begin_stage("subgroups of %s", G.name)
    return _in_order(G, _classes(G, limit))


def _classes(G: Group, limit: int) -> list[list[Indices]]:
    """Return the classes of conjugate subgroups, each as a list of sorted element indices."""
    zuppos, number = _prime_power_cyclic(G)
    trivial = np.arange(G.order) == G.identity
    seen = {np.packbits(trivial).tobytes()}
    classes = [[np.flatnonzero(trivial).astype(np.int32)]]
    waiting: list[tuple[Booleans, list[int], Booleans]] = [
        (trivial, [], np.ones(G.order, np.bool_))
    ]
    for H, generators, normaliser in waiting:  # grows on the way
        for z, K in _extensions(G, H, generators, normaliser, zuppos, number):
            if np.packbits(K).tobytes() in seen:
                continue
            chosen = [*generators, z]
            above = _normaliser(G, K, chosen)
            conjugates = _conjugates(G, K, above)
            if len(seen) + len(conjugates) > limit:
                raise GroupError(
                    f"{G!r} has more than {limit} subgroups; pass a larger limit to subgroups() "
                    "if you can wait for them"
                )
            seen.update(_key(G, elements) for elements in conjugates)
            classes.append(conjugates)
            waiting.append((K, chosen, above))
    return classes


def _prime_power_cyclic(G: Group) -> tuple[Indices, Indices]:
    """Return a generator of each cyclic p-subgroup, (k,), and for each g its number or -1, (n,)."""
    orders = element_orders(G)
    number = np.full(G.order, -1, dtype=np.int32)
    zuppos: list[int] = []
    for g in range(G.order):
        order = int(orders[g])
        if order == 1 or number[g] >= 0 or len(prime_divisors(order)) > 1:
            continue
        powers = [g]
        while len(powers) < order:
            powers.append(int(G.cayley[powers[-1], g]))
        generators = [h for h in powers if orders[h] == order]
        number[generators] = len(zuppos)
        zuppos.append(g)
    return np.array(zuppos, dtype=np.int32), number


def _extensions(
    G: Group,
    H: Booleans,
    generators: list[int],
    normaliser: Booleans,
    zuppos: Indices,
    number: Indices,
) -> Iterator[tuple[int, Booleans]]:
    """Yield z and the mask of <H, z> for one z of each orbit of the normaliser outside H."""
    moving = np.flatnonzero(normaliser)
    left: Booleans = ~H[zuppos]
    for place in range(len(zuppos)):
        if not left[place]:
            continue
        z = int(zuppos[place])
        left[number[G.cayley[G.cayley[moving, z], G.inverse[moving]]]] = False
        K = closure_mask(G.cayley, H, [*generators, z])
        if is_prime(int(K.sum()) // int(H.sum())):
            # H is maximal in K, so every other z in K would give K again.
            left[K[zuppos]] = False
        yield z, K


def _normaliser(G: Group, H: Booleans, generators: list[int]) -> Booleans:
    """Return the mask of the g with g H g^-1 = H; to carry the generators into H is enough."""
    images = G.cayley[G.cayley[:, generators], G.inverse[:, None]]
    return np.asarray(H[images].all(axis=1))


def _conjugates(G: Group, H: Booleans, normaliser: Booleans) -> list[Indices]:
    """Return the different g H g^-1, H first: one for each left coset of the normaliser."""
    elements, moving = np.flatnonzero(H), np.flatnonzero(normaliser)
    left = np.ones(G.order, dtype=np.bool_)
    found: list[Indices] = []
    g = G.identity
    while left[g]:
        found.append(np.sort(G.cayley[G.cayley[g, elements], G.inverse[g]]))
        left[G.cayley[g, moving]] = False
        g = int(np.argmax(left))
    return found


def _key(G: Group, elements: Indices) -> bytes:
    mask = np.zeros(G.order, dtype=np.bool_)
    mask[elements] = True
    return np.packbits(mask).tobytes()


def _in_order(G: Group, classes: list[list[Indices]]) -> tuple[Subgroup, ...]:
    """Sort the members of the classes, then the classes, and number them."""
    by_elements = [sorted(members, key=lambda H: H.tolist()) for members in classes]
    by_elements.sort(key=lambda members: (len(members[0]), members[0].tolist()))
    return tuple(
        Subgroup(H, G.order // len(H), number, len(members))
        for number, members in enumerate(by_elements)
        for H in members
    )
