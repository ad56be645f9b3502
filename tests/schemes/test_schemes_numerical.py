"""Numerical solutions of Brent's equations, and rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import MemoryLimitError, SchemeError
from wordtensor.schemes import NumericalOptions, best_scheme
from wordtensor.schemes.numerical._brent import brent_system, cholesky_step
from wordtensor.schemes.numerical._gauge import balanced, diagonal_gauge, sparsified, turned
from wordtensor.schemes.numerical.rounding import round_scheme
from wordtensor.schemes.numerical.search import numerical_search
from wordtensor.schemes.numerical.solve import minimise, solve_scheme


def entries_of(scheme):
    return np.concatenate([f.ravel() for f in scheme.as_float()])


def jacobian(system, entries, step=1e-6):
    """Central differences of the sum of the terms."""

    def model(v):
        U, V, W = system.split(v)
        return np.einsum("ir,jr,kr->ijk", U, V, W).ravel()

    columns = [
        (model(entries + step * e) - model(entries - step * e)) / (2 * step)
        for e in np.eye(len(entries))
    ]
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("seed", range(3))
def test_normal_matrix_and_gradient(seed):
    system = brent_system((2, 2, 2), 7)
    entries = np.random.default_rng(seed).standard_normal(84)
    J = jacobian(system, entries)
    normal = system.normal_matrix(entries)
    assert np.abs(J.T @ J - normal).max() < 1e-5 * np.abs(normal).max()
    defects, gradient = system.evaluate(entries)
    U, V, W = system.split(entries)
    defect = np.einsum("ir,jr,kr->ijk", U, V, W) - system.tensor
    assert defects == pytest.approx(np.sum(defect**2))
    assert np.allclose(gradient, J.T @ defect.ravel(), atol=1e-4)


def test_normal_matrix_of_free_entries_and_over_complex_numbers():
    rng = np.random.default_rng(0)
    system = brent_system((1, 1, 1), 3, "C")
    entries = rng.standard_normal(system.edges[3])
    free = np.flatnonzero(rng.random(len(entries)) >= 0.4)
    J = jacobian(system, entries)[:, free]
    assert np.allclose(J.T @ J, system.normal_matrix(entries, free), atol=1e-6)


def test_cholesky_step_in_both_precisions():
    rng = np.random.default_rng(1)
    half = rng.standard_normal((6, 9))
    normal, gradient, shift = half @ half.T, rng.standard_normal(6), np.full(6, 0.1)
    expected = np.linalg.solve(normal + 0.1 * np.eye(6), -gradient)
    assert np.allclose(cholesky_step(normal, shift, gradient), expected)
    rough = cholesky_step(normal.astype(np.float32), shift, gradient)
    assert np.allclose(rough, expected, atol=1e-3)
    assert cholesky_step(-normal, shift, gradient) is None


@pytest.mark.parametrize(
    ("shape", "rank"), [((2, 2, 2), 7), ((2, 2, 3), 11), ((2, 3, 3), 15), ((1, 2, 3), 6)]
)
def test_small_formats_become_exact(shape, rank):
    result = solve_scheme(*shape, rank, NumericalOptions(starts=30))
    assert result.status == "converged"
    assert result.residual < 1e-12
    found = round_scheme(result.factors, shape)
    assert found is not None
    assert (found.shape, found.rank) == (shape, rank)
    found.check()


def test_rank_23_becomes_exact():
    result = solve_scheme(3, 3, 3, 23, NumericalOptions(seed=40, starts=20))
    assert result.status == "converged"
    found = round_scheme(result.factors, (3, 3, 3))
    assert found is not None
    assert found.check().rank == 23


def test_complex_numbers_become_exact():
    complex_numbers = solve_scheme(1, 1, 1, 3, NumericalOptions(division="C"))
    found = round_scheme(complex_numbers.factors, (1, 1, 1), division="C")
    assert found is not None
    assert found.check().division == "C"


def test_too_few_terms_do_not_converge():
    result = solve_scheme(2, 2, 2, 6, NumericalOptions(starts=6))
    assert result.status in {"minimum", "border"}
    assert sum(count for _, count in result.outcomes) == result.starts == 6
    with pytest.raises(SchemeError, match="do not solve"):
        round_scheme(solve_scheme(2, 2, 2, 5, NumericalOptions(starts=1)).factors, (2, 2, 2))


def test_same_seed_same_result_and_each_start_has_its_own():
    first = solve_scheme(2, 3, 3, 15, NumericalOptions(seed=4, starts=30))
    again = solve_scheme(2, 3, 3, 15, NumericalOptions(seed=4, starts=30))
    alone = solve_scheme(2, 3, 3, 15, NumericalOptions(seed=first.seed, starts=1))
    for other in (again, alone):
        assert all(np.array_equal(a, b) for a, b in zip(first.factors, other.factors, strict=True))
    one, two = (round_scheme(r.factors, (2, 3, 3), seed=1) for r in (first, again))
    assert one is not None and two is not None
    assert np.array_equal(one.U, two.U) and np.array_equal(one.W, two.W)
    with pytest.raises(ValueError, match="read-only"):
        first.factors[0][0, 0] = 1.0


def test_callback_stops():
    seen = []
    result = solve_scheme(2, 2, 2, 6, callback=lambda *call: seen.append(call) or len(seen) == 2)
    assert result.starts == 2
    assert [seed for seed, _, _ in seen] == [0, 1]


def test_numerical_search_rounds_what_converges():
    seen, kept = [], []
    result = numerical_search(
        2, 2, 2, 7, NumericalOptions(seed=1, starts=30), callback=seen.append, on_scheme=kept.append
    )
    assert result.scheme is not None and result.scheme.check().rank == 7
    assert [s.provenance for s in kept] == [result.scheme.provenance]
    assert [now.number for now in seen] == list(range(1, result.starts + 1))
    assert seen[-1].exact and seen[-1].solutions == result.solutions >= 1
    number = result.seed + result.starts - 1
    assert f"--rank 7 --division R --seed {number} --starts 1;" in result.scheme.provenance
    alone = numerical_search(2, 2, 2, 7, NumericalOptions(seed=number, starts=1)).scheme
    assert alone is not None and np.array_equal(alone.U, result.scheme.U)


def test_numerical_search_without_success_and_interrupted(monkeypatch):
    result = numerical_search(2, 2, 2, 6, NumericalOptions(starts=2))
    assert (result.scheme, result.starts, result.solutions) == (None, 2, 0)
    assert 0 < result.residual < 1 and not result.interrupted

    def stop(now):
        raise KeyboardInterrupt

    cut = numerical_search(2, 2, 2, 6, NumericalOptions(starts=20), callback=stop)
    assert cut.interrupted and cut.starts == 1 and cut.residual < 1

    def irrational(*arguments, **options):
        return None

    monkeypatch.setattr("wordtensor.schemes.numerical.search.round_scheme", irrational)
    unrounded = numerical_search(2, 2, 2, 8, NumericalOptions(starts=2))
    assert (unrounded.scheme, unrounded.starts) == (None, 2) and unrounded.solutions > 0
    with pytest.raises(SchemeError, match="at least 1 start"):
        numerical_search(2, 2, 2, 7, NumericalOptions(starts=0))


@pytest.mark.parametrize(
    ("shape", "rank", "division"),
    [((20, 20, 20), 5000, "R"), ((64, 64, 64), 1, "H"), ((2, 2, 2), 10**9, "R")],
)
def test_what_does_not_fit_into_memory_is_refused(shape, rank, division):
    with pytest.raises(MemoryLimitError, match="GiB"):
        solve_scheme(*shape, rank, NumericalOptions(division=division))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_gauge_moves_stay_on_the_variety(seed):
    s = best_scheme(2, 2, 3)
    system = brent_system(s.shape, s.rank)
    rng = np.random.default_rng(seed)
    entries = balanced(turned(s.as_float(), s.shape, rng))
    assert system.evaluate(entries)[0] < 1e-20
    moved, chosen = diagonal_gauge(system, entries, s.shape, 1)
    assert system.evaluate(moved)[0] < 1e-16
    assert np.all(np.abs(moved[chosen]) == 1.0)
    # Diagonals P, Q, S up to scalar factors, and two scales for each term.
    assert len(chosen) == (2 - 1) + (2 - 1) + (3 - 1) + 2 * s.rank


def test_sparsifying_undoes_a_random_change_of_bases():
    s = best_scheme(2, 2, 2)
    system = brent_system(s.shape, s.rank)
    entries = balanced(turned(s.as_float(), s.shape, np.random.default_rng(5)))
    assert np.mean(np.abs(entries) < 0.05) < 0.3
    sparse = sparsified(system, entries)
    assert system.evaluate(sparse)[0] < 1e-4
    assert np.mean(np.abs(sparse) < 0.05) > 0.5


def test_minimise_from_a_solution_returns_it():
    s = best_scheme(2, 2, 2)
    system = brent_system(s.shape, s.rank)
    entries, squared, status, steps = minimise(system, entries_of(s))
    assert (status, steps, squared) == ("converged", 0, 0.0)
    assert np.array_equal(entries, entries_of(s))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rank": 0}, "rank must be positive"),
        ({"n": 0}, "positive"),
    ],
)
def test_refused_arguments_of_solve(arguments, message):
    given_ones = {"n": 2, "m": 2, "p": 2, "rank": 7} | arguments
    with pytest.raises(SchemeError, match=message):
        solve_scheme(**given_ones)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"division": "Q"}, "division"),
        ({"starts": 0}, "at least 1 start"),
        ({"seed": -1}, "a seed of at least 0"),
        ({"ridge": -1.0}, "ridge"),
        ({"iterations": -1}, "iterations"),
    ],
)
def test_refused_options(options, message):
    with pytest.raises(SchemeError, match=message):
        NumericalOptions(**options)


def test_provenance_says_what_the_command_cannot():
    result = numerical_search(2, 2, 2, 7, NumericalOptions(seed=1, starts=9, ridge=0.012))
    assert result.scheme is not None
    assert "starts=1, ridge=0.012, iterations=400)" in result.scheme.provenance


def test_refused_factors():
    with pytest.raises(SchemeError, match="must be"):
        round_scheme([np.zeros((4, 7)), np.zeros((4, 7)), np.zeros((3, 7))], (2, 2, 2))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "rank", "seed"), [((2, 2, 4), 14, 0), ((2, 3, 4), 20, 1), ((2, 4, 5), 33, 0)]
)
def test_larger_formats_become_exact(shape, rank, seed):
    result = solve_scheme(*shape, rank, NumericalOptions(seed=seed, starts=30))
    assert result.status == "converged"
    found = round_scheme(result.factors, shape)
    assert found is not None
    assert found.check().rank == rank


def test_brent_s_equations_of_strassen_s_sizes():
    system = brent_system((2, 2, 2), 7)
    assert (system.total, system.edges[3]) == (8.0, 84)
