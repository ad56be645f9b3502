"""Find the block sizes with which uneven products pay, and write them for the package.

Usage: python scripts/uneven_blocks.py [--quick]

Every stored scheme over R, also without one of its rows, is the outer one in turn, with blocks of
two neighbouring sizes (of any two sizes where an axis has two blocks). It takes about half an hour,
and a minute with --quick.
Run scripts/pack_schemes.py afterwards, which writes the table of constructions anew.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordtensor.schemes import Scheme, default_registry
from wordtensor.schemes import _constructions as constructions
from wordtensor.schemes._constructions import Outers, computed_table
from wordtensor.schemes._uneven import ADDED, Blocks, Pattern, outer_for, pattern_of
from wordtensor.schemes.registry import stored_products

LARGEST = 16
FAR = 10**6  # a rank that no product has
MANY = 20  # so many choices of the larger blocks, at most
OUTPUT = Path(constructions.__file__).parent / "data" / "uneven_blocks.json"
CASES = (("Q", "R"), ("ZT", "R"), ("F2", "R"), ("Q", "C"), ("Q", "H"))

Cut = tuple[Blocks, int]


def cuts_of(size: int) -> NDArray[np.int64]:
    """List the ways of cutting an axis into blocks, none of them empty."""
    if size == 1:
        return np.arange(1, LARGEST + 1)[:, None]
    if size == 2:
        pairs = [(a, b) for a in range(1, LARGEST) for b in range(1, LARGEST + 1 - a)]
        return np.array(pairs)
    found = [(1,) * size]
    for large in range(2, LARGEST + 1):
        for count in range(1, size + 1):
            if (large - 1) * size + count <= LARGEST and comb(size, count) <= MANY:
                for chosen in combinations(range(size), count):
                    found.append(tuple(large - (k not in chosen) for k in range(size)))
    return np.array(found)


def variants(s: Scheme, fewer: bool) -> Iterator[Blocks]:
    """Yield which blocks are there, as ones: all, and if asked for all but one."""
    n, m, p = ((1,) * size for size in s.shape)
    yield n, m, p
    if not fewer:
        return
    for axis, size in enumerate(s.shape):
        for k in range(size) if 2 < size < 9 else ():
            kept = [n, m, p]
            kept[axis] = tuple(int(k != j) for j in range(size))
            yield kept[0], kept[1], kept[2]


def extents(
    pattern: Pattern, way: int
) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Return cuts of the three axes, their sums, and how far each group of terms reaches."""
    cuts, sums, wide = [], [], []
    for axis in range(3):
        listed = cuts_of(pattern.shape[axis])
        terms = (listed[:, None, :, None] * pattern.supports[axis]).max(axis=2).min(axis=1)
        columns = [
            terms[:, list(group)].sum(axis=1)
            if ADDED[shared] == axis
            else terms[:, list(group)].max(axis=1)
            for shared, group in pattern.groupings[way]
        ]
        reach = np.minimum(np.stack(columns, axis=1), LARGEST + 1)
        _, first = np.unique(
            np.concatenate([listed.sum(axis=1)[:, None], reach], axis=1), axis=0, return_index=True
        )
        cuts.append(listed[first])
        sums.append(listed[first].sum(axis=1))
        wide.append(reach[first])
    return cuts, sums, wide


def improvements(
    ranks: NDArray[np.int64], pattern: Pattern, way: int
) -> Iterator[tuple[int, Blocks]]:
    """Yield the best rank and blocks for each size that gets shorter."""
    cuts, sums, (a, b, c) = extents(pattern, way)
    place = sums[1][:, None] * (LARGEST + 1) + sums[2]
    for row, total in enumerate(sums[0]):
        cost = np.zeros(place.shape, dtype=np.int64)
        for group in range(a.shape[1]):
            cost += ranks[a[row, group]][b[:, group]][:, c[:, group]]
        short = cost < ranks[total][place // (LARGEST + 1), place % (LARGEST + 1)]
        best: dict[int, tuple[int, int, int]] = {}
        for j, k in np.argwhere(short).tolist():
            best[place[j, k]] = min(best.get(place[j, k], (FAR, 0, 0)), (int(cost[j, k]), j, k))
        for rank, j, k in best.values():
            n, m, p = (tuple(cuts[axis][q].tolist()) for axis, q in enumerate((row, j, k)))
            yield rank, (n, m, p)


def table_of(known: constructions.Constructions, division: str) -> NDArray[np.int64]:
    """Return the ranks by sizes in any order; too large ones are far."""
    ranks = np.full((LARGEST + 2,) * 3, FAR)
    for (algebra, sizes), made in known.items():
        if algebra == division:
            for i, j, k in {(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)}:
                ranks[sizes[i], sizes[j], sizes[k]] = made.rank
    return ranks


def expanded(kept: Blocks, blocks: Blocks) -> Blocks:
    """Put empty blocks where a row of the scheme is left out."""
    filled = [iter(sizes) for sizes in blocks]
    n, m, p = (
        tuple(next(sizes) if there else 0 for there in present)
        for present, sizes in zip(kept, filled, strict=True)
    )
    return n, m, p


def found_for(ring: str, division: str, cuts: dict[Cut, None], fewer: bool) -> None:
    """Add what pays over a ring and an algebra, until nothing more does."""
    registry = default_registry().over(ring)  # type: ignore[arg-type]
    stored = stored_products(registry)
    real = [registry.schemes[number] for (kind, _), _, number in stored if kind == "R"]
    while True:
        outers = Outers(registry.schemes, stored, ring == "ZT")
        outers.__dict__["options"] = tuple(
            option for blocks, way in cuts if (option := outers.option(blocks, way))
        )
        known = computed_table(stored, division, outers)
        ranks, before = table_of(known, division), len(cuts)
        best: dict[tuple[int, ...], tuple[int, Cut]] = {}
        for s in real:
            for kept in variants(s, fewer):
                pattern = pattern_of(outer_for(s, kept), ring == "ZT")
                for way in range(len(pattern.groupings)):
                    for rank, blocks in improvements(ranks, pattern, way):
                        key = tuple(sorted(map(sum, blocks)))
                        if rank < best.get(key, (FAR,))[0]:
                            best[key] = rank, (expanded(kept, blocks), way)
        cuts.update((cut, None) for _, cut in best.values())
        sys.stderr.write(f"{ring} {division}: {len(best)} sizes fall\n")
        sys.stderr.flush()
        if len(cuts) == before:
            return


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    parser.add_argument("--quick", action="store_true", help="no outer schemes without a row")
    options = parser.parse_args()
    cuts: dict[Cut, None] = {}
    for ring, division in CASES:
        found_for(ring, division, cuts, not options.quick)
        options.output.write_text("[\n" + ",\n".join(json.dumps(cut) for cut in cuts) + "\n]\n")


if __name__ == "__main__":
    main()
