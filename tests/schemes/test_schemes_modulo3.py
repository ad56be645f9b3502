"""Schemes over F_3: what holds modulo 3 is never taken for more, and is lifted exactly or not."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    Registry,
    Scheme,
    best_scheme,
    join,
    kronecker,
    read_schemes,
    rotated,
    save_schemes,
    standard_scheme,
    write_scheme_file,
)
from wordtensor.schemes.flips._starts import starting_terms
from wordtensor.schemes.lifting._elimination_modulo_3 import eliminate, substitute
from wordtensor.schemes.lifting._hensel import _sum_modulo
from wordtensor.schemes.lifting.lift import lift_scheme, lift_terms, target_tensor, to_masks

EMPTY = Registry(())


def modulo_3(s):
    return replace(s, characteristic=3)


def test_schemes_with_odd_denominators_may_start():
    s = best_scheme(2, 2, 2)
    halves = Scheme((2, 2, 2), 5 * s.U, 2 * s.V, s.W, (5, 2, 1)).check()
    thirds = Scheme((2, 2, 2), 3 * s.U, s.V, s.W, (3, 1, 1)).check()
    (terms,) = starting_terms(2, 2, 2, "R", "best", Registry((thirds,)), "F2", 0)
    want = target_tensor(2, 2, 2) % 2
    assert (np.einsum("ir,jr,kr->ijk", *terms.factors((4, 4, 4))) % 2 == want).all()
    assert terms.rank == 7
    assert starting_terms(2, 2, 2, "R", "best", Registry((halves,)), "F2", 0) == []
    assert (modulo_3(halves).U == modulo_3(s).U).all()
    assert (modulo_3(halves).V == modulo_3(s).V).all()
    with pytest.raises(SchemeError, match=r"not be divisible by 3, .* no 1/3"):
        modulo_3(thirds)


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 2, 3), (2, 3, 3)])
def test_lifting_leads_back(sizes):
    s = modulo_3(best_scheme(*sizes))
    lifted = lift_scheme(s)
    assert lifted is not None and lifted.check().rank == s.rank
    assert all((getattr(modulo_3(lifted), k) == getattr(s, k)).all() for k in "UVW")


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_any_tensor_is_lifted_exactly_or_not_at_all(seed, rank):
    rng = np.random.default_rng(seed)
    U, V, W = (rng.integers(-4, 5, (n, rank)) for n in (3, 4, 2))
    target = np.einsum("ir,jr,kr->ijk", U, V, W)
    residues = tuple((f + 1) % 3 - 1 for f in (U, V, W))
    found = lift_terms(residues, target, prime=3)
    if found is not None:
        (A, B, C), (a, b, c) = found
        assert (np.einsum("ir,jr,kr->ijk", A, B, C) == a * b * c * target).all()
        assert all(((x - y) % 3 == 0).all() for x, y in ((A, a * U), (B, b * V), (C, c * W)))


def test_one_half_is_found():
    # 2 modulo 3 is -1: the factors have to change, and one alone can do it.
    one = np.ones((1, 1), dtype=np.int64)
    found = lift_terms((-one, one, one), np.array([[[2]]]), prime=3)
    assert found is not None
    (U, V, W), (a, b, c) = found
    assert Fraction(int(U[0, 0] * V[0, 0] * W[0, 0]), a * b * c) == 2
    assert lift_terms((-one, one, one), np.array([[[2]]]), prime=3, signs_only=True) is None
    assert lift_terms((one, one, one), np.array([[[2]]]), prime=3) is None
    with pytest.raises(SchemeError, match="'prime'"):
        lift_terms((one, one, one), np.array([[[1]]]), prime=5)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 150), st.integers(1, 150))
def test_elimination_solves_what_can_be_solved(seed, equations, unknowns):
    rng = np.random.default_rng(seed)
    low = rng.integers(1, 150)
    matrix = rng.integers(-1, 2, (equations, low)) @ rng.integers(-1, 2, (low, unknowns))
    matrix = (matrix + 1) % 3 - 1
    words = np.zeros((equations, 2 * ((unknowns + 63) // 64)), dtype=np.uint64)
    for (row, column), value in np.ndenumerate(matrix):
        if value:
            words[row, 2 * (column // 64) + (value < 0)] |= np.uint64(1) << np.uint64(column % 64)
    order, pivots = np.arange(equations), np.zeros(unknowns, dtype=np.int64)
    steps = np.zeros_like(words)
    with np.errstate(over="ignore"):
        rank = eliminate(words, order, steps, pivots)
        wanted = rng.integers(-1, 2, unknowns)
        right = matrix @ wanted % 3
        solution = np.where(pivots < 0, wanted, 0)
        assert substitute(words, steps, pivots, rank, right[order], solution)
        # The free unknowns are given, so the others are determined.
        assert (solution == wanted).all() and rank == (pivots >= 0).sum()
        if rank < equations:
            beyond = np.zeros(equations, dtype=np.int64)
            beyond[rank] = 1
            assert not substitute(words, steps, pivots, rank, beyond, 0 * solution)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_sums_modulo_a_power_are_right(seed, rank):
    modulus = 3**19
    rng = np.random.default_rng(seed)
    factors = [rng.integers(-(modulus // 2), modulus // 2 + 1, (n, rank)) for n in (2, 3, 4)]
    exact = np.einsum("ir,jr,kr->ijk", *(f.astype(object) for f in factors)) % modulus
    assert (_sum_modulo(tuple(factors), modulus) == exact.astype(np.int64)).all()


def test_schemes_over_f3(tmp_path):
    s, path = modulo_3(best_scheme(2, 2, 2)), tmp_path / "a.npz"
    for t in (rotated(s), kronecker(s, s), join(s, modulo_3(standard_scheme(2, 2, 1)), "p")):
        assert t.check().ring == "F3" and t.characteristic == 3
    save_schemes(path, [s])
    assert read_schemes(path)[0].check().ring == "F3"
    with pytest.raises(SchemeError, match="modulo 3"):
        Scheme(s.shape, s.U[:, :6], s.V[:, :6], s.W[:, :6], characteristic=3).check()
    with pytest.raises(SchemeError, match="cannot be combined"):
        kronecker(s, replace(s, characteristic=2))
    with pytest.raises(SchemeError, match="lift_scheme"):
        s.as_float()
    with pytest.raises(SchemeError, match="lift_scheme"):
        to_masks(s)
    with pytest.raises(SchemeError, match="modulo 3 only"):
        EMPTY.with_scheme(s)
    with pytest.raises(SchemeError, match="nothing to lift"):
        lift_scheme(best_scheme(2, 2, 2))
    for format in ("fmm", "alphatensor"):
        with pytest.raises(SchemeError, match="R and F_2"):
            write_scheme_file(path, [s], format)
