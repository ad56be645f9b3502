"""Ablations, replacements and pruning: what is left, and that it is what it should be."""

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.compare import ablate, network, prune, replace_block
from wordtensor.compare._losses import accuracy, cross_entropies
from wordtensor.compare._part_losses import Exclusion
from wordtensor.compare.interventions import project
from wordtensor.errors import ComparisonError
from wordtensor.irreps import isotypic_projector, isotypic_spaces, real_irreps

CASES = [("a*b", "S3"), ("a*b", "Q8"), ("a*b*a", "D4"), ("a^2*b", "C7:C3")]


@pytest.mark.parametrize(("word", "name"), CASES)
def test_projections_on_all_triplets_add_up(word, name):
    G = wt.group(name)
    cube = np.random.default_rng(0).standard_normal((G.order,) * 3)
    spaces = isotypic_spaces(G)
    K = len(spaces.dims)
    every = [(i, j, k) for i in range(K) for j in range(K) for k in range(K)]
    np.testing.assert_allclose(project(cube, every, spaces), cube, atol=1e-10)
    P = [isotypic_projector(G, phi) for phi in real_irreps(G)]
    i, j, k = K - 1, 0, K - 1
    one = np.einsum("xa,yb,zc,abc->xyz", P[i], P[j], P[k], cube)
    np.testing.assert_allclose(project(cube, [(i, j, k)], spaces), one, atol=1e-10)


@pytest.mark.parametrize(("word", "name"), CASES)
def test_only_the_support_matters_to_an_exact_net(word, name):
    d = wt.decompose(word, name)
    support = sorted(wt.support(word, name))
    K = len(isotypic_spaces(wt.group(name)).dims)
    others = [
        (i, j, k) for i in range(K) for j in range(K) for k in range(K) if (i, j, k) not in support
    ]
    without = ablate(d.factors, word, name, triplets=others)
    assert without.accuracy == 1
    assert without.changed < 1e-15
    kept = ablate(d.factors, word, name, triplets=support, keep=True)
    assert kept.accuracy == 1 and kept.error < 1e-15
    largest = max(support, key=lambda t: isotypic_spaces(wt.group(name)).dims[t[2]])
    assert ablate(d.factors, word, name, triplets=[largest]).changed > 0.01
    worse = ablate(d.factors, word, name, triplets=support)
    assert worse.accuracy < 0.7 and worse.error == pytest.approx(1)
    # Nothing is left: all logits are the same, and the first is right as often as its value comes.
    table = wt.word_tensor(word, name).table
    assert worse.accuracy == pytest.approx((table == 0).mean())


def test_projecting_logits_is_projecting_factors_of_a_trilinear_net():
    U, V, W = (np.random.default_rng(k).standard_normal((6, 5)) for k in range(3))
    net = network((U, V, W))
    P = isotypic_projector(wt.group("S3"), real_irreps(wt.group("S3"))[2])
    inside = network((P @ U, P @ V, P @ W))
    spaces = isotypic_spaces(wt.group("S3"))
    np.testing.assert_allclose(
        project(net.logits(), [(2, 2, 2)], spaces), inside.logits(), atol=1e-12
    )


def test_irreps_and_neurons_are_ablated():
    d = wt.decompose("a*b", "S3")
    by_irrep = ablate(d.factors, "a*b", "S3", irreps=[2])
    by_neurons = ablate(d.factors, "a*b", "S3", neurons=np.arange(2, 9))
    assert by_irrep.accuracy == by_neurons.accuracy == pytest.approx(1 / 3)
    assert by_irrep.error == pytest.approx(by_neurons.error)
    only = ablate(d.factors, "a*b", "S3", neurons=np.arange(2, 9), keep=True)
    assert only.changed == pytest.approx(2 / 6)
    nothing = ablate(d.factors, "a*b", "S3", neurons=[])
    assert nothing.changed == 0 and nothing.accuracy == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "one of 'triplets'"),
        ({"irreps": [0], "neurons": [0]}, "one of 'triplets'"),
        ({"triplets": [(0, 0, 3)]}, "indices 0 to 2"),
        ({"triplets": [(0, 0)]}, "indices 0 to 2"),
        ({"triplets": [(0, 0), (1, 1, 1)]}, "different lengths"),
        ({"irreps": [5]}, "irreps 0 to 2"),
        ({"irreps": ["2R"]}, "list of integers"),
        ({"irreps": [1.5]}, "list of integers"),
        ({"neurons": [9]}, "neurons 0 to 8"),
        ({"neurons": [0.5]}, "list of integers"),
    ],
)
def test_parts_that_do_not_exist_are_refused(arguments, message):
    d = wt.decompose("a*b", "S3")
    with pytest.raises(ComparisonError, match=message):
        ablate(d.factors, "a*b", "S3", **arguments)


