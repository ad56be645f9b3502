"""The store of solved cores: kept, found, only improved, mapped between orders, never trusted."""

import logging
import runpy
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor._files import read_archive, write_archive
from wordtensor.cores import (
    ProvedCore,
    SolvedCore,
    Store,
    _store,
    canonical_form,
    default_store,
    save_proved,
    save_solved,
    user_store,
    write_package,
)
from wordtensor.errors import FileFormatError, WordTensorError

CASES = [("a*b", "C3"), ("a*b*a", "Q8"), ("[a,b]", "C7:C3"), ("a^2*b", "S3")]


@pytest.fixture(autouse=True)
def no_package(monkeypatch):
    empty = Store()
    monkeypatch.setattr(_store, "default_store", lambda: empty)
    return empty


def fibres(core):
    """Return one term for each one of a core: exact, and easy to check."""
    return tuple(np.eye(n)[:, place] for n, place in zip(core.shape, core.coords, strict=True))


def solved(core, terms=None, **fields):
    terms = fibres(core) if terms is None else terms
    return SolvedCore.of(core, terms, **{"summands": (terms[0].shape[1],), "radicand": 1} | fields)


def with_more_terms(core, extra, radicand=1):
    """Cut the first term into several."""
    U, V, W = fibres(core)
    U = np.hstack([U[:, :1] / (extra + 1)] * (extra + 1) + [U[:, 1:]])
    V, W = (np.hstack([f[:, :1]] * extra + [f]) for f in (V, W))
    return solved(core, (U, V, W), radicand=radicand)


def rebuilt(terms):
    return np.einsum("ar,br,cr->abc", *terms)


def same(one, two):
    names = ("key", "shape", "field", "summands", "radicand", "failed", "seed", "seconds",
             "command", "version", "igraph")  # fmt: skip
    return (
        all(getattr(one, name) == getattr(two, name) for name in names)
        and np.array_equal(one.coords, two.coords)
        and all(np.array_equal(f, g) for f, g in zip(one.terms, two.terms, strict=True))
    )


def test_all_that_is_known_is_found_best_first():
    core = wt.canonical_core("a*b*a", "Q8")
    store = Store()
    for extra, radicand in ((2, 1), (0, 0), (1, 1), (0, 5), (0, 1)):
        store = store.with_solved(with_more_terms(core, extra, radicand))
    found = store.find_all(core)
    ones = core.coords.shape[1]
    assert [(one.rank - ones, one.radicand) for one in found] == [
        (0, 1), (0, 5), (0, 0), (1, 1), (2, 1)
    ]  # fmt: skip
    assert store.find(core) is found[0]
    assert store.find_all(core, "complex") == ()


def test_the_home_of_nobody_is_refused(monkeypatch):
    monkeypatch.setenv("WORDTENSOR_CORES", "~nobody-of-this-name/cores")
    with pytest.raises(FileFormatError, match="WORDTENSOR_CORES"):
        user_store()


@pytest.mark.parametrize("text, name", CASES)
def test_what_is_kept_is_found_and_restored_to_the_group(text, name, tmp_path):
    core = wt.canonical_core(text, name)
    path = save_solved(solved(core), tmp_path)
    assert path is not None and path.parent == tmp_path and core.key in path.name
    found = user_store(tmp_path).find(core)
    assert same(found, solved(core))
    assert np.array_equal(
        rebuilt(core.restored(found.terms)), wt.word_tensor(text, name).to_dense()
    )


