"""From the text of a formula mod m, such as ``x^3 + x*y^2 + y mod 97``, to its values.

The grammar, where blanks separate but mean nothing else::

    formula = sum ("mod" | "%") m          or the same with m in parentheses, "(mod 97)"
    sum     = ["-"] product { ("+" | "-") product }
    product = factor { ["*" | "/"] factor }
    factor  = atom [ ("^" | "**") ["-"] integer ]
    atom    = letter | integer | "(" sum ")"

The letters are x and y, or a and b. Where m is prime, 1/y is the inverse of y, which 0 has not: the
rows and columns of such elements are left out.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple, Never

import numpy as np
from numpy.typing import NDArray

from .._memory import require_memory
from .._text import plain_powers
from .._typing import Booleans, Integers
from ..errors import TableError
from ..groups import MAX_ORDER
from ..groups._primes import is_prime

# A formula's letters: enough for any that people write, and evaluated in seconds.
_LONGEST: Final = 300
_NESTING: Final = 30
_DIGITS: Final = 18
_PLAIN: Final = str.maketrans("−–·⋅×÷", "--***/")
_MODULUS: Final = re.compile(
    r"(?:\bmod\b|%)\s*(?:\(\s*(\d+)\s*\)|(\d+))\s*\Z|\(\s*mod\s+(\d+)\s*\)\s*\Z", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"\s*(?:(\d+)|([A-Za-z])|(\*\*|[-+*/^()]))")
_HOW: Final = 'a formula is written like "x^2 + x*y mod 97"'


class Formula(NamedTuple):
    """The values (n_a, n_b) of a formula mod m, and the x and y that they are of."""

    values: Integers
    modulus: int
    rows: Integers
    columns: Integers


@dataclass(frozen=True, slots=True)
class _Part:
    """Values, broadcast over x and y, and where there are none since something has no inverse."""

    values: Integers
    wrong: Booleans


def looks_like_formula(text: str) -> bool:
    """Tell whether a text ends like a formula, "... mod 97"."""
    return _MODULUS.search(text[-40:]) is not None


def formula(text: str) -> Formula:
    """Return the values of a formula for all x and y from 0 to below m, without what has none."""
    if len(text) > _LONGEST:
        raise TableError(
            f"A formula has at most {_LONGEST} characters, not {len(text)}; give the table as a "
            "file"
        )
    plain = plain_powers(text).translate(_PLAIN)
    found = _MODULUS.search(plain)
    if found is None:
        raise TableError(
            f"Formula {text!r} has no modulus at its end: {_HOW}, and the name of a file with a "
            "table ends in .csv, .tsv, .txt, .json, .npy or .npz"
        )
    modulus = int(next(group for group in found.groups() if group)[:_DIGITS])
    if not 2 <= modulus <= MAX_ORDER:
        raise TableError(
            f"The modulus of a formula must be from 2 to {MAX_ORDER}, not {modulus} as in {text!r}"
        )
    require_memory(24 * modulus**2, f"The table of {text!r}", "Take a smaller modulus")
    part = _Reader(plain[: found.start()], text, modulus).read()
    shape = (modulus, modulus)
    wrong = np.broadcast_to(part.wrong, shape)
    rows, columns = np.flatnonzero(~wrong.all(axis=1)), np.flatnonzero(~wrong.all(axis=0))
    left = wrong[np.ix_(rows, columns)]
    if left.any() or not left.size:
        raise TableError(_undefined(text, left, rows, columns))
    values = np.broadcast_to(part.values, shape)[np.ix_(rows, columns)]
    return Formula(values, modulus, rows, columns)


def _undefined(text: str, left: NDArray[np.bool_], rows: Integers, columns: Integers) -> str:
    if not left.size:
        return f"Formula {text!r} divides by 0 everywhere"
    a, b = (int(k) for k in np.argwhere(left)[0])
    return (
        f"Formula {text!r} divides by 0 where the first letter is {rows[a]} and the second "
        f"{columns[b]}; only whole rows and columns can be left out, as for x/y"
    )


class _Reader:
    """One reading of one formula: a position in its text, moving right."""

    def __init__(self, formula: str, shown: str, modulus: int) -> None:
        self._text = formula
        self._shown = shown
        self._modulus = modulus
        self._next = 0
        self._depth = 0
        used = {letter.lower() for letter in re.findall("[A-Za-z]", formula)}
        self._letters = "ab" if used <= set("ab") and used else "xy"

    def read(self) -> _Part:
        part = self._sum()
        if self._peek():
            self._fail(f"unexpected {self._peek()!r}")
        return part

    def _fail(self, what: str) -> Never:
        raise TableError(
            f"Formula {self._shown!r} cannot be read at character {self._next + 1}: {what}; {_HOW}"
        )

    def _peek(self) -> str:
        while self._text[self._next : self._next + 1].isspace():
            self._next += 1
        match = _TOKEN.match(self._text, self._next)
        return match.group() if match else self._text[self._next : self._next + 1]

    def _taken(self, *wanted: str) -> str:
        """Return the next token and go on if it is one of those wanted, else nothing."""
        token = self._peek()
        if token not in wanted:
            return ""
        self._next += len(token)
        return token

    def _sum(self) -> _Part:
        sign = self._taken("-", "+")
        total = self._product()
        if sign == "-":
            total = self._times(self._number(-1), total)
        while sign := self._taken("+", "-"):
            term = self._product()
            factor = 1 if sign == "+" else -1
            values = (total.values + factor * term.values) % self._modulus
            total = _Part(values, total.wrong | term.wrong)
        return total

    def _product(self) -> _Part:
        result = self._factor()
        while True:
            if self._taken("/"):
                result = self._times(result, self._inverse(self._factor()))
            elif self._taken("*") or self._peek() == "(" or self._peek().isalnum():
                result = self._times(result, self._factor())
            else:
                return result

    def _factor(self) -> _Part:
        base = self._atom()
        if not self._taken("^", "**"):
            return base
        wrapped = bool(self._taken("("))
        negative = self._taken("-")
        digits = self._peek()
        if not digits.isdecimal() or len(digits) > _DIGITS:
            self._fail("an exponent must be an integer")
        self._next += len(digits)
        if wrapped and not self._taken(")"):
            self._fail("')' is missing")
        if self._peek() in ("^", "**"):
            self._fail("two exponents in a row are ambiguous")
        return self._power(self._inverse(base) if negative else base, int(digits))

    def _atom(self) -> _Part:
        token = self._peek()
        if token.isdecimal():
            if len(token) > _DIGITS:
                self._fail(f"a number has at most {_DIGITS} digits")
            self._next += len(token)
            return self._number(int(token))
        if token.lower() and token.lower() in self._letters:
            self._next += 1
            return self._letter(self._letters.index(token.lower()))
        if self._taken("("):
            self._depth += 1
            if self._depth > _NESTING:
                self._fail(f"parentheses nested more than {_NESTING} deep")
            inside = self._sum()
            if not self._taken(")"):
                self._fail("')' is missing")
            self._depth -= 1
            return inside
        if token.isalpha():
            self._fail(f"letter {token!r} is neither x nor y (nor a or b)")
        return self._fail(f"a letter or a number is missing before {token!r}" if token else
                          "a letter or a number is missing at the end")  # fmt: skip

    def _number(self, value: int) -> _Part:
        return _Part(np.full((1, 1), value % self._modulus), np.zeros((1, 1), dtype=bool))

    def _letter(self, which: int) -> _Part:
        natural = np.arange(self._modulus)
        values = natural[:, None] if which == 0 else natural[None, :]
        return _Part(values, np.zeros_like(values, dtype=bool))

    def _times(self, first: _Part, second: _Part) -> _Part:
        values = first.values * second.values % self._modulus
        return _Part(values, first.wrong | second.wrong)

    def _power(self, base: _Part, exponent: int) -> _Part:
        values = np.ones_like(base.values)
        square = base.values
        while exponent:
            if exponent & 1:
                values = values * square % self._modulus
            square = square * square % self._modulus
            exponent >>= 1
        return _Part(values, base.wrong)

    def _inverse(self, part: _Part) -> _Part:
        m = self._modulus
        if not is_prime(m):
            self._fail(f"division needs a prime modulus, and {m} is none")
        inverse = self._power(part, m - 2)  # Fermat
        return _Part(inverse.values, part.wrong | (part.values == 0))
