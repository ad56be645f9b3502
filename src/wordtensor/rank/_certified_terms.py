"""The terms of certificates, read and added up: whole numbers, nothing of ours but errors."""

import re
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm, prod
from typing import Any, Final

from ..errors import CertificateError

Table = list[list[int]]
# The coefficients of a polynomial, lowest first.
Number = list[Fraction]
Whole = list[int]
# The three vectors of a term, without their zeros.
Term = list[dict[int, int]]
_FRACTION: Final = "-?[0-9]{1,99}(?:/[0-9]{1,99})?"
_MOST_DEGREE: Final = 30


def require(holds: bool, text: str) -> None:
    """Refuse a certificate of which something does not hold."""
    if not holds:
        raise CertificateError(text)


def read_fraction(text: str) -> Fraction:
    """Read a fraction such as -3/4."""
    require(re.fullmatch(_FRACTION, text) is not None, f"{text!r:.100} is no fraction")
    return Fraction(text)


def number_field(given: Any, field: str) -> Whole:
    """Return the polynomial of which x is a root; it must have one in the field of the terms."""
    if given is None:
        return [0, 1]  # x is 0
    good = isinstance(given, list) and 2 <= len(given) <= _MOST_DEGREE + 1
    good = good and all(type(k) is int for k in given) and given[-1] != 0
    text = f"The number field must be null or whole coefficients of a degree of 1 to {_MOST_DEGREE}"
    require(good, text)
    require(field == "complex" or _has_real_root(given), "x has no real value")
    return list(given)


def _has_real_root(polynomial: Whole) -> bool:
    """Whether a polynomial has a real root: Sturm's chain loses changes of sign along the line."""
    chain = [polynomial, [k * c for k, c in enumerate(polynomial)][1:]]
    while any(chain[-1]):
        chain.append([-k for k in _remainder(chain[-2], chain[-1])])
    changes = []
    for side in (-1, 1):
        signs: list[bool] = [side ** (len(each) - 1) * each[-1] > 0 for each in chain[:-1]]
        changes.append(sum(x != y for x, y in pairwise(signs)))
    return changes[0] > changes[1]


def _remainder(left: Whole, right: Whole) -> Whole:
    """Divide polynomials; return what is left over, without leading zeros, times some k > 0."""
    while len(left) > 1 and (len(left) >= len(right) or left[-1] == 0):
        top, lead, shift = left[-1], right[-1], len(left) - len(right)
        if top:
            left = [lead * lead * k for k in left]
            for k, value in enumerate(right, shift):
                left[k] -= top * lead * value
            common = gcd(*left) or 1
            left = [k // common for k in left]
        left = left[:-1]
    return [0] if len(right) == 1 else left


def read_factor(rows: list[list[str]], n: int, rank: int, degree: int) -> list[list[Number]]:
    """Read one factor: n rows of as many numbers as there are terms."""
    good = len(rows) == n and all(isinstance(row, list) and len(row) == rank for row in rows)
    require(good, f"Each factor must have {n} rows of {rank} numbers")
    known = {text: _read_number(text) for text in sorted({text for row in rows for text in row})}
    small = all(len(number) <= degree for number in known.values())
    require(small, f"Entries must be polynomials of a degree below {degree}")
    return [[known[text] for text in row] for row in rows]


def _read_number(text: str) -> Number:
    """Read a fraction or a polynomial in x, such as -3/4 or 1/2 - 3*x + 2*x^2."""
    number: dict[int, Fraction] = {}
    parts = re.split(" ([+-]) ", re.sub("(?<![*0-9])x", "1*x", text))
    for sign, part in zip(["+", *parts[1::2]], parts[::2], strict=True):
        match = re.fullmatch(rf"({_FRACTION})(?:\*(x)(?:\^([0-9]{{1,2}}))?)?", part)
        if match is None:
            raise CertificateError(f"{text!r:.100} is no fraction and no polynomial in x")
        exponent = int(match[3] or 1) if match[2] else 0
        value = Fraction(match[1]) * int(f"{sign}1")
        number[exponent] = number.get(exponent, Fraction(0)) + value
    return [number.get(k, Fraction(0)) for k in range(max(number) + 1)]


def check_sum(factors: list[list[list[Number]]], table: Table, modulus: Whole) -> None:
    """Check that the terms add up to the word tensor, in whole numbers."""
    n = range(len(table))
    terms, common, shift = _whole_terms(factors)
    for a in n:
        total = [[-common * (value == c) for c in n] for value in table[a]]
        for u, v, w in terms:
            if a in u:
                for b, y in v.items():
                    row, uv = total[b], u[a] * y
                    for c, z in w.items():
                        row[c] += uv * z
        for b in n:
            for c in n:
                if total[b][c]:
                    left = _remainder(_digits(total[b][c], shift), modulus)
                    text = f"The terms do not add up to the word tensor at elements {a}, {b}, {c}"
                    require(not any(left), text)


def _whole_terms(factors: list[list[list[Number]]]) -> tuple[list[Term], int, int]:
    """Return a multiple of the terms, and which, with one whole number for each polynomial."""
    # It is the polynomial at x = 2^shift, which is larger than twice what sums can have as a
    # coefficient: to add and multiply such numbers is to add and multiply polynomials.
    columns = [list(zip(*factor, strict=True)) for factor in factors]
    terms = list(zip(*columns, strict=True))
    scales = [
        [lcm(*(k.denominator for x in vector for k in x)) for vector in term] for term in terms
    ]
    common = lcm(*map(prod, scales))
    whole = []
    for term, (_, *others) in zip(terms, scales, strict=True):
        own = (common // prod(others), *others)
        pairs = zip(term, own, strict=True)
        whole.append([[[int(k * scale) for k in x] for x in vector] for vector, scale in pairs])
    most = common + sum(
        prod(max(sum(map(abs, x)) for x in vector) for vector in term) for term in whole
    )
    shift = most.bit_length() + 1
    packed = [
        [
            {
                g: sum(k << shift * e for e, k in enumerate(x))
                for g, x in enumerate(vector)
                if any(x)
            }
            for vector in term
        ]
        for term in whole
    ]
    return packed, common, shift


def _digits(value: int, shift: int) -> Whole:
    """Return the coefficients of a polynomial from its value at 2^shift, as `_whole_terms` says."""
    half, digits = 1 << shift - 1, []
    while value:
        digits.append((value + half) % (2 * half) - half)
        value = value - digits[-1] >> shift
    return digits or [0]
