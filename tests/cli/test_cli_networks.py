"""``wordtensor compare`` on networks of others: what is read, said of it, and refused."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import wordtensor as wt
from wordtensor._layouts._table import LAYOUTS

from .test_cli_bad_input import check_one_line


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """Return a folder with the state dict of a perceptron with biases that learned S3."""
    T = wt.word_tensor("a*b", "S3")
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 6))
    one = torch.eye(6)
    pairs = torch.cat([one.repeat_interleave(6, 0), one.repeat(6, 1)], 1)
    target = torch.tensor(T.table.ravel().astype(np.int64))
    steps = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(150):
        steps.zero_grad()
        nn.functional.cross_entropy(model(pairs), target).backward()
        steps.step()
    folder = tmp_path_factory.mktemp("nets")
    torch.save(model.state_dict(), folder / "net.pt")
    save_file(model.state_dict(), folder / "net.safetensors")
    torch.save({5: model.state_dict(), 9: model.state_dict()}, folder / "many.pt")
    with torch.no_grad():
        np.save(folder / "logits.npy", model(pairs).reshape(6, 6, 6).numpy())
    arrays = {name: value.numpy() for name, value in model.state_dict().items()}
    np.savez(folder / "net.npz", **arrays, activation="relu")
    return folder


def told(result):
    """Return the JSON that a command wrote."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", ["net.pt", "net.safetensors"])
def test_a_plain_perceptron_is_compared_in_one_command(run, learned, name):
    result = run("compare", learned / name, "a*b", "S3", "--activation", "relu", "--json")
    found = told(result)
    assert found["network"] == {"kind": "one-hot", "width": 32, "combination": "relu"}
    assert found["gcr"]["all_accuracy"] == 1
    assert "read as layout 'one-hot' with hidden = 0.weight" in result.stderr
    assert "hidden bias = 0.bias" in result.stderr
    assert found["notes"][0].startswith("read as layout 'one-hot'")


def test_files_may_store_the_activation(run, learned):
    found = told(run("compare", learned / "net.npz", "a*b", "S3", "--json"))
    assert found["network"]["combination"] == "relu"
    line = check_one_line(run("compare", learned / "net.npz", "a*b", "S3", "--activation", "gelu"))
    assert "'relu'" in line and "'gelu' was stated" in line


def test_logits_alone_are_compared_as_far_as_they_can_be(run, learned, tmp_path):
    page = tmp_path / "page.html"
    result = run("compare", learned / "logits.npy", "a*b", "S3", "--json", "--html", page)
    found = told(result)
    assert (found["network"]["kind"], found["spectrum"], found["pruning"]) == ("logits", None, None)
    whole = told(run("compare", learned / "net.pt", "a*b", "S3", "--activation", "relu", "--json"))
    assert found["gcr"]["all_loss"] == pytest.approx(whole["gcr"]["all_loss"], rel=1e-4)
    assert found["logits"]["scale"] == pytest.approx(whole["logits"]["scale"], rel=1e-5)
    assert "only logits are known" in page.read_text()
    assert "only logits are known" in run("compare", learned / "logits.npy", "a*b", "S3").stdout


def test_maps_say_which_array_is_what(run, learned):
    maps = ["left=0.weight[:, :6]", "right=0.weight[:, 6:]", "readout=2.weight.T", "bias=0.bias",
            "offset=2.bias"]  # fmt: skip
    options = [part for text in maps for part in ("--map", text)]
    result = run(
        "compare", learned / "net.pt", "a*b", "S3", *options, "--activation", "relu", "--json"
    )
    whole = told(run("compare", learned / "net.pt", "a*b", "S3", "--activation", "relu", "--json"))
    assert told(result)["gcr"]["all_loss"] == pytest.approx(whole["gcr"]["all_loss"], rel=1e-12)
    assert "mapped left=0.weight[:, :6]" in result.stderr
    assert "not mapped: none" in result.stderr


def test_of_many_checkpoints_the_last_or_one_by_its_step(run, learned):
    arguments = ("compare", learned / "many.pt", "a*b", "S3", "--activation", "relu", "--json")
    assert "holds 2 checkpoints; this is step 9 (--step)" in run(*arguments).stderr
    assert "this is step 5 (--step)" in run(*arguments, "--step", 5).stderr
    assert "There is no step 7" in check_one_line(run(*arguments, "--step", 7))


