"""Exact arrays and exact terms over Q and over quadratic fields."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.schemes import ExactArray, ExactTerms, recognised
from wordtensor.schemes.exact_array import from_conjugates, radicand_of

small = st.integers(-40, 40)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(small, st.integers(1, 24)), min_size=1, max_size=6))
def test_fractions_are_recognised(pairs):
    found = recognised([top / bottom for top, bottom in pairs])
    assert found.radicand == 1
    assert [Fraction(text) for text in found.texts()] == [Fraction(*pair) for pair in pairs]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([2, 3, 5, 13]), small, small.filter(bool), st.integers(1, 12))
def test_quadratic_numbers_are_recognised(d, a, b, q):
    value = (a + b * sqrt(d)) / q
    found = recognised([value, 0.5], d)
    first = Fraction(int(found.rational[0]), found.denominator)
    second = Fraction(int(found.irrational[0]), found.denominator)
    assert (first, second) == (Fraction(a, q), Fraction(b, q))
    assert radicand_of(np.array([value, 0.5])) in (d, None)


def test_the_field_is_told_by_the_numbers():
    assert radicand_of(np.array([0.5, 2.0])) == 1
    assert radicand_of(np.array([0.5, (1 + sqrt(5)) / 4])) == 5
    assert radicand_of(np.array([sqrt(8) / 3])) == 2
    assert radicand_of(np.array([np.pi])) is None
    assert radicand_of(np.array([sqrt(2), sqrt(3)])) is None


def test_what_is_no_such_number_is_not_recognised():
    assert recognised([np.pi]) is None
    assert recognised([np.nan]) is None
    assert recognised([sqrt(2)]) is None
    assert recognised([sqrt(3)], 2) is None


def test_large_denominators_by_conjugates():
    a, b = Fraction(17, 840), Fraction(-101, 2310)
    values = np.array([float(a) + float(b) * sqrt(3), 1.0])
    others = np.array([float(a) - float(b) * sqrt(3), 1.0])
    found = from_conjugates(values, others, 3, 5000)
    assert Fraction(int(found.rational[0]), found.denominator) == a
    assert Fraction(int(found.irrational[0]), found.denominator) == b


def test_texts_and_floats():
    numbers = ExactArray(np.array([1, 0, -3, 4, 10]), np.array([1, -2, 0, -2, 0]), 4, 5)
    assert numbers.texts() == ["(1+sqrt(5))/4", "-sqrt(5)/2", "-3/4", "(2-sqrt(5))/2", "5/2"]
    # 682^2 - 5 305^2 = -1: a float sum would lose twelve digits.
    tiny = ExactArray([682], [-305], 1, 5)
    np.testing.assert_allclose(tiny.as_float(), [-1 / (682 + 305 * sqrt(5))], rtol=1e-15)
    np.testing.assert_array_equal(tiny.conjugate().irrational, [305])


def test_the_sum_of_terms_in_a_field():
    # The idempotents of Q(sqrt 5)[x] / (x^2 - x - 1) take two terms for one product.
    golden = ExactArray([[1, 1], [1, 1]], [[0, 0], [1, -1]], 2, 5)
    U = golden.rational * np.array([[2], [1]])
    roots = np.array([[0, 0], [1, -1]])
    one = np.array([[1, 1]])
    terms = ExactTerms(U, U, one, (2, 2, 1), (roots, roots, 0 * one), 5)
    tensor = np.array([[2, 1], [1, 3]])[:, :, None]
    assert terms.equals(tensor)
    tensor[1, 1, 0] = 4
    assert not terms.equals(tensor)
    assert not terms.equals(tensor[:, :1])
    other = ExactArray(0 * tensor, tensor, 1, 3)
    assert not terms.equals(other)


@pytest.mark.parametrize("size", [1, 2**20, 2**40])
def test_sums_beyond_64_bits_are_exact(size):
    one = np.array([[1]])
    terms = ExactTerms(size * one, size * one, one, (size, 1, 1))
    assert terms.equals(size * one[None])
    assert not terms.equals((size + 1) * one[None])
