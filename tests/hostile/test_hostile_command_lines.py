"""Odd command lines: each ends in time, says what is wrong in one line, and changes no file but
those that it was told to write."""

import hashlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from types import SimpleNamespace
from typing import Literal, get_args, get_origin

import numpy as np
import pytest
import typer

from wordtensor.cli.app import app

WORDS = ["a*b", "a*b*a^-1", "abA", "[a,b]", "(a*b)^2", "a^2*b^-3", "1", "x y"]
GROUPS = ["S3", "C3", "Q8", "D4", "C2", "C1", "C7:C3", "A4", "C2 x C4", "table.npy", "table.json",
          "table.csv", "structural.npz"]  # fmt: skip
NETS = ["net.safetensors", "many.safetensors", "factors.npz", "mlp.npz", "transformer.npz", "run",
        "parity.safetensors", "transformer.safetensors", "structural.npz"]  # fmt: skip
TABLES = ["table.npy", "table.npz", "table.csv", "table.txt", "table.json"]
DECOMPOSITIONS = ["structural.npz", "exact.npz", "complex.npz", "division.npz", "schema1.npz"]
TENSORS = ["solved.npz", "tensor.npy", "tensor.npz", "tensor.json", "tensor.tns", "tensor.txt"]
SCHEMES = ["scheme_fmm.json", "scheme_alphatensor.npz", "scheme_wordtensor.npz"]
# Good files for a parameter of a name, and for the command's FILE.
GOOD = {
    "net": NETS,
    "cayley": TABLES,
    "decomposition": DECOMPOSITIONS,
    "config": ["config.json"],
    "known": ["ranks.csv"],
    ("verify",): [*DECOMPOSITIONS, "solved.npz"],
    ("solve",): TENSORS,
    ("rank",): TENSORS,
    ("schemes", "verify"): SCHEMES,
    ("schemes", "import"): SCHEMES,
}
FILES = [
    *NETS, *TABLES, *DECOMPOSITIONS, *TENSORS, *SCHEMES, "config.json", "flips.ckpt",
    "symmetric.ckpt", "mlp.pt", "note.txt",
]  # fmt: skip
NO_FILES = ["missing.npz", "missing.safetensors", "missing.json", "nowhere/file.npz", "/dev/null",
            "/dev/zero", ".", "", "run.npz", "~nobody/x", "cut.npz", "cut.safetensors", "cut.json",
            "cut.npy", "dangling.npz", "pipe.npz", "a" * 300 + ".npz", "\x1b[31m.npz",
            "line\nbreak.npz", "ü.npz", "/proc/self/mem"]  # fmt: skip
OUTPUTS = ["new.npz", "new.json", "new.html", "new.safetensors", "new", "dir/new.npz", "link.npz",
           "run", "note.txt", "net.safetensors", "structural.npz", "flips.ckpt", "table.json",
           "scheme_fmm.json"]  # fmt: skip
TEXTS = ["", " ", "\x1b[31mred", "a\nb", "a\tb", "\u202ea*b", "é", "½", "日本", "-", "--", "'", '"',
         "[red]", "%s", "{}", "*" * 2000, "(" * 300, "\x07", "0", "nan", "null"]  # fmt: skip
NUMBERS = ["-1", "0", "1", "2", "3", "7", "99999999999999999999", "-99999999999999999999", "1e3",
           "1e400", "nan", "inf", "-inf", "0x10", "1_0", "1.5", "٣", "", "abc", "1e-320",
           "2147483648", "9223372036854775808", "1000000"]  # fmt: skip
ODD_WORDS = ["a*(b", "a**b", "a^^2", "[a", "a*b*c", "a^99999999*b", "ab" * 3000, "a^1e5", "(" * 999,
             "a^-0", "a^b", "1^1^1", "A*B*A"]  # fmt: skip
ODD_GROUPS = [
    "S99", "C0", "Monster", "C99999", "D-4", "SmallGroup(8,9)", "Q9", "S3 x", "x", "C2^99", "C2^5",
    "C3 x S3", "GL(3,2)", "F20", "S7", "C4.D8", "SL(2,17)", "Dic3", "M5(2)",
]  # fmt: skip

