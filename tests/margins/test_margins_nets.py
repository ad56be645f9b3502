"""The constructed nets reach the greatest margin, and certificates tell nets apart."""

import numpy as np
import pytest
import torch

from wordtensor import memory_limit
from wordtensor.errors import MemoryLimitError, NetworkError
from wordtensor.groups import group
from wordtensor.irreps import irrep_at, isotypic_energies, isotypic_projector, real_irreps
from wordtensor.margins import gamma_star, margin_optimum
from wordtensor.margins.certificate import pair_margins
from wordtensor.margins.neurons import irrep_neurons
from wordtensor.nets import EmbeddingMLP, HadamardNet, MarginNet, TwoLayerPerceptron
from wordtensor.nets.margins import (
    margin_certificate,
    max_margin_net,
    measure,
    normalized_margin,
)
from wordtensor.nets.margins.measure import logit_blocks, norm_power
from wordtensor.words import word_tensor

GROUPS = ["C2", "C3", "C4", "C5", "C13", "C71", "S3", "S4", "S5", "D5", "Q8", "SL(2,3)", "C7:C3",
          "A5", "PSL(2,7)"]  # fmt: skip


def plain_margin(net, table):
    """Least margin over the pairs and the norm, by loops over numpy arrays."""
    U, V, W = (p.detach().double().numpy() for p in (net.U, net.V, net.W))
    n = len(U)
    worst = np.inf
    for a in range(n):
        f = (U[a] + V) ** 2 @ W.T
        for b in range(n):
            wrong = np.delete(f[b], table[a, b])
            worst = min(worst, f[b, table[a, b]] - wrong.max())
    norm = ((U**2).sum(0) + (V**2).sum(0) + (W**2).sum(0)) ** 1.5
    return worst, norm.sum() ** (1 / 3)


@pytest.mark.parametrize("name", GROUPS)
def test_constructed_nets_reach_the_greatest_margin(name):
    net = max_margin_net(name)
    optimum = margin_optimum(name)
    assert net.width == optimum.width
    assert normalized_margin(net, name) == pytest.approx(optimum.gamma_star, rel=1e-10)
    certificate = margin_certificate(net, name)
    assert certificate.is_max_margin
    assert certificate.reached == pytest.approx(1, rel=1e-10)
    assert certificate.spread < 1e-10
    assert certificate.label_error < 1e-10
    assert abs(certificate.weighted_error) < 1e-10
    np.testing.assert_allclose(certificate.power, 1, rtol=1e-12)
    shares = [irrep.share for irrep in optimum.irreps]
    np.testing.assert_allclose(certificate.shares, [0, *shares], atol=1e-12)
    counts = [irrep.width if irrep.share else 0 for irrep in optimum.irreps]
    assert certificate.neurons.tolist() == [0, *counts]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["A6", "S6"])
def test_constructed_nets_of_large_groups(name):
    certificate = margin_certificate(max_margin_net(name), name)
    assert certificate.reached == pytest.approx(1, rel=1e-10)
    assert certificate.is_max_margin


@pytest.mark.parametrize("name", ["C4", "S3", "Q8", "S4"])
def test_margin_and_norm_by_loops(name):
    G = group(name)
    net = max_margin_net(G)
    worst, norm = plain_margin(net, G.cayley)
    assert norm == pytest.approx(1, rel=1e-12)
    assert worst == pytest.approx(gamma_star(G), rel=1e-10)
    random = MarginNet(G.order, 7, seed=3)
    worst, norm = plain_margin(random, G.cayley)
    assert normalized_margin(random, G) == pytest.approx(worst / norm**3, rel=1e-10)
    assert margin_certificate(random, G).margin == pytest.approx(worst / norm**3, rel=1e-10)


def test_scale_does_not_matter_and_precision_is_double():
    net = max_margin_net("S4")
    tripled = MarginNet(24, net.width, dtype=torch.float64)
    tripled.assign({name: 3 * array for name, array in net.arrays().items()})
    assert normalized_margin(tripled, "S4") == pytest.approx(gamma_star("S4"), rel=1e-10)
    single = max_margin_net("S4", dtype=torch.float32)
    assert single.dtype == torch.float32
    assert normalized_margin(single, "S4") == pytest.approx(gamma_star("S4"), rel=1e-4)
    assert single.dtype == torch.float32  # measuring has not changed it


