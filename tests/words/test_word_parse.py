"""What the parser reads, what it refuses, and how it says so."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordtensor.errors import WordError
from wordtensor.words import Word, word
from wordtensor.words._parse import check_letters, infer_letters, parse
from wordtensor.words._syllables import MAX_SYLLABLES, commutator, free_reduction, power, product

RAW = st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3)), max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a*b*a^-1", "a*b*a^-1"),
        ("abA", "a*b*a^-1"),
        ("a b a^{-1}", "a*b*a^-1"),
        ("A*B", "a^-1*b^-1"),
        ("  a\tb ", "a*b"),
        ("[a,b]", "a*b*a^-1*b^-1"),
        ("[a,b,a]", "a*b*a^-1*b^-1*a*b*a*b^-1*a^-2"),
        ("[[a,b],a]", "a*b*a^-1*b^-1*a*b*a*b^-1*a^-2"),
        ("[a,[b,a]]", "a*b*a*b^-1*a^-1*b*a^-1*b^-1"),
        ("(a*b)^2", "a*b*a*b"),
        ("(a*b)^-2", "b^-1*a^-1*b^-1*a^-1"),
        ("a^2*b^-3", "a^2*b^-3"),
        ("a**2", "a^2"),
        ("a^(-2)", "a^-2"),
        ("a^+2", "a^2"),
        ("a^0*b", "b"),
        ("a^b", "b^-1*a*b"),
        ("a^B", "b*a*b^-1"),
        ("(ab)^(ba)", "a^-1*b^-1*a*b^2*a"),
        ("a^{b^-1}", "b*a*b^-1"),
        ("(a^b)^2", "b^-1*a^2*b"),
        ("a⁻¹b²", "a^-1*b^2"),
        ("a·b^−1", "a*b^-1"),
        ("a*a^-1", "1"),
        ("1", "1"),
        ("1*a*1", "a"),
        ("b*(abA)^5*B", "b*a*b^5*a^-1*b^-1"),
        ("a^1000000", "a^1000000"),
        ("a/b", "a*b^-1"),
        ("a / b^2", "a*b^-2"),
        ("(a*b)/(b*a)", "a*b*a^-1*b^-1"),
        ("a/b*a", "a*b^-1*a"),
        ("a/b/a", "a*b^-1*a^-1"),
        ("a/(b/a)", "a^2*b^-1"),
        ("ab/a", "a*b*a^-1"),
        ("a/b*ab", "a*b^-1*a*b"),
        ("1/(ab)^2", "b^-1*a^-1*b^-1*a^-1"),
        ("A/B", "a^-1*b"),
        ("[a/b,b]^2/a", "a*b*a^-1*b^-1*a*b*a^-1*b^-1*a^-1"),
        ("b^{a/b}", "b*a^-1*b*a*b^-1"),
        ("a\\b", "a^-1*b"),
        ("(ab)\\b/a*b", "b^-1*a^-1*b*a^-1*b"),
        ("a÷b", "a*b^-1"),
    ],
)
def test_reads(text, expected):
    w = word(text)
    assert str(w) == expected
    assert w.letters == ("a", "b")


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("x*y*x^-1", ("x", "y")),
        ("y*x", ("x", "y")),
        ("b", ("a", "b")),
        ("x", ("x", "y")),
        ("y", ("x", "y")),
        ("g", ("g", "h")),
        ("z", ("y", "z")),
        ("t*S", ("s", "t")),
        ("1", ("a", "b")),
    ],
)
def test_infers_letters(text, letters):
    assert word(text).letters == letters


def test_letters_can_be_fixed():
    assert word("b*a", letters=("b", "a")).syllables == ((0, 1), (1, 1))
    assert word(word("a*b"), letters=("x", "y")) == word("x*y")
    with pytest.raises(WordError, match="other than 'a' and 'b'"):
        word("x", letters=("a", "b"))
    for pair in [("a", "a"), ("A", "b"), ("a",), ("ab", "c"), ("a", 1)]:
        with pytest.raises(WordError, match="two different letters"):
            word("a", letters=pair)


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("a*(b*a", "Unbalanced '('", 2),
        ("a*b)", "Unbalanced ')'", 3),
        ("[a,b", "Unbalanced '['", 0),
        ("[a,b)", "Unexpected ')'", 4),
        ("[a]", "needs two words", 0),
        ("a^", "Exponent missing", 2),
        ("a^1.5", "Unexpected character '.'", 3),
        ("a^-b", "integer", 2),
        ("a^{-1", "Unbalanced '{'", 2),
        ("a^(2", "Unbalanced '('", 2),
        ("a^b^-1", "Two exponents", 3),
        ("a*", "letter is missing", 2),
        ("a/", "letter is missing", 2),
        ("/a", "Unexpected '/'", 0),
        ("a//b", "Unexpected '/'", 2),
        ("a*/b", "Unexpected '/'", 2),
        ("a/bc", "other than 'a' and 'b'", 3),
        ("a/ba", "After / a product needs its *", 3),
        ("a/b(a)", "After / a product needs its *", 3),
        ("a*b\\a", "Left of \\ stands one factor", 3),
        ("a\\b\\a", "Left of \\ stands one factor", 3),
        ("\\a", "Unexpected '", 0),
        ("a^1/2", "Misplaced number", 4),
        ("a**b", "After ** comes an integer", 1),
        ("a**(a*b)", "After ** comes an integer", 1),
        ("a**2**", "Two exponents", 4),
        ("*a", "Unexpected '*'", 0),
        ("a2", "Misplaced number", 1),
        ("2", "Misplaced number", 0),
        ("a@b", "Unexpected character '@'", 1),
        ("a*b*c", "other than 'a' and 'b'", 4),
        ("c*a*b", "other than 'a' and 'b'", 0),
        ("a^9999999999999999999999", "too large", 2),
        ("a^9999999999999", "too large", 0),
        ("((a*b)^1000)^1000", "too long", 0),
        ("a*b*(((a*b)^1000)^1000)", "too long", 5),
    ],
)
def test_refuses_and_points_at_the_place(text, reason, column):
    with pytest.raises(WordError) as caught:
        word(text)
    first, shown, caret = str(caught.value).split("\n")
    assert reason in first
    assert shown == "  " + text
    assert caret == "  " + " " * column + "^"


def test_refuses_what_is_no_text():
    for text in ("", "   "):
        with pytest.raises(WordError, match="identity is written 1"):
            word(text)
    with pytest.raises(WordError, match="not int"):
        word(3)


def test_long_texts_are_cut_around_the_caret():
    with pytest.raises(WordError) as caught:
        word("a*b*" * 1000 + "?" + "*a*b" * 1000)
    _, shown, caret = str(caught.value).split("\n")
    assert len(shown) < 80
    assert shown[caret.index("^")] == "?"


def test_deep_and_doubling_texts_end_in_an_error():
    with pytest.raises(WordError, match="nested"):
        word("(" * 5000 + "a" + ")" * 5000)
    with pytest.raises(WordError, match="too long"):
        word("[" * 40 + "a" + ",b]" * 40)
    assert len(word("(" * 90 + "a" + ")" * 90)) == 1


def test_powers_stay_within_bounds():
    assert len(power(((0, 1), (1, 1)), MAX_SYLLABLES // 2)) == MAX_SYLLABLES
    with pytest.raises(WordError, match="too long"):
        power(((0, 1), (1, 1)), MAX_SYLLABLES // 2 + 1)
    with pytest.raises(WordError, match="too long"):
        Word(power(((0, 1), (1, 1)), MAX_SYLLABLES // 2)) ** 2


@given(RAW)
def test_free_reduction_is_reduced_and_stable(raw):
    reduced = free_reduction(raw)
    assert all(k for _, k in reduced)
    assert all(s[0] != t[0] for s, t in pairwise(reduced))
    assert free_reduction(reduced) == reduced


@given(RAW, RAW)
def test_product_is_reduction_of_the_concatenation(left, right):
    assert product(free_reduction(left), free_reduction(right)) == free_reduction(left + right)


@given(RAW, st.integers(-6, 6))
def test_power_is_a_repeated_product(raw, exponent):
    w = free_reduction(raw)
    base = w if exponent >= 0 else tuple((c, -k) for c, k in reversed(w))
    assert power(w, exponent) == free_reduction(base * abs(exponent))


@given(RAW, RAW)
def test_commutator_is_trivial_only_as_it_should_be(left, right):
    x, y = Word.from_syllables(left), Word.from_syllables(right)
    assert (commutator(x.syllables, y.syllables) == ()) == (x * y == y * x)


@given(st.text(alphabet="abxAB()[],^*-12{} ", max_size=14))
def test_any_text_is_a_word_or_a_word_error(text):
    try:
        w = word(text)
    except WordError as error:
        assert str(error)
    else:
        assert word(str(w), w.letters) == w


def test_a_text_becomes_syllables_and_letters():
    assert parse("x y X") == (((0, 1), (1, 1), (0, -1)), ("x", "y"))


def test_letters_are_inferred_from_those_that_occur():
    assert infer_letters({"b"}) == ("a", "b")
    assert infer_letters({"y"}) == ("x", "y")
    assert infer_letters({"g"}) == ("g", "h")
    assert infer_letters({"t", "s"}) == ("s", "t")


def test_two_different_letters_are_accepted():
    assert check_letters(("x", "y")) == ("x", "y")


def test_long_texts_are_read_or_refused():
    assert word("ab" * 50_000).letter_counts == (50_000, 50_000)
    assert str(word("a^99999999*b")) == "a^99999999*b"
    with pytest.raises(WordError, match="characters, more than"):
        word("a" * 3_000_000)


@pytest.mark.parametrize("text", [
    "(ab)^50000(BA)^50000" * 100,  # is 1, after ten million syllables
    "[" * 90 + "a" + ",b]" * 90,
    "[" * 60 + "[a,b],a" + "],ab" * 59 + "]",
    "(" * 90 + "ab" + ")^9" * 90,
    "((ab)^1000)^1000",
    "a^1000000000000000000",
    "a^9223372036854775808",
    "a^" + "9" * 5000,
    "(" * 100_000 + "a" + ")" * 100_000,
])  # fmt: skip
def test_words_that_explode_are_refused(text):
    with pytest.raises(WordError) as error:
        word(text)
    assert len(str(error.value)) < 400


def test_no_character_of_a_text_is_sent_to_a_terminal():
    with pytest.raises(WordError) as error:
        word("a*\x1b[2J\u202eb")
    assert "\x1b" not in str(error.value) and "\u202e" not in str(error.value)
    assert str(error.value).splitlines()[-1].index("^") == 4


@pytest.mark.parametrize("letters", [5, {"a", "b"}, "ab", (), ("a", 1), np.array([1, 2])])
def test_letters_that_are_no_pair(letters):
    with pytest.raises(WordError, match="'letters'"):
        word("ab", letters)
    with pytest.raises(WordError, match="'letters'"):
        word(word("ab"), letters)
    with pytest.raises(WordError, match="'letters'"):
        Word.from_syllables([(0, 1)], letters)
