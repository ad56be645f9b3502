r"""From text to freely reduced syllables, by recursive descent.

The grammar, where blanks separate but mean nothing else::

    word    = [ factor "\" ] factor { [ "*" | "/" ] factor }
    factor  = atom [ "^" exponent ]
    atom    = letter | LETTER | "1" | "(" word ")" | "[" word "," word { "," word } "]"
    exponent = integer | "{" integer "}" | "(" integer ")" | "{" word "}" | atom

A capital letter is the inverse of the small one. An exponent that is a word
conjugates: x^y = y^-1 x y. Powers may be written ** as in Python, conjugates may not.
As in GAP, x/y = x y^-1, from left to right: a/b*a = (a/b)*a; and x\y = x^-1 y.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .._text import printable
from ..errors import WordError
from ._formula import looks_like_formula
from ._syllables import (
    MAX_SYLLABLES,
    Syllables,
    commutator,
    conjugate,
    free_reduction,
    inverse,
    power,
    product,
)

MAX_NESTING = 100
# Enough for the text of any word that is not too long, and read in seconds.
MAX_TEXT = 20 * MAX_SYLLABLES
# Syllables of all factors together, cancelled or not: nested or repeated long ones take minutes.
MAX_WRITTEN = 20 * MAX_SYLLABLES
_SHOWN = 72
# Tokens after which a product has another factor.
_GO_ON = frozenset({"times", "over", "under", "letter", "number", "(", "["})

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_TOKEN = re.compile(
    r"(?P<power>\^|\*\*)|(?P<times>[*·⋅])|(?P<over>[/÷])|(?P<under>\\)|(?P<superscript>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<number>[0-9]+)|(?P<sign>[-+−–])|(?P<letter>[A-Za-z])|(?P<bracket>[][(){},])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a word's text: its kind, its characters, and where they begin."""

    kind: str
    text: str
    position: int


def parse(text: str, letters: tuple[str, str] | None = None) -> tuple[Syllables, tuple[str, str]]:
    """Return the freely reduced syllables of a text, and the letters that 0 and 1 stand for."""
    if len(text) > MAX_TEXT:
        raise WordError(
            f"The word's text has {len(text)} characters, more than {MAX_TEXT}; repeated parts can "
            "be written as powers, (a*b)^1000"
        )
    if looks_like_formula(text):
        raise WordError(
            f"{text[:80]!r} is a formula and no word; it makes a table of values "
            "(wordtensor.value_table, --table)"
        )
    tokens = _tokenize(text)
    pair = infer_letters({t.text.lower() for t in tokens if t.kind == "letter"}, letters)
    for token in tokens:
        if token.kind == "letter" and token.text.lower() not in pair:
            raise _error(f"Letter other than {pair[0]!r} and {pair[1]!r}", text, token.position)
    return _Parser(text, tokens, pair).read(), pair


def infer_letters(used: set[str], letters: tuple[str, str] | None = None) -> tuple[str, str]:
    """Return the letters given, or a and b, x and y, or those that occur and the next in line."""
    if letters is not None:
        return check_letters(letters)
    for usual in (("a", "b"), ("x", "y")):
        if used <= set(usual):
            return usual
    if len(used) == 1:
        (letter,) = used
        return (letter, chr(ord(letter) + 1)) if letter != "z" else ("y", "z")
    first, second, *_ = sorted(used)
    return (first, second)


def check_letters(letters: tuple[str, str]) -> tuple[str, str]:
    """Return a pair of letters as it is, or say what is wrong with it."""
    # A set has no order, and which letter comes first matters.
    pair = tuple(letters) if isinstance(letters, tuple | list) else ()
    well_formed = all(isinstance(c, str) and re.fullmatch("[a-z]", c) for c in pair)
    if not well_formed or len(pair) != 2 or pair[0] == pair[1]:
        raise WordError(
            "Argument 'letters' must be two different letters from a to z, such as ('a', 'b'), "
            f"not {letters!r}"
        )
    return (pair[0], pair[1])