@pytest.mark.parametrize(("block", "message"), [(3, "no 3"), ("x", "no 'x'")])
def test_blocks_that_do_not_exist_are_refused(block, message):
    d = wt.decompose("a*b", "S3")
    with pytest.raises(ComparisonError, match=message):
        replace_block(d.factors, d, block)
    with pytest.raises(ComparisonError, match=r"must be a Decomposition.*not a NoneType"):
        replace_block(d.factors, None, 0)


@pytest.mark.parametrize(("word", "name"), [("a*b", "S4"), ("a*b*a^-1", "S3"), ("a*b", "C7:C3")])
def test_blocks_of_a_damaged_net_are_mended_by_their_terms(word, name):
    d = wt.decompose(word, name)
    block = int(np.argmax([b.rank for b in d.blocks]))
    start, stop = d.blocks[block].columns
    damaged = [F.copy() for F in d.factors]
    # Another multiple of the block, plus noise inside of its spaces.
    noise = np.random.default_rng(0).standard_normal((stop - start, stop - start)) / 10
    damaged[2][:, start:stop] += damaged[2][:, start:stop] @ noise
    mended = replace_block(tuple(damaged), d, block)
    assert mended.changed > 1e-4
    whole = ablate(tuple(damaged), word, name, neurons=[])
    assert mended.error < whole.error
    assert replace_block(d.factors, d, block).error < 1e-15
    with pytest.raises(ComparisonError, match="blocks 0"):
        replace_block(d.factors, d, len(d.blocks))


@pytest.mark.parametrize(("word", "name"), [*CASES, ("a*b", "S4")])
def test_duplicates_and_idle_neurons_are_pruned(word, name):
    d = wt.decompose(word, name)
    T = wt.word_tensor(word, name)
    rng = np.random.default_rng(3)
    order = rng.permutation(2 * d.rank + 3)
    idle = rng.standard_normal((T.order, 3))
    U, V, W = d.factors
    wide = (
        np.hstack([U, 2 * U, idle])[:, order],
        np.hstack([V, V, idle])[:, order],
        np.hstack([0.5 * W, 0.25 * W, 0 * idle])[:, order],
    )
    pruned = prune(network(wide), T, tolerance=1e-12)
    independent = np.linalg.matrix_rank(np.einsum("ar,br->abr", U, V).reshape(-1, d.rank), tol=1e-8)
    assert pruned.effective_width <= d.rank
    assert pruned.effective_width == independent
    assert pruned.accurate_width <= pruned.effective_width
    assert (np.diff(pruned.errors) >= -1e-15).all()
    assert pruned.errors[-1] == pytest.approx(1)
    assert len(pruned.kept()) == pruned.effective_width


def test_pruning_errors_are_those_of_a_fit():
    rng = np.random.default_rng(0)
    weights = tuple(rng.standard_normal((6, 8)) for _ in range(3))
    net = network(weights, activation="relu")
    pruned = prune(net, wt.word_tensor("a*b", "S3"))
    H = net.hidden().reshape(36, 8)
    logits = H @ net.readout
    for gone in range(9):
        kept = pruned.order[gone:]
        fitted = np.linalg.lstsq(H[:, kept], logits, rcond=None)[0] if len(kept) else None
        rest = logits if fitted is None else logits - H[:, kept] @ fitted
        expected = np.square(rest).sum() / np.square(logits).sum()
        assert pruned.errors[gone] == pytest.approx(expected, rel=1e-6, abs=1e-10)


@pytest.mark.parametrize("scale", [1.0, 400.0])
def test_excluded_losses_do_not_depend_on_the_way(scale):
    """Large logits take the other way, part by part."""
    rng = np.random.default_rng(1)
    values = rng.integers(0, 6, 50)
    logits, parts = scale * rng.standard_normal((50, 6)), rng.standard_normal((4, 6, 6))
    expected = [cross_entropies(logits - part[values], values).sum() for part in parts]
    np.testing.assert_allclose(Exclusion(parts).losses(logits, values), expected, rtol=1e-12)
    large = Exclusion(scale * parts).losses(logits, values)
    expected = [cross_entropies(logits - scale * part[values], values).sum() for part in parts]
    np.testing.assert_allclose(large, expected, rtol=1e-12)
    assert Exclusion(parts).losses(logits[:0], values[:0]).tolist() == [0] * 4


def test_ties_count_as_chance():
    logits = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0 + 1e-13], [3.0, 0.0, 0.0]])
    assert accuracy(logits, [0, 1, 1]) == pytest.approx((0.5 + 0.5 + 0) / 3)
    assert accuracy(logits[:0], []) == 1


def test_tiny_losses_are_not_rounded_to_zero():
    loss = cross_entropies(np.array([[60.0, 0.0, 0.0]]), np.array([0]))[0]
    assert loss == pytest.approx(2 * np.exp(-60), rel=1e-12)
    far = cross_entropies(np.array([[0.0, 900.0, 0.0]]), np.array([0]))[0]
    assert far == pytest.approx(900)
