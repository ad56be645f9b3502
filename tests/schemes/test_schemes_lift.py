"""Lifting from F_2 and F_3 to Z and Q: what comes back is exact, or nothing."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.schemes import Scheme, best_scheme, lift_scheme, standard_scheme
from wordtensor.schemes.flips._packed import PackedTerms, walk
from wordtensor.schemes.lifting._elimination_modulo_3 import eliminated
from wordtensor.schemes.lifting._hensel import _sum_modulo
from wordtensor.schemes.lifting.lift import lift_terms, lift_terms_modulo_3
from wordtensor.schemes.matrix_product import dense_product_tensor


def parity(s):
    return s.U & 1, s.V & 1, s.W & 1


def residues_modulo_3(factor):
    return (factor + 1) % 3 - 1


def test_signs_of_strassen_are_recovered():
    strassen = best_scheme(2, 2, 2)
    lifted = lift_scheme(replace(strassen, characteristic=2), signs_only=True)
    assert lifted is not None
    lifted.check()
    assert max(np.abs(f).max() for f in (lifted.U, lifted.V, lifted.W)) == 1
    assert all((a == b).all() for a, b in zip(parity(lifted), parity(strassen), strict=True))


@pytest.mark.parametrize(("sizes", "rank"), [((2, 2, 2), 7), ((2, 2, 3), 11), ((2, 3, 3), 15)])
def test_hensel_lift(sizes, rank, monkeypatch):
    monkeypatch.setattr("wordtensor.schemes.lifting.lift._with_signs", lambda *_: None)
    start = standard_scheme(*sizes)
    terms = PackedTerms.from_factors(start.U, start.V, start.W, "F2")
    found = 0
    for seed in range(8):
        result = walk(terms, 10**6, plus_after=1000, margin=2, target=rank, seed=seed)
        assert result.best.rank == rank
        target = dense_product_tensor(*sizes)
        s = lift_scheme(Scheme(sizes, *result.best.factors(target.shape), characteristic=2))
        if s is not None:
            assert s.check().rank == rank
            found += 1
    # Free unknowns are set to 0, and small fractions do not always come out.
    assert found >= 4


def test_what_is_no_scheme_modulo_2_does_not_lift():
    s = best_scheme(2, 2, 2)
    short = (s.U[:, :6] & 1, s.V[:, :6] & 1, s.W[:, :6] & 1)
    assert lift_terms(short, dense_product_tensor(2, 2, 2), signs_only=True) is None
    assert lift_terms(short, dense_product_tensor(2, 2, 2)) is None


def test_our_quaternion_scheme_survives_reduction_and_lifting():
    ours = replace(best_scheme(1, 1, 1, "H"), characteristic=2)
    lifted = lift_scheme(ours)
    assert lifted is not None and lifted.check().rank == 8


def test_long_factors_lift():
    s = replace(standard_scheme(8, 8, 1), characteristic=2)
    lifted = lift_scheme(s)
    assert lifted is not None and lifted.check().rank == 64


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_any_tensor_is_lifted_exactly_or_not_at_all(seed, rank):
    rng = np.random.default_rng(seed)
    U, V, W = (rng.integers(-3, 4, (n, rank)) for n in (3, 4, 2))
    target = np.einsum("ir,jr,kr->ijk", U, V, W)
    found = lift_terms((U & 1, V & 1, W & 1), target)
    if found is not None:
        (A, B, C), (a, b, c) = found
        assert (np.einsum("ir,jr,kr->ijk", A, B, C) == a * b * c * target).all()
        assert all(((x - y) % 2 == 0).all() for x, y in ((A, a * U), (B, b * V), (C, c * W)))


def test_terms_whose_parity_is_wrong_do_not_lift():
    one = np.ones((1, 1), dtype=np.int64)
    assert lift_terms((one, one, one), np.array([[[2]]])) is None


def test_signs_only():
    s = best_scheme(3, 3, 3)
    found = lift_terms(parity(s), dense_product_tensor(3, 3, 3), signs_only=True)
    assert found is not None and found[1] == (1, 1, 1)
    assert max(np.abs(f).max() for f in found[0]) == 1


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 2, 3), (2, 3, 3)])
def test_lifting_from_modulo_3_leads_back(sizes):
    s = replace(best_scheme(*sizes), characteristic=3)
    lifted = lift_scheme(s)
    assert lifted is not None and lifted.check().rank == s.rank
    again = replace(lifted, characteristic=3)
    assert all((getattr(again, k) == getattr(s, k)).all() for k in "UVW")


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_any_tensor_modulo_3_is_lifted_exactly_or_not_at_all(seed, rank):
    rng = np.random.default_rng(seed)
    U, V, W = (rng.integers(-4, 5, (n, rank)) for n in (3, 4, 2))
    target = np.einsum("ir,jr,kr->ijk", U, V, W)
    found = lift_terms_modulo_3(tuple(map(residues_modulo_3, (U, V, W))), target)
    if found is not None:
        (A, B, C), (a, b, c) = found
        assert (np.einsum("ir,jr,kr->ijk", A, B, C) == a * b * c * target).all()
        assert all(((x - y) % 3 == 0).all() for x, y in ((A, a * U), (B, b * V), (C, c * W)))


def test_one_half_is_found():
    # 2 modulo 3 is -1: the factors have to change, and one alone can do it.
    one = np.ones((1, 1), dtype=np.int64)
    found = lift_terms_modulo_3((-one, one, one), np.array([[[2]]]))
    assert found is not None
    (U, V, W), (a, b, c) = found
    assert Fraction(int(U[0, 0] * V[0, 0] * W[0, 0]), a * b * c) == 2
    assert lift_terms_modulo_3((-one, one, one), np.array([[[2]]]), signs_only=True) is None
    assert lift_terms_modulo_3((one, one, one), np.array([[[2]]])) is None


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 150), st.integers(1, 150))
def test_elimination_solves_what_can_be_solved(seed, equations, unknowns):
    rng = np.random.default_rng(seed)
    low = rng.integers(1, 150)
    matrix = rng.integers(-1, 2, (equations, low)) @ rng.integers(-1, 2, (low, unknowns))
    matrix = residues_modulo_3(matrix)
    places = rng.permutation(unknowns)
    system = eliminated(matrix.astype(np.float32), places)
    pivots = places[system.pivots]
    # The free unknowns are zero, so the others are determined.
    wanted = np.zeros(unknowns, dtype=np.int64)
    wanted[pivots] = rng.integers(-1, 2, len(pivots))
    solution = system.solve(matrix @ wanted)
    assert solution is not None and (solution == wanted).all()
    if len(pivots) < equations:
        beyond = np.zeros(equations, dtype=np.int64)
        beyond[system.order[len(pivots)]] = 1
        assert system.solve(beyond) is None


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_sums_modulo_a_power_are_right(seed, rank):
    modulus = 3**19
    rng = np.random.default_rng(seed)
    factors = [rng.integers(-(modulus // 2), modulus // 2 + 1, (n, rank)) for n in (2, 3, 4)]
    exact = np.einsum("ir,jr,kr->ijk", *(f.astype(object) for f in factors)) % modulus
    assert (_sum_modulo(tuple(factors), modulus) == exact.astype(np.int64)).all()


def test_a_missing_sign_is_found():
    one = np.array([[1, 1]])
    factors, _ = lift_terms((one, one, np.array([[1, 0], [0, 1]])), np.array([[[1, -1]]]))
    assert factors[0].tolist() == [[1, -1]]
