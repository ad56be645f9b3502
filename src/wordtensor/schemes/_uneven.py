"""Products of schemes with blocks of different sizes, and with equal factors taken together.

A scheme multiplies blocks as well as numbers. Where blocks have different sizes, a term needs only
the rows, columns and inner indices of the blocks in its support: <2,2,2> with blocks 4 and 3 gives
<7,7,7> in 250 products. Terms with the same first factor multiply one matrix by several, which is
one product with a longer third size; likewise for the other factors (arXiv:2606.02480 calls such
products serendipitous).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Integers, Sizes
from .compose import permuted, restricted, without_zeros
from .matrix_product import DIMENSIONS
from .scheme import Scheme, require_int64

Group = tuple[int, tuple[int, ...]]  # the factor that terms share, and the terms
Grouping = tuple[Group, ...]
Blocks = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]

# Which of the sizes n, m, p adds up where terms share U, V or W.
ADDED: Final = (2, 0, 1)
# The sizes that index the rows and the columns of U, V and W.
_AXES: Final = ((0, 1), (1, 2), (0, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """What the sizes of an uneven product depend on: supports of terms, and how to group them."""

    shape: Sizes
    supports: tuple[NDArray[np.bool_], ...]  # for n, m, p: (2, size, rank), of the two factors
    groupings: tuple[Grouping, ...]

    def sizes(self, blocks: Blocks, way: int) -> list[Sizes]:
        """Return the sizes of the product that each group is; no block is empty."""
        wide = self.extents(blocks)
        return [_group_sizes(wide, group) for group in self.groupings[way]]

    def extents(self, blocks: Blocks) -> list[list[int]]:
        """Return for n, m and p how many rows each term needs."""
        return [
            (np.array(sizes)[:, None] * support).max(axis=1).min(axis=0).tolist()
            for sizes, support in zip(blocks, self.supports, strict=True)
        ]


def _group_sizes(wide: Sequence[Sequence[int]], group: Group) -> Sizes:
    shared, terms = group
    n, m, p = (
        (sum if axis == ADDED[shared] else max)(wide[axis][t] for t in terms) for axis in range(3)
    )
    return n, m, p


@lru_cache(maxsize=512)
def pattern_of(s: Scheme, signs: bool = False) -> Pattern:
    """Return the supports of a scheme over R, and the ways in which its terms share factors."""
    U, V, W = (
        (factor != 0).reshape(s.shape[rows], s.shape[columns], -1)
        for factor, (rows, columns) in zip((s.U, s.V, s.W), _AXES, strict=True)
    )
    supports = (
        np.stack([U.any(axis=1), W.any(axis=1)]),
        np.stack([U.any(axis=0), V.any(axis=1)]),
        np.stack([V.any(axis=0), W.any(axis=0)]),
    )
    return Pattern(s.shape, supports, tuple(_groupings(s, signs)))


@lru_cache(maxsize=512)
def covers(s: Scheme, blocks: Blocks) -> bool:
    """Whether each factor of each term has a block as large as the term's part; none vanishes."""
    wide = pattern_of(s).extents(blocks)
    for factor, (rows, columns) in zip((s.U, s.V, s.W), _AXES, strict=True):
        tall = np.array(blocks[rows])[:, None] >= np.array(wide[rows])
        broad = np.array(blocks[columns])[:, None] >= np.array(wide[columns])
        there = (factor != 0).reshape(len(tall), len(broad), -1)
        if not (there & tall[:, None] & broad).any(axis=(0, 1)).all():
            return False
    return True


def _groupings(s: Scheme, signs: bool) -> Iterator[Grouping]:
    """Yield ways of grouping terms: first none, then by each order of the three factors."""
    alone: Grouping = tuple((0, (t,)) for t in range(s.rank))
    classes = [_classes(s, shared, signs) for shared in range(3)]
    seen = {alone}
    yield alone
    for order in permutations(range(3)):
        free, groups = set(range(s.rank)), []
        for shared in order:
            for terms in classes[shared]:
                left = tuple(t for t in terms if t in free)
                if len(left) > 1:
                    groups.append((shared, left))
                    free -= set(left)
        way = tuple(sorted([*groups, *((0, (t,)) for t in free)]))
        if way not in seen:
            seen.add(way)
            yield way