@pytest.mark.parametrize(
    "kind",
    ["npy", "npz", "csv", "words", "pairs.csv", "pairs.npy", "floats.txt", "tuples.txt"],
)
def test_training_pairs_come_from_a_file(run, learned, tmp_path, kind):
    mask = np.random.default_rng(0).random((6, 6)) < 0.5
    path = tmp_path / f"mask.{kind.split('.')[-1] if kind != 'words' else 'txt'}"
    if kind == "npy":
        np.save(path, mask)
    elif kind == "npz":
        np.savez(path, train_mask=mask, other=np.ones(3))
    elif kind == "csv":
        np.savetxt(path, mask, fmt="%d", delimiter=",")
    elif kind == "words":
        path.write_text("\n".join(" ".join(str(bool(x)) for x in row) for row in mask))
    elif kind == "pairs.csv":
        np.savetxt(path, np.argwhere(mask), fmt="%d", delimiter=",", header="a,b")
    elif kind == "floats.txt":
        np.savetxt(path, mask)
    elif kind == "tuples.txt":
        path.write_text("\n".join(f"({a}, {b})," for a, b in np.argwhere(mask)))
    else:
        np.save(path, np.argwhere(mask))
    arguments = ("compare", learned / "net.pt", "a*b", "S3", "--activation", "relu", "--json")
    found = told(run(*arguments, "--train-mask", path))
    assert found["gcr"]["train_pairs"] == mask.sum()
    line = check_one_line(run(*arguments, "--train-mask", path, "--train-fraction", 0.5))
    assert "give one of them" in line


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.csv", "1,0,1\n0,1,1\n", "table of 6 x 6 booleans"),
        ("m.csv", "0,6\n", "indices 0 to 5"),
        ("m.csv", "0,1\na,b\n", "line 2 has 'a,b', neither numbers nor the labels"),
        ("m.csv", "0,1\n0\n", "line 2 has 1 entries, not 2"),
        ("m.txt", "", "shape"),
        ("m.npy", "text", "training pairs"),
        ("m.json", "[]", "none of these endings"),
        ("m.pt", "text", "no file of torch.save"),
    ],
)
def test_wrong_training_pairs_are_one_line(run, learned, tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content)
    arguments = ("compare", learned / "net.pt", "a*b", "S3", "--activation", "relu")
    line = check_one_line(run(*arguments, "--train-mask", path))
    assert name in line and message in line


def test_the_rest_of_the_pairs_is_not_taken_for_those_of_training(run, learned, tmp_path):
    for arrays in ({"test_mask": np.eye(6, dtype=bool)}, {"x": np.eye(6), "y": np.eye(6)}, {}):
        np.savez(tmp_path / "m.npz", **arrays)
        line = check_one_line(
            run("compare", learned / "logits.npy", "a*b", "S3", "--train-mask", tmp_path / "m.npz")
        )
        assert "no array train_mask" in line


def test_accuracy_is_split_as_the_mask_and_the_seed_say(run, tmp_path):
    T = wt.word_tensor("a*b", "S3")
    cube = np.random.default_rng(0).normal(size=(6, 6, 6)) + T.to_dense()
    np.save(tmp_path / "net.npy", cube)
    right = cube.argmax(2) == T.table
    drawn = torch.randperm(36, generator=torch.Generator().manual_seed(5))[: int(0.4 * 36)].numpy()
    mask = np.isin(np.arange(36), drawn).reshape(6, 6)
    assert right[mask].mean() != right[~mask].mean()
    np.save(tmp_path / "mask.npy", mask)
    for options in (
        ["--train-mask", tmp_path / "mask.npy"],
        ["--train-fraction", 0.4, "--split-seed", 5],
    ):
        gcr = told(run("compare", tmp_path / "net.npy", "a*b", "S3", "--json", *options))["gcr"]
        assert gcr["train_accuracy"] == right[mask].mean()
        assert gcr["test_accuracy"] == right[~mask].mean()


def test_a_share_below_one_pair_is_refused(run, learned):
    line = check_one_line(
        run("compare", learned / "logits.npy", "a*b", "S3", "--train-fraction", 0.02)
    )
    assert "Option --train-fraction must be at least 1/36" in line


def test_layouts_are_listed(run):
    result = run("compare", "--like")
    assert result.exit_code == 0
    for layout in LAYOUTS:
        assert layout.name in result.stdout
    for shape in ("hidden (R, 2n)", "W_Q (h, d, k)", "left (n, R)"):
        assert shape in result.stdout


