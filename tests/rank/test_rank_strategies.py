"""Strategies for single blocks, above all with complex terms."""

import numpy as np
import pytest

from wordtensor.groups import group
from wordtensor.rank import decompose, verify
from wordtensor.rank._numerical import Allowance
from wordtensor.rank._products import isotopy, product_blocks
from wordtensor.rank._strategies import assess, solve
from wordtensor.rank.block import Block, matrix_block
from wordtensor.solver import reconstruct


def standard_block(sizes, division):
    n, m, p = sizes
    d = {"R": 1, "C": 2, "H": 4}[division]
    return matrix_block(sizes, division, (np.eye(n * m * d), np.eye(m * p * d), np.eye(n * p * d)))


@pytest.mark.parametrize("field", ["real", "complex"])
@pytest.mark.parametrize("division", ["R", "C", "H"])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 1, 3), (1, 2, 2), (2, 2, 1), (2, 2, 2)])
def test_schemes_rebuild_the_block(sizes, division, field):
    block = standard_block(sizes, division)
    found = assess(block, field)
    solution = solve(block, found, field=field)
    assert solution.rank == found.upper
    assert solution.status == "structural"
    assert found.bound.value <= solution.rank
    assert np.abs(reconstruct(solution.factors) - block.own_tensor()).max() < 1e-12


@pytest.mark.parametrize("sizes, division, rank", [
    ((1, 1, 1), "C", 2), ((1, 1, 1), "H", 7), ((2, 2, 2), "C", 14), ((1, 1, 2), "C", 4),
])  # fmt: skip
def test_complex_terms_split_what_real_terms_cannot(sizes, division, rank):
    block = standard_block(sizes, division)
    assert assess(block, "complex").upper == rank
    assert assess(block, "real").upper > rank


def test_real_matrices_need_as_many_complex_terms():
    block = standard_block((2, 2, 2), "R")
    assert assess(block, "complex").upper == assess(block, "real").upper == 7


def test_quaternions_over_c_are_two_by_two_matrices():
    G = group("Q8")
    blocks = product_blocks(isotopy(G.cayley, G), G, 0)
    quaternions = next(block for block in blocks if block.division == "H")
    solution = solve(quaternions, assess(quaternions, "complex"), field="complex")
    assert solution.rank == 7
    assert "<2,2,2>:7" in solution.note


@pytest.mark.parametrize("name, rank", [("C3", 3), ("C8", 8), ("Q8", 11), ("S3", 9)])
def test_multiplication_with_complex_terms(name, rank):
    d = decompose("a*b", name, field="complex")
    assert (d.rank, d.lower_bound, d.field) == (rank, rank, "complex")
    assert verify(d).ok


@pytest.mark.parametrize("name, text", [("SL(2,3)", "a*b"), ("Q8 x C3", "b*a"), ("C7:C3", "a*b^-1"),
                                        ("Q8 x C3", "a*b*a^-1"), ("C3", "a*b*a")])  # fmt: skip
def test_complex_terms_never_need_more_and_verify(name, text):
    real = decompose(text, name)
    over_c = decompose(text, name, field="complex")
    assert over_c.rank <= real.rank
    assert over_c.lower_bound <= over_c.rank
    assert verify(over_c).ok


def test_fibres_are_used_where_they_are_optimal():
    units = np.zeros((3, 3, 3))
    units[range(3), range(3), range(3)] = 1.0
    block = Block("general", (3, 3, 3), (np.eye(3),) * 3, units)
    found = assess(block)
    assert (found.strategy, found.upper, found.bound.value) == ("fibres", 3, 3)
    solution = solve(block, found)
    np.testing.assert_array_equal(reconstruct(solution.factors), units)


def test_unknown_structure_goes_to_the_solver():
    tensor = np.random.default_rng(0).standard_normal((2, 3, 3))
    block = Block("general", (2, 3, 3), (np.eye(2), np.eye(3), np.eye(3)), tensor)
    found = assess(block)
    assert (found.strategy, found.upper) == ("solver", 6)
    solution = solve(block, found, Allowance())
    assert 3 <= solution.rank <= 4
    assert solution.status == "numerical"
    assert np.abs(reconstruct(solution.factors) - tensor).max() < 1e-8
