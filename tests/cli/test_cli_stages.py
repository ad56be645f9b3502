"""The stage of long work on stderr, by a clock that the tests turn."""

import logging
import sys
import threading

import pytest

from wordtensor._progress import LIVE, OVER, SEEN, begin_stage, show_progress, stages
from wordtensor.cli._stages import StageLines, stages_shown


@pytest.fixture
def watched():
    """Return the handler, what it said, and what turns its clock and looks."""
    now, said = [100.0], []
    lines = StageLines("decompose", lambda: now[0], said.append)
    before = stages.level
    stages.addHandler(lines)
    stages.setLevel(SEEN)

    def wait(seconds):
        now[0] += seconds
        lines.look()
        return said

    yield wait
    stages.removeHandler(lines)
    stages.setLevel(before)


def test_a_stage_that_lasts_is_said_once(watched):
    assert watched(2.9) == []
    assert watched(0.2) == ["decompose ... 3 s"]
    assert watched(50) == ["decompose ... 3 s"]
    begin_stage("irreps of %s", "S5")
    assert len(watched(2.9)) == 1
    assert watched(0.1)[1:] == ["irreps of S5 ... 56 s"]
    for k in range(100):  # stages that are too short to be told: one of them every ten seconds
        begin_stage("block %s", k)
        watched(0.5)
    told = watched(2.5)[2:]
    assert 4 <= len(told) <= 6
    assert all(line.startswith("block ") for line in told)
    assert watched(60)[2:] == told


def test_what_is_shown_otherwise_breaks_the_silence(watched, capsys):
    with show_progress(True, "h", str) as report:
        for state in range(5):
            report(state)
            assert watched(2.5) == []
    stages.log(SEEN, LIVE)
    assert watched(100) == []
    stages.log(SEEN, OVER)
    assert watched(2.9) == []
    assert watched(0.1) == ["decompose ... 116 s"]


def test_the_thread_is_a_daemon_and_ends_and_leaves_nothing(monkeypatch):
    before = threading.active_count(), stages.level, list(stages.handlers)
    with stages_shown("decompose"):
        (thread,) = (t for t in threading.enumerate() if "watch" in t.name)
        assert thread.daemon
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert (threading.active_count(), stages.level, list(stages.handlers)) == before


def test_a_closed_stderr_ends_no_work(monkeypatch):
    class Full:
        encoding = "utf-8"

        def isatty(self):
            return False

        def write(self, text):
            raise OSError(28, "No space left on device")

        flush = write

    monkeypatch.setattr(sys, "stderr", Full())
    seen = []
    with show_progress(True, "h", str, seen.append, first="begins") as report:
        report(1)
    assert seen == [1]
    assert logging.getLogger("wordtensor.stages").handlers == []
