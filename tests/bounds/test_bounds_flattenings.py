"""Koszul flattenings: known numbers, proofs that can be repeated, and never above a rank."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.bounds import Flattening, best_flattening, koszul_flattening
from wordtensor.bounds._modular import PRIME, is_prime, rank_modulo
from wordtensor.cores import canonical_core
from wordtensor.errors import WordTensorError


def product(n):
    i, j, k = np.indices((n, n, n)).reshape(3, -1)
    tensor = np.zeros((n * n,) * 3, dtype=int)
    tensor[n * i + j, n * j + k, n * k + i] = 1
    return tensor


@pytest.mark.parametrize("n, bound", [(2, 6), (3, 15), (4, 28)])
def test_matrix_products_have_the_published_bound(n, bound):
    assert best_flattening(product(n)).bound == bound == 2 * n * n - n


@pytest.mark.parametrize("text, name, bound", [
    ("a*b*a", "S3", 8), ("a*b*a", "D8", 20), ("a*b*a", "Dic3", 16), ("a*b*a", "D5", 14),
    ("[a,b]", "A4", 16), ("a*b*a", "S4", 39), ("[a,b]", "S4", 40),
])  # fmt: skip
def test_word_tensors(text, name, bound):
    found = best_flattening(canonical_core(text, name).to_dense())
    assert found.bound == bound
    again = koszul_flattening(
        canonical_core(text, name).to_dense(), found.mode, found.p, found.restriction, found.prime
    )
    assert again == found


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_it_is_never_above_the_number_of_terms(seed, rank):
    generator = np.random.default_rng(seed)
    shape = generator.integers(3, 7, 3)
    U, V, W = (generator.integers(-3, 4, (size, rank)) for size in shape)
    tensor = np.einsum("ar,br,cr->abc", U, V, W)
    found = best_flattening(tensor)
    assert found is None or found.bound <= rank


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 150), st.integers(1, 150), st.integers(0, 20))
def test_the_rank_modulo_a_prime_is_that_of_numpy(seed, rows, columns, rank):
    generator = np.random.default_rng(seed)
    matrix = generator.integers(-5, 6, (rows, rank)) @ generator.integers(-5, 6, (rank, columns))
    assert rank_modulo(matrix) == np.linalg.matrix_rank(matrix.astype(float))


def test_the_prime_is_the_largest_below_two_to_the_23():
    assert is_prime(PRIME)
    assert not any(is_prime(k) for k in range(PRIME + 1, 2**23))
    assert not is_prime(True)
    assert not is_prime(1)


@pytest.mark.parametrize("changes", [
    {"tensor": np.eye(3)}, {"tensor": np.ones((2, 2, 2))}, {"mode": 3}, {"p": 0}, {"p": 5},
    {"restriction": [[1, 0]]}, {"prime": 4}, {"prime": 2**31 - 1},
])  # fmt: skip
def test_what_is_no_flattening_is_refused(changes):
    with pytest.raises(WordTensorError):
        koszul_flattening(**{"tensor": product(2), "mode": 0, "p": 1} | changes)


def test_a_restriction_may_be_of_any_size():
    wide = [[10**30, 1, 0, 0], [0, -(10**40), 1, 0], [0, 0, 1, 1]]
    assert koszul_flattening(product(2), 0, 1, wide).bound <= 6


def test_tensors_that_are_too_small_or_too_large_have_none():
    assert best_flattening(np.ones((1, 1, 1), dtype=int)) is None
    assert isinstance(best_flattening(np.ones((3, 3, 3), dtype=int)), Flattening)
