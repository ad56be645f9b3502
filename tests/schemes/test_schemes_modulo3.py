"""Walks over F_3 keep the tensor modulo 3, and what they find is lifted exactly or not at all."""

import os
from dataclasses import replace

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
from wordtensor.schemes.flips._terms import Terms, reduced, walk
from wordtensor.schemes.lifting.lift import lift_scheme, target_tensor
from wordtensor.schemes.search import search_scheme

EMPTY = Registry(())

# A search is millions of flips: hopeless in plain Python.
compiled = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="needs compiled kernels"
)


def modulo_3(s):
    return replace(s, characteristic=3)


def tensor(terms, rows):
    return np.einsum("ir,jr,kr->ijk", *terms.factors(rows)) % 3


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_walks_keep_any_sum_of_terms(data):
    rows = tuple(data.draw(st.integers(1, 32)) for _ in range(3))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    rank = data.draw(st.integers(1, 12))
    # Factors from a small choice, so that some are equal and flips exist.
    choices = [rng.integers(-4, 5, (n, 3)) for n in rows]
    factors = [choice[:, rng.integers(0, 3, rank)] for choice in choices]
    start = Terms.from_factors(*factors, "F3")
    if start.rank == 0:
        return
    want = np.einsum("ir,jr,kr->ijk", *factors) % 3
    assert (tensor(start, rows) == want).all()
    result = walk(start, 400, plus_after=20, margin=2, seed=data.draw(st.integers(0, 99)))
    for terms in (result.best, result.last):
        assert (tensor(terms, rows) == want).all()
        assert (terms.words != 0).all()
        # The first coefficient that is not zero is 1.
        for factor in Terms(terms.words, 0 * terms.signs, "F3").factors(rows):
            assert (factor[(factor != 0).argmax(axis=0), np.arange(terms.rank)] == 1).all()


@compiled
def test_long_walks_keep_large_tensors():
    s = standard_scheme(4, 4, 4)
    start, rows = Terms.from_factors(s.U, s.V, s.W, "F3"), (16, 16, 16)
    result = walk(start, 400_000, plus_after=1000, margin=3, seed=1)
    # No flip is refused, as over Z.
    assert result.flips == 400_000 and result.pluses > 10
    for terms in (result.best, result.last):
        assert (tensor(terms, rows) == tensor(start, rows)).all()


def test_terms_are_reduced():
    values = np.arange(-5, 6)
    assert ((reduced(values, "F3") - values) % 3 == 0).all()
    assert set(reduced(values, "F3").tolist()) == {-1, 0, 1}
    assert Terms.from_factors(*[np.array([[3, 2]])] * 3, "F3").factors((1, 1, 1))[0].tolist() == [
        [-1]
    ]
    long = np.ones((33, 1), dtype=np.int64)
    with pytest.raises(SchemeError, match="at most 32; try F2"):
        Terms.from_factors(long, long, long, "F3")


def test_schemes_with_other_denominators_may_start():
    s = standard_scheme(2, 2, 2)
    halves = Scheme((2, 2, 2), 5 * s.U, 2 * s.V, s.W, (5, 2, 1)).check()
    thirds = Scheme((2, 2, 2), 3 * s.U, s.V, s.W, (3, 1, 1)).check()
    want = target_tensor(2, 2, 2) % 3
    for terms in starting_terms(2, 2, 2, "R", "best", Registry((halves,)), "F3", 0):
        assert (tensor(terms, (4, 4, 4)) == want).all()
    assert (modulo_3(halves).U == s.U).all() and (modulo_3(halves).V == s.V).all()
    with pytest.raises(SchemeError, match=r"not be divisible by 3, .* no 1/3"):
        modulo_3(thirds)
    for how in ("extend", "project"):
        for terms in starting_terms(2, 2, 3, "R", how, EMPTY, "F3", 1):
            assert (tensor(terms, (4, 6, 6)) == target_tensor(2, 2, 3) % 3).all()


@compiled
@pytest.mark.parametrize(
    ("sizes", "division", "rank"), [((2, 2, 2), "R", 7), ((2, 3, 3), "R", 15), ((1, 1, 1), "C", 3)]
)
def test_searches_find_and_lift(sizes, division, rank):
    result = search_scheme(
        *sizes, rank, division=division, ring="F3", start="standard", plus_after=20_000,
        flips=10**8, seconds=None,
    )  # fmt: skip
    found = result.scheme
    assert found is not None and found.check().rank == rank and found.characteristic == 0
    assert all(denominator % 3 for denominator in found.denominators)
    assert "modulo 3" in found.provenance and "--ring F3" in found.provenance
    assert result.shortest.check().ring == "F3" and result.shortest.rank == rank


@compiled
def test_a_search_for_characteristic_3_lifts_nothing():
    result = search_scheme(2, 2, 2, 7, ring="F3", characteristic=3, flips=10**7)
    assert result.scheme is not None and result.scheme.check().ring == "F3"
    for ring, wrong in (("F2", 3), ("F3", 2), ("Z", 3)):
        with pytest.raises(SchemeError, match="3 with ring 'F3'"):
            search_scheme(2, 2, 2, ring=ring, characteristic=wrong)


@compiled
def test_an_interrupted_search_goes_on(tmp_path):
    def search(flips):
        return search_scheme(
            2, 3, 3, 14, ring="F3", start="standard", steps=10_000, seconds=None, flips=flips,
            checkpoint=path,
        )  # fmt: skip

    path = tmp_path / "whole"
    whole = search(60_000)
    path = tmp_path / "parts"
    search(20_000)
    parts = search(60_000)
    assert parts.flips == whole.flips
    assert all((getattr(parts.shortest, k) == getattr(whole.shortest, k)).all() for k in "UVW")


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
            write_scheme_file(path, [s], format)
