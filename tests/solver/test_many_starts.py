"""Many starts at once: cores, batches, devices, failures, complex and symmetric terms."""

import os
from itertools import product

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.errors import DecompositionError
from wordtensor.solver import (
    _levenberg,
    _steps,
    descend,
    fit,
    fit_many,
    reconstruct,
    symmetric_factors,
)
from wordtensor.solver._lapack import factorise, positive_inverse, solve_factorised

W_STATE = np.zeros((2, 2, 2))
W_STATE[[1, 0, 0], [0, 1, 0], [0, 0, 1]] = 1.0


def core(word, group):
    return wt.word_tensor(word, group).core().tensor


def check_same(left, right):
    assert (left.status, left.iterations) == (right.status, right.iterations)
    assert (left.operations, left.residual) == (right.operations, right.residual)
    for one, other in zip(left.factors, right.factors, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "word, group, rank", [("a*b*a", "Q8", 8), ("a*b", "C3", 5), ("a*b*a", "A4", 22)]
)
def test_a_start_does_not_depend_on_its_batch(word, group, rank):
    tensor = core(word, group)
    together = fit_many(tensor, rank, range(5))
    for seed, found in enumerate(together):
        check_same(found, fit_many(tensor, rank, [seed])[0])
        check_same(found, fit(tensor, rank, rng=seed))


def test_exact_steps_do_not_depend_on_the_batch(monkeypatch):
    monkeypatch.setattr(_steps, "_CHUNK_BYTES", 1.0)
    tensor = core("a*b*a", "S3")
    apart = fit_many(tensor, 8, range(4))
    monkeypatch.undo()
    for one, other in zip(apart, fit_many(tensor, 8, range(4)), strict=True):
        check_same(one, other)


@pytest.mark.parametrize("word, group, rank", [("a*b*a", "A4", 22), ("a*b*a", "D8", 20)])
def test_the_number_of_cores_changes_nothing(monkeypatch, word, group, rank):
    tensor, found = core(word, group), []
    monkeypatch.setattr(_steps, "_WORTH_A_THREAD", 0.0)
    for cores in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(fit_many(tensor, rank, range(4), iterations=25))
    for one, other in zip(*found, strict=True):
        check_same(one, other)


def test_the_first_success_stops_the_others():
    tensor = core("a*b*a", "Q8")
    all_of_them = fit_many(tensor, 8, range(6))
    first = fit_many(tensor, 8, range(6), until_first=True)
    steps = min(r.iterations for r in all_of_them if r.status == "converged")
    assert max(r.iterations for r in first) == steps
    assert {r.status for r in first} >= {"converged", "stopped"}
    check_same(
        next(r for r in first if r.status == "converged"),
        next(r for r in all_of_them if r.iterations == steps and r.status == "converged"),
    )


def test_work_and_time_stop_all_starts():
    tensor = core("a*b*a", "A4")
    worked = fit_many(tensor, 22, range(3), work=1e8)
    assert {r.status for r in worked} == {"stopped"}
    assert 1e8 < sum(r.operations for r in worked) < 2e8
    assert {r.iterations for r in fit_many(tensor, 22, range(3), time_limit=0.0)} == {0}


@pytest.mark.slow
def test_no_failed_factorisation_is_raised():
    tensor = core("a*b*a*b", "A4")
    found = fit_many(tensor, 21, range(59))
    assert len(found) == 59
    assert all(np.isfinite(r.residual) for r in found)


def test_a_failed_factorisation_is_a_rejected_step(monkeypatch):
    calls = []

    def fail_at_first(matrix):
        calls.append(len(matrix))
        return len(calls) > 3 and factorise(matrix)

    monkeypatch.setattr(_steps, "factorise", fail_at_first)
    assert fit(W_STATE, 3, rng=2).status == "converged"
    monkeypatch.setattr(_steps, "factorise", lambda matrix: False)
    assert fit(W_STATE, 3, rng=2).status == "stalled"


