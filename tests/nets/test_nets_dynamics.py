"""Alignment, errors per triplet, Proposition 5.5, order of learning, and the grokking delay."""

import numpy as np
import pytest
import torch

import wordtensor as wt
from wordtensor.compare import (
    aligned_factors,
    block_shares,
    character_similarity,
    spectrum,
    triplet_errors,
)
from wordtensor.errors import ComparisonError, DecompositionError
from wordtensor.irreps import isotypic_energies, real_irreps
from wordtensor.nets import HadamardNet, TrainConfig, train
from wordtensor.nets.blocks import block_task
from wordtensor.nets.dynamics import grokking_delay
from wordtensor.nets.run import History

GROUPS = ["C3", "S3", "Q8", "D4", "C7:C3"]


def factors_of(net):
    return net.factors()


@pytest.mark.parametrize("name", GROUPS)
def test_energies_add_up_and_know_matrix_entries(name):
    G = wt.group(name)
    irreps = real_irreps(G)
    f = np.random.default_rng(0).normal(size=(4, G.order))
    assert np.allclose(isotypic_energies(G, f, irreps).sum(-1), np.square(f).sum(-1))
    for phi in irreps:
        energies = isotypic_energies(G, phi.matrices[:, 0, 0], irreps)
        assert energies.argmax() == phi.index
        assert np.isclose(energies[phi.index], energies.sum())


@pytest.mark.parametrize("name", GROUPS)
def test_character_similarity_is_the_cosine_of_the_cubes(name):
    G = wt.group(name)
    T = wt.word_tensor("a*b*a", G)
    logits = np.random.default_rng(1).normal(size=(G.order,) * 3)
    irreps = real_irreps(G)
    centred = logits - logits.mean(-1, keepdims=True)
    for phi, found in zip(irreps, character_similarity(G, logits, T.table, irreps), strict=True):
        cube = phi.character[G.cayley[T.table][:, :, G.inverse]]
        wanted = (cube * centred).sum() / np.linalg.norm(cube) / np.linalg.norm(centred)
        assert np.isclose(found, wanted)


@pytest.mark.parametrize("name", GROUPS)
def test_a_decomposition_of_the_product_is_aligned(name):
    d = wt.decompose("a*b", name)
    s = spectrum(d.factors, "a*b", d.group, threshold=0.999)
    assert s.single == 1.0
    assert s.width == d.rank
    ranks = {(k, k, k): 0 for k in range(len(real_irreps(d.group)))}
    for block in d.blocks:
        ranks[block.triplets[0]] += block.rank
    assert {t: len(members) for t, members in s.clusters(0.95).items()} == ranks


def test_dead_neurons_are_not_active():
    d = wt.decompose("a*b", "S3")
    wider = tuple(np.hstack([F, 1e-3 * F[:, :2], np.zeros((6, 1))]) for F in d.factors)
    s = spectrum(wider, "a*b", d.group)
    assert s.width == d.rank
    assert not s.active[-3:].any()


def test_neurons_of_a_word_are_in_blocks_and_not_in_triplets():
    d = wt.decompose("a^2*b", "S4")
    shares = block_shares(d.factors, d)
    assert np.allclose(shares.max(1), 1)
    for k, block in enumerate(d.blocks):
        assert (shares[slice(*block.columns)].argmax(1) == k).all()
    assert spectrum(d.factors, "a^2*b", d.group).single < 1


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("word", ["a*b", "a*b*a^-1"])
def test_triplet_errors_add_up_to_the_loss(name, word):
    T = wt.word_tensor(word, name)
    net = HadamardNet(T.group.order, 5, seed=3, dtype=torch.float64)
    errors = triplet_errors(net.factors(), T)
    assert np.isclose(errors.sum(), np.square(net.logits() - T.to_dense()).sum())
    exact = wt.decompose(word, name)
    assert triplet_errors(exact.factors, T).max() < 1e-15 * T.group.order**2 + 1e-18