# Values that a search or a training needs to end soon. Others wait for Ctrl-C, which is tried.
SHORT = {
    "flips": ["1", "500"], "tasks": ["1", "2"], "seconds": ["0", "0.2"], "time_limit": ["0.2"],
    "steps": ["5", "100"],
    "changes": ["steps=3", "width=4", "model=mlp", "instances=2", "seed=7"], "n": ["2", "1", "3"],
    "m": ["2", "1", "3"], "p": ["2", "1", "3"], "memory": ["0.5", "2"], "parity": ["2", "5"],
}  # fmt: skip
SETTINGS = (
    "steps width seed model device threads lr learning_rate fraction instances loss optimizer "
    "batch dtype betas word group bits relevant doublings scale epochs stop_loss log_every"
).split()
# What may take as long as it is told, and what is told first so that it does not.
LONG = {("train",), ("schemes", "search"), ("decompose",)}
BRIEF = {
    ("train",): ["--set", "steps=3"],
    ("schemes", "search"): ["--seconds", "0.3"],
    ("schemes", "campaign"): ["--tasks", "1"],
}
DOUBTS = {
    ("verify",), ("schemes", "verify"), ("schemes", "import"), ("schemes", "search"),
    ("schemes", "structured"),
}  # fmt: skip
OVER = {("train",), ("schemes", "search"), ("schemes", "campaign")}  # go on with what is there
WRITTEN = {"output", "html", "checkpoint"}  # options that name what is written
STOPS = {"help", "version", "listed", "like"}  # options that end a command before the others count
RUN_FILES = re.compile(
    r"(\d\d-[a-z]+-width-\d+/)?(checkpoints(/step-\d+\.safetensors)?|config\.json|metrics\.jsonl|"
    r"(net|first|state)\.safetensors|\.[a-z]*lock)?"
)
EXPORTED = re.compile(r"\d+x\d+x\d+(_[CH])?(_Z|_ZT|_F2)?_m\d+\.\w+")  # where export is told no name
# What may stand before an error: the log, and the stage of what takes a while.
LOG = re.compile(r"(DEBUG|INFO|WARNING) wordtensor[\w.]*: |.* \.\.\. \d+ s$")


def commands(command, path=()):
    """Yield the path of every command, and itself."""
    if hasattr(command, "commands"):  # whichever click it is that typer brings
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))
    else:
        yield path, command


def kinds_of(command):
    """Return the type of every parameter by name: str, int, float, Path, or a Literal."""
    kinds = {}
    for name, parameter in inspect.signature(command.callback).parameters.items():
        kind = parameter.annotation
        while True:
            inner = [each for each in get_args(kind) if each is not type(None)]
            if get_origin(kind) is Literal or not inner:
                break
            kind = inner[0]  # of Annotated, of a list, of what may be left out
        kinds[name] = kind
    return kinds


COMMANDS = dict(commands(typer.main.get_command(app)))


