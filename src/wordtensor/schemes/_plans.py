"""Dynamic programming over sizes: how to build the scheme of smallest rank from stored ones."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement
from types import MappingProxyType
from typing import Final

from .._typing import Sizes

__all__ = ["Plans", "Recipe", "Stored", "in_order", "plans_for"]

Option = tuple[str, tuple[Sizes, Sizes], int]
Stored = tuple[tuple[Sizes, int, int], ...]  # sorted sizes, rank, number of the stored scheme

# Sizes up to here get every split, product and restriction; beyond, splits at a few places.
_TABLE_LIMIT: Final = 16
_SMALL_SPLIT: Final = 8
_MANY: Final = 64


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the best scheme for sorted sizes is built."""

    rank: int  # Number of products
    kind: str  # "standard", "stored", "split", "kronecker" or "restricted"
    parts: tuple[Sizes, ...] = ()  # The (unsorted) sizes of the schemes that it is built from
    detail: int = 0  # Number of the stored scheme, or the axis of the split


Plans = Mapping[Sizes, Recipe]


def in_order(n: int, m: int, p: int) -> Sizes:
    """Return three sizes in increasing order."""
    a, b, c = sorted((n, m, p))
    return a, b, c


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _splits(
    sizes: Sizes, axes: tuple[int, ...], places: Mapping[int, list[int]]
) -> Iterator[Option]:
    for axis in axes:
        for q in places[sizes[axis]]:
            left, right = list(sizes), list(sizes)
            left[axis], right[axis] = q, sizes[axis] - q
            yield "split", (_triple(left), _triple(right)), axis


def _triple(values: list[int]) -> Sizes:
    return values[0], values[1], values[2]


def _products(sizes: Sizes) -> Iterator[Option]:
    n, m, p = sizes
    for a in _divisors(n):
        for b in _divisors(m):
            for c in _divisors(p):
                outer, inner = (a, b, c), (n // a, m // b, p // c)
                # A factor <1,1,k> is a splitting into equal parts, which is tried anyway.
                if sorted(outer)[1] > 1 and sorted(inner)[1] > 1 and outer <= inner:
                    yield "kronecker", (outer, inner), 0


def _cheapest(best: Recipe, options: Iterable[Option], plans: Plans) -> Recipe:
    for kind, (left, right), detail in options:
        a, b = plans[in_order(*left)].rank, plans[in_order(*right)].rank
        rank = a + b if kind == "split" else a * b
        if rank < best.rank:
            best = Recipe(rank, kind, (left, right), detail)
    return best


def _base(sizes: Sizes, stored: Mapping[Sizes, tuple[int, int]]) -> Recipe:
    standard = Recipe(sizes[0] * sizes[1] * sizes[2], "standard", (sizes,))
    rank, number = stored.get(sizes, (standard.rank, 0))
    return Recipe(rank, "stored", (sizes,), number) if rank < standard.rank else standard


def _restriction(best: Recipe, sizes: Sizes, plans: Plans) -> Recipe:
    for axis in range(3):
        larger = list(sizes)
        larger[axis] += 1
        other = plans.get(in_order(*larger))
        if other is not None and other.rank < best.rank:
            best = Recipe(other.rank, "restricted", (_triple(larger),))
    return best


@lru_cache(maxsize=8)
def _table(stored: Stored) -> Plans:
    """Plan all sorted sizes up to the limit; sweep until no rank falls."""
    ranks = {sizes: (rank, number) for sizes, rank, number in stored}
    triples = sorted(
        combinations_with_replacement(range(1, _TABLE_LIMIT + 1), 3),
        key=lambda t: t[0] * t[1] * t[2],
    )
    plans = {t: _base(t, ranks) for t in triples}
    places = {k: list(range(1, k // 2 + 1)) for k in range(_TABLE_LIMIT + 1)}
    products = {t: tuple(_products(t)) for t in triples}
    changed = True
    while changed:
        changed = False
        for t in triples:
            best = _cheapest(plans[t], _splits(t, (0, 1, 2), places), plans)
            best = _cheapest(best, products[t], plans)
            best = _restriction(best, t, plans)
            if best.rank < plans[t].rank:
                plans[t], changed = best, True
    return MappingProxyType(plans)


@lru_cache(maxsize=64)
def plans_for(stored: Stored, sizes: Sizes) -> Plans:
    """Plan the scheme for sorted sizes, and those that it is built from."""
    # All sizes up to 16 are planned at once, with every splitting, Kronecker product and
    # restriction. Larger ones are split along their largest size only, at small places and near
    # the middle.
    table = _table(stored)
    if sizes in table:
        return table
    ranks = {key: (rank, number) for key, rank, number in stored}
    plans = dict(table)

    def visit(key: Sizes) -> None:
        if key in plans:
            return
        best = _base(key, ranks)
        if key[0] > 1:
            options = [*_splits(key, (2,), {key[2]: _places(key[2])}), *_products(key)]
            for _, parts, _ in options:
                for part in parts:
                    visit(in_order(*part))
            best = _cheapest(best, options, plans)
        plans[key] = best

    visit(sizes)
    return MappingProxyType(plans)


def _places(size: int) -> list[int]:
    """Choose where to split a large size."""
    half = size // 2
    near = range(1, min(_SMALL_SPLIT, half) + 1) if size <= _MANY else ()
    return sorted({*near, half, max(half // _TABLE_LIMIT, 1) * _TABLE_LIMIT} & {*range(1, size)})