@pytest.mark.parametrize("name", GROUPS)
def test_gradient_descent_keeps_alignment_and_losses_apart(name):
    """Proposition 5.5: a step on all pairs keeps aligned nets aligned, irrep by irrep."""
    G = wt.group(name)
    T = wt.word_tensor("a*b", G)
    start = aligned_factors(HadamardNet(G.order, 24, seed=1, dtype=torch.float64).factors(), G)
    labels = spectrum(start, "a*b", G).triplets
    same = (labels == labels[:, :1]).all(1)
    start = tuple(F[:, same] for F in start)
    labels = labels[same]

    def stepped(chosen):
        net = HadamardNet.from_factors(*(F[:, chosen] for F in start))
        target = torch.tensor(T.to_dense(), dtype=torch.float64).reshape(-1, G.order)
        loss = (net.grid() - target).square().sum() / G.order**2
        gradients = torch.autograd.grad(loss, list(net.parameters()))
        moved = zip(net.parameters(), gradients, strict=True)
        return [(p - 0.1 * g).detach().numpy() for p, g in moved]

    together = stepped(np.ones(len(labels), dtype=bool))
    after = spectrum(together, "a*b", G)
    assert (after.triplets == labels).all()
    assert np.allclose(after.shares, 1)
    for index in set(labels[:, 0].tolist()):
        mine = labels[:, 0] == index
        # An irrep's neurons move as if the others were not there.
        for with_all, alone in zip(together, stepped(mine), strict=True):
            assert np.allclose(with_all[:, mine], alone, atol=1e-12)
    errors = triplet_errors(together, T)
    diagonal = np.einsum("kkk->k", errors)
    assert np.isclose(errors.sum(), diagonal.sum())


def test_gradient_descent_for_other_words_mixes_triplets():
    """The proposition is one about the product: a neuron of a^2 b leaves its triplet."""
    G = wt.group("S3")
    T = wt.word_tensor("a^2*b", G)
    start = aligned_factors(HadamardNet(6, 8, seed=1, dtype=torch.float64).factors(), G)
    net = HadamardNet.from_factors(*start)
    target = torch.tensor(T.to_dense(), dtype=torch.float64).reshape(-1, 6)
    (net.grid() - target).square().sum().backward()
    moved = [(p - 0.01 * p.grad).detach().numpy() for p in net.parameters()]
    assert spectrum(moved, "a^2*b", G).shares.min() < 0.999999


def test_a_block_of_full_width_is_learned_and_a_narrower_one_is_not():
    """The loss of an irrep is small once its width reaches its rank (here 3 = rank of C over R)."""
    task = block_task(wt.decompose("a*b", "C5"), 1)
    common = {"optimizer": "gd", "learning_rate": 0.5, "steps": 4000, "scale": 0.3}
    wide = train(TrainConfig(width=3, instances=8, dtype="float64", **common), task)
    narrow = train(TrainConfig(width=2, instances=8, dtype="float64", **common), task)
    assert (wide.final["train_loss"] < 1e-6).any()
    assert (narrow.final["train_loss"] > 0.1).all()


def test_grokking_delay_counts_steps_and_says_when_there_is_none():
    rows = [
        {"step": s, "seconds": 0.0, "train_loss": [0, 0], "test_loss": [0, 0], "norm": [1, 1],
         "train_accuracy": train_now, "test_accuracy": test_now}
        for s, train_now, test_now in [
            (0, [0.1, 0.1], [0.1, 0.1]), (10, [1.0, 0.5], [0.2, 0.2]), (90, [1.0, 1.0], [1.0, 0.3])
        ]
    ]  # fmt: skip
    delay = grokking_delay(History.from_records(rows))
    assert delay[0] == 80
    assert np.isnan(delay[1])


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ComparisonError, match="shape"):
        block_shares((np.ones((5, 2)),) * 3, wt.decompose("a*b", "S3"))
    with pytest.raises(ComparisonError, match="5 elements"):
        spectrum((np.ones((5, 2)),) * 3, "a*b", "S3")
    with pytest.raises(DecompositionError, match="blocks 0 to 2"):
        block_task(wt.decompose("a*b", "S3"), 3)
