"""Tests of uniformity, against other programs, identities, and their own level."""

import numpy as np
import pytest
from scipy import stats

from wordtensor.compare import uniform_angles, uniform_axes, uniform_counts, uniform_directions
from wordtensor.compare._uniformity_test import combined
from wordtensor.errors import ComparisonError
from wordtensor.irreps.division import to_blocks


def angles_of(rng, count):
    return rng.uniform(0, 2 * np.pi, count)


@pytest.mark.parametrize("count", [150, 12])
@pytest.mark.parametrize(
    "test",
    [
        lambda rng, count: uniform_directions(rng.standard_normal((count, 4))),
        lambda rng, count: uniform_axes(rng.standard_normal((count, 3))),
        lambda rng, count: uniform_axes(rng.standard_normal((count, 2, 2))),
        lambda rng, count: uniform_axes(rng.standard_normal((count, 2, 4))),
        lambda rng, count: uniform_axes(rng.standard_normal((min(count, 9), 2, 2)), test="energy"),
        lambda rng, count: uniform_angles(angles_of(rng, count)),
        lambda rng, count: uniform_counts(rng.multinomial(count, [0.2, 0.3, 0.5]), [2, 3, 5]),
    ],
    ids=["sphere", "axes", "complex axes", "quaternion axes", "energy", "angles", "counts"],
)
def test_uniform_samples_are_refused_as_often_as_the_level_says(test, count):
    rng = np.random.default_rng(count)
    # Few samples are simulated, which takes longer.
    repeats = 60 if test(rng, count).simulated else 400
    p_values = np.array([test(rng, count).p_value for _ in range(repeats)])
    low, high = stats.binom.interval(0.999, repeats, 0.1)
    assert low <= (p_values < 0.1).sum() <= high
    assert 0.35 < p_values.mean() < 0.65


