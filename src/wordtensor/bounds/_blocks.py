"""Rational bases in which all combinations of a tensor's slices are block diagonal."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from .._typing import Integers
from ._conditions import Block, diagonal_blocks
from ._modular_bases import eigenvalues, null_vectors, power_of, row_space, short

_SEED: Final = 1905
# Unknowns up to which blocks are looked for, and elements of the algebra that are tried.
_MOST_UNKNOWNS: Final = 400
_MOST_TRIED: Final = 400
_COMBINATIONS: Final = 4

_Pair = tuple[Integers, Integers]


def block_diagonal(slices: Integers) -> tuple[Block, ...]:
    """Find blocks that all combinations of slices fall into; none if there is one block only."""
    # With Y N(y) = N(y) Z for all y, N(y) maps the eigenspaces of Z to those of Y.
    _, rows, columns = slices.shape
    if rows**2 + columns**2 > _MOST_UNKNOWNS:
        return ()
    found = _split(np.eye(rows, dtype=np.int64), np.eye(columns, dtype=np.int64), slices)
    blocks = tuple((_tuples(u), _tuples(v)) for u, v in found)
    if len(blocks) < 2 or diagonal_blocks(slices, blocks) is None:
        return ()
    return blocks


def _tuples(vectors: Integers) -> tuple[tuple[int, ...], ...]:
    return tuple(map(tuple, vectors.tolist()))


def _split(left: Integers, right: Integers, slices: Integers) -> list[_Pair]:
    """Split the block that some rows u and columns v make of all slices."""
    part = left @ slices @ right.T
    for y, z in _elements(part):
        for value in eigenvalues(z):
            pieces = _pieces(y, z, value)
            if pieces is not None:
                return [
                    found
                    for u, v in pieces
                    for found in _split(short(u @ left), short(v @ right), slices)
                ]
    return [(left, right)]


def _elements(slices: Integers) -> Iterator[_Pair]:
    """Yield pairs (Y, Z) of small integers with Y N = N Z for all slices N."""
    pairs = _intertwiners(slices)
    if len(pairs) < 2:
        return
    yield from pairs
    tried = 0
    for i, (y, z) in enumerate(pairs):
        for other_y, other_z in pairs[:i]:
            for sign in (1, -1):
                if tried < _MOST_TRIED:
                    tried += 1
                    yield y + sign * other_y, z + sign * other_z


def _intertwiners(slices: Integers) -> list[_Pair]:
    """Return a basis of all these pairs, as far as it has small integers."""
    count, rows, columns = slices.shape
    generator = np.random.default_rng(_SEED)
    few = generator.integers(-9, 10, (min(count, _COMBINATIONS), count))
    values = np.tensordot(few, slices, 1)
    # Rows for the entries of Y and then for those of Z, columns for the equations.
    table = np.zeros((rows * rows + columns * columns, len(few), rows, columns), dtype=np.int64)
    for i in range(rows):
        for k in range(rows):
            table[i * rows + k, :, i, :] = values[:, k, :]
    for k in range(columns):
        for j in range(columns):
            table[rows * rows + k * columns + j, :, :, j] -= values[:, :, k]
    found = []
    for vector in null_vectors(table.reshape(len(table), -1).T):
        y = vector[: rows * rows].reshape(rows, rows)
        z = vector[rows * rows :].reshape(columns, columns)
        if not (y @ slices - slices @ z).any():
            found.append((y, z))
    return found


def _pieces(y: Integers, z: Integers, value: int) -> list[_Pair] | None:
    """Split by the eigenspaces for one eigenvalue; None if it is no proper splitting."""
    first, second = power_of(y, value), power_of(z, value)
    # What vanishes on the other eigenspaces of Y, and on this one; these, and this one, of Z.
    pieces = [
        (null_vectors(first.T), null_vectors(second)),
        (row_space(first), row_space(second.T)),
    ]
    if any(not len(u) or not len(v) for u, v in pieces):
        return None
    whole = [sum(len(piece[k]) for piece in pieces) for k in range(2)]
    return pieces if whole == [len(y), len(z)] else None