def test_equal_tensors_find_the_same_terms(tmp_path, relabelled):
    save_solved(solved(wt.canonical_core("a^2*b", "S3")), tmp_path)
    for text in ("b^-1*a^-2", "b^2*a", "b*a^2"):
        group = relabelled("S3", [3, 1, 5, 0, 2, 4])
        core = wt.canonical_core(text, group)
        found = user_store(tmp_path).find(core)
        tensor = wt.word_tensor(text, group).to_dense()
        assert np.array_equal(rebuilt(core.restored(found.terms)), tensor)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_a_file_brings_back_every_number(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    entries = []
    for field in ("real", "complex"):
        for radicand in (0, 1, -3 if field == "complex" else 5):
            tensor = rng.random(rng.integers(2, 5, 3)) < 0.6
            tensor.flat[0] = True
            core = canonical_form(tensor.shape, np.stack(np.nonzero(tensor)))
            terms = [rng.standard_normal((n, 5)) for n in core.shape]
            if radicand:
                terms = [np.round(factor) / 3 * abs(radicand) ** 0.5 for factor in terms]
            if field == "complex":
                terms = [factor * (1 - 0.5j) for factor in terms]
            entries.append(
                solved(core, tuple(terms), field=field, radicand=radicand, summands=(2, 3),
                       failed=((1, 70), (0, 0)), seed=seed, seconds=0.1, command="by hand")
            )  # fmt: skip
    path = tmp_path_factory.mktemp("cores") / "cores.npz"
    write_package(entries, path)
    archive = _store.parse_cores(path.read_bytes(), "cores.npz")
    found = [archive.solved(number) for number in range(6)]
    expected = sorted(entries, key=lambda one: (one.key, one.field))
    assert all(same(one, two) for one, two in zip(found, expected, strict=True))
    assert all(f.dtype == (complex if one.field == "complex" else float)
               for one in found for f in one.terms)  # fmt: skip


def test_only_better_ones_are_kept(tmp_path):
    core = wt.canonical_core("a*b", "C3")
    kept = [
        save_solved(with_more_terms(core, extra, radicand), tmp_path) is not None
        for extra, radicand in [(2, 1), (3, 1), (2, 0), (1, 0), (1, 0), (1, 5), (1, 1), (1, 5)]
    ]
    assert kept == [True, False, False, True, False, True, True, False]
    (path,) = tmp_path.glob("*.npz")
    found = user_store(tmp_path).find(core)
    assert (found.rank, found.radicand) == (10, 1)
    tried = replace(found, failed=((9, 1000),))
    assert save_solved(tried, tmp_path) == path
    assert save_solved(found, tmp_path) is None
    assert user_store(tmp_path).find(core).failed == ((9, 1000),)


def test_fields_are_kept_apart(tmp_path):
    core = wt.canonical_core("a*b", "C3")
    save_solved(solved(core), tmp_path)
    assert user_store(tmp_path).find(core, "complex") is None
    save_solved(solved(core, field="complex"), tmp_path)
    assert user_store(tmp_path).find(core, "complex").terms[0].dtype == complex
    assert len(user_store(tmp_path)) == 2


WRITER = """
import sys
from pathlib import Path
from threading import Thread
import numpy as np
from wordtensor.cores import SolvedCore, canonical_form, save_solved
core = canonical_form((2, 2, 2), np.array([[0, 1], [0, 1], [0, 1]]))
for rank in map(int, sys.argv[2:]):
    terms = tuple(np.full((2, rank), float(rank)) for _ in range(3))
    save_solved(SolvedCore.of(core, terms, summands=(rank,)), Path(sys.argv[1]))
"""


def test_of_two_writers_the_better_one_has_the_last_word(tmp_path):
    ranks = [list(range(40, 2, -2)), list(range(41, 3, -2))]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), *map(str, own)])
        for own in ranks
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    core = canonical_form((2, 2, 2), np.array([[0, 1], [0, 1], [0, 1]]))
    assert user_store(tmp_path).find(core).rank == 4
    assert len(list(tmp_path.glob("*.npz"))) == 1


def test_nobody_writes_between_comparing_and_writing(tmp_path, monkeypatch):
    core = wt.canonical_core("a*b", "C3")
    other = Thread(target=save_solved, args=(solved(core), tmp_path))

    def interrupted(entries, path):
        monkeypatch.setattr(_store, "write_package", write_package)
        other.start()
        other.join(timeout=0.3)  # without the lock it would be done, and overwritten
        write_package(entries, path)

    monkeypatch.setattr(_store, "write_package", interrupted)
    save_solved(with_more_terms(core, 2), tmp_path)
    other.join()
    assert user_store(tmp_path).find(core).rank == 9


def flipped(content, rng):
    """Change one byte."""
    place = int(rng.integers(len(content)))
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


def test_a_damaged_file_is_named_and_left_out(tmp_path, caplog):
    core = wt.canonical_core("a*b*a", "Q8")
    path = save_solved(solved(core), tmp_path)
    whole = path.read_bytes()
    for content in (b"", b"no archive", whole[:-30], whole[:200]):
        path.write_bytes(content)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert user_store(tmp_path).find(core) is None
        assert path.name in caplog.text
    assert save_solved(solved(core), tmp_path) == path
    assert user_store(tmp_path).find(core) is not None


