"""A checker of certificates, for sceptics: whole numbers, fractions and nothing of ours but errors.

A certificate is one JSON object. ``group`` has a ``name`` and a ``cayley`` table, ``word`` is the
word, ``field`` is "real" or "complex", ``number_field`` is null for the rational numbers or the
coefficients of a polynomial in x, lowest first, of which x is a root. ``terms`` has U, V and W, a
row for each element of the group and in it a string for each term: a fraction such as "-3/4" or a
polynomial such as "1/2 + 3*x". ``rank`` counts the terms. ``bounds`` are lower bounds on the rank,
each with ``value``, ``theorem``, ``source`` and ``data``. Nothing in the file is believed.
"""

import json
import os
import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb, lcm
from pathlib import Path
from typing import Any, Final

from ..errors import FileFormatError, WordTensorError

Table = list[list[int]]
# The coefficients of a polynomial, lowest first.
Number = list[Fraction]
_KEYS: Final = ("schema", "group", "word", "field", "number_field", "terms", "rank", "bounds")
_MOST_BYTES: Final = 2**28


class CertificateError(WordTensorError):
    """What a certificate says is not so; the message says what.

    Examples
    --------
    >>> raise CertificateError("The Cayley table is no Latin square")
    Traceback (most recent call last):
        ...
    wordtensor.rank.certify.CertificateError: The Cayley table is no Latin square
    """


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """What holds of a certificate: all of it, or a `CertificateError` would have been raised.

    Attributes
    ----------
    rank : int
        Number of terms; they add up to the word tensor exactly.
    lower_bound : int
        The largest bound that was computed again from its data; 0 if there was none.
    cited : int
        The largest bound that rests on a theorem that was not proved again; 0 if there was none.
    lines : tuple of str
        What was checked.

    Examples
    --------
    >>> CheckedCertificate(9, 6, 9, ()).is_optimal
    True
    """

    rank: int
    lower_bound: int
    cited: int
    lines: tuple[str, ...]

    @property
    def is_optimal(self) -> bool:
        """Whether the number of terms meets a bound, recomputed or cited."""
        return self.rank == max(self.lower_bound, self.cited)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def check_certificate(path: str | os.PathLike[str]) -> CheckedCertificate:
    """Check everything that a certificate says, from the group's table up.

    Parameters
    ----------
    path : str or path
        A JSON file as `Decomposition.certificate` writes it.

    Returns
    -------
    CheckedCertificate
        What was found to hold.

    Raises
    ------
    CertificateError
        If anything does not hold, with what is wrong.
    FileFormatError
        If it cannot be read, or is no certificate.

    Notes
    -----
    The group's axioms are checked, the word is evaluated letter by letter, the terms are added up
    in whole numbers modulo the number field's polynomial, and each bound is computed again from its
    data. What follows from a theorem that cannot be computed is said to hold "by citation".

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> one = [["1"]]
    >>> claim = dict(schema=1, group=dict(name="C1", cayley=[[0]]), word="a*b", field="real",
    ...              number_field=None, terms=dict(U=one, V=one, W=one), rank=1, bounds=[])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/c.json"
    ...     _ = Path(path).write_text(json.dumps(claim))
    ...     check_certificate(path).rank
    1
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        given = json.loads(content) if len(content) <= _MOST_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise FileFormatError(f"{os.fspath(path)!r} is not readable as JSON: {error}") from None
    try:
        return checked(given)
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        if isinstance(error, WordTensorError):
            raise
        text = f"{os.fspath(path)!r} is no certificate: {type(error).__name__}: {error}"
        raise FileFormatError(text) from None


def checked(given: Any) -> CheckedCertificate:
    """Check a certificate that has been read."""
    if not isinstance(given, dict) or set(given) != set(_KEYS) or given["schema"] != 1:
        raise FileFormatError(f"A certificate of schema 1 has exactly the keys {', '.join(_KEYS)}")
    field = given["field"]
    _require(field in ("real", "complex"), "The field must be real or complex")
    cayley = given["group"]["cayley"]
    n = _check_group(cayley)
    table = word_values(str(given["word"]), cayley)
    modulus = _number_field(given["number_field"], field)
    factors = [_read_factor(given["terms"][name], n, given["rank"], modulus) for name in "UVW"]
    _check_sum(factors, table, modulus)
    numbers = "Q" if modulus is None else f"Q[x] modulo {modulus}"
    lines = [
        f"The table of {given['group']['name']} is that of a group of order {n}",
        f"The {given['rank']} terms of {given['word']} add up to its tensor, over {numbers}",
    ]
    best = {True: 0, False: 0}
    merged = _merged(table)
    for bound in given["bounds"]:
        value, theorem, data = bound["value"], bound["theorem"], bound["data"]
        proved = _proved(theorem, data, merged, table, cayley, field)
        holds = value <= given["rank"] and (proved is None or value <= proved)
        _require(holds, f"A lower bound of {value} ({theorem}) is claimed, {proved} is proved")
        best[proved is not None] = max(best[proved is not None], value)
        how = "by citation" if proved is None else "computed again"
        source = f", {bound['source']}" if bound["source"] else ""
        lines.append(f"At least {value} terms are needed: {theorem}{source} ({how})")
    return CheckedCertificate(given["rank"], best[True], best[False], tuple(lines))


def _require(holds: bool, text: str) -> None:
    if not holds:
        raise CertificateError(text)


def _check_group(cayley: Table) -> int:
    """Check the axioms of a group; return its order."""
    n = len(cayley)
    elements = list(range(n))
    whole = all(len(row) == n and all(type(x) is int for x in row) for row in cayley)
    _require(n > 0 and whole, "The Cayley table must be a square of whole numbers")
    for row in (*cayley, *map(list, zip(*cayley, strict=True))):
        _require(sorted(row) == elements, "The Cayley table is no Latin square")
    units = [g for g in elements if cayley[g] == elements and [r[g] for r in cayley] == elements]
    _require(len(units) == 1, "The Cayley table has no identity")
    for a in elements:  # (a b) c = a (b c) for all b and c
        for b in elements:
            product, row = cayley[cayley[a][b]], cayley[a]
            same = all(product[c] == row[cayley[b][c]] for c in elements)
            _require(same, "The Cayley table is not associative")
    return n


def word_values(word: str, cayley: Table) -> Table:
    """Evaluate a word such as a*b^-2*a, as the library writes it, for all pairs of elements."""
    n = len(cayley)
    one = next(g for g in range(n) if cayley[g] == list(range(n)))
    table = [[one] * n for _ in range(n)]
    for part in () if word == "1" else word.split("*"):
        match = re.fullmatch(r"([a-z])(?:\^(-?\d{1,9}))?", part)
        if match is None or match[1] not in "ab":
            raise CertificateError(f"The word {word!r} is not written as in a*b^-2*a")
        values = [_power(cayley, one, g, int(match[2] or 1)) for g in range(n)]
        for a in range(n):
            row = table[a]
            for b in range(n):
                row[b] = cayley[row[b]][values[a if match[1] == "a" else b]]
    return table


def _power(cayley: Table, one: int, g: int, exponent: int) -> int:
    """Return a power of an element, one factor after another; g^n is 1."""
    value = one
    for _ in range(exponent % len(cayley)):
        value = cayley[value][g]
    return value


def _number_field(given: Any, field: str) -> list[int] | None:
    """Return the polynomial of which x is a root; it must have one in the field of the terms."""
    if given is None:
        return None
    good = isinstance(given, list) and len(given) >= 2 and all(type(k) is int for k in given)
    _require(good and given[-1] != 0, "The number field must be null or whole coefficients")
    _require(field == "complex" or _has_real_root(given), "x has no real value")
    return list(given)


def _has_real_root(polynomial: list[int]) -> bool:
    """Whether a polynomial changes its sign, which it does between some k / 64."""
    most = 64 * (1 + sum(map(abs, polynomial)))
    points = (Fraction(k, 64) for k in range(-most, most + 1))
    signs = {sum(c * x**e for e, c in enumerate(polynomial)) > 0 for x in points}
    return len(signs) == 2


def _remainder(left: Number, right: Number) -> Number:
    """Divide polynomials, without leading zeros on the right; return what is left over."""
    left = list(left)
    while len(left) >= len(right):
        factor = left[-1] / right[-1]
        shift = len(left) - len(right)
        for k, value in enumerate(right):
            left[shift + k] -= factor * value
        left.pop()
    while len(left) > 1 and left[-1] == 0:
        left.pop()
    return left or [Fraction(0)]


def _read_number(text: str) -> Number:
    """Read a fraction or a polynomial in x, such as -3/4 or 1/2 - 3*x + 2*x^2."""
    number: dict[int, Fraction] = {}
    signed = text.replace(" ", "").replace("-", "+-")
    for part in filter(None, signed.split("+")):
        match = re.fullmatch(r"(-?)(\d+(?:/\d+)?)?(\*?x(?:\^(\d{1,2}))?)?", part)
        if match is None or not (match[2] or match[3]) or (match[2] and match[3] == "x"):
            raise CertificateError(f"{text!r} is no fraction and no polynomial in x")
        exponent = 0 if match[3] is None else int(match[4] or 1)
        value = Fraction(match[2] or 1) * (-1 if match[1] else 1)
        number[exponent] = number.get(exponent, Fraction(0)) + value
    _require(bool(number), f"{text!r} is no number")
    return [number.get(k, Fraction(0)) for k in range(max(number) + 1)]


def _read_factor(
    rows: list[list[str]], n: int, rank: int, modulus: list[int] | None
) -> list[list[Number]]:
    """Read one factor: n rows of as many numbers as there are terms."""
    good = type(rank) is int and len(rows) == n and all(len(row) == rank for row in rows)
    _require(good, f"Each factor must have {n} rows of {rank} numbers")
    most = 1 if modulus is None else len(modulus) - 1
    factor = [[_read_number(text) for text in row] for row in rows]
    small = all(len(number) <= most for row in factor for number in row)
    _require(small, f"Entries must be polynomials of a degree below {most}")
    return factor


def _check_sum(factors: list[list[list[Number]]], table: Table, modulus: list[int] | None) -> None:
    """Check that the terms add up to the word tensor, in whole numbers."""
    n, rank = len(table), len(factors[0][0])
    whole, scales = [], []
    for r in range(rank):
        scale = 1
        term = []
        for factor in factors:
            column = [factor[g][r] for g in range(n)]
            common = lcm(*(k.denominator for number in column for k in number))
            scale *= common
            term.append([(g, [int(k * common) for k in x]) for g, x in enumerate(column) if any(x)])
        whole.append(term)
        scales.append(scale)
    common = lcm(*scales)
    for a in range(n):
        left: list[list[list[int]]] = [[[] for _ in range(n)] for _ in range(n)]
        for term, scale in zip(whole, scales, strict=True):
            u = next((x for g, x in term[0] if g == a), None)
            if u is None:
                continue
            u = [k * (common // scale) for k in u]
            for b, v in term[1]:
                uv, row = _times(u, v), left[b]
                for c, w in term[2]:
                    _add(row[c], _times(uv, w))
        for b in range(n):
            for c in range(n):
                value = _reduced(left[b][c], modulus)
                right = [Fraction(common)] if table[a][b] == c else [Fraction(0)]
                text = f"The terms do not add up to the word tensor at elements {a}, {b}, {c}"
                _require(value == right, text)


def _times(left: list[int], right: list[int]) -> list[int]:
    if len(left) == 1 == len(right):
        return [left[0] * right[0]]
    found = [0] * (len(left) + len(right) - 1)
    for i, x in enumerate(left):
        for j, y in enumerate(right):
            found[i + j] += x * y
    return found


def _add(total: list[int], more: list[int]) -> None:
    total.extend([0] * (len(more) - len(total)))
    for k, value in enumerate(more):
        total[k] += value


def _reduced(number: list[int], modulus: list[int] | None) -> Number:
    """Return a number modulo the polynomial of the field, without leading zeros."""
    found = [Fraction(k) for k in number] or [Fraction(0)]
    while len(found) > 1 and found[-1] == 0:
        found.pop()
    return found if modulus is None else _remainder(found, [Fraction(k) for k in modulus])


def _merged(table: Table) -> tuple[list[int], list[int], Table]:
    """Return elements that make all different rows, ones for the columns, and the table there."""
    n = range(len(table))
    rows = [a for a in n if all(table[a] != table[k] for k in range(a))]
    turned = [[table[a][b] for a in rows] for b in n]
    columns = [b for b in n if all(turned[b] != turned[k] for k in range(b))]
    return rows, columns, [[table[a][b] for b in columns] for a in rows]


def _proved(
    theorem: str, data: Any, merged: Any, table: Table, cayley: Table, field: str
) -> int | None:
    """Compute a bound again from its data; None for a theorem that has to be believed."""
    if theorem == "multilinear rank":
        return _flattened(merged, data["mode"], 0, None, data["prime"])
    if theorem == "Koszul flattening":
        return _flattened(merged, data["mode"], data["p"], data["restriction"], data["prime"])
    return None


def _flattened(merged: Any, mode: int, p: int, restriction: Table | None, prime: int) -> int:
    """Return the bound of a Koszul flattening; that with p = 0 and no restriction is the rank."""
    rows, columns, table = merged
    values = sorted({value for row in table for value in row})
    names = (rows, columns, values)
    ones = [
        (rows[i], columns[j], value) for i, row in enumerate(table) for j, value in enumerate(row)
    ]
    second, third = (k for k in range(3) if k != mode)
    if restriction is None:
        places = {pair: k for k, pair in enumerate(sorted({(x[second], x[third]) for x in ones}))}
        matrix: dict[int, dict[int, int]] = {}
        for one in ones:
            matrix.setdefault(one[mode], {})[places[one[second], one[third]]] = 1
        return _rank(list(matrix.values()), prime)
    size = 2 * p + 1
    _require(len(restriction) == size, "A Koszul flattening needs 2p + 1 rows")
    targets = {subset: k for k, subset in enumerate(combinations(range(size), p + 1))}
    lines: dict[tuple[int, int], dict[int, int]] = {}
    for k, source in enumerate(combinations(range(size), p)):
        for x in set(range(size)).difference(source):
            target = tuple(sorted((*source, x)))
            sign = (-1) ** target.index(x)
            for one in ones:
                line = lines.setdefault((k, one[second]), {})
                place = targets[target] * len(names[third]) + names[third].index(one[third])
                line[place] = line.get(place, 0) + sign * restriction[x][one[mode]]
    return -(-_rank(list(lines.values()), prime) // comb(2 * p, p))


def _rank(rows: list[dict[int, int]], prime: int) -> int:
    """Return the rank of sparse rows modulo a prime, which is at most that over the rationals."""
    _require(prime > 1 and all(prime % k for k in range(2, int(prime**0.5) + 1)), "No prime")
    pivots: dict[int, dict[int, int]] = {}
    for given in rows:
        row = {place: value % prime for place, value in given.items() if value % prime}
        while row:
            place = min(row)
            if place not in pivots:
                inverse = pow(row[place], -1, prime)
                pivots[place] = {k: value * inverse % prime for k, value in row.items()}
                break
            factor = row[place]
            for k, value in pivots[place].items():
                left = (row.get(k, 0) - factor * value) % prime
                if left:
                    row[k] = left
                else:
                    row.pop(k, None)
    return len(pivots)
