"""The user's schemes: what is written, read, left out, and used by `decompose`."""

import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

import wordtensor as wt
from wordtensor._files import read_archive, write_archive
from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.rank._numerical import Spending
from wordtensor.rank._search import _best_route
from wordtensor.schemes import (
    Registry,
    Scheme,
    best_rank,
    best_scheme,
    construction,
    default_registry,
    ingredients,
    library,
    read_schemes,
    registry,
    remember,
    save_schemes,
    standard_scheme,
    user_registry,
    user_schemes,
)
from wordtensor.schemes.library import FOLDER_VARIABLE, user_folder

PACKAGED = default_registry()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give the user an empty folder."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "mine"))
    return tmp_path / "mine"


@pytest.fixture
def bare(monkeypatch):
    """Take the package's schemes away, so that a user's <2,2,2>:7 is a discovery."""
    empty = Registry(())
    monkeypatch.setattr(registry, "default_registry", lambda: empty)
    return empty


def write_in_a_process(code, **options):
    head = "from wordtensor.schemes import best_scheme, remember, standard_scheme\n"
    return subprocess.Popen([sys.executable, "-c", head + code], text=True, **options)


def test_the_variable_names_the_folder_or_switches_it_off(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert user_folder() == tmp_path
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    assert user_folder() is None
    assert user_schemes() == ()
    with pytest.raises(SchemeError, match=FOLDER_VARIABLE):
        remember(best_scheme(2, 2, 2))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG is Linux's")
def test_without_the_variable_it_is_with_the_users_data(monkeypatch, tmp_path):
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert user_folder() == tmp_path / "wordtensor" / "schemes"
    assert user_schemes() == ()
    assert not list(tmp_path.iterdir())


def test_the_tests_do_not_see_the_users_own():
    assert user_folder() is None
    assert user_registry() is default_registry()


def test_remember_and_read_again(folder):
    s = replace(best_scheme(2, 2, 3), provenance="by hand, seed 5")
    path = remember(s)
    assert path.parent == folder
    assert path.name.startswith("2x2x3_R_m11_")
    (found,) = user_schemes()
    assert (found.shape, found.rank, found.provenance) == ((2, 2, 3), 11, "by hand, seed 5")
    assert np.array_equal(found.check().W, s.W)
    assert remember(s) == path
    assert remember(best_scheme(1, 1, 1, "C")).name.startswith("1x1x1_C_m3_")
    assert len(user_schemes()) == 2
    assert all(p.suffix == ".npz" for p in folder.iterdir())


def test_a_name_says_nothing_about_where_it_was_found(folder):
    s = best_scheme(2, 2, 2)
    assert remember(replace(s, provenance="one")) == remember(replace(s, provenance="two"))
    other = Scheme((2, 2, 2), -s.U, s.V, -s.W)
    assert remember(other) != remember(s)


def test_only_what_is_exact_over_the_rationals_is_kept(folder):
    s = best_scheme(2, 2, 2)
    wrong = np.array(s.W)
    wrong[0, 0] += 1
    with pytest.raises(SchemeError, match="equation"):
        remember(Scheme(s.shape, s.U, s.V, wrong))
    with pytest.raises(SchemeError, match="modulo 2"):
        remember(standard_scheme(2, 2, 2, characteristic=2))
    assert user_schemes() == ()


def test_a_folder_that_is_a_file(folder, caplog):
    folder.write_text("not a folder")
    with pytest.raises(FileFormatError, match="Cannot write"):
        remember(best_scheme(2, 2, 2))
    with caplog.at_level(logging.WARNING):
        assert user_schemes() == ()
    assert "cannot read" in caplog.text


def damaged_files(path):
    """Yield names and contents that are not what `remember` wrote to a path."""
    content = path.read_bytes()
    half = bytearray(content)
    half[len(half) // 2] ^= 0xFF
    yield "cut", content[: len(content) // 2]
    yield "flipped", bytes(half)
    yield "empty", b""
    yield "text", b"hello"


@pytest.mark.parametrize("kind", ["cut", "flipped", "empty", "text", "checksum", "modulo 2"])
def test_a_damaged_file_is_left_out_with_a_warning(folder, kind, caplog):
    good = remember(best_scheme(2, 2, 2))
    bad = folder / f"2x2x3_{kind}.npz"
    if kind == "modulo 2":
        save_schemes(bad, [standard_scheme(2, 2, 3, characteristic=2)])
    elif kind == "checksum":
        save_schemes(bad, [best_scheme(2, 2, 3)])
        with np.load(bad, allow_pickle=False) as archive:
            arrays = dict(archive)
        arrays["U0"] = -arrays["U0"]
        np.savez(bad, allow_pickle=False, **arrays)
    else:
        bad.write_bytes(dict(damaged_files(good))[kind])
    with caplog.at_level(logging.WARNING):
        assert [s.shape for s in user_schemes()] == [(2, 2, 2)]
        assert [s.shape for s in user_schemes()] == [(2, 2, 2)]
    assert len(caplog.records) == 1
    assert bad.name in caplog.text


def test_leftovers_of_a_killed_process_are_ignored_and_removed(folder):
    target = remember(best_scheme(2, 2, 2))
    hour_ago = time.time() - 4000
    old, fresh = folder / f".{target.name}.abc1", folder / f".{target.name}.abc2"
    others = folder / ".profile", folder / "notes.txt"
    for path in (old, fresh, *others):
        path.write_bytes(b"half")
        if path != fresh:
            os.utime(path, (hour_ago, hour_ago))
    assert len(user_schemes()) == 1
    remember(best_scheme(2, 2, 2))
    assert not old.exists()
    assert fresh.exists() and all(path.exists() for path in others)


def test_the_registry_is_read_again_only_when_a_file_changes(folder):
    assert user_registry() is default_registry()
    path = remember(best_scheme(2, 2, 2))
    first = user_registry()
    assert user_registry() is first
    assert [first.origin(s) for s in first.schemes[-2:]] == ["package", "user"]
    remember(best_scheme(2, 2, 3))
    second = user_registry()
    assert second is not first and len(second.schemes) == len(first.schemes) + 1
    assert second.schemes[-2] is first.schemes[-1]
    path.unlink()
    assert len(user_registry().schemes) == len(first.schemes)
    assert all(default_registry().origin(s) == "package" for s in default_registry().schemes)


def test_of_equal_ranks_the_packages_is_taken(folder):
    s = best_scheme(2, 2, 2)
    remember(Scheme((2, 2, 2), -s.U, s.V, -s.W))
    assert best_scheme(2, 2, 2, registry=user_registry()).provenance == s.provenance
    assert "user" not in construction(4, 4, 4, registry=user_registry())


def test_recipes_name_the_users_schemes(folder, bare):
    remember(best_scheme(2, 2, 2, registry=PACKAGED))
    found = user_registry()
    assert construction(2, 2, 2, registry=found) == "<2,2,2>:7 = stored (user's <2,2,2>:7)"
    text = construction(4, 4, 4, registry=found)
    assert text.startswith("<4,4,4>:49 = ") and text.endswith(" (user's <2,2,2>:7)")
    assert best_scheme(4, 4, 4, registry=found).provenance == text
    assert ingredients(4, 4, 4, registry=found) == user_schemes()
    assert ingredients(1, 4, 4, registry=found) == ()


def test_a_users_scheme_over_c_is_named(folder, bare):
    remember(best_scheme(1, 1, 1, "C", registry=PACKAGED))
    found = user_registry()
    assert best_rank(2, 2, 2, "C", registry=found) == 24
    text = construction(1, 1, 1, "C", registry=found)
    assert text == "<1,1,1>_C:3 = stored (user's <1,1,1>_C:3)"
    text = construction(2, 2, 2, "C", registry=found)
    assert text == "<2,2,2>_C:24 = <2,2,2>:8 x <1,1,1>_C:3 (user's <1,1,1>_C:3)"
    assert ingredients(2, 2, 2, "C", registry=found) == user_schemes()


def test_decompose_uses_the_users_schemes(folder, bare):
    assert (wt.plan("a*b", "S3").upper, wt.decompose("a*b", "S3").rank) == (10, 10)
    path = remember(best_scheme(2, 2, 2, registry=PACKAGED))
    assert wt.plan("a*b", "S3").upper == 9
    d = wt.decompose("a*b", "S3")
    assert d.rank == 9
    assert any("user's <2,2,2>:7" in block.note for block in d.blocks)
    verification = wt.verify(d)
    assert verification.ok and "2>: Scheme(<2,2,2>, rank=7" in str(verification)
    assert wt.decompose("a*b", "S3", registry=bare).rank == 10
    path.unlink()
    verification = wt.verify(d)
    assert verification.ok
    unknown = "not checked: <2,2,2>: its scheme of rank 7 is not among those known here"
    assert any(unknown in check for check in verification.checks)


def test_what_is_built_is_what_was_planned(folder, bare):
    plan = wt.plan("a*b", "S3")
    remember(best_scheme(2, 2, 2, registry=PACKAGED))
    solved, _ = _best_route(plan, Spending(0, 1e9, None, "cpu", lambda _: None))
    assert solved.rank == plan.upper == 10


@pytest.mark.parametrize("field", ["real", "complex"])
def test_complex_terms_use_them_as_well(folder, bare, field):
    before = wt.decompose("a*b", "SL(2,3)", field=field).rank
    remember(best_scheme(2, 2, 2, registry=PACKAGED))
    remember(best_scheme(1, 1, 1, "C", registry=PACKAGED))
    d = wt.decompose("a*b", "SL(2,3)", field=field)
    assert d.rank < before
    assert wt.plan("a*b", "SL(2,3)", field=field).upper == d.rank
    assert wt.verify(d).ok


def test_two_processes_write_at_once(folder, caplog):
    code = "for k in range(60): remember(standard_scheme(1, 1 + k % 5, 7))"
    writers = [write_in_a_process(code) for _ in range(2)]
    with caplog.at_level(logging.WARNING):
        while any(writer.poll() is None for writer in writers):
            assert all(s.shape[2] == 7 for s in user_schemes())
        assert {s.shape[1] for s in user_schemes()} == {1, 2, 3, 4, 5}
    assert [writer.returncode for writer in writers] == [0, 0]
    assert caplog.text == ""
    assert len(list(folder.iterdir())) == 5


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL to send")
def test_a_killed_process_leaves_nothing_half_written(folder, caplog):
    remember(best_scheme(2, 2, 2))
    code = (
        "import pathlib, time\n"
        "pathlib.Path.replace = lambda *_: (print('written', flush=True), time.sleep(60))\n"
        "remember(standard_scheme(4, 4, 4))"
    )
    writer = write_in_a_process(code, stdout=subprocess.PIPE)
    assert writer.stdout.readline() == "written\n"
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    (leftover,) = folder.glob(".4x4x4_*")
    with caplog.at_level(logging.WARNING):
        assert [s.shape for s in user_schemes()] == [(2, 2, 2)]
    assert caplog.text == ""
    os.utime(leftover, (0, 0))
    remember(standard_scheme(4, 4, 4))
    assert not leftover.exists()
    assert len(list(folder.iterdir())) == len(user_schemes()) == 2


def test_a_link_to_nowhere_hides_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("WORDTENSOR_SCHEMES", str(tmp_path))
    remember(best_scheme(2, 2, 2))
    (tmp_path / "zz.npz").symlink_to(tmp_path / "nowhere")
    assert len(user_schemes()) == 1


@pytest.mark.parametrize("change", [
    {"version": True}, {"version": 1.0}, {"shape": [1, True, 1]}, {"shape": [1, 1, 1.0]},
    {"rank": True}, {"rank": 2}, {"denominators": [1, 1.0, 1]}, {"characteristic": False},
    {"characteristic": 0.0}, {"provenance": None}, {"proof": "trust me"},
])  # fmt: skip
def test_a_header_says_what_its_schemes_are_and_no_more(change, tmp_path):
    save_schemes(path := tmp_path / "own.npz", [best_scheme(1, 1, 1)])
    header, arrays = read_archive(path.read_bytes())
    (header if "version" in change else header["schemes"][0]).update(change)
    write_archive(path, {name: arrays[name] for name in ("U0", "V0", "W0")}, header)
    with pytest.raises(FileFormatError, match=r"own\.npz"):
        read_schemes(path)


def forged(*changes):
    """Return Strassen's scheme with other numbers: a checksum of them is easily made."""
    s = best_scheme(2, 2, 2)
    factors = {name: np.array(getattr(s, name)) for name in "UVW"}
    for name, place, value in changes:
        factors[name][place] = value
    return replace(s, **factors)


SIX = {name: getattr(best_scheme(2, 2, 2), name)[:, :6] for name in "UVW"}


@pytest.mark.parametrize(
    "bad",
    [
        replace(best_scheme(2, 2, 2), **SIX),
        replace(best_scheme(2, 2, 2), **{n: f[:, :0] for n, f in SIX.items()}),
        forged(("W", (0, 0), 5)),
        forged(("U", (0, 0), -(2**63)), ("U", (1, 0), 1)),
        replace(best_scheme(2, 2, 2), denominators=(1, 2, 1)),
        Scheme((3, 1, 3), *(np.ones((n, 1), dtype=np.int64) for n in (3, 3, 9))),
    ],
    ids=["rank 6", "rank 0", "wrong", "-2^63", "denominator", "rank 1"],
)
def test_a_forged_scheme_is_named_and_left_out(folder, bad, caplog):
    good = remember(best_scheme(2, 2, 3))
    save_schemes(folder / "forged.npz", [best_scheme(3, 3, 3), bad])
    with caplog.at_level(logging.WARNING):
        assert [s.rank for s in user_schemes()] == [11]
        d = wt.decompose("a*b", "S3")
    assert (d.rank, d.status) == (9, "exact")
    assert "forged.npz" in caplog.text and good.name not in caplog.text


@pytest.mark.parametrize("kind", ["folder", "link", "circle", "pipe", "empty"])
@pytest.mark.parametrize("name", ["C3", "Q8", "C7:C3"])
def test_what_is_no_file_is_named_and_left_out(folder, kind, name, caplog):
    remember(best_scheme(2, 2, 2))
    odd = folder / "odd.npz"
    if kind == "folder":
        odd.mkdir()
    elif kind == "empty":
        odd.touch()
    elif kind == "pipe":
        os.mkfifo(odd)
    else:
        odd.symlink_to("nowhere" if kind == "link" else "odd.npz")
    with caplog.at_level(logging.WARNING):
        assert wt.decompose("a*b", name).lower_bound >= 3
        assert len(user_schemes()) == 1
    assert "odd.npz" in caplog.text


def test_a_file_of_somebody_elses(folder, monkeypatch, caplog):
    def refuse(path, limit):
        raise PermissionError(13, "Permission denied", str(path))

    def denied(path, limit):
        with library.damage_as(path, "it cannot be opened"):
            refuse(path, limit)

    remember(best_scheme(2, 2, 2))
    monkeypatch.setattr(library, "read_file", denied)
    with caplog.at_level(logging.WARNING):
        assert user_schemes() == ()
    assert "Permission denied" in caplog.text and "2x2x2_R_m7" in caplog.text


def test_a_scheme_that_takes_too_much_memory_is_left_out_for_now(folder, caplog):
    remember(best_scheme(2, 2, 2))
    with caplog.at_level(logging.WARNING), wt.memory_limit(1e-7):
        assert user_schemes() == ()
    assert "above the limit of 108 bytes" in caplog.text
    assert len(user_schemes()) == 1


def test_numerators_that_are_no_int64_are_refused():
    s = best_scheme(1, 1, 1)
    with pytest.raises(SchemeError, match="2\\^63"):
        replace(s, U=np.array([[2**64 - 1]], dtype=np.uint64))
