"""Saving and loading: whole or not at all, no pickle, one error for every kind of damage."""

import json
import pickle
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wordtensor import memory_limit
from wordtensor.errors import DecompositionError, FileFormatError, MemoryLimitError
from wordtensor.rank import decompose, load, verify
from wordtensor.rank.decomposition import COORDINATES, SCHEMA

SCHEMA_1 = Path(__file__).parent / "files" / "schema1_s3.npz"  # a*b*a^-1 over S3


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
    ("1", "C1", "real"), ("a*b*a^-1", "S4", "real"), ("[a,b]", "S3", "real"),
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
    for left, right in zip(again.blocks, d.blocks, strict=True):
        assert len(left.maps) == 3
        for A, B in zip(left.maps, right.maps, strict=True):
            np.testing.assert_array_equal(A, B)
        assert (left.tensor is None) == (right.tensor is None) == (left.sizes is not None)
        if left.tensor is not None:
            np.testing.assert_array_equal(left.tensor, right.tensor)
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
        decomposition.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["d.npz"]
    assert path.read_text() == "old"


def test_ctrl_c_while_writing_leaves_the_old_file(decomposition, tmp_path, monkeypatch):
    path = tmp_path / "d.npz"
    path.write_text("old")

    def interrupted(stream, **arrays):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decomposition.save(path)
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
    {"blocks": 4}, {"blocks": [{}]}, {"blocks": [{"shape": [1, 2]}]}, {"bounds": 4},
    {"bounds": [4]}, {"bounds": []}, {"certificate": ["x"]}, {"route": {}}, {"effort": 3},
    {"method": [1]}, {"version": None},
    {"seed": 1.5}, {"seed": True}, {"seed": -1}, {"lower_bound": 2.5},
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
    {"U": np.ones((6, 8), dtype=np.float16)}, {"U": np.ones((6, 8), dtype=complex)},
    {"U": np.ones((6, 8), dtype=int)},
])  # fmt: skip
def test_wrong_arrays_are_damage(arrays, rewritten):
    with pytest.raises(FileFormatError, match="damaged"):
        load(rewritten(arrays=arrays))


def test_a_file_of_schema_1_has_no_coordinates(decomposition):
    old = load(SCHEMA_1)
    assert [b.sizes for b in old.blocks] == [b.sizes for b in decomposition.blocks]
    assert [b.name for b in old.blocks] == ["<1,1,3>", "<1,1,1>", "<2,2,1>"]
    assert all(b.maps is None and b.tensor is None for b in old.blocks)
    assert verify(old).ok
    assert any("not stored" in line for line in verify(old).checks)
    assert any("Brent" in line for line in verify(old).checks)


def test_a_file_of_schema_1_can_be_saved_again(tmp_path):
    old = load(SCHEMA_1)
    old.save(tmp_path / "d.npz")
    again = load(tmp_path / "d.npz")
    assert again.blocks == old.blocks
    assert all(block.maps is None for block in again.blocks)


def test_coordinates_above_a_limit_are_not_kept(monkeypatch, tmp_path):
    monkeypatch.setattr("wordtensor.rank._assemble._KEPT_BYTES", 100)
    d = decompose("a*b*a^-1", "S3")
    assert all(block.maps is None for block in d.blocks)
    d.save(tmp_path / "d.npz")
    assert load(tmp_path / "d.npz").blocks == d.blocks


