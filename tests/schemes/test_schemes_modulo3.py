"""Schemes over F_3: what holds modulo 3 is never taken for more, and is lifted exactly or not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    FlipOptions,
    Registry,
    Scheme,
    best_scheme,
    join,
    kronecker,
    read_schemes,
    rotated,
    save_schemes,
    search_scheme,
    standard_scheme,
    write_scheme_file,
)
from wordtensor.schemes.flips._packed import PackedTerms, walk
from wordtensor.schemes.flips._starts import starting_terms
from wordtensor.schemes.lifting.lift import lift_scheme
from wordtensor.schemes.matrix_product import dense_product_tensor

EMPTY = Registry(())


def modulo_3(s):
    return replace(s, characteristic=3)


def test_schemes_with_odd_denominators_may_start():
    s = best_scheme(2, 2, 2)
    halves = Scheme((2, 2, 2), 5 * s.U, 2 * s.V, s.W, (5, 2, 1)).check()
    thirds = Scheme((2, 2, 2), 3 * s.U, s.V, s.W, (3, 1, 1)).check()
    (terms,) = starting_terms(2, 2, 2, "R", "best", Registry((thirds,)), "F2", 0)
    want = dense_product_tensor(2, 2, 2) % 2
    assert (np.einsum("ir,jr,kr->ijk", *terms.factors((4, 4, 4))) % 2 == want).all()
    assert terms.rank == 7
    assert starting_terms(2, 2, 2, "R", "best", Registry((halves,)), "F2", 0) == []
    assert (modulo_3(halves).U == modulo_3(s).U).all()
    assert (modulo_3(halves).V == modulo_3(s).V).all()
    with pytest.raises(SchemeError, match=r"not be divisible by 3, .* no 1/3"):
        modulo_3(thirds)


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
    with pytest.raises(SchemeError, match="modulo 3 only"):
        EMPTY.with_scheme(s)
    with pytest.raises(SchemeError, match="nothing to lift"):
        lift_scheme(best_scheme(2, 2, 2))
    for format in ("fmm", "alphatensor"):
        with pytest.raises(SchemeError, match="R and F_2"):
            write_scheme_file(tmp_path / f"a.{format}", [s], format)


def test_schemes_with_halves_start_modulo_3():
    s = best_scheme(2, 2, 2)
    halves = Scheme((2, 2, 2), 5 * s.U, 2 * s.V, s.W, (5, 2, 1)).check()
    (terms,) = starting_terms(2, 2, 2, "R", "best", Registry((halves,)), "F3", 0)
    want = dense_product_tensor(2, 2, 2) % 3
    assert (np.einsum("ir,jr,kr->ijk", *terms.factors((4, 4, 4))) % 3 == want).all()
    thirds = Scheme((2, 2, 2), 3 * s.U, s.V, s.W, (3, 1, 1)).check()
    assert starting_terms(2, 2, 2, "R", "best", Registry((thirds,)), "F3", 0) == []


@given(seed=st.integers(0, 2**31), margin=st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_a_walk_modulo_3_keeps_the_product(seed, margin):
    s = standard_scheme(2, 3, 2)
    start = PackedTerms.from_factors(s.U, s.V, s.W, "F3")
    result = walk(start, 3000, plus_after=20, margin=margin, seed=seed)
    for terms in (result.best, result.last):
        U, V, W = terms.factors((6, 6, 4))
        assert np.abs(np.concatenate([U, V, W])).max() == 1
        missed = np.einsum("ir,jr,kr->ijk", U, V, W) - dense_product_tensor(2, 3, 2)
        assert not (missed % 3).any()


def test_searches_modulo_3_lift_exactly():
    options = FlipOptions(ring="F3", start="standard", seed=1)
    found = search_scheme(2, 2, 2, 7, options, flips=10**6, registry=EMPTY)
    assert found.scheme is not None and found.scheme.check().rank == 7
    assert found.ring == "F3" and "--ring F3" in found.scheme.provenance


def test_what_holds_modulo_3_only_is_not_taken_for_more():
    # The quaternions modulo 3 are the 2 x 2 matrices, with 7 products; over R they take 8.
    options = FlipOptions(division="H", ring="F3", start="standard", seed=0)
    found = search_scheme(1, 1, 1, 7, options, flips=1_000_000, registry=EMPTY)
    assert found.rank_in_ring == 7 and found.shortest.characteristic == 3
    assert found.scheme is None or found.scheme.check().rank >= 8
