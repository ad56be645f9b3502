"""``wordtensor train``: runs, recipes, configurations, bad input and Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from wordtensor.experiments import RECIPES
from wordtensor.nets import load


def test_a_word_and_a_group_are_enough(run):
    done = run("train", "a*b", "S3", "--json")
    assert done.exit_code == 0
    values = json.loads(done.stdout)
    assert values["config"]["group"] == "S3"
    assert values["train_accuracy"] == [1.0]


def test_a_folder_holds_the_run_and_the_same_command_goes_on(run, tmp_path):
    command = ("train", "a*b*a", "Q8", "--set", "steps=40", "--set", "model=perceptron")
    folder = tmp_path / "run"
    assert run(*command, "-o", folder).exit_code == 0
    before = (folder / "metrics.jsonl").read_text()
    again = run(*command, "-o", folder)
    assert again.exit_code == 0
    assert (folder / "metrics.jsonl").read_text() == before
    assert load(folder / "net.safetensors").kind == "perceptron"
    other = run(*command, "--set", "width=5", "-o", folder)
    assert other.exit_code == 2
    assert "holds another run" in other.stderr
    assert run(*command, "--set", "width=5", "-o", folder, "--anew").exit_code == 0


def test_a_configuration_file(run, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"group": "C3", "word": "a*b", "width": 6, "steps": 20}))
    done = run("train", "--config", path, "--set", "width=7", "--json")
    assert json.loads(done.stdout)["config"]["width"] == 7


def test_a_cayley_table(run, tmp_path):
    path = tmp_path / "c2.csv"
    path.write_text("0,1\n1,0\n")
    done = run("train", "a*b", "--cayley", path, "--set", "steps=10", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["config"]["group"] == "c2"


def test_a_configuration_is_not_replaced_by_another_one(run, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"group": "C3", "word": "a*b", "width": 6, "steps": 5}))
    before = path.read_text()
    done = run("train", "--config", path, "-o", tmp_path)
    assert done.exit_code == 2
    assert "is the configuration given" in done.stderr
    assert path.read_text() == before
    assert run("train", "--config", path, "-o", tmp_path / "run").exit_code == 0
    whole = tmp_path / "run" / "config.json"
    assert run("train", "--config", whole, "-o", tmp_path / "run", "--anew").exit_code == 0
    changed = ("--set", "width=7", "-o", tmp_path / "run", "--anew")
    assert "is the configuration given" in run("train", "--config", whole, *changed).stderr


def test_a_configuration_of_somebody_else_is_left_alone(run, tmp_path):
    (tmp_path / "config.json").write_text('{"architectures": ["GPT2LMHeadModel"]}')
    done = run("train", "a*b", "S3", "-o", tmp_path)
    assert done.exit_code == 2
    assert "is no run's folder: its 'config.json'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (f"width={DEEP}", "'width' must be a whole number"),
        (f"width={DEEP}{'[]' * 3}{']' * 100_000}", "'width' must be a whole number"),
        (f"{DEEP}=1", "Unknown key"),
        ("width=1e999", "whole number"),
        ("width=NaN", "whole number"),
        (f"width={'9' * 5000}", "whole number"),
        ("seed=-3", "'seed' must be at least 0"),
        ("threads=9999999", "at most 1024"),
        ("device=meta", "Device 'meta' cannot be used"),
        ("device=", "cannot be used"),
        ("device=xla", "cannot be used"),
        ('device="cpu\\u001b[31m"', "without control characters"),
        ("checkpoints=1099511627776", "at most 1000000"),
        ("lr=0.1", "did you mean 'learning_rate'"),
        ("LR=0.1", "did you mean 'learning_rate'"),
        ("epochs=3", "did you mean 'steps'"),
        ("batch-size=3", "did you mean 'batch'"),
        ("hidden_dim=3", "did you mean 'width'"),
    ],
)
def test_odd_values_are_one_short_line(run, change, said):
    done = run("train", "a*b", "S3", "--set", "steps=2", "--set", change)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 300 or "known are" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--memory", "nan"), "above 0"),
        (("--memory", "-1"), "above 0"),
        (("--memory", "1e-9"), "above the limit"),
        (("--set", "steps=1000000000000", "--set", "log_every=1"), "'log_every' must be at least"),
    ],
)
def test_odd_limits_are_one_line(run, options, said):
    done = run("train", "a*b", "S3", "--set", "width=2", "--set", "steps=2", *options)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr


def test_there_may_be_no_limit_on_memory_and_more_threads_than_cores(run):
    done = run("train", "a*b", "S3", "--set", "steps=2", "--set", "threads=1000", "--memory", "inf")
    assert done.exit_code == 0


def test_a_seed_in_a_file_is_checked(run, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"group": "S3", "seed": -3}))
    done = run("train", "--config", path)
    assert done.exit_code == 2
    assert done.stderr == "error: Argument 'seed' must be at least 0, not -3\n"


def test_recipes_are_listed_and_run(run):
    listed = run("train", "--list")
    assert "morwani-z71" in listed.stdout
    made = RECIPES["universality-s5"]
    (line,) = (x for x in listed.stdout.splitlines() if x.split()[:1] == [made.name])
    assert line.split()[1] == "cpu" and made.cost().time() in line
    assert "12 min (an H200)" in listed.stdout
    told = json.loads(run("train", "--list", "--json").stdout)
    assert told[made.name]["seconds"]["full"] == made.cost().seconds
    done = run("train", "--recipe", "shutman-fig10-z32", "--quick", "--set", "steps=100")
    assert done.exit_code == 0
    assert "paper" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "There is no word"),
        (("a*b",), "There is no group"),
        (("a*b", "S3", "--set", "widht=3"), "did you mean 'width'"),
        (("a*b", "S3", "--set", "width"), "KEY=VALUE"),
        (("a*b", "S3", "--set", "width=wide"), "whole number"),
        (("a*b", "S3", "--quick"), "--recipe"),
        (("a*b", "S3", "--recipe", "morwani-z71"), "brings its own"),
        (("--recipe", "morwani-z72"), "morwani-z71"),
        (("--config", "gone.json"), "gone.json"),
        (("a*b", "S3", "--set", "learning_rate=1e30", "--set", "steps=50"), "learning rate"),
        (("a*b", "S7"), "GiB"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, arguments, message):
    done = run("train", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


# What is typed wrongly in these is said without torch, which takes seconds to load. The first one
# has nothing wrong: a list of recipes builds no table that somebody's limit could refuse.
TYPED = """
import sys
from typer.testing import CliRunner
from wordtensor._devices import _may_have_cuda
from wordtensor.cli.app import app
for arguments, code, said in {commands!r}:
    done = CliRunner().invoke(app, arguments)
    assert (done.exit_code, "torch" in sys.modules) == (code, False), (arguments, done.output)
    assert said in done.output, (arguments, done.output)