@pytest.mark.parametrize("dtype", [float, complex])
def test_factorisations_in_place(dtype):
    rng = np.random.default_rng(0)
    square = rng.standard_normal((5, 5)) + (
        1j * rng.standard_normal((5, 5)) if dtype is complex else 0
    )
    matrix = np.ascontiguousarray(square @ square.conj().T + np.eye(5))
    right = matrix @ np.arange(5.0)
    root, inverse = matrix.copy(), matrix.copy()
    assert factorise(root) and positive_inverse(inverse)
    solve_factorised(root, right)
    np.testing.assert_allclose(right, np.arange(5.0), atol=1e-12)
    np.testing.assert_allclose(np.tril(inverse), np.tril(np.linalg.inv(matrix)), atol=1e-12)
    assert not factorise(-matrix) and not positive_inverse(-matrix)


def systems(kind, seed=0):
    """A random system of normal equations for two starts, and the matrices of the first."""
    rng, sizes, rank = np.random.default_rng(seed), (5, 4, 3), 3

    def draw(*shape):
        real = rng.standard_normal(shape)
        return real + 1j * rng.standard_normal(shape) if kind == "complex" else real

    problem = _levenberg.Problem(draw(*sizes), 1.0)
    factors = draw(2, sum(sizes), rank)
    state = problem.evaluate(factors)
    system = _steps.NormalEquations(
        sizes, factors, state.grams, state.hadamards, state.gradient, np.array([0.3, 0.7])
    )
    U, V, W = np.split(factors[0], [5, 9])
    columns = []
    for place, r in product(range(sum(sizes)), range(rank)):
        unit = np.zeros((sum(sizes), rank))
        unit[place, r] = 1.0
        x, y, z = np.split(unit, [5, 9])
        total = reconstruct((x, V, W)) + reconstruct((U, y, W)) + reconstruct((U, V, z))
        columns.append(total.ravel())
    jacobian = np.array(columns).T
    difference = (reconstruct((U, V, W)) - problem.tensor).ravel()
    return system, jacobian, difference


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_both_ways_solve_the_normal_equations(kind, monkeypatch):
    system, jacobian, difference = systems(kind)
    gradient = jacobian.conj().T @ difference
    np.testing.assert_allclose(system.gradient[0].ravel(), gradient, atol=1e-10)
    normal = jacobian.conj().T @ jacobian + 0.3 * np.eye(len(gradient))
    expected = np.linalg.solve(normal, -gradient)
    limits, tolerances = np.full(2, 500), np.full(2, 1e-12)
    loose, solved, counts = _steps.loose_steps(system, tolerances, limits, None)
    assert solved.all() and (counts < 500).all()
    np.testing.assert_allclose(loose[0].ravel(), expected, atol=1e-9)
    monkeypatch.setattr(_steps, "_curvature", lambda system, steps: 0.0 * steps)
    exact, solved = _steps.dense_steps(system, None)
    assert solved.all()
    np.testing.assert_allclose(exact[0].ravel(), expected, atol=1e-9)


def test_complex_terms_take_fewer():
    product = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [-1.0, 0.0]]])
    assert not any(r.status == "converged" for r in fit_many(product, 2, range(6)))
    found = fit_many(product, 2, range(6), field="complex", until_first=True)
    good = next(r for r in found if r.status == "converged")
    assert all(f.dtype == complex for f in good.factors)
    np.testing.assert_allclose(reconstruct(good.factors), product, atol=1e-10)
    rotated = fit_many(1j * product, 2, range(6), field="complex")
    assert any(r.status == "converged" for r in rotated)
    with pytest.raises(DecompositionError, match="complex"):
        fit(1j * product, 2)


def test_complex_terms_by_conjugate_gradients():
    tensor = core("a*b", "C3")  # three terms over C, five over R
    found = descend(tensor, 3, 6, np.random.default_rng(0), field="complex")
    assert found.factors[0].shape == (3, 3)
    larger = fit_many(core("a*b", "Q8"), 11, range(4), field="complex")
    assert any(r.status == "converged" for r in larger)


@pytest.mark.parametrize("field", ["real", "complex"])
def test_torch_does_the_same(field):
    pytest.importorskip("torch")
    pytest.importorskip("array_api_compat")
    for word, group, rank in (("a*b*a", "S3", 8), ("a*b*a", "Q8", 8)):
        tensor = core(word, group)
        there = fit_many(tensor, rank, range(4), device="cpu:0", field=field)
        assert any(r.status == "converged" for r in there)
        for result in there:
            if result.status == "converged":
                np.testing.assert_allclose(reconstruct(result.factors), tensor, atol=1e-9)
    here = fit_many(W_STATE, 3, range(4), field=field)
    there = fit_many(W_STATE, 3, range(4), device="cpu:0", field=field)
    assert [r.status for r in here] == [r.status for r in there]


