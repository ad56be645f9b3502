"""Networks: exact constructors, many instances at once, and their plain formulas."""

import functools
import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import NetworkError
from wordtensor.nets import (
    EmbeddingMLP,
    HadamardNet,
    MarginNet,
    OneLayerTransformer,
    ParityNet,
    TwoLayerPerceptron,
    evaluate,
    word_task,
)
from wordtensor.nets.models import MODELS
from wordtensor.rank import decompose
from wordtensor.words import word, word_tensor

# C3, Q8 and C4 do not split over the reals; S3, D4 do.
GROUPS = ["C3", "C4", "V4", "S3", "Q8", "D4"]
ONCE = {"derandomize": True, "deadline": None}

MAKERS = {
    "hadamard": lambda **how: HadamardNet(5, 4, **how),
    "rectangular": lambda **how: HadamardNet((3, 4, 5), 6, **how),
    "relu": lambda **how: TwoLayerPerceptron(5, 4, **how),
    "sigmoid": lambda **how: TwoLayerPerceptron(5, 4, "sigmoid", **how),
    "square": lambda **how: TwoLayerPerceptron(5, 4, "square", **how),
    "abs": lambda **how: TwoLayerPerceptron(5, 4, "abs", **how),
    "margin": lambda **how: MarginNet(5, 4, **how),
    "mlp": lambda **how: EmbeddingMLP(5, 4, 6, **how),
    "transformer": lambda **how: OneLayerTransformer(5, 7, 6, 2, 3, **how),
}


@pytest.fixture(params=MAKERS)
def maker(request):
    return MAKERS[request.param]


def stop_early():
    """Make a callback that ends the search after a few starts, as Ctrl-C does."""
    starts = itertools.count(1)

    def stop(attempt):
        if next(starts) == 3:
            raise KeyboardInterrupt

    return stop


@functools.cache
def decomposed(text, name):
    return decompose(text, name, callback=stop_early())


syllables = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from([-2, -1, 1, 2])), min_size=1, max_size=3
)
words = syllables.map(lambda parts: str(word("*".join(f"{c}^{k}" for c, k in parts))))


@settings(max_examples=25, **ONCE)
@given(words, st.sampled_from(GROUPS))
def test_nets_of_decompositions_are_exact(text, name):
    d = decomposed(text, name)
    wanted = word_tensor(text, name).to_dense()
    for model, width in ((HadamardNet, 1), (TwoLayerPerceptron, 2), (MarginNet, 2)):
        net = model.from_decomposition(d)
        assert (net.width, net.instances, net.dtype) == (width * d.rank, None, torch.float64)
        np.testing.assert_allclose(net.logits(), wanted, atol=1e-7)
        scores = evaluate(net, [word_task(text, name)], "mse")
        assert scores["train_loss"][0] < 1e-12
        assert scores["train_accuracy"][0] == 1
        assert np.isnan(scores["test_loss"][0]) and np.isnan(scores["test_accuracy"][0])


@pytest.mark.parametrize("name", GROUPS)
def test_factors_come_back(name):
    d = decomposed("a*b", name)
    factors = HadamardNet.from_decomposition(d).factors()
    for ours, theirs in zip(factors, d.factors, strict=True):
        np.testing.assert_array_equal(ours, theirs)
        ours[:] = 0
    assert HadamardNet.from_decomposition(d).U.abs().max() > 0
    again = HadamardNet.from_factors(*d.factors, dtype=torch.float32)
    assert (again.dtype, again.sizes) == (torch.float32, {"order": d.group.order, "width": d.rank})
    np.testing.assert_allclose(again.logits(), word_tensor("a*b", name).to_dense(), atol=1e-5)


def test_factors_of_a_rectangular_tensor():
    U, V, W = (np.arange(1.0, 2 * n + 1).reshape(n, 2) for n in (2, 3, 4))
    net = HadamardNet.from_factors(U, V, W)
    assert net.shape == (2, 3, 4)
    np.testing.assert_allclose(net.logits(), np.einsum("ar,br,cr->abc", U, V, W))


