"""The statistics of studies, by hand and against scipy."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from wordtensor.experiments import _statistics as statistics


def test_an_interval_of_wilson_is_its_formula():
    """(p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)."""
    p, n, z = 18 / 50, 50, stats.norm.ppf(0.975)
    middle, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    wanted = [(middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)]
    assert statistics.wilson(18, 50) == pytest.approx(wanted)
    assert statistics.wilson(0, 50)[0] == 0
    assert statistics.wilson(0, 0) == (0, 1)


def test_the_exact_test_of_fisher_on_the_lady_who_tasted_tea():
    """Three of four right: 2 (C(4,3) C(4,1) + 1) / C(8,4) = 34/70."""
    assert statistics.fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert statistics.fisher(0, 200, 0, 50) == 1


def test_no_p_value_of_an_exact_test_is_nothing():
    """Even of 2000 successes against none, C(4000, 2000)^-1 * 2 is about 1e-1200."""
    assert 0 < statistics.fisher(2000, 2000, 0, 2000) < 1e-300


def test_a_correlation_with_all_pairings_by_hand():
    """Of the 6 orders of three ranks only 123 and 321 are as far from nothing."""
    assert statistics.spearman([1, 4, 5], [9, 5, 2]) == statistics.Tested(pytest.approx(-1), 1 / 3)
    assert statistics.spearman([2, 2, 2], [1, 2, 3]) is None
    assert statistics.spearman([1], [1]) is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), min_size=2, max_size=4))
def test_a_correlation_with_ties_is_that_of_scipy(pairs):
    x, y = (list(column) for column in zip(*pairs, strict=True))
    found = statistics.spearman(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found is None
        return
    wanted = stats.spearmanr(x, y).statistic
    others = [stats.spearmanr(x, other).statistic for other in permutations(y)]
    assert found.value == pytest.approx(wanted)
    assert found.p == pytest.approx(np.mean(np.abs(others) >= abs(wanted) - 1e-9))


def test_a_long_correlation_is_tested_by_drawing():
    x = np.arange(30)
    assert statistics.spearman(x, x).p == pytest.approx(1 / 10_001)
    mixed = np.random.default_rng(3).permutation(30)
    found = statistics.spearman(x, mixed)
    assert found == statistics.spearman(x, mixed)  # drawn from one seed
    assert found.p == pytest.approx(stats.spearmanr(x, mixed).pvalue, abs=0.03)


def test_pairs_of_one_seed_are_counted_by_dimension():
    """1 before 4 and 5, 5 before 4; the second seed has two of one dimension and a tie."""
    pairs = statistics.ordered_pairs([[1, 4, 5], [4, 4, 1]], [[10, 30, 20], [50, math.inf, 50]])
    assert (pairs.in_order, pairs.reversed, pairs.tied) == (3, 1, 1)
    nothing = statistics.ordered_pairs([[3], [2, 2], []], [[1], [2, 3], []])
    assert (nothing.in_order, nothing.reversed, nothing.p) == (0, 0, 1)


def test_pairs_of_many_seeds_are_tested_within_seeds():
    """All 12 seeds in order: 2 of 2^12 rearrangements are as far from nothing."""
    always = statistics.ordered_pairs([[1, 4]] * 12, [[1, 2]] * 12)
    assert always.p < 3e-3
    half = statistics.ordered_pairs([[1, 4]] * 12, [[1, 2]] * 6 + [[2, 1]] * 6)
    assert half.p == 1


def test_an_even_choice_is_told_from_an_uneven_one():
    uneven = np.tile([True, False, False], (12, 1))
    assert statistics.uniform_choice(uneven, [4, 4, 4]) < 1e-3
    even = np.array([[True, False], [False, True]] * 6)
    assert statistics.uniform_choice(even, [4, 4]) == 1
    assert statistics.uniform_choice(even, [4, 5]) is None


def test_an_even_choice_of_two_is_the_binomial_test():
    seen = np.array([[True, False]] * 9 + [[False, True]] * 3)
    wanted = stats.binomtest(9, 12).pvalue
    assert statistics.uniform_choice(seen, [3, 3]) == pytest.approx(wanted, abs=0.015)


def test_shares_of_sets_and_their_chance():
    """Columns have the frequencies 3/4, 1/2, 1/4; the set is the first two."""
    learned = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]], dtype=bool)
    seen, chance = statistics.set_shares(learned, np.array([True, True, False]))
    assert seen == statistics.SetShares(equal=0.25, within=0.75, contains=0.5)
    assert chance == statistics.SetShares(equal=0.75 * 0.5 * 0.75, within=0.75, contains=0.375)
