"""`Word` as a value: the group laws, printing and reading back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordtensor.errors import WordError
from wordtensor.words import Word, reduced_words, word
from wordtensor.words._syllables import power, root

WORDS = st.lists(st.tuples(st.integers(0, 1), st.integers(-9, 9)), max_size=10).map(
    Word.from_syllables
)
LETTERS = st.permutations("abcxyz").map(lambda letters: tuple(letters[:2]))


@given(WORDS)
def test_text_reads_back(w):
    assert word(str(w)) == w
    assert word(w.compact()) == w
    assert eval(repr(w), {"word": word}) == w


@given(WORDS, LETTERS)
def test_text_reads_back_in_any_letters(w, letters):
    renamed = word(w, letters=letters)
    assert word(str(renamed), letters) == renamed
    assert eval(repr(renamed), {"word": word}) == renamed


@given(WORDS, WORDS, WORDS)
def test_group_laws(u, v, w):
    one = word("1")
    assert (u * v) * w == u * (v * w)
    assert u * one == u == one * u
    assert u * u.inverse() == one
    assert (u * v).inverse() == v.inverse() * u.inverse()
    assert (u * v).swapped() == u.swapped() * v.swapped()
    assert u.swapped().swapped() == u
    assert u**-2 == u.inverse() * u.inverse()


@given(WORDS, WORDS)
def test_counts(u, v):
    assert len(u) == u.length == sum(u.letter_counts) == len(u.compact()) * (u.length > 0)
    assert (u * v).exponent_sums == tuple(
        i + j for i, j in zip(u.exponent_sums, v.exponent_sums, strict=True)
    )
    assert u.swapped().letter_counts == u.letter_counts[::-1]


def test_equality_is_of_words_and_letters():
    assert word("abA") == word("a*b*a^-1")
    assert hash(word("abA")) == hash(word("a*b*a^-1"))
    assert word("x*y") != word("a*b")
    assert word("a*b") != word("b*a")


def test_the_identity_is_a_word():
    assert str(word("1")) == word("1").compact() == "1"
    assert len(word("1")) == 0
    assert word("1")


@pytest.mark.parametrize(
    "syllables", [((0, 1), (0, 1)), ((0, 0),), ((2, 1),), ((0, 1), (1, 0), (0, 1))]
)
def test_refuses_what_is_not_reduced(syllables):
    with pytest.raises(WordError):
        Word(syllables)


def test_letters_must_agree_in_a_product():
    with pytest.raises(WordError, match="no product"):
        word("a*b") * word("x*y")


def test_compact_is_bounded():
    assert word("a^-3*b").compact() == "AAAb"
    with pytest.raises(WordError, match="too long"):
        word("a^1000000").compact()


def test_reduced_words_are_one_of_each_class():
    found = list(reduced_words(5))
    assert found[0] == word("1")
    assert [len(w) for w in found] == sorted(len(w) for w in found)
    classes = [frozenset({w, w.inverse(), w.swapped(), w.inverse().swapped()}) for w in found]
    assert len(set(classes)) == len(classes)
    # 1 + 4 + 12 + 36 + 108 + 324 freely reduced words up to length 5, none missing.
    assert sum(map(len, classes)) == 485
    assert found == list(reduced_words(5))
    with pytest.raises(WordError):
        next(reduced_words(-1))


@pytest.mark.parametrize("syllables", [
    5, None, "ab", [5], ((0, 1, 2),), ((0, 1.5),), ((0, "x"),), (("a", 1),), ((2, 1),),
    ((0, True),), ((0, float("nan")),), ((0, float("inf")),), ((0, 10**30),),
])  # fmt: skip
def test_syllables_that_are_none_are_refused(syllables):
    with pytest.raises(WordError):
        Word(syllables)
    with pytest.raises(WordError):
        Word.from_syllables(syllables)


def test_integers_of_numpy_become_plain_ones():
    w = Word(((np.int64(0), np.int64(3)),))
    assert w == word("a^3") and type(w.syllables[0][1]) is int
    assert word("a") ** np.int64(3) == w
    for exponent in (1.5, "x", None):
        with pytest.raises(TypeError):
            word("a") ** exponent


@given(WORDS, st.integers(1, 6))
def test_roots(w, k):
    base, times = root((w**k).syllables)
    assert power(base, times) == (w**k).syllables
    assert times % k == 0
    assert root(base) == (base, 1 if base else 0)


def test_lengths_that_are_none_are_refused():
    for length in (-1, "x", 1.5, None, True):
        with pytest.raises(WordError, match="'max_length'"):
            list(reduced_words(length))
