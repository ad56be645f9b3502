"""Networks as values: every source, the forward passes, and what is refused."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import wordtensor as wt
from wordtensor.compare import network, randomised
from wordtensor.errors import ComparisonError, FileFormatError, NetworkError
from wordtensor.nets import (
    EmbeddingMLP,
    HadamardNet,
    MarginNet,
    OneLayerTransformer,
    ParityNet,
    TwoLayerPerceptron,
)
from wordtensor.nets.files import save

MODULES = [
    HadamardNet(6, 5, seed=1, dtype=torch.float64),
    MarginNet(6, 5, seed=1, dtype=torch.float64),
    EmbeddingMLP(6, 5, 4, seed=1, dtype=torch.float64),
    OneLayerTransformer(6, 5, 8, 2, 4, seed=1, dtype=torch.float64),
    *(
        TwoLayerPerceptron(6, 5, activation, seed=1, dtype=torch.float64)
        for activation in ("relu", "sigmoid", "square", "abs")
    ),
]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: f"{m.kind}-{m.sizes.get('activation')}")
def test_forward_passes_agree_with_torch(module, tmp_path):
    net = network(module)
    assert (net.kind, net.order, net.width) == (module.kind, 6, 5)
    np.testing.assert_allclose(net.logits(), module.logits(), rtol=1e-12, atol=1e-13)
    hidden = module.hidden_grid().detach().numpy().reshape(6, 6, 5)
    np.testing.assert_allclose(net.hidden(), hidden, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(net.logits(slice(2, 4)), net.logits()[2:4])
    squares = sum(float(np.square(a).sum()) for a in module.arrays().values())
    assert net.sum_of_squared_weights == pytest.approx(squares)
    save(module, tmp_path / "net.safetensors")
    np.testing.assert_array_equal(network(tmp_path / "net.safetensors").logits(), net.logits())


@pytest.mark.parametrize("module", MODULES, ids=lambda m: f"{m.kind}-{m.sizes.get('activation')}")
def test_chosen_neurons_add_up_to_the_whole(module):
    net = network(module)
    some, others = net.chosen([0, 3]), net.chosen([1, 2, 4])
    through = some.hidden() @ some.readout + others.hidden() @ others.readout
    np.testing.assert_allclose(through, net.hidden() @ net.readout)
    nobody = net.chosen(np.zeros(0, dtype=int))
    rest = net.logits() - net.hidden() @ net.readout
    np.testing.assert_allclose(nobody.logits(), rest, atol=1e-12)


def test_arrays_from_elsewhere():
    net = network(MODULES[2])
    left, right = net.lookups
    lookups = network({"left": left, "right": right, "readout": net.readout}, activation="relu")
    np.testing.assert_array_equal(lookups.logits(), net.logits())
    given = network({"hidden": net.hidden(), "readout": net.readout, "logits": net.logits() + 1})
    np.testing.assert_allclose(given.logits(), net.logits() + 1)
    assert given.lookups is None and given.embeddings is None
    transformer = MODULES[3]
    np.testing.assert_allclose(network(transformer.arrays()).logits(), transformer.logits())


def test_saved_decompositions_are_nets(tmp_path):
    d = wt.decompose("[a,b]", "S3")
    d.save(tmp_path / "d.npz")
    assert network(tmp_path / "d.npz").width == d.rank
    np.testing.assert_allclose(
        network(tmp_path / "d.npz").logits(), wt.word_tensor("[a,b]", "S3").to_dense(), atol=1e-9
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda m: f"{m.kind}-{m.sizes.get('activation')}")
def test_random_weights_keep_form_and_size(module):
    net = network(module)
    first, again, other = randomised(net, 3), randomised(net, 3), randomised(net, 4)
    assert (first.kind, first.width, first.combination) == (net.kind, net.width, net.combination)
    np.testing.assert_array_equal(first.logits(), again.logits())
    assert not np.allclose(first.logits(), other.logits())
    for name, array in net.weights.items():
        assert np.mean(np.square(first.weights[name])) == pytest.approx(
            np.mean(np.square(array)), rel=1.5
        )


def test_factors_are_those_of_trilinear_nets_only():
    U, V, W = network(MODULES[1]).factors()
    square = np.einsum("ar,br,cr->abc", U, V, W)
    form = network(MODULES[1]).form
    alone = np.square(form.left)[:, None] + np.square(form.right)
    np.testing.assert_allclose(network(MODULES[1]).logits(), alone @ form.readout + square)
    with pytest.raises(ComparisonError, match="not trilinear"):
        network(MODULES[2]).factors()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3, "not a int"),
        ({"W": np.ones((2, 2))}, "no network that we know"),
        ((np.ones((6, 2)), np.ones((6, 2)), np.ones((6, 3))), "shapes"),
        ((np.ones((6, 2)), np.ones((6, 2)), 1j * np.ones((6, 2))), "real"),
        ((np.ones((6, 2)), np.ones((6, 2)), np.full((6, 2), np.nan)), "finite"),
        ((np.ones((6, 2)), np.ones((6, 2)), np.full((6, 2), "1")), "real"),
        ((np.ones((6, 2)), np.ones((6, 2)), np.full((6, 2), "NaT", "M8[s]")), "real"),
        ({"hidden": np.ones((6, 5, 2)), "readout": np.ones((2, 6))}, "shapes"),
        ({"left": np.ones(6), "right": np.ones((6, 2)), "readout": np.ones((2, 6))}, "shapes"),
        ((np.ones((6, 0)), np.ones((6, 0)), np.ones((6, 0))), "0 neurons on 6 elements"),
        ({1: np.ones((6, 2)), "V": np.ones((6, 2))}, "texts"),
        ({"U": [[1], [1, 2]], "V": [[1]], "W": [[1]]}, "different lengths"),
        (
            {
                "hidden": np.ones((6, 6, 2)),
                "readout": np.ones((2, 6)),
                "logits": np.ones((6, 6, 5)),
            },
            "Logits must have the shape",
        ),
        (
            {
                "W_x": np.ones((6, 2)),
                "W_y": np.ones((6, 2)),
                "W": np.ones((4, 3)),
                "W_U": np.ones((3, 6)),
                "bias": np.ones(3),
            },
            "'bias' are no part",
        ),
        (ParityNet(6, 2, 4), "no network on pairs"),
        (HadamardNet(6, 5, seed=[0, 1]), "instance"),
        (HadamardNet((4, 5, 6), 2), "no network on pairs"),
    ],
)
def test_what_is_no_net_is_refused(given, message):
    with pytest.raises((ComparisonError, NetworkError), match=message):
        network(given)


def test_unknown_activations_are_refused():
    with pytest.raises(ComparisonError, match=r"'activation' must be one of.*not 'elu'"):
        network(tuple(np.ones((6, 2)) for _ in range(3)), activation="elu")
    with pytest.raises(ComparisonError, match="says its own activation, relu"):
        network(MODULES[2], activation="gelu")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"\x80\x04\x95pickle"])
def test_damaged_files_are_refused(content, tmp_path):
    path = tmp_path / "net.npz"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="Cannot read"):
        network(path)
    with pytest.raises(FileFormatError, match="Cannot read"):
        network(tmp_path / "missing.npz")


def test_comparing_arrays_loads_neither_torch_nor_matplotlib():
    script = (
        "import sys, wordtensor as wt; d = wt.decompose('a*b', 'S3'); "
        "wt.compare.gcr_metrics(d.factors, 'S3'); wt.compare.compare(d.factors, 'a*b', 'S3'); "
        "print([m for m in ('torch', 'matplotlib', 'tensorly') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_network_neither_freezes_nor_follows_the_arrays_it_was_given():
    rng = np.random.default_rng(0)
    given = [rng.standard_normal((6, 4)) for _ in range(3)]
    readout = rng.standard_normal((4, 6))
    net = network(tuple(given))
    made = net, net.chosen(slice(None), readout)
    before = [one.logits() for one in made]
    for mine in (*given, readout):
        mine[:] = 0.0
    for one, logits in zip(made, before, strict=True):
        np.testing.assert_array_equal(one.logits(), logits)
