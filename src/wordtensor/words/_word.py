"""Words in two letters as values: freely reduced, and read back from what they print."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Integral
from reprlib import repr as shortened

from ..errors import WordError
from ._parse import check_letters, infer_letters, parse
from ._syllables import Syllables, free_reduction, inverse, power, product

MAX_COMPACT_LENGTH = 100_000
# Syllables.
_LONGEST_FORMULA = 60


@dataclass(frozen=True, slots=True)
class Word:
    """An element of the free group on two letters.

    Two words are equal when both their syllables and their letters are. Build one from text with
    `word`, or from syllables in any state with `from_syllables`.

    Parameters
    ----------
    syllables : tuple of (int, int)
        Pairs (letter 0 or 1, nonzero exponent), freely reduced: neighbouring letters differ.
    letters : (str, str)
        What the letters 0 and 1 are called. Letter 0 is the first argument of the word map.

    Raises
    ------
    WordError
        If the syllables are not freely reduced or the letters are not two small letters.

    Examples
    --------
    >>> w = Word(((0, 1), (1, 1), (0, -1)))
    >>> str(w), w.compact(), len(w)
    ('a*b*a^-1', 'abA', 3)
    >>> w * w.inverse() == word("1")
    True
    """

    syllables: Syllables
    letters: tuple[str, str] = ("a", "b")

    def __post_init__(self) -> None:
        object.__setattr__(self, "letters", check_letters(self.letters))
        object.__setattr__(self, "syllables", _checked(self.syllables))
        for syllable in self.syllables:
            if not syllable[1]:
                raise WordError(
                    "A syllable must be (0 or 1, nonzero exponent), "
                    f"not {syllable!r}; Word.from_syllables removes zeros"
                )
        if free_reduction(self.syllables) != self.syllables:
            raise WordError(
                "Argument 'syllables' must be freely reduced (neighbouring letters differ); "
                "Word.from_syllables reduces them"
            )

    @classmethod
    def from_syllables(
        cls, syllables: Iterable[tuple[int, int]], letters: tuple[str, str] = ("a", "b")
    ) -> "Word":
        """Build a word from syllables in any state, reducing them freely.

        Examples
        --------
        >>> Word.from_syllables([(0, 1), (0, 2), (1, 0)])
        word('a^3')
        """
        return cls(free_reduction(_checked(syllables)), letters)

    @property
    def length(self) -> int:
        """Number of letters, inverses included: the sum of the absolute exponents."""
        return sum(self.letter_counts)

    @property
    def letter_counts(self) -> tuple[int, int]:
        """How often each letter occurs, inverses included."""
        return self._sums([abs(exponent) for _, exponent in self.syllables])

    @property
    def exponent_sums(self) -> tuple[int, int]:
        """Sum of the exponents of each letter: the word's image in the free abelian group.

        Examples
        --------
        >>> word("[a,b]").exponent_sums, word("a*b*a").exponent_sums
        ((0, 0), (2, 1))
        """
        return self._sums([exponent for _, exponent in self.syllables])

    def _sums(self, weights: list[int]) -> tuple[int, int]:
        sums = [0, 0]
        for (letter, _), weight in zip(self.syllables, weights, strict=True):
            sums[letter] += weight
        return (sums[0], sums[1])

    def inverse(self) -> "Word":
        """Return the inverse word.

        Examples
        --------
        >>> str(word("a*b^2").inverse())
        'b^-2*a^-1'
        """
        return replace(self, syllables=inverse(self.syllables))

    def swapped(self) -> "Word":
        """Return the word with its letters exchanged: w(b, a) as a function of a and b.

        Examples
        --------
        >>> str(word("a*b*a^-1").swapped())
        'b*a*b^-1'
        """
        return replace(self, syllables=tuple((1 - c, k) for c, k in self.syllables))

    def compact(self) -> str:
        """Write the word letter by letter, capitals for inverses; the identity is ``"1"``.

        Raises
        ------
        WordError
            If that takes more than `MAX_COMPACT_LENGTH` letters.

        Examples
        --------
        >>> word("a^2*b^-3").compact()
        'aaBBB'
        """
        if self.length > MAX_COMPACT_LENGTH:
            raise WordError(
                f"A word of {self.length} letters is too long to write letter by letter "
                f"(at most {MAX_COMPACT_LENGTH}); use str(word)"
            )
        pieces = [
            (self.letters[c] if k > 0 else self.letters[c].upper()) * abs(k)
            for c, k in self.syllables
        ]
        return "".join(pieces) or "1"

    def __mul__(self, other: "Word") -> "Word":
        if not isinstance(other, Word):
            return NotImplemented
        if self.letters != other.letters:
            raise WordError(
                f"Words in {self.letters} and {other.letters} have no product; "
                "give both the same letters with word(w, letters=...)"
            )
        return replace(self, syllables=product(self.syllables, other.syllables))

    def __pow__(self, exponent: int) -> "Word":
        if not _is_integer(exponent):
            return NotImplemented
        return replace(self, syllables=power(self.syllables, int(exponent)))

    def __len__(self) -> int:
        return self.length

    def __bool__(self) -> bool:
        # The identity has length 0; it is a word all the same.
        return True

    def __str__(self) -> str:
        pieces = [self.letters[c] + (f"^{k}" if k != 1 else "") for c, k in self.syllables]
        return "*".join(pieces) or "1"

    def _repr_latex_(self) -> str | None:
        # A longer formula is no help; then a notebook shows the text.
        if len(self.syllables) > _LONGEST_FORMULA:
            return None
        pieces = [self.letters[c] + (f"^{{{k}}}" if k != 1 else "") for c, k in self.syllables]
        formula = r" \, ".join(pieces)
        return f"${formula or 1}$"

    def __repr__(self) -> str:
        usual = infer_letters({self.letters[c] for c, _ in self.syllables}) == self.letters
        return f"word({str(self)!r}" + ("" if usual else f", letters={self.letters}") + ")"


def _checked(syllables: Iterable[tuple[int, int]]) -> Syllables:
    """Return pairs of integers as such, or say what is wrong with them."""
    try:
        pairs = [(letter, exponent) for letter, exponent in syllables]
    except (TypeError, ValueError):
        raise WordError(
            f"Argument 'syllables' must be pairs (0 or 1, exponent), not {shortened(syllables)}"
        ) from None
    for letter, exponent in pairs:
        if not (_is_integer(letter) and letter in (0, 1) and _is_integer(exponent)):
            raise WordError(
                "A syllable must be (0 or 1, integer exponent), "
                f"not ({shortened(letter)}, {shortened(exponent)})"
            )
    return tuple((int(letter), int(exponent)) for letter, exponent in pairs)


def _is_integer(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def word(text_or_word: str | Word, letters: tuple[str, str] | None = None) -> Word:
    r"""Read a word in two letters.

    Parameters
    ----------
    text_or_word : str or Word
        Text in any of the forms of the examples; a word passes through.
    letters : (str, str), optional
        The two letters, first argument of the word map first. Inferred by default: a and b, or x
        and y, if these suffice, and otherwise the letters that occur, in alphabetical order.

    Returns
    -------
    Word
        Freely reduced.

    Raises
    ------
    WordError
        If the text is not a word in two letters; the message shows the place.

    Notes
    -----
    The commutator is ``[x,y] = x*y*x^-1*y^-1``, longer ones are left-normed, and the conjugate is
    ``x^y = y^-1*x*y``. The quotient is ``x/y = x*y^-1`` from left to right, and ``x\y = x^-1*y`` at
    the beginning of a product. Every word is read back from its own text: ``word(str(w), w.letters)
    == w``; the letters may be left out if w has both, in alphabetical order.

    Examples
    --------
    >>> word("abA")
    word('a*b*a^-1')
    >>> word("[a,b]"), word("(a*b)^2"), word("a^2 b^{-3}"), word("a^b"), word("1")
    (word('a*b*a^-1*b^-1'), word('a*b*a*b'), word('a^2*b^-3'), word('b^-1*a*b'), word('1'))
    >>> word("a/b"), word("(a*b)/(b*a)")
    (word('a*b^-1'), word('a*b*a^-1*b^-1'))
    >>> word("y", letters=("y", "x")).swapped()
    word('x', letters=('y', 'x'))
    >>> word("a*(b*a")
    Traceback (most recent call last):
        ...
    wordtensor.errors.WordError: Unbalanced '(' in word:
      a*(b*a
        ^
    """
    if isinstance(text_or_word, Word):
        if letters is None:
            return text_or_word
        return replace(text_or_word, letters=check_letters(letters))
    if not isinstance(text_or_word, str):
        raise WordError(
            f"Argument 'word' must be a text or a Word, not {type(text_or_word).__name__}"
        )
    return Word(*parse(text_or_word, letters))
