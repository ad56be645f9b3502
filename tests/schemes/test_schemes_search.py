"""The search for schemes: exact results, repeatable, resumable after Ctrl-C and kill -9."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace

import numpy as np
import pytest

from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import (
    FlipOptions,
    Registry,
    best_scheme,
    flips,
    search_scheme,
    search_tensor,
    symmetric_search,
)
from wordtensor.schemes.flips import _packed
from wordtensor.schemes.flips._starts import starting_terms
from wordtensor.schemes.flips._state import begun
from wordtensor.schemes.lifting import _elimination
from wordtensor.schemes.searching._limits import Limits
from wordtensor.schemes.searching._progress import _line
from wordtensor.schemes.searching.results import Progress
from wordtensor.schemes.searching.tensors import fibre_terms

EMPTY = Registry(())

pytestmark = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="needs compiled kernels"
)


def same(first, second):
    assert (first.rank_in_ring, first.flips) == (second.rank_in_ring, second.flips)
    for name in "UVW":
        assert (getattr(first.scheme, name) == getattr(second.scheme, name)).all()


@pytest.mark.parametrize("ring", ["F2", "Z"])
@pytest.mark.parametrize(
    ("sizes", "rank"), [((2, 2, 2), 7), ((2, 2, 3), 11), ((2, 3, 3), 15), ((3, 3, 3), 23)]
)
def test_small_schemes_are_found(sizes, rank, ring):
    result = search_scheme(
        *sizes, rank, FlipOptions(ring=ring, start="standard", seed=1), flips=10**8, registry=EMPTY
    )
    assert result.scheme is not None and result.scheme.check().rank == rank
    assert result.rank_in_ring == result.shortest.check().rank == rank
    assert "--seed 1" in result.scheme.provenance and f"--ring {ring}" in result.scheme.provenance
    if ring == "Z":
        s = result.scheme
        assert max(np.abs(f).max() for f in (s.U, s.V, s.W)) == 1


def test_search_by_extension_with_signs_only():
    registry = EMPTY.with_scheme(best_scheme(2, 2, 3))
    s = search_scheme(
        2,
        3,
        3,
        15,
        FlipOptions(start="extend", signs_only=True, seed=2),
        flips=10**8,
        registry=registry,
    ).scheme
    assert s is not None and s.check().rank == 15
    assert max(np.abs(f).max() for f in (s.U, s.V, s.W)) == 1


@pytest.mark.parametrize(("division", "rank"), [("C", 3), ("H", 8)])
def test_multiplication_of_complex_numbers_and_quaternions_is_found(division, rank):
    s = search_scheme(
        1, 1, 1, rank, options=FlipOptions(division=division), flips=10**8, registry=EMPTY
    ).scheme
    assert s is not None and s.check().rank == rank


def test_a_search_bound_by_flips_repeats():
    first, second = (
        search_scheme(
            2, 3, 4, options=FlipOptions(steps=10**5, seed=4), flips=4 * 10**5, registry=EMPTY
        )
        for _ in range(2)
    )
    assert first.scheme is not None
    same(first, second)


def test_a_checkpoint_continues_to_the_same_end(tmp_path):
    how = {"options": FlipOptions(steps=5 * 10**4, seed=3), "registry": EMPTY}
    whole = search_scheme(3, 3, 3, flips=10**6, **how)
    path = tmp_path / "search.npz"
    search_scheme(3, 3, 3, flips=3 * 10**5, checkpoint=path, **how)
    resumed = search_scheme(3, 3, 3, flips=10**6, checkpoint=path, **how)
    same(whole, resumed)


def test_ctrl_c_keeps_the_best_and_the_checkpoint(tmp_path):
    path = tmp_path / "search.npz"
    how = {"options": FlipOptions(steps=5 * 10**4, seed=3), "registry": EMPTY}
    rounds = []

    def interrupt(now):
        rounds.append(now)
        if len(rounds) == 4:
            raise KeyboardInterrupt

    first = search_scheme(3, 3, 3, flips=10**6, checkpoint=path, callback=interrupt, **how)
    assert first.interrupted and first.scheme is not None
    assert first.flips == rounds[-1].flips
    resumed = search_scheme(3, 3, 3, flips=10**6, checkpoint=path, **how)
    assert not resumed.interrupted
    same(search_scheme(3, 3, 3, flips=10**6, **how), resumed)


CHILD = """
import sys
from wordtensor.schemes import FlipOptions, Registry, search_scheme
from wordtensor.schemes.searching import _loop
_loop._SAVE_EVERY = 0.0
search_scheme(3, 3, 3, options=FlipOptions(steps=50_000, seed=3), flips=10**12,
              registry=Registry(()), checkpoint=sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL to send")
def test_kill_9_leaves_a_checkpoint_that_resumes(tmp_path):
    path = tmp_path / "search.npz"
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(path)])
    try:
        seen = set()
        while len(seen) < 4 and process.poll() is None:
            if path.exists():
                seen.add(path.stat().st_mtime_ns)
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    how = {"options": FlipOptions(steps=5 * 10**4, seed=3), "registry": EMPTY}
    with np.load(path, allow_pickle=False) as archive:
        flips = json.loads(archive["header"].tobytes())["flips"]
    assert flips > 0
    resumed = search_scheme(3, 3, 3, flips=flips + 10**5, checkpoint=path, **how)
    same(search_scheme(3, 3, 3, flips=flips + 10**5, **how), resumed)


