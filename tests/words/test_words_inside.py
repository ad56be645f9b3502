"""What is inside the room words: small examples of functions that are not for users."""

import numpy as np

from wordtensor.groups import group
from wordtensor.words._parse import check_letters, infer_letters, parse
from wordtensor.words._powers import power_maps, reduce_exponents
from wordtensor.words._schedule import cheapest_schedule
from wordtensor.words._syllables import (
    commutator,
    conjugate,
    free_reduction,
    inverse,
    power,
    product,
)
from wordtensor.words.core import merge_table
from wordtensor.words.evaluate import evaluate_numpy


def test_words_parse_parse():
    assert parse("x y X") == (((0, 1), (1, 1), (0, -1)), ("x", "y"))


def test_words_parse_infer_letters():
    assert (
        infer_letters({"b"}),
        infer_letters({"y"}),
        infer_letters({"g"}),
        infer_letters({"t", "s"}),
    ) == (("a", "b"), ("x", "y"), ("g", "h"), ("s", "t"))


def test_words_parse_check_letters():
    assert check_letters(("x", "y")) == ("x", "y")


def test_words_powers_reduce_exponents():
    assert reduce_exponents([(0, 7), (1, 3), (0, -2)], 3) == ((0, -1),)


def test_words_powers_power_maps():
    position, maps = power_maps([1, -1, 1], group("C3"))
    assert repr(maps[position[-1]]) == "array([0, 2, 1], dtype=int32)"


def test_words_schedule_cheapest_schedule():
    assert (
        repr(cheapest_schedule(((0, 1), (1, 1), (0, -1), (1, -1))))
        == "Schedule(start=((1, 1), (0, -1), (1, -1)), steps=((0, 1),), row=0, invert=False)"
    )


def test_words_syllables_free_reduction():
    assert free_reduction([(0, 2), (1, 1), (1, -1), (0, 1)]) == ((0, 3),)


def test_words_syllables_product():
    assert product(((0, 1), (1, 2)), ((1, -2), (0, 1))) == ((0, 2),)


def test_words_syllables_inverse():
    assert inverse(((0, 1), (1, 2))) == ((1, -2), (0, -1))


def test_words_syllables_power():
    assert power(((0, 1), (1, 1), (0, -1)), 5) == ((0, 1), (1, 5), (0, -1))


def test_words_syllables_commutator():
    assert commutator(((0, 1),), ((1, 1),)) == ((0, 1), (1, 1), (0, -1), (1, -1))


def test_words_syllables_conjugate():
    assert conjugate(((0, 1),), ((1, 1),)) == ((1, -1), (0, 1), (1, 1))


def test_words_core_merge_table():
    assert merge_table(np.array([[1, 2], [1, 2]])[:, :], order=3).shape == (1, 2, 2)


def test_words_evaluate_evaluate_numpy():
    assert (
        " ".join(repr(evaluate_numpy(((0, 1), (1, 1)), group("C2"))).split())
        == "array([[0, 1], [1, 0]], dtype=int32)"
    )