@pytest.mark.parametrize("model", [HadamardNet, TwoLayerPerceptron, MarginNet])
def test_complex_decompositions_are_refused(model):
    with pytest.raises(NetworkError, match="field='real'"):
        model.from_decomposition(decompose("a*b", "C3", field="complex"))


@pytest.mark.parametrize("model", [HadamardNet, TwoLayerPerceptron, MarginNet])
def test_margin_and_square_nets_agree(model):
    net = model.from_decomposition(decomposed("a*b", "Q8"))
    assert net.degree == 3
    assert type(net) is model
    again = type(net)(**net.sizes, dtype=net.dtype).assign(net.arrays())
    np.testing.assert_array_equal(again.logits(), net.logits())


def test_many_instances_are_many_nets(maker):
    seeds = (3, 5, 4)
    batch = maker(seed=seeds, dtype=torch.float64)
    singles = [maker(seed=seed, dtype=torch.float64) for seed in seeds]
    x, y, z = batch.shape
    assert (batch.instances, singles[0].instances) == (3, None)
    generator = torch.Generator().manual_seed(0)
    index = torch.randint(x * y, (3, 11), generator=generator)
    with torch.no_grad():
        for shared in (True, False):
            chosen = index[0] if shared else index
            a, b = chosen // y, chosen % y
            rows = [chosen if shared else chosen[k] for k in range(3)]
            assert batch(a, b).shape == (3, 11, z)
            assert batch.hidden(a, b).shape == (3, 11, batch.width)
            for k, single in enumerate(singles):
                torch.testing.assert_close(batch(a, b)[k], single(rows[k] // y, rows[k] % y))
                torch.testing.assert_close(
                    batch.hidden(a, b)[k], single.hidden(rows[k] // y, rows[k] % y)
                )
        for k, single in enumerate(singles):
            torch.testing.assert_close(batch.grid()[k], single.grid())
            torch.testing.assert_close(batch.hidden_grid()[k], single.hidden_grid())
            torch.testing.assert_close(batch.readout()[k], single.readout())
    assert batch.logits().shape == (3, x, y, z)
    assert np.ptp(batch.logits(), axis=0).max() > 1e-3  # the instances do differ


def test_all_ways_to_the_logits_agree(maker):
    net = maker(seed=1, dtype=torch.float64)
    x, y, _ = net.shape
    everything = torch.arange(x * y)
    with torch.no_grad():
        grid = net.grid()
        torch.testing.assert_close(net(everything // y, everything % y), grid)
        torch.testing.assert_close(net(everything[7:3] // y, everything[7:3] % y), grid[7:3])
        torch.testing.assert_close(net.hidden(everything // y, everything % y), net.hidden_grid())
        if net.kind != "transformer":  # whose residual stream goes past the neurons
            torch.testing.assert_close(net.hidden_grid() @ net.readout(), grid)


def test_instances_are_nets_of_their_own(maker):
    batch = maker(seed=range(4), dtype=torch.float64)
    one = batch.instance(2)
    np.testing.assert_array_equal(one.logits(), maker(seed=2, dtype=torch.float64).logits())
    before = batch.logits()
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(batch.logits(), before)
    np.testing.assert_array_equal(one.instance(0).logits(), one.logits())
    for number in (-1, 4):
        with pytest.raises(NetworkError, match="instances 0 to 3"):
            batch.instance(number)


def test_parity_nets():
    seeds = (3, 5)
    batch = ParityNet(4, 6, 3, seed=seeds, dtype=torch.float64)
    x = torch.tensor([[1.0, -1, 1, 1], [-1, -1, -1, 1], [1, 1, 1, 1]], dtype=torch.float64)
    with torch.no_grad():
        for k, seed in enumerate(seeds):
            single = ParityNet(4, 6, 3, seed=seed, dtype=torch.float64)
            torch.testing.assert_close(batch(x)[k], single(x))
            torch.testing.assert_close(batch.instance(k)(x), single(x))
            U, W = single.arrays().values()
            np.testing.assert_allclose(single(x).numpy(), (x.numpy() @ U) ** 3 @ W.T)


@pytest.mark.parametrize("name", [*MAKERS, "parity"])
def test_degree_of_homogeneity(name):
    parity = name == "parity"
    net = ParityNet(4, 6, 3, dtype=torch.float64) if parity else MAKERS[name](dtype=torch.float64)
    x = torch.tensor([[1.0, -1, 1, 1], [-1, -1, -1, 1]], dtype=torch.float64)

    def value():
        with torch.no_grad():
            return (net(x) if parity else net.grid()).numpy()

    before, t = value(), 1.7
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(t)
    if net.degree is None:
        assert name in ("sigmoid", "transformer")
        ratios = value() / before
        assert np.ptp(ratios) > 0.1
    else:
        np.testing.assert_allclose(value(), t**net.degree * before)


def test_the_mlp_is_its_plain_formula():
    net = EmbeddingMLP(5, 4, 6, seed=2, dtype=torch.float64)
    W_x, W_y, W, W_U = net.arrays().values()
    for a, b in np.ndindex(5, 5):
        hidden = np.maximum(np.concatenate([W_x[a], W_y[b]]) @ W, 0)
        np.testing.assert_allclose(net.logits()[a, b], hidden @ W_U)


def test_the_mlp_starts_as_the_authors_code_does():
    net = EmbeddingMLP(6, 8, 16, seed=7)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        W_x, W_y = (torch.randn(6, 16) / math.sqrt(16) for _ in range(2))
        W = torch.randn(32, 8) / math.sqrt(32)
        W_U = torch.randn(8, 6) / math.sqrt(8)
    for name, value in {"W_x": W_x, "W_y": W_y, "W": W, "W_U": W_U}.items():
        torch.testing.assert_close(getattr(net, name).detach(), value)


def unfolded(p, a, b, n):
    """The transformer token by token: causal attention at all positions, read at the last."""
    stream = p["W_E"][[a, b, n]] + p["W_pos"]
    attended = np.zeros_like(stream)
    for Q, K, V, out in zip(p["W_Q"], p["W_K"], p["W_V"], p["W_O"], strict=True):
        q, k, v = stream @ Q, stream @ K, stream @ V
        for here in range(3):
            scores = np.array([q[here] @ k[there] for there in range(here + 1)])
            weights = np.exp((scores - scores.max()) / math.sqrt(Q.shape[1]))
            weights /= weights.sum()
            attended[here] += sum(w * v[there] for there, w in enumerate(weights)) @ out
    stream = stream + attended
    stream = stream + np.maximum(stream @ p["W_in"], 0) @ p["W_out"]
    return (stream @ p["W_U"])[-1]


@pytest.mark.parametrize("scale", [1.0, 4.0, 20.0])
def test_the_folded_transformer_is_the_unfolded_one(scale):
    net = OneLayerTransformer(5, 7, 6, 2, 3, seed=2, dtype=torch.float64)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(scale)
    p, logits = net.arrays(), net.logits()
    for a, b in np.ndindex(5, 5):
        wanted = unfolded(p, a, b, 5)
        np.testing.assert_allclose(logits[a, b], wanted, rtol=1e-9, atol=1e-9 * scale**4)


@pytest.mark.parametrize("seed", range(4))
def test_scores_beyond_the_range_of_exp(seed):
    net = OneLayerTransformer(3, 7, 6, 2, 3, seed=seed)
    with torch.no_grad():
        for parameter in (net.W_Q, net.W_K):
            parameter.mul_(200)
        scores = (net.W_E[3:] @ net.W_Q) @ (net.W_E @ net.W_K).mT
    assert scores.max() - scores.min() > 500
    p = {name: value.astype(float) for name, value in net.arrays().items()}
    for a, b in np.ndindex(3, 3):
        np.testing.assert_allclose(net.logits()[a, b], unfolded(p, a, b, 3), rtol=1e-3, atol=1e-4)
    everything = torch.arange(9)
    for logits in (net.grid(), net(everything // 3, everything % 3)):
        net.zero_grad()
        logits.square().sum().backward()
        assert all(parameter.grad.isfinite().all() for parameter in net.parameters())


@pytest.mark.parametrize("name", ["hadamard", "relu", "margin"])
def test_norms_of_neurons(name):
    net = MAKERS[name](seed=range(3), dtype=torch.float64)
    U, V, W = net.arrays().values()
    wanted = np.sqrt((U**2).sum(1) + (V**2).sum(1) + (W**2).sum(1))
    np.testing.assert_allclose(net.neuron_norms().detach().numpy(), wanted)
    assert net.neuron_norms().shape == (3, 4)


def test_the_norm_of_a_dead_neuron_has_a_gradient():
    net = HadamardNet(3, 4, scale=0.0)
    assert not any(p.any() for p in net.parameters())
    net.neuron_norms().pow(3).sum().backward()
    assert all(p.grad.isfinite().all() for p in net.parameters())


@pytest.mark.parametrize("name", ["mlp", "transformer"])
def test_shared_weights_have_no_norms_of_neurons(name):
    with pytest.raises(NetworkError, match="shared"):
        MAKERS[name]().neuron_norms()


@pytest.mark.parametrize(("make", "complaint"), [
    (lambda: HadamardNet(0, 4), "'order'"),
    (lambda: HadamardNet((3, -1, 3), 4), "'order'"),
    (lambda: HadamardNet(3, 0), "'width'"),
    (lambda: TwoLayerPerceptron(3, -4), "'width'"),
    (lambda: TwoLayerPerceptron(3, 4, "tanh"), "'activation' must be one of relu"),
    (lambda: HadamardNet(3, 4, scale=-1.0), "'scale'"),
    (lambda: ParityNet(3, 4, 2, scale=float("nan")), "'scale'"),
    (lambda: ParityNet(0, 4, 2), "'bits'"),
    (lambda: ParityNet(3, 4, 0), "'power'"),
    (lambda: EmbeddingMLP(3, 4, 0), "'embedding'"),
    (lambda: OneLayerTransformer(3, heads=0), "'heads'"),
    (lambda: HadamardNet(3, 4, seed=()), "'seed'"),
    (lambda: HadamardNet(3, 4, seed=2**70), "64 bits"),
])  # fmt: skip
def test_impossible_sizes(make, complaint):
    with pytest.raises(NetworkError, match=complaint):
        make()


def test_assignments_that_do_not_fit():
    net = HadamardNet(3, 4)
    good = net.arrays()
    for bad, complaint in (
        ({"U": good["U"]}, "parameters U, V, W; given U"),
        ({}, "given none"),
        (good | {"X": good["U"]}, "given U, V, W, X"),
        (good | {"V": good["V"][:2]}, r"'V' must have shape \(3, 4\), not \(2, 4\)"),
        (good | {"V": good["V"] * 1j}, "'V' must be real"),
    ):
        with pytest.raises(NetworkError, match=complaint):
            net.assign(bad)
    with pytest.raises(NetworkError, match="must be real matrices"):
        HadamardNet.from_factors(np.eye(3), np.eye(3), np.ones(3))
    with pytest.raises(NetworkError, match="'V' must have shape"):
        HadamardNet.from_factors(np.eye(3), np.ones((3, 2)), np.eye(3))


def test_sizes_of_numpy_are_sizes():
    net = HadamardNet(np.int64(3), np.int64(4), seed=np.int64(1))
    assert {type(size) for size in net.sizes.values()} == {int}
    np.testing.assert_array_equal(net.logits(), HadamardNet(3, 4, seed=1).logits())
    assert EmbeddingMLP(np.int64(3), 4, 5).sizes == {"order": 3, "width": 4, "embedding": 5}


def test_a_net_shows_its_sizes():
    assert str(HadamardNet(3, 4)) == "HadamardNet(order=3, width=4)"
    assert str(MarginNet(3, 4, seed=(1, 2))) == "MarginNet(order=3, width=4, instances=2)"


def test_every_model_is_listed():
    assert {kind: model.kind for kind, model in MODELS.items()} == {kind: kind for kind in MODELS}
    assert set(MODELS) == {"hadamard", "perceptron", "margin", "mlp", "transformer", "parity"}
