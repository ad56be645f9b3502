"""What is left when a writer is killed at any moment, and when two use one file or folder."""

import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.cores import SolvedCore, save_solved, user_store
from wordtensor.errors import FileFormatError
from wordtensor.schemes import (
    FlipOptions,
    Registry,
    SymmetricOptions,
    TensorOptions,
    best_scheme,
    remember,
    search_scheme,
    search_tensor,
    symmetric_search,
    user_schemes,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL to send")

# Each writes for ever, and says what it has written.
HEAD = """
import itertools, os, sys, time
from pathlib import Path
import numpy as np
import wordtensor as wt
from wordtensor.schemes import FlipOptions, Registry, remember, search_scheme, standard_scheme
from wordtensor.schemes.searching import _loop
from wordtensor.cores import SolvedCore, save_solved
place, slow = Path(sys.argv[1]), sys.argv[2] == "slow"
if slow:  # most of the time is spent inside a write
    sync = os.fsync
    os.fsync = lambda number: (time.sleep(0.01), sync(number), time.sleep(0.01))
"""
WRITERS = {
    "schemes": """
for k in itertools.count():
    print(remember(standard_scheme(1 + k % 7, 3, 2 + k // 7)).name, flush=True)
""",
    "cores": """
core = wt.canonical_core("a*b", "C3")
units = tuple(np.eye(3)[:, place] for place in core.coords)
for k in itertools.count():
    found = SolvedCore.of(core, units, summands=(9,), failed=((8, k),))
    print(save_solved(found, place).name, k, flush=True)
""",
    "checkpoint": """
_loop._SAVE_EVERY = 0.0
def told(now):
    print(now.flips, flush=True)
search_scheme(3, 3, 3, options=FlipOptions(steps=10_000, seed=3), flips=10**12,
              registry=Registry(()), checkpoint=place / "point.npz", callback=told)
""",
}


def killed(kind, folder, how, seconds):
    """Start a writer, kill it a while after its first word, and return all that it said."""
    child = subprocess.Popen(
        [sys.executable, "-c", HEAD + WRITERS[kind], str(folder), how],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        first = child.stdout.readline()
        time.sleep(seconds)
    finally:
        child.send_signal(signal.SIGKILL)
        rest, _ = child.communicate()
    assert first
    return (first + rest).splitlines()[:-1] or [first.strip()]


def check_what_is_left(kind, folder, said, caplog):
    """Everything that was said to be written is there and whole, and the next writer works."""
    if kind == "schemes":
        kept = {path.name for path in folder.glob("*.npz")}
        assert {*said} <= kept
        assert len(user_schemes()) == len(kept)
        assert remember(best_scheme(2, 2, 2)).exists()
    elif kind == "cores":
        core = wt.canonical_core("a*b", "C3")
        units = tuple(np.eye(3)[:, place] for place in core.coords)
        found = user_store(folder).find(core)
        assert found.failed[0][1] >= int(said[-1].split()[1])
        better = SolvedCore.of(core, units, summands=(9,), failed=((8, 10**9),))
        assert save_solved(better, folder) is not None
    else:
        how = {"options": FlipOptions(steps=10_000, seed=3), "registry": Registry(())}
        again = search_scheme(3, 3, 3, flips=1, checkpoint=folder / "point.npz", **how)
        assert again.resumed == 1
        # What is told is written down right after: the last but one is.
        assert again.flips >= int((["0"] * 2 + said)[-2])
        if again.scheme is not None:
            again.scheme.check()
    assert caplog.text == ""


def kill_often(kind, times, tmp_path, monkeypatch, caplog):
    rng = random.Random(times)
    for number in range(times):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.setenv("WORDTENSOR_SCHEMES", str(folder))
        how = ("fast", "slow")[number % 2]
        said = killed(kind, folder, how, rng.uniform(0.0, 0.3))
        check_what_is_left(kind, folder, said, caplog)
    return len(list(tmp_path.iterdir()))


@pytest.mark.parametrize("kind", WRITERS)
def test_kill_9_leaves_no_half_file(kind, tmp_path, monkeypatch, caplog):
    assert kill_often(kind, 2, tmp_path, monkeypatch, caplog) == 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
def test_kill_9_at_twenty_moments_leaves_no_half_file(kind, tmp_path, monkeypatch, caplog):
    assert kill_often(kind, 20, tmp_path, monkeypatch, caplog) == 20


SEARCHES = {
    "flips": lambda path, told: search_scheme(
        2, 2, 2, 7, FlipOptions(start="standard"), flips=10**6, checkpoint=path, callback=told
    ),
    "symmetric": lambda path, told: symmetric_search(
        2, 7, SymmetricOptions(seed=1), flips=10**6, checkpoint=path, callback=told
    ),
    "tensor": lambda path, told: search_tensor(
        [[[1, 0], [0, 1]], [[0, 1], [1, 0]]],
        3, TensorOptions(ring="Z"), flips=10**5, checkpoint=path, callback=told,
    ),
}  # fmt: skip


@pytest.mark.parametrize("method", SEARCHES)
def test_two_searches_with_one_checkpoint(method, tmp_path):
    path, refused = tmp_path / "point.npz", []
    link = tmp_path / "link.npz"
    link.symlink_to(path)

    def second(_):
        if not refused:
            for name in (path, link):
                with pytest.raises(FileFormatError, match="in use by another process") as error:
                    SEARCHES[method](name, None)
                refused.append(str(error.value))

    first = SEARCHES[method](path, second)
    assert len(refused) == 2 and first.resumed == 0
    assert SEARCHES[method](path, None).resumed == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.npz", "point.npz"]


def test_a_killed_search_lets_go_of_its_checkpoint(tmp_path):
    killed("checkpoint", tmp_path, "fast", 0.0)
    assert (tmp_path / ".point.npz.lock").exists()
    how = {"options": FlipOptions(steps=10_000, seed=3), "registry": Registry(())}
    assert search_scheme(3, 3, 3, flips=1, checkpoint=tmp_path / "point.npz", **how).resumed == 1
    assert [path.name for path in tmp_path.glob("*")] == ["point.npz"]


@pytest.mark.parametrize("method", SEARCHES)
def test_a_checkpoint_that_cannot_be_written_is_told_before_the_search(method, tmp_path):
    with pytest.raises(FileFormatError, match="no"):
        SEARCHES[method](tmp_path / "no" / "point.npz", pytest.fail)


@pytest.mark.parametrize("method", SEARCHES)
def test_a_checkpoint_that_fails_later_loses_nothing(method, tmp_path, caplog):
    path = tmp_path / "point.npz"

    def remove(_):
        if not path.is_dir():
            path.unlink()
            path.mkdir()

    found = SEARCHES[method](path, remove)
    assert found.rank_in_ring in (3, 7)
    assert "the checkpoint stays as it was" in caplog.text


def test_two_processes_fill_one_folder_of_cores(tmp_path):
    code = HEAD + WRITERS["cores"].replace("itertools.count()", "range(30)").replace(
        "print(save_solved(found, place).name, k, flush=True)", "save_solved(found, place)"
    )
    command = [sys.executable, "-c", code, str(tmp_path), "fast"]
    writers = [subprocess.Popen(command) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    ((_, read),) = user_store(tmp_path)._by_key[wt.canonical_core("a*b", "C3").key, "real"][-1:]
    assert read().failed == ((8, 29),)
