"""Ranks of matrices of whole numbers modulo a prime, and the bounds of certificates by them.

The tensor T of a table has T[a, b, c] = 1 if ``table[a][b] == c``, and 0 otherwise. The rank of a
matrix of whole numbers modulo a prime is at most its rank, so that these bounds are proved.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import comb, isqrt
from typing import Any, Final

from ._certified_terms import Table, require

_MOST_P: Final = 4
_LARGEST: Final = 2**62


def multilinear(mode: int, prime: int, table: Table) -> int:
    """Return the rank of the slices of one mode: that many terms are needed."""
    check_whole([mode], 3)
    n = range(len(table))
    slices = [[0] * len(table) ** 2 for _ in n]
    for a in n:
        for b in n:
            one = (a, b, table[a][b])
            first, second = one[:mode] + one[mode + 1 :]
            slices[one[mode]][first * len(table) + second] = 1
    return modular_rank(slices, prime)


def koszul(mode: int, p: int, restriction: Table, prime: int, table: Table) -> int:
    """Return the bound of a Koszul flattening (Landsberg, Ottaviani 2015)."""
    # A linear map takes one mode to A, of dimension 2p + 1, and T to a tensor in A (x) B (x) C.
    # From the p-th exterior power of A, times B*, to the next one, times C, this makes the map
    # u (x) b -> sum_x (e_x ^ u) (x) T_x(b). For one term its rank is binom(2p, p), or 0.
    n, size = len(table), 2 * p + 1
    check_whole([mode], 3)
    check_whole([p - 1], _MOST_P)
    good = len(restriction) == size and all(len(row) == n for row in restriction)
    require(good, f"A Koszul flattening with p = {p} needs {size} rows of {n} whole numbers")
    for row in restriction:
        check_whole(row)
    cells = [[[0] * size for _ in range(n)] for _ in range(n)]
    for a in range(n):
        for b in range(n):
            one = (a, b, table[a][b])
            second, third = one[:mode] + one[mode + 1 :]
            for x in range(size):
                cells[second][third][x] += restriction[x][one[mode]]
    vectors = _distinct([[tuple(cell) for cell in row] for row in cells])
    targets = {subset: k for k, subset in enumerate(combinations(range(size), p + 1))}
    lines, width = [], len(vectors[0])
    for source in combinations(range(size), p):
        for row in vectors:
            line = [0] * (len(targets) * width)
            for x in set(range(size)).difference(source):
                target = tuple(sorted((*source, x)))
                sign, start = (-1) ** target.index(x), targets[target] * width
                line[start : start + width] = [sign * vector[x] for vector in row]
            lines.append(line)
    return -(-modular_rank(lines, prime) // comb(2 * p, p))


def check_whole(numbers: list[int], below: int | None = None) -> None:
    """Refuse what is no list of whole numbers, or not of ones from 0 to below some number."""
    first, last = (-_LARGEST, _LARGEST) if below is None else (0, below - 1)
    whole = isinstance(numbers, list) and all(type(k) is int for k in numbers)
    text = f"The data of a bound must be whole numbers from {first} to {last}: {numbers!r:.60}"
    require(whole and all(first <= k <= last for k in numbers), text)


def _distinct(rows: Iterable[Iterable[Any]]) -> list[Any]:
    """Leave out what is there twice, among rows and then among columns."""
    columns = dict.fromkeys(zip(*dict.fromkeys(map(tuple, rows)), strict=True))
    return list(zip(*columns, strict=True))


def modular_rank(rows: Sequence[Sequence[int]], prime: int) -> int:
    """Return the rank of a matrix of whole numbers modulo a prime."""
    check_whole([prime], 2**31)
    is_prime = prime > 1 and all(prime % k for k in range(2, isqrt(prime) + 1))
    require(is_prime, f"{prime} is no prime")
    rows = _distinct(rows)
    # A row is a whole number whose digits are its entries, none of which grows to the next one: to
    # each (prime - 1)^2 is added for a pivot at most.
    size = (2 * prime.bit_length() + len(rows).bit_length()) // 8 + 1
    last = 256**size - 1
    pivots: list[tuple[int, int]] = []
    for given in rows:
        row = _packed((value % prime for value in given), size)
        for shift, pivot in pivots:
            row += -(row >> shift & last) % prime * pivot
        data = row.to_bytes(size * len(given), "little")
        starts = range(0, len(data), size)
        entries = [int.from_bytes(data[k : k + size], "little") % prime for k in starts]
        place = next((k for k, value in enumerate(entries) if value), -1)
        if place >= 0:
            inverse = pow(entries[place], -1, prime)
            pivot = _packed((value * inverse % prime for value in entries), size)
            pivots.append((8 * size * place, pivot))
    return len(pivots)


def _packed(digits: Iterable[int], size: int) -> int:
    """Write digits in base 256^size, lowest first, as one whole number."""
    return int.from_bytes(b"".join(digit.to_bytes(size, "little") for digit in digits), "little")
