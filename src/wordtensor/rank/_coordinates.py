r"""Exact coordinates for matrix products: bases in which maps that rounding has touched are exact.

A block ``T[a, b, c] = Re tr(X_a Y_b Z_c^*)`` stays the same tensor if X, Y, Z become
``P^-1 X Q``, ``Q^-1 Y R^-1`` and ``P^* Z R^*``. If T has entries in a field K, so have X, Y and Z
in suitable bases, unless the algebra behind them does not split over K. An element x of rank one
in the span of the X_a over K leads there: the rows ``q Y_b``, for the row q of x, lie in one space
over K, up to a factor, and some of them are the basis R; the columns of ``Y_b R^-1`` are Q, and
those of ``X_a Q`` are P. Over C and H all this is linear over C or H, and the entries come out in
a quadratic extension of K, or in a quaternion algebra over K, whose units are chosen last.

Elements of rank one are found as sums over subgroups, with a character of values 1 and -1: such a
sum is a multiple of the projection to the vectors that belong to this character.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np

from .._typing import Array, Factors, Integers, freeze
from ..groups import Group, conjugacy_classes, element_orders
from ..irreps import from_blocks, to_blocks
from ..schemes import DIMENSIONS, Registry
from ._exact import exact_maps
from ._solution import Solution
from ._strategies import step_of, stretched
from .block import Block, rotate_inputs

# Entries times terms of a tensor up to which exact terms are looked for: order 60, not 120.
_MOST_COMPARED: Final = 2e8
# Relative to the largest: what vanishes, what is the same length.
_ZERO: Final = 1e-9
_AS_LONG: Final = 0.999
# Pairs of elements whose subgroup is looked at, in all.
_PAIRS: Final = 2000
# Orthogonal pairs of quaternions that are tried as units.
_UNITS: Final = 24


def in_exact_bases(
    blocks: Sequence[Block], solutions: Sequence[Solution], G: Group, registry: Registry
) -> list[tuple[Block, Solution]]:
    """Return blocks with exact maps and their terms, or all as they are if that is not found."""
    unchanged = list(zip(blocks, solutions, strict=True))
    if float(G.order) ** 3 * sum(solution.rank for solution in solutions) > _MOST_COMPARED:
        return unchanged
    if any(s.status == "numerical" or np.iscomplexobj(s.factors[0]) for s in solutions):
        return unchanged
    found = _exact_blocks(blocks, G)
    if found is None:
        return unchanged
    return [
        (block, stretched(block, solution, registry) if unequal else solution)
        for (block, unequal), solution in zip(found, solutions, strict=True)
    ]


def _exact_blocks(blocks: Sequence[Block], G: Group) -> list[tuple[Block, bool]] | None:
    """Return the same blocks with exact maps, or None, and how these are to be read."""
    # True stands beside a block over C whose second coordinates are exact but for one factor.
    found = {k: (block, False) for k, block in enumerate(blocks) if _is_exact(block)}
    left = [k for k in range(len(blocks)) if k not in found]
    for sums in _signed_sums(G):
        for k in left:
            line = _line(blocks[k], sums)
            if line is not None:
                made = _rebased(blocks[k], *line)
                if made is None:
                    return None
                found[k] = made
        left = [k for k in left if k not in found]
        if not left:
            return [found[k] for k in range(len(blocks))]
    return None


def _is_exact(block: Block) -> bool:
    """Say whether a block is in bases of its own, or a product of numbers that are rational."""
    if block.name != "<1,1,1>":
        return block.sizes is None
    read = exact_maps(block.maps)
    return read is not None and read[1] == 1


def _signed_sums(G: Group) -> Iterator[Array]:
    """Yield coefficients (k, n): elements, then signed sums over cyclic subgroups, and others."""
    yield np.eye(G.order)
    known: set[bytes] = set()
    # Few vectors, with simple coordinates, belong to elements of small order.
    orders = element_orders(G)
    classes = conjugacy_classes(G).representatives
    generators = sorted((int(g) for g in classes if g != G.identity), key=lambda g: int(orders[g]))
    yield _new_sums(G, [(g, G.identity) for g in generators], known)
    pairs = _PAIRS
    for g in generators:
        others = range(min(G.order, pairs))
        pairs -= len(others)
        yield _new_sums(G, [(g, h) for h in others], known)


def _new_sums(G: Group, pairs: list[tuple[int, int]], known: set[bytes]) -> Array:
    """Return the characters with values 1 and -1 of subgroups that are not known yet, (k, n)."""
    sums = [np.zeros((0, G.order))]
    for pair in pairs:
        parity = _parities(G, pair)
        inside = parity >= 0
        if (key := np.packbits(inside).tobytes()) in known:
            continue
        known.add(key)
        elements = np.flatnonzero(inside)
        steps = G.cayley[elements[:, None], np.array(pair)]
        # A relation of odd length in a generator forbids the sign -1 for it alone.
        relations = np.unique(parity[steps] ^ parity[elements, None] ^ np.array([1, 2]))
        for signs in range(4):
            if not _odd(relations & signs).any():
                sums.append(np.where(inside, 1.0 - 2.0 * _odd(parity & signs), 0.0)[None])
    return np.concatenate(sums)


def _odd(bits: Integers) -> Integers:
    odd: Integers = (bits ^ (bits >> 1)) & 1
    return odd


def _parities(G: Group, pair: tuple[int, int]) -> Integers:
    """Tell for each element whether a word for it has an odd number of either letter; else -1."""
    parity = np.full(G.order, -1, dtype=np.int64)
    parity[G.identity] = 0
    reached = np.array([G.identity])
    while len(reached):
        following = []
        for bit, generator in enumerate(pair):
            image = G.cayley[reached, generator]
            new = parity[image] < 0
            parity[image[new]] = parity[reached[new]] ^ (1 << bit)
            following.append(image[new])
        reached = np.concatenate(following)
    return parity


def _line(block: Block, sums: Array) -> tuple[int, Array] | None:
    """Find a sum of rank one in one of the modes: how often to rotate, and its row (d, m d)."""
    for turn in range(3):
        X = _matrices(block, 0)
        d = DIMENSIONS[block.division]
        elements = np.tensordot(sums, X, 1)
        # Of d equal singular values and no others, the squared sum of squares is d times the sum
        # of fourth powers.
        squares = (elements**2).sum(axis=(1, 2))
        fourth = ((elements @ elements.swapaxes(1, 2)) ** 2).sum(axis=(1, 2))
        simple = squares > _ZERO * float((X**2).sum(axis=(1, 2)).max())
        simple &= d * fourth > (1.0 - _ZERO) * squares**2
        if simple.any():
            x = elements[int(simple.argmax())].reshape(-1, d, X.shape[2])
            return turn, x[_longest(np.linalg.norm(x, axis=(1, 2)))]
        block = rotate_inputs(block)
    return None


def _longest(lengths: Array) -> int:
    """Return the first place of those with the largest length, to rounding."""
    return int(np.argmax(lengths >= _AS_LONG * lengths.max()))


def _matrices(block: Block, mode: int) -> Array:
    """Return the matrices of one mode, real ones of shape (order, rows d, columns d)."""
    n, m, p = block.sizes or (0, 0, 0)
    rows, columns = ((n, m), (m, p), (n, p))[mode]
    entries = np.asarray(block.maps[mode], dtype=np.float64)
    return to_blocks(entries.reshape(-1, rows, columns, DIMENSIONS[block.division]))


def _rebased(block: Block, turn: int, row: Array) -> tuple[Block, bool] | None:
    """Change to bases in which the maps are exact; None if they are not recognised there."""
    for _ in range(turn):
        block = rotate_inputs(block)
    X, Y, Z = (_matrices(block, mode) for mode in range(3))
    R = _basis(row @ Y)
    if R is None:
        return None
    Y, Z = Y @ np.linalg.inv(R), Z @ R.T
    Q = _basis(_columns(Y, len(row)))
    if Q is None:
        return None
    Y, X = np.linalg.inv(Q.T) @ Y, X @ Q.T
    P = _basis(_columns(X, len(row)))
    if P is None:
        return None
    X, Z = np.linalg.inv(P.T) @ X, P @ Z
    d = DIMENSIONS[block.division]
    entries = (from_blocks(X, d), from_blocks(Y, d), from_blocks(Z, d))
    read = _with_units(entries) if d == 4 else _read(entries)
    other = None
    if d == 2 and (read is None or read[1] > 1):
        other = _with_step(entries)
    stretched = other is not None and (read is None or other[1] < read[1])
    read = other if stretched else read
    if read is None:
        return None
    block = replace(block, maps=read[0])
    for _ in range(-turn % 3):
        block = rotate_inputs(block)
    return block, stretched


def _columns(matrices: Array, d: int) -> Array:
    """Return the columns over the division algebra, transposed: shape (k, d, rows d)."""
    return matrices.swapaxes(1, 2).reshape(-1, d, matrices.shape[1])


def _basis(vectors: Array) -> Array | None:
    """Choose a basis (l, l) among vectors (k, d, l) over an algebra of dimension d, or None."""
    _, d, size = vectors.shape
    rest = vectors.copy()
    least = _ZERO * float(np.abs(vectors).max(initial=0.0))
    chosen = []
    for _ in range(size // d):
        lengths = np.sqrt((rest**2).sum(axis=(1, 2)) / d)
        place = _longest(lengths)
        if not lengths[place] > least:
            return None
        direction = rest[place] / lengths[place]
        rest = rest - (rest @ direction.T) @ direction
        chosen.append(vectors[place])
    return np.concatenate(chosen)


def _read(entries: Sequence[Array]) -> tuple[Factors, int] | None:
    """Read the maps as exact numbers of one field."""
    return exact_maps([each.reshape(len(each), -1) for each in entries])


def _with_step(entries: Sequence[Array]) -> tuple[Factors, int] | None:
    """Read maps over C whose second coordinates are exact but for a common factor."""
    step = step_of(entries[0])
    if step is None:
        return None
    scales = np.array([1.0, step])
    read = _read([each * scales for each in entries])
    if read is None:
        return None
    first, second, third = (
        freeze((each.reshape(len(each), -1, 2) / scales).reshape(each.shape)) for each in read[0]
    )
    return (first, second, third), read[1]


def _with_units(entries: Sequence[Array]) -> tuple[Factors, int] | None:
    """Read maps over H in units of its quaternion algebra that make them exact in one field."""
    pure = np.concatenate([each[..., 1:].reshape(-1, 3) for each in entries])
    lengths = np.linalg.norm(pure, axis=1)
    lines = pure[lengths > 1e-6 * lengths.max()]
    lines /= np.linalg.norm(lines, axis=1, keepdims=True)
    best: tuple[Factors, int] | None = None
    for axes in _frames(lines):
        turned = [np.concatenate([each[..., :1], each[..., 1:] @ axes.T], -1) for each in entries]
        read = _read(turned)
        if read is not None and (best is None or read[1] < best[1]):
            best = read
        if best is not None and best[1] == 1:
            return best
    return best


def _frames(lines: Array) -> Iterator[Array]:
    """Yield right-handed orthonormal frames (3, 3) with units among lines and their products."""
    signs = np.sign(lines[np.arange(len(lines)), np.argmax(np.abs(lines) > 1e-6, axis=1)])
    _, places = np.unique((lines * signs[:, None]).round(9), axis=0, return_index=True)
    different = lines[np.sort(places)]
    pairs = combinations(range(len(different)), 2)
    count = 0
    for first, second in pairs:
        i, j = different[first], different[second]
        k = np.cross(i, j)
        if abs(float(i @ j)) > 1e-9:
            k /= np.linalg.norm(k)
            j = np.cross(k, i)
        count += 1
        if count > _UNITS:
            return
        yield np.array([i, j, np.cross(i, j)])
