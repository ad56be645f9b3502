"""The benchmark suites work, and do not count wrong answers; the report reads asv's results."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from asv_runner.benchmarks.mark import SkipNotImplemented

import wordtensor.words.evaluate

HERE = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(HERE))

base = importlib.import_module("benchmarks.base")
report = importlib.import_module("report")

FILES = sorted((HERE / "benchmarks").glob("*.py"))
MODULES = [path.stem for path in FILES if not path.stem.startswith("_") and path.stem != "base"]
MEASURED = ("time_", "track_", "peakmem_")


def suites():
    for name in MODULES:
        module = importlib.import_module(f"benchmarks.{name}")
        for found in vars(module).values():
            if not isinstance(found, type) or found.__module__ != module.__name__:
                continue
            if any(attribute.startswith(MEASURED) for attribute in dir(found)):
                yield pytest.param(found, id=f"{name}.{found.__name__}")


SUITES = list(suites())


def test_every_module_has_a_suite():
    assert {suite.id.partition(".")[0] for suite in SUITES} == set(MODULES)


@pytest.mark.parametrize("suite", SUITES)
def test_parameters_are_cases_and_ways(suite):
    assert tuple(suite.param_names) == ("case", "way")
    cases, ways = suite.params
    assert all(isinstance(value, str) for value in (*cases, *ways))
    assert ways[0] == base.OURS
    name = f"{suite.__module__.removeprefix('benchmarks.')}.{suite.__name__}"
    assert report.title(name) not in ("", name)


@pytest.mark.parametrize("suite", SUITES)
def test_smallest_case_works(suite):
    if hasattr(suite, "setup_cache"):
        pytest.skip("its cache takes minutes")
    case, way = suite.params[0][0], base.OURS
    instance = suite()
    try:
        instance.setup(case, way)
    except NotImplementedError as error:
        pytest.skip(str(error))
    for name in dir(instance):
        if name.startswith(MEASURED):
            value = getattr(instance, name)(case, way)
            assert name.startswith("time_") or np.isfinite(value)


def test_setup_works_once_for_a_case():
    instance = importlib.import_module("benchmarks.applying").Apply()
    instance.setup("S4 a*b", "ours")
    work = instance.work
    instance.setup("S4 a*b", "ours")
    assert instance.work is work
    instance.setup("S4 a*b", "limit")
    assert instance.work is not work


def with_a_wrong_entry(evaluate):
    def wrong(factors, G, *rest, **how):
        table = evaluate(factors, G, *rest, **how)
        table[2, 3] = (table[2, 3] + 1) % G.order
        return table

    return wrong


def test_wrong_kernel_has_an_error_and_no_time(monkeypatch):
    evaluate = wordtensor.words.evaluate
    for name in ("evaluate_numpy", "evaluate_numba"):
        monkeypatch.setattr(evaluate, name, with_a_wrong_entry(getattr(evaluate, name)))
    instance = importlib.import_module("benchmarks.words").Words()
    case = "S5 [a,b]"
    instance.setup(case, "ours")
    assert instance.track_wrong_entries(case, "ours") == 1
    with pytest.raises(SkipNotImplemented, match="wrong"):
        instance.time_table(case, "ours")
    # asv sets up before every sample.
    instance.setup(case, "ours")
    with pytest.raises(SkipNotImplemented, match="wrong"):
        instance.time_table(case, "ours")


def test_wrong_peer_is_skipped(monkeypatch):
    words = importlib.import_module("benchmarks.words")
    right = words.indexed
    monkeypatch.setattr(words, "indexed", lambda *given: right(*given)[::-1])
    with pytest.raises(NotImplementedError, match="numpy is wrong"):
        words.Words().setup("S5 [a,b]", "numpy")


@pytest.mark.parametrize("error", [float("nan"), 2e-9, float("inf")])
def test_answers_count_up_to_the_tolerance(error):
    class Never(base.Suite):
        tolerance = 1e-9

        def prepare(self, case, way):
            return lambda: None

        def check(self, case, way, answer):
            return error

    with pytest.raises(NotImplementedError):
        Never().setup("case", "peer")
    instance = Never()
    instance.setup("case", "ours")
    with pytest.raises(SkipNotImplemented):
        instance.work()


def test_missing_peers_and_memory_skip():
    with pytest.raises(NotImplementedError, match="not installed"):
        base.peer("no_such_package")
    with pytest.raises(NotImplementedError, match="GiB"):
        base.require_memory(1e6)


def group_error(table, name):
    groups = importlib.import_module("benchmarks.groups")
    return groups.wrong_products(table, groups.closure(groups.GENERATORS[name]))


def test_groups_are_told_from_others():
    S5 = wordtensor.group("S5").cayley
    assert group_error(S5, "S5") == 0
    assert group_error(wordtensor.group("SL(2,5)").cayley, "S5") > 0
    swapped = S5.copy()
    swapped[[7, 8]] = swapped[[8, 7]]
    assert group_error(swapped, "S5") > 0


def test_irreps_are_told_from_others():
    irreps = importlib.import_module("benchmarks.irreps")
    G = wordtensor.group("Q8")
    matrices = [np.array(phi.matrices) for phi in wordtensor.real_irreps(G)]
    assert irreps.irreps_error(matrices, G.cayley) < 1e-12
    assert irreps.irreps_error(matrices[1:], G.cayley) > 0.5
    assert irreps.irreps_error([*matrices[:-1], 1.001 * matrices[-1]], G.cayley) > 1e-4
    assert irreps.irreps_error([matrices[0], *matrices[:-1]], G.cayley) > 0.5


NAN = float("nan")
CASES = ["'one'", "'two'", "'three'"]


def entry(ways, values):
    """Return what asv stores: result, params, started_at, duration, stats_repeat."""
    return [
        values,
        [CASES, [repr(way) for way in ways]],
        1.7e12,
        60.0,
        values and [7] * len(values),
    ]


@pytest.fixture
def results(tmp_path):
    machine = tmp_path / "here"
    machine.mkdir()
    (machine / "machine.json").write_text("{}")
    ways = ("ours", "slow", "quick", "limit")
    times = [1e-3, 4e-3, 2e-3, 5e-4, 2e-3, NAN, 1e-3, 1e-3, NAN, 1.0, NAN, 1.0]
    rates = [10.0, 5.0, NAN, NAN, NAN, NAN]
    data = {
        "commit_hash": "0123456789abcdef",
        "params": {"cpu": "Fast", "num_cpu": "2", "ram": str(2**35), "os": "Linux"},
        "result_columns": ["result", "params", "started_at", "duration", "stats_repeat"],
        "results": {
            "suite.Thing.time_it": entry(ways, times),
            "suite.Thing.track_error": entry(("ours",), [0.0, 1e-12, 3.0]),
            "suite.Thing.track_rank": entry(("ours", "box cover"), [9.0, 18.0, 8.0, NAN, 7.0, 1.0]),
            "suite.Other.track_rate": entry(("ours", "limit"), rates),
            "suite.Gone.time_it": entry(("ours",), [NAN, NAN, NAN]),
            "suite.Bad.time_it": entry(("ours", "quick"), None),
        },
    }
    (machine / "01234567-env.json").write_text(json.dumps(data))
    about = {"suite.Other.track_rate": {"row": "higher", "unit": "flips/s"}}
    (tmp_path / "benchmarks.json").write_text(json.dumps(about | {"version": 2}))
    return tmp_path


def rows_of(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_report_compares_with_the_best_peer_and_the_limit(results):
    rows = {(row[0], row[1]): row[2:] for row in rows_of(report.table(report.load(results)))}
    ours, quality, peers, ratio, limit, distance = rows["suite.Thing", "one"]
    assert ours == "1.00 ms"
    assert quality == "error 0, rank 9 (box cover 18)"
    assert peers == "quick 2.00 ms; slow 4.00 ms"
    assert (ratio, limit, distance) == ("2.00", "500 µs", "2.00")
    assert rows["suite.Other: rate", "one"] == ["10", "", "", "", "5", "0.500"]


def test_report_names_wrong_answers_then_slower_ones_first(results):
    text = report.table(report.load(results))
    rows = rows_of(text)
    assert {tuple(row[:2]) for row in rows[:4]} == {
        ("suite.Thing", "three"),
        *(("suite.Bad", case) for case in ("one", "two", "three")),
    }
    assert rows[4][:3] == ["suite.Thing", "two", "2.00 ms"]
    assert "- suite.Thing, three: wrong: error 3, rank 7 (box cover 1)" in text
    assert "- suite.Thing, two: ours is 2.00 ms, quick's 1.00 ms (peer / ours is 0.500)" in text
    assert "This machine could not measure: suite.Other: rate (two, three); suite.Gone." in text


def test_report_keeps_what_is_written_by_hand(results, tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    monkeypatch.setattr("sys.argv", ["report.py", f"--results={results}", f"--output={page}"])
    report.main()
    assert page.read_text().endswith(f"\n{report.END}\n")
    for text in ("\n## Growth\n\nBy hand.\n", "\n## Growth\n\nBy another hand.\n"):
        page.write_text(f"old\n{report.END}\n{text}")
        report.main()
        assert page.read_text() == f"{report.table(report.load(results))}\n{report.END}\n{text}"


def test_the_page_of_the_docs_has_the_line_below_which_it_is_kept():
    docs = Path(report.__file__).parent.parent / "docs" / "results" / "benchmarks.md"
    assert docs.read_text().count(f"\n{report.END}\n") == 1


def test_the_page_of_the_docs_says_what_the_report_says():
    docs = Path(report.__file__).parent.parent / "docs" / "results" / "benchmarks.md"
    text, _, _ = docs.read_text().partition(report.END)
    assert text.startswith(f"# Benchmarks\n\n{report.ABOUT}\n- When: ")
    assert f"\n{report.ATTRIBUTES}\n| suite | case | ours | quality |" in text
    titles = {param.id: report.title(param.id).partition("; ") for param in SUITES}
    said = {f"- **{shown}**: {rest}" for shown, _, rest in titles.values()}
    listed = [line for line in text.partition("What the suites compare:")[2].splitlines() if line]
    assert listed[-1].startswith("This machine could not measure: ")
    assert len(listed) > 10 and set(listed[:-1]) <= said


def test_report_says_what_was_measured(results):
    text = report.table(report.load(results))
    assert "commit 01234567" in text
    assert "Fast, 2 cores, 32 GiB" in text
    assert "medians" in text
    with pytest.raises(SystemExit, match="make bench"):
        report.load(results / "here")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3.2e-7, "seconds", "320 ns"),
        (59.94, "CPU seconds", "59.9 s"),
        (float("inf"), "seconds", "never"),
        (368_377_856, "bytes", "368 MB"),
        (1.5e-13, "error", "1.5e-13"),
        (0.0, "seconds", "0 ns"),
        (2.0, "seconds", "2.00 s"),
        (5109, "unit", "5109"),
    ],
)
def test_report_writes_numbers_by_their_size(value, unit, text):
    assert report._number(value, unit) == text
