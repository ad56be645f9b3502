"""Dynamic programming over sizes: how to build the scheme of smallest rank from stored ones."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import combinations_with_replacement
from types import MappingProxyType
from typing import Any, Final

from .._typing import Sizes
from .matrix_product import DIMENSIONS

Product = tuple[str, Sizes]  # the algebra, and the sizes of the matrices over it
Option = tuple[str, tuple[Product, Product], int]
Stored = tuple[tuple[Product, int, int], ...]  # sorted sizes, rank, number of the stored scheme
Ranks = Mapping[Product, tuple[int, int]]  # the same: rank and number by sorted sizes

_UNIT: Final = (1, 1, 1)

# Sizes up to here get every split, product and restriction; beyond, splits at a few places.
_TABLE_LIMIT: Final = 16
_SMALL_SPLIT: Final = 8
_MANY: Final = 64


@dataclass(frozen=True, slots=True)
class Construction:
    """How the best scheme for sorted sizes is built."""

    rank: int
    kind: str  # "standard", "stored", "split", "kronecker" or "restricted"
    parts: tuple[Product, ...] = ()  # (of unsorted sizes) the schemes that it is built from
    detail: int = 0  # number of the stored scheme, or the axis of the split


Constructions = Mapping[Product, Construction]


def in_order(product: Product) -> Product:
    """Bring the sizes into increasing order, as constructions are listed."""
    division, sizes = product
    a, b, c = sorted(sizes)
    return division, (a, b, c)


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _splits(
    product: Product, axes: tuple[int, ...], places: Mapping[int, list[int]]
) -> Iterator[Option]:
    division, sizes = product
    for axis in axes:
        for q in places[sizes[axis]]:
            left, right = list(sizes), list(sizes)
            left[axis], right[axis] = q, sizes[axis] - q
            yield "split", ((division, _triple(left)), (division, _triple(right))), axis


def _triple(values: list[int]) -> Sizes:
    return values[0], values[1], values[2]


def _products(product: Product, ranks: Ranks) -> Iterator[Option]:
    """Yield the Kronecker products of a scheme over R with one over the algebra."""
    # A factor <1,1,k> is a splitting into equal parts, which is tried anyway. Over R the order of
    # the factors does not matter. Over C and H an inner factor that is not stored is split or a
    # product itself, and so is the whole; the product of numbers is the base of all sizes.
    division, (n, m, p) = product
    for a in _divisors(n):
        for b in _divisors(m):
            for c in _divisors(p):
                outer, inner = (a, b, c), (n // a, m // b, p // c)
                if division == "R":
                    useful = sorted(inner)[1] > 1 and outer <= inner
                else:
                    useful = inner != _UNIT and in_order((division, inner)) in ranks
                if useful and sorted(outer)[1] > 1:
                    yield "kronecker", (("R", outer), (division, inner)), 0


def _cheapest(best: Construction, options: Iterable[Option], known: Constructions) -> Construction:
    for kind, (left, right), detail in options:
        a, b = known[in_order(left)].rank, known[in_order(right)].rank
        rank = a + b if kind == "split" else a * b
        if rank < best.rank:
            best = Construction(rank, kind, (left, right), detail)
    return best


def _base(product: Product, ranks: Ranks, known: Constructions) -> Construction:
    """Return the standard scheme, or the stored one; over C and H, a real one with numbers."""
    division, sizes = product
    if division == "R" or sizes == _UNIT:
        rank = sizes[0] * sizes[1] * sizes[2] * DIMENSIONS[division] ** 2
        best = Construction(rank, "standard")
    else:
        parts = (("R", sizes), (division, _UNIT))
        best = Construction(known[parts[0]].rank * known[parts[1]].rank, "kronecker", parts)
    rank, number = ranks.get(product, (best.rank, 0))
    return Construction(rank, "stored", (), number) if rank < best.rank else best


def _restriction(best: Construction, product: Product, known: Constructions) -> Construction:
    division, sizes = product
    for axis in range(3):
        larger = list(sizes)
        larger[axis] += 1
        part = (division, _triple(larger))
        other = known.get(in_order(part))
        if other is not None and other.rank < best.rank:
            best = Construction(other.rank, "restricted", (part,))
    return best


def _triples() -> list[Sizes]:
    """List all sorted sizes up to the limit, small products first."""
    sizes = combinations_with_replacement(range(1, _TABLE_LIMIT + 1), 3)
    return sorted(sizes, key=lambda t: t[0] * t[1] * t[2])


@lru_cache(maxsize=8)
def _table(stored: Stored, division: str) -> Constructions:
    """Return how all sorted sizes up to the limit are built, over R too."""
    packed = _packed()
    if packed["stored"] != _digest(stored):
        return computed_table(stored, division)
    wanted = ("R",) if division == "R" else ("R", division)
    return MappingProxyType(
        {
            (algebra, sizes): Construction(rank, kind, _pair(parts), detail)
            for algebra in wanted
            for sizes, (rank, kind, parts, detail) in zip(
                _triples(), packed["tables"][algebra], strict=True
            )
        }
    )


@lru_cache(maxsize=1)
def _packed() -> dict[str, Any]:
    """Read the tables of the package's own schemes: computing them takes a tenth of a second."""
    source = files(__package__).joinpath("data").joinpath("constructions.json")
    packed: dict[str, Any] = json.loads(source.read_bytes())
    return packed


