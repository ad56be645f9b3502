"""Networks on disk: they come back as they were, and any other file gives one kind of error."""

import io
import json
import pickle
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save as save_tensors

from wordtensor.errors import FileFormatError
from wordtensor.nets import (
    EmbeddingMLP,
    HadamardNet,
    MarginNet,
    OneLayerTransformer,
    ParityNet,
    TwoLayerPerceptron,
    load,
    save,
)
from wordtensor.nets.files import SCHEMA, read_safetensors, write_safetensors
from wordtensor.rank import decompose

ONCE = {"derandomize": True, "deadline": None}

MAKERS = {
    "hadamard": lambda **how: HadamardNet(3, 4, **how),
    "rectangular": lambda **how: HadamardNet((2, 3, 4), 5, **how),
    "perceptron": lambda **how: TwoLayerPerceptron(3, 4, "sigmoid", **how),
    "margin": lambda **how: MarginNet(8, 2, **how),
    "mlp": lambda **how: EmbeddingMLP(3, 4, 5, **how),
    "transformer": lambda **how: OneLayerTransformer(3, 4, 5, 2, 3, **how),
    "parity": lambda **how: ParityNet(3, 4, 2, **how),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.safetensors"


def content_of(tensors, **header):
    """A safetensors file with a header as ours, checksum and all, whatever it says."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "x.safetensors"
        write_safetensors(target, tensors, header)
        return target.read_bytes()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("seed", [7, (7,), (1, 2, 3)])
@pytest.mark.parametrize("name", MAKERS)
def test_round_trip(name, seed, dtype, path):
    net = MAKERS[name](seed=seed, dtype=dtype)
    save(net, path, {"word": "a*b", "seed": 3})
    again = load(path)
    assert type(again) is type(net)
    assert (again.sizes, again.instances, again.dtype) == (net.sizes, net.instances, dtype)
    for one, two in zip(net.arrays().items(), again.arrays().items(), strict=True):
        assert one[0] == two[0]
        np.testing.assert_array_equal(one[1], two[1])
    assert read_safetensors(path)[0]["about"] == {"word": "a*b", "seed": 3}
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    if name != "parity":
        np.testing.assert_array_equal(again.logits(), net.logits())


def test_infinite_weights_come_back(path):
    net = HadamardNet(3, 4)
    with torch.no_grad():
        net.U[0, 0], net.U[0, 1] = float("nan"), float("inf")
    save(net, str(path))
    np.testing.assert_array_equal(load(str(path)).arrays()["U"], net.arrays()["U"])


@pytest.mark.parametrize("name", ["C3", "Q8", "S3"])
def test_decompositions_are_nets(name, tmp_path):
    d = decompose("a*b", name)
    d.save(tmp_path / "d.npz")
    net = load(tmp_path / "d.npz")
    assert type(net) is HadamardNet and net.width == d.rank
    for one, two in zip(net.factors(), d.factors, strict=True):
        np.testing.assert_array_equal(one, two)


def test_complex_decompositions_are_not(tmp_path):
    decompose("a*b", "C3", field="complex").save(tmp_path / "d.npz")
    with pytest.raises(FileFormatError, match=r"d\.npz.*field='real'"):
        load(tmp_path / "d.npz")


NAMES_OF_THEIRS = {
    "W_E": "embed.W_E", "W_pos": "pos_embed.W_pos", "W_U": "unembed.W_U",
    **{k: f"blocks.0.attn.{k}" for k in ("W_Q", "W_K", "W_V", "W_O")},
    **{k: f"blocks.0.mlp.{k}" for k in ("W_in", "W_out")},
}  # fmt: skip


def test_arrays_of_others(tmp_path):
    for net, names in (
        (EmbeddingMLP(3, 4, 5), {}), (OneLayerTransformer(3, 4, 5, 2, 3), NAMES_OF_THEIRS),
        (OneLayerTransformer(3, 4, 5, 2, 3, dtype=torch.float64), NAMES_OF_THEIRS),
    ):  # fmt: skip
        arrays = {names.get(key, key): value for key, value in net.arrays().items()}
        np.savez(tmp_path / "net.npz", **arrays, cayley=np.zeros((3, 3), dtype=int))
        again = load(tmp_path / "net.npz")
        assert (type(again), again.sizes, again.dtype) == (type(net), net.sizes, net.dtype)
        np.testing.assert_array_equal(again.logits(), net.logits())
    zero = {"blocks.0.mlp.b_in": np.zeros(4), "unembed.b_U": np.zeros(3)}
    np.savez(tmp_path / "net.npz", **arrays, **zero)
    np.testing.assert_array_equal(load(tmp_path / "net.npz").logits(), net.logits())
    np.savez(tmp_path / "net.npz", **arrays, **{"blocks.0.mlp.b_in": np.eye(4)[0]})
    with pytest.raises(FileFormatError, match=r"'blocks\.0\.mlp\.b_in' not zero"):
        load(tmp_path / "net.npz")


@pytest.mark.parametrize("content", [
    b"", b"hello", b"\xff" * 100, b"PK\x03\x04nonsense", pickle.dumps([1, 2]), b"\x00" * 8,
    b"\x02" + b"\x00" * 7 + b"{}", (2**63).to_bytes(8, "little") + b"{}",
    (10**5 + 10).to_bytes(8, "little") + b"[" * 10**5 + b"{}" * 10,
])  # fmt: skip
@pytest.mark.parametrize("name", ["net.safetensors", "net.npz", "net", "net.pt"])
def test_other_files_are_refused(content, name, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileFormatError, match=name):
        load(tmp_path / name)


def test_missing_files_and_folders(tmp_path):
    net = HadamardNet(3, 4)
    for target in (tmp_path / "gone.safetensors", tmp_path / "gone.npz", tmp_path):
        with pytest.raises(FileFormatError, match="Cannot read"):
            load(target)
    for target in (tmp_path / "nowhere" / "net.safetensors", tmp_path):
        with pytest.raises(FileFormatError, match="Cannot write"):
            save(net, target)
    for target in (3, None, net):
        with pytest.raises(FileFormatError, match="must be a path"):
            load(target)
    assert list(tmp_path.iterdir()) == []


def test_damage_is_noticed_everywhere(path):
    whole = HadamardNet(3, 4)
    save(whole, path)
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(FileFormatError):
            load(path)
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        try:
            net = load(path)
        except FileFormatError:
            continue
        # Blanks that pad the header may become other blanks.
        for one, two in zip(net.arrays().values(), whole.arrays().values(), strict=True):
            np.testing.assert_array_equal(one, two)
    path.write_bytes(data + b"\x00")
    with pytest.raises(FileFormatError):
        load(path)


def test_damaged_archives_are_noticed(tmp_path):
    path = tmp_path / "d.npz"
    d = decompose("a*b", "C3")
    d.save(path)
    data = path.read_bytes()
    for place in range(0, len(data), 11):
        flipped = bytes([data[place] ^ 0xFF])
        for damaged in (data[:place], data[:place] + flipped + data[place + 1 :]):
            path.write_bytes(damaged)
            try:
                net = load(path)
            except FileFormatError:
                continue
            for one, two in zip(net.factors(), d.factors, strict=True):
                np.testing.assert_array_equal(one, two)


def test_safetensors_of_others_are_refused(path):
    tensors = {"U": torch.ones(3, 4)}
    for metadata in (None, {"format": "pt"}, {"wordtensor": "{"}, {"wordtensor": "3"},
                     {"wordtensor": "[]"}, {"wordtensor": "null"}):  # fmt: skip
        path.write_bytes(save_tensors(tensors, metadata))
        with pytest.raises(FileFormatError, match=r"net\.safetensors"):
            load(path)


@pytest.mark.parametrize("schema", [None, 0, SCHEMA + 1, "1"])
def test_other_schemas_are_refused(schema, path):
    save(HadamardNet(3, 4), path)
    header, tensors = read_safetensors(path)
    path.write_bytes(save_tensors(tensors, {"wordtensor": json.dumps(header | {"schema": schema})}))
    with pytest.raises(FileFormatError, match="schema"):
        load(path)


def test_a_checksum_is_asked_for(path):
    save(HadamardNet(3, 4), path)
    header, tensors = read_safetensors(path)
    assert "checksum" not in header
    for values in (header, header | {"checksum": 0}, header | {"checksum": "x"}):
        path.write_bytes(save_tensors(tensors, {"wordtensor": json.dumps(values)}))
        with pytest.raises(FileFormatError, match="checksum"):
            load(path)


HEADERS = [
    {"kind": "resnet"}, {"kind": None}, {"kind": []}, {"kind": "mlp"}, {"kind": "parity"},
    {"sizes": None}, {"sizes": 3}, {"sizes": []}, {"sizes": {}}, {"sizes": {"order": 3}},
    {"sizes": {"order": 3, "width": 5}}, {"sizes": {"order": 3, "width": "4"}},
    {"sizes": {"order": 3, "width": 4.0}}, {"sizes": {"order": None, "width": 4}},
    {"sizes": {"order": [3, 3], "width": 4}}, {"sizes": {"order": [3, 3, "x"], "width": 4}},
    {"sizes": {"order": -3, "width": 4}}, {"sizes": {"order": 3, "width": 0}},
    {"sizes": {"order": 3, "width": 4, "depth": 2}}, {"sizes": {"order": 3, "width": 4, "seed": 2}},
    {"sizes": {"order": 10**9, "width": 10**9}}, {"sizes": {"order": 10**18, "width": 10**18}},
    {"sizes": {"order": 10**30, "width": 4}}, {"sizes": {"order": 3, "width": 10**400}},
    {"sizes": {"order": 3, "width": 4, "scale": "x"}}, {"sizes": [["order", 3], ["width"]]},
    {"instances": 2}, {"instances": 3}, {"instances": 10**12}, {"instances": 2**70},
    {"instances": -1}, {"instances": "3"}, {"instances": 1.5}, {"instances": []},
    {"instances": 0}, {"instances": 3.0}, {"instances": False},
]  # fmt: skip


@pytest.mark.parametrize("change", HEADERS)
def test_headers_that_do_not_fit(change, path):
    good = {"kind": "hadamard", "sizes": {"order": 3, "width": 4}, "instances": None, "about": {}}
    tensors = {name: torch.ones(3, 4) for name in "UVW"}
    path.write_bytes(content_of(tensors, **good))
    assert load(path).width == 4
    path.write_bytes(content_of(tensors, **(good | change)))
    with pytest.raises(FileFormatError, match=r"net\.safetensors"):
        load(path)
    for key in change:
        path.write_bytes(content_of(tensors, **{k: v for k, v in good.items() if k != key}))
        with pytest.raises(FileFormatError, match=r"net\.safetensors"):
            load(path)


@pytest.mark.parametrize("tensors", [
    {}, {"U": torch.ones(3, 4)}, {name: torch.ones(3, 5) for name in "UVW"},
    {name: torch.ones(2, 3, 4) for name in "UVW"}, {name: torch.ones(()) for name in "UVW"},
    {name: torch.ones(3, 4) for name in "UVWX"},
    {name: torch.ones(3, 4, dtype=torch.int64) for name in "UVW"},
    {name: torch.ones(3, 4, dtype=torch.bool) for name in "UVW"},
    {name: torch.ones(3, 4, dtype=torch.complex64) for name in "UVW"},
    {name: torch.ones(0, 4) for name in "UVW"},
])  # fmt: skip
def test_arrays_that_do_not_fit(tensors, path):
    header = {"kind": "hadamard", "sizes": {"order": 3, "width": 4}, "instances": None}
    path.write_bytes(content_of(tensors, **header))
    with pytest.raises(FileFormatError, match=r"net\.safetensors"):
        load(path)


mlp = EmbeddingMLP(3, 4, 5).arrays()
transformer = {
    NAMES_OF_THEIRS[k]: v for k, v in OneLayerTransformer(3, 4, 5, 2, 3).arrays().items()
}


@pytest.mark.parametrize("arrays", [
    {}, {"x": np.eye(2)}, {"U": np.eye(3), "V": np.eye(3)},
    {"U": np.eye(3), "V": np.eye(3), "W": np.ones(3)},
    {"U": np.eye(3), "V": np.eye(3), "W": np.ones((3, 2))},
    {"U": np.eye(3), "V": np.eye(3), "W": np.array([["x"]])},
    {"U": np.ones((0, 3)), "V": np.eye(3), "W": np.eye(3)},
    {"U": np.ones((3, 0)), "V": np.ones((3, 0)), "W": np.ones((3, 0))},
    mlp | {"W_x": np.ones(3)}, mlp | {"W_x": np.float64(3)}, mlp | {"W": np.ones(3)},
    mlp | {"W_y": mlp["W_y"][:2]}, mlp | {"W_U": mlp["W_U"] * 1j},
    mlp | {"W": mlp["W"].astype("U5")},
    mlp | {"W_U": mlp["W_U"].astype("M8[s]")}, {k: v for k, v in mlp.items() if k != "W_U"},
    transformer | {"blocks.0.attn.W_Q": np.ones((2, 3))},
    transformer | {"blocks.0.attn.W_O": np.ones((2, 3, 4))},
    transformer | {"unembed.W_U": np.ones(3)}, transformer | {"embed.W_E": np.ones((5, 5))},
])  # fmt: skip
def test_archives_that_do_not_fit(arrays, tmp_path):
    np.savez(tmp_path / "net.npz", **arrays)
    with pytest.raises(FileFormatError, match=r"net\.npz"):
        load(tmp_path / "net.npz")


def test_pickles_are_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("it was unpickled",))

    trap = np.array([Trap()], dtype=object)
    np.savez(tmp_path / "net.npz", U=trap, V=trap, W=trap)
    with pytest.raises(FileFormatError, match="pickled"):
        load(tmp_path / "net.npz")
    (tmp_path / "net.npz").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FileFormatError):
        load(tmp_path / "net.npz")
    torch.save({"U": torch.eye(3)}, tmp_path / "net.pt")
    with pytest.raises(FileFormatError):
        load(tmp_path / "net.pt")


@pytest.mark.parametrize("shape", ["(1000000000000, 1000000000000)", "(10**15,)", "(-3, 3)",
                                   "(100000000000, 8)", "(1,) * 10**9", "'x'"])  # fmt: skip
def test_archives_that_claim_to_be_huge(shape, tmp_path):
    """A header of numpy may claim any shape, with hardly any bytes behind it."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    magic = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in "UVW":
            archive.writestr(f"{name}.npy", magic + header.encode() + b"\x00" * 64)
    (tmp_path / "net.npz").write_bytes(buffer.getvalue())
    with pytest.raises(FileFormatError, match=r"net\.npz"):
        load(tmp_path / "net.npz")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
    | st.sampled_from(["hadamard", "parity", 3, 4, 2**40]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["order", "width", "power", "bits", "seed"]), inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, **ONCE)
@given(st.dictionaries(st.sampled_from(["kind", "sizes", "instances"]), json_values))
def test_any_header_is_a_net_or_a_file_format_error(tmp_path_factory, change):
    good = {"kind": "hadamard", "sizes": {"order": 3, "width": 4}, "instances": None}
    path = tmp_path_factory.mktemp("any") / "net.safetensors"
    write_safetensors(path, {name: torch.ones(3, 4) for name in "UVW"}, good | change)
    try:
        net = load(path)
    except FileFormatError:
        return
    assert net.kind in ("hadamard", "perceptron", "margin")
    assert net.arrays()["U"].shape == (3, 4)