def test_other_words_and_instances():
    G = group("S3")
    net = HadamardNet(6, 20, seed=[0, 1, 2])
    together = normalized_margin(net, G, "a*b*a^-1")
    assert together.shape == (3,)
    table = word_tensor("a*b*a^-1", G).table
    for k, value in enumerate(together):
        single = net.instance(k)
        f = single.logits().astype(float)
        assert normalized_margin(single, G, "a*b*a^-1") == pytest.approx(value, rel=1e-12)
        worst = min(
            f[a, b, table[a, b]] - np.delete(f[a, b], table[a, b]).max()
            for a in range(6)
            for b in range(6)
        )
        norm = (single.neuron_norms().double() ** 3).sum().item()
        assert value == pytest.approx(worst / norm, rel=1e-4)


def test_nets_with_shared_weights_have_the_plain_norm():
    net = EmbeddingMLP(6, width=8, embedding=4, seed=[0, 5])
    values = normalized_margin(net, "S3")
    f = torch.from_numpy(net.logits()).double()
    total = sum(p.detach().double().square().flatten(1).sum(1) for p in net.parameters())
    table = torch.from_numpy(group("S3").cayley.astype(np.int64)).expand(2, 6, 6).unsqueeze(-1)
    right = f.gather(-1, table)
    wrong = f.scatter(-1, table, -torch.inf).amax(-1, keepdim=True)
    expected = (right - wrong).flatten(1).amin(1) / total**1.5
    np.testing.assert_allclose(values, expected.numpy(), rtol=1e-4)


