"""The value of the game against the theorems, the sheet's figures and a plain solution by hand."""

import numpy as np
import pytest

from wordtensor.errors import NetworkError
from wordtensor.groups import conjugacy_classes, group
from wordtensor.irreps import real_characters
from wordtensor.margins import gamma_star, margin_optimum
from wordtensor.margins._face import narrowest, share_ranges
from wordtensor.margins.game import equaliser, equaliser_condition, payoffs, solve_programme

MIXED = ["C2", "C3", "C4", "C13", "S3", "S4", "S5", "A4", "D5", "D8", "Q8", "SL(2,3)", "C7:C3"]
PARTIAL = ["A5", "A6", "PSL(2,7)", "SL(2,5)", "S5 x C3", "S6"]


@pytest.mark.parametrize("p", [3, 5, 7, 13, 71])
def test_theorem_7(p):
    optimum = margin_optimum(f"C{p}")
    assert optimum.gamma_star == pytest.approx(np.sqrt(2 / 27) / (np.sqrt(p) * (p - 1)), rel=1e-12)
    assert optimum.theorem == "Theorem 7"
    assert optimum.theorem_9_condition is None
    assert optimum.width == 4 * (p - 1)
    np.testing.assert_allclose([i.share for i in optimum.irreps], 2 / (p - 1), rtol=1e-12)
    np.testing.assert_allclose([c.tau for c in optimum.classes], 2 / (p - 1), rtol=1e-10)


@pytest.mark.parametrize("name", ["C2^3", "S3", "S4", "S5", "D4", "D5", "D6", "D8"])
def test_theorem_9(name):
    optimum = margin_optimum(name)
    dims = np.array([irrep.dim for irrep in optimum.irreps])
    formula = 2 / (3 * np.sqrt(3 * group(name).order) * (dims**2.5).sum())
    assert optimum.gamma_star == pytest.approx(formula, rel=1e-12)
    assert optimum.theorem == "Theorem 9"
    assert optimum.theorem_9_condition < 0
    assert optimum.width == 2 * (dims**3).sum()
    assert optimum.present == optimum.possible == optimum.irreps


@pytest.mark.parametrize(
    ("name", "value"), [("C71", 4.6143e-4), ("S3", 2.3605e-2), ("S4", 2.0766e-3), ("S5", 1.3260e-4)]
)
def test_figures_of_the_sheet(name, value):
    assert gamma_star(name) == pytest.approx(value, rel=3e-5)


@pytest.mark.parametrize(
    ("name", "value"),
    [("S3", -1), ("S4", -1), ("S5", -0.303), ("D4", -1), ("A5", 0.788), ("S6", 11)],
)
def test_condition_of_theorem_9(name, value):
    assert margin_optimum(name).theorem_9_condition == pytest.approx(value, abs=6e-4)


@pytest.mark.parametrize("name", MIXED)
def test_closed_formula_is_what_the_programme_finds(name):
    table = real_characters(name)
    A = payoffs(table)
    closed, found = equaliser(table), solve_programme(A)
    assert closed.bound == pytest.approx(found.bound, rel=1e-11)
    np.testing.assert_allclose(closed.shares, found.shares, atol=1e-9)
    np.testing.assert_allclose(closed.tau, found.tau, atol=1e-9)
    # All irreps and all classes are equally good.
    np.testing.assert_allclose(A @ closed.tau, closed.bound, rtol=1e-11)
    np.testing.assert_allclose(closed.shares @ A, closed.bound, rtol=1e-11)


@pytest.mark.parametrize("name", PARTIAL)
def test_appendix_i2_by_its_linear_systems(name):
    """Given which irreps and classes are played, lambda and tau solve square linear systems."""
    table = real_characters(name)
    A = payoffs(table)
    assert equaliser(table) is None
    optimum = margin_optimum(name)
    assert optimum.theorem == "linear programme"
    rows = [k for k, irrep in enumerate(optimum.irreps) if irrep.share > 0]
    columns = [k for k, part in enumerate(optimum.classes) if part.tau > 0]
    assert len(rows) < len(A)
    played = A[np.ix_(rows, columns)]
    ones = np.ones(len(columns))
    shares = np.linalg.lstsq(played.T, ones, rcond=None)[0]
    tau = np.linalg.lstsq(played, np.ones(len(rows)), rcond=None)[0]
    for solution in (shares, tau):
        assert solution.min() > 0
        assert 1 / solution.sum() == pytest.approx(optimum.gamma_star, rel=1e-9)
    # What is left out does no better.
    assert (A @ [part.tau for part in optimum.classes]).max() <= optimum.gamma_star * (1 + 1e-12)
    reached = [irrep.share for irrep in optimum.irreps] @ A
    assert reached.min() >= optimum.gamma_star * (1 - 1e-12)


@pytest.mark.parametrize(
    ("name", "present", "value"),
    [
        ("A5", {"3Ra", "3Rb", "4R"}, 4.315709e-4),
        ("A6", {"5Ra", "5Rb", "10R"}, 2.055221e-5),
        ("PSL(2,7)", {"6R", "6C", "7R"}, 6.775546e-5),
    ],
)
def test_groups_that_leave_irreps_out(name, present, value):
    optimum = margin_optimum(name)
    assert {irrep.label for irrep in optimum.present} == present
    assert optimum.present == optimum.possible
    assert optimum.gamma_star == pytest.approx(value, rel=1e-6)
    for irrep in optimum.irreps:
        assert irrep.least == pytest.approx(irrep.largest, abs=1e-6)
        assert (irrep.strength < optimum.gamma_star * (1 - 1e-6)) == (irrep.share == 0)


