"""``wordtensor margin``, alone in an application of its own."""

import json
import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from wordtensor.cli.app import _Commands
from wordtensor.cli.margin import margin
from wordtensor.margins import gamma_star, gamma_star_parity, margin_optimum
from wordtensor.nets import EmbeddingMLP, MarginNet, save
from wordtensor.nets.margins import max_margin_net, max_margin_parity_net


@pytest.fixture
def run():
    app = typer.Typer(cls=_Commands, add_completion=False)
    app.command()(margin)
    app.callback()(lambda: None)
    runner = CliRunner(env={"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"})
    return lambda *arguments: runner.invoke(app, ["margin", *map(str, arguments)])


def test_table(run):
    result = run("A5")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{margin_optimum('A5')}\n"


def test_json(run):
    values = json.loads(run("Q8", "--json").stdout)
    assert values["gamma_star"] == pytest.approx(gamma_star("Q8"))
    assert values["theorem_9_condition"] is None
    assert [irrep["label"] for irrep in values["irreps"]] == ["1Rb", "1Rc", "1Rd", "4H"]


def test_net(run, tmp_path):
    path = tmp_path / "best.safetensors"
    save(max_margin_net("S3"), path)
    assert "1.000000 of gamma*" in run("S3", "--net", path).stdout
    values = json.loads(run("S3", "--net", path, "--json").stdout)
    assert values["net"]["is_max_margin"] is True
    assert values["net"]["reached"] == pytest.approx(1)


@pytest.mark.parametrize("net, count", [
    (EmbeddingMLP(6, width=4, embedding=4), 1), (MarginNet(6, 4, seed=[0, 1]), 2)
])  # fmt: skip
def test_nets_without_a_certificate(run, tmp_path, net, count):
    path = tmp_path / "net.safetensors"
    save(net, path)
    assert "normalised margin" in run("S3", "--net", path).stdout
    margins = json.loads(run("S3", "--net", path, "--json").stdout)["net"]["margin"]
    assert len(margins if count > 1 else [margins]) == count


def test_parity(run, tmp_path):
    path = tmp_path / "parity.safetensors"
    save(max_margin_parity_net(5, 3), path)
    assert "gamma* = 5.303301e-01, by Theorem 8" in run("--parity", 3).stdout
    values = json.loads(run("--parity", 3, "--net", path, "--json").stdout)
    assert values["net"]["margin"] == pytest.approx(gamma_star_parity(3))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "There is no group"),
        (("Monster",), "Monster"),
        (("C1",), "trivial"),
        (("S3", "--parity", 2), "not both"),
        (("--parity", 0), "'k'"),
        (("S3", "--net", "nowhere.safetensors"), "nowhere"),
    ],
)
def test_bad_input_is_one_line(run, arguments, said):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr


def test_a_net_of_another_group(run, tmp_path):
    path = tmp_path / "best.safetensors"
    save(max_margin_net("S3"), path)
    result = run("C5", "--net", path)
    assert result.exit_code == 2
    assert "5 x 5 x 5" in result.stderr


def test_help_fits_80_columns(run):
    result = run("--help")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "arguments", [("S5",), ("A5",), ("--parity", "3")], ids=["S5", "A5", "parity"]
)
def test_gamma_star_needs_no_torch(run, arguments, tmp_path):
    """Only a net that is held against it does; then the message says what to install."""
    script = (
        "import json, sys\n"
        "sys.modules['torch'] = sys.modules['safetensors'] = None\n"
        "from typer.testing import CliRunner\n"
        "from wordtensor.cli.app import app\n"
        "calls = json.loads(sys.argv[1])\n"
        "results = [CliRunner().invoke(app, call) for call in calls]\n"
        "print(json.dumps([[r.exit_code, r.stdout, r.stderr] for r in results]))\n"
    )
    plain = ["margin", *arguments]
    calls = [plain, [*plain, "--json"], [*plain, "--net", str(tmp_path / "net.safetensors")]]
    (tmp_path / "net.safetensors").touch()
    environment = os.environ | {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"}
    answer = subprocess.run(
        [sys.executable, "-c", script, json.dumps(calls)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    table, as_json, held = json.loads(answer.stdout)
    assert table == [0, run(*arguments).stdout, ""]
    assert as_json == [0, run(*arguments, "--json").stdout, ""]
    assert held[:2] == [2, ""] and "wordtensor[nets]" in held[2]


@pytest.mark.parametrize("k", ["1000000", "99999999999999999999", "0", "-3"])
def test_parities_without_a_margin_are_one_line(run, k):
    done = run("margin", "--parity", k)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
