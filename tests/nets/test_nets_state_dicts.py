"""What torch.save writes: state dicts, bare or in checkpoints, and what is refused in them."""

import io
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from wordtensor.compare import network
from wordtensor.errors import FileFormatError, MissingExtraError
from wordtensor.nets import EmbeddingMLP, load
from wordtensor.nets.files import read_weights


def layers(seed=0):
    """Return a state dict of a perceptron on S3."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(12, 5), nn.ReLU(), nn.Linear(5, 6)).state_dict()


WRAPPERS = {
    "bare": lambda s: s,
    "state_dict": lambda s: {"state_dict": s, "epoch": 3},
    "model_state_dict": lambda s: {"epoch": 3, "model_state_dict": s, "loss": 0.5},
    "model": lambda s: {"model": s, "optimizer": {"state": {}, "param_groups": []}},
    "net": lambda s: {"net": s},
    "DataParallel": lambda s: {f"module.{name}": value for name, value in s.items()},
    "compiled": lambda s: {"model": {f"_orig_mod.{name}": value for name, value in s.items()}},
    "half": lambda s: {name: value.bfloat16() for name, value in s.items()},
    "a list of one": lambda s: [s],
}


@pytest.mark.parametrize("kind", WRAPPERS)
@pytest.mark.parametrize("zipped", [True, False])
def test_state_dicts_are_found_in_what_wraps_them(kind, zipped, tmp_path):
    state = layers()
    path = tmp_path / "net.pt"
    torch.save(WRAPPERS[kind](state), path, _use_new_zipfile_serialization=zipped)
    net = network(path, activation="relu")
    if kind == "half":
        state = {name: value.bfloat16() for name, value in state.items()}
    plain = network({n: v.double().numpy() for n, v in state.items()}, activation="relu")
    np.testing.assert_array_equal(net.logits(), plain.logits())
    found = read_weights(path)
    assert (found.steps, found.step) == ((), None)
    assert set(found.beside) <= {"epoch", "loss", "optimizer"}


MANY = {
    "a list": (lambda many: list(many.values()), [0, 1, 2]),
    "by step": (lambda many: dict(many), [100, 200, 300]),
    "Nanda's": (
        lambda many: {"state_dicts": list(many.values()), "epochs": list(many), "losses": [1.0]},
        [100, 200, 300],
    ),
    "TransformerLens'": (
        lambda many: {
            "checkpoints": list(many.values()),
            "checkpoint_epochs": list(many),
            "train_losses": [0.5],
        },
        [100, 200, 300],
    ),
    "a list of checkpoints": (
        lambda many: [{"epoch": step, "model": state} for step, state in many.items()],
        [100, 200, 300],
    ),
}


@pytest.mark.parametrize("kind", MANY)
def test_of_many_checkpoints_one_is_read(kind, tmp_path):
    many = {100: layers(1), 200: layers(2), 300: layers(3)}
    make, steps = MANY[kind]
    path = tmp_path / "net.pth"
    torch.save(make(many), path)
    assert read_weights(path).steps == tuple(steps)
    for step, state in zip([*steps, None], [*many.values(), many[300]], strict=True):
        found = read_weights(path, step)
        assert found.step == (steps[-1] if step is None else step)
        for name, value in state.items():
            np.testing.assert_array_equal(found.weights[name], value.numpy())
    with pytest.raises(FileFormatError, match=r"net\.pth.*There is no step 7"):
        read_weights(path, 7)


class Whole(nn.Linear):
    """A module that is pickled as a whole."""


def forged(**fields):
    """Return a tensor that claims more numbers than it holds."""
    return torch.zeros(1).expand(10**9)


BAD = {
    "a module": (lambda: Whole(2, 2), r"pickled object \(.*Whole\).*torch\.save\(model\.state_di"),
    "nothing": (dict, "holds no state dict, but a mapping with the keys none"),
    "a tensor": (lambda: torch.zeros(3), "holds no state dict, but a Tensor"),
    "no model": (lambda: {"loss": 0.5, "epoch": 3}, "the keys 'loss', 'epoch'"),
    "numbers among arrays": (lambda: layers() | {"epoch": 3}, "holds no state dict"),
    "a claim": (lambda: {"W": forged()}, "claims 1000000000 numbers and holds 1"),
    "sparse": (lambda: {"W": torch.eye(3).to_sparse()}, "sparse"),
    "an empty list": (list, "holds no state dict, but a list"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_state_dict_is_refused_in_one_line(kind, tmp_path):
    make, message = BAD[kind]
    path = tmp_path / "net.pt"
    torch.save(make(), path)
    for read in (lambda p: network(p, activation="relu"), load):
        with pytest.raises(FileFormatError, match=message) as caught:
            read(path)
        assert "net.pt" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 damaged", b"\x80\x04\x95pickle", b"\x80\x02}q\x00.", b"text"]
)
def test_damaged_files_are_refused(content, tmp_path):
    path = tmp_path / "net.pt"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"net\.pt"):
        network(path)
    with pytest.raises(FileFormatError, match="no file of that name"):
        network(tmp_path / "missing.pt")


def test_a_pointer_of_git_lfs_is_told_apart(tmp_path):
    path = tmp_path / "net.pt"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 417247\n")
    with pytest.raises(FileFormatError, match="git lfs pull"):
        network(path)


def test_a_packed_bomb_is_refused(tmp_path):
    whole = io.BytesIO()
    torch.save({"W": torch.zeros(2**27)}, whole)
    path = tmp_path / "net.pt"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
    assert path.stat().st_size < 2**20
    with pytest.raises(FileFormatError, match="far more than weights do"):
        network(path)


def test_our_networks_are_loaded_from_state_dicts(tmp_path):
    net = EmbeddingMLP(6, 5, 4, seed=1, dtype=torch.float64)
    torch.save(net.state_dict(), tmp_path / "net.pt")
    again = load(tmp_path / "net.pt")
    assert type(again) is EmbeddingMLP
    np.testing.assert_array_equal(again.logits(), net.logits())
    torch.save(layers(), tmp_path / "net.pt")
    said = r"layout 'one-hot'.*, which .* give the file .* wordtensor\.compare\.compare"
    with pytest.raises(FileFormatError, match=said):
        load(tmp_path / "net.pt")


def test_files_of_torch_need_the_extra(monkeypatch, tmp_path):
    import wordtensor._extras as extras

    def no_room(name, package):
        raise MissingExtraError("no torch") from ModuleNotFoundError("no torch", name="torch")

    torch.save(layers(), tmp_path / "net.pt")
    monkeypatch.setattr(extras, "import_module", no_room)
    with pytest.raises(MissingExtraError, match=r"net\.pt' needs torch.*wordtensor\[nets\]"):
        network(tmp_path / "net.pt")
