"""Symmetric flip graphs: every step keeps the tensor, and what is found is exact and symmetric."""

import os
from collections import Counter

import numpy as np
import pytest

from wordtensor.errors import SchemeError
from wordtensor.rank.schemes import rotated
from wordtensor.rank.schemes.lift import from_masks, to_masks
from wordtensor.rank.schemes.symmetric import symmetric_search
from wordtensor.rank.schemes.symmetric_terms import (
    SymmetricTerms,
    symmetric_kronecker,
    symmetric_start,
)

compiled = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="needs compiled kernels"
)


def tensor_mod_2(terms):
    U, V, W = from_masks(terms.masks(), terms.n, terms.n, terms.n)
    return np.einsum("ir,jr,kr->ijk", U, V, W) % 2


def product_mod_2(n):
    want = np.zeros((n * n,) * 3, dtype=np.int64)
    for i, j, k in np.ndindex(n, n, n):
        want[i * n + j, j * n + k, i * n + k] = 1
    return want


def reversed_mask(mask, n):
    return sum(1 << (n * n - 1 - bit) for bit in range(n * n) if mask >> bit & 1)


def terms_of(s):
    """Return the terms of an exact scheme as a multiset."""
    parts = np.concatenate([s.U, s.V, s.W]).T
    return Counter(row.tobytes() for row in np.ascontiguousarray(parts))


@pytest.mark.parametrize("reflected", [False, True])
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_starts_are_the_matrix_product(n, reflected):
    for cubes in range(1, n + 1):
        start = symmetric_start(n, cubes, reflected=reflected)
        assert len(start.cubes) == cubes and start.rank == 3 * len(start.rows) + cubes
        assert (tensor_mod_2(start) == product_mod_2(n)).all()


def test_one_cube_for_each_entry_of_the_diagonal_gives_the_standard_scheme():
    assert symmetric_start(4, 4).rank == 64
    assert symmetric_start(3, 2).cubes.tolist() == [1 | 1 << 8, 1 << 4]


@pytest.mark.parametrize(("n", "cubes", "copies"), [(3, 2, 1), (3, 2, 2), (4, 3, 1), (4, 1, 2)])
@pytest.mark.parametrize("plus_after", [3, 60])
def test_walks_keep_the_tensor_and_the_symmetry(n, cubes, copies, plus_after):
    from wordtensor.rank.schemes._symmetric_walk import walk

    start = symmetric_start(n, cubes, reflected=copies == 2)
    steps = 300 if compiled.args[0] else 4000
    for seed in range(4):
        rows, fixed, flips = walk(start.rows, start.cubes, copies, steps, plus_after, 12, 0, seed)
        found = SymmetricTerms(n, rows, fixed, copies)
        assert flips > 0 and found.rank <= start.rank
        assert (rows != 0).all() and len(set(fixed.tolist())) == len(fixed)
        assert (tensor_mod_2(found) == product_mod_2(n)).all()
        if copies == 2:
            for row, image in zip(rows[::2], rows[1::2], strict=True):
                assert [reversed_mask(int(a), n) for a in row] == image.tolist()


def test_walk_is_deterministic():
    from wordtensor.rank.schemes._symmetric_walk import walk

    start = symmetric_start(4, 3)
    first, second, other = (
        walk(start.rows, start.cubes, 1, 500, 40, 6, 0, seed)[0] for seed in (5, 5, 6)
    )
    assert first.shape == second.shape and (first == second).all()
    assert first.shape != other.shape or (first != other).any()


def test_equal_factors_become_one_cube():
    from wordtensor.rank.schemes._symmetric_walk import walk

    # a*a*b + b*a*a + a*b*a counts three, and (a+b)*a*a with its turns as well: together a*a*a.
    start = SymmetricTerms(2, np.array([[1, 1, 3], [1, 1, 2]]), np.zeros(0))
    found, cubes, _ = walk(start.rows, start.cubes, 1, 1000, 10**6, 3, 1, 1)
    assert len(found) == 0 and cubes.tolist() == [1]


@compiled
@pytest.mark.parametrize(
    ("n", "rank", "options"),
    [(2, 7, {}), (3, 23, {}), (4, 49, {}), (4, 49, {"signs_only": True}), (3, 26, {"fixed": 2})],
)
def test_known_ranks_are_found(n, rank, options):
    result = symmetric_search(n, rank, seed=1, flips=20_000_000, patience=500_000, **options)
    s = result.scheme
    assert s is not None and s.check().rank <= rank and s.shape == (n, n, n)
    assert terms_of(s) == terms_of(rotated(s))
    if "signs_only" in options:
        assert max(np.abs(f).max() for f in (s.U, s.V, s.W)) == 1


@compiled
def test_reflected_search_keeps_both_symmetries():
    result = symmetric_search(4, 49, reflected=True, seed=2, flips=3_000_000, patience=500_000)
    assert result.terms.copies == 2 and result.rank_mod_2 == result.terms.rank
    assert (tensor_mod_2(result.terms) == product_mod_2(4)).all()


@compiled
def test_search_bounded_by_flips_repeats():
    runs = [
        symmetric_search(4, seed=4, flips=400_000, patience=100_000, plus_after=1000)
        for _ in range(2)
    ]
    assert runs[0].flips == runs[1].flips >= 400_000
    assert (runs[0].terms.rows == runs[1].terms.rows).all()
    assert runs[0].scheme is not None and runs[1].scheme is not None
    assert to_masks(runs[0].scheme).tolist() == to_masks(runs[1].scheme).tolist()


@compiled
def test_callback_sees_what_is_lifted():
    seen = []
    symmetric_search(3, 23, seed=1, flips=10**7, callback=lambda terms, s: seen.append((terms, s)))
    assert seen and all(isinstance(terms, SymmetricTerms) for terms, _ in seen)
    assert seen[-1][1] is not None and seen[-1][1].rank == 23


def test_kronecker_products_are_the_matrix_product():
    for first, second in (((2, 1), (2, 2)), ((2, 1), (3, 2))):
        a, b = symmetric_start(*first), symmetric_start(*second)
        both = symmetric_kronecker(a, b)
        assert both.rank == a.rank * b.rank and len(both.cubes) == len(a.cubes) * len(b.cubes)
        assert (tensor_mod_2(both) == product_mod_2(both.n)).all()
    # Size 8 uses the sign bit.
    large = symmetric_kronecker(symmetric_start(2, 2), symmetric_start(4, 4))
    assert sorted(large.rows.ravel().tolist()) == sorted(
        symmetric_start(8, 8).rows.ravel().tolist()
    )
    with pytest.raises(SchemeError, match="size 9"):
        symmetric_kronecker(symmetric_start(3, 1), symmetric_start(3, 1))


@compiled
def test_search_continues_from_a_start():
    seven = symmetric_search(2, 7, seed=1, flips=10**6).terms
    result = symmetric_search(4, 49, start=symmetric_kronecker(seven, seven), flips=1)
    assert result.terms.rank == 49
    with pytest.raises(SchemeError, match="size 2"):
        symmetric_search(4, 49, start=seven)


@pytest.mark.parametrize(("n", "cubes"), [(1, 1), (9, 3), (3, 0), (3, 4)])
def test_impossible_starts_are_refused(n, cubes):
    with pytest.raises(SchemeError, match=str(n)):
        symmetric_start(n, cubes)


@pytest.mark.parametrize("name", ["patience", "plus_after", "margin"])
def test_options_must_be_positive(name):
    with pytest.raises(SchemeError, match=name):
        symmetric_search(3, 23, **{name: 0})
