"""Terms of matrix products up to the sandwich action: invariants, search, signs, and the action."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.compare.matching._balance import balanced, coordinates_of, matrices_of
from wordtensor.compare.matching._invariants import pair_features
from wordtensor.compare.matching._refinement import correspondences
from wordtensor.compare.matching._signs import relative_signs
from wordtensor.compare.matching._terms import (
    merged_terms,
    term_errors,
    term_inner_products,
    term_norms,
)
from wordtensor.compare.matching.equivalence import equivalence, match_to_scheme, strassen_match
from wordtensor.compare.matching.frames import product_frame_error
from wordtensor.compare.matching.sandwich import Sandwich, conjugated, polar, random_sandwich
from wordtensor.errors import ComparisonError
from wordtensor.irreps.division import to_blocks
from wordtensor.schemes import (
    FlipOptions,
    best_scheme,
    load_schemes,
    product_tensor,
    rotated,
    search_scheme,
    standard_scheme,
    transposed,
)

SEEDS = st.integers(0, 10**6)
DIMS = {"R": 1, "C": 2, "H": 4}

PRODUCTS = [
    (1, 1, 1, "R"), (1, 1, 5, "R"), (1, 3, 2, "R"), (2, 2, 2, "R"), (2, 2, 3, "R"),
    (3, 3, 2, "R"), (3, 3, 3, "R"), (3, 3, 6, "R"), (4, 4, 4, "R"), (4, 4, 4, "standard"),
    (1, 1, 1, "C"), (1, 1, 2, "C"), (2, 2, 2, "C"), (3, 3, 3, "C"), (1, 1, 1, "H"),
    (2, 1, 3, "H"), (2, 2, 2, "H"), (5, 5, 5, "R"), (6, 6, 6, "R"), (2, 2, 2, "standard"),
]  # fmt: skip


def dense(factors):
    return np.einsum("ir,jr,kr->ijk", *factors)


def product(n, m, p, division):
    d = DIMS[division]
    coords, values = product_tensor(n, m, p, division)
    t = np.zeros((n * m * d, m * p * d, n * p * d))
    np.add.at(t, tuple(coords), values)
    return t


def scrambled(factors, sizes, division, seed, conjugate=False):
    rng = np.random.default_rng(seed)
    if conjugate:
        factors = conjugated(factors)
    U, V, W = random_sandwich(sizes, division, rng).applied(factors)
    count = U.shape[1]
    a, b = (10.0 ** rng.normal(size=count) * rng.choice([-1, 1], count) for _ in range(2))
    order = rng.permutation(count)
    return (U * a)[:, order], (V * b)[:, order], (W / a / b)[:, order]


def ranks(scheme):
    terms = matrices_of(scheme.as_float(), scheme.shape, "R")
    return sorted(zip(*(np.linalg.matrix_rank(F).tolist() for F in terms), strict=True))


@pytest.mark.parametrize(
    ("division", "conjugate"), [("R", False), ("C", False), ("C", True), ("H", False)]
)
@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 1, 3), (2, 2, 2)])
def test_the_action_is_a_symmetry_of_the_product(sizes, division, conjugate):
    """The terms of a scheme add up to the same tensor after the action."""
    action = random_sandwich(sizes, division, np.random.default_rng(0))
    action = Sandwich(division, action.A, action.B, action.C, conjugate)
    moved = action.applied(standard_scheme(*sizes, division).as_float())
    assert np.abs(dense(moved) - product(*sizes, division)).max() < 1e-10


@pytest.mark.parametrize(("n", "m", "p", "division"), PRODUCTS)
def test_schemes_are_recognised_after_a_random_action(n, m, p, division):
    scheme = standard_scheme(n, m, p) if division == "standard" else best_scheme(n, m, p, division)
    for seed in range(2):
        conjugate = scheme.division == "C" and seed == 1
        terms = scrambled(scheme.as_float(), (n, m, p), scheme.division, seed, conjugate)
        found = match_to_scheme(terms, scheme)
        assert found.error < 1e-10
        assert found.scale == pytest.approx(1.0)
        assert sorted(found.permutation) == list(range(scheme.rank))
        moved = found.transformation.applied(terms)
        right = tuple(F[:, found.permutation] for F in scheme.as_float())
        assert term_errors(moved, right).max() < 1e-10


def test_all_schemes_for_two_by_two_matrices_are_one_orbit():
    """De Groote: also those that exchange the modes, and those found by a search."""
    strassen = best_scheme(2, 2, 2)
    found = search_scheme(2, 2, 2, 7, FlipOptions(start="standard", seed=5), flips=10**6).scheme
    for scheme in (rotated(strassen), transposed(strassen), found):
        assert strassen_match(scheme.as_float()).error < 1e-10


def test_schemes_of_other_orbits_are_told_apart():
    scheme = best_scheme(3, 3, 3)
    found = search_scheme(3, 3, 3, 23, FlipOptions(start="standard", seed=1), flips=10**8).scheme
    assert found.rank == 23
    for other in (found, rotated(scheme)):
        # Ranks of the matrices are invariants, so that nothing can match.
        assert ranks(other) != ranks(scheme)
        assert match_to_scheme(other.as_float(), scheme).error > 0.1


def test_random_terms_and_altered_ones_are_no_scheme():
    rng = np.random.default_rng(0)
    scheme = best_scheme(2, 2, 2)
    assert match_to_scheme(tuple(-F for F in scheme.as_float()), scheme) is None
    for term in range(7):
        U, V, W = (F.copy() for F in scheme.as_float())
        U[:, term] += rng.standard_normal(4)
        found = match_to_scheme((U, V, W), scheme)
        assert found is None or found.error > 0.1


def test_wrong_shapes_and_sizes_are_refused():
    with pytest.raises(ComparisonError, match=r"\(4, 7\)"):
        strassen_match((np.ones((4, 8)),) * 3)
    large = standard_scheme(10, 10, 10)
    with pytest.raises(ComparisonError, match="at most 800"):
        match_to_scheme(large.as_float(), large)


def test_every_stored_scheme_has_a_representative_of_least_norm():
    for scheme in load_schemes():
        if scheme.characteristic or scheme.rank > 250:
            continue
        found = balanced(matrices_of(scheme.as_float(), scheme.shape, scheme.division))
        assert found.deviation < 1e-12
        U, V, W = found.terms
        for left, right in (
            (np.einsum("rij,rkj->ik", U, U), np.einsum("rij,rkj->ik", W, W)),
            (np.einsum("rij,rik->jk", U, U), np.einsum("rij,rkj->ik", V, V)),
            (np.einsum("rij,rik->jk", V, V), np.einsum("rij,rik->jk", W, W)),
        ):
            assert np.abs(left - right).max() < 1e-9 * np.abs(left).max()


def test_terms_that_do_not_span_have_no_least_norm():
    U, V, W = (np.ones((3, 2, 2)) for _ in range(3))
    assert balanced((U, V, W)) is None
    assert balanced((0 * U, V, W)) is None
    assert product_frame_error((np.ones((4, 8)),) * 3, (2, 2, 2), "R") == float("inf")


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from([(2, 2, 2, "R"), (1, 1, 1, "H"), (1, 1, 2, "C"), (2, 3, 2, "R")]))
def test_pair_features_do_not_see_orthogonal_actions_and_signs(seed, which):
    n, m, p, division = which
    d = DIMS[division]
    rng = np.random.default_rng(seed)
    terms = matrices_of(best_scheme(n, m, p, division).as_float(), (n, m, p), division)
    A, B, C = (polar(to_blocks(rng.standard_normal((size, size, d)))) for size in (n, m, p))
    count = len(terms[0])
    alpha, beta = rng.choice([-1.0, 1.0], (2, count, 1, 1))
    U, V, W = terms
    order = rng.permutation(count)
    turned = (alpha * (A @ U @ B.T), beta * (B @ V @ C.T), alpha * beta * (A @ W @ C.T))
    first = pair_features(terms, components=d)
    second = pair_features(tuple(F[order] for F in turned), components=d)
    assert np.abs(first[np.ix_(order, order)] - second).max() < 1e-9


@settings(max_examples=20, deadline=None)
@given(
    SEEDS, st.sampled_from([best_scheme(2, 2, 2), standard_scheme(2, 2, 3), best_scheme(3, 3, 3)])
)
def test_signs_are_recovered_up_to_symmetries(seed, scheme):
    rng = np.random.default_rng(seed)
    U, V, W = balanced(matrices_of(scheme.as_float(), scheme.shape, "R")).terms
    alpha, beta = rng.choice([-1.0, 1.0], (2, len(U)))
    right = (alpha[:, None, None] * U, beta[:, None, None] * V, (alpha * beta)[:, None, None] * W)
    signs = relative_signs((U, V, W), right)
    assert (signs.prod(axis=0) == 1).all()
    fixed = tuple(F * s[:, None, None] for F, s in zip((U, V, W), signs, strict=True))
    for F, H in zip(fixed, right, strict=True):
        flat, other = F.reshape(len(F), -1), H.reshape(len(H), -1)
        assert np.abs(flat @ flat.T - other @ other.T).max() < 1e-9
    traces = [np.einsum("rij,sjk,qik->rsq", *three) for three in (fixed, right)]
    assert np.abs(traces[0] - traces[1]).max() < 1e-9


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_correspondences_find_isomorphisms_of_graphs(seed):
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.integers(0, 2, (7, 7)), 1)
    graph = (upper + upper.T).astype(float)
    order = rng.permutation(7)
    found = list(correspondences(graph[np.ix_(order, order)][None], graph[None], 1e-6, nodes=5000))
    assert any(
        np.array_equal(graph[np.ix_(order, order)][np.ix_(back, back)], graph) for back in found
    )
    other = graph.copy()
    other[0, 1] = other[1, 0] = 1 - graph[0, 1]
    assert all(
        not np.array_equal(other[np.ix_(back, back)], graph)
        for back in correspondences(other[None], graph[None], 1e-6)
    )


def test_sets_of_different_sizes_do_not_correspond():
    assert list(correspondences(np.zeros((1, 2, 2)), np.zeros((1, 3, 3)), 1e-6)) == []


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_errors_and_inner_products_are_those_of_the_tensors(seed):
    rng = np.random.default_rng(seed)
    left = tuple(rng.standard_normal((size, 4)) for size in (3, 4, 2))
    right = tuple(F + 10.0 ** rng.integers(-9, 1) * rng.standard_normal(F.shape) for F in left)
    scales = 10.0 ** rng.uniform(-3, 3, (2, 4))
    given_left = (left[0] * scales[0], left[1] * scales[1], left[2] / scales.prod(axis=0))
    for r in range(4):
        first, second = (np.einsum("i,j,k", *(F[:, r] for F in f)) for f in (given_left, right))
        expected = np.linalg.norm(first - second) / np.linalg.norm(second)
        assert term_errors(given_left, right)[r] == pytest.approx(expected, rel=1e-3, abs=1e-14)
        assert term_norms(right)[r] == pytest.approx(np.linalg.norm(second))
        assert term_inner_products(given_left, right)[r, r] == pytest.approx((first * second).sum())


def test_parallel_terms_are_added_up_and_cancelling_ones_dropped():
    rng = np.random.default_rng(0)
    U, V, W = (rng.standard_normal((5, 3)) for _ in range(3))
    U = np.hstack([U, 2 * U[:, :1], -U[:, 1:2]])
    V = np.hstack([V, -V[:, :1], V[:, 1:2]])
    W = np.hstack([W, 3 * W[:, :1], W[:, 1:2]])
    merged, classes = merged_terms((U, V, W))
    assert classes == ((0, 3), (2,))
    assert np.allclose(dense(merged), dense((U, V, W)))


@pytest.mark.parametrize(
    ("n", "m", "p", "division"), [(2, 2, 2, "R"), (1, 2, 3, "R"), (1, 1, 1, "C")]
)
def test_product_frames_attain_the_least_sum_of_norms(n, m, p, division):
    scheme = standard_scheme(n, m, p, division)
    terms = scrambled(scheme.as_float(), (n, m, p), division, 1)
    assert product_frame_error(terms, (n, m, p), division) < 1e-6
    least = np.square(product(n, m, p, division)).sum()
    assert term_norms(scheme.as_float()).sum() == pytest.approx(least)
    if (n, m, p) != (1, 2, 3):  # there the best scheme is the standard one
        best = best_scheme(n, m, p, division)
        found = balanced(matrices_of(best.as_float(), (n, m, p), division))
        assert term_norms(coordinates_of(found.terms, division)).sum() > least + 1e-3
        assert product_frame_error(best.as_float(), (n, m, p), division) > 0.2


def test_more_symmetric_terms_than_automorphisms_need_backtracking():
    """Every assignment of axes that the standard algorithm allows leads to a match."""
    scheme = standard_scheme(2, 2, 2)
    for order in itertools.islice(itertools.permutations(range(8)), 0, None, 4001):
        terms = tuple(F[:, list(order)] for F in scheme.as_float())
        turned = scrambled(terms, (2, 2, 2), "R", sum(order[:3]))
        assert equivalence(turned, scheme.as_float(), (2, 2, 2), "R").error < 1e-10


@pytest.mark.parametrize(
    ("sizes", "noise"), [((2, 2, 2), 1e-2), ((3, 3, 3), 3e-3), ((3, 3, 2), 1e-2), ((5, 5, 5), 1e-3)]
)
def test_noise_is_survived_and_measured(sizes, noise):
    scheme = best_scheme(*sizes)
    rng = np.random.default_rng(11)
    turned = random_sandwich(sizes, "R", rng, 2.0).applied(scheme.as_float())
    order = rng.permutation(scheme.rank)
    noisy = tuple((F * (1 + noise * rng.standard_normal(F.shape)))[:, order] for F in turned)
    found = match_to_scheme(noisy, scheme)
    assert noise / 3 < found.error < 50 * noise
    if sizes == (3, 3, 3):  # the others have automorphisms
        assert np.array_equal(found.permutation, order)


def test_conjugation_is_found_where_the_action_does_not_do():
    """Three complex products x y_j, each by Gauss' scheme, with x turned by angles of their own."""
    gauss = best_scheme(1, 1, 1, "C").as_float()
    one, columns = np.eye(2), []
    for j, angle in enumerate((0.0, 0.3, 0.8)):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        U, V, W = Sandwich("C", turn, one, one).applied(gauss)
        place = np.eye(3)[:, [j]]
        columns.append((U, np.kron(place, V), np.kron(place, W)))
    scheme = tuple(np.hstack(parts) for parts in zip(*columns, strict=True))
    assert np.abs(dense(scheme) - product(1, 1, 3, "C")).max() < 1e-12
    for conjugate in (False, True):
        terms = scrambled(scheme, (1, 1, 3), "C", 2, conjugate)
        found = equivalence(terms, scheme, (1, 1, 3), "C")
        assert found.error < 1e-10
        assert found.transformation.conjugated == conjugate