def test_blocks_do_not_matter(monkeypatch):
    net = MarginNet(24, 9, seed=[4, 5])
    whole = normalized_margin(net, "S4")
    certificate = margin_certificate(net.instance(0), "S4")
    monkeypatch.setattr(measure, "_BLOCK_BYTES", 8 * 4 * (9 + 24) * 2 * 7)  # seven pairs
    assert len(list(measure.logit_blocks(net))) == -(-576 // 7)
    np.testing.assert_allclose(normalized_margin(net, "S4"), whole, rtol=1e-12)
    again = margin_certificate(net.instance(0), "S4")
    assert again.weighted_margin == pytest.approx(certificate.weighted_margin, rel=1e-12)
    assert again.label_error == pytest.approx(certificate.label_error, rel=1e-12)


def test_certificate_of_a_net_that_is_not_best():
    """One irrep has too much of the norm; every neuron is as good as before."""
    net = max_margin_net("S3")
    arrays = net.arrays()
    for array in arrays.values():
        array[:, 0:2] *= 1.2  # the sign
    other = MarginNet(6, net.width, dtype=torch.float64).assign(arrays)
    certificate = margin_certificate(other, "S3")
    assert not certificate.is_max_margin
    assert certificate.reached < 0.99
    # All neurons are still optimal directions, so the class-weighted margin is the greatest.
    assert certificate.weighted_margin == pytest.approx(certificate.gamma_star, rel=1e-10)
    assert certificate.label_error > 1e-3
    assert certificate.shares[1] > margin_optimum("S3").irreps[0].share
    assert "not a maximum-margin net" in str(certificate)
    # What was certified has not been changed.
    np.testing.assert_array_equal(other.arrays()["U"], arrays["U"])


def test_class_weighted_margin_by_loops():
    G = group("C7:C3")
    optimum = margin_optimum(G)
    net = MarginNet(21, 5, seed=1, dtype=torch.float64)
    f = net.logits()
    tau = {}
    for part in optimum.classes:
        g = G.labels.index(part.label)
        for x in range(21):
            conjugate = G.cayley[G.cayley[x, g], G.inverse[x]]
            for member in (conjugate, G.inverse[conjugate]):
                tau[int(member)] = part.tau / part.size
    total = 0.0
    for a in range(21):
        for b in range(21):
            ab = G.cayley[a, b]
            wrong = [c for c in range(21) if c != ab]
            weights = [tau[int(G.cayley[ab, G.inverse[c]])] for c in wrong]
            assert sum(weights) == pytest.approx(1)
            total += f[a, b, ab] - np.dot(weights, f[a, b, wrong])
    norm = (net.neuron_norms() ** 3).sum().item()
    certificate = margin_certificate(net, G)
    assert certificate.weighted_margin == pytest.approx(total / 21**2 / norm, rel=1e-10)


@pytest.mark.parametrize("name", ["C3", "S3", "Q8"])
def test_energies_are_those_of_the_projections(name):
    G = group(name)
    functions = np.random.default_rng(0).standard_normal((G.order, 4))
    energies = isotypic_energies(G, functions.T, real_irreps(G)).T
    for row, irrep in zip(energies, real_irreps(G), strict=True):
        expected = ((isotypic_projector(G, irrep) @ functions) ** 2).sum(axis=0)
        np.testing.assert_allclose(row, expected, atol=1e-12)
    np.testing.assert_allclose(energies.sum(axis=0), (functions**2).sum(axis=0))


def test_dead_neurons_are_left_out():
    net = max_margin_net("C5")
    arrays = {name: np.hstack([array, np.zeros((5, 3))]) for name, array in net.arrays().items()}
    wider = MarginNet(5, net.width + 3, dtype=torch.float64).assign(arrays)
    certificate = margin_certificate(wider, "C5")
    assert certificate.is_max_margin
    assert certificate.neurons.sum() == net.width
    assert certificate.power[-3:].tolist() == [0, 0, 0]
    assert certificate.to_dict()["reached"] == pytest.approx(1)


def test_square_perceptrons_are_certified_too():
    net = max_margin_net("S3")
    same = TwoLayerPerceptron(6, net.width, "square", dtype=torch.float64).assign(net.arrays())
    assert margin_certificate(same, "S3").is_max_margin


def test_refusals():
    with pytest.raises(NetworkError, match="not homogeneous"):
        normalized_margin(TwoLayerPerceptron(6, 4, "sigmoid"), "S3")
    with pytest.raises(NetworkError, match="24 x 24 x 24"):
        normalized_margin(MarginNet(6, 4), "S4")
    with pytest.raises(NetworkError, match="trivial"):
        normalized_margin(MarginNet(1, 4), "C1")
    zero = MarginNet(6, 4).assign({name: np.zeros((6, 4)) for name in "UVW"})
    for call in (normalized_margin, margin_certificate):
        with pytest.raises(NetworkError, match="zero"):
            call(zero, "S3")
    with pytest.raises(NetworkError, match="quadratic"):
        margin_certificate(HadamardNet(6, 4), "S3")
    with pytest.raises(NetworkError, match=r"net\.instance"):
        margin_certificate(MarginNet(6, 4, seed=[0, 1]), "S3")
    with memory_limit(4e-6), pytest.raises(MemoryLimitError, match="neurons"):
        max_margin_net("S3")


def test_neurons_of_one_irrep_have_the_share_that_was_asked_for():
    U, V, W = irrep_neurons(irrep_at("Q8", 4), 1.0)
    assert U.shape == (8, 32)
    assert float(round(((U**2 + V**2 + W**2).sum(axis=0) ** 1.5).sum(), 12)) == 1.0


def test_a_margin_is_the_lead_over_the_best_wrong_output():
    margins = pair_margins(np.array([[1.0, 3.0, 2.0]]), np.array([2], dtype=np.int32))
    assert margins.tolist() == [-1.0]


def test_the_constructed_net_has_norm_one():
    assert round(float(norm_power(max_margin_net("S3"))), 12) == 1.0


def test_few_pairs_are_one_block_of_logits():
    blocks = [(pairs, logits.shape) for pairs, logits in logit_blocks(MarginNet(3, 2))]
    assert blocks == [(slice(0, 9), (9, 3))]