class Line:
    """One command line, and what is known of it beforehand."""

    def __init__(self, number):
        self.rng = np.random.default_rng([14, number])
        self.path = list(COMMANDS)[number % len(COMMANDS)]
        self.arguments, self.named, self.outputs, self.bad = [], [], [], []
        self.forced = self.stopped = False
        parameters = list(COMMANDS[self.path].params)
        self.kinds = kinds_of(COMMANDS[self.path])
        odd = self.rng.random() < 0.6
        arguments = [p for p in parameters if p.param_type_name == "argument"]
        options = [p for p in parameters if p.param_type_name == "option"]
        self.rng.shuffle(options)
        for parameter in arguments:
            if parameter.required or self.rng.random() < 0.8:
                self.arguments.append(self.value(parameter, odd))
        self.arguments += BRIEF.get(self.path, [])
        for parameter in options[: self.rng.integers(5)]:
            self.add(parameter, odd)
        if self.rng.random() < 0.05:
            extra = [*TEXTS, "--bogus", "-x", "--", "--set", "-o"]
            self.arguments.insert(self.rng.integers(len(self.arguments) + 1), self.pick(extra))
        # Whatever begins with a dash is taken for an option, and may well stop everything.
        self.whole = [*self.path, *self.arguments]

    def pick(self, pool):
        return pool[self.rng.integers(len(pool))]

    def add(self, option, odd):
        """Put an option on the line."""
        if option.is_flag or option.count:
            flag = self.pick([*option.opts, *option.secondary_opts])
            self.forced |= option.name == "force"
            self.stopped |= option.name in STOPS
            self.arguments.append(flag)
            return
        kept = len(self.bad), len(self.named), len(self.outputs)
        for _ in range(int(self.rng.choice([1, 1, 1, 2]))):
            if not option.multiple:  # the last one counts
                del self.bad[kept[0] :], self.named[kept[1] :], self.outputs[kept[2] :]
            self.arguments += [self.pick(option.opts), self.value(option, odd)]

    def value(self, parameter, odd):
        """Choose a value for an argument or an option, by its name and else by its type."""
        name, kind = parameter.name, self.kinds.get(parameter.name, str)
        strange = odd and self.rng.random() < 0.3
        if name in WRITTEN:
            value = self.pick([*OUTPUTS, *NO_FILES] if strange else OUTPUTS)
            self.outputs.append(value)
        elif kind is Path:
            value = self.file(GOOD.get(name) or GOOD.get(self.path, FILES), strange)
        elif name == "word":
            value = self.pick([*ODD_WORDS, *TEXTS] if strange else WORDS)
        elif name == "group":
            value = self.pick([*ODD_GROUPS, *TEXTS, *FILES, *NO_FILES] if strange else GROUPS)
            self.named.append(value)
        elif name == "changes" and strange:
            odd_value = self.pick([*NUMBERS, *TEXTS, "[" * 500, "[1,2]", "meta", "1e999"])
            value = f"{self.pick(SETTINGS)}={odd_value}"
        elif name in SHORT and not strange:
            value = self.pick(SHORT[name])
        elif get_origin(kind) is Literal:
            value = self.pick([*TEXTS, *NUMBERS] if strange else list(get_args(kind)))
            if value not in get_args(kind):
                self.bad.append(name)
        elif kind in (int, float):
            value = self.pick(NUMBERS if strange else ["0", "1", "2", "3"])
            if not re.fullmatch(r"-?\d[\d_]*" if kind is int else r"inf|-?\d.*", value):
                self.bad.append(name)
        else:
            value = self.pick([*TEXTS, *NUMBERS] if strange else ["auto", "x"])
        return value

    def file(self, good, strange):
        value = self.pick([*FILES, *NO_FILES, *NO_FILES] if strange else good)
        if value in NO_FILES:
            self.bad.append(value)
        self.named.append(value)
        return value

    def allowed(self, place, known):
        """Return whether a file may be new or changed."""
        inputs = {resolved(place, name) for name in self.named}
        if self.path == ("schemes", "campaign"):
            folders = [resolved(place, name) for name in self.outputs] or [place / "campaign"]
            return any((place / known).resolve().is_relative_to(folder) for folder in folders)
        for name in self.outputs:
            target = resolved(place, name)
            if self.path == ("train",) and target not in inputs:
                inside = os.path.relpath(place / known, target)
                if inside == "." or RUN_FILES.fullmatch(inside):
                    return True
            elif target == (place / known).resolve() and target not in inputs:
                return True
        return self.path == ("schemes", "export") and bool(EXPORTED.fullmatch(str(known)))


def resolved(place, name):
    try:
        return (place / name).resolve()
    except (OSError, ValueError, RuntimeError):
        return place / "nothing"


@pytest.fixture
def place(samples, tmp_path):
    return laid_out(samples, tmp_path / "place")


def laid_out(samples, folder):
    """Make a folder with all good files, and bad ones beside them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(samples, folder)
    (folder / "dir").mkdir()
    for name in ("structural.npz", "net.safetensors", "config.json", "table.npy"):
        content = (folder / name).read_bytes()
        (folder / f"cut{Path(name).suffix}").write_bytes(content[: len(content) // 2])
    (folder / "dangling.npz").symlink_to("nothing.npz")
    (folder / "link.npz").symlink_to("factors.npz")
    os.mkfifo(folder / "pipe.npz")
    (folder / "run.npz").mkdir()
    return folder


def snapshot(folder):
    """Return what every file is, to the byte, and where every link leads."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[path.relative_to(folder)] = f"link {path.readlink()}"
        elif path.is_file():
            found[path.relative_to(folder)] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[path.relative_to(folder)] = "folder" if path.is_dir() else "pipe"
    return found


