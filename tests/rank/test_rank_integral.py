"""Decompositions over Z: exactness, what is known of small groups, repeatability, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.errors import DecompositionError, FileFormatError, MemoryLimitError
from wordtensor.rank import load, verify
from wordtensor.rank.integral import integral_bound, integral_decompose
from wordtensor.schemes import ExactTerms, TensorOptions, search_tensor
from wordtensor.schemes.searching.tensors import fibre_terms

# Multiplication of polynomials modulo x^2 + 1, and a tensor with entries beyond -1, 0, 1.
COMPLEX = np.array([[[1, 0], [0, 1]], [[0, 1], [-1, 0]]])
UNEVEN = np.array([[[3, 0, -2]], [[0, 1, 1]]])


def rebuilt(factors):
    U, V, W = (np.rint(factor).astype(np.int64) for factor in factors)
    for rounded, factor in zip((U, V, W), factors, strict=True):
        np.testing.assert_array_equal(rounded, factor)
    return np.einsum("ar,br,cr->abc", U, V, W)


def dense(word, group):
    return wt.word_tensor(word, group).to_dense(int)


# Ranks over Z are larger than the real ones 2, 4, 9 and 8.
@pytest.mark.parametrize("word, group, rank, lower", [
    ("a*b", "C2", 3, 3), ("a*b", "C3", 5, 5), ("a*b", "S3", 13, 10), ("a^2*b", "S3", 10, 8),
    ("[a,b]", "S3", 8, 8), ("a", "S3", 6, 6), ("1", "C1", 1, 1),
])  # fmt: skip
def test_integer_terms_of_known_number(word, group, rank, lower):
    d = integral_decompose(word, group, ring="Z", flips=2_000_000, seconds=None)
    assert d.rank == rank
    assert d.blocks[0].lower_bound == lower >= d.lower_bound
    assert d.status == "exact"
    np.testing.assert_array_equal(rebuilt(d.factors), dense(word, group))
    assert verify(d).ok


def test_lifting_reaches_integers_that_the_walk_over_z_does_not():
    walked = integral_decompose("a*b*a*b", "S3", ring="Z", flips=1_000_000, seconds=None)
    both = integral_decompose("a*b*a*b", "S3", flips=1_000_000, seconds=None)
    assert (walked.rank, both.rank) == (10, 9)
    np.testing.assert_array_equal(rebuilt(both.factors), dense("a*b*a*b", "S3"))


@pytest.mark.parametrize("word, rank", [("a*b", 10), ("a^2*b", 8)])
def test_odd_denominators_need_fewer_terms(word, rank):
    d = integral_decompose(word, "S3", ring="F2", fractions=True, flips=300_000, seconds=None)
    assert d.rank == rank
    assert "denominators 3" in d.blocks[0].note
    assert d.residual < 1e-12
    assert verify(d).ok


def test_quaternion_group_stays_between_its_bound_and_its_fibres():
    d = integral_decompose("a*b", "Q8", ring="Z", flips=4_000_000, seconds=None)
    assert integral_bound("a*b", "Q8").value == 15 <= d.rank <= 30
    np.testing.assert_array_equal(rebuilt(d.factors), dense("a*b", "Q8"))


# 2n - t with t irreps modulo 2, 3 or 5; for A4 the bound for real terms is better by one.
@pytest.mark.parametrize("group, bound", [
    ("C4", 7), ("C5", 9), ("D4", 15), ("A4", 23), ("S4", 46), ("C2 x C3", 10),
])  # fmt: skip
def test_bound_modulo_primes(group, bound):
    assert integral_bound("a*b", group).value == bound


def test_saved_and_loaded(tmp_path):
    d = integral_decompose("a*b", "C3", flips=200_000, seconds=None)
    d.save(tmp_path / "d.npz")
    again = load(tmp_path / "d.npz")
    assert again.to_dict() == d.to_dict()
    assert again.blocks[0].strategy == "flips"
    assert verify(again).ok


@settings(max_examples=25, deadline=None)
@given(
    syllables=st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=1, max_size=4),
    group=st.sampled_from(["C2", "C4", "S3", "C2 x C2", "Q8"]),
    ring=st.sampled_from(["Z", "F2", "both"]),
    seed=st.integers(0, 2**31),
)
def test_any_word_over_small_groups_is_exact(syllables, group, ring, seed):
    w = wt.words.Word.from_syllables(syllables)
    d = integral_decompose(w, group, ring=ring, seed=seed, flips=1, seconds=None)
    np.testing.assert_array_equal(rebuilt(d.factors), dense(w, group))
    assert d.blocks[0].lower_bound <= d.rank


@settings(max_examples=25, deadline=None)
@given(
    entries=st.lists(st.integers(-4, 4), min_size=12, max_size=12).filter(any),
    mode=st.integers(0, 2),
)
def test_fibres_add_up_to_the_tensor(entries, mode):
    tensor = np.array(entries).reshape(2, 3, 2)
    factors = fibre_terms(tensor, mode, "Z").factors((2, 3, 2))
    assert ExactTerms(*factors).equals(tensor)
    parity = fibre_terms(tensor, mode, "F2").factors((2, 3, 2))
    assert not ((np.einsum("ar,br,cr->abc", *parity) - tensor) % 2).any()


@pytest.mark.parametrize("tensor, ring, rank", [
    (COMPLEX, "Z", 3), (UNEVEN, "Z", 3), (UNEVEN, "F2", 2), (np.ones((1, 2, 3), int), "Z", 1),
])  # fmt: skip
def test_any_integer_tensor(tensor, ring, rank):
    found = search_tensor(tensor, options=TensorOptions(ring=ring), flips=200_000, seconds=None)
    assert found.terms is not None
    assert found.terms.rank == rank
    assert found.terms.equals(tensor)
    assert not found.terms.equals(tensor + 1)


def test_large_numbers_are_compared_exactly():
    big = np.array([[2**40]])
    terms = ExactTerms(big, big, big, (2**40, 2**40, 2**39))
    assert terms.equals(np.array([[[2]]]))
    assert not terms.equals(np.array([[[3]]]))


def test_same_seed_same_result():
    tensor = dense("a*b", "Q8")
    first, second, other = (
        search_tensor(tensor, None, TensorOptions(seed=seed), flips=300_000, seconds=None)
        for seed in (7, 7, 8)
    )
    assert first.flips == second.flips
    np.testing.assert_array_equal(first.terms.U, second.terms.U)
    assert first.terms.U.shape != other.terms.U.shape or (first.terms.U != other.terms.U).any()


def test_a_search_goes_on_from_its_checkpoint(tmp_path):
    tensor, path = dense("a*b", "Q8"), tmp_path / "q8.npz"
    how = {"options": TensorOptions(steps=20_000, seed=3), "seconds": None}
    search_tensor(tensor, flips=100_000, checkpoint=path, **how)
    resumed = search_tensor(tensor, flips=300_000, checkpoint=path, **how)
    whole = search_tensor(tensor, flips=300_000, **how)
    np.testing.assert_array_equal(resumed.terms.W, whole.terms.W)
    assert resumed.flips == whole.flips
    with pytest.raises(FileFormatError, match="another search"):
        search_tensor(COMPLEX, flips=10, checkpoint=path)


def test_interruption_returns_the_best_so_far():
    def interrupt(_):
        raise KeyboardInterrupt

    d = integral_decompose("a*b", "S3", callback=interrupt)
    assert d.interrupted
    np.testing.assert_array_equal(rebuilt(d.factors), dense("a*b", "S3"))


@pytest.mark.parametrize("tensor, how, match", [
    (np.zeros((2, 2)), {}, "three-dimensional"),
    (np.ones((2, 2, 2)), {}, "integers"),
    (np.zeros((2, 2, 2), int), {}, "its rank is 0"),
    (2 * COMPLEX, {"ring": "F2"}, "zero modulo 2"),
    (np.ones((33, 1, 1), int), {}, "over F2 up to 64"),
    (np.ones((1, 65, 1), int), {"ring": "F2"}, "sides up to 64"),
    (10**6 * COMPLEX, {}, "above 20000"),
    (10**4 * COMPLEX, {}, "at most 20000"),
    (COMPLEX, {"ring": "Q"}, "'ring'"),
    (COMPLEX, {"rank": -1}, "'rank'"),
    (COMPLEX, {"seconds": -1}, "'seconds'"),
    (COMPLEX, {"flips": 0}, "'flips'"),
])  # fmt: skip
def test_refusals(tensor, how, match):
    with pytest.raises(DecompositionError, match=match):
        if "ring" in how:
            how = {"options": TensorOptions(**how)}
        search_tensor(tensor, **how)


def test_too_large_for_the_machine_word_or_for_memory():
    with pytest.raises(DecompositionError, match="sides up to 32"):
        integral_decompose("a*b", "A5")
    with pytest.raises(MemoryLimitError, match="GiB"):
        integral_decompose("a*b", "A5", ring="F2")
    with pytest.raises(DecompositionError, match="order 720"):
        integral_decompose("a*b", "S6")
    with pytest.raises(DecompositionError, match="'ring'"):
        integral_decompose("a*b", "C2", ring="R")


def test_a_search_that_lifts_nothing_ends_with_the_fibres():
    # Even entries: nothing modulo 2 says anything about them.
    T = np.array([[[2, 0, 0], [0, 0, 4]], [[0, 0, 0], [0, 1, 1]]])
    result = search_tensor(T, options=TensorOptions(ring="F2"), flips=1000, seconds=None)
    assert result.terms is not None and result.terms.equals(T)
    assert result.terms.rank <= 4


def test_a_rank_below_one_is_refused():
    with pytest.raises(DecompositionError, match="'rank'"):
        integral_decompose("a*b", "S3", -3, flips=1000)
