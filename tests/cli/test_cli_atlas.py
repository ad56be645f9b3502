"""`wordtensor atlas build`: files that go on, stops that lose nothing, other processes."""

import json
import signal
import subprocess
import sys

import pytest

from wordtensor import _workers, atlas
from wordtensor.errors import WordTensorError

BUILD = ("atlas", "build", "--groups", "C3; Q8; S3", "--words", "a*b; [a,b]; a*b*a; a^2*b")


def keys(path):
    return {entry.key for entry in atlas.read_atlas(path.read_bytes())}


@pytest.fixture
def failing(monkeypatch):
    """Let the third core that is decomposed end in an error."""

    def fail(error):
        before, calls = atlas._build.decomposed, []

        def failing(task):
            calls.append(task)
            if len(calls) == 3:
                raise error
            return before(task)

        monkeypatch.setattr(atlas._build, "decomposed", failing)

    return fail


@pytest.mark.parametrize("error, code", [(KeyboardInterrupt(), 130), (WordTensorError("No"), 2)])
def test_what_is_found_before_a_stop_is_kept(run, tmp_path, failing, monkeypatch, error, code):
    whole, parts = tmp_path / "whole.json", tmp_path / "parts.json"
    assert run(*BUILD, "-o", whole).exit_code == 0
    with monkeypatch.context():
        failing(error)
        stopped = run(*BUILD, "-o", parts)
    assert stopped.exit_code == code
    assert "stopped: 2 entries are in" in stopped.stderr
    assert keys(parts) < keys(whole)
    monkeypatch.undo()
    assert run(*BUILD, "-o", parts).exit_code == 0
    assert parts.read_bytes() == whole.read_bytes()


def test_a_stop_before_the_first_entry_writes_nothing(run, tmp_path, monkeypatch):
    def interrupted(names, words):
        raise KeyboardInterrupt

    monkeypatch.setattr(atlas._build, "_cores", interrupted)
    assert run(*BUILD, "-o", tmp_path / "f.json").exit_code == 130
    assert not (tmp_path / "f.json").exists()


def test_two_processes_write_the_same_file(run, tmp_path):
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    assert run(*BUILD, "-o", one).exit_code == 0
    assert run(*BUILD, "-o", two, "--workers", 2).exit_code == 0
    assert one.read_bytes() == two.read_bytes()


def test_a_scheduler_without_its_package(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run(*BUILD, "--scheduler", "tcp://127.0.0.1:9", "-o", tmp_path / "f.json")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: A scheduler needs distributed, which is not installed; install it with pip install "
        "'wordtensor[distributed]'\n"
    )


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "here", ""])
def test_a_scheduler_that_is_not_there(run, tmp_path, monkeypatch, address):
    pytest.importorskip("distributed")
    monkeypatch.setattr(_workers, "_PATIENCE", 0.5)
    result = run(*BUILD, "--scheduler", address, "-o", tmp_path / "f.json")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: There is no dask scheduler at {address!r} (")
    assert result.stderr.count("\n") == 1


def test_either_processes_or_a_scheduler(run, tmp_path):
    result = run(*BUILD, "--workers", 2, "--scheduler", "tcp://a:1", "-o", tmp_path / "f.json")
    assert result.exit_code == 2
    assert "--workers or --scheduler" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_pool_and_keeps_what_it_found(process, tmp_path, number):
    command, environment = process
    path = tmp_path / "f.json"
    arguments = ["atlas", "build", "-v", "--groups", "S3", "--workers", "2", "-o", str(path)]
    with subprocess.Popen(
        [*command, *arguments],
        env=environment | {"WORDTENSOR_CORES": ""},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        for line in running.stderr:
            if "5 entries so far" in line:
                break
        running.send_signal(number)
        # Until no process is left that could write to the stream.
        _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command goes on" in told
    assert "Traceback" not in told
    assert len(keys(path)) >= 5


@pytest.mark.parametrize(
    ("name", "known"),
    [("D3", "S3"), ("F21", "C7:C3"), ("C2 wr C2", "D4"), ("Group((1,2,3))", "C3")],
)
def test_a_group_is_shown_by_any_of_its_names(run, name, known):
    assert run("atlas", "show", name).stdout == run("atlas", "show", known).stdout


def test_what_is_open_is_shown_widest_gap_first(run):
    shown = json.loads(run("atlas", "show", "S3", "--open", "--json").stdout)["entries"]
    gaps = [entry["rank"] - entry["lower_bound"] for entry in shown]
    assert gaps and gaps == sorted(gaps, reverse=True)


@pytest.mark.parametrize("content", ['{"schema": 1}', "[]", "", '{"word": "a*b"}'])
def test_a_file_that_is_no_atlas_is_named(run, tmp_path, content):
    path = tmp_path / "mine.json"
    path.write_text(content)
    done = run("atlas", "show", "--atlas", path)
    assert done.exit_code == 2 and str(path) in done.stderr
    assert len(done.stderr.splitlines()) == 1
