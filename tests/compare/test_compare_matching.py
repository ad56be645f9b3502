"""Matching of nets with decompositions up to scales, order and the symmetries of each block."""

import json
from pathlib import Path

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.compare.matching import Match, match, match_factors
from wordtensor.compare.matching._assignment import assignment
from wordtensor.compare.matching._standard import standard_blocks
from wordtensor.compare.matching._terms import term_norms
from wordtensor.compare.matching.block_match import BlockMatch
from wordtensor.compare.matching.orbit import equivalent_factors
from wordtensor.compare.matching.sandwich import random_sandwich
from wordtensor.errors import ComparisonError
from wordtensor.schemes import rotated, standard_scheme

WORDS = [
    ("a*b", "C3"),
    ("a*b", "Q8"),
    ("a*b", "S3"),
    ("a*b", "S4"),
    ("a*b", "S5"),
    ("a*b", "C7:C3"),
    ("a*b", "M5(2)"),
    ("a*b", "Q8 x C5"),
    ("a*b*a^-1", "S4"),
    ("a^2*b", "S4"),
]


def tensor(factors):
    return np.einsum("ar,br,cr->abc", *factors, optimize=True)


def one(found: Match, name: str) -> BlockMatch:
    return next(block for block in found.blocks if block.name == name)


def with_block(d, name, forms):
    """The decomposition's factors, with a block's terms replaced by others in its coordinates."""
    index = next(k for k, b in enumerate(d.blocks) if b.name == name)
    start, stop = d.blocks[index].columns
    block = standard_blocks(d)[index]
    return tuple(
        np.hstack([F[:, :start], new, F[:, stop:]])
        for F, new in zip(d.factors, block.embedded(forms), strict=True)
    )


@pytest.mark.parametrize(("word", "group"), WORDS)
def test_a_random_equivalent_net_is_recognised(word, group):
    d = wt.decompose(word, group)
    factors = equivalent_factors(d, seed=3)
    assert np.abs(tensor(factors) - tensor(d.factors)).max() < 1e-8
    found = match(factors, d)
    assert found.matched
    assert found.error <= 1e-8
    assert (found.active, found.dead, found.unassigned) == (d.rank, 0, 0)
    assert found.single_block_share == 1.0
    for block, report in zip(found.blocks, d.blocks, strict=True):
        assert block.against == "decomposition"
        assert sorted(block.permutation) == list(range(report.rank))


@pytest.mark.parametrize(("word", "group"), [("a*b", "S4"), ("a*b*a^-1", "S4"), ("a*b", "Q8")])
def test_the_transformation_carries_neurons_to_terms(word, group):
    d = wt.decompose(word, group)
    factors = equivalent_factors(d, seed=5, decades=2.0)
    found = match(factors, d)
    for block, coordinates in zip(found.blocks, standard_blocks(d), strict=True):
        neurons = [term[0] for term in block.terms]
        mine = coordinates.coordinates(tuple(F[:, neurons] for F in factors))
        moved = coordinates.embedded(block.transformation.applied(mine))
        columns = block.columns[0] + block.permutation
        for k, column in enumerate(columns):
            left = np.einsum("a,b,c->abc", *(F[:, k] for F in moved))
            right = np.einsum("a,b,c->abc", *(F[:, column] for F in d.factors))
            assert np.linalg.norm(left - right) < 1e-8 * np.linalg.norm(right)


def test_a_decomposition_matches_itself_by_the_identity():
    d = wt.decompose("a*b", "S4")
    for block in match(d.factors, d).blocks:
        assert block.matched
        assert block.transformation.orthogonal
        assert block.permutation.tolist() == list(range(block.rank))


def test_a_numerical_block_is_matched_up_to_scale_and_order():
    d = wt.decompose("a*b*a", "D8")
    found = match(equivalent_factors(d, seed=1), d)
    assert found.matched
    assert found.error < 1e-10
    assert {block.symmetries for block in found.blocks} == {"scale and order"}
    assert all(block.transformation is None for block in found.blocks)


