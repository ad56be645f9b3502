"""Schemes for n x 2 times 2 x p matrices with (3 n p + p) / 2 products or little more.

Hopcroft and Kerr (1971) reach this number for all n <= p; the formulas here are our own. Row i of X
and column i of Y have a basis of the plane: s = (0, 1), the same for all, and l_i = (1, i); column
j has that of row j modulo n, its own row. Two products per column give the entry in its own row.
Three for each pair of columns with different own rows give two more entries, up to terms that the
products of the own rows absorb. What this leaves over comes in twos: two columns with the same own
row, and a pair of others, have eight entries for twelve products. An entry left alone takes two.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, islice, pairwise

import numpy as np

from ..errors import SchemeError
from .scheme import Scheme

Vector = list[tuple[int, int, int]]  # (row of X or column of Y, coefficient, point of the line)
Output = list[tuple[int, int, Fraction]]  # (row, column, coefficient) of the product


@dataclass(frozen=True, slots=True)
class _Cover:
    """How the entries outside the own rows are shared out: columns in pairs and fours, and rest."""

    pairs: tuple[tuple[int, int], ...]
    fours: tuple[tuple[int, int, int, int], ...]  # two with the same own row, and two others
    alone: tuple[tuple[int, int], ...]  # entries (row, column)


def _rounds(players: range, needed: int) -> Iterator[list[tuple[int, int]]]:
    """Pair up all players but for one of an odd number, in each of so many rounds others."""
    # In groups of neighbours, as small as they may be: denominators have third powers of distances.
    group = needed + 1 + (needed + 1) % 2
    count = max(1, len(players) // group)
    edges = [*[*range(players.start, players.stop, group)][:count], players.stop]
    groups = [range(start, end) for start, end in pairwise(edges)]
    for games in zip(*map(_tournament, groups), strict=False):
        yield [game for part in games for game in part]


def _tournament(players: range) -> Iterator[list[tuple[int, int]]]:
    """Pair up all players, everybody with everybody once; of an odd number one is left out."""
    ring: list[int | None] = [*players, *([None] if len(players) % 2 else [])]
    for _ in range(len(ring) - 1):
        facing = zip(ring[: len(ring) // 2], reversed(ring), strict=False)
        yield [(a, b) for a, b in facing if a is not None and b is not None]
        ring = [ring[0], ring[-1], *ring[1:-1]]


def _covered(n: int, p: int) -> _Cover:
    """Share out the entries: in whole squares, and in the columns beyond them as far as it goes."""
    squares, extra = divmod(p, n)
    blocks = [range(n * square, min(n * square + n, p)) for square in range(squares + 1)]
    free = {pair for block in blocks for pair in combinations(block, 2)}
    needed = -(-extra // squares)
    rounds = [
        (square, games)
        for square in range(squares)
        for games in islice(_rounds(range(extra, n), needed), needed)
    ]
    fours: list[tuple[int, int, int, int]] = []
    alone: list[tuple[int, int]] = []
    for own in range(extra):
        column = n * squares + own
        square, games = rounds[own] if own < len(rounds) else (0, [])
        for game in games:
            first, second, third = (n * square + i for i in (own, *sorted(game)))
            fours.append((first, column, second, third))
            free -= {(first, second), (first, third), (second, third)}
        left = {*range(extra, n)}.difference(*games)
        alone.extend((row, column) for row in sorted(left))
    return _Cover(tuple(sorted(free)), tuple(fours), tuple(alone))


@dataclass(slots=True)
class _Products:
    """Products of a scheme for <n,2,p>, one after the other."""

    n: int
    p: int
    left: list[list[int]] = field(default_factory=list)
    right: list[list[int]] = field(default_factory=list)
    out: list[dict[int, Fraction]] = field(default_factory=list)

    def add(self, left: list[int], right: list[int], out: Output) -> None:
        """Add a product of two vectors of coordinates."""
        self.left.append(left)
        self.right.append(right)
        self.out.append({})
        for row, column, value in out:
            self.put(len(self.out) - 1, row, column, value)

    def put(self, number: int, row: int, column: int, value: Fraction | int) -> None:
        """Add a product to an entry, so many times."""
        outputs = self.out[number]
        outputs[row * self.p + column] = outputs.get(row * self.p + column, Fraction()) + value

    def along(self, left: Vector, right: Vector, out: Output) -> None:
        """Add a product of rows along lines (1, i) and columns along their normals (-i, 1)."""
        x, y = [0] * (2 * self.n), [0] * (2 * self.p)
        for row, value, point in left:
            x[2 * row] += value
            x[2 * row + 1] += value * point
        for column, value, point in right:
            y[column] -= value * point
            y[self.p + column] += value
        self.add(x, y, out)

    def scheme(self, provenance: str) -> Scheme:
        """Bring the third factor to a common denominator."""
        values = [value for outputs in self.out for value in outputs.values()]
        scale = math.lcm(*(value.denominator for value in values))
        if max((abs(value) * scale for value in values), default=0) >= 2**63:
            raise SchemeError(
                f"The scheme for <{self.n},2,{self.p}> has denominators beyond 64 bits; split it"
            )
        W = np.zeros((self.n * self.p, len(self.out)), dtype=np.int64)
        for number, outputs in enumerate(self.out):
            for entry, value in outputs.items():
                W[entry, number] = int(value * scale)
        return Scheme(
            (self.n, 2, self.p),
            np.array(self.left, dtype=np.int64).T,
            np.array(self.right, dtype=np.int64).T,
            W,
            denominators=(1, 1, scale),
            provenance=provenance,
        )


def _unit(length: int, place: int) -> list[int]:
    """Return the coordinates of a unit vector."""
    return [int(place == k) for k in range(length)]


def _singles(made: _Products, column: int) -> None:
    """Add the two products of a column with its own row: along s, and along the line."""
    n, p, own = made.n, made.p, column % made.n
    normal, line = [0] * (2 * p), [0] * (2 * n)
    normal[column], normal[p + column] = -own, 1
    line[2 * own], line[2 * own + 1] = 1, own
    whole: Output = [(own, column, Fraction(1))]
    made.add(_unit(2 * n, 2 * own + 1), normal, whole)
    made.add(line, _unit(2 * p, column), whole)


def _along_s(column: int) -> int:
    """Return the number of a column's first product: those of `_singles` are made first."""
    return 2 * column