def test_checkpoints_are_checked(tmp_path):
    path = tmp_path / "search.npz"
    how = {"flips": 1000, "options": FlipOptions(steps=1000), "registry": EMPTY}
    search_scheme(2, 2, 2, checkpoint=path, **how)
    with pytest.raises(FileFormatError, match="belongs to another search"):
        search_scheme(2, 2, 3, checkpoint=path, **how)
    with pytest.raises(FileFormatError, match="belongs to another search"):
        how["options"] = FlipOptions(steps=1000, seed=5)
        search_scheme(2, 2, 2, checkpoint=path, **how)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(FileFormatError, match="damaged"):
        search_scheme(2, 2, 2, checkpoint=path, **how)


def test_a_checkpoint_of_another_method_is_refused(tmp_path):
    path, how = tmp_path / "search.npz", {"flips": 1000, "checkpoint": tmp_path / "search.npz"}
    tensor = np.ones((1, 1, 1), dtype=np.int64)
    searches = {
        "flips": lambda: search_scheme(2, 2, 2, registry=EMPTY, **how),
        "symmetric": lambda: symmetric_search(2, **how),
        "tensor": lambda: search_tensor(tensor, **how),
    }
    for method, search in searches.items():
        path.unlink(missing_ok=True)
        search()
        before = path.read_bytes()
        for other in searches.keys() - {method}:
            told = rf"another search \(method {method}, not {other}\); name another"
            with pytest.raises(FileFormatError, match=told):
                searches[other]()
        assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pool_words", np.zeros((4, 8), dtype=np.uint64)),
        ("pool_words", np.ones((4, 8), dtype=np.int64)),
        ("pool_words", np.full((4, 8), 2, dtype=np.uint64)),
        ("pool_ranks", np.array([5, -1])),
        ("pool_ranks", np.zeros(0, dtype=np.int64)),
        ("start_ranks", np.array([[8]])),
        ("start_words", np.ones((3, 8), dtype=np.uint64)),
        ("end_ranks", np.array([7])),
        ("W", np.zeros((4, 7), dtype=np.int64)),
        ("header", np.frombuffer(b"{}", dtype=np.uint8)),
    ],
)
def test_changed_checkpoints_are_refused(tmp_path, name, value):
    path = tmp_path / "search.npz"
    how = {"flips": 10**6, "registry": EMPTY, "checkpoint": path}
    options = FlipOptions(start="standard")
    assert search_scheme(2, 2, 2, 7, options, **how).scheme.rank == 7
    with np.load(path) as archive:
        arrays = dict(archive)
    assert name in arrays
    np.savez(path, **(arrays | {name: value}))
    with pytest.raises(FileFormatError, match="damaged"):
        search_scheme(2, 2, 2, 7, options, **how)


