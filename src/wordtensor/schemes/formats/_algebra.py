"""A small parser of sums and products: lines such as (a11+a22)*b11*c12/3 or m1 = (a11-2a12)*b11."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

from ...errors import FileFormatError
from ._numbers import fraction

_TOKEN: Final = re.compile(
    r"[ \t\r\f\v]*(?:"
    r"(?P<number>[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})"
    r"|(?P<name>[A-Za-z]{1,20})(?:"
    r"_?[\[{][ ]?(?P<i>[0-9]{1,6})[ ]?(?:,|\]\[)[ ]?(?P<j>[0-9]{1,6})[ ]?[\]}]"
    r"|_?(?P<k>[0-9]{1,6})[_,](?P<l>[0-9]{1,6})"
    r"|_?[\[{]?(?P<digits>[0-9]{1,12})[\]}]?|)"
    r"|(?P<comment>[\#%][^\n]*|//[^\n]*)"
    r"|(?P<mark>:?=|[-+*/();,\n])"
    r"|(?P<other>\S))",
    re.ASCII,
)
_DEEPEST: Final = 20
_LARGEST: Final = 2**63
ACCEPTED: Final = (
    "lines are like (a11+a22)*(b11-2*b12)*c21/3, or m1 = (a11+a22)*b11 and c11 = m1-m2"
)

Form = dict[str, Fraction]
"""A linear form: coefficients by the names of variables."""


class Summand(NamedTuple):
    """A coefficient times a product of linear forms."""

    coefficient: Fraction
    forms: tuple[Form, ...]


class Statement(NamedTuple):
    """A line: the name on the left of = if there is one, and what is summed."""

    target: str
    summands: list[Summand]
    line: int


class _Token(NamedTuple):
    kind: str  # "number", "name", "end", or the mark itself
    text: str
    place: int


class Parser:
    """Reads a text from left to right; name makes the name of a variable from what is written."""

    __slots__ = (
        "_depth",
        "_line",
        "_name",
        "_next",
        "_text",
        "_tokens",
        "_where",
        "additions",
        "known",
    )

    def __init__(self, text: str, name: Callable[[re.Match[str]], str], where: str) -> None:
        self._text, self._where, self._name = text.rstrip(), where, name
        self._tokens, self._next, self._depth = self._tokenised(), 0, 0
        self._line = (0, 0)  # a place, and the lines that end before it
        self.known: dict[str, Form] = {}  # sums that have a name of their own
        self.additions = 0  # of variables or sums, as they are written

    def _tokenised(self) -> list[_Token]:
        tokens = []
        for match in _TOKEN.finditer(self._text):
            kind, place = match.lastgroup or "", match.start()
            if match["number"] is not None:
                tokens.append(_Token("number", match["number"], place))
            elif match["name"] is not None:
                try:
                    tokens.append(_Token("name", self._name(match), place))
                except ValueError as error:
                    raise self.error(str(error), place) from error
            elif match["mark"] is not None:
                tokens.append(_Token(match["mark"].removeprefix(":"), match["mark"], place))
            elif kind == "other":
                raise self.error(f"{match['other']!r} is not understood; {ACCEPTED}", place)
        tokens.append(_Token("end", "the end", len(self._text)))
        return tokens

    def error(self, what: str, place: int) -> FileFormatError:
        """Return the error about a place in the text."""
        start = place + len(self._text[place:]) - len(self._text[place:].lstrip(" \t"))
        line = self._text.count("\n", 0, start) + 1
        return FileFormatError(f"{self._where}, line {line}: {what}")

    def _peek(self) -> str:
        while self._depth and self._tokens[self._next].kind == "\n":
            self._next += 1
        return self._tokens[self._next].kind

    def _take(self) -> _Token:
        self._peek()
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _unexpected(self, wanted: str) -> FileFormatError:
        token = self._tokens[self._next]
        shown = "the end of the line" if token.kind in ("\n", "end") else repr(token.text)
        return self.error(f"{shown} stands where {wanted} is expected; {ACCEPTED}", token.place)

    def statement(self) -> Statement | None:
        """Return the next line that says something; None at the end."""
        while self._tokens[self._next].kind in ("\n", ";", ","):
            self._next += 1
        if self._peek() == "end":
            return None
        first = self._tokens[self._next]
        target = ""
        if first.kind == "name" and self._tokens[self._next + 1].kind == "=":
            target, self._next = first.text, self._next + 2
        summands = self._sum()
        if self._peek() not in ("\n", ";", ",", "end"):
            raise self._unexpected("a sign or the next line")
        before, count = self._line
        self._line = first.place, count + self._text.count("\n", before, first.place)
        return Statement(target, summands, self._line[1] + 1)

    def _sum(self) -> list[Summand]:
        summands: list[Summand] = []
        while True:
            sign = self._sign()
            if summands and self._peek() == "end":  # a sign after the last line
                return summands
            coefficient, forms = self._product()
            self.additions += bool(summands and forms)
            summands.append(Summand(sign * coefficient, forms))
            if self._peek() not in ("+", "-"):
                return summands

    def _sign(self) -> int:
        """Take signs, and return their product."""
        sign = 1
        while self._peek() in ("+", "-"):
            sign = -sign if self._take().kind == "-" else sign
            self._skip_lines()
        return sign

    def _skip_lines(self) -> None:
        while self._tokens[self._next].kind == "\n":
            self._next += 1

    def _product(self) -> Summand:
        coefficient, forms = self._atom()
        while (kind := self._peek()) in ("*", "/", "number", "name", "("):
            if kind in ("*", "/"):
                self._take()
                self._skip_lines()
            place = self._tokens[self._next].place
            sign = self._sign()
            factor, more = self._atom()
            factor *= sign
            if kind == "/":
                if more or factor == 0:
                    raise self.error("only numbers other than 0 may divide", place)
                factor = 1 / factor
            coefficient, forms = coefficient * factor, (*forms, *more)
            if max(abs(coefficient.numerator), coefficient.denominator) >= _LARGEST:
                raise self.error("a coefficient has 2^63 or more in it", place)
            if len(forms) > 3:
                raise self.error(f"more than three sums are multiplied; {ACCEPTED}", place)
        return Summand(coefficient, forms)

    def _atom(self) -> Summand:
        kind = self._peek()
        if kind == "number":
            return Summand(fraction(self._take().text), ())
        if kind == "name":
            name = self._take().text
            return Summand(Fraction(1), (self.known.get(name, {name: Fraction(1)}),))
        if kind != "(" or self._depth == _DEEPEST:
            raise self._unexpected("a variable, a number or a sum in parentheses")
        opening = self._take()
        self._depth += 1
        summands = self._sum()
        if self._peek() != ")":
            raise self._unexpected("')'")
        self._depth -= 1
        self._next += 1
        if len(summands) == 1 and len(summands[0].forms) != 1:
            return summands[0]
        if all(not forms for _, forms in summands):
            return Summand(sum((c for c, _ in summands), Fraction(0)), ())
        return Summand(Fraction(1), (self.form(summands, opening.place),))

    def form(self, summands: list[Summand], place: int = 0) -> Form:
        """Add up summands that are numbers times variables."""
        total: Form = {}
        for coefficient, forms in summands:
            if len(forms) != 1:
                raise self.error("a sum has variables only, times numbers", place)
            for name, value in forms[0].items():
                entry = total.get(name, Fraction(0)) + coefficient * value
                if max(abs(entry.numerator), entry.denominator) >= _LARGEST:
                    raise self.error("a coefficient has 2^63 or more in it", place)
                total[name] = entry
        return total


def value(text: str) -> Fraction:
    """Read a number, or sums and products of numbers as Maple leaves them: "1*-1", "(1+1)/2"."""
    try:
        return fraction(text)
    except ValueError as error:
        try:
            parser = Parser(text, lambda match: match[0], "")
            line, end = parser.statement(), parser.statement()
        except FileFormatError:
            raise error from None
        if line is None or end is not None or any(forms for _, forms in line.summands):
            raise
        return sum((coefficient for coefficient, _ in line.summands), Fraction(0))