def _along_line(column: int) -> int:
    """Return the number of a column's second product."""
    return 2 * column + 1


def _pair(made: _Products, i: int, k: int, also: tuple[Output, Output] = ([], [])) -> None:
    """Add the three products of two columns; the first and the last may give ``also`` more."""
    a, b = i % made.n, k % made.n
    c = Fraction(1, b - a)
    made.along([(a, 1, a), (b, 1, b)], [(i, 1, a), (k, 1, b)], [(a, k, -c), (b, i, c), *also[0]])
    made.along([(a, 1, b), (b, 1, b)], [(i, 1, a), (k, 1, a)], [(a, k, c)])
    made.along([(a, 1, a), (b, 1, a)], [(i, 1, b), (k, 1, b)], [(b, i, -c), *also[1]])
    _add_singles(made, i, k, -1)
    _add_singles(made, k, i, -1)


def _add_singles(made: _Products, column: int, other: int, times: int) -> None:
    """Add a column's own products to its entries with the row of another column."""
    made.put(_along_s(column), column % made.n, other, times)
    made.put(_along_line(column), other % made.n, column, times)


def _four(made: _Products, four: tuple[int, int, int, int]) -> None:
    """Add the twelve products of two columns with the same own row and two others."""
    # A and E are the two columns, B and C the others; a, b and c are their rows. A makes a pair
    # with B, and E one with C. Six more products give (b, E), (c, A), (b, C) and (c, B). This form
    # was found numerically; its coefficients solve a linear system.
    A, E, B, C = four
    a, b, c = A % made.n, B % made.n, C % made.n
    u, v, d = b - a, c - a, c - b
    bE, cA, half = Fraction(1, u), Fraction(1, v), Fraction(1, 2 * d)
    _pair(made, A, B, ([(c, A, cA), (c, B, half)], [(b, E, -bE)]))
    _pair(made, E, C, ([(b, E, bE), (b, C, -half)], [(c, A, -cA)]))
    for line, normal, row, column, sign in ((c, b, b, C, -1), (b, c, c, B, 1)):
        right = [(A, u * v, normal), (E, -u * v, normal)]
        right += [(B, 2 * d * d, normal), (C, -2 * d * d, normal)]
        outputs: Output = [(row, column, Fraction(sign, 2 * d**3))]
        made.along([(b, 1, line), (c, -1, line)], right, outputs)
    for line, normal, outputs in (
        (b, c, [(c, A, -cA / d), (c, B, Fraction(u, 2 * d**3))]),
        (c, b, [(b, E, bE / d), (b, C, Fraction(-v, 2 * d**3))]),
    ):
        left = [(a, d, a), (b, -u, line), (c, v, line)]
        made.along(left, [(A, 1, normal), (E, -1, normal)], outputs)
    for x, y, sign in ((2, -1, 1), (-1, 2, -1)):
        outputs = [(b, E, sign * bE / (3 * d)), (b, C, Fraction(abs(y), 6 * d * d))]
        outputs += [(c, A, -sign * cA / (3 * d)), (c, B, Fraction(-abs(x), 6 * d * d))]
        right = [(A, v, b), (E, -u, c), (B, x * d, b), (C, y * d, c)]
        made.along([(a, 1, a), (b, x, b), (c, y, c)], right, outputs)
    _add_singles(made, B, C, 1)
    _add_singles(made, C, B, 1)
    for column, other, row in ((A, C, c), (E, B, b)):
        made.put(_along_line(column), row, column, -1)
        made.put(_along_s(other), row, column, -1)


def paired_scheme(n: int, p: int | None = None) -> Scheme:
    """Return the scheme for <n,2,p>, n <= p; its third factor has a denominator."""
    p = n if p is None else p
    if not 1 <= n <= p:
        raise SchemeError(f"Pairs are made for <n,2,p> with 1 <= n <= p, not n = {n} and p = {p}")
    made = _Products(n, p)
    for column in range(p):
        _singles(made, column)
    cover = _covered(n, p)
    for i, k in cover.pairs:
        _pair(made, i, k)
    for four in cover.fours:
        _four(made, four)
    for row, column in cover.alone:
        for part in range(2):
            left, right = _unit(2 * n, 2 * row + part), _unit(2 * p, p * part + column)
            made.add(left, right, [(row, column, Fraction(1))])
    return made.scheme(f"paired_scheme({n}, {p}) of wordtensor: after Hopcroft and Kerr")