def test_a_saved_decomposition_is_matched(tmp_path):
    d = wt.decompose("a*b", "S3")
    d.save(tmp_path / "d.npz")
    found = match(equivalent_factors(d, seed=2), wt.load(tmp_path / "d.npz"))
    assert found.matched
    assert found.error < 1e-8


def test_coordinates_that_were_not_stored_are_named():
    old = Path(__file__).parents[1] / "rank" / "files" / "schema1_s3.npz"
    d = wt.load(old)
    found = match(d.factors, d)
    assert found.matched
    assert {b.symmetries for b in found.blocks} == {"scale and order, coordinates not stored"}
    assert "coordinates not stored" in json.dumps(found.to_dict())


def test_integral_terms_fall_back_to_scale_and_order():
    d = wt.rank.integral_decompose("a*b", "C2", flips=10**5)
    found = match(equivalent_factors(d, seed=0), d)
    assert found.matched
    assert {block.symmetries for block in found.blocks} == {"scale and order"}


def test_scales_of_factors_do_not_matter_over_many_orders_of_magnitude():
    d = wt.decompose("a*b", "S3")
    found = match(equivalent_factors(d, seed=4, decades=4.0), d)
    assert found.matched
    assert found.error < 1e-8


def test_a_multiple_of_the_tensor_is_matched_and_the_multiple_reported():
    d = wt.decompose("a*b", "S3")
    U, V, W = equivalent_factors(d, seed=4)
    found = match((U, V, 0.25 * W), d)
    assert found.matched
    assert [block.scale for block in found.blocks] == pytest.approx([0.25] * 3)
    assert not match((U, V, -W), d).matched


def test_split_and_dead_neurons():
    d = wt.decompose("a*b", "S3")
    U, V, W = equivalent_factors(d, seed=6)
    U, V = (np.hstack([F, F, 1e-6 * F[:, :1]]) for F in (U, V))
    W = np.hstack([0.3 * W, 0.7 * W, W[:, :1]])
    found = match((U, V, W), d)
    assert found.matched
    assert found.error < 1e-8
    assert (found.active, found.dead) == (18, 1)
    assert [block.merged for block in found.blocks] == [1, 1, 7]
    for block in found.blocks:
        assert all(second == first + 9 for first, second in block.terms)
    assert len(one(found, "<2,2,2>").neurons) == 14


def test_a_random_net_does_not_match():
    d = wt.decompose("a*b", "S3")
    rng = np.random.default_rng(0)
    found = match(tuple(rng.standard_normal((6, 9)) for _ in range(3)), d)
    assert not found.matched
    assert not one(found, "<2,2,2>").matched
    assert found.single_block_share < 0.5


def test_random_terms_inside_the_block_do_not_match():
    d = wt.decompose("a*b", "S3")
    rng = np.random.default_rng(1)
    block = one(
        match(with_block(d, "<2,2,2>", tuple(rng.standard_normal((3, 4, 7)))), d), "<2,2,2>"
    )
    assert block.status == "no transformation found"
    assert len(block.terms) == block.rank == 7


def test_one_altered_term_of_strassen_does_not_match():
    d = wt.decompose("a*b", "S3")
    rng = np.random.default_rng(2)
    U, V, W = (F.copy() for F in wt.schemes.best_scheme(2, 2, 2).as_float())
    U[:, 3] = rng.standard_normal(4)
    block = one(match(with_block(d, "<2,2,2>", (U, V, W)), d), "<2,2,2>")
    assert block.status == "no transformation found"
    assert block.error > 0.1


def test_a_scheme_of_another_orbit_does_not_match():
    d = wt.decompose("a*b", "S4")
    other = rotated(wt.schemes.best_scheme(3, 3, 3))
    factors = with_block(d, "<3,3,3>", other.as_float())
    assert np.abs(tensor(factors) - tensor(d.factors)).max() < 1e-9
    found = match(factors, d)
    assert [block.matched for block in found.blocks] == [True, True, True, False, True]
    assert found.error < 1e-8
    assert not found.matched


