"""The flip-graph search and lifting: what they return is exact, and they find the small schemes."""

import os

import numpy as np
import pytest

from wordtensor.errors import SchemeError
from wordtensor.rank.schemes import Registry, Scheme, read_schemes, standard_scheme
from wordtensor.rank.schemes import best_scheme as best
from wordtensor.rank.schemes.flips import flip_search
from wordtensor.rank.schemes.lift import from_masks, hensel_lift, lift, sign_lift, to_masks
from wordtensor.rank.schemes.search import main, search_scheme, starting_schemes

EMPTY = Registry(())

# A search is millions of flips: hopeless in plain Python.
compiled = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="needs compiled kernels"
)


def tensor_mod_2(masks, n, m, p, division="R"):
    U, V, W = from_masks(masks, n, m, p, division)
    return np.einsum("ir,jr,kr->ijk", U, V, W) % 2


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 3, 3), (1, 2, 3)])
@pytest.mark.parametrize(("plus_after", "margin"), [(1, 3), (50, 2), (10**9, 1)])
def test_walks_keep_the_tensor_modulo_2(sizes, plus_after, margin):
    from wordtensor.rank.schemes import _kernels

    start = to_masks(standard_scheme(*sizes))
    want = tensor_mod_2(start, *sizes)
    for seed in range(5):
        best_terms, last = _kernels.walk(start, 3000, plus_after, margin, 0, seed)
        assert best_terms.shape[1] <= start.shape[1]
        assert last.shape[1] <= start.shape[1] + margin
        for masks in (best_terms, last):
            assert (masks != 0).all()
            assert (tensor_mod_2(masks, *sizes) == want).all()


def test_walk_is_deterministic():
    from wordtensor.rank.schemes import _kernels

    start = to_masks(standard_scheme(3, 3, 3))
    first, second, other = (_kernels.walk(start, 2000, 100, 2, 0, s)[1] for s in (7, 7, 8))
    assert first.shape == second.shape and (first == second).all()
    assert first.shape != other.shape or (first != other).any()


@compiled
@pytest.mark.parametrize(("sizes", "rank"), [((2, 2, 2), 7), ((2, 2, 3), 11), ((2, 3, 3), 15)])
def test_small_schemes_are_found(sizes, rank):
    s = search_scheme(*sizes, rank, seed=1, seconds=20, start="standard", registry=EMPTY)
    assert s is not None and s.check().rank == rank
    assert "--seed 1" in s.provenance


@compiled
def test_search_by_extension_with_signs_only():
    registry = EMPTY.with_scheme(best(2, 2, 3))
    s = search_scheme(
        2, 3, 3, 15, seed=2, seconds=20, start="extend", signs_only=True, registry=registry
    )
    assert s is not None and s.check().rank == 15
    assert max(np.abs(f).max() for f in (s.U, s.V, s.W)) == 1
    assert "--signs-only" in s.provenance


@compiled
def test_complex_multiplication_is_found():
    s = search_scheme(1, 1, 1, 3, division="C", seed=0, seconds=20, registry=EMPTY)
    assert s is not None and s.check().rank == 3


def test_signs_of_strassen_are_recovered():
    strassen = best(2, 2, 2)
    factors = sign_lift(to_masks(strassen), 2, 2, 2)
    assert factors is not None
    lifted = Scheme((2, 2, 2), *factors).check()
    assert max(np.abs(f).max() for f in factors) == 1
    assert (to_masks(lifted) == to_masks(strassen)).all()


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 3, 3), (3, 3, 3)])
def test_hensel_lift(sizes):
    s = hensel_lift(to_masks(best(*sizes)), *sizes)
    assert s is not None and s.check().rank == best(*sizes).rank


def test_what_is_no_scheme_modulo_2_does_not_lift():
    masks = to_masks(best(2, 2, 2))[:, :6]
    assert sign_lift(masks, 2, 2, 2) is None
    assert lift(masks, 2, 2, 2) is None


def test_our_quaternion_scheme_survives_reduction_and_lifting():
    ours = to_masks(best(1, 1, 1, "H"))
    lifted = lift(ours, 1, 1, 1, "H")
    assert lifted is not None and lifted.check().rank == 8


@compiled
def test_search_reports_what_it_reached():
    result = flip_search([to_masks(standard_scheme(2, 2, 2))], 2, 2, 2, 7, seed=3, seconds=20)
    assert result.scheme is not None and result.scheme.rank == result.rank_mod_2 == 7
    with pytest.raises(SchemeError, match="at least one scheme"):
        flip_search([], 2, 2, 2, 7)


def test_masks_refuse_even_denominators_and_long_factors():
    one = np.array([[2]])
    with pytest.raises(SchemeError, match="even"):
        to_masks(Scheme((1, 1, 1), one, one // 2, one // 2, (2, 1, 1)))
    with pytest.raises(SchemeError, match="63"):
        to_masks(standard_scheme(8, 8, 1))


def test_starting_schemes():
    found = starting_schemes(2, 2, 3, "R", "all", EMPTY)
    assert {s.check().shape for s in found} == {(2, 2, 3)}
    extended = starting_schemes(2, 2, 3, "R", "extend", EMPTY.with_scheme(best(2, 2, 2)))
    assert min(s.rank for s in extended) == 11
    with pytest.raises(SchemeError, match="'start'"):
        starting_schemes(2, 2, 3, "R", "elsewhere", EMPTY)


@compiled
def test_command(tmp_path, capsys):
    out = tmp_path / "found.npz"
    arguments = ["2", "2", "2", "--rank", "7", "--seconds", "20", "--start", "standard"]
    assert main([*arguments, "--out", str(out)]) == 0
    assert "rank=7" in capsys.readouterr().out
    (s,) = read_schemes(out)
    assert s.check().rank == 7
    assert main(["9", "9", "1", "--rank", "5", "--seconds", "0.1"]) == 2
