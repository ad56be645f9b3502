"""What a stranger's network could be mistaken for: read rightly, refused, or told."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordtensor as wt
from wordtensor.compare import compare, network
from wordtensor.compare._network import network_for
from wordtensor.errors import ComparisonError, FileFormatError, NetworkError

S3 = wt.word_tensor("a*b", "S3")
D = wt.decompose("a*b", "S3")


def pairs(n=6):
    """Return the indices a and b of all pairs."""
    return torch.arange(n).repeat_interleave(n), torch.arange(n).repeat(n)


def own(module, n=6):
    """Return what a module gives on all pairs."""
    with torch.no_grad():
        return module(*pairs(n)).double().reshape(n, n, n).numpy()


def trained(module, steps=150):
    """Train a module on S3 until it is right."""
    torch.manual_seed(0)
    target = torch.tensor(S3.table.ravel().astype(np.int64))
    optimizer = torch.optim.Adam(module.parameters(), lr=0.03)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(module(*pairs()), target).backward()
        optimizer.step()
    assert (own(module).argmax(2) == S3.table).all()
    return module


class Odd(nn.Module):
    """Two tables and two layers under names that say no order, defined in any order."""

    def __init__(self, names, exchanged=False):
        super().__init__()
        torch.manual_seed(1)
        made = {
            "one": nn.Embedding(6, 8),
            "two": nn.Embedding(6, 8),
            "mix": nn.Linear(16, 24, bias=False),
            "top": nn.Linear(24, 6, bias=False),
        }
        for name in names:
            self.add_module(name, made[name])
        self.exchanged = exchanged

    def forward(self, a, b):
        if self.exchanged:
            a, b = b, a
        joined = torch.cat([self.one(a), self.two(b)], -1)
        return self.top(F.relu(self.mix(joined)))


@pytest.mark.parametrize("names", [("one", "two", "mix", "top"), ("top", "two", "mix", "one")])
@pytest.mark.parametrize("kind", [".pt", ".safetensors"])
def test_layers_of_unknown_names_are_tried_in_every_order(names, kind, tmp_path):
    module, path = trained(Odd(names)), tmp_path / f"net{kind}"
    if kind == ".pt":
        torch.save(module.state_dict(), path)
    else:
        from safetensors.torch import save_file

        save_file(module.state_dict(), path)
    net = network_for(path, S3, "relu")
    np.testing.assert_allclose(net.logits(), own(module), atol=1e-4)
    assert "readings that the shapes allow: right on 100 %" in net.reading


class Deep(nn.Module):
    """A perceptron of two hidden layers behind a table or a sum of one-hot vectors."""

    def __init__(self, table, width):
        super().__init__()
        self.embed = nn.Embedding(6, width) if table else None
        self.fc1 = nn.Linear(width if table else 6, width)
        self.fc2, self.fc3 = nn.Linear(width, width), nn.Linear(width, 6)

    def forward(self, a, b):
        table = torch.eye(6) if self.embed is None else self.embed.weight
        x = F.relu(self.fc1(table[a] + table[b]))
        return self.fc3(F.relu(self.fc2(x)))


@pytest.mark.parametrize("width", [12, 16])
@pytest.mark.parametrize("table", [False, True])
def test_two_hidden_layers_are_no_table_and_no_two_sides(table, width):
    torch.manual_seed(0)
    module = Deep(table, width)
    with pytest.raises(NetworkError, match="make no network that we know"):
        network(module.state_dict(), activation="relu")
    c = compare(module, "a*b", "S3", decomposition=D)
    assert c.network.kind == "logits"
    np.testing.assert_allclose(c.network.logits(), own(module), atol=1e-6)


def test_layers_of_one_series_may_stand_side_by_side_where_they_cannot_follow():
    rng = np.random.default_rng(0)
    arrays = {"embed.weight": rng.normal(size=(6, 5)), "fc1.weight": rng.normal(size=(9, 5)),
              "fc2.weight": rng.normal(size=(9, 5)),
              "fc3.weight": rng.normal(size=(6, 9))}  # fmt: skip
    assert network(arrays, activation="relu").kind == "two layers"


def test_padding_and_tokens_are_not_mistaken_for_elements():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(7, 5))
    arrays = {"emb.weight": table, "out.weight": rng.normal(size=(6, 5))}
    assert (
        "index 6 of 'emb.weight' (a token =) is left out"
        in network(arrays, activation="relu").reading
    )
    table[0] = 0
    with pytest.raises(NetworkError, match=r"row 0 of 'emb\.weight' is zero: leave padding out"):
        network(arrays, activation="relu")


def test_tables_of_integers_beside_weights_are_no_weights():
    rng = np.random.default_rng(0)
    layers = {"fc1.weight": rng.normal(size=(9, 12)), "fc2.weight": rng.normal(size=(6, 9))}
    for odd in (S3.table, S3.table < 3):
        with pytest.raises(NetworkError, match="'pairs' are no part"):
            network({"pairs": odd} | layers, activation="relu")
    whole = {name: np.rint(value).astype(int) for name, value in layers.items()}
    assert network(whole, activation="relu").kind == "one-hot"


def test_what_is_right_on_few_pairs_is_doubted_with_its_causes():
    module = trained(Odd(("one", "two", "mix", "top"), exchanged=True))
    names = {"one": "lembed", "two": "rembed", "mix": "linear", "top": "unembed"}
    state = {f"{names[k[:3]]}.weight": v.numpy() for k, v in module.state_dict().items()}
    c = compare(state, "a*b", "S3", activation="relu", decomposition=D)
    assert "exchanged it is right on 100.00 % of the pairs, and not on 50.00 %" in c.doubts[0]
    again = compare(state, "b*a", "S3", activation="relu")
    assert again.gcr.all_accuracy == 1
    assert not any("exchanged" in said for said in again.doubts)
    noise = np.random.default_rng(0)
    wrong = {name: noise.normal(size=value.shape) for name, value in state.items()}
    c = compare(wrong, "a*b", "S3", activation="relu", decomposition=D)
    said = " ".join(c.doubts)
    assert "If it learned more" in said and "leave no trace" in said


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_modules_in_half_precision_are_held_against_their_logits(dtype):
    torch.manual_seed(0)

    class Half(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(12, 9), nn.Linear(9, 6)

        def forward(self, x):
            return self.fc2(F.gelu(self.fc1(x)))

    module = Half().to(dtype)
    net = compare(module, "a*b", "S3", decomposition=D).network
    assert (net.kind, net.combination) == ("one-hot", "gelu")
    assert "own logits agree" in net.reading
    assert next(module.parameters()).dtype == dtype
    state = network(module.state_dict(), activation="gelu")
    np.testing.assert_array_equal(state.logits(), net.logits())


def test_a_module_that_can_be_called_in_several_ways_is_called_in_the_right_one():
    cube = torch.tensor(S3.to_dense())

    class Sequence(nn.Module):
        def __init__(self):
            super().__init__()
            self.cube = nn.Parameter(cube)

        def forward(self, x, mask=None):
            if x.ndim == 1:
                return self.cube[x, 0]
            return self.cube[x[:, 0], x[:, 1]] if x.shape[1] == 3 else self.cube[x[:, 1], x[:, 1]]

    c = compare(Sequence(), "a*b", "S3", decomposition=D)
    assert c.gcr.all_accuracy == 1
    assert "returns on rows [a, b, n]" in c.notes[0]


def test_modules_that_cannot_be_read_are_compared_by_their_logits():
    class Extra(nn.Linear):
        def get_extra_state(self):
            return {"a": 1}

        def set_extra_state(self, state):
            pass

    class Complex(nn.Module):
        def __init__(self):
            super().__init__()
            self.U, self.V, self.W = (nn.Parameter(torch.randn(6, 5) + 1j) for _ in "UVW")

        def forward(self, a, b):
            return (self.U[a] * self.V[b] @ self.W.T).real

    torch.manual_seed(0)
    two = nn.Sequential(nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 6), nn.Tanh())
    extra = nn.Sequential(Extra(12, 9), nn.ReLU(), nn.Linear(9, 6))
    bottleneck = nn.Sequential(nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 4), nn.Linear(4, 6))
    modules = ((two, "relu, tanh"), (extra, "_extra_state"), (bottleneck, ""), (Complex(), "real"))
    for module, why in modules:
        c = compare(module, "a*b", "S3", decomposition=D)
        assert c.network.kind == "logits" and why in c.notes[0]
    with pytest.raises(NetworkError, match="own activation is relu, not gelu"):
        compare(extra, "a*b", "S3", activation="gelu")
    lazy = nn.Sequential(nn.LazyLinear(9), nn.ReLU(), nn.LazyLinear(6))
    meta = nn.Sequential(nn.Linear(12, 9, device="meta"), nn.ReLU(), nn.Linear(9, 6, device="meta"))
    for module in (lazy, meta):
        with pytest.raises(NetworkError, match="nor called on pairs"):
            compare(module, "a*b", "S3")


def fails(a, b):
    raise RuntimeError("boom\nboom")


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda a, b: S3.to_dense()[a, b] * 1j, "real numbers"),
        (lambda a, b: "abc", "real numbers"),
        (lambda a, b: {"logits": 1}, "real numbers"),
        (fails, r"fails on the pair \(0, 0\): RuntimeError: boom boom; it is called with"),
        (lambda a: a, "TypeError"),
        (lambda a, b: S3.to_dense()[a, b] + np.random.default_rng().random(6), "other logits"),
        (
            lambda a, b: S3.to_dense()[a, b] - S3.to_dense()[a, b].mean(axis=0),
            "looks at the whole batch",
        ),
    ],
)
def test_functions_that_are_not_logits_of_pairs_are_refused(f, message):
    with pytest.raises(ComparisonError, match=message):
        compare(f, "a*b", "S3")


def test_tensors_of_any_precision_are_taken_as_arrays():
    cube = torch.tensor(S3.to_dense())
    for given in (
        cube.bfloat16(),
        cube.half().requires_grad_(),
        lambda a, b: cube[a, b].bfloat16(),
    ):
        c = compare(given, "a*b", "S3", decomposition=D)
        assert c.network.kind == "logits" and c.gcr.all_accuracy == 1


def test_an_activation_is_never_ignored():
    rng = np.random.default_rng(0)
    hidden = {"hidden": rng.normal(size=(6, 6, 4)), "readout": rng.normal(size=(4, 6))}
    cube = S3.to_dense()
    for given in (cube, {"logits": cube}, hidden, lambda a, b: cube[a, b]):
        with pytest.raises(ComparisonError, match="says what weights compute"):
            compare(given, "a*b", "S3", activation="gelu")
    net = network(D.factors)
    assert network(net, activation="product") is net
    with pytest.raises(ComparisonError, match="not what the network says, product"):
        network(net, activation="relu")
    with pytest.raises(ComparisonError, match="not a type"):
        network(nn.Linear)


@pytest.mark.parametrize("layout", ["shared", "two layers"])
def test_neurons_multiply_in_every_layout_that_has_two_sides(layout):
    rng = np.random.default_rng(0)

    def some(*shape):
        return rng.normal(size=shape)

    out = {"out.weight": some(6, 9), "out.bias": some(6)}
    if layout == "shared":
        state = {"hidden.weight": some(9, 6), "hidden.bias": some(9)}
        left = right = state["hidden.weight"].T + state["hidden.bias"]
    else:
        state = {"embed.weight": some(6, 5), "left.weight": some(9, 5), "left.bias": some(9),
                 "right.weight": some(9, 5), "right.bias": some(9)}  # fmt: skip
        left, right = (
            state["embed.weight"] @ state[f"{side}.weight"].T + state[f"{side}.bias"]
            for side in ("left", "right")
        )
    net = network(state | out, activation="product")
    assert net.kind == layout and net.is_trilinear
    cube = np.einsum("ar,br,cr->abc", left, right, out["out.weight"]) + out["out.bias"]
    np.testing.assert_allclose(net.logits(), cube, atol=1e-12)
    gone = net.chosen([])
    np.testing.assert_array_equal(gone.logits(), np.broadcast_to(out["out.bias"], (6, 6, 6)))


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_files_that_are_no_state_dicts_say_what_to_do(tmp_path):
    layer = nn.Linear(3, 2)
    state = layer.state_dict()
    torch.jit.save(torch.jit.script(layer), tmp_path / "jit.pt")
    torch.save({"losses": [1.0], "final": state}, tmp_path / "final.pt")
    torch.save({**state, "epoch": 3}, tmp_path / "beside.pt")
    (tmp_path / "lfs.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n")
    for name, message in {
        "jit.pt": "holds a TorchScript module, which is a program",
        "final.pt": "state dicts under the keys 'final', of which one is to be chosen",
        "beside.pt": "tensors beside 'epoch', no tensors",
        "lfs.safetensors": "a pointer of Git LFS",
    }.items():
        with pytest.raises(FileFormatError, match=message) as raised:
            network(tmp_path / name)
        assert "\n" not in str(raised.value)


def test_logits_are_taken_with_a_row_for_each_pair(tmp_path):
    """Also from a file with one tensor, or one array of any name."""
    cube = S3.to_dense()
    flat = cube.reshape(36, 6)
    torch.save(torch.tensor(cube), tmp_path / "cube.pt")
    torch.save(torch.tensor(flat), tmp_path / "flat.pt")
    torch.save({"out": torch.tensor(flat)}, tmp_path / "out.pt")
    np.save(tmp_path / "flat.npy", flat)
    np.savez(tmp_path / "flat.npz", flat)
    files = ("cube.pt", "flat.pt", "out.pt", "flat.npy", "flat.npz")
    for given in (*[tmp_path / name for name in files], flat, torch.tensor(flat)):
        net = network(given)
        assert net.kind == "logits" and ("row 6 a + b" in net.reading) == ("cube" not in str(given))
        np.testing.assert_array_equal(net.logits(), cube)
    assert "array 'out' of shape (36, 6)" in network(tmp_path / "out.pt").reading
    c = compare(flat.reshape(6, 6, 6).transpose(1, 0, 2).reshape(36, 6), "a*b", "S3")
    assert "With a and b exchanged" in c.doubts[0]
    with pytest.raises(ComparisonError, match=r"not \(35, 6\).*reshape\(n, n, n\)"):
        network(flat[:35])
    torch.save(torch.tensor(flat[:35]), tmp_path / "cut.pt")
    with pytest.raises(FileFormatError, match=r"a Tensor of shape \(35, 6\).*np\.save"):
        network(tmp_path / "cut.pt")


@pytest.mark.parametrize(
    ("mask", "hint"),
    [
        (np.ones(36, dtype=bool), r"reshape\(6, 6\)$"),
        (np.ones((6, 6), dtype=int), r"astype\(bool\)$"),
        (np.ones(36), r"reshape\(6, 6\) and astype\(bool\)$"),
        (np.ones((5, 2), dtype=int), r"mask\[pairs\[:, 0\], pairs\[:, 1\]\] = True$"),
        (np.arange(9), r"isin\(numpy\.arange\(36\), indices\)\.reshape\(6, 6\)$"),
        (np.ones((5, 5), dtype=bool), r"not bool of shape \(5, 5\)$"),
    ],
)
def test_masks_of_other_shapes_are_told_how_to_become_one(mask, hint):
    with pytest.raises(ComparisonError, match=hint):
        compare(D.factors, "a*b", "S3", decomposition=D, train_mask=mask)