def test_a_flipped_byte_never_gives_other_terms(tmp_path):
    core = wt.canonical_core("a*b", "C3")
    path = save_solved(solved(core), tmp_path)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(200):
        path.write_bytes(flipped(whole, rng))
        found = user_store(tmp_path).find(core)
        assert found is None or same(found, solved(core))


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [4, 3, 3]}, {"shape": [3, 3, 3.0]}, {"shape": [-3, 3, 3]}, {"shape": "333"},
        {"summands": [10]}, {"summands": [10**30]}, {"summands": []}, {"ones": 8},
        {"radicand": 0}, {"field": "complex"}, {"field": "rational"}, {"failed": []},
        {"failed": [[1]]}, {"key": "0" * 64}, {"igraph": "../../x"}, {"igraph": 1},
        {"seed": "one"}, {"seed": 0.0}, {"seed": False}, {"radicand": False},
        {"failed": [[0.0, 0]]}, {"failed": [[0, False]]},
    ],
)  # fmt: skip
def test_a_forged_header_is_refused(change, tmp_path):
    core = wt.canonical_core("a*b", "C3")
    path = save_solved(solved(core), tmp_path)
    header, arrays = read_archive(path.read_bytes())
    header["cores"][0] |= change
    write_archive(path, {k: v for k, v in arrays.items() if k != "header"}, header)
    assert user_store(tmp_path).find(core) is None


def test_a_file_under_the_name_of_another_core_is_left_out(tmp_path, caplog):
    one, two = (wt.canonical_core("a*b", name) for name in ("C4", "V4"))
    path = save_solved(solved(one), tmp_path)
    path.rename(tmp_path / path.name.replace(one.key, two.key))
    with caplog.at_level(logging.WARNING):
        assert user_store(tmp_path).find(two) is None
    assert "other cores than its name says" in caplog.text


def test_a_file_of_a_newer_version_or_with_pickles_is_left_out(tmp_path, caplog):
    core = wt.canonical_core("a*b", "C3")
    path = save_solved(solved(core), tmp_path)
    header, arrays = read_archive(path.read_bytes())
    del arrays["header"]
    write_archive(path, arrays, header | {"version": 2})
    with caplog.at_level(logging.WARNING):
        assert user_store(tmp_path).find(core) is None
    assert "reads 'wordtensor-cores' version 1" in caplog.text
    objects = {name: array.astype(object) for name, array in arrays.items()}
    write_archive(path, objects, header, pickled=True)
    assert user_store(tmp_path).find(core) is None


def test_other_files_of_the_folder_are_ignored(tmp_path, no_package):
    (tmp_path / "notes.npz").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")
    assert len(user_store(tmp_path)) == 0
    missing = user_store(tmp_path / "missing")
    assert missing is no_package


def reordered(core, rng):
    """Return the same core as another igraph could have ordered it, and its terms."""
    modes = rng.permutation(3)
    rows = [rng.permutation(core.shape[m]) for m in range(3)]
    coords = np.stack([rows[m][core.coords[m]] for m in modes])
    terms = []
    for m in modes:
        factor = np.empty_like(fibres(core)[m])
        factor[rows[m]] = fibres(core)[m]
        terms.append(factor)
    shape = tuple(core.shape[m] for m in modes)
    coords = coords[:, np.lexsort(coords[::-1])]
    other = replace(core, key=_key(shape, coords), shape=shape, coords=coords)
    return other, tuple(terms)


def _key(shape, coords):
    from wordtensor.cores._canonical import core_key

    return core_key(shape, coords)


@pytest.mark.parametrize("text, name", CASES)
def test_what_another_igraph_found_is_mapped(text, name, tmp_path, monkeypatch):
    core = wt.canonical_core(text, name)
    other, terms = reordered(core, np.random.default_rng(0))
    assert other.key != core.key
    save_solved(replace(solved(other, terms), igraph="0.11.8"), tmp_path)
    found = user_store(tmp_path).find(core)
    assert (found.key, found.shape) == (core.key, core.shape)
    assert np.array_equal(rebuilt(found.terms), core.to_dense())
    assert np.array_equal(
        rebuilt(core.restored(found.terms)), wt.word_tensor(text, name).to_dense()
    )
    # With the version that wrote it no core is ordered again: its key would have been found.
    monkeypatch.setattr(_store, "labelling_version", lambda: "0.11.8")
    assert user_store(tmp_path).find(core) is None


def test_another_igraph_with_another_core_of_the_same_size(tmp_path):
    one, two = (wt.canonical_core("a*b", name) for name in ("C4", "V4"))
    save_solved(replace(solved(one), igraph="0.11.8"), tmp_path)
    assert user_store(tmp_path).find(two) is None
    assert user_store(tmp_path).find(one).rank == 16


