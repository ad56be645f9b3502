"""What only a process of its own shows: exit codes, pure JSON, and Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import wordtensor as wt

COMMAND = [sys.executable, "-m", "wordtensor"]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "80"}


def told(stderr):
    """Return what was said on stderr beside the stages that a slow machine makes long."""
    return re.sub(r"^.* \.\.\. \d+ s\n", "", stderr, flags=re.MULTILINE)


def finished(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=ENVIRONMENT | options,
    )


def test_json_is_all_of_stdout(tmp_path):
    path = tmp_path / "out.npz"
    options = ("--json", "--progress", "-v", "-o", path)
    done = finished("decompose", "a*b*a^-1", "S4", *options)
    assert done.returncode == 0
    assert json.loads(done.stdout)["rank"] == 47
    assert str(path) in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("decompose", "a*b", "Nowhere"), 2),
        (("decompose", "a*(b", "S3"), 2),
        (("verify", "gone.npz"), 2),
        (("--bogus",), 2),
        (("info", "C3"), 0),
    ],
)
def test_exit_codes(arguments, code):
    done = finished(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_a_terminal_without_the_letters_gets_no_traceback():
    done = finished("info", "C3", PYTHONIOENCODING="ascii")
    assert (done.returncode, told(done.stderr)) == (0, "")


def test_a_closed_pipe_ends_quietly():
    done = subprocess.run(
        f"'{sys.executable}' -m wordtensor info C120 --json | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=120,
        env=ENVIRONMENT,
    )
    assert (done.stdout, told(done.stderr)) == ("{\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
def test_ctrl_c_keeps_the_best_so_far(process, tmp_path):
    command, environment = process
    path, log = tmp_path / "best.npz", tmp_path / "log"
    search = ("decompose", "a*b*a", "S4", "--effort", "search", "--time-limit", "100",
              "--no-store")  # fmt: skip
    with log.open("w") as stderr:
        running = subprocess.Popen(
            [*command, *search, "-o", str(path), "--json", "-vv"],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=environment,
        )
    try:
        while "converged" not in log.read_text() and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        stdout, _ = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130, log.read_text()
    assert "Traceback" not in log.read_text()
    values = json.loads(stdout)
    assert values["interrupted"] is True
    loaded = wt.load(path)
    assert loaded.interrupted
    assert loaded.rank == values["rank"]
    assert wt.verify(loaded).ok


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
def test_ctrl_c_elsewhere_is_quiet(run, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(wt, "plan", interrupted)
    result = run("plan", "a*b", "S3")
    assert (result.exit_code, result.output) == (130, "")


LOST = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
import wordtensor as wt
from wordtensor.cli import main

class Unlucky:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(100):
            pass

def plan(*arguments, **options):
    unlucky = Unlucky()
    del unlucky
    print("lost", flush=True)
    time.sleep(100)

wt.plan = plan
sys.argv = ["wordtensor", "plan", "a*b", "S3"]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
def test_ctrl_c_that_python_could_not_raise_is_raised_again():
    done = subprocess.run(
        [sys.executable, "-c", LOST], capture_output=True, text=True, timeout=60, env=ENVIRONMENT
    )
    assert (done.returncode, done.stdout, told(done.stderr)) == (130, "lost\n", "")


def test_ctrl_c_that_compiled_code_turned_into_another_error(run, monkeypatch):
    def interrupted(*arguments, **options):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise SystemError("returned a result with an exception set") from error

    monkeypatch.setattr(wt, "plan", interrupted)
    result = run("plan", "a*b", "S3")
    assert (result.exit_code, result.output) == (130, "")

    def broken(*arguments, **options):
        raise SystemError("something else")

    monkeypatch.setattr(wt, "plan", broken)
    assert isinstance(run("plan", "a*b", "S3").exception, SystemError)


def shell(line, tmp_path):
    """Run a line of the shell in which `$W` is the command line."""
    return subprocess.run(
        line,
        shell=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env=ENVIRONMENT | {"W": f"{sys.executable} -m wordtensor"},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no such shell")
@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&- <&-", "2>/dev/full"])
def test_a_stream_that_nobody_reads_loses_no_file(tmp_path, closed):
    done = shell(f"$W decompose 'a*b' S3 -o out.npz {closed}", tmp_path)
    assert done.returncode == 0
    assert told(done.stderr) in ("", "wrote out.npz\n")
    assert [p.name for p in tmp_path.iterdir()] == ["out.npz"]
    assert wt.verify(wt.load(tmp_path / "out.npz")).ok


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.parametrize("command", ["--help", "--version", "info C3", "info C3 --json"])
def test_a_full_disk_for_the_output_is_one_line(tmp_path, command):
    done = shell(f"$W {command} >/dev/full", tmp_path)
    line = "error: Cannot write to standard output: No space left on device\n"
    assert (done.returncode, told(done.stderr)) == (2, line)


ENDING = """
import atexit, os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from wordtensor.cli import main

def press():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
        time.sleep(0.01)

if "later" in sys.argv:
    atexit.register(press)
else:
    threading._register_atexit(press)
sys.argv[1:] = ["--version"]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to send")
@pytest.mark.parametrize("when", ["sooner", "later"])
def test_a_signal_after_the_end_changes_nothing(when):
    done = subprocess.run(
        [sys.executable, "-c", ENDING, when],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
    )
    version = f"wordtensor {wt.__version__}\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, version, "")


LOADING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)

class Pressed:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), getattr(signal, sys.argv[2]))

sys.meta_path.insert(0, Pressed())
from wordtensor.cli import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to send")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("module", ["typer", "numpy", "wordtensor.cli.app", "wordtensor.groups"])
def test_a_signal_while_the_libraries_load_is_quiet(module, name):
    done = subprocess.run(
        [sys.executable, "-c", LOADING, module, name],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to send")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_job_that_is_ended_keeps_the_best_so_far(process, tmp_path, name):
    command, environment = process
    path, log = tmp_path / "best.npz", tmp_path / "log"
    search = ("decompose", "a*b*a", "S4", "--effort", "search", "--no-store", "-o", str(path))
    with log.open("w") as stderr:
        running = subprocess.Popen([*command, *search, "-vv"], stderr=stderr, env=environment,
                                   stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        while "converged" not in log.read_text() and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(getattr(signal, name))
        assert running.wait(timeout=60) == 130
    finally:
        running.kill()
    assert "Traceback" not in log.read_text()
    assert wt.load(path).interrupted


@pytest.mark.parametrize(
    "command",
    [
        ("decompose", "a*b", "S3", "-o", "new.npz"),
        ("certify", "a*b", "Q8", "-o", "new.json"),
        ("solve", "t.tns", "-o", "new.npz"),
        ("width", "a*b", "C3", "9", "-o", "new.npz"),
        ("compare", "s3.npz", "--html", "new.html"),
    ],
    ids=lambda command: command[0],
)
def test_what_was_written_is_told_last(run, saved, monkeypatch, command):
    monkeypatch.chdir(saved.parent)
    Path("t.tns").write_text("1 1 1 1\n2 2 2 1\n")
    done = run(*command)
    assert done.exit_code == 0
    assert done.output.splitlines()[-1].startswith(f"wrote {command[-1]}")
    assert Path(command[-1]).exists()