def test_a_wrong_candidate_is_given_up():
    """A hexagon beside two triangles: colours alone do not tell their corners apart."""
    edges = [(k, (k + 1) % 6) for k in range(6)]
    edges += [(6, 7), (7, 8), (8, 6), (9, 10), (10, 11), (11, 9)]
    graph = np.zeros((12, 12))
    for r, s in edges:
        graph[r, s] = graph[s, r] = 1.0
    turned = graph[::-1, ::-1]  # its first candidates are corners of triangles
    found = next(correspondences(turned[None], graph[None], 1e-6))
    assert np.array_equal(turned[np.ix_(found, found)], graph)


def test_all_pairs_of_equal_terms_have_the_same_invariants():
    one = np.ones((2, 1, 1))
    assert pair_features((one, one, one))[0, 1, :4].tolist() == [1.0, 1.0, 1.0, 1.0]


def test_a_single_order_makes_the_signals_equal():
    signals = np.array([[[1.0, 0.0], [0.0, 2.0]]])
    orders = correspondences(signals, signals[:, ::-1, ::-1], 1e-6)
    assert [order.tolist() for order in orders] == [[1, 0]]


def test_the_norm_of_a_term_is_the_product_of_those_of_its_factors():
    factors = (np.full((1, 1), 2.0), np.full((1, 1), 3.0), np.ones((4, 1)))
    assert term_norms(factors).tolist() == [12.0]


def test_inner_products_of_terms_are_products():
    one = np.array([[1.0]])
    assert term_inner_products((one, one, one), (one, 2 * one, 3 * one)).tolist() == [[6.0]]


def test_scales_that_cancel_are_no_error():
    one = np.array([[1.0]])
    errors = term_errors((4 * one, one / 2, one), (one, 2 * one, one))
    assert (errors * 1e12).round().tolist() == [0.0]


def test_parallel_terms_are_added_up():
    two = np.array([[1.0, 3.0]])
    merged, classes = merged_terms((two, two, two))
    assert merged[2].round(9).tolist() == [[28.0]]
    assert classes == ((0, 1),)


def test_an_action_leaves_the_arrays_of_its_caller_alone():
    A = np.eye(2)
    made = Sandwich("R", A, A, A)
    assert A.flags.writeable
    assert not made.A.flags.writeable
