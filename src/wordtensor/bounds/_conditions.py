"""What a bound by substitution has to prove, block by block where the matrix falls into blocks."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from .._typing import Field, Integers
from ._forms import (
    Form,
    FormMatrix,
    Minors,
    linear,
    product,
    slices_matrix,
    sum_of_squares,
)
from ._identities import Condition, Part
from ._rational import echelon, null_vectors

# Vectors (u, v): the rows u and columns v of a block, for the matrix of all u N v.
Vectors = tuple[tuple[int, ...], ...]
Block = tuple[Vectors, Vectors]
# Ways to share a rank out to the blocks.
_MOST_SHARES: Final = 1000


def diagonal_blocks(slices: Integers, blocks: Sequence[Block]) -> list[Integers] | None:
    """Return the slices of each block; None if they are not blocks of a block diagonal matrix."""
    _, rows, columns = slices.shape
    if not blocks:
        return [slices]
    sizes = [(len(u), len(v)) for u, v in blocks]
    if any(min(size) < 1 for size in sizes):
        return None
    if sum(x for x, _ in sizes) > rows or sum(x for _, x in sizes) > columns:
        return None
    if any(len(x) != rows for u, _ in blocks for x in u):
        return None
    if any(len(x) != columns for _, v in blocks for x in v):
        return None
    # Python's integers do not overflow.
    left = np.array([x for u, _ in blocks for x in u], dtype=object)
    right = np.array([x for _, v in blocks for x in v], dtype=object)
    whole = np.array([left @ each @ right.T for each in slices.astype(object)])
    found = []
    row = column = 0
    for x, y in sizes:
        found.append(whole[:, row : row + x, column : column + y].copy())
        whole[:, row : row + x, column : column + y] = 0
        row, column = row + x, column + y
    return None if whole.any() else found


def shares(sizes: Sequence[int], rank: int) -> list[tuple[int, ...]] | None:
    """List the largest ranks that blocks can have together; None if there are too many."""
    found: list[tuple[int, ...]] = []
    for each in _shares(tuple(sizes), min(rank, sum(sizes))):
        if len(found) == _MOST_SHARES:
            return None
        found.append(each)
    return found


def _shares(sizes: tuple[int, ...], rank: int) -> Iterator[tuple[int, ...]]:
    if not sizes:
        yield ()
        return
    first, rest = sizes[0], sizes[1:]
    for own in range(max(0, rank - sum(rest)), min(first, rank) + 1):
        for others in _shares(rest, rank - own):
            yield (own, *others)


class Spaces:
    """Where some blocks of a matrix of linear forms vanish, each found once."""

    def __init__(self, blocks: Sequence[Integers]) -> None:
        self.blocks = blocks
        self.sizes = [min(block.shape[1:]) for block in blocks]
        self._rows = [echelon(block.reshape(len(block), -1).T.tolist()) for block in blocks]
        self._known: dict[tuple[int, ...], Integers] = {}

    def where_zero(self, places: tuple[int, ...]) -> Integers:
        """Return a basis of the points at which the blocks at some places vanish."""
        if places not in self._known:
            rows = [row for place in places for row in self._rows[place]]
            vectors = null_vectors(rows, len(self.blocks[0]))
            basis = np.array(vectors, dtype=object).reshape(-1, len(self.blocks[0]))
            self._known[places] = basis
        return self._known[places]


def conditions(
    slices: Integers,
    blocks: Sequence[Block],
    form: tuple[int, ...],
    killed: tuple[tuple[int, ...], ...],
    rank: int,
    field: Field,
) -> list[Condition] | None:
    """List what has to be proved; None if some of it is impossible."""
    diagonal = diagonal_blocks(slices, blocks)
    if diagonal is None:
        return None
    spaces = Spaces(diagonal)
    vectors = np.array(killed, dtype=object).reshape(len(killed), slices.shape[1])
    images = np.array([vectors @ each for each in slices.astype(object)])
    wanted: list[Condition] = []
    for bound, own in ((rank, True), (len(killed), False)):
        for size in range(0 if own else 1, len(killed) + 1):
            allowed = bound - len(killed) + size
            if allowed < 1:
                continue
            every = shares(spaces.sizes, allowed)
            if every is None:
                return None
            for limits in every:
                found = _conditions(spaces, limits, images, size, form if own else None, field)
                if found is None:
                    return None
                wanted += found
    return wanted


def _conditions(
    spaces: Spaces,
    limits: tuple[int, ...],
    images: Integers,
    size: int,
    form: tuple[int, ...] | None,
    field: Field,
) -> list[Condition] | None:
    """List what has to be proved where the ranks of the blocks are within limits."""
    basis = spaces.where_zero(tuple(k for k, limit in enumerate(limits) if not limit))
    own = None if form is None else linear((basis @ np.array(form, dtype=object)).tolist())
    if not len(basis) or own == {}:
        return []
    bases: list[Form] = [{(): 1}]
    if size:
        matrix = slices_matrix(np.tensordot(basis, images, 1))
        bases = [g for _, g in Minors(matrix, len(basis)).of_size(size)]
        if not bases:
            return []
    matrix, parts = _restricted(spaces, limits, basis)
    if not parts:
        return None
    minors = Minors(matrix, len(basis))
    if field == "real":
        factor = sum_of_squares([linear(x) for x in basis.T.tolist()])
        if own is not None:
            factor = product(own, own)
        return [Condition(minors, parts, sum_of_squares(bases), factor)]
    return [Condition(minors, parts, g, g if own is None else own) for g in bases]


def _restricted(
    spaces: Spaces, limits: tuple[int, ...], basis: Integers
) -> tuple[FormMatrix, tuple[Part, ...]]:
    """Return the block diagonal matrix on a subspace, and the minors of it that vanish."""
    used = [k for k, limit in enumerate(limits) if 0 < limit < spaces.sizes[k]]
    width = sum(spaces.blocks[k].shape[2] for k in used)
    matrix: FormMatrix = []
    parts = []
    column = 0
    for k in used:
        _, rows, columns = spaces.blocks[k].shape
        across = range(column, column + columns)
        parts.append(Part(range(len(matrix), len(matrix) + rows), across, limits[k] + 1))
        for row in slices_matrix(np.tensordot(basis, spaces.blocks[k], 1)):
            empty: list[Form] = [{} for _ in range(width)]
            empty[column : column + columns] = row
            matrix.append(empty)
        column += columns
    return matrix, tuple(parts)
