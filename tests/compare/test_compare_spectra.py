"""Spectra of neurons and of logits, and the boxes that neurons occupy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.compare import box_use, cluster_shares, logit_spectrum, network, spectrum
from wordtensor.compare.neurons import pair_energies
from wordtensor.errors import ComparisonError, MemoryLimitError
from wordtensor.irreps import isotypic_projector, isotypic_spaces, real_irreps

GROUPS = ["C3", "Q8", "S3", "C7:C3", "D4"]


def random_net(n, width, seed, activation="product"):
    rng = np.random.default_rng(seed)
    return network(tuple(rng.standard_normal((n, width)) for _ in range(3)), activation=activation)


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "square", "product"])
def test_pair_energies_are_those_of_projectors(name, activation):
    G = wt.group(name)
    net = random_net(G.order, 3, 5, activation)
    energies = pair_energies(net, isotypic_spaces(G))
    P = [isotypic_projector(G, phi) for phi in real_irreps(G)]
    H = net.hidden()
    for i, left in enumerate(P):
        for j, right in enumerate(P):
            part = np.einsum("xa,abr,by->xyr", left, H, right)
            np.testing.assert_allclose(energies[:, i, j], np.square(part).sum((0, 1)), atol=1e-9)


@pytest.mark.parametrize("name", ["C3", "Q8", "S4", "C7:C3"])
def test_neurons_of_an_exact_net_live_in_one_triplet_each(name):
    d = wt.decompose("a*b", name)
    s = spectrum(d.factors, "a*b", name)
    assert s.single == s.weight_single == 1
    assert s.width == d.rank
    assert s.null.single < 0.5
    sizes = {t[0]: len(members) for t, members in s.clusters().items()}
    assert all(len(set(t)) == 1 for t in s.clusters())
    assert sum(sizes.values()) == d.rank
    assert len(s.mixed()) == len(s.dead()) == 0


def test_square_perceptrons_are_read_by_their_product_part():
    d = wt.decompose("a*b", "S3")
    U, V, W = d.factors
    net = network(
        (np.hstack([U, U]), np.hstack([V, -V]), np.hstack([W, -W]) / 4), activation="square"
    )
    s = spectrum(net, "a*b", "S3")
    assert s.single == 1
    assert s.width == 18


def test_relu_neurons_are_read_without_what_one_input_does_alone():
    phi = real_irreps(wt.group("S4"))[3]
    u, v, w = (phi.matrices[:, 0, k] for k in range(3))
    net = network((u[:, None], v[:, None], w[:, None]), activation="relu")
    s = spectrum(net, "a*b", "S4")
    assert s.weight_triplets.tolist() == [[3, 3, 3]]
    assert s.weight_shares[0] == pytest.approx(1)
    assert 0.5 < s.alone[0] < 1
    assert s.triplets[0].tolist() == [3, 3, 3]
    # relu adds other irreps, which the plain shares of the pairs show.
    assert 0.3 < s.shares[0] < 0.999
    assert s.pairs.sum() == pytest.approx(1)
    assert s.pairs[0, 0, :].sum() + s.pairs[0, 1:, 0].sum() == pytest.approx(s.alone[0])


def test_dead_neurons_are_told_apart():
    d = wt.decompose("a*b", "Q8")
    factors = [np.hstack([F, 1e-2 * np.ones((8, 2))]) for F in d.factors]
    s = spectrum(tuple(factors), "a*b", "Q8")
    assert s.dead().tolist() == [d.rank, d.rank + 1]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(GROUPS), st.integers(0, 10**6))
def test_scales_and_order_of_neurons_do_not_matter(name, seed):
    rng = np.random.default_rng(seed)
    n = wt.group(name).order
    factors = [rng.standard_normal((n, 4)) for _ in range(3)]
    order = rng.permutation(4)
    scales = np.exp(rng.standard_normal((3, 4)))
    scales[2] = 1 / scales[0] / scales[1]
    moved = tuple((F * k)[:, order] for F, k in zip(factors, scales, strict=True))
    first, second = spectrum(tuple(factors), "a*b", name), spectrum(moved, "a*b", name)
    np.testing.assert_allclose(first.shares[order], second.shares, rtol=1e-9)
    np.testing.assert_allclose(first.strength[order], second.strength, rtol=1e-9)


@pytest.mark.parametrize(
    ("word", "name"), [("a*b*a", "D4"), ("a^2*b", "S3"), ("[a,b]", "Q8"), ("a*b", "C7:C3")]
)
def test_logits_of_exact_nets_are_the_tensor(word, name):
    T = wt.word_tensor(word, name)
    found = logit_spectrum(network(wt.decompose(word, name).factors), T, centred=False)
    assert set(found.support) == wt.support(word, name)
    assert set(found.used(1e-12)) == set(found.support)
    np.testing.assert_allclose(list(found.coefficients.values()), 1, atol=1e-8)
    np.testing.assert_allclose(list(found.cosines.values()), 1, atol=1e-8)
    assert found.scale == pytest.approx(1)
    assert found.tensor_error < 1e-15
    assert found.energy.sum() == pytest.approx(1)


def test_a_missing_triplet_shows_in_the_logits():
    T = wt.word_tensor("a*b", "S3")
    d = wt.decompose("a*b", "S3")
    kept = network(d.factors).chosen(np.arange(2))
    found = logit_spectrum(kept, T, centred=False)
    assert found.coefficients[2, 2, 2] == pytest.approx(0, abs=1e-12)
    assert len(found.used()) == 2
    # Two of six dimensions are left, so that 4/6 of the tensor's energy is missing.
    assert found.tensor_error == pytest.approx(4 / 6)


def test_centring_takes_the_constant_output_away():
    T = wt.word_tensor("a*b", "S3")
    U, V, W = wt.decompose("a*b", "S3").factors
    plain = logit_spectrum(network((U, V, W + 1.0)), T, centred=False)
    centred = logit_spectrum(network((U, V, W + 1.0)), T, centred=True)
    assert plain.relative_error > 0.1
    assert centred.relative_error < 1e-20
    assert (0, 0, 0) not in centred.support


def test_large_groups_are_refused_before_memory_is_taken():
    net = network(tuple(np.ones((720, 1)) for _ in range(3)))
    with pytest.raises(MemoryLimitError, match="row by row"):
        logit_spectrum(net, wt.word_tensor("a*b", "S6"), centred=False)


@pytest.mark.parametrize(("word", "name"), [("a*b", "S3"), ("a*b*a", "D4"), ("a^2*b", "Q8")])
def test_boxes_of_exact_nets_cover_the_support(word, name):
    s = spectrum(wt.decompose(word, name).factors, word, name, threshold=1 - 1e-9)
    dims = isotypic_spaces(wt.group(name)).dims
    found = box_use(s, wt.support(word, name), dims)
    assert found.covers
    assert found.minimal_cost == wt.box_rank(word, name)
    assert sum(number for _, number in found.boxes) == s.width


def test_boxes_that_miss_a_triplet_are_found_out():
    s = spectrum(tuple(F[:, 1:] for F in wt.decompose("a*b", "S3").factors), "a*b", "S3")
    assert s.width == 8
    found = box_use(s, wt.support("a*b", "S3"), (1, 1, 4))
    assert len(found.missing) == 1 and not found.covers


def test_boxes_of_another_group_are_refused():
    s = spectrum(wt.decompose("a*b", "S3").factors, "a*b", "S3")
    for support, dims in (([(0, 0, 9)], (1, 1, 4)), ([(0, 0, 1)], (1, 5))):
        with pytest.raises(ComparisonError, match="3 irreps"):
            box_use(s, support, dims)


@pytest.mark.parametrize(
    ("word", "name", "activation"),
    [("a*b", "S3", "relu"), ("a*b*a^-1", "S3", "relu"), ("a^2*b^2", "Q8", "product")],
)
def test_shares_of_clusters_are_those_of_projectors(word, name, activation):
    G, T = wt.group(name), wt.word_tensor(word, name)
    net = random_net(G.order, 40, 0, activation)
    s = spectrum(net, word, G)
    found = cluster_shares(net, T, s)
    assert [c.triplet for c in found] == [*s.clusters()] and found
    first, second = np.divmod(np.arange(G.order**2), G.order)
    for c in found:
        H = net.hidden().reshape(G.order**2, -1)[:, s.clusters()[c.triplet]]
        H = H - H.mean(axis=0)
        entries = [
            real_irreps(G)[k].matrices.reshape(G.order, -1)[at]
            for k, at in zip(c.triplet, (first, second, T.table.ravel()), strict=True)
        ]
        explained = [np.square(M @ np.linalg.pinv(M) @ H).sum() for M in entries]
        rest = H - np.hstack(entries) @ np.linalg.pinv(np.hstack(entries)) @ H
        expected = [*explained, np.square(rest).sum()] / np.square(H).sum()
        assert [c.first, c.second, c.value, c.residual] == pytest.approx(expected, abs=1e-9)


def test_nets_of_another_group_are_refused():
    with pytest.raises(ComparisonError, match="6 elements"):
        spectrum(wt.decompose("a*b", "S3").factors, "a*b", "Q8")


def test_boxes_of_relu_neurons_leave_the_trivial_irrep_out():
    phi = real_irreps(wt.group("S4"))[3]
    u, v, w = (phi.matrices[:, 0, k] for k in range(3))
    net = network((u[:, None] + 9, v[:, None], w[:, None] + 9), activation="relu")
    found = box_use(
        spectrum(net, "a*b", "S4"), wt.support("a*b", "S4"), isotypic_spaces(wt.group("S4")).dims
    )
    assert found.boxes == ((((3,), (3,), (3,)), 1),)
    assert len(found.missing) == 3 and (0, 0, 0) not in found.missing
