"""Numbers of terms that must be reached: the published words, and multiplication."""

import numpy as np
import pytest

from wordtensor.groups import group
from wordtensor.irreps import real_irreps
from wordtensor.rank import decompose, verify

W8 = "a*b*a^-1*b*a^2*b^3*a*b^-1"
slow = pytest.mark.slow


def reached(name, text, goal, **options):
    d = decompose(text, name, **options)
    assert d.rank <= goal
    assert d.lower_bound <= d.rank
    assert d.residual <= 1e-9
    assert verify(d).ok
    return d


@pytest.mark.parametrize("name, text, goal", [
    pytest.param("D8", "a*b*a", 20, id="D8-aba"),
    pytest.param("M5(2)", "a*b*a", 44, id="M5(2)-aba"),
    pytest.param("S4", "a*b*a", 54, id="S4-aba", marks=slow),
    pytest.param("D8", W8, 16, id="D8-W8"),
    pytest.param("M5(2)", W8, 40, id="M5(2)-W8"),
    pytest.param("S4", "a*b*a^-1", 47, id="S4-abA"),
    pytest.param("S3", "a*b", 9, id="S3-ab"),
    pytest.param("S3", "a^2*b", 8, id="S3-aab"),
    pytest.param("Q8", "a*b", 12, id="Q8-ab"),
    pytest.param("A4", "[a,b]", 18, id="A4-commutator", marks=slow),
    pytest.param("S4", "a^2*b", 54, id="S4-aab"),
    pytest.param("S4", "a*b*a*b", 55, id="S4-abab", marks=slow),
])  # fmt: skip
def test_the_ranks_of_the_design(name, text, goal):
    assert reached(name, text, goal).rank <= goal


@pytest.mark.parametrize("name, text", [("S4", "a*b*a^-1"), ("S4", "a^2*b"), ("M5(2)", "a*b*a")])
def test_known_schemes_leave_nothing_to_the_solver(name, text):
    d = decompose(text, name)
    assert d.status == "exact"
    assert {block.strategy for block in d.blocks} == {"scheme"}


@slow
def test_a_square_of_a_product_is_left_to_schemes():
    d = decompose("a*b*a*b", "S4")
    assert (d.route, d.status) == ("function of a*b", "exact")


@slow
def test_a_long_word_over_s4():
    assert reached("S4", W8, 120, effort="search", time_limit=180).effort == "search"


def check_cyclic(n):
    name = f"C{n}"
    d = reached(name, "a*b", 2 * n - len(real_irreps(group(name))))
    assert d.rank == d.lower_bound == 2 * n - (n // 2 + 1)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 12, 15, 32, 64])
def test_cyclic_groups_are_optimal(n):
    check_cyclic(n)


@slow
@pytest.mark.parametrize("n", range(1, 65))
def test_all_small_cyclic_groups_are_optimal(n):
    check_cyclic(n)


@pytest.mark.parametrize("name, rank", [("S3", 9), ("D4", 11), ("Q8", 12)])
def test_small_group_algebras_are_optimal(name, rank):
    d = reached(name, "a*b", rank)
    assert d.rank == d.lower_bound == rank


@pytest.mark.parametrize("name, goal", [("A4", 27), ("D8", 25), ("S4", 55), ("M5(2)", 64),
                                        ("A5", 189)])  # fmt: skip
def test_group_algebras(name, goal):
    d = reached(name, "a*b", goal)
    assert d.status == "exact"


def test_the_group_algebra_of_s5():
    d = decompose("a*b", "S5")
    assert d.rank <= 447
    assert d.residual <= 1e-9


@slow
def test_the_group_algebra_of_s6():
    d = decompose("a*b", "S6")
    assert d.factors[0].shape == (720, d.rank)
    assert d.rank < sum(block.shape[0] ** 1.5 for block in d.blocks)
    assert d.residual <= 1e-9
    # Random entries, directly.
    rng = np.random.default_rng(0)
    U, V, W = d.factors
    a, b = rng.integers(720, size=(2, 50))
    rows = (U[a] * V[b]) @ W.T
    expected = d.group.cayley[a, b][:, None] == np.arange(720)
    assert np.abs(rows - expected).max() < 1e-9
