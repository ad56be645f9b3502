"""Dynamic programming over sizes: how to build the scheme of smallest rank from stored ones."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement
from types import MappingProxyType
from typing import Final

from .._typing import Sizes

Option = tuple[str, tuple[Sizes, Sizes], int]
Stored = tuple[tuple[Sizes, int, int], ...]  # sorted sizes, rank, number of the stored scheme

# Sizes up to here get every split, product and restriction; beyond, splits at a few places.
_TABLE_LIMIT: Final = 16
_SMALL_SPLIT: Final = 8
_MANY: Final = 64


@dataclass(frozen=True, slots=True)
class Construction:
    """How the best scheme for sorted sizes is built."""

    rank: int
    kind: str  # "standard", "stored", "split", "kronecker" or "restricted"
    parts: tuple[Sizes, ...] = ()  # the (unsorted) sizes of the schemes that it is built from
    detail: int = 0  # number of the stored scheme, or the axis of the split


Constructions = Mapping[Sizes, Construction]


def in_order(n: int, m: int, p: int) -> Sizes:
    """Return three sizes in increasing order, as constructions are listed."""
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


def _cheapest(best: Construction, options: Iterable[Option], known: Constructions) -> Construction:
    for kind, (left, right), detail in options:
        a, b = known[in_order(*left)].rank, known[in_order(*right)].rank
        rank = a + b if kind == "split" else a * b
        if rank < best.rank:
            best = Construction(rank, kind, (left, right), detail)
    return best


def _base(sizes: Sizes, stored: Mapping[Sizes, tuple[int, int]]) -> Construction:
    standard = Construction(sizes[0] * sizes[1] * sizes[2], "standard", (sizes,))
    rank, number = stored.get(sizes, (standard.rank, 0))
    return Construction(rank, "stored", (sizes,), number) if rank < standard.rank else standard


def _restriction(best: Construction, sizes: Sizes, known: Constructions) -> Construction:
    for axis in range(3):
        larger = list(sizes)
        larger[axis] += 1
        other = known.get(in_order(*larger))
        if other is not None and other.rank < best.rank:
            best = Construction(other.rank, "restricted", (_triple(larger),))
    return best


@lru_cache(maxsize=8)
def _table(stored: Stored) -> Constructions:
    """Construct all sorted sizes up to the limit; sweep until no rank falls."""
    ranks = {sizes: (rank, number) for sizes, rank, number in stored}
    triples = sorted(
        combinations_with_replacement(range(1, _TABLE_LIMIT + 1), 3),
        key=lambda t: t[0] * t[1] * t[2],
    )
    known = {t: _base(t, ranks) for t in triples}
    places = {k: list(range(1, k // 2 + 1)) for k in range(_TABLE_LIMIT + 1)}
    products = {t: tuple(_products(t)) for t in triples}
    changed = True
    while changed:
        changed = False
        for t in triples:
            best = _cheapest(known[t], _splits(t, (0, 1, 2), places), known)
            best = _cheapest(best, products[t], known)
            best = _restriction(best, t, known)
            if best.rank < known[t].rank:
                known[t], changed = best, True
    return MappingProxyType(known)


@lru_cache(maxsize=64)
def constructions_for(stored: Stored, sizes: Sizes) -> Constructions:
    """Return how the scheme for sorted sizes is built, and those that it is built from."""
    # All sizes up to 16 are taken at once, with every splitting, Kronecker product and restriction.
    # Larger ones are split along their largest size only, at small places and near the middle.
    table = _table(stored)
    if sizes in table:
        return table
    ranks = {key: (rank, number) for key, rank, number in stored}
    known = dict(table)

    def visit(key: Sizes) -> None:
        if key in known:
            return
        best = _base(key, ranks)
        if key[0] > 1:
            options = [*_splits(key, (2,), {key[2]: _places(key[2])}), *_products(key)]
            for _, parts, _ in options:
                for part in parts:
                    visit(in_order(*part))
            best = _cheapest(best, options, known)
        known[key] = best

    visit(sizes)
    return MappingProxyType(known)


def _places(size: int) -> list[int]:
    """Choose where to split a large size."""
    half = size // 2
    near = range(1, min(_SMALL_SPLIT, half) + 1) if size <= _MANY else ()
    return sorted({*near, half, max(half // _TABLE_LIMIT, 1) * _TABLE_LIMIT} & {*range(1, size)})
