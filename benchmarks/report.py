"""Turn the latest results of asv into a table: us, the quality reached, peers, and the limit.

Usage: python benchmarks/report.py [--results DIR] [--output FILE]
"""

import argparse
import ast
import importlib
import itertools
import json
import math
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OURS, LIMIT = "ours", "limit"
PACKAGES = (
    *("numpy", "scipy", "numba", "torch", "tensorly"),
    *("spgrep", "sympy", "netket", "pyttb", "jax"),
)
# The table sorts and filters on the site, and may be as wide as the window.
ATTRIBUTES = "{.sortable .wide}"
# What follows in the page is written by hand, and kept.
END = "<!-- Here ends what `make bench-report` writes: it keeps whatever stands below. -->"
ABOUT = """\
This page compares the speed, the memory and the quality of `wordtensor` with programs that one
would use instead, and with the best that the machine could do. What to conclude: the rows in which
a peer is better are listed first, below the date. In all other rows with a peer we are at least as
good, and the column "peer / ours" says by how much. [Performance](performance.md) puts the main
figures on one page and says why some rows are slower.

Each row is one case of one suite. Everything in a row was measured in one run, on one thread. The
columns are:

- **ours**: what our package takes or reaches. CPU seconds, bytes and rates are compared in the
  same way as times.
- **quality**: what the checks say of our answer, and in brackets of the peers' answers. A wrong
  answer gets no time at all.
- **peer**: what one would use instead, the fastest first. **peer / ours** says how many times
  better we are than the best of them.
- **limit**: what the machine needs for the bytes or the operations that no method can avoid,
  measured in the same way. **ours / limit** says how far we are from it; 1 is the best possible.

`make bench-report` writes the page from the results of `make bench-full`, up to the line that says
where it ends. What stands below that line is written by hand.
"""


@dataclass
class Row:
    """A case of a suite: the value of each way, None where one failed, nan where it was skipped."""

    suite: str
    # What the suite says of its ways.
    about: str
    case: str
    unit: str
    higher: bool
    values: dict[str, float | None]
    quality: str = ""
    # Whether the quality says something about our own answer.
    checked: bool = False

    @property
    def peers(self) -> list[tuple[str, float]]:
        """What the peers reach, the best first."""
        found = [
            (way, value)
            for way, value in self.values.items()
            if way not in (OURS, LIMIT) and _known(value)
        ]
        return sorted(found, key=lambda pair: pair[1], reverse=self.higher)

    @property
    def ours(self) -> float | None:
        return self.values.get(OURS)

    @property
    def limit(self) -> float | None:
        return self.values.get(LIMIT)

    def worse(self, value: float | None, than: float | None) -> float | None:
        """How many times worse a value is than another."""
        if not _known(value) or not _known(than):
            return None
        first, second = (than, value) if self.higher else (value, than)
        if math.isinf(first) or not second:
            return None if first == second else math.inf
        return first / second

    @property
    def advantage(self) -> float | None:
        """How many times worse the best peer is."""
        return self.worse(self.peers[0][1], self.ours) if self.peers else None

    @property
    def distance(self) -> float | None:
        """How many times worse we are than the limit."""
        return self.worse(self.ours, self.limit)

    @property
    def failed(self) -> list[str]:
        return [way for way, value in self.values.items() if value is None]

    @property
    def wrong(self) -> bool:
        """Whether our answer was measured, but did not count."""
        return not _known(self.ours) and self.checked


@dataclass
class Run:
    """The results of one run, by the names of asv."""

    commit: str
    began: datetime
    ended: datetime
    quick: bool
    machine: str
    rows: list[Row] = field(default_factory=list)


def _known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def latest(results: Path) -> Path:
    """Return the file of the machine and commit that was measured last."""
    files = [
        path
        for path in results.glob("*/*.json")
        if path.name not in ("machine.json", "benchmarks.json")
    ]
    if not files:
        raise SystemExit(f"no results in {results}: run `make bench` first")
    return max(files, key=lambda path: path.stat().st_mtime)


def load(results: Path) -> Run:
    """Read the latest results."""
    path = latest(results)
    data = json.loads(path.read_text())
    known = json.loads((results / "benchmarks.json").read_text())
    table = {
        name: dict(zip(data["result_columns"], row, strict=False))
        for name, row in data["results"].items()
    }
    began = [entry["started_at"] / 1e3 for entry in table.values()]
    ends = [entry["started_at"] / 1e3 + (entry.get("duration") or 0) for entry in table.values()]
    repeats = [k for entry in table.values() for k in entry.get("stats_repeat") or [] if k]
    run = Run(
        commit=data["commit_hash"],
        began=datetime.fromtimestamp(min(began), UTC),
        ended=datetime.fromtimestamp(max(ends), UTC),
        quick=bool(repeats) and max(repeats) == 1,
        machine=_machine(data["params"]),
    )
    qualities = {name: entry for name, entry in table.items() if not _is_row(name, known)}
    for name, entry in table.items():
        if _is_row(name, known):
            run.rows.extend(_rows(name, entry, known.get(name, {}), qualities, known))
    return run