def _error(reason: str, text: str, position: int) -> WordError:
    """Build an error that shows the text with a caret under one place, long texts cut around it."""
    start = max(0, min(position - _SHOWN // 2, len(text) - _SHOWN))
    part = re.sub(r"\s", " ", text[start : start + _SHOWN])
    before = printable(part[: position - start])
    return WordError(f"{reason} in word:\n  {printable(part)}\n  {' ' * len(before)}^")


def _tokenize(text: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _error(f"Unexpected character {text[position]!r}", text, position)
        kind = match.group() if match.lastgroup == "bracket" else match.lastgroup
        tokens.append(Token(kind, match.group(), position))
        position = match.end()
    if not tokens:
        raise WordError("Empty word; the identity is written 1")
    tokens.append(Token("end", "", len(text)))
    return tokens


class _Parser:
    """One reading of one text: a position in its tokens, moving right."""

    def __init__(self, text: str, tokens: list[Token], letters: tuple[str, str]) -> None:
        self._text = text
        self._tokens = tokens
        self._letters = letters
        self._next = 0
        self._depth = 0
        self._written = 0

    def read(self) -> Syllables:
        result = self._word()
        token = self._peek()
        if token.kind in {")", "]", "}"}:
            raise self._error(f"Unbalanced {token.text!r}", token)
        if token.kind != "end":
            raise self._error(f"Unexpected {token.text!r}", token)
        return result

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _error(self, reason: str, token: Token) -> WordError:
        return _error(reason, self._text, token.position)

    def _word(self) -> Syllables:
        begin = self._peek()
        first = self._factor()
        if self._peek().kind == "under":
            self._take()
            first = product(inverse(first), self._factor())
        syllables = list(first)
        self._written += len(syllables)
        divided = False
        while (sign := self._peek()).kind in _GO_ON:
            divided = self._sign(divided)
            factor = self._factor()
            syllables.extend(inverse(factor) if sign.kind == "over" else factor)
            self._written += len(factor)
            if self._written > MAX_WRITTEN:
                raise self._error(
                    f"Word too long: more than {MAX_WRITTEN} syllables before any cancel", begin
                )
            # Reducing now and then keeps the list short without costing more than the factors did.
            if len(syllables) > 200_000:
                syllables = list(self._guard(begin, free_reduction, syllables))
        return self._guard(begin, free_reduction, syllables)

    def _sign(self, divided: bool) -> bool:
        """Pass the sign before a factor, if there is one; tell whether it divides."""
        token = self._peek()
        if token.kind == "under":
            reason = "Left of \\ stands one factor at the beginning, put the rest in parentheses"
            raise self._error(reason, token)
        if token.kind in {"times", "over"}:
            self._take()
        elif divided:  # a/bc may be meant as a/(b*c)
            raise self._error("After / a product needs its *, or parentheses", token)
        return token.kind == "over"

    def _factor(self) -> Syllables:
        begin = self._peek()
        base = self._atom()
        if self._peek().kind not in {"power", "superscript"}:
            return base
        base = self._raise(base, begin)
        if self._peek().kind in {"power", "superscript"}:
            reason = "Two exponents in a row are ambiguous, put one in parentheses"
            raise self._error(reason, self._peek())
        return base

    def _atom(self) -> Syllables:
        token = self._peek()
        if token.kind in {"(", "["}:
            return self._bracket()
        self._take()
        if token.kind == "letter":
            letter = self._letters.index(token.text.lower())
            return ((letter, 1 if token.text.islower() else -1),)
        if token.kind == "number":
            return self._identity(token)
        if token.kind == "end":
            raise self._error("Unfinished product, a letter is missing", token)
        raise self._error(f"Unexpected {token.text!r}, a letter, 1, '(' or '[' is missing", token)

    def _identity(self, token: Token) -> Syllables:
        before = self._text[token.position - 1 : token.position]
        if token.text != "1" or before.isalnum():
            raise self._error("Misplaced number (powers are written a^2, the identity 1)", token)
        return ()

    def _bracket(self) -> Syllables:
        """Read "(w)", or "[w, w, ...]" as a left-normed commutator."""
        opening = self._take()
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self._error(f"Brackets nested more than {MAX_NESTING} deep", opening)
        result = self._word()
        commas = 0
        while opening.kind == "[" and self._peek().kind == ",":
            self._take()
            result = self._guard(opening, commutator, result, self._word())
            commas += 1
        closing = self._peek()
        if closing.kind == "end":
            raise self._error(f"Unbalanced {opening.text!r}", opening)
        if closing.kind != {"(": ")", "[": "]", "{": "}"}[opening.kind]:
            raise self._error(f"Unexpected {closing.text!r} after {opening.text!r}", closing)
        if opening.kind == "[" and not commas:
            raise self._error("A commutator [x,y] needs two words or more", opening)
        self._take()
        self._depth -= 1
        return result

    def _raise(self, base: Syllables, begin: Token) -> Syllables:
        """Read what follows an atom: an integer power or a conjugating word."""
        token = self._take()
        if token.kind == "superscript":
            number: int | None = self._integer(token, token.text.translate(_SUPERSCRIPTS))
        else:
            number = self._exponent()
        if number is not None:
            return self._guard(begin, power, base, number)
        if token.text == "**":
            reason = "After ** comes an integer; the conjugate y^-1*x*y is written x^y"
            raise self._error(reason, token)
        by = self._bracket() if self._peek().kind == "{" else self._atom()
        return self._guard(begin, conjugate, base, by)

    def _exponent(self) -> int | None:
        """Read an integer, maybe in braces or parentheses; None, and nothing, if it is a word."""
        wrapped = self._peek().kind in {"{", "("}
        offset = int(wrapped)
        sign = self._peek(offset) if self._peek(offset).kind == "sign" else None
        offset += sign is not None
        digits = self._peek(offset)
        closing = self._peek(offset + 1).kind if wrapped else None
        if digits.kind == "number" and closing in {None, "}", ")", "end"}:
            if wrapped and closing != {"{": "}", "(": ")"}[self._peek().kind]:
                raise self._error(f"Unbalanced {self._peek().text!r}", self._peek())
            self._next += offset + 1 + wrapped
            negative = sign is not None and sign.text != "+"
            return self._integer(digits, ("-" if negative else "") + digits.text)
        if sign is not None:
            raise self._error("Exponent must be an integer or a word", sign)
        if self._peek().kind not in {"{", "(", "[", "letter"}:
            raise self._error("Exponent missing or not an integer or a word", self._peek())
        return None

    def _integer(self, token: Token, digits: str) -> int:
        if len(digits) > 20:
            raise self._error("Exponent too large", token)
        return int(digits)

    def _guard(
        self, token: Token, operation: Callable[..., Syllables], *arguments: object
    ) -> Syllables:
        """Apply an operation of the free group; if the result is too large, say where."""
        try:
            return operation(*arguments)
        except WordError as error:
            raise self._error(str(error), token) from None