def test_axes_of_the_plane_are_doubled_angles():
    angles = angles_of(np.random.default_rng(0), 130)
    axes = uniform_axes(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    doubled = uniform_directions(np.stack([np.cos(2 * angles), np.sin(2 * angles)], axis=1))
    assert axes.statistic == pytest.approx(doubled.statistic)
    assert axes.p_value == pytest.approx(doubled.p_value)


def test_binghams_statistic_is_the_one_of_the_book():
    x = np.random.default_rng(1).standard_normal((40, 5))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    scatter = x.T @ x / 40
    expected = 5 * 7 / 2 * 40 * (np.trace(scatter @ scatter) - 1 / 5)
    assert uniform_axes(x).statistic == pytest.approx(expected)
    large = uniform_axes(np.tile(x, (3, 1)))
    assert large.p_value == pytest.approx(stats.chi2.sf(3 * expected, 14))


@pytest.mark.parametrize("e", [1, 2, 4])
def test_axes_are_lines_over_the_numbers_and_have_no_preferred_basis(e):
    rng = np.random.default_rng(e)
    x = rng.standard_normal((25, 3, e)) * [[[1.0], [1.0], [1.5]]]
    found = uniform_axes(x)
    # A factor from the right, and signs and lengths.
    factors = to_blocks(rng.standard_normal((25, 1, 1, e)))
    scaled = (to_blocks(x[:, :, None, :]) @ factors)[..., 0].reshape(x.shape)
    assert uniform_axes(scaled).statistic == pytest.approx(found.statistic)
    # Reflections over R, C, H: 1 - 2 v v^*.
    v = to_blocks(rng.standard_normal((3, 1, e)))
    mirror = np.eye(3 * e) - 2 * v @ v.T * e / np.square(v).sum()
    turned = (x.reshape(25, -1) @ mirror.T).reshape(x.shape)
    assert uniform_axes(turned).statistic == pytest.approx(found.statistic)
    assert uniform_axes(turned).p_value == pytest.approx(found.p_value, abs=0.01)
    energies = [uniform_axes(y, test="energy").statistic for y in (x, scaled, turned)]
    assert energies == pytest.approx([energies[0]] * 3)


@pytest.mark.parametrize("e", [1, 2, 4])
def test_the_energy_of_uniform_axes_has_the_mean_of_its_pairs(e):
    # Only the N pairs of an axis with itself have a mean distance other than c.
    rng = np.random.default_rng(e)
    draws = [uniform_axes(rng.standard_normal((8, 3, e)), test="energy") for _ in range(60)]
    mean = np.mean([test.statistic for test in draws])
    x, y = rng.standard_normal((2, 20000, 3, e))
    X = to_blocks(x[:, :, None, :]) / np.linalg.norm(x, axis=(1, 2))[:, None, None]
    Y = to_blocks(y[:, :, None, :]) / np.linalg.norm(y, axis=(1, 2))[:, None, None]
    cosines = np.square(X.swapaxes(1, 2) @ Y).sum((1, 2)) / e
    assert mean == pytest.approx(np.sqrt(1 - cosines).mean(), abs=0.1)


def test_axes_of_a_simplex_are_seen_by_the_energy_test_alone():
    corners = np.tile(np.eye(5) - 0.2, (12, 1)) @ np.linalg.svd(np.eye(5) - 0.2)[2][:4].T
    assert uniform_axes(corners).p_value == 1
    assert uniform_axes(corners, test="energy").p_value < 0.001


def test_kuipers_distance_is_that_of_two_kolmogorov_tests():
    angles = angles_of(np.random.default_rng(2), 60) / 2
    turns = angles / (2 * np.pi)
    V = sum(
        stats.kstest(turns, "uniform", alternative=side).statistic for side in ("less", "greater")
    )
    scale = np.sqrt(60) + 0.155 + 0.24 / np.sqrt(60)
    found = uniform_angles(angles)
    assert found.statistic == pytest.approx(V * scale)
    assert found.p_value < 0.01
    assert uniform_angles(angles + 2.5).statistic == pytest.approx(V * scale)


@pytest.mark.parametrize(("critical", "level"), [(1.620, 0.1), (1.747, 0.05), (2.001, 0.01)])
def test_kuipers_critical_values_are_those_of_stephens(critical, level):
    # Angles at the ends of a gap, and evenly on the rest, have the distance that is wanted.
    count = 2000
    V = critical / (np.sqrt(count) + 0.155 + 0.24 / np.sqrt(count))
    rest = 1 - (V - 1 / count)
    angles = 2 * np.pi * rest * (np.arange(count) + 0.5) / count
    found = uniform_angles(angles)
    assert found.statistic == pytest.approx(critical, rel=2e-3)
    assert found.p_value == pytest.approx(level, rel=0.03)


def test_counts_have_the_p_value_of_scipy():
    counts, shares = [31, 22, 47], [1, 1, 2]
    expected = stats.chisquare(counts, np.array(shares) / 4 * 100)
    found = uniform_counts(counts, shares)
    assert (found.statistic, found.p_value) == pytest.approx(tuple(expected))
    assert not found.simulated and uniform_counts([3, 0, 1]).simulated


def test_few_counts_have_the_exact_p_value_within_the_draws():
    # Four in one of three classes: 3 / 81 of all ways; nothing is less even.
    assert uniform_counts([4, 0, 0]).p_value == pytest.approx(3 / 81, abs=0.015)
    assert uniform_counts([5]).p_value == 1
    found = uniform_counts([5, 1], [1, 0])
    assert (found.statistic, found.p_value) == (np.inf, 0)


def test_fishers_combination_is_scipys():
    tests = [uniform_counts([a, b]) for a, b in ((30, 20), (25, 25), (14, 36))]
    expected = stats.combine_pvalues([test.p_value for test in tests])
    found = combined(tests, "all")
    assert (found.statistic, found.p_value) == pytest.approx((expected[0], expected[1]))


def test_one_direction_or_axis_is_seen():
    assert uniform_directions(np.tile([1.0, 0, 0], (8, 1))).p_value < 0.001
    assert uniform_axes(np.outer([1, -1, 2, 3, 1, 1, 1, 5], [1.0, 2])).p_value < 0.001
    assert uniform_angles(np.full(8, 2.0)).p_value < 0.001
    assert "< 1e-99" in str(uniform_angles(np.full(800, 2.0)))


@pytest.mark.parametrize(
    "call",
    [
        lambda: uniform_directions([[0.0, 0.0], [1.0, 0.0]]),
        lambda: uniform_directions(np.empty((0, 3))),
        lambda: uniform_directions([[np.nan, 1.0]]),
        lambda: uniform_axes([[1.0], [2.0]]),
        lambda: uniform_axes(np.ones((4, 3, 3))),
        lambda: uniform_axes(np.ones((4, 3)), test="Rayleigh"),
        lambda: uniform_angles([]),
        lambda: uniform_counts([0, 0]),
        lambda: uniform_counts([1.5, 2]),
        lambda: uniform_counts([1, 2], [1, -1]),
        lambda: uniform_counts([1, 2], [1]),
        lambda: uniform_counts([]),
    ],
)
def test_what_is_nothing_to_test_is_refused(call):
    with pytest.raises(ComparisonError):
        call()


def test_a_single_axis_is_as_uniform_as_any_other():
    rng = np.random.default_rng(3)
    for e in (1, 2, 4):
        p_values = {uniform_axes(rng.standard_normal((1, 3, e)), test="energy").p_value
                    for _ in range(4)}  # fmt: skip
        assert p_values == {1.0}