def test_strassen_with_noise_is_found():
    d = wt.decompose("a*b", "S3")
    rng = np.random.default_rng(3)
    forms = wt.schemes.best_scheme(2, 2, 2).as_float()
    turned = random_sandwich((2, 2, 2), "R", rng, 1.5).applied(forms)
    for noise in (1e-6, 1e-4, 1e-3, 5e-3):
        noisy = tuple(F * (1 + noise * rng.standard_normal(F.shape)) for F in turned)
        found = one(match(with_block(d, "<2,2,2>", noisy), d), "<2,2,2>")
        assert found.matched
        assert noise / 10 < found.error < 30 * noise


def test_the_standard_algorithm_is_named_where_it_has_the_net_s_width():
    d = wt.decompose("a*b", "S3")
    rng = np.random.default_rng(4)
    forms = random_sandwich((2, 2, 2), "R", rng).applied(standard_scheme(2, 2, 2).as_float())
    block = one(match(with_block(d, "<2,2,2>", forms), d), "<2,2,2>")
    assert (block.status, block.against, block.rank) == ("matched", "standard algorithm", 8)
    assert block.error < 1e-8


def turned_standard(angles) -> tuple[np.ndarray, ...]:
    """A product frame for <2,2,2>: for each b of a basis, bases of a and c of its own."""
    vectors = []
    for b, (alpha, gamma) in zip(np.eye(2), angles, strict=True):
        turn = [np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]) for t in (alpha, gamma)]
        vectors += [(a, b, c) for a in turn[0].T for c in turn[1].T]
    pairs = ([(a, b) for a, b, _ in vectors], [(b, c) for _, b, c in vectors])
    last = [(a, c) for a, _, c in vectors]
    return tuple(np.array([np.kron(x, y) for x, y in pair]).T for pair in (*pairs, last))


def test_product_frames_are_recognised():
    d = wt.decompose("a*b", "S3")
    factors = with_block(d, "<2,2,2>", turned_standard([(0.3, 1.1), (0.7, -0.4)]))
    assert np.abs(tensor(factors) - tensor(d.factors)).max() < 1e-9
    block = one(match(factors, d), "<2,2,2>")
    assert (block.status, block.against) == ("matched", "product frame")
    assert block.error < 1e-6
    straight = with_block(d, "<2,2,2>", turned_standard([(0.3, 1.1), (0.3, 1.1)]))
    assert one(match(straight, d), "<2,2,2>").against == "standard algorithm"


def test_a_block_that_is_missing_and_one_that_is_too_wide():
    d = wt.decompose("a*b", "S3")
    U, V, W = d.factors
    found = match((U[:, 1:], V[:, 1:], W[:, 1:]), d)
    assert found.blocks[0].status == "different number of terms"
    assert found.blocks[0].residual == float("inf")
    assert [block.matched for block in found.blocks[1:]] == [True, True]
    rng = np.random.default_rng(5)
    more = random_sandwich((2, 2, 2), "R", rng, 2.0).applied(
        wt.schemes.best_scheme(2, 2, 2).as_float()
    )
    first, second = standard_blocks(d)[2].embedded(more), (U, V, W)
    both = tuple(np.hstack([F, H]) for F, H in zip(first, second, strict=True))
    block = one(match(both, d), "<2,2,2>")
    assert (block.status, len(block.terms)) == ("different number of terms", 14)


def test_a_small_block_beside_large_cancelling_terms_is_not_dead():
    d = wt.decompose("a*b", "S5")
    factors = equivalent_factors(d, seed=1)
    norms = term_norms(factors)
    assert norms.min() < 1e-3 * norms.max()
    assert match(factors, d).dead == 0


