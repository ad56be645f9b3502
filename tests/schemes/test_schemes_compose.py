"""Symmetries, products, joins and restrictions are exact and refuse what does not fit."""

from itertools import permutations

import numpy as np
import pytest

from wordtensor.errors import SchemeError
from wordtensor.schemes import (
    Scheme,
    best_scheme,
    join,
    kronecker,
    permuted,
    restricted,
    rotated,
    standard_scheme,
    transposed,
)


@pytest.mark.parametrize("division", "RCH")
def test_standard(division):
    s = standard_scheme(2, 1, 3, division).check()
    assert s.rank == 6 * {"R": 1, "C": 4, "H": 16}[division]


@pytest.mark.parametrize("sizes", list(permutations((2, 3, 4))))
def test_all_orders_of_sizes(sizes):
    s = permuted(best_scheme(2, 3, 4), *sizes)
    assert s.check().shape == sizes
    assert s.rank == best_scheme(2, 3, 4).rank


def test_rotation_three_times_and_transposition_twice_change_nothing():
    s = best_scheme(2, 3, 4)
    for t in (rotated(rotated(rotated(s))), transposed(transposed(s))):
        assert all((getattr(s, k) == getattr(t, k)).all() for k in "UVW")


def test_rotation_of_rational_scheme_moves_denominators():
    s = standard_scheme(1, 2, 3)
    halved = type(s)(s.shape, s.U * 2, s.V * 3, s.W, (2, 3, 1))
    assert rotated(halved).check().denominators == (3, 1, 2)
    assert transposed(halved).check().denominators == (3, 2, 1)


@pytest.mark.parametrize("division", "RCH")
def test_kronecker(division):
    s = kronecker(best_scheme(2, 2, 3), best_scheme(2, 1, 2, division)).check()
    assert s.shape == (4, 2, 6) and s.division == division
    assert s.rank == 11 * best_scheme(2, 1, 2, division).rank


def test_kronecker_order():
    s = kronecker(standard_scheme(1, 2, 3), standard_scheme(3, 1, 2)).check()
    assert s.shape == (3, 2, 6)
    with pytest.raises(SchemeError, match="over R"):
        kronecker(standard_scheme(1, 1, 1, "C"), standard_scheme(1, 1, 1))


@pytest.mark.parametrize("division", "RCH")
@pytest.mark.parametrize("axis", "nmp")
def test_join(axis, division):
    sizes = {"n": 2, "m": 3, "p": 2}
    s = standard_scheme(*(sizes | {axis: 1}).values(), division)
    t = best_scheme(*(sizes | {axis: 2}).values(), division)
    joined = join(s, t, axis).check()
    assert joined.rank == s.rank + t.rank
    assert joined.shape == tuple((sizes | {axis: 3}).values())


def test_join_of_different_denominators():
    s = standard_scheme(1, 1, 1)
    half = type(s)((1, 1, 1), s.U * 2, s.V, s.W, (2, 1, 1))
    third = type(s)((1, 1, 1), s.U * 3, s.V, s.W, (3, 1, 1))
    assert join(half, third, "m").check().denominators == (6, 1, 1)


def test_join_refuses():
    with pytest.raises(SchemeError, match="other sizes"):
        join(standard_scheme(1, 2, 3), standard_scheme(1, 2, 2), "n")
    with pytest.raises(SchemeError, match="'axis'"):
        join(standard_scheme(1, 2, 3), standard_scheme(1, 2, 3), "q")


@pytest.mark.parametrize("division", "RH")
def test_restricted_to_any_indices(division):
    s = best_scheme(3, 3, 3, division)
    t = restricted(s, 2, 1, 2, keep=((0, 2), (1,), (2, 0))).check()
    assert t.rank <= s.rank
    assert restricted(s, 2, 2, 3).check().shape == (2, 2, 3)
    with pytest.raises(SchemeError, match="do not fit"):
        restricted(s, 4, 3, 3)


@pytest.mark.parametrize("division", "RCH")
def test_symmetries_over_division_algebras(division):
    s = best_scheme(1, 2, 3, division)
    assert rotated(s).check().shape == (2, 3, 1)
    assert transposed(s).check().shape == (3, 2, 1)
    for t in (rotated(rotated(rotated(s))), transposed(transposed(s))):
        assert all((getattr(s, k) == getattr(t, k)).all() for k in "UVW")
    for sizes in permutations((1, 2, 3)):
        assert permuted(s, *sizes).check().shape == sizes


def test_permuted_refuses_other_sizes():
    with pytest.raises(SchemeError, match="not a permutation"):
        permuted(standard_scheme(1, 2, 3), 2, 2, 3)


def test_quaternion_matrices_do_not_commute():
    """A product in the wrong order would pass over C but not over H."""
    s = best_scheme(2, 2, 2, "H")
    rng = np.random.default_rng(5)
    X, Y = rng.integers(-3, 4, (2, 2, 4)), rng.integers(-3, 4, (2, 2, 4))
    got = s.W @ ((s.U.T @ X.ravel()) * (s.V.T @ Y.ravel()))
    units = {(a, b): c for a, row in _UNIT_PRODUCTS.items() for b, c in row.items()}
    want = np.zeros((2, 2, 4), dtype=int)
    for i, j, k in np.ndindex(2, 2, 2):
        for a, b in np.ndindex(4, 4):
            sign, unit = units[a, b]
            want[i, k, unit] += sign * X[i, j, a] * Y[j, k, b]
    scale = int(np.prod(s.denominators))
    assert (got == scale * want.ravel()).all()


# e_a e_b = sign e_c for the units 1, i, j, k: ij = k, jk = i, ki = j.
_UNIT_PRODUCTS = {
    0: {0: (1, 0), 1: (1, 1), 2: (1, 2), 3: (1, 3)},
    1: {0: (1, 1), 1: (-1, 0), 2: (1, 3), 3: (-1, 2)},
    2: {0: (1, 2), 1: (-1, 3), 2: (-1, 0), 3: (1, 1)},
    3: {0: (1, 3), 1: (1, 2), 2: (-1, 1), 3: (-1, 0)},
}


def test_coefficients_that_do_not_fit_are_refused():
    large = Scheme((1, 1, 1), [[2**40]], [[1]], [[1]], (2**40, 1, 1)).check()
    with pytest.raises(SchemeError, match="64 bits"):
        kronecker(large, large)
    other = Scheme((1, 1, 1), [[2**40 - 1]], [[1]], [[1]], (2**40 - 1, 1, 1)).check()
    with pytest.raises(SchemeError, match="64 bits"):
        join(large, other, "n")
