"""Which group a table is: its number in GAP's library, and its names."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from .._progress import begin_stage
from ..errors import GroupError
from ._catalogue import small_group_count, small_group_generators, small_group_name
from ._gap import gap_number
from ._generated import linear_order
from ._group import Group
from ._isomorphism import isomorphism
from ._other_names import common_names
from ._primes import prime_divisors
from .classes import conjugacy_classes
from .names import group, named_group
from .structure import element_orders, is_abelian

# Up to here all groups are built in.
_WHOLE: Final = 31
# Semidirect products of cyclic groups are tried up to this order: above, there are many.
_SEMIDIRECT: Final = 1000

# How many elements have which order and how many conjugates; of a product, the product.
_Profile = Counter[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Identity:
    """Which group a group is, up to isomorphism.

    Attributes
    ----------
    order : int
        The order of the group.
    number : int or None
        It is ``SmallGroup(order, number)``; None if that is not known.
    name : str or None
        A name that `group` reads; None if none is known.
    names : tuple of str
        Other names, which `group` reads as well.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> print(identify(group("D3")))
    S3 = SmallGroup(6,1), also D3
    """

    order: int
    number: int | None
    name: str | None
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        small = None if self.number is None else f"SmallGroup({self.order},{self.number})"
        known = [part for part in dict.fromkeys((self.name, small)) if part is not None]
        if not known:
            return f"a group of order {self.order}, of which no name is known here"
        also = f", also {', '.join(self.names)}" if self.names else ""
        return " = ".join(known) + also


def identify(G: object) -> Identity:
    """Find out which group a group is, whatever the order of its elements.

    Parameters
    ----------
    G : Group or str
        Any group, or what `group` makes one of.

    Returns
    -------
    Identity
        With a number for every order up to 31, and for others where the group has a name in the
        catalogue or GAP is installed; with a name for every abelian group, and for those of the
        families that have names and products of two of these.

    Notes
    -----
    Candidates with the same numbers of elements of each order and number of conjugates are tried
    with `isomorphism`.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> identify(group("C2 x C3")).name, identify(group("PSL(2,5)")).name
    ('C6', 'A5')
    >>> identify(group("SL(2,3) x C5"))
    Identity(order=120, number=None, name='SL(2,3) x C5', names=())
    """
    G = group(G)
    begin_stage("which group %s is", G.name)
    name, number = _catalogued(G)
    if name is None and is_abelian(G):
        name = _abelian_name(G)
    if name is None:
        name = _family_name(G)
    if number is None:
        number = gap_number(G)
    if name is None and number is not None:
        name = f"SmallGroup({G.order},{number})"
    return Identity(G.order, number, name, common_names(name or ""))


def _catalogued(G: Group) -> tuple[str | None, int | None]:
    """Return the name and the number of a group of the catalogue."""
    profile = _profile(G)
    for number in range(1, (small_group_count(G.order) or 0) + 1):
        if _catalogue_name(G.order, number) is None:
            continue
        candidate = named_group(f"SmallGroup({G.order},{number})")
        if _profile(candidate) == profile and isomorphism(G, candidate) is not None:
            return candidate.name, number
    return None, None


def _catalogue_name(order: int, number: int) -> str | None:
    """Return a name of a group that is built in."""
    if small_group_generators(order, number):
        return f"SmallGroup({order},{number})"
    return small_group_name(order, number)


def _profile(G: Group) -> _Profile:
    classes = conjugacy_classes(G)
    sizes = classes.sizes[classes.index]
    return Counter(zip(element_orders(G).tolist(), sizes.tolist(), strict=True))


def _abelian_name(G: Group) -> str:
    """Return the product of the invariant factors of an abelian group, the largest first."""
    orders = element_orders(G)
    factors: list[int] = []
    for p in prime_divisors(G.order):
        # p^s_k elements have an order that divides p^k; s_k - s_(k-1) factors are p^k at least.
        parts: list[int] = []
        k, before = 1, 0
        while True:
            exponent = round(math.log(np.count_nonzero(p**k % orders == 0), p))
            if exponent == before:
                break
            count = exponent - before
            parts = [q * p for q in parts[:count]] + [p] * (count - len(parts)) + parts[count:]
            k, before = k + 1, exponent
        factors += [1] * (len(parts) - len(factors))
        factors = [f * q for f, q in itertools.zip_longest(factors, parts, fillvalue=1)]
    grouped = [(n, len(list(same))) for n, same in itertools.groupby(factors)]
    return " x ".join(f"C{n}" if times == 1 else f"C{n}^{times}" for n, times in grouped)


def _family_name(G: Group) -> str | None:
    """Return the name of a group of the families, or of a product of two."""
    profile = _profile(G)
    for name in _families(G.order, set(element_orders(G).tolist())):
        candidate = _made(name, G.order)
        if candidate is not None and _is(G, profile, candidate):
            return candidate.name
    for left, right in _products(G.order, profile):
        product = named_group(f"({left}) x ({right})")
        if _is(G, profile, product):
            return product.name
    return None


def _is(G: Group, profile: _Profile, candidate: Group) -> bool:
    """Tell whether a candidate is the group; what the search cannot decide is not."""
    try:
        return _profile(candidate) == profile and isomorphism(G, candidate) is not None
    except GroupError:
        return False


def _made(name: str, order: int) -> Group | None:
    """Return the group of a name if it exists and has that order."""
    try:
        made = named_group(name)
    except GroupError:
        return None
    return made if made.order == order else None


def _families(n: int, orders: set[int]) -> Iterator[str]:
    """Yield names that may be of order n, with elements of these orders."""
    for k in range(4, 8):
        if math.factorial(k) == n:
            yield f"S{k}"
        if math.factorial(k) == 2 * n:
            yield f"A{k}"
    for q in (4, 5, 7, 8, 9, 11, 13, 16, 17, 19, 3, 2):
        kinds = ("PSL", "SL", "PGL", "GL")
        yield from (f"{kind}(2,{q})" for kind in kinds if linear_order(kind, q) == n)
    if n % 2 == 0 and n // 2 in orders:
        yield f"D{n // 2}"
        if n % 4 == 0:
            yield f"Q{n}" if n & (n - 1) == 0 else f"Dic{n // 4}"
            yield f"SD{n}"
    primes = prime_divisors(n)
    p, k = primes[0], round(math.log(n, primes[0])) if n > 1 else 0
    if len(primes) == 1 and k > 2:
        yield from (f"M{k}({p})", f"ES+({n})", f"ES-({n})")
    yield from (f"AGL(1,{q})" for q in (8, 9, 16, 25, 27, 32, 49, 64) if q * (q - 1) == n)
    yield from (f"S{k} wr C2" for k in (3, 4) if 2 * math.factorial(k) ** 2 == n)
    if n <= _SEMIDIRECT:
        yield from _semidirect(n, orders)


def _semidirect(n: int, orders: set[int]) -> Iterator[str]:
    """Yield C_m:C_k[r] for each subgroup of units that C_k may map on."""
    for m in sorted(orders, reverse=True):
        if n % m or n // m not in orders or m < 3:
            continue
        k = n // m
        seen: set[frozenset[int]] = set()
        for r in range(2, m):
            if pow(r, k, m) == 1:
                powers = frozenset(pow(r, e, m) for e in range(k))
                if powers not in seen:
                    seen.add(powers)
                    yield f"C{m}:C{k}[{r}]"


def _products(n: int, profile: _Profile) -> Iterator[tuple[str, str]]:
    """Yield pairs of names whose product has the profile; the smaller factor comes second."""
    orders = {order for order, _ in profile}
    for small in range(2, math.isqrt(n) + 1):
        if n % small:
            continue
        left, right = _factors(n // small, orders), _factors(small, orders)
        for (name, one), (other, two) in itertools.product(left, right):
            if _product(one, two) == profile:
                yield name, other


def _product(one: _Profile, two: _Profile) -> _Profile:
    """Return the profile of a direct product."""
    joined: _Profile = Counter()
    for (order, size), count in one.items():
        for (other, more), times in two.items():
            joined[math.lcm(order, other), size * more] += count * times
    return joined


def _factors(n: int, orders: set[int]) -> list[tuple[str, _Profile]]:
    """Return the names and profiles of groups of order n whose elements may have these orders."""
    names = [_catalogue_name(n, k + 1) for k in range(small_group_count(n) or 0)]
    names += [] if names else [f"C{n}", *_families(n, orders)]
    found = []
    for name in names:
        made = None if name is None else _made(name, n)
        if made is not None:
            profile = _profile(made)
            if all(order in orders for order, _ in profile):
                found.append((made.name, profile))
    return found
