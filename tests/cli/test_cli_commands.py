import json
import logging

import numpy as np
import pytest

import wordtensor as wt
from wordtensor import _memory
from wordtensor.groups import conjugacy_classes


def test_version(run):
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"wordtensor {wt.__version__}\n")


def test_help_keeps_its_brackets(run):
    result = run("--help")
    assert result.exit_code == 0
    assert "T[a,b,w(a,b)] = 1" in result.stdout
    assert '"[a,b]"' in result.stdout
    for command in ("decompose", "plan", "info", "verify"):
        assert command in result.stdout


@pytest.mark.parametrize("command", ["decompose", "plan", "info", "verify"])
def test_help_fits_80_columns(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(("group", "rank"), [("C3", 4), ("S3", 9), ("Q8", 12), ("Dic3", 20)])
def test_decompose_prints_the_table(run, group, rank):
    result = run("decompose", "a*b", group)
    assert result.exit_code == 0
    assert result.stderr == ""
    expected = wt.decompose("a*b", group)
    assert result.stdout == f"{expected}\n"
    assert expected.rank == rank


def test_decompose_shows_a_word_with_brackets_as_it_is(run):
    result = run("decompose", "[a,b]", "C2 x C2")
    assert result.exit_code == 0
    assert "a*b*a^-1*b^-1 over C2 x C2" in result.stdout


def test_decompose_json(run):
    result = run("decompose", "abA", "S4", "--json", "--seed", 3)
    assert result.exit_code == 0
    values = json.loads(result.stdout)
    assert (values["rank"], values["group"], values["seed"]) == (47, "S4", 3)
    assert sum(block["rank"] for block in values["blocks"]) == 47


def test_decompose_options_reach_the_library(run):
    options = ("--field", "complex", "--method", "product", "--no-progress", "--json")
    values = json.loads(run("decompose", "a*b", "C3", *options).stdout)
    assert (values["field"], values["method"], values["rank"]) == ("complex", "product", 3)


def test_decompose_saves_what_it_prints(run, tmp_path):
    path = tmp_path / "q8.npz"
    result = run("decompose", "a*b", "Q8", "--json", "--output", path)
    assert result.exit_code == 0
    assert str(path) in result.stderr
    loaded = wt.load(path)
    assert loaded.rank == json.loads(result.stdout)["rank"] == 12
    assert wt.verify(loaded).ok
    assert [p.name for p in tmp_path.iterdir()] == ["q8.npz"]


def test_output_is_replaced_only_by_force(run, saved):
    before = saved.read_bytes()
    refused = run("decompose", "a*b", "C2", "-o", saved)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("error: ")
    assert "--force" in refused.stderr
    assert saved.read_bytes() == before
    assert run("decompose", "a*b", "C2", "-o", saved, "--force").exit_code == 0
    assert wt.load(saved).group.order == 2


def test_plan_prints_routes_and_leaves_no_factors(run):
    result = run("plan", "a*b*a^-1", "S4")
    assert result.exit_code == 0
    assert result.stdout == f"{wt.plan('a*b*a^-1', 'S4')}\n"
    values = json.loads(run("plan", "a*b*a^-1", "S4", "--json").stdout)
    assert values["upper"] == 47


def test_plan_searches_nothing(run, monkeypatch):
    def searched(*arguments, **options):
        raise RuntimeError("the plan searched")

    for name in ("solver.cp", "solver.descent", "rank._strategies"):
        module = __import__(f"wordtensor.{name}", fromlist=["fit"])
        for function in ("fit", "fit_many", "descend", "solve"):
            if hasattr(module, function):
                monkeypatch.setattr(module, function, searched)
    result = run("plan", "[a,b]", "S3", "--no-store")
    assert result.exception is None
    assert "solver" in result.stdout


@pytest.mark.parametrize("group", ["C3", "Q8", "C7:C3", "Q8 x C5", "M5(2)", "SL(2,3)"])
def test_info_json_agrees_with_the_library(run, group):
    G = wt.group(group)
    values = json.loads(run("info", group, "--json").stdout)
    assert (values["order"], values["name"]) == (G.order, G.name)
    assert values["classes"] == len(conjugacy_classes(G).sizes)
    found = [(i["dim"], i["type"], i["isotypic_dim"]) for i in values["irreps"]]
    assert found == [(i.dim, i.type, i.isotypic_dim) for i in wt.real_irreps(G)]
    assert sum(i["isotypic_dim"] for i in values["irreps"]) == G.order
    bounds = values["multiplication"]
    assert 2 * G.order - len(found) <= bounds["lower_bound"] <= bounds["upper_bound"]
    assert bounds["upper_bound"] == wt.decompose("a*b", G).rank


def test_info_table(run):
    result = run("info", "Q8")
    assert result.exit_code == 0
    assert "4H" in result.stdout
    assert "12 (optimal)" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_info_shortens_long_tables(run):
    result = run("info", "C120")
    assert result.exit_code == 0
    assert "and 21 more; --json lists them all" in result.stdout
    assert "and 112 more" in result.stdout


def test_info_keeps_brackets_in_labels(run, tmp_path):
    path = tmp_path / "signs.json"
    cayley = [[0, 1], [1, 0]]
    path.write_text(json.dumps({"cayley": cayley, "name": "[bold]", "labels": ["[red]", "[/]"]}))
    result = run("info", path)
    assert result.exit_code == 0
    assert result.stdout.startswith("[bold]")
    assert "order 2: [red], [/]" in result.stdout


def test_verify_holds(run, saved):
    result = run("verify", saved)
    assert result.exit_code == 0
    assert "a*b over S3: 9 terms" in result.stdout
    values = json.loads(run("verify", saved, "--json").stdout)
    assert values["ok"] is True
    assert values["max_error"] <= 1e-9


def test_verbose_logs_to_stderr(run):
    result = run("decompose", "[a,b]", "S3", "-vv", "--json", "--no-store")
    assert json.loads(result.stdout)["rank"] == 8
    assert "DEBUG wordtensor.solver" in result.stderr
    assert logging.getLogger("wordtensor").handlers == []


def test_warnings_are_one_line_each_without_asking(run, monkeypatch):
    def warn(*_, **__):
        logging.getLogger("wordtensor.groups").warning("two\nlines of %s", "\x1b[2J")
        logging.getLogger("wordtensor.groups").info("not asked for")
        raise wt.WordTensorError("the end")

    monkeypatch.setattr(wt, "plan", warn)
    result = run("plan", "a*b", "S3")
    assert result.stderr == "warning: two lines of \\x1b[2J\nerror: the end\n"


@pytest.mark.parametrize("kind", ["npy", "csv", "txt", "json"])
@pytest.mark.parametrize("name", ["C3", "Q8", "Dic3"])
def test_groups_from_files(run, tmp_path, kind, name):
    table = np.array(wt.group(name).cayley)
    path = tmp_path / f"mine.{kind}"
    match kind:
        case "npy":
            np.save(path, table)
        case "json":
            path.write_text(json.dumps(table.tolist()))
        case _:
            comma = "," if kind == "csv" else " "
            np.savetxt(path, table, fmt="%d", delimiter=comma, header="a Cayley table")
    for arguments in ((path,), ("--cayley", path)):
        values = json.loads(run("decompose", "a*b", *arguments, "--json").stdout)
        assert values["rank"] == wt.decompose("a*b", name).rank
        assert values["group"] == "mine"


@pytest.mark.parametrize(
    "command",
    [
        ("decompose", "a*b", "S3"),
        ("plan", "a*b", "S3"),
        ("info", "S3"),
        ("margin", "S3"),
        ("train", "--list"),
        ("schemes", "list", "--max", "2"),
        ("schemes", "search", "1", "1", "2", "--flips", "1", "--no-store"),
    ],
)
def test_every_command_takes_a_limit_on_memory(run, command):
    assert run(*command, "--memory", "inf").exit_code in (0, 1)
    for value in ("nan", "0", "-1", "-inf"):
        result = run(*command, "--memory", value)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: The memory limit must be a number of GiB above 0")


def test_the_limit_on_memory_reaches_the_library(run, monkeypatch):
    seen = []
    monkeypatch.setattr(wt, "plan", lambda *_, **__: seen.append(_memory.allowed_bytes()) or wt)
    monkeypatch.setattr(wt, "to_dict", dict, raising=False)
    for options in (("--memory", "0.5"), ("--memory", "inf"), ()):
        assert run("plan", "a*b", "S3", "--json", *options).exit_code == 0
    assert seen == [2**29, float("inf"), 2**32]
