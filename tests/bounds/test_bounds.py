"""Lower bounds: known values, and never above what is reached."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.bounds import Bound, kronecker_invariants, pencil_rank, product_bound
from wordtensor.bounds.theorems import block_bound, direct_sum_bound
from wordtensor.errors import WordTensorError
from wordtensor.rank import decompose, plan
from wordtensor.rank.block import Block, matrix_block
from wordtensor.schemes import best_rank
from wordtensor.solver import fit_many

SIZES = list(product(range(1, 5), repeat=3))


@pytest.mark.parametrize("sizes, division, field, value", [
    ((1, 1, 1), "R", "real", 1),
    ((1, 3, 4), "R", "real", 12),
    ((2, 2, 2), "R", "real", 7),
    ((2, 2, 2), "R", "complex", 7),
    ((2, 3, 3), "R", "real", 14),
    ((3, 3, 3), "R", "real", 19),
    ((1, 1, 1), "C", "real", 3),
    ((1, 1, 4), "C", "real", 12),
    ((1, 2, 2), "C", "real", 11),
    ((3, 1, 2), "C", "real", 16),
    ((1, 2, 2), "C", "complex", 8),
    ((1, 1, 1), "C", "complex", 2),
    ((2, 2, 2), "C", "real", 16),
    ((1, 1, 1), "H", "real", 8),
    ((1, 1, 1), "H", "complex", 7),
    ((2, 2, 2), "H", "real", 34),
])  # fmt: skip
def test_known_values(sizes, division, field, value):
    bound = product_bound(*sizes, division=division, field=field)
    assert bound.value == value
    assert bound.reason


@pytest.mark.parametrize("division", ["R", "C", "H"])
def test_no_bound_exceeds_a_scheme(division):
    for sizes in SIZES:
        assert product_bound(*sizes, division=division).value <= best_rank(*sizes, division)


def test_no_complex_bound_exceeds_a_scheme():
    for n, m, p in SIZES:
        assert product_bound(n, m, p, "C", "complex").value <= 2 * best_rank(n, m, p)
        assert product_bound(n, m, p, "H", "complex").value <= best_rank(2 * n, 2 * m, 2 * p)


@pytest.mark.parametrize("division", ["R", "C", "H"])
@pytest.mark.parametrize("field", ["real", "complex"])
def test_complex_bounds_hold_over_r_and_the_order_of_sizes_is_free(division, field):
    for sizes in SIZES:
        value = product_bound(*sizes, division=division, field=field).value
        assert value <= product_bound(*sizes, division=division).value
        for turned in permutations(sizes):
            assert product_bound(*turned, division=division, field=field).value == value


def test_larger_products_are_not_bounded_by_less():
    for n, m, p in product(range(1, 7), repeat=3):
        assert product_bound(n, m, p + 1).value >= product_bound(n, m, p).value


def standard(size, division="R"):
    d = {"R": 1, "C": 2, "H": 4}[division]
    maps = (np.eye(size * size * d),) * 3
    return matrix_block((size, size, size), division, maps)


def sum_bound(*blocks, field="real"):
    bounds = tuple(block_bound(block, field) for block in blocks)
    return direct_sum_bound(blocks, bounds, field).value


def test_direct_sums():
    assert sum_bound(standard(1), standard(1)) == 2
    assert sum_bound(standard(2)) == 7
    assert sum_bound(standard(1), standard(2)) == 8
    assert sum_bound(standard(2), standard(2)) == 14  # minimal rank: 2 * 8 - 2
    assert sum_bound(standard(1), standard(1, "H")) == 9
    assert sum_bound(standard(1), standard(1, "C")) == 4
    assert sum_bound(standard(1, "C"), standard(1, "C"), field="complex") == 4
    assert sum_bound(standard(3), standard(3)) == 19 + 17
    assert sum_bound(standard(2, "C"), standard(2, "C")) == 16 + 15
    assert sum_bound(standard(2, "H"), standard(2, "C")) == 34 + 15
    assert sum_bound(standard(2, "H"), standard(2, "H"), standard(1)) == 31 + 31 + 1
    assert sum_bound(standard(3, "C"), field="complex") == 19 + 17


def test_the_rank_of_a_complex_matrix_times_a_vector_is_known():
    assert product_bound(2, 2, 1, "C").value == best_rank(2, 2, 1, "C") == 11


def test_what_algebras_add_to_a_summand_that_is_none():
    vector = matrix_block((1, 2, 2), "C", (np.eye(4), np.eye(8), np.eye(4)))
    assert sum_bound(vector) == 11
    assert sum_bound(standard(1, "H"), vector) == 7 + 11
    assert sum_bound(standard(3), standard(3), vector) == 17 + 17 + 11
    assert sum_bound(vector, vector) == 11 + 8


BLOCKS = st.sampled_from([(n, d) for n in (1, 2, 3) for d in "RCH"])


@given(st.lists(BLOCKS, min_size=1, max_size=4), st.randoms(), st.sampled_from(["real", "complex"]))
@settings(max_examples=40, deadline=None)
def test_bounds_of_sums_of_algebras(chosen, random, field):
    """Never above the schemes, at least Alder and Strassen, and free of the order."""
    blocks = [standard(*each) for each in chosen]
    value = sum_bound(*blocks, field=field)
    if field == "real":
        assert value <= sum(best_rank(n, n, n, d) for n, d in chosen)
    ideals = sum(2 if d == "C" and field == "complex" else 1 for _, d in chosen)
    assert value >= 2 * sum(block.shape[0] for block in blocks) - ideals
    random.shuffle(blocks)
    assert sum_bound(*blocks, field=field) == value


@pytest.mark.parametrize("name, value", [("C3", 4), ("Q8", 12), ("A5", 119), ("S5", 238)])
def test_one_block_is_bounded_by_itself_and_other_algebras_add_to_it(name, value):
    """A5: 53 for <5,5,5>, and 2 dim - t for the four others."""
    assert plan("a*b", name).lower_bound == value


def random_pencil(kind, rng):
    """Two slices of size 2 in random coordinates, with their rank."""
    second = {"roots": [[1, 0], [0, 2]], "turn": [[0, -1], [1, 0]], "jordan": [[0, 1], [0, 0]]}
    slices = np.array([np.eye(2), second[kind]])
    left, right, mixed = (rng.standard_normal((2, 2)) for _ in range(3))
    return np.einsum("st,tij,ik,jl->skl", mixed, slices, left, right), 2 + (kind != "roots")


@pytest.mark.parametrize("first", ["roots", "turn", "jordan"])
@pytest.mark.parametrize("second", ["turn", "jordan"])
def test_the_solver_finds_no_less_than_what_adds_up(first, second):
    rng = np.random.default_rng(5)
    (one, r), (two, s) = random_pencil(first, rng), random_pencil(second, rng)
    assert (pencil_rank(one), pencil_rank(two)) == (r, s)
    total = np.zeros((4, 4, 4))
    total[:2, :2, :2], total[2:, 2:, 2:] = one, two
    assert "converged" not in [fit.status for fit in fit_many(total, r + s - 1, range(12))]


def test_general_blocks_are_bounded_by_their_dimensions():
    tensor = np.random.default_rng(0).standard_normal((3, 5, 4))
    block = Block("general", (3, 5, 4), (np.eye(3), np.eye(5), np.eye(4)), tensor)
    assert block_bound(block).value == 5


def test_two_slices_are_bounded_exactly(truncated):
    """JaJa: a Jordan block of size k costs k + 1, a rotation 3."""
    jordan = Block("two slices", (2, 2, 2), (np.eye(2),) * 3, truncated(2))
    assert block_bound(jordan).value == 3


@pytest.mark.parametrize("name, value", [
    ("S3", 9), ("D4", 11), ("Q8", 12), ("D8", 25), ("C3", 4), ("C12", 17), ("D5", 16), ("V4", 4),
    ("A4", 23), ("Q8 x C2", 23),
])  # fmt: skip
def test_bounds_of_group_algebras(name, value):
    """2n - #bsc, plus one where an ideal is not of minimal rank."""
    p = plan("a*b", name)
    assert p.lower_bound == value
    assert p.upper >= value


