"""Recipes: each can be built, follows its paper, and runs."""

import json

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.errors import FileFormatError, NetworkError
from wordtensor.experiments import RECIPES, recipe, run_recipe, running
from wordtensor.experiments._reports import REPORTS
from wordtensor.groups import centre, element_orders
from wordtensor.irreps import real_irreps
from wordtensor.margins import gamma_star
from wordtensor.nets import TrainConfig
from wordtensor.nets._start import make_tasks


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_names_words_and_groups_that_exist(name):
    made = RECIPES[name]
    assert made.full and made.quick
    for config in (*made.full, *made.quick):
        assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    target = None if made.target is None else made.target.resolve()
    assert len(make_tasks(made.quick[0].replace(instances=1), target)) == 1


def test_the_published_fractions_are_those_of_the_accuracies():
    """Fig. 2: 0.923077 is 48/52, the test pairs that a fraction of 0.8 leaves of 256."""
    made = recipe("shutman-fig2-d8-aab-relu")
    (task,) = make_tasks(made.full[0].replace(instances=1))
    right = made.published["median"] * len(task.test)
    assert right == pytest.approx(round(right), abs=1e-4)
    assert made.full[0].steps == 5000 * -(-len(task.train) // 16)


def test_a_block_recipe_learns_at_the_printed_width_and_not_below():
    outcome = run_recipe("shutman-fig10-z32", quick=True, changes={"steps": 6000})
    narrow, wide = outcome.rows
    assert (narrow["width"], wide["width"]) == (2, 3)
    assert narrow["below 1e-6"] == 0
    assert wide["exact"] > 0
    assert "paper" in str(outcome)


def test_a_width_recipe_finds_strassen_on_s3():
    base = recipe("widths-s3").quick[1]
    assert base.width == 9
    outcome = run_recipe("widths-s3", quick=True, changes={"instances": 4, "steps": 3000})
    row = outcome.rows[1]
    assert row["rank"] == 9
    assert row["most common"].startswith("1+1+7")
    assert outcome.rows[3]["most common"].startswith("1+1+8")


def test_a_margin_recipe_never_exceeds_gamma_star(tmp_path):
    seen = []
    outcome = run_recipe(
        "morwani-s3",
        quick=True,
        changes={"instances": 2, "steps": 1500},
        folder=tmp_path,
        callback=seen.append,
    )
    (row,) = outcome.rows
    assert seen == [row]
    assert row["gamma*"] == gamma_star(wt.group("S3"))
    assert 0.5 < row["best share"] <= 1 + 1e-6
    assert (tmp_path / "00-margin-width-48" / "net.safetensors").exists()
    assert json.loads(json.dumps(outcome.to_dict()))["rows"][0] == row


def test_a_grokking_recipe_reports_neurons_and_rank():
    outcome = run_recipe("grokking-s3", quick=True, changes={"instances": 2, "steps": 400})
    (row,) = outcome.rows
    assert (row["rank"], row["at least"]) == (9, 9)
    assert 0 <= row["one triplet"] <= 1
    assert np.isfinite(row["active"])


def test_an_unknown_recipe_names_close_ones():
    with pytest.raises(NetworkError, match="morwani-s4"):
        recipe("morwani-s44")


def test_the_group_without_a_name_is_the_one_it_says():
    """It is GAP's SmallGroup(16,3): abelian quotient C4 x C2, and not C2^3 as of (16,13)."""
    G = recipe("shutman-c1-z4z2z2-relu").target.resolve()
    orders = element_orders(G)
    assert (G.order, np.bincount(orders).tolist()) == (16, [0, 1, 7, 0, 8])
    assert len(centre(G)) == 4
    assert sum(phi.dim == 1 for phi in real_irreps(G)) == 4


def test_an_outcome_records_the_runs_that_were_made():
    changes = {"steps": 60, "instances": 2}
    outcome = run_recipe("shutman-fig10-z32", quick=True, changes=changes)
    told = outcome.to_dict()
    assert [config["steps"] for config in told["configs"]] == [60, 60]
    assert told["changes"] == changes
    assert "changed: instances=2, steps=60" in str(outcome)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("shutman-fig10-z32", {"group": "S4"}),
        ("shutman-c1-z4z2z2-relu", {"group": "S3"}),
        ("grokking-s3", {"model": "mlp"}),
        ("shutman-bsc-s3", {"word": "a*b*a"}),
        ("morwani-s3", {"word": "a*b*a"}),
        ("morwani-s3", {"model": "hadamard"}),
        ("morwani-parity", {"power": 2}),
    ],
)
def test_changes_that_a_report_would_not_survive_are_refused(name, changes):
    with pytest.raises(NetworkError, match=r"cannot be changed|bounds quadratic nets"):
        run_recipe(name, quick=True, changes=changes)


