"""What makes an integer table the Cayley table of a group, and the proof that one is."""

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._memory import require_memory
from .._text import size_text
from .._typing import Indices, unmasked
from ..errors import GroupError, OrderLimitError

MAX_ORDER = 5040
"""The largest order that a `Group` may have (7!)."""


_ROWS = 256


def check_order(order: int, what: str) -> None:
    """Raise OrderLimitError if an order is above ``MAX_ORDER``; to be called before allocating."""
    size = np.dtype(np.int32).itemsize * order**2
    if order > MAX_ORDER:
        shown = f"{order}" if order < 10**12 else "over 10^12"
        takes = f" (its table would take {size_text(size)})" if order < 10**12 else ""
        raise OrderLimitError(
            f"{what} has order {shown}, above the limit of {MAX_ORDER}{takes}; take a smaller group"
        )
    require_memory(size, f"The {order} x {order} table of {what}", "Take a smaller group")


def integer_table(table: ArrayLike) -> Indices:
    """Return a square int32 copy of a table of integers 0..n-1, or raise GroupError."""
    unmasked(table, GroupError)
    try:
        given = np.asarray(table)
    except ValueError:
        raise GroupError(
            "A Cayley table must be a square array of integers; the rows given have different "
            "lengths or hold something else"
        ) from None
    if given.ndim != 2 or given.shape[0] != given.shape[1]:
        raise GroupError(f"A Cayley table must be square, (n, n); given shape {given.shape}")
    order = given.shape[0]
    if order == 0:
        raise GroupError("A Cayley table must have at least one row; given shape (0, 0)")
    check_order(order, "A Cayley table")
    if given.dtype.kind not in "iu":
        raise GroupError(
            f"A Cayley table must hold integers; given dtype {given.dtype} "
            "(if all its entries are whole numbers, give table.astype(int))"
        )
    low, high = int(given.min()), int(given.max())
    if low < 0 or high >= order:
        row, column = (int(i) for i in np.argwhere((given < 0) | (given >= order))[0])
        hint = "; subtract 1 if it counts from 1" if (low, high) == (1, order) else ""
        raise GroupError(
            f"The table is not closed: entry {given[row, column]} at row {row}, column {column} "
            f"is not one of 0..{order - 1}{hint}"
        )
    return given.astype(np.int32)


def _blocks(order: int) -> Iterator[slice]:
    """Slices of at most 256 rows, so that the checks need little memory beside the table."""
    return (slice(start, min(start + _ROWS, order)) for start in range(0, order, _ROWS))


def check_latin(table: Indices) -> None:
    """Raise GroupError unless every row and every column is a permutation of 0..n-1."""
    order = len(table)
    for kind, view in (("row", table), ("column", table.T)):
        for block in _blocks(order):
            rows = view[block]
            seen = np.zeros(rows.shape, dtype=np.bool_)
            np.put_along_axis(seen, rows.astype(np.int64), True, axis=1)
            bad = np.flatnonzero(~seen.all(axis=1))
            if len(bad):
                line = rows[bad[0]]
                twice = int(np.flatnonzero(np.bincount(line, minlength=order) > 1)[0])
                first, second = (int(i) for i in np.flatnonzero(line == twice)[:2])
                raise GroupError(
                    f"This is not a group table: {kind} {block.start + int(bad[0])} holds {twice} "
                    f"twice, at positions {first} and {second}; each element must appear once"
                )


def find_identity(table: Indices) -> int:
    """Return the two-sided identity of a Latin table, or raise GroupError."""
    natural = np.arange(len(table))
    identity = int(np.flatnonzero(table[:, 0] == 0)[0])
    for side, line in (("row", table[identity]), ("column", table[:, identity])):
        wrong = np.flatnonzero(line != natural)
        if len(wrong):
            at = int(wrong[0])
            raise GroupError(
                f"The table has no identity: {identity}*0 = 0 leaves only e={identity}, "
                f"but {side} {identity} has {int(line[at])} at position {at}"
            )
    return identity


def find_inverses(table: Indices, identity: int) -> Indices:
    """Return the two-sided inverses (n,) in a Latin table with identity, or raise GroupError."""
    order = len(table)
    inverse = np.empty(order, dtype=np.int32)
    for block in _blocks(order):
        inverse[block] = np.argmax(table[block] == identity, axis=1)
    wrong = np.flatnonzero(table[inverse, np.arange(order)] != identity)
    if len(wrong):
        at = int(wrong[0])
        raise GroupError(
            f"An element has no inverse: {at}*{inverse[at]} is the identity {identity}, "
            f"but {inverse[at]}*{at} = {table[inverse[at], at]}"
        )
    return inverse


def closure_mask(
    table: Indices, start: NDArray[np.bool_], generators: list[int]
) -> NDArray[np.bool_]:
    """Close a set (n,) of elements under right multiplication by the generators."""
    reached = start.copy()
    steps = _squares(table, generators)
    frontier = np.flatnonzero(reached)
    while len(frontier):
        fresh = np.zeros(len(table), dtype=np.bool_)
        fresh[table[frontier[:, None], steps]] = True
        fresh &= ~reached
        reached |= fresh
        frontier = np.flatnonzero(fresh)
    return reached


def _squares(table: Indices, generators: list[int]) -> list[int]:
    """Return the generators g with g^2, g^4, ...: with these, long cycles take few rounds."""
    # Products of neighbours as well: two reflections have no powers, but their product has.
    products = [int(table[g, h]) for g, h in itertools.pairwise(generators)]
    steps: dict[int, None] = {}
    for generator in (*generators, *products):
        power = generator
        for _ in range(len(table).bit_length()):
            if power in steps:
                break
            steps[power] = None
            power = int(table[power, power])
    return list(steps)


def check_associative(table: Indices, identity: int) -> None:
    """Raise GroupError with a failing triple unless the multiplication is associative."""
    # Light's test: the elements b with (a*b)*c = a*(b*c) for all a, c are closed under
    # multiplication, so that a generating set is enough. Each b is tested as soon as it is chosen;
    # those that pass generate a group inside the loop, which doubles with every one of them, so
    # that at most log2(n) are ever tested: O(n^2 log n) at worst. Source: A. H. Clifford, G. B.
    # Preston, The Algebraic Theory of Semigroups I (1961), section 1.2.
    order = len(table)
    reached = np.arange(order) == identity
    chosen: list[int] = []
    while not reached.all():
        outside = np.flatnonzero(~reached)
        # The middle one: in the usual orders, neighbours of the identity generate little.
        middle = int(outside[len(outside) // 2])
        _check_middle(table, middle)
        chosen.append(middle)
        reached = closure_mask(table, reached, chosen)


def _check_middle(table: Indices, b: int) -> None:
    """Raise GroupError unless (a*b)*c = a*(b*c) for all a and c."""
    for block in _blocks(len(table)):
        left = table[table[block, b]]
        right = np.take(table[block], table[b], axis=1)
        if not np.array_equal(left, right):
            row, c = (int(i) for i in np.argwhere(left != right)[0])
            raise GroupError(
                "The table is not associative: (a*b)*c != a*(b*c) at "
                f"a={block.start + row}, b={b}, c={c} ({left[row, c]} against {right[row, c]})"
            )
