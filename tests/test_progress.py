"""Progress: silent if not asked, a live line on a terminal, lines of news elsewhere."""

import subprocess
import sys

import pytest

from wordtensor._progress import show_progress


def line(state):
    return f"best [{state}]"


def test_it_is_silent_if_not_asked_and_passes_everything_on(capsys):
    states = []
    with show_progress(False, "head", line, states.append, first="begins") as report:
        for state in (3, 3, 2):
            report(state)
    with show_progress(False, "head", line) as report:
        report(1)
    assert states == [3, 3, 2]
    assert capsys.readouterr() == ("", "")


def test_files_get_a_line_where_something_changed(capsys):
    states = []
    with show_progress(True, "[b]", line, states.append, first="begins") as report:
        for state in (3, 3, 2, 3):
            report(state)
    assert states == [3, 3, 2, 3]
    assert capsys.readouterr() == (
        "",
        "[b]: begins\n[b]: best [3]\n[b]: best [2]\n[b]: best [3]\n",
    )


def test_a_key_says_what_is_a_change(capsys):
    with show_progress(True, "h", line, key=lambda state: state // 10) as report:
        for state in (19, 18, 10, 9, 0):
            report(state)
    assert capsys.readouterr().err == "h: best [19]\nh: best [9]\n"


def test_a_long_line_stays_one_line(capsys):
    with show_progress(True, "h", str) as report:
        report("word " * 100)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_terminal_shows_one_line_that_changes(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    states = []
    with show_progress(True, "h", line, states.append, first="begins") as report:
        report(3)
        report(2)
    out, err = capsys.readouterr()
    assert states == [3, 2] and out == ""
    # The cursor is hidden, the line overwritten and in the end erased, the cursor shown.
    assert "h: best [2]" in err and err.count("\n") == 1
    assert "\x1b[?25l" in err and "\x1b[2K" in err and err.rstrip().endswith("\x1b[2K")


def test_an_error_inside_is_not_held_up(capsys):
    with pytest.raises(KeyboardInterrupt), show_progress(True, "h", line) as report:
        report(1)
        raise KeyboardInterrupt


def test_rich_is_loaded_only_when_something_is_shown():
    code = (
        "import sys; from wordtensor._progress import show_progress\n"
        "for shown in (False, True):\n"
        "    with show_progress(shown, 'h', str) as report: report(1)\n"
        "    print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("False\nTrue\n", "h: 1\n")