if not _may_have_cuda():
    done = CliRunner().invoke(app, ["decompose", "a*b", "S3", "--device", "cuda"])
    assert (done.exit_code, "torch" in sys.modules) == (2, False), done.output
"""


def test_what_is_typed_wrongly_is_said_before_torch_is_loaded(tmp_path):
    file = tmp_path / "tab.csv"
    file.write_text("0,1\n1,0\n")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"group": "S33"}))
    recipe = ["train", "--recipe", "morwani-z71"]
    commands = [
        (["train", "--list", "--memory", "1e-6"], 0, "morwani-z71"),
        (["train", "a*(b", "S3"], 2, "Unbalanced"),
        (["train", "a*b", "S33"], 2, "S33"),
        (["train", "a*b", "S3", "--sed", "steps=3"], 2, "did you mean --set"),
        (["train", "a*b", "S3", "--set", "widht=3"], 2, "did you mean 'width'"),
        (["train", "a*b", "S3", "--set", "width=x"], 2, "whole number"),
        (["train", "a*b", "S3", "--set", "device=meta"], 2, "cannot be used"),
        (["train", "a*b", str(file), "-o", str(file)], 2, "takes a folder"),
        (["train", "--config", str(config)], 2, "S33"),
        (["train", "--recipe", "morwani-z72"], 2, "morwani-z71"),
        ([*recipe, "--set", "lr=3"], 2, "did you mean 'learning_rate'"),
        ([*recipe, "--set", "group=S33"], 2, "S33"),
        ([*recipe, "--set", "word=a*(b"], 2, "Unbalanced"),
        (["train", "--cayley", str(file), "--set", "model=parity"], 2, "give no word"),
        (["compare", str(tmp_path / "gone.safetensors")], 2, "gone.safetensors"),
        (["compare", str(tmp_path), "a*b", "S33"], 2, "S33"),
        (["compare", str(tmp_path), "--decomposition", "gone.npz"], 2, "gone.npz"),
        (["margin", "S33"], 2, "S33"),
        (["margin", "S3", "--net", "gone.safetensors"], 2, "gone.safetensors"),
    ]
    code = TYPED.format(commands=commands)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert file.read_text() == "0,1\n1,0\n"


def test_a_run_says_what_it_went_on_from_and_that_it_is_finished(run, tmp_path):
    command = ("train", "a*b", "Q8", "--set", "steps=6", "--set", "width=4", "-o", tmp_path / "run")
    assert run(*command).stderr == f"wrote {tmp_path / 'run'}\n"
    again = run(*command)
    assert "nothing was left to train" in again.stderr and "--anew --set steps=N" in again.stderr
    other = run(*command, "--set", "steps=9")
    assert other.exit_code == 2 and "--anew" in other.stderr
    recipe = ("train", "--recipe", "shutman-fig10-z32", "--quick", "--set", "steps=2")
    assert "wrote" in run(*recipe, "-o", tmp_path / "recipe").stderr
    assert "nothing was left to train" in run(*recipe, "-o", tmp_path / "recipe").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_between_two_steps_and_the_command_goes_on(name, process, tmp_path):
    command, environment = process
    arguments = [
        *command, "train", "a*b", "S4", "--set", "steps=3000", "--set", "stop_accuracy=null",
        "--set", "width=32", "-o", str(tmp_path / "run"), "--json",
    ]  # fmt: skip
    running = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    metrics = tmp_path / "run" / "metrics.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (
        metrics.exists() and metrics.read_text().count("\n") > 5
    ):
        time.sleep(0.01)
    os.kill(running.pid, getattr(signal, name))
    stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 130 and "the same command goes on" in stderr
    values = json.loads(stdout)
    assert values["interrupted"]
    assert 0 < values["steps"] < 3000
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0
    assert json.loads(done.stdout)["steps"] == 3000
    assert json.loads(done.stdout)["begun"] == values["steps"]
    assert f"went on from the {values['steps']} steps made before" in done.stderr


def test_a_margin_is_not_told_of_a_net_for_another_word(run, tmp_path):
    options = ("--set", "model=margin", "--set", "steps=5", "-o", tmp_path / "run")
    assert run("train", "a*b*a^-1", "S3", *options).exit_code == 0
    done = run("margin", "S3", "--net", tmp_path / "run")
    assert done.exit_code == 2
    assert "was trained on a*b*a^-1" in done.stderr


def test_a_margin_is_not_told_of_a_net_for_another_group(run, tmp_path):
    options = ("--set", "model=margin", "--set", "steps=5", "-o", tmp_path / "run")
    assert run("train", "a*b", "S3", *options).exit_code == 0
    done = run("margin", "C6", "--net", tmp_path / "run")
    assert done.exit_code == 2
    assert "was trained on 'S3'" in done.stderr


def test_gamma_star_is_not_held_against_nets_that_it_does_not_bound(run, tmp_path):
    assert run("train", "a*b", "S3", "--set", "steps=5", "-o", tmp_path / "run").exit_code == 0
    done = run("margin", "S3", "--net", tmp_path / "run")
    assert done.exit_code == 0
    assert "gamma* bounds quadratic nets, and not this kind" in done.stdout


def test_a_folder_that_is_no_run_is_left_alone(run, tmp_path):
    (tmp_path / "net.safetensors").write_bytes(b"mine")
    done = run("train", "a*b", "S3", "-o", tmp_path)
    assert done.exit_code == 2
    assert "no run's folder" in done.stderr
    assert (tmp_path / "net.safetensors").read_bytes() == b"mine"


@pytest.mark.slow
def test_a_recipe_in_two_processes(run, tmp_path):
    options = ("train", "--quick", "--set", "steps=20", "--set", "instances=2", "--json")
    recipe = ("--recipe", "shutman-fig10-z32")
    here = json.loads(run(*options, *recipe).stdout)
    there = json.loads(run(*options, *recipe, "--workers", 2, "-o", tmp_path / "runs").stdout)
    for row in (*here["rows"], *there["rows"]):
        del row["seconds"]
    assert there["rows"] == here["rows"]
    assert there["configs"] == here["configs"]


def test_a_study_is_printed_again_from_its_folder(run, tmp_path):
    recipe = ("train", "--recipe", "universality-a5", "--quick", "-o", tmp_path / "runs")
    small = ("group=S3", "width=16", "embedding=8", "fraction=0.8", "steps=30", "instances=2")
    made = run(*recipe, *(word for change in small for word in ("--set", change)))
    again = run(*recipe, *(word for change in small for word in ("--set", change)))
    assert "of 2 seeds generalised" in made.stdout
    assert again.stdout.splitlines()[:-1] == made.stdout.splitlines()[:-1]
    assert "More seeds are trained with --set instances=N" in again.stderr
    names = {path.name for path in (tmp_path / "runs").iterdir()}
    for other in (("train", "a*b", "Q8"), ("train", "a*b", "Q8", "--anew")):
        refused = run(*other, "--set", "steps=2", "-o", tmp_path / "runs")
        assert refused.exit_code == 2 and "holds a study of many seeds" in refused.stderr
        assert {path.name for path in (tmp_path / "runs").iterdir()} == names
    refused = run("compare", tmp_path / "runs")
    assert refused.exit_code == 2 and "--keep-runs in a new folder" in refused.stderr
    refused = run("train", "a*b", "S3", "--keep-runs")
    assert refused.exit_code == 2 and "--keep-runs needs --recipe" in refused.stderr


def test_recipes_and_runs_do_not_share_a_folder(run, tmp_path):
    few = ("--set", "steps=5", "--set", "instances=1")
    assert run("train", "a*b", "Q8", *few, "-o", tmp_path / "run").exit_code == 0
    names = {path.name for path in (tmp_path / "run").iterdir()}
    for name in ("universality-s4", "shutman-fig10-z32"):
        refused = run("train", "--recipe", name, "--quick", *few, "-o", tmp_path / "run")
        assert refused.exit_code == 2 and refused.stderr.count("\n") == 1
        assert "holds a run, and a recipe needs a folder of its own" in refused.stderr
        assert {path.name for path in (tmp_path / "run").iterdir()} == names
    recipe = ("--recipe", "shutman-fig10-z32", "--quick", *few, "-o", tmp_path / "recipe")
    assert run("train", *recipe).exit_code == 0
    refused = run("compare", tmp_path / "recipe")
    assert refused.exit_code == 2 and "name one of them, such as" in refused.stderr


def test_recipes_do_not_share_a_folder(run, tmp_path):
    """Runs of other names, of the same name, of a study, and of the recipe in another size."""
    few = ("--set", "steps=5", "--set", "instances=1")

    def train(name, folder, *options):
        return run("train", "--recipe", name, "--quick", "-o", tmp_path / folder, *few, *options)

    study = ("--set", "group=S3", "--set", "width=8", "--set", "embedding=4")
    assert train("shutman-fig10-z32", "runs").exit_code == 0
    assert train("universality-a5", "study", *study).exit_code == 0
    for name, folder, said in (
        ("morwani-s3", "runs", "of another recipe"),
        ("universality-a5", "runs", "of another recipe"),
        ("shutman-fig10-z32", "study", "holds a study of many seeds"),
        ("universality-s4", "study", "holds another study"),
    ):
        held = sorted((tmp_path / folder).rglob("*"))
        for options in ((), ("--anew",)):
            if options and name == "universality-s4":
                continue  # a study begins anew in the folder of another one
            refused = train(name, folder, *options)
            assert refused.exit_code == 2 and refused.stderr.count("\n") == 1
            assert said in refused.stderr
            assert sorted((tmp_path / folder).rglob("*")) == held
    # The second run is another one: nothing is trained before that is said.
    runs = sorted(path for path in (tmp_path / "runs").iterdir() if path.is_dir())
    shutil.rmtree(runs[0])
    refused = train("shutman-fig10-z32", "runs", "--set", "seed=7")
    assert refused.exit_code == 2 and "its 'seed' is" in refused.stderr
    assert not runs[0].exists()
    assert train("shutman-fig10-z32", "runs", "--set", "seed=7", "--anew").exit_code == 0


def test_a_run_that_was_killed_before_its_first_state_says_that_it_begins_anew(run, tmp_path):
    command = ("train", "a*b", "Q8", "--set", "steps=6", "--set", "width=4", "-o", tmp_path / "run")
    run(*command)
    (tmp_path / "run" / "state.safetensors").unlink()
    done = run(*command)
    assert done.exit_code == 0
    (warning,) = [line for line in done.stderr.splitlines() if "wrote" not in line]
    assert "ended before its first state was written; it begins anew" in warning
    assert "begins anew" not in run(*command, "--anew").stderr


def test_a_parity_takes_no_word_and_no_group(run, tmp_path):
    for change in ("group=S4", "word=a*b*a"):
        done = run("train", "--set", "model=parity", "--set", change)
        assert done.exit_code == 2 and done.stderr.count("\n") == 1
        assert "leave 'word' and 'group' out" in done.stderr
        (tmp_path / "parity.json").write_text(
            json.dumps({"model": "parity", **dict([change.split("=")])})
        )
        done = run("train", "--config", tmp_path / "parity.json")
        assert done.exit_code == 2 and "leave 'word' and 'group' out" in done.stderr


def test_a_margin_is_told_of_the_last_net_too(run, tmp_path):
    """The best net of a run is shown by default; a broken best one shows which file is read."""
    options = ("--set", "model=margin", "--set", "steps=5", "-o", tmp_path / "run")
    assert run("train", "a*b", "S3", *options).exit_code == 0
    margins = []
    for chosen in ((), ("--last",)):
        done = run("margin", "S3", "--net", tmp_path / "run", *chosen, "--json")
        margins.append(json.loads(done.stdout)["net"])
    assert margins[0] == margins[1]  # of so short a run both are one net
    best = tmp_path / "run" / "best.safetensors"
    best.write_bytes(best.read_bytes()[:-8])
    assert run("margin", "S3", "--net", tmp_path / "run").exit_code == 2
    assert run("margin", "S3", "--net", tmp_path / "run", "--last").exit_code == 0
    for wrong in (("--last",), ("--net", tmp_path / "run" / "net.safetensors", "--last")):
        refused = run("margin", "S3", *wrong)
        assert refused.exit_code == 2 and "Option --last chooses" in refused.stderr


def test_what_the_model_does_not_use_is_refused_before_it_is_trained(run):
    for words in (
        ("--table", "x^2+x*y mod 11", "--set", "model=mlp", "--set", "activation=sigmoid"),
        ("a*b", "S3", "--set", "heads=9"),
        ("--recipe", "universality-s4", "--set", "activation=sigmoid"),
    ):
        refused = run("train", *words)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr.count("\n") == 1 and "is not used by model=" in refused.stderr


def test_processes_are_for_recipes(run):
    for options in (("--workers", 2), ("--scheduler", "tcp://127.0.0.1:9")):
        refused = run("train", "a*b", "S3", *options)
        assert refused.exit_code == 2
        assert "name one with --recipe" in refused.stderr


@pytest.mark.parametrize("off", ["none", "None", "null"])
def test_an_option_is_switched_off_by_none_and_by_null(run, off):
    result = run(
        "train", "a*b", "C3", "--set", "steps=20", "--set", f"stop_accuracy={off}", "--json"
    )
    assert result.exit_code == 0
    assert json.loads(result.stdout)["config"]["stop_accuracy"] is None
