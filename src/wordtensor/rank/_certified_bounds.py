"""Lower bounds of certificates, computed again: whole numbers, nothing of ours but errors.

The tensor T of a table has T[a, b, c] = 1 if ``table[a][b] == c``, and 0 otherwise. A bound that is
computed here is proved; the rank of a matrix of whole numbers modulo a prime is at most its rank.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from math import comb, isqrt
from typing import Any, Final

from ._certified_terms import Table, read_fraction, require

# A polynomial: to the sorted variables of each of its monomials the coefficient.
Form = dict[tuple[int, ...], int | Fraction]
# The form base * factor^k is to vanish, for some k, where N(y) has a rank below size.
Condition = tuple[int, Form, Form]
_PRIME: Final = 2**31 - 1
_MOST_P: Final = 4
_MOST_KILLED: Final = 2
_MOST_EXPONENT: Final = 8
# Products of two monomials that checking one bound may take, some seconds.
_MOST_WORK: Final = 2 * 10**6
_LARGEST: Final = 2**62


def proved_bound(theorem: str, data: Any, table: Table, field: str) -> int | None:
    """Compute a bound again from its data; None for a theorem that has to be believed."""
    if theorem == "multilinear rank":
        return _multilinear(data["mode"], data["prime"], table)
    if theorem == "Koszul flattening":
        return _koszul(data["mode"], data["p"], data["restriction"], data["prime"], table)
    if theorem == "substitution":
        real = data["field"] == "real"
        require(real or data["field"] == "complex", "A substitution is real or complex")
        text = "A substitution over the real numbers says nothing about complex terms"
        require(field == "real" or not real, text)
        return _substituted(data, table, real)
    return None


def _multilinear(mode: int, prime: int, table: Table) -> int:
    """Return the rank of the slices of one mode: that many terms are needed."""
    _check_whole([mode], 3)
    n = range(len(table))
    slices = [[0] * len(table) ** 2 for _ in n]
    for a in n:
        for b in n:
            one = (a, b, table[a][b])
            first, second = one[:mode] + one[mode + 1 :]
            slices[one[mode]][first * len(table) + second] = 1
    return _rank(slices, prime)


def _koszul(mode: int, p: int, restriction: Table, prime: int, table: Table) -> int:
    """Return the bound of a Koszul flattening (Landsberg, Ottaviani 2015)."""
    # A linear map takes one mode to A, of dimension 2p + 1, and T to a tensor in A (x) B (x) C.
    # From the p-th exterior power of A, times B*, to the next one, times C, this makes the map
    # u (x) b -> sum_x (e_x ^ u) (x) T_x(b). For one term its rank is binom(2p, p), or 0.
    n, size = len(table), 2 * p + 1
    _check_whole([mode], 3)
    _check_whole([p - 1], _MOST_P)
    good = len(restriction) == size and all(len(row) == n for row in restriction)
    require(good, f"A Koszul flattening with p = {p} needs {size} rows of {n} whole numbers")
    for row in restriction:
        _check_whole(row)
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
    return -(-_rank(lines, prime) // comb(2 * p, p))


def _substituted(data: Any, table: Table, real: bool) -> int:
    """Return the bound of a substitution, m + rho, proved by polynomial identities."""
    # Only the slices ``elements`` of T are kept, which makes no rank larger; they are independent.
    # N(y) is the matrix, a row for each slice of the mode ``other``, that y in K^m makes of the m
    # slices of ``mode``; l is a linear form on K^m, D the span of d killed vectors, and
    #
    #     f(y) = rank N(y) + dim(ker N(y) cap D),    N(y) acting on combinations of rows.
    #
    # If f(y) > rho where l(y) is not 0, and f(y) > d where y is not 0, m + rho terms are needed: of
    # R terms d vanish on a complement A of D; m - 1 of the others make, with l, a basis of the dual
    # of K^m. Where these m - 1 vanish and l is 1, the rank of N(y) on A is f(y) - d or more, so
    # rho + 1 - d at least, and N(y) is a sum of R - d - (m - 1) matrices of rank one there.
    mode, other, rank = data["mode"], data["other"], data["rank"]
    line, killed = data["form"], data["killed"]
    _check_whole([mode, other], 3)
    _check_whole([rank], len(table))
    require(mode != other, "A substitution is about two different modes")
    slices = _kept(data["elements"], (mode, other, 3 - mode - other), table)
    m, rows, columns = range(len(slices)), range(len(slices[0])), range(len(slices[0][0]))
    for vector in (line, *killed):
        _check_whole(vector)
    good = len(line) == len(m) and any(line)
    require(good, f"The form of a substitution must be {len(m)} whole numbers, not all of them 0")
    good = len(killed) <= min(rank, _MOST_KILLED) and all(len(v) == len(rows) for v in killed)
    good = good and _rank(killed, _PRIME) == len(killed)
    require(good, "The killed vectors of a substitution are too many, or not independent")
    minors = _Minors([[_form(((k,), slices[k][i][j]) for k in m) for j in columns] for i in rows])
    images = _Minors(
        [
            [_form(((k,), v[i] * slices[k][i][j]) for k in m for i in rows) for j in columns]
            for v in killed
        ]
    )
    needed = _conditions(images, line, rank, len(columns), real)
    given = data["identities"]
    text = f"A substitution here needs {len(needed)} polynomial identities, {len(given)} are given"
    require(len(needed) == len(given), text)
    for number, (condition, identity) in enumerate(zip(needed, given, strict=True)):
        good = _vanishes(condition, identity, minors, real)
        require(good, f"Polynomial identity {number} of a substitution does not hold")
    return len(m) + int(rank)


def _kept(elements: Any, order: Sequence[int], table: Table) -> list[Table]:
    """Return the kept part of T with its modes in an order; it has independent slices."""
    require(len(elements) == 3, "A substitution keeps slices of three modes")
    for places in elements:
        _check_whole(places, len(table))
        require(0 < len(set(places)) == len(places), "A substitution keeps each slice once")
    ones = {
        tuple((i, j, elements[2].index(table[a][b]))[mode] for mode in order)
        for i, a in enumerate(elements[0])
        for j, b in enumerate(elements[1])
        if table[a][b] in elements[2]
    }
    sizes = [range(len(elements[mode])) for mode in order]
    for mode in range(3):
        first, second = (sizes[k] for k in range(3) if k != mode)
        flat = [
            [int((*pair[:mode], k, *pair[mode:]) in ones) for pair in product(first, second)]
            for k in sizes[mode]
        ]
        independent = _rank(flat, _PRIME) == len(flat)
        require(independent, "The slices that a substitution keeps are not independent")
    return [[[int((k, i, j) in ones) for j in sizes[2]] for i in sizes[1]] for k in sizes[0]]


def _conditions(
    images: "_Minors", line: list[int], rank: int, columns: int, real: bool
) -> list[Condition]:
    """List what says that f(y) > rho where l(y) is not 0, and f(y) > d where y is not 0."""
    d = len(images.matrix)
    own = _form(((k,), value) for k, value in enumerate(line))
    least = _form(((k, k), 1) for k in range(len(line)))
    needed: list[Condition] = []
    for bound, factor in ((rank, images.times(own, own) if real else own), (d, None)):
        # If the d x n matrix D N(y) has rank j, f(y) = rank N(y) + d - j, and of the minors of D
        # N(y) of size j one is not 0. With real numbers, the sum of their squares is not.
        for j in range(int(factor is None), d + 1):
            pairs = product(combinations(range(d), j), combinations(range(columns), j))
            found = [form for pair in pairs if (form := images.minor(*pair))]
            size = bound - d + j + 1
            if not found or size < 2:  # N(y) = 0 for y = 0 only
                continue
            if real:
                squares = _form(pair for g in found for pair in images.times(g, g).items())
                needed.append((size, squares, factor or least))
            else:
                needed += [(size, g, factor or g) for g in found]
    return needed


def _vanishes(condition: Condition, identity: Any, minors: "_Minors", real: bool) -> bool:
    """Whether a form vanishes where N(y) has a rank below some size, as an identity says."""
    # It is base * factor^k + sum_i a_i q_i^2 = sum_i c_i monomial_i minor_i, all a_i > 0: where
    # the minors are 0, at a real point, base * factor^k is 0. At complex points, without the q_i.
    size, base, factor = condition
    exponent = identity["exponent"]
    _check_whole([exponent], _MOST_EXPONENT + 1)
    total = base
    for _ in range(exponent):
        total = minors.times(total, factor)
    degree = len(next(iter(total)))
    if size > min(degree, len(minors.matrix), len(minors.matrix[0])):
        return False
    parts = [total]
    for weight, root in identity["squares"]:
        _check_whole([value for _, value in root])
        form = _form((tuple(monomial), value) for monomial, value in root)
        if not real or read_fraction(weight) <= 0:
            return False
        parts.append(minors.times(minors.times(form, form), {(): read_fraction(weight)}))
    for value, monomial, *places in identity["cofactors"]:
        for chosen, length in zip(places, (len(minors.matrix), len(minors.matrix[0])), strict=True):
            _check_whole(chosen, length)
            if not len(chosen) == len(set(chosen)) == size:
                return False
        minor = minors.minor(*map(tuple, places))
        parts.append(minors.times(minor, {tuple(monomial): -read_fraction(value)}))
    return not _form(pair for part in parts for pair in part.items())


@dataclass(slots=True)
class _Minors:
    """The minors of a matrix of forms, each expanded once; too much work is refused."""

    matrix: list[list[Form]]
    known: dict[tuple[tuple[int, ...], ...], Form] = field(default_factory=dict)
    work: int = 0

    def times(self, left: Form, right: Form) -> Form:
        self.work += 1 + len(left) * len(right)
        require(self.work <= _MOST_WORK, "The polynomial identities are too long to be checked")
        return _form((x + y, v * w) for x, v in left.items() for y, w in right.items())

    def minor(self, rows: tuple[int, ...], columns: tuple[int, ...]) -> Form:
        if not rows:
            return {(): 1}
        if (rows, columns) not in self.known:  # along the first row
            parts: list[Form] = []
            for k, column in enumerate(columns):
                entry = self.matrix[rows[0]][column]
                if entry:
                    rest = self.minor(rows[1:], columns[:k] + columns[k + 1 :])
                    parts.append(self.times(rest, {x: (-1) ** k * v for x, v in entry.items()}))
            self.known[rows, columns] = _form(pair for part in parts for pair in part.items())
        return self.known[rows, columns]


def _form(pairs: Iterable[tuple[tuple[int, ...], int | Fraction]]) -> Form:
    """Add up monomials with their coefficients."""
    total: Form = {}
    for monomial, value in pairs:
        key = tuple(sorted(monomial))
        total[key] = total.get(key, 0) + value
    return {key: value for key, value in total.items() if value}


def _check_whole(numbers: list[int], below: int | None = None) -> None:
    """Refuse what is no list of whole numbers, or not of ones from 0 to below some number."""
    first, last = (-_LARGEST, _LARGEST) if below is None else (0, below - 1)
    whole = isinstance(numbers, list) and all(type(k) is int for k in numbers)
    text = f"The data of a bound must be whole numbers from {first} to {last}: {numbers!r:.60}"
    require(whole and all(first <= k <= last for k in numbers), text)


def _distinct(rows: Iterable[Iterable[Any]]) -> list[Any]:
    """Leave out what is there twice, among rows and then among columns."""
    columns = dict.fromkeys(zip(*dict.fromkeys(map(tuple, rows)), strict=True))
    return list(zip(*columns, strict=True))


def _rank(rows: Sequence[Sequence[int]], prime: int) -> int:
    """Return the rank of a matrix of whole numbers modulo a prime."""
    _check_whole([prime], 2**31)
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
