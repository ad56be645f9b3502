"""The ways to write a part of a tensor as a sum of blocks: as a word's tensor, but of no group."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isqrt
from typing import Final

import numpy as np

from ..._threads import one_blas_thread
from ..._typing import Factors, Inexact, Integers, Sizes, freeze
from ...cores import canonical_form
from ...schemes import product_tensor
from .._actions import actions
from .._matrix_form import as_product
from .._split import line_block, split_core
from ..block import Block, matrix_block, rotate_inputs, swap_inputs
from ..routes import DENSE_ORDER, Route
from ._parts import Part

_MODES: Final = ("first", "second", "third")


def part_routes(part: Part, seed: int) -> Iterator[Route]:
    """Yield every way to write a part as blocks, whose maps lead to the whole tensor."""
    if max(part.shape) <= DENSE_ORDER:
        known = _as_product(part)
        yield Route("direct sum", tuple(_summands(part, seed)) if known is None else (known,))
    yield from _acting(part, seed)
    x, y, z = part.shape
    units: Factors = (np.eye(x), np.eye(y), np.eye(z))
    turned = np.argsort(part.modes)
    shape = (part.shape[turned[0]], part.shape[turned[1]], part.shape[turned[2]])
    tensor = np.ascontiguousarray(part.tensor.transpose(turned))
    yield Route("slices", (Block("slices", shape, part.restored(units), tensor),))


def _summands(part: Part, seed: int) -> list[Block]:
    """Split a part into its indecomposable direct summands, as far as that is quick."""
    core = part.core()
    turned = np.argsort(part.modes)
    tensor = np.ascontiguousarray(core.tensor.transpose(turned))
    maps = part.restored((core.maps[0], core.maps[1], core.maps[2]))
    if min(core.shape) == 1:
        return [line_block(tensor, maps)]
    if np.isrealobj(core.tensor):
        with one_blas_thread():
            blocks = split_core(core, np.random.default_rng(seed), part.modes)
        if blocks is not None:
            placed = [replace(block, maps=_placed(block.maps, part)) for block in blocks]
            return [as_product(block, seed) for block in placed]
    x, y, z = tensor.shape
    return [as_product(Block("general", (x, y, z), maps, tensor), seed)]


def _placed(maps: Factors, part: Part) -> Factors:
    """Bring maps to a part's slices, in the whole tensor's order of modes, to its slices."""
    first, second, third = (maps[mode] for mode in part.modes)
    return part.restored((first, second, third))


def _as_product(part: Part) -> Block | None:
    """Recognise a matrix product in standard coordinates, whatever its slices are called."""
    if part.canonical is None:
        return None
    sizes = _product_sizes(part.canonical.shape, part.canonical.coords.shape[1])
    if sizes is None:
        return None
    n, m, p = sizes
    coords, values = product_tensor(n, m, p)
    if not (values == 1).all():
        return None
    standard = canonical_form((n * m, m * p, n * p), coords)
    if standard.key != part.canonical.key:
        return None
    maps: list[Inexact] = [np.zeros(0)] * 3
    modes = [0, 0, 0]
    for own, mode in zip(standard.modes, part.modes, strict=True):
        maps[own] = freeze(np.equal.outer(part.rows[mode], standard.rows[own]).astype(np.float64))
        modes[own] = mode
    return _in_order(matrix_block(sizes, "R", (maps[0], maps[1], maps[2])), modes)


def _product_sizes(shape: Sizes, ones: int) -> Sizes | None:
    """Return the n, m, p of a product of this shape, with so many ones, if there are any."""
    x, y, z = shape
    n, m, p = isqrt(x * z // y), isqrt(x * y // z), isqrt(y * z // x)
    fits = (n * m, m * p, n * p) == shape and n * m * p == ones
    return (n, m, p) if fits and min(n, m, p) > 0 else None


def _in_order(block: Block, modes: Sequence[int]) -> Block:
    """Bring a matrix product whose maps belong to some modes into the order of these."""
    modes = list(modes)
    if modes in ([1, 0, 2], [0, 2, 1], [2, 1, 0]):
        block, modes = swap_inputs(block), [modes[1], modes[0], modes[2]]
    while modes != [0, 1, 2]:
        block, modes = rotate_inputs(block), [*modes[1:], modes[0]]
    return block


def _acting(part: Part, seed: int) -> Iterator[Route]:
    """Yield the blocks that a part which is a table of values has where its slices act."""
    if not (part.tensor == 1).sum() == np.count_nonzero(part.tensor):
        return
    tables = [mode for mode in (2, 1, 0) if (part.tensor.sum(axis=mode) == 1).all()]
    # A Latin square is a table in all three ways, and `actions` looks at all of its modes.
    for value in tables[:1] if len(tables) == 3 else tables:
        order = ((value + 1) % 3, (value + 2) % 3, value)
        table = np.argmax(part.tensor.transpose(order), axis=2).astype(np.int64)
        modes = [part.modes[mode] for mode in order]
        found = actions(table, part.shape[value], np.random.default_rng(seed))
        for letter, blocks in found:
            name = _MODES[modes["abc".index(letter)]]
            placed = [_in_order(_spread(block, part, modes), modes) for block in blocks]
            yield Route(f"action of the {name} mode", _marked(placed, part))


def _spread(block: Block, part: Part, modes: Sequence[int]) -> Block:
    """Bring the maps of a table's slices to all slices of the whole tensor."""
    x, y, z = (_taken(M, part.rows[mode]) for M, mode in zip(block.maps, modes, strict=True))
    return replace(block, maps=(x, y, z))


def _taken(factor: Inexact, rows: Integers) -> Inexact:
    return freeze(np.where(rows[:, None] >= 0, factor[rows], 0.0))


def _marked(blocks: list[Block], part: Part) -> tuple[Block, ...]:
    """Mark blocks as direct summands where their dimensions add up to the multilinear ranks."""
    total = [sum(block.shape[mode] for block in blocks) for mode in range(3)]
    ranks = part.multilinear_ranks()
    summands = [total[mode] for mode in part.modes] == list(ranks)
    return tuple(replace(block, summand=summands) for block in blocks)
