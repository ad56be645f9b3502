"""The search for schemes: exact results, repeatable, resumable after Ctrl-C and kill -9."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import Registry, best_scheme
from wordtensor.schemes.search import search_scheme

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
        *sizes, rank, ring=ring, seed=1, flips=10**8, start="standard", registry=EMPTY
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
        2, 3, 3, 15, seed=2, flips=10**8, start="extend", signs_only=True, registry=registry
    ).scheme
    assert s is not None and s.check().rank == 15
    assert max(np.abs(f).max() for f in (s.U, s.V, s.W)) == 1


@pytest.mark.parametrize(("division", "rank"), [("C", 3), ("H", 8)])
def test_multiplication_of_complex_numbers_and_quaternions_is_found(division, rank):
    s = search_scheme(1, 1, 1, rank, division=division, seed=0, flips=10**8, registry=EMPTY).scheme
    assert s is not None and s.check().rank == rank


def test_a_search_bound_by_flips_repeats():
    first, second = (
        search_scheme(2, 3, 4, seed=4, flips=4 * 10**5, steps=10**5, seconds=None, registry=EMPTY)
        for _ in range(2)
    )
    assert first.scheme is not None
    same(first, second)


def test_a_checkpoint_continues_to_the_same_end(tmp_path):
    how = {"seed": 3, "steps": 5 * 10**4, "seconds": None, "registry": EMPTY}
    whole = search_scheme(3, 3, 3, flips=10**6, **how)
    path = tmp_path / "search.npz"
    search_scheme(3, 3, 3, flips=3 * 10**5, checkpoint=path, **how)
    resumed = search_scheme(3, 3, 3, flips=10**6, checkpoint=path, **how)
    same(whole, resumed)


def test_ctrl_c_keeps_the_best_and_the_checkpoint(tmp_path):
    path = tmp_path / "search.npz"
    how = {"seed": 3, "steps": 5 * 10**4, "seconds": None, "registry": EMPTY}
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
from wordtensor.schemes import Registry, search
from wordtensor.schemes.flips import _running
_running._SAVE_EVERY = 0.0
search.search_scheme(3, 3, 3, seed=3, steps=50_000, seconds=None, flips=10**12,
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
    how = {"seed": 3, "steps": 5 * 10**4, "seconds": None, "registry": EMPTY}
    with np.load(path, allow_pickle=False) as archive:
        flips = json.loads(archive["header"].tobytes())["flips"]
    assert flips > 0
    resumed = search_scheme(3, 3, 3, flips=flips + 10**5, checkpoint=path, **how)
    same(search_scheme(3, 3, 3, flips=flips + 10**5, **how), resumed)


def test_checkpoints_are_checked(tmp_path):
    path = tmp_path / "search.npz"
    how = {"flips": 1000, "steps": 1000, "registry": EMPTY}
    search_scheme(2, 2, 2, checkpoint=path, **how)
    with pytest.raises(FileFormatError, match="belongs to another search"):
        search_scheme(2, 2, 3, checkpoint=path, **how)
    with pytest.raises(FileFormatError, match="belongs to another search"):
        search_scheme(2, 2, 2, seed=5, checkpoint=path, **how)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(FileFormatError, match="damaged"):
        search_scheme(2, 2, 2, checkpoint=path, **how)


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"rank": 0}, "rank"),
        ({"ring": "F5"}, "ring"),
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
    ],
)
def test_arguments_out_of_range(bad, name):
    with pytest.raises(SchemeError, match=f"'{name}'"):
        search_scheme(2, 2, 2, **{"registry": EMPTY, **bad})


def test_a_search_with_nothing_to_flip_ends():
    result = search_scheme(1, 1, 1, flips=10**5, seconds=None, registry=EMPTY)
    assert result.rank_in_ring == 1


def test_the_recorded_command_repeats_the_search():
    how = {"seed": 6, "steps": 10**5, "registry": EMPTY, "start": "standard"}
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
        2, 2, 2, 7, walkers=4, steps=2000, flips=10**8, registry=EMPTY, start="standard",
        on_scheme=keep,
    )  # fmt: skip
    assert result.interrupted
    assert kept == [result.scheme]


def test_other_options_do_not_resume(tmp_path):
    path = tmp_path / "search.npz"
    search_scheme(2, 2, 2, flips=1000, steps=1000, registry=EMPTY, checkpoint=path)
    with pytest.raises(FileFormatError, match="another search"):
        search_scheme(2, 2, 2, flips=1000, steps=999, registry=EMPTY, checkpoint=path)


def test_huge_sizes_are_refused_at_once():
    with pytest.raises(SchemeError, match="at most 64"):
        search_scheme(64, 64, 64, registry=EMPTY)


def test_walkers_share_the_work():
    result = search_scheme(
        2, 2, 2, 7, walkers=3, flips=10**7, steps=1000, start="standard", registry=EMPTY
    )
    assert result.scheme is not None and result.scheme.rank == 7
    assert "--walkers 3" in result.scheme.provenance


def test_progress_goes_to_stderr(capsys):
    calls = []
    search_scheme(
        2, 2, 2, 7, flips=10**7, registry=EMPTY, start="standard", progress=True,
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


def test_few_flips_are_few():
    assert search_scheme(3, 3, 3, flips=100, registry=EMPTY).flips <= 10_000
