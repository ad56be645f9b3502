"""Lifting from F_2 to Z and Q: what comes back is exact, or nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import SchemeError
from wordtensor.schemes import Scheme, best_scheme, standard_scheme
from wordtensor.schemes.flips._packed import PackedTerms, walk
from wordtensor.schemes.lifting.lift import (
    hensel_lift,
    lift,
    lift_terms,
    sign_lift,
    target_tensor,
    to_masks,
)


def test_signs_of_strassen_are_recovered():
    strassen = best_scheme(2, 2, 2)
    factors = sign_lift(to_masks(strassen), 2, 2, 2)
    assert factors is not None
    lifted = Scheme((2, 2, 2), *factors).check()
    assert max(np.abs(f).max() for f in factors) == 1
    assert (to_masks(lifted) == to_masks(strassen)).all()


@pytest.mark.parametrize(("sizes", "rank"), [((2, 2, 2), 7), ((2, 2, 3), 11), ((2, 3, 3), 15)])
def test_hensel_lift(sizes, rank):
    start = standard_scheme(*sizes)
    terms = PackedTerms.from_factors(start.U, start.V, start.W, "F2")
    found = 0
    for seed in range(8):
        result = walk(terms, 10**6, plus_after=1000, margin=2, target=rank, seed=seed)
        assert result.best.rank == rank
        s = hensel_lift(result.best.words.astype(np.int64), *sizes)
        if s is not None:
            assert s.check().rank == rank
            found += 1
    # Free unknowns are set to 0, and small fractions do not always come out.
    assert found >= 4


def test_what_is_no_scheme_modulo_2_does_not_lift():
    masks = to_masks(best_scheme(2, 2, 2))[:, :6]
    assert sign_lift(masks, 2, 2, 2) is None
    assert lift(masks, 2, 2, 2) is None


def test_our_quaternion_scheme_survives_reduction_and_lifting():
    ours = to_masks(best_scheme(1, 1, 1, "H"))
    lifted = lift(ours, 1, 1, 1, "H")
    assert lifted is not None and lifted.check().rank == 8


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
    parity = (s.U & 1, s.V & 1, s.W & 1)
    found = lift_terms(parity, target_tensor(3, 3, 3), signs_only=True)
    assert found is not None and found[1] == (1, 1, 1)
    assert max(np.abs(f).max() for f in found[0]) == 1


def test_masks_refuse_even_denominators_and_long_factors():
    one = np.array([[2]])
    with pytest.raises(SchemeError, match="even"):
        to_masks(Scheme((1, 1, 1), one, one // 2, one // 2, (2, 1, 1)))
    with pytest.raises(SchemeError, match="63"):
        to_masks(standard_scheme(8, 8, 1))