def test_a_device_that_is_not_there_is_refused():
    pytest.importorskip("array_api_compat")
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        with pytest.raises(DecompositionError, match="cuda"):
            fit_many(W_STATE, 3, range(2), device="cuda")


def cyclic_symmetries(n):
    """The symmetries of the product of C_n that multiply a by the generator, as orthogonal ones."""
    shift = np.roll(np.eye(n), 1, axis=0)
    powers = [np.linalg.matrix_power(shift, k) for k in range(n)]
    return [(p, np.eye(n), p) for p in powers]


def test_symmetric_starts_stay_symmetric():
    table = (np.arange(4)[:, None] + np.arange(4)) % 4
    tensor = np.eye(4)[table]
    symmetries = cyclic_symmetries(4)
    for X, Y, Z in symmetries:
        np.testing.assert_array_equal(np.einsum("ijk,ai,bj,ck", tensor, X, Y, Z), tensor)
    for seed in range(3):
        start = symmetric_factors((4, 4, 4), 7, symmetries, np.random.default_rng(seed))
        after = fit_many(tensor, 7, [start], iterations=40, symmetries=symmetries)[0].factors
        for factors in (start, after):
            total = reconstruct(factors)
            for X, Y, Z in symmetries:
                moved = reconstruct((X @ factors[0], Y @ factors[1], Z @ factors[2]))
                np.testing.assert_allclose(moved, total, atol=1e-8)
                terms = np.einsum("ir,jr,kr->rijk", *factors)
                images = np.einsum("ai,bj,ck,rijk->rabc", X, Y, Z, terms)
                apart = np.abs(images[:, None] - terms[None]).max(axis=(2, 3, 4))
                assert apart.min(axis=1).max() < 1e-9


def test_modes_may_be_exchanged():
    eye = np.eye(3)
    group = [(eye, eye, eye, order) for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1))]
    U, V, W = symmetric_factors((3, 3, 3), 5, group, np.random.default_rng(1))
    total = reconstruct((U, V, W))
    np.testing.assert_allclose(total, total.transpose(1, 2, 0), atol=1e-12)


@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_an_interrupt_inside_keeps_the_best(monkeypatch, device):
    tensor = core("a*b*a", "S3")
    if device != "cpu":
        pytest.importorskip("torch")
        pytest.importorskip("array_api_compat")
    inner, seen = _levenberg._advance, []

    def advance(*given):
        if seen and seen[-1].best < 12:
            raise KeyboardInterrupt
        inner(*given)

    monkeypatch.setattr(_levenberg, "_advance", advance)
    found = descend(tensor, 6, 12, np.random.default_rng(0), device=device, callback=seen.append)
    assert found.interrupted
    assert found.attempts == len(seen)
    assert 8 <= found.factors[0].shape[1] < 12
    np.testing.assert_allclose(reconstruct(found.factors), tensor, atol=1e-8)


def test_bad_symmetries_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(DecompositionError, match="orthogonal"):
        symmetric_factors((2, 2, 2), 3, [(2 * np.eye(2),) * 3], rng)
    with pytest.raises(DecompositionError, match="shapes"):
        symmetric_factors((2, 2, 3), 3, [(np.eye(2),) * 3], rng)


def test_the_walk_uses_symmetric_starts_and_says_what_failed():
    table = (np.arange(3)[:, None] + np.arange(3)) % 3
    tensor = np.eye(3)[table]
    seen = []
    found = descend(
        tensor,
        3,
        9,
        np.random.default_rng(0),
        symmetries=[cyclic_symmetries(3)],
        callback=seen.append,
    )
    assert found.factors[0].shape == (3, 4)
    assert found.failure.rank == 3
    assert found.failure.starts == sum(a.rank == 3 for a in seen)
    assert found.failure.residual == min(a.residual for a in seen if a.rank == 3)
    assert [a.starts for a in seen] == list(range(1, found.attempts + 1))


def test_ranks_that_failed_before_are_left_out():
    tensor, seen = np.eye(3)[(np.arange(3)[:, None] + np.arange(3)) % 3], []
    found = descend(tensor, 3, 9, np.random.default_rng(0), failed=3, callback=seen.append)
    assert found.factors[0].shape == (3, 4)
    assert min(a.rank for a in seen) == 3
