"""How to build the schemes of sizes beyond the table: splits, products, and blocks in halves."""

from functools import lru_cache
from types import MappingProxyType
from typing import Final

from .._typing import Sizes
from ._constructions import (
    TABLE_LIMIT,
    Construction,
    Constructions,
    Outers,
    Product,
    Stored,
    base,
    best_uneven,
    cheapest,
    in_order,
    products_of,
    splits,
    table,
)

# The first places for splits, and the largest size with more than the half of it.
_NEAR: Final = 8
_MANY: Final = 64


@lru_cache(maxsize=64)
def constructions_for(
    stored: Stored, product: Product, outers: Outers | None = None
) -> Constructions:
    """Return how the scheme for sorted sizes is built, and those that it is built from."""
    small = table(stored, product[0], outers)
    if product in small:
        return small
    ranks = {key: (rank, number) for key, rank, number in stored}
    known = dict(small)

    def visit(key: Product) -> None:
        if key in known:
            return
        division, sizes = key
        if division != "R":
            visit(("R", sizes))
        best = base(key, ranks, known)
        # Over R nothing is shorter than the standard scheme for a matrix times a vector.
        if division != "R" or sizes[0] > 1:
            options = [*splits(key, (2,), {sizes[2]: _places(sizes)}), *products_of(key, ranks)]
            for _, parts, _ in options:
                for part in parts:
                    visit(in_order(part))
            best = cheapest(best, options, known)
            best = _halves(best, key)
        known[key] = best

    def _halves(best: Construction, key: Product) -> Construction:
        """Cut every size into two halves, the first the larger one, if that is shorter."""
        division, sizes = key
        cut = outers.halves(sizes) if outers else None
        if cut is None:
            return best
        for part, _ in cut.counts:
            visit((division, part))
        return best_uneven(best, division, (cut,), known)

    visit(product)
    return MappingProxyType(known)


def _places(sizes: Sizes) -> list[int]:
    """Choose where to split the largest size; a smaller product is split wherever a larger is."""
    # Otherwise a larger product might be shorter. Without the near places of most sizes the answer
    # takes a tenth of the time.
    a, b, size = sizes
    places = {size // 2}
    if size <= _MANY:
        places |= {_NEAR // 2, *range(TABLE_LIMIT, size, TABLE_LIMIT)}
        if b <= TABLE_LIMIT or (a <= _NEAR and b <= 2 * TABLE_LIMIT):
            places |= {*range(1, _NEAR + 1)}
    return sorted(places & {*range(1, size)})