def test_diverged_seeds_are_said_and_not_dropped():
    changes = {"steps": 40, "instances": 2, "optimizer": "gd", "learning_rate": [5e-3, 1e6]}
    (row,) = run_recipe("shutman-c1-q8-square", quick=True, changes=changes).rows
    assert row["seeds"] == "2 (1 diverged)"
    assert row["max loss"] is None


@pytest.mark.parametrize("name", ["grokking-s3", "widths-s3", "shutman-bsc-s3"])
def test_diverged_nets_have_no_neurons_in_any_place(name):
    changes = {"instances": 2, "steps": 60, "optimizer": "gd", "learning_rate": [1e-2, 1e6]}
    row = run_recipe(name, quick=True, changes=changes).rows[0]
    if name == "grokking-s3":
        assert (row["active"], row["one triplet"], row["one block"]) == (12.0, 0.0, 0.0)
    elif name == "widths-s3":
        assert row["most common"] == "0+0+0 (2)"
    else:
        assert row["too narrow: learned"] == "0/6"


@pytest.mark.parametrize("where", ["report", "callback", "first report"])
def test_an_interrupted_experiment_keeps_the_runs_before(where, monkeypatch, tmp_path):
    chosen = recipe("shutman-fig10-z32")
    made = REPORTS[chosen.report]
    count = [0]

    def report(run):
        count[0] += 1
        if (where == "report" and count[0] == 2) or where == "first report":
            raise KeyboardInterrupt
        return made(run)

    def callback(row):
        if where == "callback":
            raise KeyboardInterrupt

    monkeypatch.setattr(running, "REPORTS", {chosen.report: report})
    outcome = run_recipe(
        chosen, quick=True, changes={"steps": 5}, folder=tmp_path, callback=callback
    )
    assert outcome.interrupted
    assert len(outcome.rows) == len(outcome.configs) == (0 if where == "first report" else 1)
    assert "interrupted" in str(outcome)
    monkeypatch.undo()
    again = run_recipe(chosen, quick=True, changes={"steps": 5}, folder=tmp_path)
    assert not again.interrupted and len(again.rows) == len(chosen.quick)


def timeless(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def test_processes_train_the_same(pool, tmp_path):
    name, changes = "shutman-fig10-z32", {"steps": 20, "instances": 2}
    seen = []
    here = run_recipe(name, quick=True, changes=changes)
    common = {"quick": True, "changes": changes, "folder": tmp_path, "executor": pool}
    there = run_recipe(name, **common, callback=seen.append)
    again = run_recipe(name, **common)
    assert timeless(there.rows) == timeless(here.rows) == timeless(again.rows)
    assert there.configs == here.configs
    assert (there.steps, there.begun, again.begun) == (here.steps, 0, here.steps)
    assert sorted(map(str, seen)) == sorted(map(str, there.rows))
    assert len(list(tmp_path.glob("*/net.safetensors"))) == len(here.rows)


def test_an_experiment_in_processes_keeps_the_runs_before_a_stop(pool):
    def stop(row):
        raise KeyboardInterrupt

    changes = {"steps": 20, "instances": 2}
    outcome = run_recipe("widths-s3", quick=True, changes=changes, executor=pool, callback=stop)
    assert outcome.interrupted
    assert len(outcome.rows) == 1
    (config,), (row,) = outcome.configs, outcome.rows
    assert (row["width"], config.steps) == (config.width, 20)


def test_a_second_start_of_an_experiment_says_that_the_first_is_running(tmp_path):
    def start(row):
        with pytest.raises(FileFormatError, match="Another run is going on"):
            run_recipe("shutman-fig10-z32", quick=True, changes={"steps": 5}, folder=tmp_path)
        seen.append(row)

    seen = []
    run_recipe(
        "shutman-fig10-z32", quick=True, changes={"steps": 5}, folder=tmp_path, callback=start
    )
    assert seen
