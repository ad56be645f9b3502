"""Bytes on disk: written whole or not at all, read within limits, refused with one error."""

import errno
import io
import json
import os
import pickle
import shutil
import stat
import sys
import threading
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import wordtensor as wt
from wordtensor._files import (
    _replace,
    damage_as,
    member_names,
    parse_json,
    read_archive,
    read_array,
    read_arrays,
    read_file,
    read_json,
    read_members,
    replace_file,
    write_archive,
)
from wordtensor._memory import memory_limit
from wordtensor.errors import FileFormatError, MemoryLimitError
from wordtensor.schemes import best_scheme, read_scheme_file, write_scheme_file
from wordtensor.schemes.formats.alphatensor import write_alphatensor
from wordtensor.schemes.formats.fmm import write_fmm
from wordtensor.schemes.library import save_schemes

ARRAYS = {"U": np.arange(6.0).reshape(2, 3), "n": np.int64(3) * np.ones((), dtype=np.int64)}


def npy(shape="(3,)", descr="'<f8'", data=b"\x00" * 24):
    """The bytes of a npy file whose header says what we like."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data


def archive(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(f"{name}.npy", content)
    return stream.getvalue()


def test_archives_come_back(tmp_path):
    path = tmp_path / "a.npz"
    write_archive(path, ARRAYS, {"format": "x", "list": [1, 2]})
    header, arrays = read_archive(path.read_bytes())
    assert header == {"format": "x", "list": [1, 2]}
    assert arrays.keys() == {*ARRAYS, "header"}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype and arrays[name].flags.writeable
    # Others need numpy and json only.
    with np.load(path, allow_pickle=False) as theirs:
        assert json.loads(theirs["header"].tobytes()) == header
    write_archive(str(path), ARRAYS)
    assert member_names(path.read_bytes()) == ["U.npy", "n.npy"]
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_objects_are_written_only_if_asked(tmp_path):
    path = tmp_path / "a.npz"
    with pytest.raises(TypeError, match="objects"):
        write_archive(path, {"x": np.array([{}, None])})
    assert list(tmp_path.iterdir()) == []
    write_archive(path, {"x": np.array([{}, None])}, pickled=True)
    with pytest.raises(ValueError, match="pickled"):
        read_arrays(path.read_bytes())


@pytest.mark.skipif(sys.platform == "win32", reason="no umask")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_umask_decides_who_may_read(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        replace_file(tmp_path / "a", b"text")
        write_archive(tmp_path / "b", ARRAYS)
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    for name in "ab":
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize(("owner", "name"), [("os", "fsync"), ("pathlib.Path", "replace")])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path, monkeypatch, owner, name, error
):
    path = tmp_path / "a"
    path.write_text("old")

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(f"{owner}.{name}", fail)
    expected = FileFormatError if isinstance(error, OSError) else KeyboardInterrupt
    for write in (lambda: replace_file(path, b"new"), lambda: write_archive(path, ARRAYS)):
        with pytest.raises(expected) as caught:
            write()
        assert expected is KeyboardInterrupt or "No space left" in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["a"] and path.read_text() == "old"


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    for place, reason in (
        ("nowhere/a", "there is no folder"), ("file/a", "there is no folder"), ("folder", ""),
        (".", ""), ("x" * 300, "too long"),
    ):  # fmt: skip
        with pytest.raises(FileFormatError, match=f"Cannot write .*{reason}") as caught:
            replace_file(tmp_path / place, b"new")
        assert not str(caught.value).endswith(".")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder"]


def test_files_that_cannot_be_read(tmp_path):
    for place, reason in (("gone", "there is no file"), ("", "irectory|denied")):
        with pytest.raises(FileFormatError, match=f"Cannot read '.*({reason})"):
            read_file(tmp_path / place)
    for name in (tmp_path / "a\0b", tmp_path / "a\ud800", ""):
        with pytest.raises(FileFormatError, match="No file can have the name"):
            read_file(name)


def test_a_reader_stops_at_its_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(bytes(2000))
    assert read_file(path, 2000) == bytes(2000)
    for limit, said in ((1999, "1.95 KiB"), (0, "0 bytes")):
        with pytest.raises(FileFormatError, match=f"larger than {said}"):
            read_file(path, limit)


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_what_the_shell_makes_of_a_command_is_read_whole_up_to_its_limit():
    content = os.urandom(3 * 2**20)

    def write(end):
        with suppress(BrokenPipeError), os.fdopen(end, "wb") as stream:
            stream.write(content)

    for limit in (2**22, 2**21):
        end, other = os.pipe()
        writer = threading.Thread(target=write, args=(other,))
        writer.start()
        if limit > len(content):
            assert read_file(f"/dev/fd/{end}", limit) == content
        else:
            with pytest.raises(FileFormatError, match="larger than 2 MiB"):
                read_file(f"/dev/fd/{end}", limit)
        os.close(end)
        writer.join()


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_what_is_no_regular_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for path, reason in (
        (tmp_path / "pipe", "named pipe"), (tmp_path / "link", "named pipe"),
        ("/dev/zero", "device"), ("/dev/null", "device"),
    ):  # fmt: skip
        with pytest.raises(FileFormatError, match=f"Cannot read '.*': it is a {reason}.*give"):
            read_file(path)


@pytest.mark.parametrize("shape", [
    "(1000000000000, 1000000000000)", "(10**15,)", "(4,)", "(-3, -1)", "(100000000000, 8)", "'x'",
    "(1,) * 10**9", f"({10**30},)",
])  # fmt: skip
def test_a_header_claims_no_more_than_there_is(shape):
    with pytest.raises(Exception, match=r".") as caught, damage_as("a", "it is damaged"):
        read_array(npy(shape))
    assert type(caught.value) is FileFormatError and len(str(caught.value)) < 300
    assert "memory" not in str(caught.value)
    assert read_array(npy()).tolist() == [0, 0, 0]


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(monkeypatch):
    content = archive(a=npy("(3000,)", data=bytes(24000)), b=npy())
    assert len(content) < 1000
    assert read_arrays(content, 26000)["a"].shape == (3000,)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    with pytest.raises(ValueError, match=r"unpacks to more than 23.4 KiB"):
        list(read_members(content, 24000))


def test_a_member_that_is_larger_than_it_says_is_not_unpacked():
    content = bytearray(archive(a=npy("(100000,)", data=bytes(800000))))
    size = len(npy(data=b"")) + 800000
    small = (200).to_bytes(4, "little")
    assert content.count(size.to_bytes(4, "little")) == 2
    changed = bytes(content.replace(size.to_bytes(4, "little"), small))
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        list(read_members(changed))


def test_pickles_are_never_opened():
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("it was unpickled",))

    trap = pickle.dumps(Trap())
    stream = io.BytesIO()
    np.savez(stream, U=np.array([Trap()], dtype=object))
    for content in (stream.getvalue(), trap, archive(U=npy(descr="'|O'", data=trap))):
        with pytest.raises(ValueError, match=r"pickled|no zip archive"):
            read_arrays(content)
    # What is no array is none of ours.
    assert list(read_arrays(archive(U=trap, V=npy()))) == ["V"]


def test_any_damage_is_one_error_with_the_name_and_one_line(tmp_path):
    path = tmp_path / "a.npz"
    write_archive(path, ARRAYS, {"x": 1})
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        changed = bytearray(content)
        for place in rng.integers(0, len(content), rng.integers(1, 4)):
            changed[place] = rng.integers(0, 256)
        try:
            with damage_as(path, "it is damaged"):
                header, arrays = read_archive(bytes(changed[: rng.integers(1, 2 * len(content))]))
        except FileFormatError as error:
            assert str(error).startswith(f"Cannot read {str(path)!r}: it is damaged (")
            assert "\n" not in str(error) and len(str(error)) < 400
            refused += 1
        else:
            assert header == {"x": 1} and (arrays.get("U", ARRAYS["U"]) == ARRAYS["U"]).all()
    assert refused > 300


def test_reasons_are_told_in_few_words():
    cases = ((KeyError("U"), "it has no 'U'"), (EOFError(), "EOFError"),
             (ValueError("a\nb" * 99), r"a ba b.*\.\.\."))  # fmt: skip
    for error, reason in cases:
        with pytest.raises(FileFormatError, match=rf"'d': it is odd \({reason}\)$"):
            with damage_as("d", "it is odd"):
                raise error
    with pytest.raises(FileFormatError, match=r"^mine$"), damage_as("d", "it is odd"):
        raise FileFormatError("mine")
    with pytest.raises(KeyboardInterrupt), damage_as("d", "it is odd"):
        raise KeyboardInterrupt
    with pytest.raises(ZeroDivisionError), damage_as("d", "it is odd"):
        raise ZeroDivisionError
    with pytest.raises(FileFormatError), damage_as("d", "it is odd", ZeroDivisionError):
        raise ZeroDivisionError


def test_json_files(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"x": [1]}')
    assert read_json(path) == {"x": [1]}
    for content in (b"", b"{", b"\xff\xfe\x00", b"[" * 10**5):
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match=r"a\.json.*no JSON"):
            read_json(path)


def test_a_link_is_written_through_and_never_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "x.npz", tmp_path / "x.npz"
    link.symlink_to(Path("there") / "x.npz")
    for content in (b"first", b"second"):
        replace_file(link, content)
        assert link.is_symlink()
        assert target.read_bytes() == content
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["there", "x.npz", "x.npz"]
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(FileFormatError, match="circle"):
        replace_file(circle, b"")
    assert circle.is_symlink()


def test_a_device_is_never_replaced(tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "null"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")
    for path in (pipe, link, "/dev/null"):
        with pytest.raises(FileFormatError, match="device"):
            replace_file(path, b"")


@pytest.mark.parametrize("path", [None, 5, b"bytes", "", "zero\0byte", "nowhere/x", ".", "a" * 300])
def test_what_is_no_name_of_a_file_is_one_sentence(path):
    for call in (lambda: replace_file(path, b""), lambda: read_file(path)):
        with pytest.raises(FileFormatError) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_the_folder_is_on_disk_after_the_name(tmp_path, monkeypatch):
    calls = []
    replace = Path.replace
    monkeypatch.setattr(os, "fsync", lambda n: calls.append(stat.S_IFMT(os.fstat(n).st_mode)))
    monkeypatch.setattr(Path, "replace", lambda a, b: calls.append("name") or replace(a, b))
    replace_file(tmp_path / "x", b"x")
    assert calls == [stat.S_IFREG, "name", stat.S_IFDIR]


def test_what_takes_more_memory_than_allowed_is_refused_before_it_is_read(tmp_path, monkeypatch):
    large, bomb, deep = tmp_path / "large.json", tmp_path / "bomb.npz", tmp_path / "deep.json"
    with large.open("wb") as stream:
        stream.truncate(2 * 2**30)  # of nothing: it takes no disk
    bomb.write_bytes(archive(U=npy("(4000000,)", data=bytes(32000000))))
    deep.write_text("[" * 200_000)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    with memory_limit(1), pytest.raises(MemoryLimitError, match=r"large.json'.* 2 GiB.*--memory"):
        read_json(large)
    with memory_limit(0.05), pytest.raises(MemoryLimitError, match=r"bomb.npz'.*--memory"):
        with damage_as(bomb, "it is damaged"):
            read_arrays(read_file(bomb))
    with memory_limit(0.001), pytest.raises(MemoryLimitError, match=r"deep.json'.*JSON"):
        read_json(deep)
    with pytest.raises(FileFormatError, match=r"deep.json'.*nested too deeply"):
        read_json(deep)


def test_an_archive_of_a_million_names_is_refused_before_its_directory_is_read(monkeypatch):
    content = archive(a=b"").replace(b"PK\x01\x02", b"PK\x01\x02" * 2000)
    with memory_limit(0.001), pytest.raises(MemoryLimitError, match="directory of the archive"):
        member_names(content)


def test_any_bit_of_a_header_may_be_wrong():
    content, refused = npy(descr="'<i8'"), []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for bit in range(8 * (len(content) - 24)):
            changed = bytearray(content)
            changed[bit // 8] ^= 1 << bit % 8
            try:
                with damage_as("a.npy", "it is damaged"):
                    read_array(bytes(changed))
            except FileFormatError as error:
                refused.append(str(error))
    # Some of them make another type of the same size, or a larger blank.
    assert len(refused) > 500
    assert not any("\n" in line for line in refused)


@pytest.mark.skipif(np.__version__ < "2", reason="NumPy 1.26 does not warn of old types")
def test_what_a_type_warns_of_is_not_hidden():
    with pytest.raises(DeprecationWarning):
        read_array(npy(descr="'a8'"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("where", ["write", "fsync", "rename"])
def test_a_full_disk_is_one_line_with_the_path_and_leaves_no_file(
    tmp_path, monkeypatch, number, where
):
    old, new = tmp_path / "old.npz", tmp_path / "new.npz"
    old.write_bytes(b"old")

    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    if where == "write":
        monkeypatch.setattr(np, "savez_compressed", fail)
    else:
        monkeypatch.setattr(*{"fsync": (os, "fsync"), "rename": (Path, "replace")}[where], fail)
    for path in (old, new):
        with pytest.raises(
            FileFormatError, match=rf"Cannot write '.*{path.stem}\.npz': .+"
        ) as caught:
            write_archive(path, ARRAYS)
        assert str(caught.value) == f"Cannot write {str(path)!r}: {os.strerror(number)}"
    assert [p.name for p in tmp_path.iterdir()] == ["old.npz"]
    assert old.read_bytes() == b"old"


def test_a_folder_that_vanishes_meanwhile_is_named(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(FileFormatError, match=r"there is no folder '.*folder'"):
        _replace(folder / "x", lambda stream: shutil.rmtree(folder))
    assert not folder.exists()


def test_a_member_that_claims_more_than_its_bytes_can_become_is_damaged():
    content = bytearray(archive(U=npy()))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (3 * 2**30).to_bytes(4, "little")
    with pytest.raises(ValueError, match="claims 3 GiB"):
        read_arrays(bytes(content))


@pytest.mark.parametrize("path", [None, 5, b"bytes", "", "zero\0byte", "nowhere/x", ".", 3.5])
def test_every_saver_and_reader_refuses_what_is_no_file(path):
    d, s = wt.decompose("a*b", "C3"), best_scheme(2, 2, 2)
    calls = {
        "save": lambda: d.save(path), "load": lambda: wt.load(path),
        "own": lambda: save_schemes(path, [s]), "fmm": lambda: write_fmm(path, s),
        "alphatensor": lambda: write_alphatensor(path, [s]),
        "any": lambda: write_scheme_file(path, [s]), "read": lambda: read_scheme_file(path),
    }  # fmt: skip
    for call in calls.values():
        with pytest.raises(wt.WordTensorError) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_an_object_with_a_key_twice_is_no_json_of_ours():
    with pytest.raises(ValueError, match="a key twice"):
        parse_json(b'{"rank": 7, "rank": 9}')
