"""Every argument and option of every command with values that nobody means: one line each."""

import os
import warnings
from pathlib import Path

import pytest
import typer.main

from wordtensor.cli.app import app

NUMBERS = [
    "0", "-1", "-0", "1e400", "nan", "inf", "-inf", "1e-320", "1_0", "0x10", " 1 ", "٣",
    "9223372036854775808", "99999999999999999999",
]  # fmt: skip
PATHS = [
    ".", "//", "folder", "pipe", "dangling", "circle", "empty", "empty.npz", "empty.json",
    "empty.safetensors", "random.npz", "random.safetensors", "deep.json", "/dev/null", "/dev/full",
    "/dev/zero", "/proc/self/mem", "/proc/x.npz", "gone/x.npz", "saved.npz/x", "pipe/x",
    "~nobody/x", "é群.npz", "\udc80.npz", "\x1b[2J.npz", "a\nb.npz", "a" * 300,
]  # fmt: skip
TEXTS = ["", "x", "\x1b]0;x\x07", "\u202e", "\x00", "[red]", "--", "%s{}", "é群", "a" * 50_000]
COMMANDS = {
    "decompose": ["a*b", "S3"],
    "plan": ["a*b", "S3"],
    "info": ["S3"],
    "verify": ["saved.npz"],
    "margin": ["S3"],
    "compare": ["saved.npz"],
    "train": ["a*b", "C2", "--set", "steps=1"],
    "schemes list": ["--max", "2"],
    "schemes verify": ["saved.npz"],
    "schemes import": ["saved.npz"],
    "schemes export": ["2", "2", "2"],
    "schemes search": ["2", "2", "2", "--flips", "1", "--seconds", "0.1", "--no-store"],
}
# Not a value of anybody's: what they do is tested elsewhere.
PLAIN = {"help", "verbose", "as_json", "progress", "device"}


@pytest.fixture
def odd_folder(tmp_path, monkeypatch, run):
    """Go to a folder with files of all kinds."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    os.mkfifo("pipe")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    for name in ("empty", "empty.npz", "empty.json", "empty.safetensors"):
        (tmp_path / name).touch()
    for name in ("random.npz", "random.safetensors"):
        (tmp_path / name).write_bytes(bytes(k * k % 251 for k in range(3000)))
    (tmp_path / "deep.json").write_text("[" * 100_000)
    assert run("decompose", "a*b", "S3", "-o", "saved.npz").exit_code == 0


def declared(name):
    """Return the parameters of a command."""
    command = typer.main.get_command(app)
    for part in name.split():
        command = command.commands[part]
    return [p for p in command.params if p.name not in PLAIN]


def command_lines(name, values):
    """Yield the command with each value in each place."""
    usual, places = COMMANDS[name], 0
    for parameter in declared(name):
        option = next((o for o in parameter.opts if o.startswith("--")), None)
        if parameter.param_type_name == "argument":
            for value in values:
                arguments = [*usual, value] if places >= len(usual) else list(usual)
                arguments[min(places, len(usual))] = value
                yield [*name.split(), *arguments]
            places += 1
        elif not getattr(parameter, "is_flag", False):
            for value in values:
                yield [*name.split(), *usual, option, value]


def check(run, arguments):
    """Say what is wrong with the answer to a command line; nothing if it is as it should be."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        done = run(*arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return f"{done.exception!r:.200}"
    if done.exit_code not in (0, 1, 2) or warned:
        return f"exit code {done.exit_code}, {[str(w.message) for w in warned]}"
    if any(letter in done.output for letter in "\x1b\x07\u202e\x00"):
        return "control characters"
    if done.exit_code == 2:
        lines = done.stderr.splitlines()
        caret = len(lines) == 3 and lines[2].strip() == "^"
        if done.stdout or not lines[0].startswith("error: ") or not (len(lines) == 1 or caret):
            return f"{done.stderr:.300}"
    return f"{len(done.stderr)} letters" if len(done.stderr) > 3000 else ""


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_no_value_of_any_option_breaks_anything(run, odd_folder, name):
    before = {p: p.read_bytes() for p in map(Path, ("saved.npz", "deep.json"))}
    faults = {}
    for arguments in command_lines(name, [*NUMBERS, *PATHS, *TEXTS]):
        if fault := check(run, arguments):
            faults[tuple(a[:40] for a in arguments)] = fault
    assert faults == {}
    assert {p: p.read_bytes() for p in before} == before


@pytest.mark.parametrize("name", ["plan", "info", "verify", "schemes list"])
def test_few_odd_values_break_nothing(run, odd_folder, name):
    values = ["nan", "99999999999999999999", "\x1b]0;x\x07", "pipe", "random.npz", ""]
    faults = {tuple(a): check(run, a) for a in command_lines(name, values)}
    assert {a: fault for a, fault in faults.items() if fault} == {}