@pytest.mark.parametrize("text", ["a*b*a", "a^2*b", "[a,b]", "a*b*a*b", "a*b*a^-1", "a^2*b^2"])
@pytest.mark.parametrize("name", ["C3", "C4", "S3", "V4", "C2^3"])
@pytest.mark.parametrize("field", ["real", "complex"])
def test_the_bound_known_before_the_search_is_never_exceeded_by_it(text, name, field):
    assert plan(text, name, field=field).lower_bound <= decompose(text, name, field=field).rank


def test_bounds_compare_by_value():
    assert Bound(3, "x") < Bound(4, "a")


def test_rows_and_columns_of_zeros_take_no_terms():
    assert pencil_rank(np.zeros((2, 3, 4))) == 0
    assert pencil_rank(np.ones((2, 2, 2))) == 1
    padded = np.zeros((2, 4, 5))
    padded[:, :2, :2] = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, -1.0], [1.0, 0.0]]]
    assert pencil_rank(padded) == 3


@pytest.mark.parametrize("tensor", [
    None, "x", 5, np.full((2, 2, 2), np.nan), np.full((2, 2, 2), np.inf), np.ones((3, 3, 3)),
    np.ma.masked_equal(np.ones((2, 2, 2)), 1), np.ones((2, 2)), np.zeros((2, 0, 2)),
    1j * np.ones((2, 2, 2)), [[["a"] * 2] * 2] * 2, [[1, 2], [3]],
])  # fmt: skip
def test_what_is_no_pencil_is_refused(tensor):
    with pytest.raises(WordTensorError):
        pencil_rank(tensor)


def test_wrong_arguments_of_bounds_are_refused():
    one = np.eye(2)
    with pytest.raises(WordTensorError, match="'field'"):
        kronecker_invariants(one, one, "quaternion")
    with pytest.raises(WordTensorError, match="one shape"):
        kronecker_invariants(one, np.ones((2, 3)))
    for sizes in [(0, 1, 1), (-1, 2, 2), (1.5, 2, 2), ("a", 1, 1), (None, 1, 1), (True, 1, 1)]:
        with pytest.raises(WordTensorError, match="at least 1"):
            product_bound(*sizes)
    with pytest.raises(WordTensorError, match="'division'"):
        product_bound(2, 2, 2, "X")
    with pytest.raises(WordTensorError, match="'field'"):
        product_bound(2, 2, 2, "R", "x")