def packed_tables(stored: Stored) -> str:
    """Write the tables of stored schemes as JSON, a line for each size; scripts keep them."""
    tables = {division: computed_table(stored, division) for division in DIMENSIONS}
    lines = {
        division: ",\n".join(
            json.dumps([made.rank, made.kind, made.parts, made.detail])
            for made in (table[division, sizes] for sizes in _triples())
        )
        for division, table in tables.items()
    }
    listed = ",\n".join(f'"{division}": [\n{text}\n]' for division, text in lines.items())
    return f'{{"stored": "{_digest(stored)}", "tables": {{\n{listed}\n}}}}\n'


def _digest(stored: Stored) -> str:
    return hashlib.sha256(repr(stored).encode()).hexdigest()


def _pair(parts: list[tuple[str, list[int]]]) -> tuple[Product, ...]:
    """Return products as they were before JSON made lists of them."""
    return tuple((division, _triple(sizes)) for division, sizes in parts)


@lru_cache(maxsize=8)
def computed_table(stored: Stored, division: str) -> Constructions:
    """Construct all sorted sizes up to the limit, over R too; sweep until no rank falls."""
    ranks = {product: (rank, number) for product, rank, number in stored}
    asked = [(division, t) for t in _triples()]
    known = {} if division == "R" else dict(computed_table(stored, "R"))
    for product in asked:
        known[product] = _base(product, ranks, known)
    places = {k: list(range(1, k // 2 + 1)) for k in range(_TABLE_LIMIT + 1)}
    products = {product: tuple(_products(product, ranks)) for product in asked}
    changed = True
    while changed:
        changed = False
        for product in asked:
            best = _cheapest(known[product], _splits(product, (0, 1, 2), places), known)
            best = _cheapest(best, products[product], known)
            best = _restriction(best, product, known)
            if best.rank < known[product].rank:
                known[product], changed = best, True
    return MappingProxyType(known)


@lru_cache(maxsize=64)
def constructions_for(stored: Stored, product: Product) -> Constructions:
    """Return how the scheme for sorted sizes is built, and those that it is built from."""
    # All sizes up to 16 are taken at once, with every splitting, Kronecker product and restriction.
    # Larger ones are split along their largest size only, at small places and near the middle.
    table = _table(stored, product[0])
    if product in table:
        return table
    ranks = {key: (rank, number) for key, rank, number in stored}
    known = dict(table)

    def visit(key: Product) -> None:
        if key in known:
            return
        division, sizes = key
        if division != "R":
            visit(("R", sizes))
        best = _base(key, ranks, known)
        # Over R nothing is shorter than the standard scheme for a matrix times a vector.
        if division != "R" or sizes[0] > 1:
            options = [*_splits(key, (2,), {sizes[2]: _places(sizes[2])}), *_products(key, ranks)]
            for _, parts, _ in options:
                for part in parts:
                    visit(in_order(part))
            best = _cheapest(best, options, known)
        known[key] = best

    visit(product)
    return MappingProxyType(known)


def _places(size: int) -> list[int]:
    """Choose where to split a large size."""
    half = size // 2
    near = range(1, min(_SMALL_SPLIT, half) + 1) if size <= _MANY else ()
    return sorted({*near, half, max(half // _TABLE_LIMIT, 1) * _TABLE_LIMIT} & {*range(1, size)})