def test_a_resumed_search_knows_what_it_found(tmp_path):
    how = {"options": FlipOptions(start="standard"), "registry": EMPTY}
    path = tmp_path / "search.npz"
    first = search_scheme(2, 2, 2, 7, flips=10**6, checkpoint=path, **how)
    told = []
    again = search_scheme(2, 2, 2, 7, flips=10**6, checkpoint=path, on_scheme=told.append, **how)
    same(first, again)
    assert again.scheme.provenance == first.scheme.provenance != "" and told == []


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"rank": 0}, "rank"),
        ({"ring": "F5"}, "ring"),
        ({"ring": "F5"}, "ring"),
        ({"characteristic": 3}, "characteristic"),
        ({"ring": "Z", "characteristic": 2}, "characteristic"),
        ({"division": "O"}, "division"),
        ({"start": "elsewhere"}, "start"),
        ({"seconds": -1.0}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"flips": 0}, "flips"),
        ({"seed": -1}, "seed"),
        ({"walkers": -2}, "walkers"),
        ({"steps": 0}, "steps"),
        ({"margin": 0}, "margin"),
        ({"plus_after": 0}, "plus_after"),
        ({"rank": 10**10}, "rank"),
        ({"walkers": 2**16 + 1}, "walkers"),
        ({"steps": 10**20}, "steps"),
        ({"margin": 2**63 - 1}, "margin"),
        ({"plus_after": 2**63}, "plus_after"),
        ({"steps": float("nan")}, "steps"),
        ({"seed": 1.5}, "seed"),
        ({"flips": float("inf")}, "flips"),
    ],
)
def test_arguments_out_of_range(bad, name):
    own = {field.name for field in fields(FlipOptions)}
    with pytest.raises(SchemeError, match=f"'{name}'"):
        options = FlipOptions(**{key: bad[key] for key in bad.keys() & own})
        rest = {key: bad[key] for key in bad.keys() - own}
        search_scheme(2, 2, 2, **{"options": options, "registry": EMPTY, **rest})


def test_a_search_with_nothing_to_flip_ends():
    result = search_scheme(1, 1, 1, flips=10**5, seconds=None, registry=EMPTY)
    assert result.rank_in_ring == 1


def test_the_recorded_command_repeats_the_search():
    options = FlipOptions(steps=10**5, start="standard", seed=6)
    how = {"options": options, "registry": EMPTY}
    first = search_scheme(3, 3, 3, flips=10**6, **how)
    flips = int(first.scheme.provenance.split("--flips ")[1].split(";")[0])
    second = search_scheme(3, 3, 3, flips=flips, **how)
    for name in "UVW":
        assert (getattr(first.scheme, name) == getattr(second.scheme, name)).all()
    assert "--steps 100000" in first.scheme.provenance
    assert "--rank" not in first.scheme.provenance


def test_a_scheme_of_an_interrupted_round_is_kept():
    kept = []

    def keep(s):
        kept.append(s)
        raise KeyboardInterrupt

    result = search_scheme(
        2, 2, 2, 7, FlipOptions(walkers=4, steps=2000, start="standard"), flips=10**8,
        registry=EMPTY, on_scheme=keep,
    )  # fmt: skip
    assert result.interrupted
    assert kept == [result.scheme]


def test_other_options_do_not_resume(tmp_path):
    path = tmp_path / "search.npz"
    how = {"flips": 1000, "registry": EMPTY, "checkpoint": path}
    search_scheme(2, 2, 2, options=FlipOptions(steps=1000), **how)
    with pytest.raises(FileFormatError, match="another search"):
        search_scheme(2, 2, 2, options=FlipOptions(steps=999), **how)


@pytest.mark.parametrize(("sizes", "plus_after"), [((3, 1, 1), 1), ((2, 1, 2), 2), ((2, 2, 2), 1)])
def test_a_batch_of_plus_transitions_is_short(sizes, plus_after, tmp_path):
    # Each takes as long as many flips: 20 million of them would keep Ctrl-C waiting.
    how = FlipOptions(plus_after=plus_after, start="extend")
    once = search_scheme(
        *sizes, options=how, flips=1, registry=EMPTY, checkpoint=tmp_path / "point.npz"
    )
    assert once.flips <= 20_000 * plus_after
    assert f"--steps {20_000 * plus_after} " in once.scheme.provenance


def test_compiling_the_walk_is_told(monkeypatch, caplog):
    caplog.set_level("INFO", logger="wordtensor.stages")
    for stored in (True, False):
        monkeypatch.setattr(_packed, "is_compiled", lambda *_, stored=stored: stored)
        monkeypatch.delitem(sys.modules, f"{_packed.__package__}._walk", raising=False)
        monkeypatch.delattr(flips, "_walk", raising=False)
        search_scheme(1, 1, 1, seconds=0, registry=EMPTY)
        assert ("compiling the walk" in caplog.text) != stored
        assert caplog.messages[-1] == "starts of walks for <1,1,1>"