def perceptron():
    """Return the state dict of a perceptron on S3, as arrays."""
    rng = np.random.default_rng(0)
    shapes = {"fc1.weight": (5, 12), "fc1.bias": (5,), "fc2.weight": (6, 5), "fc2.bias": (6,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def lookups(**changes):
    """Return arrays left, right, readout on S3, some of them others."""
    rng = np.random.default_rng(0)
    shapes = {"left": (6, 5), "right": (6, 5), "readout": (5, 6)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()} | changes


# Arrays, options, and what the one line must say.
WRONG = {
    "no activation": (perceptron(), (), "state an activation"),
    "lookups without one": (lookups(), (), "state an activation"),
    "an unknown activation": (perceptron(), ("--activation", "elu"), "one of product, relu, gelu"),
    "a product of one layer": (perceptron(), ("--activation", "product"), "multiply two inputs"),
    "a layer norm": (
        perceptron() | {"ln.weight": np.ones(5), "ln.bias": np.ones(5)}, ("--activation", "relu"),
        "'ln.bias', 'ln.weight'",
    ),
    "batch norm": (
        perceptron() | {"bn.running_mean": np.ones(5)}, ("--activation", "relu"),
        "'bn.running_mean'",
    ),
    "three layers": (
        perceptron() | {"fc3.weight": np.ones((9, 13))}, ("--activation", "relu"),
        "'fc3.weight (9, 13)'",
    ),
    "one layer": (
        {"fc1.weight": np.ones((5, 12))}, ("--activation", "relu"), "'fc1.weight (5, 12)'",
    ),
    "a bias of another length": (
        perceptron() | {"fc1.bias": np.ones(7)}, ("--activation", "relu"), "'fc1.bias (7,)'",
    ),
    "sizes that do not fit": (
        perceptron() | {"fc2.weight": np.ones((7, 5))}, ("--activation", "relu"),
        "'fc2.weight (7, 5)'",
    ),
    "not finite": (
        perceptron() | {"fc1.bias": np.full(5, np.nan)}, ("--activation", "relu"),
        "Array 'fc1.bias' must be finite",
    ),
    "complex": (
        perceptron() | {"fc1.weight": 1j * np.ones((5, 12))}, ("--activation", "relu"),
        "Array 'fc1.weight' must be an array of real numbers",
    ),
    "another group": (
        {n: np.ones(s) for n, s in (("a.weight", (5, 16)), ("b.weight", (8, 5)))},
        ("--activation", "relu"), "on 8 elements",
    ),
    "left alone": ({"left": np.ones((6, 5))}, ("--activation", "relu"), "'left (6, 5)'"),
    "lookups of other shapes": (
        lookups(readout=np.ones((4, 6))), ("--activation", "relu"), "'readout (4, 6)'",
    ),
    "lookups and more": (lookups(scale=np.ones(5)), ("--activation", "relu"), "Arrays 'scale'"),
    "a product with a bias": (
        lookups(bias=np.ones(5)), ("--activation", "product"), "no bias of their own",
    ),
    "logits of no cube": ({"logits": np.ones((6, 6, 5))}, (), "(n, n, n), not (6, 6, 5)"),
    "logits with an activation": (
        {"logits": np.ones((6, 6, 6))}, ("--activation", "relu"), "holds logits",
    ),
    "a map of nothing": (
        perceptron(), ("--map", "left=fc9.weight", "--activation", "relu"), "none of the arrays",
    ),
    "maps that are not all": (
        perceptron(), ("--map", "left=fc1.weight[:, :6]", "--activation", "relu"), "is missing",
    ),
    "a step": (perceptron(), ("--step", 3, "--activation", "relu"), "no step 3"),
    "an instance": (perceptron(), ("--instance", 3, "--activation", "relu"), "no instance 3"),
}  # fmt: skip


@pytest.mark.parametrize("kind", [".npz", ".pt"])
@pytest.mark.parametrize("what", WRONG)
def test_wrong_networks_are_one_line(run, tmp_path, what, kind):
    arrays, options, message = WRONG[what]
    path = tmp_path / f"net{kind}"
    if kind == ".pt":
        torch.save({name: torch.tensor(value) for name, value in arrays.items()}, path)
    else:
        np.savez(path, **arrays)
    page = tmp_path / "page.html"
    line = check_one_line(run("compare", path, "a*b", "S3", *options, "--html", page))
    assert message in line
    assert not page.exists()


def test_a_net_of_ours_says_its_own(run, learned, tmp_path):
    path = tmp_path / "net.safetensors"
    wt.nets.save(wt.nets.HadamardNet(6, 5), path, {"word": "a*b", "group": "S3"})
    for options in (("--activation", "relu"), ("--map", "left=U"), ("--step", 3)):
        assert "says its own" in check_one_line(run("compare", path, *options))
    assert "is no network; give a file .npz" in check_one_line(
        run("compare", __file__, "a*b", "S3")
    )