def faults_of(line, result, before, after, place):
    """Say what is wrong with how a command line ended."""
    code, out, err = result.code, result.stdout, result.stderr
    found = []
    if result.late:
        return [f"did not end in {result.seconds:.0f} s"]
    if code not in (0, 1, 2, 130):
        found.append(f"exit code {code}")
    if code == 1 and line.path not in DOUBTS:
        found.append("exit code 1, which means 'does not hold'")
    if "Traceback" in out + err:
        found.append("traceback: " + err.strip().splitlines()[-1][:150])
    odd = {c for c in out + err if unicodedata.category(c) == "Cc" and c not in "\n\t"}
    if odd:
        found.append(f"control characters {sorted(odd)!r} are written")
    if "Warning" in err.replace("WARNING", ""):
        found.append("a warning of Python's: " + err.strip()[:150])
    if code == 2:
        found += unclear(out, err)
    if code == 0 and line.bad and not line.stopped and "--help" not in line.whole:
        found.append(f"took bad input {line.bad} without a word")
    changed = [p for p in before.keys() | after.keys() if before.get(p) != after.get(p)]
    for path in changed:
        if not line.allowed(place, path):
            found.append(f"{path} is {'changed' if path in before else 'new'}")
        elif path in before and not line.forced and line.path not in OVER:
            found.append(f"{path} is replaced without --force")
    return found


def unclear(out, err):
    """Bad input: nothing on stdout and one line, or with a word its place below."""
    lines = [each for each in err.splitlines() if not LOG.match(each)]
    found = [] if out == "" else ["bad input, and something on stdout"]
    told = [number for number, each in enumerate(lines) if each.startswith("error: ")]
    if len(told) != 1 or told[0] != 0:
        return [*found, f"bad input without one line 'error: ...': {err[:150]!r}"]
    rest = lines[1:]
    if rest and not (len(rest) == 2 and set(rest[1]) <= {" ", "^", "\t"} and "^" in rest[1]):
        found.append(f"more than one line: {err[:150]!r}")
    return found


def tried(forks, samples, place, numbers, counted, run):
    """Run command lines; return what is wrong by number."""
    faults = []
    before = snapshot(place)
    for number in numbers:
        line = Line(number)
        result = run(line, place)
        after = snapshot(place)
        counted[f"exit {result.code}"] += 1
        counted["command lines"] += 1
        for fault in faults_of(line, result, before, after, place):
            faults.append(f"{number}: wordtensor {' '.join(map(repr, line.whole))[:300]}: {fault}")
        if after != before:
            before = snapshot(laid_out(samples, place))
    return faults


@pytest.fixture
def in_child(forks):
    """Run a command line in a forked child; what may be long gets Ctrl-C after a while."""

    def run(line, place):
        interrupt = {"interrupt": 4} if line.path in LONG else {}
        return forks.run(*line.whole, cwd=place, limit=40, env=stores(place), **interrupt)

    return run


def stores(place):
    """Return an environment in which results are kept beside the folder."""
    folders = {"WORDTENSOR_SCHEMES": "kept", "WORDTENSOR_CORES": "cores"}
    return {name: str(place.parent / folder) for name, folder in folders.items()}


def alone(line, place):
    """Run a command line as a process of its own."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "wordtensor", *line.whole], cwd=place, capture_output=True,
        text=True, errors="replace", timeout=120, stdin=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": "80"} | stores(place),
    )  # fmt: skip
    seconds = time.monotonic() - began
    return SimpleNamespace(
        code=done.returncode, stdout=done.stdout, stderr=done.stderr, late=False, seconds=seconds
    )


def test_some_command_lines(forks, samples, place, counted, in_child):
    assert tried(forks, samples, place, range(1000, 1025), counted, in_child) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_many_command_lines(forks, samples, place, counted, in_child, part):
    numbers = range(50 * part, 50 * part + 50)
    assert tried(forks, samples, place, numbers, counted, in_child) == []


@pytest.mark.slow
def test_command_lines_alone(forks, samples, place, counted):
    quick = [n for n in range(2000, 2100) if Line(n).path not in LONG][:20]
    assert tried(forks, samples, place, quick, counted, alone) == []