def _is_row(name: str, known: dict[str, Any]) -> bool:
    """Say whether a benchmark is compared: times and peaks are, values where the suite says so."""
    measured = name.rpartition(".")[2]
    return not measured.startswith("track_") or bool(known.get(name, {}).get("row"))


def _machine(params: dict[str, str]) -> str:
    parts = [f"{params.get('cpu', 'unknown CPU')}, {params.get('num_cpu', '?')} cores"]
    if str(params.get("ram", "")).isdigit():
        parts.append(f"{int(params['ram']) / 2**30:.0f} GiB")
    parts += [params.get("os", ""), f"Python {platform.python_version()}"]
    return ", ".join(part for part in parts if part)


def _values(entry: dict[str, Any]) -> Iterator[tuple[str, str, float | None]]:
    """Yield case, way and value of a benchmark."""
    names = [[_plain(name) for name in axis] for axis in entry["params"]]
    pairs = list(itertools.product(*names))
    values = entry["result"] or [None] * len(pairs)
    for names_of, value in zip(pairs, values, strict=True):
        case, way = names_of if len(names_of) == 2 else (" ".join(names_of), OURS)
        yield case, way, value


def _plain(name: str) -> str:
    """Take the quotes off a parameter."""
    try:
        return str(ast.literal_eval(name))
    except (ValueError, SyntaxError):
        return name


def _rows(
    name: str,
    entry: dict[str, Any],
    about: dict[str, Any],
    qualities: dict[str, dict[str, Any]],
    known: dict[str, Any],
) -> list[Row]:
    cases: dict[str, dict[str, float | None]] = {}
    for case, way, value in _values(entry):
        cases.setdefault(case, {})[way] = value
    suite, _, measured = name.rpartition(".")
    shown, _, rest = (part.strip() for part in title(suite).partition(";"))
    ways = f"**{shown}**: {rest}" if rest else ""
    if measured.startswith("track_"):
        shown += f": {_label(measured)}"
    unit = about.get("unit") or ("seconds" if measured.startswith("time_") else "bytes")
    return [
        Row(
            shown,
            ways,
            case,
            unit,
            about.get("row") == "higher",
            values,
            *_quality(suite, case, qualities, known),
        )
        for case, values in cases.items()
    ]


def _label(measured: str) -> str:
    return measured.partition("_")[2].replace("_", " ")


def title(suite: str) -> str:
    """Return what a suite says of itself, or its name."""
    module, _, name = suite.rpartition(".")
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    try:
        found = getattr(importlib.import_module(f"benchmarks.{module}"), name)
    except (ImportError, AttributeError):
        return suite
    return getattr(found, "pretty_suite", None) or (found.__doc__ or suite).splitlines()[0]


def _quality(
    suite: str, case: str, qualities: dict[str, dict[str, Any]], known: dict[str, Any]
) -> tuple[str, bool]:
    """Say what the other methods of a suite found for a case, ours first, and whether ours is."""
    said, checked = [], False
    for name, entry in qualities.items():
        if name.rpartition(".")[0] != suite:
            continue
        found = {way: value for at, way, value in _values(entry) if at == case and _known(value)}
        if not found:
            continue
        unit = known.get(name, {}).get("unit", "unit")
        checked = checked or OURS in found
        words = [] if OURS not in found else [_number(found[OURS], unit)]
        others = [f"{way} {_number(v, unit)}" for way, v in found.items() if way != OURS]
        words += [f"({', '.join(others)})"] if others else []
        said.append(f"{_label(name.rpartition('.')[2])} {' '.join(words)}")
    return ", ".join(said), checked


_SCALES = {
    "seconds": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (0.0, "ns")),
    "bytes": ((1e9, "GB"), (1e6, "MB"), (0.0, "kB")),
}
_SIZES = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9, "GB": 1e9, "MB": 1e6, "kB": 1e3}


def _number(value: float, unit: str) -> str:
    """Write a number with three digits, seconds and bytes by their size."""
    if math.isinf(value):
        return "never"
    for name, scales in _SCALES.items():
        if unit.endswith(name):
            short = next(short for least, short in scales if value >= least)
            return f"{_digits(value / _SIZES[short])} {short}"
    return str(int(value)) if value == int(value) and abs(value) < 1e6 else _digits(value)


def _digits(value: float) -> str:
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
    return f"{value:.1e}"


def _value(value: float | None, unit: str) -> str:
    return "failed" if value is None else _number(value, unit) if _known(value) else "n/a"


