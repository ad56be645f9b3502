"""Networks that others build in torch: their logits are ours, layout by layout, biases and all."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordtensor as wt
from wordtensor.compare import compare, network
from wordtensor.compare._network import network_for
from wordtensor.errors import ComparisonError, FileFormatError, NetworkError

ACTIVATIONS = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "abs": torch.abs,
    "square": torch.square,
    "identity": lambda x: x,
}


class OneHot(nn.Module):
    """A perceptron on two one-hot vectors."""

    def __init__(self, n, activation="relu", bias=True):
        super().__init__()
        self.n, self.s = n, ACTIVATIONS[activation]
        self.fc1, self.fc2 = nn.Linear(2 * n, 11, bias=bias), nn.Linear(11, n, bias=bias)

    def forward(self, a, b):
        one = torch.eye(self.n, dtype=self.fc1.weight.dtype)
        return self.fc2(self.s(self.fc1(torch.cat([one[a], one[b]], -1))))


class TwoHot(OneHot):
    """One layer on the sum of two one-hot vectors."""

    def __init__(self, n):
        super().__init__(n)
        self.fc1 = nn.Linear(n, 11)

    def forward(self, a, b):
        one = torch.eye(self.n, dtype=self.fc1.weight.dtype)
        return self.fc2(self.s(self.fc1(one[a] + one[b])))


class Tables(nn.Module):
    """Embeddings, one or two, added or put side by side, or neurons of their own."""

    def __init__(self, n, tables=1, together="sum", tokens=0, linear=False):
        super().__init__()
        size = {"sum": 7, "cat": 14, "neurons": None}[together]
        make = (lambda: nn.Linear(n, 7)) if linear else (lambda: nn.Embedding(n + tokens, 7))
        self.n, self.together, self.linear_tables = n, together, linear
        if tables == 1:
            self.embed = make()
        else:
            self.lembed, self.rembed = make(), make()
        if size:
            self.linear = nn.Linear(size, 11)
        self.unembed = nn.Linear(11 if size else 7, n + tokens)

    def forward(self, a, b):
        pair = (self.embed, self.embed) if hasattr(self, "embed") else (self.lembed, self.rembed)
        if self.linear_tables:
            one = torch.eye(self.n, dtype=self.unembed.weight.dtype)
            a, b = one[a], one[b]
        x, y = pair[0](a), pair[1](b)
        if self.together == "neurons":
            return self.unembed(F.relu(x + y))
        joined = x + y if self.together == "sum" else torch.cat([x, y], -1)
        return self.unembed(F.relu(self.linear(joined)))


class TwoLayers(nn.Module):
    """One table, and a layer for each side; the right one stands first, as somebody wrote it."""

    def __init__(self, n):
        super().__init__()
        self.embedding = nn.Embedding(n, 7)
        self.linear1r, self.linear1l = nn.Linear(7, 11), nn.Linear(7, 11)
        self.linear2 = nn.Linear(11, n)

    def forward(self, a, b):
        x, y = self.embedding(a), self.embedding(b)
        return self.linear2(F.relu(self.linear1l(x) + self.linear1r(y)))


class Bilinear(nn.Module):
    """What a and b bring is multiplied; biases on both sides."""

    def __init__(self, n):
        super().__init__()
        self.left, self.right, self.out = nn.Linear(n, 11), nn.Linear(n, 11), nn.Linear(11, n)

    def forward(self, a, b):
        one = torch.eye(len(self.out.bias), dtype=self.out.weight.dtype)
        return self.out(self.left(one[a]) * self.right(one[b]))


class Attention(nn.Module):
    """One block of TransformerLens, or of the progress-measures paper, by its equations."""

    def __init__(self, n, nanda=False, activation="relu", out=0):
        super().__init__()
        d, h, k, m, self.nanda, self.s = 8, 2, 3, 11, nanda, ACTIVATIONS[activation]
        self.n = n

        def array(*shape):
            return nn.Parameter(torch.randn(*shape))

        lens = {
            "embed.W_E": (n + 1, d), "pos_embed.W_pos": (3, d),
            **{f"blocks.0.attn.W_{c}": (h, d, k) for c in "QKV"},
            "blocks.0.attn.W_O": (h, k, d), "blocks.0.mlp.W_in": (d, m),
            "blocks.0.mlp.W_out": (m, d), "unembed.W_U": (d, n + out),
        }  # fmt: skip
        biases = {
            **{f"blocks.0.attn.b_{c}": (h, k) for c in "QKV"}, "blocks.0.attn.b_O": (d,),
            "blocks.0.mlp.b_in": (m,), "blocks.0.mlp.b_out": (d,), "unembed.b_U": (n + out,),
        }  # fmt: skip
        theirs = {
            "embed.W_E": (d, n + 1), **{f"blocks.0.attn.W_{c}": (h, k, d) for c in "QKV"},
            "blocks.0.attn.W_O": (d, h * k), "blocks.0.mlp.W_in": (m, d),
            "blocks.0.mlp.W_out": (d, m),
        }  # fmt: skip
        if nanda:
            lens |= theirs
            biases = {name: biases[name] for name in ("blocks.0.mlp.b_in", "blocks.0.mlp.b_out")}
        self.w = {name: array(*shape) for name, shape in (lens | biases).items()}
        self.w["blocks.0.attn.mask"] = torch.tril(torch.ones(3, 3)) > 0

    def state_dict(self):
        return {name: value.detach() for name, value in self.w.items()}

    def double(self):
        self.w = {n: v.double() if v.is_floating_point() else v for n, v in self.w.items()}
        return self

    def forward(self, a, b):
        w = {name.rpartition(".")[2]: value for name, value in self.w.items()}
        if self.nanda:
            heads, size, d = w["W_K"].shape
            w |= {c: w[c].transpose(1, 2) for c in ("W_Q", "W_K", "W_V")}
            w["W_O"] = w["W_O"].reshape(d, heads, size).permute(1, 2, 0)
            w |= {c: w[c].T for c in ("W_E", "W_in", "W_out")}
        zero = torch.zeros(())
        tokens = torch.stack([a, b, torch.full_like(a, self.n)], -1)
        x = w["W_E"][tokens] + w["W_pos"]
        q, k, v = (
            torch.einsum("pqd,hdk->phqk", x, w[f"W_{c}"]) + w.get(f"b_{c}", zero[None])[:, None]
            for c in "QKV"
        )
        scores = q @ k.transpose(-1, -2) / k.shape[-1] ** 0.5
        scores = scores.masked_fill(~w["mask"], -torch.inf)
        z = torch.softmax(scores, -1) @ v
        x = x + torch.einsum("phqk,hkd->pqd", z, w["W_O"]) + w.get("b_O", zero)
        inner = self.s(x @ w["W_in"] + w.get("b_in", zero))
        x = x + inner @ w["W_out"] + w.get("b_out", zero)
        return (x @ w["W_U"] + w.get("b_U", zero))[:, -1, : self.n]


MODULES = {
    **{f"one-hot {s}": (lambda n, s=s: OneHot(n, s), s, "one-hot") for s in ACTIVATIONS},
    "one-hot without biases": (lambda n: OneHot(n, bias=False), "relu", "one-hot"),
    "two-hot": (TwoHot, "relu", "shared"),
    "one table of neurons": (lambda n: Tables(n, 1, "neurons"), "relu", "shared"),
    "two tables of neurons": (lambda n: Tables(n, 2, "neurons"), "relu", "two tables"),
    "summed": (lambda n: Tables(n, 1, "sum"), "relu", "summed"),
    "summed, a token more": (lambda n: Tables(n, 1, "sum", tokens=1), "relu", "summed"),
    "concatenated": (lambda n: Tables(n, 1, "cat"), "relu", "concatenated"),
    "concatenated, a token more": (lambda n: Tables(n, 1, "cat", 1), "relu", "concatenated"),
    "concatenated, linear tables": (
        lambda n: Tables(n, 1, "cat", linear=True), "relu", "concatenated",
    ),
    "summed, linear tables": (lambda n: Tables(n, 1, "sum", linear=True), "relu", "summed"),
    "two concatenated": (lambda n: Tables(n, 2, "cat"), "relu", "two concatenated"),
    "two concatenated, linear": (
        lambda n: Tables(n, 2, "cat", linear=True), "relu", "two concatenated",
    ),
    "two summed": (lambda n: Tables(n, 2, "sum"), "relu", "two summed"),
    "two layers": (TwoLayers, "relu", "two layers"),
    "bilinear": (Bilinear, "product", "two tables"),
    "transformer": (Attention, None, "transformer"),
    "transformer, gelu": (lambda n: Attention(n, activation="gelu"), "gelu", "transformer"),
    "transformer, a logit more": (lambda n: Attention(n, out=1), None, "transformer"),
    "nanda": (lambda n: Attention(n, nanda=True, out=1), None, "nanda"),
}  # fmt: skip


def built(name, n, seed=0):
    """Return a module with random weights in double precision, and its logits (n, n, n)."""
    torch.manual_seed(seed)
    module = MODULES[name][0](n).double()
    a, b = torch.arange(n).repeat_interleave(n), torch.arange(n).repeat(n)
    with torch.no_grad():
        logits = module(a, b)[:, :n].reshape(n, n, n).numpy()
    return module, logits


def read_back(state, tmp_path, kind):
    """Write a state dict to a file of some kind."""
    path = tmp_path / f"net{kind}"
    if kind == ".npz":
        np.savez(path, **{name: value.numpy() for name, value in state.items()})
    elif kind == ".safetensors":
        from safetensors.torch import save_file

        save_file({name: value.contiguous() for name, value in state.items()}, path)
    else:
        torch.save(state, path)
    return path


@pytest.mark.parametrize("kind", ["arrays", ".pt", ".safetensors", ".npz"])
@pytest.mark.parametrize("name", MODULES)
def test_logits_are_those_of_the_module(name, kind, tmp_path):
    module, logits = built(name, 6)
    _, activation, layout = MODULES[name]
    state = module.state_dict()
    source = (
        {n: v.numpy() for n, v in state.items()}
        if kind == "arrays"
        else read_back(state, tmp_path, kind)
    )
    T = wt.word_tensor("a*b", "S3")
    net = network_for(source, T, activation)
    assert net.kind == layout
    assert layout in net.reading
    np.testing.assert_allclose(net.logits(), logits, rtol=0, atol=1e-10 * np.abs(logits).max())
    np.testing.assert_allclose(net.logits(slice(2, 4)), net.logits()[2:4])
    some, others = net.chosen([0, 3]), net.chosen(np.setdiff1d(np.arange(net.width), [0, 3]))
    through = some.hidden() @ some.readout + others.hidden() @ others.readout
    np.testing.assert_allclose(through, net.hidden() @ net.readout, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in MODULES if "transformer" not in name])
def test_a_module_itself_is_read_and_held_against_its_own_logits(name):
    if name == "nanda":
        pytest.skip("it is no true module")
    module, logits = built(name, 6)
    c = compare(module, "a*b", "S3", decomposition=wt.decompose("a*b", "S3"))
    assert c.network.kind == MODULES[name][2]
    assert "own logits agree" in c.notes[0]
    np.testing.assert_allclose(c.network.logits(), logits, atol=1e-10 * np.abs(logits).max())


def test_sequential_modules_say_their_activation():
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(12, 9), nn.GELU(approximate="tanh"), nn.Linear(9, 6)).double()
    net = network(module)
    assert (net.kind, net.combination, net.width) == ("one-hot", "gelu_tanh", 9)
    one = torch.eye(6, dtype=torch.double)
    with torch.no_grad():
        pairs = module(torch.cat([one[:, None].expand(6, 6, 6), one.expand(6, 6, 6)], -1))
    np.testing.assert_allclose(net.logits(), pairs.numpy(), atol=1e-12)
    with pytest.raises(NetworkError, match="own activation is gelu_tanh, not relu"):
        network(module, activation="relu")


def test_a_module_that_is_none_of_ours_is_compared_by_its_logits():
    torch.manual_seed(1)
    deep = nn.Sequential(
        nn.Linear(12, 9), nn.ReLU(), nn.LayerNorm(9), nn.Linear(9, 8), nn.ReLU(), nn.Linear(8, 6)
    )
    normed = nn.Sequential(
        nn.Linear(12, 9), nn.LayerNorm(9, elementwise_affine=False), nn.ReLU(), nn.Linear(9, 6)
    )
    for module in (deep, normed):
        c = compare(module, "a*b", "S3")
        assert (c.network.kind, c.spectrum, c.pruning, c.match) == ("logits", None, None, None)
        assert "logits that the module returns" in c.notes[0]


def trained(n=6, word="a*b", group="S3", width=40):
    """Return a perceptron that has learned a word, as arrays."""
    T = wt.word_tensor(word, group)
    torch.manual_seed(0)
    module = OneHot(n)
    module.fc1, module.fc2 = nn.Linear(2 * n, width), nn.Linear(width, n)
    a, b = torch.arange(n).repeat_interleave(n), torch.arange(n).repeat(n)
    target = torch.tensor(T.table.ravel().astype(np.int64))
    steps = torch.optim.Adam(module.parameters(), lr=0.03)
    for _ in range(200):
        steps.zero_grad()
        F.cross_entropy(module(a, b), target).backward()
        steps.step()
    return {name: value.detach().double().numpy() for name, value in module.state_dict().items()}, T


def test_transposed_weights_are_recognised_by_shape_and_said():
    state, T = trained()
    usual = network(state, activation="relu")
    turned = {name: value.T if value.ndim == 2 else value for name, value in state.items()}
    net = network(turned, activation="relu")
    np.testing.assert_array_equal(net.logits(), usual.logits())
    assert "fc1.weight.T" in net.reading and "fc2.weight.T" in net.reading
    factors = wt.decompose("a*b", "S3").factors
    again = network_for({k: F.T for k, F in zip("UVW", factors, strict=True)}, T)
    np.testing.assert_allclose(again.logits(), T.to_dense(), atol=1e-9)


@pytest.mark.parametrize("turned", [(), ("fc1.weight",), ("fc2.weight",)])
def test_where_shapes_leave_several_readings_the_word_decides(turned):
    state, T = trained(width=12)  # fc1.weight is square
    logits = network_for(state, T, "relu").logits()
    assert (logits.argmax(2) == T.table).all()
    given = {name: value.T if name in turned else value for name, value in state.items()}
    net = network_for(given, T, "relu")
    np.testing.assert_array_equal(net.logits(), logits)
    assert ("fc1.weight.T" in net.reading) == ("fc1.weight" in turned)
    c = compare(given, "a*b", "S3", activation="relu")
    assert "readings that the shapes allow: right on 100 %" in c.notes[0]


def test_a_net_that_learned_nothing_keeps_its_usual_reading():
    rng = np.random.default_rng(0)
    given = {"fc1.weight": rng.normal(size=(12, 12)), "fc2.weight": rng.normal(size=(6, 12))}
    net = network_for(given, wt.word_tensor("a*b", "S3"), "relu")
    assert ".T" not in net.reading and "no other reading is on half" in net.reading


def test_an_activation_must_be_stated():
    state, _ = trained()
    with pytest.raises(ComparisonError, match=r"state an activation.*relu"):
        network(state)
    rng = np.random.default_rng(0)
    lookups = {"left": rng.normal(size=(6, 5)), "right": rng.normal(size=(6, 5)),
               "readout": rng.normal(size=(5, 6))}  # fmt: skip
    with pytest.raises(ComparisonError, match="state an activation"):
        network(lookups)
    stored = network(lookups | {"activation": np.array("tanh")})
    assert stored.combination == "tanh"
    with pytest.raises(ComparisonError, match="'tanh'; 'relu' was stated"):
        network(lookups | {"activation": np.array("tanh")}, activation="relu")


def test_biases_count_in_every_measure():
    state, T = trained()
    net = network(state, activation="relu")
    n, fc1, fc2 = 6, state["fc1.weight"], state["fc2.weight"]
    left, right = net.lookups
    np.testing.assert_array_equal(left, fc1[:, :n].T)
    np.testing.assert_array_equal(right, fc1[:, n:].T)
    squares = sum(float(np.square(value).sum()) for value in state.values())
    assert net.sum_of_squared_weights == pytest.approx(squares)
    cube = np.maximum(left[:, None] + right + state["fc1.bias"], 0) @ fc2.T + state["fc2.bias"]
    found = wt.compare.gcr_metrics(net, "S3")
    top = cube - cube.max(2, keepdims=True)
    own = np.take_along_axis(top, T.table[..., None].astype(np.int64), 2)[..., 0]
    loss = (np.log(np.exp(top).sum(2)) - own).mean()
    assert found.all_loss == pytest.approx(loss, rel=1e-9)
    gone = wt.compare.ablate(net, "a*b", "S3", neurons=range(net.width))
    assert gone.changed == pytest.approx(
        np.square(cube - state["fc2.bias"]).sum() / np.square(cube).sum()
    )
    pruned = wt.compare.prune(net, T)
    kept = net.chosen(pruned.kept(net.width))
    np.testing.assert_allclose(kept.logits(), cube, atol=1e-12)
    logits = wt.compare.logit_spectrum(net, T, centred=False)
    assert logits.tensor_error == pytest.approx(np.square(cube - T.to_dense()).sum() / 36)


def test_biases_of_multiplying_neurons_are_part_of_their_tables():
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=(6, 5)) for name in "UVW"}
    biases = {"b_U": rng.normal(size=5), "b_V": rng.normal(size=5), "b_W": rng.normal(size=6)}
    net = network(arrays | biases)
    left, right = arrays["U"] + biases["b_U"], arrays["V"] + biases["b_V"]
    cube = np.einsum("ar,br,cr->abc", left, right, arrays["W"]) + biases["b_W"]
    np.testing.assert_allclose(net.logits(), cube, atol=1e-12)
    U, V, W = net.factors()
    np.testing.assert_allclose(np.einsum("ar,br,cr->abc", U, V, W), cube - biases["b_W"])


def test_functions_and_logits_alone_are_compared_as_far_as_they_can_be():
    state, _ = trained()
    net = network(state, activation="relu")
    cube = net.logits()
    d = wt.decompose("a*b", "S3")
    whole = compare(net, "a*b", "S3", decomposition=d)
    sources = [
        cube,
        {"logits": cube},
        lambda a, b: cube[a, b],
        lambda a, b: cube[int(a)][int(b)].tolist(),
        lambda a, b: torch.tensor(cube[a, b], requires_grad=True),
    ]
    for source in sources:
        c = compare(source, "a*b", "S3", decomposition=d)
        assert c.network.kind == "logits"
        assert (c.spectrum, c.pruning, c.boxes, c.match) == (None, None, None, None)
        assert (c.clusters, c.cosets) == ((), ())
        assert any("only logits are known" in note for note in c.notes)
        assert c.gcr.all_loss == whole.gcr.all_loss
        assert c.gcr.logit_similarity == whole.gcr.logit_similarity
        assert c.gcr.total_logit_restricted_loss == whole.gcr.total_logit_restricted_loss
        assert np.isnan(c.gcr.percent_hidden_explained) and np.isnan(c.gcr.unembed).all()
        assert np.isnan(c.gcr.sum_of_squared_weights)
        np.testing.assert_array_equal(c.logits.energy, whole.logits.energy)
        assert "logits of a network" in str(c) and c.to_dict()["spectrum"] is None
    page = wt.report.comparison_html(c)
    assert "Logits of a network" in page and "<h3>Irreps</h3>" in page
    assert wt.compare.network(cube).logits() == pytest.approx(cube)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda a, b: np.zeros(5), r"must return 6 logits for one pair.*shape \(5,\)"),
        (lambda a, b: 0.0, r"shape \(\)"),
        (lambda a, b: np.full(6, np.nan), "finite"),
    ],
)
def test_functions_that_return_no_logits_are_refused(f, message):
    with pytest.raises(ComparisonError, match=message):
        compare(f, "a*b", "S3")


def test_a_function_without_a_group_is_refused():
    with pytest.raises(ComparisonError, match="does not say how many elements"):
        network(lambda a, b: 0)
    with pytest.raises(ComparisonError, match=r"\(n, n, n\), not \(6, 6, 5\)"):
        network(np.zeros((6, 6, 5)))


def test_the_second_block_and_scales_of_the_case_are_refused_by_name():
    torch.manual_seed(0)
    state = {name: value.numpy() for name, value in Attention(6).state_dict().items()}
    more = {n.replace("blocks.0", "blocks.1"): v for n, v in state.items() if "blocks" in n}
    with pytest.raises(NetworkError, match=r"'blocks\.1\.attn\.W_K'"):
        network(state | more)
    with pytest.raises(NetworkError, match=r"'blocks\.0\.ln1\.w', 'ln_final\.w'"):
        network(state | {"blocks.0.ln1.w": np.ones(8), "ln_final.w": np.ones(8)})


def test_wrong_files_are_one_sentence_with_the_files_name(tmp_path):
    path = tmp_path / "net.pt"
    torch.save({"fc1.weight": torch.zeros(3, 4), "fc2.weight": torch.zeros(5, 3)}, path)
    with pytest.raises(FileFormatError, match=r"net\.pt.*'fc1\.weight \(3, 4\)'") as caught:
        network(path)
    assert "\n" not in str(caught.value)
