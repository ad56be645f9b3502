"""A reader that is given a file of ours of another kind says which, and what reads it."""

from pathlib import Path

import numpy as np
import pytest

import wordtensor as wt
from wordtensor import nets
from wordtensor._kinds import NET, expecting, kind_of
from wordtensor.cli._net_source import Asked, read_net
from wordtensor.cli._source import group_from
from wordtensor.compare._network import network
from wordtensor.errors import FileFormatError, WordTensorError
from wordtensor.groups import read_group
from wordtensor.schemes import best_scheme, read_scheme_file, read_schemes, write_scheme_file
from wordtensor.schemes.searching.schemes import search_scheme

KINDS = {
    "table.npz": ("Cayley table", "'wordtensor info'"),
    "d.npz": ("saved decomposition", "'wordtensor verify'"),
    "solved.npz": ("solved tensor", "'wordtensor verify'"),
    "schemes.npz": ("file of schemes", "'wordtensor schemes verify'"),
    "schemes.json": ("file of schemes", "'wordtensor schemes verify'"),
    "search.npz": ("checkpoint of a search", "'wordtensor schemes search --checkpoint'"),
    "cores.npz": ("file of solved cores", "'wordtensor decompose'"),
    "net.safetensors": ("network", "'wordtensor compare'"),
    "run": ("folder of a run", "'wordtensor compare'"),
    "run/config.json": ("configuration of a run", "'wordtensor train --config'"),
}
# What each reads: networks are read from U, V, W of a decomposition, and tables from its own.
READERS = {
    "load": (wt.load, {"d.npz", "solved.npz"}),
    "verify": (wt.verify, {"d.npz", "solved.npz"}),
    # Factors U, V, W stand for their sum.
    "tensor": (wt.read_tensor, {"d.npz", "solved.npz"}),
    "nets": (nets.load, {"net.safetensors", "d.npz"}),
    "network": (network, {"net.safetensors", "d.npz"}),
    "compare": (lambda path: read_net(path, Asked()), {"net.safetensors", "d.npz", "run"}),
    "cayley": (read_group, {"table.npz", "d.npz"}),
    "group": (lambda path: group_from(str(path), None), {"table.npz", "d.npz"}),
    "schemes": (read_schemes, {"schemes.npz"}),
    "any schemes": (read_scheme_file, {"schemes.npz", "schemes.json"}),
    "checkpoint": (lambda path: search(path), {"search.npz"}),
}


def search(path):
    return search_scheme(2, 2, 2, flips=1000, checkpoint=path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make one file of each kind."""
    folder = tmp_path_factory.mktemp("kinds")
    np.savez(folder / "table.npz", cayley=wt.group("S3").cayley)
    wt.decompose("a*b", "S3").save(folder / "d.npz")
    wt.solve(np.eye(2)[:, :, None]).save(folder / "solved.npz")
    for name, form in (("schemes.npz", "wordtensor"), ("schemes.json", "fmm")):
        write_scheme_file(folder / name, [best_scheme(2, 2, 2)], form)
    search(folder / "search.npz")
    cores = Path(wt.cores.__file__).parent / "data" / "cores.npz"
    (folder / "cores.npz").write_bytes(cores.read_bytes())
    nets.train(nets.TrainConfig(word="a*b", group="C3", steps=2), folder=folder / "run")
    (folder / "net.safetensors").write_bytes((folder / "run" / "net.safetensors").read_bytes())
    return folder


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", KINDS)
def test_a_reader_tells_what_it_was_given(name, reader, folder):
    read, own = READERS[reader]
    if name in own:
        read(folder / name)
        return
    what, command = KINDS[name]
    if what in ("network", "file of schemes") and any(KINDS[each][0] == what for each in own):
        what, command = "", ""  # of the kind that is wanted, in another format or place
    if (reader, name) == ("checkpoint", "run"):
        what, command = "directory; name a file", ""  # it would be written, too
    with pytest.raises(WordTensorError, match=f"{name}.*{what}.*{command}") as caught:
        read(folder / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_is_no_other_kind(name, folder, tmp_path):
    if name == "run":
        return
    content = (folder / name).read_bytes()
    path = tmp_path / Path(name).name
    for bad in (b"", content[:60], content[:9], b"\0" * 100, b"{" * 10**5):
        path.write_bytes(bad)
        assert kind_of(path) is None
        with pytest.raises(FileFormatError, match="as before"), expecting(path, NET):
            raise FileFormatError("as before")


def test_what_is_no_file_is_of_no_kind(tmp_path):
    for path in (tmp_path, tmp_path / "none", "a\0b", "x" * 5000):
        assert kind_of(path) is None