def _ratio(value: float | None) -> str:
    if value is None:
        return ""
    if math.isinf(value):
        return "∞"
    return _digits(value) if value < 100 else f"{float(f'{value:.2g}'):.0f}"


def is_skipped(row: Row) -> bool:
    """Say whether nothing was measured at all, such as a GPU where there is none."""
    return all(value is not None and math.isnan(value) for value in row.values.values())


def rank(row: Row) -> tuple[int, float]:
    """Order rows: what is wrong or failed, what is slower than a peer, and the others."""
    if row.wrong or row.failed:
        return 0, 0.0
    if row.advantage is not None and row.advantage < 1:
        return 1, row.advantage
    return 2, 0.0


def table(run: Run) -> str:
    """Return the report as markdown."""
    rows = sorted((row for row in run.rows if not is_skipped(row)), key=rank)
    skipped = [row for row in run.rows if is_skipped(row)]
    lines = ["# Benchmarks", "", ABOUT, *_heading(run), ""]
    failures = [_failure(row) for row in rows if rank(row)[0] == 0]
    lines += _named("These answers were wrong, or failed:", failures, "No answer was wrong.")
    slower = [_slower(row) for row in rows if rank(row)[0] == 1]
    lines += _named("In these rows a peer is better:", slower, "In no row a peer is better.")
    columns = ("suite", "case", "ours", "quality", "peer", "peer / ours", "limit", "ours / limit")
    lines += [
        ATTRIBUTES,
        _line(columns),
        _line(["---"] * 2 + ["---:", "---", "---", "---:", "---:", "---:"]),
    ]
    lines += [_line(_cells(row)) for row in rows]
    said = dict.fromkeys(row.about for row in rows if row.about)
    lines += ["", "What the suites compare:", "", *(f"- {about}" for about in said)]
    if skipped:
        lines += ["", f"This machine could not measure: {'; '.join(_skipped(skipped, rows))}."]
    return "\n".join(lines) + "\n"


def _skipped(skipped: list[Row], rows: list[Row]) -> Iterator[str]:
    """Name suites, with their cases if others of them were measured."""
    measured = {row.suite for row in rows}
    for suite in dict.fromkeys(row.suite for row in skipped):
        cases = ", ".join(row.case for row in skipped if row.suite == suite)
        yield f"{suite} ({cases})" if suite in measured else suite


def _heading(run: Run) -> list[str]:
    minutes = (run.ended - run.began).total_seconds() / 60
    kind = "one call of each, not for comparison" if run.quick else "medians"
    return [
        f"- When: {run.began:%Y-%m-%d %H:%M} UTC, {minutes:.0f} minutes ({kind}), "
        f"commit {run.commit[:8]}.",
        f"- Where: {run.machine}.",
        f"- With: {', '.join(_versions())}.",
    ]


def _versions() -> Iterator[str]:
    for package in PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            yield f"no {package}"


def _named(title: str, items: Sequence[str], none: str) -> list[str]:
    return [title, "", *(f"- {item}" for item in items), ""] if items else [none, ""]


def _failure(row: Row) -> str:
    why = f"{', '.join(row.failed)} failed" if row.failed else f"wrong: {row.quality}"
    return f"{row.suite}, {row.case}: {why}"


def _slower(row: Row) -> str:
    peer, value = row.peers[0]
    return (
        f"{row.suite}, {row.case}: ours is {_value(row.ours, row.unit)}, "
        f"{peer}'s {_value(value, row.unit)} (peer / ours is {_ratio(row.advantage)})"
    )


def _cells(row: Row) -> list[str]:
    return [
        row.suite,
        row.case,
        _value(row.ours, row.unit),
        row.quality,
        "; ".join(f"{way} {_value(value, row.unit)}" for way, value in row.peers),
        _ratio(row.advantage),
        _value(row.limit, row.unit) if LIMIT in row.values else "",
        _ratio(row.distance),
    ]


def _line(cells: Sequence[str]) -> str:
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def by_hand(page: Path) -> str:
    """Return what stands in a page from the line on where the report ends, if there is one."""
    text = page.read_text() if page.exists() else ""
    return "".join(text.partition(f"{END}\n")[1:]) or f"{END}\n"


def _changed() -> bool:
    """Say whether the working tree differs from its commit."""
    done = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no", "src", "benchmarks"],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
    )
    return bool(done.stdout.strip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=HERE.parent / ".asv" / "results")
    parser.add_argument(
        "--output", type=Path, default=HERE.parent / "docs" / "results" / "benchmarks.md"
    )
    given = parser.parse_args()
    run = load(given.results)
    given.output.write_text(f"{table(run)}\n{by_hand(given.output)}")
    print(f"wrote {given.output}")
    if _changed():
        print("the working tree has changes that its commit does not", file=sys.stderr)


if __name__ == "__main__":
    main()
