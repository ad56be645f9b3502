"""Presentations such as <x, y | x^4, y^2, (x*y)^2>: their text, and the groups by sympy."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .._extras import missing
from .._text import plain_powers, printable
from .._typing import Indices
from ..errors import GroupError

MOST_COSETS: Final = 6000
"""How many cosets the enumeration may define: some seconds of work."""

_TEXT: Final = re.compile(r"\s*(?:Group\s*)?[<⟨]([^|:⟩>]{1,400})[|∣:]([^|⟩>]*)[>⟩]\s*;?\s*")
_GENERATOR: Final = re.compile(r"[A-Za-z]\w{0,20}", re.ASCII)
_TOKEN: Final = re.compile(r"\s*([A-Za-z]\w*|\d+|[-+*^()\[\]{},=·]|\S|$)")
_LONGEST: Final = 10_000  # letters of all relators
_DEEPEST: Final = 50
_EXAMPLE: Final = "<x, y | x^4, y^2, (x*y)^2>"

# A word in the generators: k + 1 for the generator k, and -(k + 1) for its inverse.
Letters = list[int]


@dataclass(frozen=True, slots=True)
class Presentation:
    """Generators, and words that are 1."""

    generators: tuple[str, ...]
    relators: tuple[tuple[int, ...], ...]


def is_presentation(text: str) -> bool:
    """Tell whether a text is one of a presentation."""
    begin = text.lstrip().removeprefix("Group").lstrip()
    return begin[:1] in ("<", "⟨") and any(bar in begin for bar in "|∣:")


def read_presentation(text: str) -> Presentation:
    """Read <generators | relations>, or raise GroupError that says where it cannot be read."""
    if not isinstance(text, str) or len(text) > 4 * _LONGEST:
        raise GroupError(f"A presentation is a text of at most {4 * _LONGEST} letters")
    found = _TEXT.fullmatch(plain_powers(text).replace("**", "^"))
    if not found:
        raise GroupError(
            f"A presentation is written as {_EXAMPLE}, generators and relations; given "
            f"{printable(text)!r:.60}"
        )
    names = tuple(name.strip() for name in found.group(1).split(","))
    wrong = next((name for name in names if not _GENERATOR.fullmatch(name)), None)
    if wrong is not None or len(set(names)) < len(names):
        what = f"{wrong!r:.40} is none" if wrong is not None else "one is there twice"
        raise GroupError(f"The generators of a presentation are different names; {what}")
    relators = tuple(tuple(word) for word in _Relations(found.group(2), names).read() if word)
    return Presentation(names, relators)


class _Relations:
    """The reader of relations: words, or chains of equations of words."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self.text, self.names, self.at, self.depth = text, names, 0, 0
        self.left = _LONGEST
        self.token = self._next()

    def read(self) -> Iterator[Letters]:
        """Yield words that are 1."""
        while self.token:
            sides = [self._word()]
            while self.token == "=":
                self._step()
                sides.append(self._word())
            if len(sides) == 1:
                yield sides[0]
            yield from (self._spent([*side, *_inverse(sides[-1])]) for side in sides[:-1])
            if self.token == ",":
                self._step()
            elif self.token:
                raise self._error("a comma or = stands between relations")

    def _next(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        return found.group(1) if found else ""

    def _step(self) -> str:
        """Go on to the next token, and return the one that is left."""
        token = self.token
        found = _TOKEN.match(self.text, self.at)
        self.at = found.end() if found else len(self.text)
        self.token = self._next()
        return token

    def _word(self) -> Letters:
        word = self._factor()
        while self.token and self.token not in ",=)]}":
            if self.token in ("*", "·"):
                self._step()
            word += self._factor()
        return self._spent(word)

    def _factor(self) -> Letters:
        word = self._atom()
        if self.token == "^":
            self._step()
            exponent = self._exponent()
            one = word if exponent >= 0 else _inverse(word)
            if abs(exponent) * len(word) > self.left:
                raise self._error(f"the relations are longer than {_LONGEST} letters")
            word = self._spent(one * abs(exponent))
            self._check_alone()
        return word

    def _check_alone(self) -> None:
        if self.token == "^":
            raise self._error("two exponents in a row are ambiguous; put parentheses")

    def _exponent(self) -> int:
        """Read 3, -1, (-1) or {-1}."""
        closing = {"(": ")", "{": "}"}.get(self.token)
        if closing:
            self._step()
        sign = -1 if self.token == "-" else 1
        if self.token in ("-", "+"):
            self._step()
        if not re.fullmatch(r"\d{1,6}", self.token, re.ASCII):
            raise self._error("an exponent is a whole number")
        number = sign * int(self._step())
        if closing:
            self._expect(closing)
        return number

    def _atom(self) -> Letters:
        if self.token in ("(", "["):
            return self._bracket()
        if self.token == "1":
            self._step()
            return []
        if not re.fullmatch(r"[A-Za-z]\w*", self.token, re.ASCII):
            raise self._error("a word is made of the generators")
        return self._letters()

    def _bracket(self) -> Letters:
        """Read (u), or [u, v] = u v u^-1 v^-1."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._error("the brackets are nested too deeply")
        if self._step() == "(":
            word = self._word()
            self._expect(")")
        else:
            u = self._word()
            self._expect(",")
            v = self._word()
            self._expect("]")
            word = self._spent([*u, *v, *_inverse(u), *_inverse(v)])
        self.depth -= 1
        return word

    def _letters(self) -> Letters:
        """Read a generator, or several without a sign between, where xyX means x*y*x^-1."""
        run, word = self.token, Letters()
        if run in ("e", "E", "id") and run not in self.names:
            self._step()
            return word
        ordered = sorted(self.names, key=len, reverse=True)
        start = 0
        while start < len(run):
            name = next((name for name in ordered if run.startswith(name, start)), None)
            turned = None
            if name is None:
                other = run[start : start + 21].swapcase()
                turned = next((name for name in ordered if other.startswith(name)), None)
            if name is None and turned is None:
                raise self._error(f"{run!r:.40} is not made of the generators")
            number = self.names.index(name or turned or "") + 1
            word.append(number if name else -number)
            start += len(name or turned or "")
            # A power belongs to the last letter alone: xy^2 is x*y^2.
            if start < len(run):
                continue
        self._step()
        if self.token == "^" and len(word) > 1:
            self._step()
            exponent = self._exponent()
            if abs(exponent) > self.left:
                raise self._error(f"the relations are longer than {_LONGEST} letters")
            last = word.pop()
            word += [last if exponent >= 0 else -last] * abs(exponent)
            self._check_alone()
        return word

    def _expect(self, token: str) -> None:
        if self.token != token:
            raise self._error(f"{token!r} is missing")
        self._step()

    def _spent(self, word: Letters) -> Letters:
        self.left -= len(word)
        if self.left < 0:
            raise self._error(f"the relations are longer than {_LONGEST} letters")
        return word

    def _error(self, what: str) -> GroupError:
        shown = repr(printable(self.token)[:40]) if self.token else "the end"
        before = self.text[max(0, self.at - 30) : self.at].strip()
        return GroupError(f"The relations cannot be read at {shown}, after {before!r}: {what}")


def _inverse(word: Sequence[int]) -> Letters:
    return [-letter for letter in reversed(word)]


def enumerated(presentation: Presentation, name: str) -> tuple[Indices, tuple[str, ...]]:
    """Return the Cayley table of a presented group, and its elements as shortest words."""
    steps = _coset_table(presentation, name)
    order = len(steps)
    table = np.empty((order, order), dtype=np.int32)
    table[:, 0] = np.arange(order, dtype=np.int32)
    words: list[Letters] = [[] for _ in range(order)]
    # The element k takes coset 0, the identity, to coset k; its column is that of a shorter word.
    reached, seen = [0], {0}
    for element in reached:
        for column in range(steps.shape[1]):
            image = int(steps[element, column])
            if image not in seen:
                seen.add(image)
                reached.append(image)
                table[:, image] = steps[table[:, element], column]
                sign = 1 - 2 * (column % 2)
                words[image] = [*words[element], sign * (column // 2 + 1)]
    place = np.empty(order, dtype=np.int32)
    place[reached] = np.arange(order, dtype=np.int32)
    ordered = place[table[np.ix_(reached, reached)]]
    return ordered, tuple(_label(words[k], presentation.generators) for k in reached)


def _coset_table(presentation: Presentation, name: str) -> Indices:
    """Return what x, x^-1, y, y^-1, ... do to the cosets of the trivial subgroup, by sympy."""
    try:
        from sympy.combinatorics.coset_table import coset_enumeration_r
        from sympy.combinatorics.fp_groups import FpGroup
        from sympy.combinatorics.free_groups import free_group
    except ModuleNotFoundError as error:
        raise missing(error, "A group given by a presentation") from None
    free, *letters = free_group(",".join(f"x{k}" for k in range(len(presentation.generators))))
    relators: list[Any] = []
    for relator in presentation.relators:
        word = free.identity
        for letter in relator:
            word *= letters[abs(letter) - 1] ** (1 if letter > 0 else -1)
        relators.append(word)
    try:
        cosets = coset_enumeration_r(FpGroup(free, relators), [], max_cosets=MOST_COSETS)
    except ValueError:
        raise GroupError(
            f"The group {name} is infinite, or not found within {MOST_COSETS} cosets; give more "
            "relations, or permutations that generate it"
        ) from None
    cosets.compress()
    return np.array(cosets.table, dtype=np.int32)


def _label(word: Sequence[int], names: Sequence[str]) -> str:
    """Write a word with powers: x^2*y^-1; the empty one is 1."""
    parts: list[list[int]] = []
    for letter in word:
        if parts and parts[-1][0] == letter:
            parts[-1][1] += 1
        else:
            parts.append([letter, 1])
    texts = []
    for letter, times in parts:
        power = times if letter > 0 else -times
        texts.append(names[abs(letter) - 1] + (f"^{power}" if power != 1 else ""))
    return "*".join(texts) or "1"
