"""Saving and loading: whole or not at all, no pickle, one error for every kind of damage."""

import json
import pickle

import numpy as np
import pytest

from wordtensor.errors import FileFormatError
from wordtensor.rank import decompose, load, verify
from wordtensor.rank.files import SCHEMA, save


@pytest.fixture(scope="module")
def decomposition():
    return decompose("a*b*a^-1", "S3")


@pytest.fixture
def rewritten(decomposition, tmp_path):
    """Save, change the header or the arrays, and give the path of the result."""

    def rewrite(arrays=None, drop=(), **header):
        path = tmp_path / "d.npz"
        decomposition.save(path)
        with np.load(path) as archive:
            parts = dict(archive)
        fields = {**json.loads(bytes(parts["header"]).decode()), **header}
        for key in drop:
            fields.pop(key, None)
            parts.pop(key, None)
        parts["header"] = np.frombuffer(json.dumps(fields).encode(), dtype=np.uint8)
        np.savez(path, **{**parts, **(arrays or {})})
        return path

    return rewrite


@pytest.mark.parametrize("text, name, field", [
    ("a*b", "Q8", "real"), ("a*b", "C3", "complex"), ("x*y*x^-1", "S3", "real"),
    ("1", "C1", "real"), ("a*b*a^-1", "S4", "real"),
])  # fmt: skip
def test_round_trip(text, name, field, tmp_path):
    d = decompose(text, name, field=field)
    d.save(tmp_path / "d.npz")
    again = load(tmp_path / "d.npz")
    assert again.to_dict() == d.to_dict()
    assert (again.word, again.group, again.blocks) == (d.word, d.group, d.blocks)
    assert again.group.labels == d.group.labels
    for left, right in zip(again.factors, d.factors, strict=True):
        np.testing.assert_array_equal(left, right)
        assert left.dtype == right.dtype
        assert not left.flags.writeable
    assert verify(again).ok


def test_a_numpy_seed_can_be_saved(tmp_path):
    decompose("a*b", "C3", seed=np.int64(3)).save(tmp_path / "d.npz")
    assert load(tmp_path / "d.npz").seed == 3


def test_an_existing_file_is_replaced_and_nothing_else_is_left(decomposition, tmp_path):
    path = tmp_path / "d.npz"
    path.write_text("old")
    decomposition.save(str(path))
    assert load(path).rank == decomposition.rank
    assert [p.name for p in tmp_path.iterdir()] == ["d.npz"]


def test_nothing_is_left_behind_when_writing_fails(decomposition, tmp_path, monkeypatch):
    path = tmp_path / "d.npz"
    path.write_text("old")

    def full(stream, **arrays):
        stream.write(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(FileFormatError, match="No space left"):
        save(decomposition, path)
    assert [p.name for p in tmp_path.iterdir()] == ["d.npz"]
    assert path.read_text() == "old"


def test_ctrl_c_while_writing_leaves_the_old_file(decomposition, tmp_path, monkeypatch):
    path = tmp_path / "d.npz"
    path.write_text("old")

    def interrupted(stream, **arrays):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(decomposition, path)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_missing_folders_and_files(decomposition, tmp_path):
    with pytest.raises(FileFormatError, match="Cannot write"):
        decomposition.save(tmp_path / "nowhere" / "d.npz")
    with pytest.raises(FileFormatError, match="no file"):
        load(tmp_path / "d.npz")
    with pytest.raises(FileFormatError):
        load(tmp_path)
    with pytest.raises(FileFormatError):
        decomposition.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9, 0.999])
def test_truncated_files(share, decomposition, tmp_path):
    path = tmp_path / "d.npz"
    decomposition.save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(FileFormatError):
        load(path)


def test_a_flipped_byte_anywhere_is_noticed_or_harmless(decomposition, tmp_path):
    path = tmp_path / "d.npz"
    decomposition.save(path)
    data = path.read_bytes()
    for place in range(0, len(data), max(1, len(data) // 60)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            loaded = load(path)
        except FileFormatError:
            continue
        for left, right in zip(loaded.factors, decomposition.factors, strict=True):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04nonsense", pickle.dumps([1, 2])])
def test_other_files_are_refused(content, tmp_path):
    path = tmp_path / "d.npz"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"d\.npz"):
        load(path)


def test_a_single_array_is_refused(tmp_path):
    np.save(tmp_path / "d.npy", np.eye(3))
    with pytest.raises(FileFormatError):
        load(tmp_path / "d.npy")


def test_pickles_inside_are_refused(rewritten):
    class Trap:
        def __reduce__(self):
            raise AssertionError("never built")

    path = rewritten(arrays={"U": np.array([{"a": 1}, None], dtype=object)})
    with pytest.raises(FileFormatError):
        load(path)


@pytest.mark.parametrize("schema", [None, 0, SCHEMA + 1, "1"])
def test_other_schemas_are_refused(schema, rewritten):
    with pytest.raises(FileFormatError, match="schema"):
        load(rewritten(schema=schema))


@pytest.mark.parametrize("key", ["header", "U", "V", "W", "cayley"])
def test_missing_arrays_are_named(key, decomposition, tmp_path):
    path = tmp_path / "d.npz"
    decomposition.save(path)
    with np.load(path) as archive:
        parts = {name: archive[name] for name in archive.files if name != key}
    np.savez(path, **parts)
    with pytest.raises(FileFormatError, match=key):
        load(path)


@pytest.mark.parametrize("key", ["word", "letters", "group", "labels", "blocks", "seed", "status"])
def test_missing_fields_are_damage(key, rewritten):
    with pytest.raises(FileFormatError, match="damaged"):
        load(rewritten(drop=[key]))


@pytest.mark.parametrize("fields", [
    {"word": "a*q"}, {"word": 3}, {"letters": ["a"]}, {"labels": ["x"]}, {"seed": "abc"},
    {"lower_bound": "many"}, {"residual": "small"}, {"status": "wonderful"}, {"field": "rational"},
    {"blocks": 4}, {"blocks": [{}]}, {"blocks": [{"shape": [1, 2]}]}, {"certificate": 4},
])  # fmt: skip
def test_wrong_fields_are_damage(fields, rewritten):
    with pytest.raises(FileFormatError, match="damaged"):
        load(rewritten(**fields))


def test_blocks_with_wrong_entries_are_damage(rewritten, decomposition):
    block = decomposition.blocks[0].to_dict()
    for change in ({"shape": [1, 2]}, {"columns": [1]}, {"triplets": [[1, 2]]}, {"unknown": 1},
                   {"name": "no such block"}):  # fmt: skip
        with pytest.raises(FileFormatError, match="damaged"):
            load(rewritten(blocks=[{**block, **change}]))


@pytest.mark.parametrize("arrays", [
    {"cayley": np.zeros((6, 6), dtype=int)}, {"cayley": np.eye(3)}, {"U": np.ones((5, 11))},
    {"U": np.ones(6)}, {"V": np.ones((6, 10))}, {"W": np.array([["x"]])}, {"U": np.float64(1)},
])  # fmt: skip
def test_wrong_arrays_are_damage(arrays, rewritten):
    with pytest.raises(FileFormatError, match="damaged"):
        load(rewritten(arrays=arrays))
