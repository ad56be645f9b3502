"""The free group on two letters: words as tuples of syllables."""

from wordtensor.words._syllables import (
    commutator,
    conjugate,
    free_reduction,
    inverse,
    power,
    product,
)


def test_neighbouring_syllables_merge_and_cancel():
    assert free_reduction([(0, 2), (1, 1), (1, -1), (0, 1)]) == ((0, 3),)


def test_a_product_cancels_at_the_seam():
    assert product(((0, 1), (1, 2)), ((1, -2), (0, 1))) == ((0, 2),)


def test_an_inverse_is_read_backwards():
    assert inverse(((0, 1), (1, 2))) == ((1, -2), (0, -1))


def test_a_power_of_a_conjugate_keeps_its_length():
    assert power(((0, 1), (1, 1), (0, -1)), 5) == ((0, 1), (1, 5), (0, -1))


def test_a_commutator_begins_with_its_first_word():
    assert commutator(((0, 1),), ((1, 1),)) == ((0, 1), (1, 1), (0, -1), (1, -1))


def test_a_conjugate_begins_with_the_inverse():
    assert conjugate(((0, 1),), ((1, 1),)) == ((1, -1), (0, 1), (1, 1))