def _classes(s: Scheme, shared: int, signs: bool) -> list[list[int]]:
    """List the sets of terms with the same factor up to its scale."""
    factors = (s.U, s.V, s.W)
    found: dict[bytes, list[int]] = {}
    for t, column in enumerate(factors[shared].T):
        found.setdefault((column // _scale(column)).tobytes(), []).append(t)
    sets = [terms for terms in found.values() if len(terms) > 1]
    if not signs:
        return sets
    # Where the other factors overlap, coefficients would add up to others than -1, 0 and 1.
    others = [factor for place, factor in enumerate(factors) if place != shared]
    return [
        terms
        for terms in sets
        if all(((factor[:, terms] != 0).sum(axis=1) < 2).all() for factor in others)
    ]


def _scale(column: Integers) -> int:
    """Return the number that a vector is a primitive one times; the first entry is positive."""
    common = int(np.gcd.reduce(column))
    return -common if column[column != 0][0] < 0 else common


def uneven_product(
    outer: Scheme, blocks: Blocks, way: int, inner: Callable[[Sizes], Scheme], signs: bool = False
) -> Scheme:
    """Multiply a scheme over R with one for each group of its terms, on blocks of any sizes."""
    groups = pattern_of(outer, signs).groupings[way]
    wide = pattern_of(outer, signs).extents(blocks)
    sizes = [_group_sizes(wide, group) for group in groups]
    parts = [inner(size) for size in sizes]
    scales = _common_denominators(parts)
    n, m, p = (sum(block) for block in blocks)
    made = [
        _spread(outer, blocks, wide, group, part, scales)
        for group, part in zip(groups, parts, strict=True)
    ]
    U, V, W = (np.concatenate([factors[place] for factors in made], axis=-1) for place in range(3))
    du, dv, dw = (a * b for a, b in zip(outer.denominators, scales, strict=True))
    d = DIMENSIONS[parts[0].division]
    return Scheme(
        (n, m, p),
        *without_zeros(
            U.reshape(n * m * d, -1), V.reshape(m * p * d, -1), W.reshape(n * p * d, -1)
        ),
        denominators=(du, dv, dw),
        division=parts[0].division,
        provenance=f"uneven({outer.provenance}, {blocks})",
        characteristic=outer.characteristic,
    )


def _common_denominators(parts: list[Scheme]) -> tuple[int, int, int]:
    du, dv, dw = (math.lcm(*(s.denominators[k] for s in parts)) for k in range(3))
    return du, dv, dw


def _spread(
    outer: Scheme,
    blocks: Blocks,
    wide: list[list[int]],
    group: Group,
    part: Scheme,
    scales: tuple[int, int, int],
) -> list[Integers]:
    """Put the scheme of one group onto the blocks of its terms; arrays (rows, columns, d, rank)."""
    shared, terms = group
    d = DIMENSIONS[part.division]
    starts = [np.concatenate([[0], np.cumsum(block)]).tolist() for block in blocks]
    made = []
    factors = (outer.U, outer.V, outer.W)
    times = [_scale(factors[shared][:, t]) if len(terms) > 1 else 1 for t in terms]
    for place, axes in enumerate(_AXES):
        grown = (part.U, part.V, part.W)[place].reshape(*(part.shape[k] for k in axes), d, -1)
        scale = scales[place] // part.denominators[place]
        largest = int(np.abs(factors[place]).max(initial=0)) * max(map(abs, times)) * len(terms)
        require_int64(int(np.abs(grown).max(initial=0)), largest * scale)
        grown = grown * scale
        result = np.zeros((*(sum(blocks[k]) for k in axes), d, part.rank), dtype=np.int64)
        if place == shared:
            _place(result, factors[place][:, terms[0]] // times[0], grown, starts, axes)
        else:
            # The scale that a term has in the shared factor goes into the next one.
            moved = times if place == (shared + 1) % 3 else [1] * len(terms)
            before = 0
            for t, number in zip(terms, moved, strict=True):
                size = wide[ADDED[shared]][t]
                along = axes.index(ADDED[shared])
                part_of = grown.take(range(before, before + size), axis=along)
                _place(result, factors[place][:, t] * number, part_of, starts, axes)
                before += size
        made.append(result)
    return made


def _place(
    result: Integers,
    column: Integers,
    grown: Integers,
    starts: list[list[int]],
    axes: tuple[int, int],
) -> None:
    """Add a factor of an inner scheme to the blocks of one term, as far as each block reaches."""
    rows, columns = (starts[k] for k in axes)
    table = column.reshape(len(rows) - 1, len(columns) - 1)
    for i, j in zip(*np.nonzero(table), strict=True):
        h = min(grown.shape[0], rows[i + 1] - rows[i])
        w = min(grown.shape[1], columns[j + 1] - columns[j])
        result[rows[i] : rows[i] + h, columns[j] : columns[j] + w] += table[i, j] * grown[:h, :w]


@lru_cache(maxsize=4096)
def outer_for(s: Scheme, blocks: Blocks) -> Scheme:
    """Turn a scheme so that its sizes are the numbers of blocks, and leave out the empty ones."""
    turned = permuted(s, len(blocks[0]), len(blocks[1]), len(blocks[2]))
    n, m, p = (tuple(k for k, size in enumerate(block) if size) for block in blocks)
    if all(map(all, blocks)):
        return turned
    return restricted(turned, len(n), len(m), len(p), (n, m, p))


def filled(blocks: Blocks) -> Blocks:
    """Leave out the empty blocks."""
    n, m, p = (tuple(size for size in block if size) for block in blocks)
    return n, m, p