@pytest.mark.parametrize("schema", [1, SCHEMA])
def test_a_forged_name_is_refused_at_once(schema, rewritten, decomposition):
    # Schemes of this size take forever to build: `verify` must not begin.
    blocks = [block.to_dict() for block in decomposition.blocks]
    blocks[0]["name"] = "<9999,9999,9999>"
    if schema == 1:
        for block in blocks:
            del block["sizes"], block["radicand"]
    changes = {} if schema == SCHEMA else {"certificate": ["x"], "drop": ["bounds"]}
    began = time.monotonic()
    with pytest.raises(FileFormatError, match=r"damaged.*(do not fit|by its fields)"):
        verify(rewritten(schema=schema, blocks=blocks, **changes))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("change", [
    {"sizes": [9999, 9999, 9999]}, {"sizes": [9999] * 3, "shape": [9999**2] * 3}, {"sizes": None},
    {"sizes": [1, 1]}, {"sizes": [1, 1, 3.0]}, {"sizes": [-1, -1, -3]}, {"sizes": "113"},
    {"sizes": [True, True, 3]}, {"shape": [1, 3, 4]}, {"shape": [1, 3, 0]}, {"kind": "general"},
    {"kind": "wonderful"}, {"division": "C"}, {"division": "O"}, {"rank": 4}, {"rank": "3"},
    {"columns": [1, 4]}, {"columns": [0, 10**9], "rank": 10**9}, {"columns": [0.0, 3.0]},
    {"columns": [-3, 0]}, {"name": "<1,1,4>"}, {"name": 3}, {"maps": [1, 2, 3]},
    {"strategy": [1]}, {"note": {}}, {"reason": None}, {"status": 1}, {"status": "wonderful"},
    {"lower_bound": [1, 2]}, {"lower_bound": "1"}, {"lower_bound": 10**9}, {"lower_bound": True},
])  # fmt: skip
@pytest.mark.parametrize("drop", [(), COORDINATES])
def test_blocks_that_contradict_themselves_are_damage(change, drop, rewritten, decomposition):
    blocks = [block.to_dict() for block in decomposition.blocks]
    blocks[0] |= change
    with pytest.raises(FileFormatError, match="damaged"):
        load(rewritten(blocks=blocks, drop=drop))


@pytest.mark.parametrize("key, change", [
    ("A", lambda A: A[:, 1:]), ("B", lambda B: B[1:]), ("C", lambda C: C.ravel()),
    ("A", lambda A: A.astype(complex)), ("A", lambda A: A.astype(int)),
    ("A", lambda A: A * np.nan), ("C", lambda C: C + np.inf), ("t", lambda t: t[:-1]),
    ("t", lambda t: t * np.nan), ("t", lambda t: t.reshape(-1, 1)), ("t", lambda t: t[0]),
])  # fmt: skip
def test_coordinates_that_do_not_fit_are_damage(key, change, tmp_path):
    path = tmp_path / "d.npz"
    decompose("[a,b]", "S3").save(path)
    with np.load(path) as archive:
        parts = dict(archive)
    np.savez(path, **{**parts, key: change(parts[key])})
    with pytest.raises(FileFormatError, match="damaged"):
        load(path)


@pytest.mark.parametrize("key", COORDINATES)
def test_coordinates_are_whole_or_missing(key, rewritten):
    with pytest.raises(FileFormatError, match="damaged"):
        load(rewritten(drop=[key]))


def test_a_report_cannot_contradict_itself(decomposition):
    block = decomposition.blocks[0]
    for change in ({"sizes": (9999, 9999, 9999)}, {"maps": (*block.maps[:2], np.eye(6))},
                   {"tensor": np.ones(block.shape)}, {"rank": 1}):  # fmt: skip
        with pytest.raises(DecompositionError, match="The block <"):
            replace(block, **change)


def bomb(path, name, size, header):
    """Write an archive whose array is full of zeros, a thousandth of their size on disk."""
    content = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    arrays = {"cayley": np.zeros((1, 1), dtype=int)} | {key: np.zeros((1, 1)) for key in "UVW"}
    big = {name: np.zeros(size, dtype=np.uint8)}
    np.savez_compressed(path, **{"header": content, **arrays, **big})


@pytest.mark.parametrize("name", ["U", "cayley", "X", "A", "header"])
def test_no_array_unpacks_to_more_than_the_header_tells(name, decomposition, tmp_path):
    _, header = decomposition.to_parts()
    bomb(tmp_path / "d.npz", name, 2**27, header)
    assert (tmp_path / "d.npz").stat().st_size < 2**18
    tracemalloc.start()
    with pytest.raises(FileFormatError, match=r"d\.npz"):
        load(tmp_path / "d.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**24


def test_what_a_header_tells_is_held_against_the_memory(decomposition, tmp_path):
    path = tmp_path / "d.npz"
    decomposition.save(path)
    with (
        memory_limit(1e-6),
        pytest.raises(MemoryLimitError, match=r"d\.npz"),
    ):
        load(path)


@pytest.mark.parametrize("fields", [
    {"order": 7}, {"rank": 9}, {"order": 10**9}, {"rank": -1}, {"residual": -1.0},
    {"residual": float("nan")}, {"seconds": float("inf")}, {"interrupted": 1}, {"effort": "much"},
    {"method": "magic"}, {"proof": "trust me"}, {"schema": True},
])  # fmt: skip
def test_fields_out_of_range_are_refused(fields, rewritten):
    with pytest.raises(FileFormatError):
        load(rewritten(**fields))