def test_s6_plays_a6():
    """Odd classes have no weight, so an irrep and its product with the sign are one irrep of A6."""
    optimum, even = margin_optimum("S6"), margin_optimum("A6")
    assert optimum.gamma_star == pytest.approx(even.gamma_star / 2**1.5, rel=1e-12)
    assert {irrep.label for irrep in optimum.possible} == {
        "5Ra", "5Rb", "5Rc", "5Rd", "10Ra", "10Rb"
    }  # fmt: skip
    shares = {irrep.label: irrep.share for irrep in optimum.irreps}
    a6 = {irrep.label: irrep.share for irrep in even.irreps}
    for pair, one in [(("5Ra", "5Rd"), "5Ra"), (("5Rb", "5Rc"), "5Rb"), (("10Ra", "10Rb"), "10R")]:
        assert sum(shares[label] for label in pair) == pytest.approx(a6[one], rel=1e-9)
    for irrep in optimum.irreps:
        assert 0 <= irrep.least <= irrep.share <= irrep.largest <= 1
    assert optimum.width == even.width == 2500
    assert any(irrep.least > 0 for irrep in optimum.possible)


def test_ranges_hold_for_other_optima():
    table = real_characters("S6")
    A = payoffs(table)
    play = solve_programme(A)
    least, largest = share_ranges(A, play)
    for seed in range(20):
        # Another vertex of the optimal face, by the programme on payoffs in another order.
        order = np.random.default_rng(seed).permutation(len(A))
        other = solve_programme(A[order])
        shares = np.zeros(len(A))
        shares[order] = other.shares
        assert (shares >= least - 1e-6).all()
        assert (shares <= largest + 1e-6).all()


def test_narrowest_agrees_with_all_subsets():
    rng = np.random.default_rng(0)
    for _ in range(10):
        base = rng.integers(0, 3, (5, 2)).astype(float) + 0.5
        A = np.column_stack([base, 4.0 - base.sum(axis=1)]).clip(0)
        widths = rng.integers(1, 9, 5)
        play = solve_programme(A)
        found = narrowest(A, play, widths)
        assert found.reached == pytest.approx(play.reached, rel=1e-8)
        costs = []
        for mask in range(1, 32):
            rows = [k for k in range(5) if mask >> k & 1]
            if solve_programme(A[rows]).reached > play.reached * (1 - 1e-8):
                costs.append(widths[rows].sum())
        assert widths[found.shares > 0].sum() == min(costs)


@pytest.mark.parametrize("name", ["C4", "S4", "A5", "Q8"])
def test_payoffs_by_their_definition(name):
    G = group(name)
    table = real_characters(G)
    A = payoffs(table)
    for k, dim in enumerate(table.dims[1:], start=1):
        kappa = 2 / (G.order**1.5 * 27**0.5 * dim**0.5)
        chi = table.character(k)
        for g in range(G.order):
            if g != G.identity:
                expected = kappa * (1 - chi[g] / dim)
                assert A[k - 1, table.class_index[g] - 1] == pytest.approx(expected, abs=1e-15)


def test_classes_are_joined_with_their_inverses():
    optimum = margin_optimum("C7:C3")
    sizes = conjugacy_classes(group("C7:C3")).sizes
    assert sum(part.size for part in optimum.classes) == 20
    assert len(optimum.classes) < len(sizes) - 1
    assert sum(part.tau for part in optimum.classes) == pytest.approx(1)
    assert optimum.classes[0].label in group("C7:C3").labels


def test_tables_and_dict():
    optimum = margin_optimum("S6")
    text = str(optimum)
    assert "gamma* = 7.266303e-06, by linear programme" in text
    assert "in any optimum" in text
    assert "in any optimum" not in str(margin_optimum("S4"))
    assert "and 16 more" in str(margin_optimum("C113"))
    values = optimum.to_dict()
    assert values["theorem_9_condition"] == pytest.approx(11)
    assert len(values["irreps"]) == len(values["classes"]) == 10
    assert repr(optimum) == "MarginOptimum('S6', gamma_star=7.2663e-06)"


def test_the_trivial_group_has_no_margin():
    with pytest.raises(NetworkError, match="trivial"):
        gamma_star("C1")


def test_shares_that_can_be_exchanged_have_ranges():
    A = np.array([[1.0, 2.0], [1.0, 2.0], [0.5, 0.5]])
    least, largest = share_ranges(A, solve_programme(A))
    assert least.tolist() == [0.0, 0.0, 0.0]
    assert largest.tolist() == [1.0, 1.0, 0.0]


def test_the_narrowest_strategies_leave_wide_irreps_out():
    A = np.array([[1.0, 3.0], [3.0, 1.0], [2.0, 2.0]])
    assert narrowest(A, solve_programme(A), np.array([4, 4, 9])).shares.tolist() == [0.5, 0.5, 0.0]


def test_payoffs_of_s3():
    A = payoffs(real_characters("S3"))
    assert np.round(A * np.sqrt(27) * 6**1.5, 3).tolist() == [[4.0, 0.0], [1.414, 2.121]]


def test_the_condition_fails_for_a5():
    assert round(equaliser_condition(real_characters("A5")), 3) == 0.788


def test_the_equaliser_shares_equally_for_c5_and_does_not_exist_for_a5():
    assert equaliser(real_characters("C5")).shares.tolist() == [0.5, 0.5]
    assert equaliser(real_characters("A5")) is None


def test_the_programme_leaves_an_irrep_of_a5_out():
    play = solve_programme(payoffs(real_characters("A5")))
    assert np.round(play.shares, 4).tolist() == [0.361, 0.361, 0.2779, 0.0]
    assert abs(play.gap) < 1e-12