def test_the_better_one_is_found_whoever_ordered_it(tmp_path):
    core = wt.canonical_core("a*b", "C3")
    other, terms = reordered(core, np.random.default_rng(1))
    save_solved(replace(solved(other, terms), igraph="0.11.8"), tmp_path)
    save_solved(with_more_terms(core, 2), tmp_path)
    found = user_store(tmp_path).find(core)
    assert found.rank == 9 and np.array_equal(rebuilt(found.terms), core.to_dense())


def test_the_variable_names_the_folder_or_switches_it_off(tmp_path, monkeypatch, no_package):
    core = wt.canonical_core("a*b", "C3")
    monkeypatch.setenv("WORDTENSOR_CORES", str(tmp_path / "mine"))
    assert save_solved(solved(core)).parent == tmp_path / "mine"
    assert same(user_store().find(core), solved(core))
    monkeypatch.setenv("WORDTENSOR_CORES", "")
    assert save_solved(solved(core)) is None
    assert user_store() is no_package


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG is Linux's")
def test_without_the_variable_it_is_with_the_users_data(tmp_path, monkeypatch):
    monkeypatch.delenv("WORDTENSOR_CORES")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = save_solved(solved(wt.canonical_core("a*b", "C3")))
    assert path.parent == tmp_path / "wordtensor" / "cores"


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileFormatError, match="Cannot write"):
        save_solved(solved(wt.canonical_core("a*b", "C3")), tmp_path / "file")


def test_the_packages_cores_hold(recwarn):
    for one in default_store():
        core = canonical_form(one.shape, one.coords)
        assert default_store().find(core, one.field).rank <= one.rank
        assert one.command and one.version
    assert not recwarn.list


def test_stores_do_not_change():
    core = wt.canonical_core("a*b", "C3")
    store = Store()
    assert store.with_solved(solved(core)).find(core).rank == 9
    assert store.find(core) is None and len(store) == 0
    with pytest.raises(AttributeError):
        store.listed = ()
    found = solved(core)
    with pytest.raises(ValueError, match="read-only"):
        found.terms[0][0, 0] = 2.0


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"summands": (4, 4)}, "are no 8 terms"),
        ({"summands": (9, 0)}, "must have terms"),
        ({"field": "rational"}, "'real' or 'complex'"),
        ({"failed": ((1, 2), (3, 4))}, "for each of the 1 summands"),
        ({"terms": (np.full((3, 9), np.nan),) * 3}, "finite"),
        ({"terms": (np.ones((3, 9)) * 1j,) * 3}, "field='complex'"),
        ({"terms": (np.ones((3, 9)), np.ones((3, 9)), np.ones((4, 9)))}, "are no 9 terms"),
    ],
)
def test_what_contradicts_itself_is_refused(fields, message):
    core = wt.canonical_core("a*b", "C3")
    with pytest.raises(WordTensorError, match=message):
        solved(core, **{"summands": (9,)} | fields)


def test_the_package_is_gathered_from_folders(tmp_path, capsys):
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "pack_cores.py"))
    core = wt.canonical_core("a*b", "C3")
    other, terms = reordered(core, np.random.default_rng(2))
    save_solved(with_more_terms(core, 1), tmp_path / "one")
    save_solved(replace(solved(other, terms), igraph="0.11.8"), tmp_path / "two")
    data = {"mode": 0, "other": 1, "elements": [[0], [1], [2]]}
    save_proved(ProvedCore.of(core, "real", 4, data), tmp_path / "one")
    save_proved(ProvedCore.of(core, "real", 3, data), tmp_path / "two")
    folders = (str(tmp_path / name) for name in ("one", "two"))
    assert script["main"]([*folders, "-o", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"{core.key[:12]} SolvedCore(3x3x3, 9 ones, rank 9, exact)" in said
    assert f"{core.key[:12]} ProvedCore(3x3x3, 9 ones, at least 4)" in said
    archive = _store.parse_cores((tmp_path / "cores.npz").read_bytes(), "cores.npz")
    assert [header["key"] for header in archive.headers].count(core.key) == 1
    with zipfile.ZipFile(tmp_path / "proofs.zip") as packed:
        assert len([name for name in packed.namelist() if core.key in name]) == 1
    assert script["main"](["-o", str(tmp_path / "missing")]) == 2