def test_huge_sizes_are_refused_at_once():
    with pytest.raises(SchemeError, match="at most 64"):
        search_scheme(64, 64, 64, registry=EMPTY)


def test_walkers_share_the_work():
    result = search_scheme(
        2, 2, 2, 7, FlipOptions(walkers=3, steps=1000, start="standard"), flips=10**7,
        registry=EMPTY,
    )  # fmt: skip
    assert result.scheme is not None and result.scheme.rank == 7
    assert "--walkers 3" in result.scheme.provenance


def test_progress_goes_to_stderr(capsys):
    calls = []
    search_scheme(
        2, 2, 2, 7, FlipOptions(start="standard"), flips=10**7, registry=EMPTY, progress=True,
        callback=calls.append,
    )  # fmt: skip
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "<2,2,2>: rank 7, exact 7" in captured.err
    assert calls[-1].found == 7


def test_a_text_file_is_no_checkpoint(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a checkpoint")
    with pytest.raises(FileFormatError, match="no checkpoint") as error:
        search_scheme(2, 2, 2, flips=1000, registry=EMPTY, checkpoint=path)
    assert "pickle" not in str(error.value)


@pytest.mark.parametrize("walkers", [1, 3])
@pytest.mark.parametrize("ring", ["F2", "Z"])
@pytest.mark.parametrize("flips", [100, 123_457])
def test_so_many_flips_are_done_with_and_without_a_checkpoint(tmp_path, ring, walkers, flips):
    how = {"options": FlipOptions(ring=ring, walkers=walkers, start="standard"), "registry": EMPTY}
    plain = search_scheme(2, 3, 3, flips=flips, **how)
    path = tmp_path / "point"
    kept = search_scheme(2, 3, 3, flips=flips, checkpoint=path, **how)
    assert plain.flips == kept.flips == flips
    same(plain, kept)
    more = search_scheme(2, 3, 3, flips=2 * flips, checkpoint=path, **how)
    assert (more.flips, more.resumed) == (2 * flips, 1)


def test_the_recorded_command_repeats_walks_side_by_side():
    # Walks of different lengths in a batch, of which the limit cuts none or the longest ones.
    options = FlipOptions(steps=70_000, start="standard", seed=2, walkers=4)
    how = {"options": options, "registry": EMPTY}
    for limit in (500_000, 10**6):
        first = search_scheme(2, 3, 3, flips=limit, **how)
        flips = int(first.scheme.provenance.split("--flips ")[1].split(";")[0])
        second = search_scheme(2, 3, 3, flips=flips, **how)
        assert flips <= limit
        assert all((getattr(first.scheme, n) == getattr(second.scheme, n)).all() for n in "UVW")


def test_fibres_of_a_tensor_are_terms_in_each_ring():
    tensor = np.array([[[2, -1], [0, 1]]])
    assert repr(fibre_terms(tensor, 2, "Z")) == "PackedTerms(3 terms, ring='Z')"
    assert repr(fibre_terms(tensor, 2, "F2")) == "PackedTerms(2 terms, ring='F2')"


def test_the_time_of_the_starts_counts_and_one_batch_is_made():
    start = starting_terms(2, 2, 2, "R", "standard", EMPTY, "F2", 0)
    state = begun(start, 0)
    late = time.monotonic() - 10
    assert not Limits(7, 5.0, None, began=late).reached(state)
    walked = replace(state, spent=1)
    assert Limits(7, 5.0, None, began=late).reached(walked)
    assert not Limits(7, 50.0, None, began=late).reached(walked)
    assert Limits(7, 0.0, None).reached(state)


@pytest.mark.parametrize("presses", [1, 3])
def test_ctrl_c_ends_a_lifting_between_columns(presses, monkeypatch):
    calls, eliminate = [], _elimination._eliminate

    def pressed(*arguments):
        calls.append(arguments)
        if len(calls) == presses:
            raise KeyboardInterrupt
        return eliminate(*arguments)

    monkeypatch.setattr(_elimination, "_eliminate", pressed)
    how = {"options": FlipOptions(start="standard"), "flips": 10**4, "registry": EMPTY}
    result = search_scheme(4, 4, 4, **how)
    assert result.interrupted and result.scheme is None and len(calls) == presses


def test_progress_names_the_unit_of_its_speed():
    assert ", 5.0 million a second, 2 s" in _line(Progress(7, None, 1, 10**7, 2.0))
