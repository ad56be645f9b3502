"""Dynamic programming over small sizes: how to build the shortest scheme from stored ones."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import combinations_with_replacement
from types import MappingProxyType
from typing import Any, Final

from .._typing import Sizes
from ._uneven import Blocks, covers, filled, outer_for, pattern_of
from .library import digest
from .matrix_product import DIMENSIONS
from .scheme import Scheme

Product = tuple[str, Sizes]  # the algebra, and the sizes of the matrices over it
Option = tuple[str, tuple[Product, Product], int]
Stored = tuple[tuple[Product, int, int], ...]  # sorted sizes, rank, number of the stored scheme
Ranks = Mapping[Product, tuple[int, int]]  # the same: rank and number by sorted sizes

_UNIT: Final = (1, 1, 1)

# Sizes up to here get every split, product and restriction.
TABLE_LIMIT: Final = 16


@dataclass(frozen=True, slots=True)
class Uneven:
    """How an uneven product is made."""

    number: int  # of the stored outer scheme
    blocks: Blocks  # the sizes of its blocks; their numbers tell how it is turned
    way: int  # number of the grouping of its terms
    counts: tuple[tuple[Sizes, int], ...]  # sorted sizes of the products of blocks, and how many

    @property
    def sizes(self) -> Sizes:
        """The sorted sizes of the whole."""
        return _sorted((sum(self.blocks[0]), sum(self.blocks[1]), sum(self.blocks[2])))


@dataclass(frozen=True, slots=True)
class Construction:
    """How the best scheme for sorted sizes is built."""

    rank: int
    kind: str  # "standard", "stored", "split", "kronecker", "restricted" or "uneven"
    parts: tuple[Product, ...] = ()  # (of unsorted sizes) the schemes that it is built from
    detail: int = 0  # number of the stored scheme, or the axis of the split
    uneven: Uneven | None = None  # of an uneven product, how its blocks are cut


Constructions = Mapping[Product, Construction]


class Outers:
    """The schemes that uneven products are made with; compared by identity, so that it is a key."""

    def __init__(self, schemes: tuple[Scheme, ...], stored: Stored, signs: bool = False) -> None:
        real = [(sizes, number) for (division, sizes), _, number in stored if division == "R"]
        self._best = {sizes: (number, schemes[number]) for sizes, number in real}
        self._signs = signs

    @cached_property
    def key(self) -> str:
        """The digest of the schemes."""
        text = f"{self._signs} {[(number, digest(s)) for number, s in self._best.values()]}"
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def options(self) -> tuple[Uneven, ...]:
        """The uneven products that are tried: those that scripts/uneven_blocks.py found to pay."""
        made = []
        for listed, way in _cuts():
            found = self.option(_blocks(listed), way)
            if found is not None:
                made.append(found)
        return tuple(made)

    def halves(self, sizes: Sizes) -> Uneven | None:
        """Return the uneven product with two halves of every size; of Strassen's scheme, if any."""
        n, m, p = (((size + 1) // 2, size // 2) for size in sizes)
        if min(sizes) < 2 or (2, 2, 2) not in self._best:
            return None
        # No term may vanish, since such products are too large to be built and counted.
        if not covers(self._best[2, 2, 2][1], (n, m, p)):
            return None
        return self.option((n, m, p), 0, largest=max(sizes))

    def option(self, blocks: Blocks, way: int, largest: int = TABLE_LIMIT) -> Uneven | None:
        """Return an uneven product, or None if no scheme has its sizes or that way of grouping."""
        a, b, c = sorted(map(len, blocks))
        if (a, b, c) not in self._best:
            return None
        number, s = self._best[a, b, c]
        pattern = pattern_of(outer_for(s, blocks), self._signs)
        if way >= len(pattern.groupings):
            return None
        counted = Counter(_sorted(sizes) for sizes in pattern.sizes(filled(blocks), way))
        if any(max(sizes) > largest for sizes in counted):
            return None
        return Uneven(number, blocks, way, tuple(sorted(counted.items())))


def _sorted(sizes: Sizes) -> Sizes:
    a, b, c = sorted(sizes)
    return a, b, c


@lru_cache(maxsize=1)
def _cuts() -> list[tuple[list[list[int]], int]]:
    """Read which blocks pay, and how to group terms there."""
    source = files(__package__).joinpath("data").joinpath("uneven_blocks.json")
    cuts: list[tuple[list[list[int]], int]] = json.loads(source.read_bytes())
    return cuts


def in_order(product: Product) -> Product:
    """Bring the sizes into increasing order, as constructions are listed."""
    division, sizes = product
    a, b, c = sorted(sizes)
    return division, (a, b, c)


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def splits(
    product: Product, axes: tuple[int, ...], places: Mapping[int, list[int]]
) -> Iterator[Option]:
    """Yield the splits of some axes at some places."""
    division, sizes = product
    for axis in axes:
        for q in places[sizes[axis]]:
            left, right = list(sizes), list(sizes)
            left[axis], right[axis] = q, sizes[axis] - q
            yield "split", ((division, _triple(left)), (division, _triple(right))), axis


def _triple(values: list[int]) -> Sizes:
    return values[0], values[1], values[2]


def products_of(product: Product, ranks: Ranks) -> Iterator[Option]:
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


def cheapest(best: Construction, options: Iterable[Option], known: Constructions) -> Construction:
    """Return the shortest of some options, or what is best so far."""
    for kind, (left, right), detail in options:
        a, b = known[in_order(left)].rank, known[in_order(right)].rank
        rank = a + b if kind == "split" else a * b
        if rank < best.rank:
            best = Construction(rank, kind, (left, right), detail)
    return best


def base(product: Product, ranks: Ranks, known: Constructions) -> Construction:
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


def best_uneven(
    best: Construction, division: str, options: Iterable[Uneven], known: Constructions
) -> Construction:
    """Return the shortest of some uneven products, or what is best so far."""
    for option in options:
        rank = sum(count * known[division, sizes].rank for sizes, count in option.counts)
        if rank < best.rank:
            parts = tuple((division, sizes) for sizes, _ in option.counts)
            best = Construction(rank, "uneven", parts, option.number, option)
    return best


def _triples() -> list[Sizes]:
    """List all sorted sizes up to the limit, small products first."""
    sizes = combinations_with_replacement(range(1, TABLE_LIMIT + 1), 3)
    return sorted(sizes, key=lambda t: t[0] * t[1] * t[2])


@lru_cache(maxsize=8)
def table(stored: Stored, division: str, outers: Outers | None) -> Constructions:
    """Return how all sorted sizes up to the limit are built, over R too."""
    packed = _packed()
    if packed["stored"] != _digest(stored, outers):
        return computed_table(stored, division, outers)
    wanted = ("R",) if division == "R" else ("R", division)
    return MappingProxyType(
        {
            (algebra, sizes): _read(*line)
            for algebra in wanted
            for sizes, line in zip(_triples(), packed["tables"][algebra], strict=True)
        }
    )


@lru_cache(maxsize=1)
def _packed() -> dict[str, Any]:
    """Read the tables of the package's own schemes: computing them takes a tenth of a second."""
    source = files(__package__).joinpath("data").joinpath("constructions.json")
    packed: dict[str, Any] = json.loads(source.read_bytes())
    return packed


def packed_tables(stored: Stored, outers: Outers | None = None) -> str:
    """Write the tables of stored schemes as JSON, a line for each size; scripts keep them."""
    tables = {division: computed_table(stored, division, outers) for division in DIMENSIONS}
    lines = {
        division: ",\n".join(
            json.dumps(_line(made)) for made in (table[division, sizes] for sizes in _triples())
        )
        for division, table in tables.items()
    }
    listed = ",\n".join(f'"{division}": [\n{text}\n]' for division, text in lines.items())
    return f'{{"stored": "{_digest(stored, outers)}", "tables": {{\n{listed}\n}}}}\n'


def _line(made: Construction) -> list[Any]:
    """Return what JSON keeps of a construction."""
    line: list[Any] = [made.rank, made.kind, made.parts, made.detail]
    cut = made.uneven
    return [*line, cut.blocks, cut.way, [count for _, count in cut.counts]] if cut else line


def _digest(stored: Stored, outers: Outers | None) -> str:
    text = f"{stored!r} {outers.key if outers else None}"
    return hashlib.sha256(text.encode()).hexdigest()


def _read(
    rank: int, kind: str, listed: list[tuple[str, list[int]]], detail: int, *cut: Any
) -> Construction:
    """Return a construction as it was before JSON made lists of it."""
    parts = tuple((division, _triple(sizes)) for division, sizes in listed)
    if not cut:
        return Construction(rank, kind, parts, detail)
    blocks, way, counts = cut
    counted = tuple(zip((sizes for _, sizes in parts), counts, strict=True))
    return Construction(rank, kind, parts, detail, Uneven(detail, _blocks(blocks), way, counted))


def _blocks(listed: list[list[int]]) -> Blocks:
    n, m, p = (tuple(sizes) for sizes in listed)
    return n, m, p


@lru_cache(maxsize=8)
def computed_table(stored: Stored, division: str, outers: Outers | None = None) -> Constructions:
    """Construct all sorted sizes up to the limit, over R too; sweep until no rank falls."""
    ranks = {product: (rank, number) for product, rank, number in stored}
    asked = [(division, t) for t in _triples()]
    known = {} if division == "R" else dict(computed_table(stored, "R", outers))
    for product in asked:
        known[product] = base(product, ranks, known)
    places = {k: list(range(1, k // 2 + 1)) for k in range(TABLE_LIMIT + 1)}
    products = {product: tuple(products_of(product, ranks)) for product in asked}
    cuts: dict[Sizes, list[Uneven]] = {}
    for option in outers.options if outers else ():
        cuts.setdefault(option.sizes, []).append(option)
    changed = True
    while changed:
        changed = False
        for product in asked:
            best = cheapest(known[product], splits(product, (0, 1, 2), places), known)
            best = cheapest(best, products[product], known)
            best = _restriction(best, product, known)
            best = best_uneven(best, division, cuts.get(product[1], ()), known)
            if best.rank < known[product].rank:
                known[product], changed = best, True
    return MappingProxyType(known)