def test_what_cannot_be_matched_is_refused():
    d = wt.decompose("a*b", "C3", field="complex")
    with pytest.raises(ComparisonError, match="field='real'"):
        match(tuple(F.real for F in d.factors), d)
    with pytest.raises(ComparisonError, match="field='real'"):
        equivalent_factors(d)
    real = wt.decompose("a*b", "C3")
    U, V, W = real.factors
    with pytest.raises(ComparisonError, match=r"shape \(3, R\)"):
        match_factors((U, V, W[:, 1:]), real)
    with pytest.raises(ComparisonError, match=r"shape \(3, R\)"):
        match_factors((np.ones((4, 2)),) * 3, real)
    with pytest.raises(ComparisonError, match="infinite"):
        match_factors((np.full_like(U, np.nan), V, W), real)


def test_a_match_prints_and_becomes_json():
    d = wt.decompose("a*b", "S3")
    found = match(equivalent_factors(d, seed=1), d)
    text = str(found)
    assert text.startswith("9 of 9 neurons active, 100 % in one block each\nall blocks matched")
    assert "<2,2,2>" in text
    data = json.loads(json.dumps(found.to_dict()))
    assert data["matched"] is True
    assert data["blocks"][2]["transformation"]["division"] == "R"
    nothing = match(tuple(np.zeros((6, 2)) for _ in range(3)), d)
    assert json.loads(json.dumps(nothing.to_dict()))["blocks"][0]["residual"] is None
    assert nothing.error is None
    assert "0 of 3 blocks matched" in str(nothing)


def test_equivalent_factors_depend_on_the_seed_alone():
    d = wt.decompose("a*b", "Q8")
    first, again, other = (equivalent_factors(d, seed=s) for s in (7, 7, 8))
    assert all(np.array_equal(F, H) for F, H in zip(first, again, strict=True))
    assert not np.allclose(first[0], other[0])


def test_hadamard_nets_are_taken_as_they_are():
    pytest.importorskip("torch")
    d = wt.decompose("a*b", "S4")
    net = wt.nets.HadamardNet.from_factors(*equivalent_factors(d, seed=9))
    found = match(net, d)
    assert found.matched
    assert found.error <= 1e-8


@pytest.mark.slow
def test_gradient_descent_on_the_block_learns_strassen():
    pytest.importorskip("torch")
    from wordtensor.nets.blocks import block_task
    from wordtensor.rank import block_bases

    d = wt.decompose("a*b", "S3")
    config = wt.nets.TrainConfig(
        group="S3", word="a*b", width=7, optimizer="gd", learning_rate=0.3, scale=0.3,
        steps=20_000, instances=12, dtype="float64", log_every=20_000,
    )  # fmt: skip
    run = wt.nets.train(config, block_task(d, 2))
    reached = np.flatnonzero(run.final["train_loss"] < 1e-10)
    assert len(reached) >= 8
    for instance in reached:
        factors = run.model.instance(int(instance)).factors()
        lifted = tuple(B @ F for B, F in zip(block_bases(d, 2), factors, strict=True))
        block = match(lifted, d).blocks[2]
        assert block.matched
        assert block.error < 1e-3


@pytest.mark.slow
def test_the_largest_blocks_of_s6():
    d = wt.decompose("a*b", "S6")
    found = match(equivalent_factors(d, seed=1), d)
    status = {block.name: block.status for block in found.blocks}
    assert status.pop("<16,16,16>") == "too large"
    assert set(status.values()) == {"matched"}
    assert found.error < 1e-8


def test_the_terms_of_a_decomposition_belong_to_its_blocks():
    d = wt.decompose("a*b", "S3")
    assert assignment(d.factors, d).block.tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 2]


def test_blocks_of_a_group_algebra_are_matrix_products():
    blocks = standard_blocks(wt.decompose("a*b", "S3"))
    assert [block.sizes for block in blocks] == [(1, 1, 1), (1, 1, 1), (2, 2, 2)]
