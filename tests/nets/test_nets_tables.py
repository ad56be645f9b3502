"""Networks on tables of values: loops, quotients mod p, rectangular ones; resumed, read again."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import wordtensor as wt
from wordtensor.errors import NetworkError, TableError, WordTensorError
from wordtensor.nets import (
    HadamardNet,
    TableTask,
    TrainConfig,
    about,
    evaluate,
    load_run,
    suggested,
    table_task,
    train,
    word_task,
)
from wordtensor.words import ValueTable

# The smallest loop that is no group.
LOOP5 = [[0, 1, 2, 3, 4], [1, 0, 3, 4, 2], [2, 4, 0, 1, 3], [3, 2, 4, 0, 1], [4, 3, 1, 2, 0]]


@pytest.mark.parametrize("name", ["C3", "S3", "Q8"])
def test_a_groups_table_is_learned_as_its_product(name):
    G = wt.group(name)
    common = {"width": 20, "steps": 40, "fraction": 0.7, "seed": 3}
    word = train(TrainConfig(group=name, word="a*b", **common))
    table = train(TrainConfig(**common), wt.value_table(G.cayley))
    assert np.array_equal(word.history.train_loss, table.history.train_loss)
    assert np.array_equal(word.history.test_accuracy, table.history.test_accuracy)
    assert np.array_equal(word.model.logits(), table.model.logits())
    assert np.array_equal(word.tasks[0].train_mask(), table.tasks[0].train_mask())


@pytest.mark.parametrize("model", [
    {"model": "hadamard"}, {"model": "perceptron", "activation": "square"}, {"model": "margin"},
    {"model": "mlp"},
], ids=lambda values: values["model"])  # fmt: skip
@pytest.mark.parametrize("changes", [{}, {"batch": 8}, {"loss": "cross entropy"}, {"instances": 2}])
def test_rectangular_tables_are_learned(model, changes):
    table = ValueTable("odd", np.arange(12).reshape(3, 4) % 5, 6)
    config = TrainConfig(table="odd", **model, width=24, steps=150, **changes)
    run = train(config, table)
    assert run.model.shape == (3, 4, 6)
    logits = run.model.logits()
    assert logits.shape[-3:] == (3, 4, 6)
    right = (logits.argmax(-1) == table.values).mean((-2, -1))
    assert right.reshape(-1).tolist() == run.final["train_accuracy"].tolist()
    assert run.final["train_accuracy"].min() == 1


def test_large_rectangular_tables_take_the_way_of_chosen_pairs():
    table = wt.value_table("x/y mod 37")
    config = TrainConfig(table="x/y mod 37", width=8, steps=2, fraction=0.5)
    run = train(config)
    scores = evaluate(run.model, run.tasks, "mse")
    logits, mask = run.model.logits(), run.tasks[0].train_mask()
    wanted = np.eye(37)[table.values]
    losses = np.square(logits - wanted).sum(-1)
    assert scores["train_loss"][0] == pytest.approx(losses[mask].mean(), rel=1e-4)
    assert scores["test_loss"][0] == pytest.approx(losses[~mask].mean(), rel=1e-4)


def test_a_loop_with_a_transformer():
    run = train(TrainConfig(model="transformer", width=16, steps=3), wt.value_table(LOOP5, "loop"))
    assert run.model.shape == (5, 5, 5)
    assert run.config.table == "loop"
    assert "loop: transformer" in str(run)


def test_the_folder_holds_the_table(tmp_path):
    table = ValueTable("mine", LOOP5, 5, rows=tuple("abcde"), labels=tuple("vwxyz"))
    config = TrainConfig(table="mine", width=12, steps=6, fraction=0.6, checkpoints=3)
    whole = train(config, table)
    train(config, table, folder=tmp_path / "run")
    again = load_run(tmp_path / "run")
    task = again.tasks[0]
    assert isinstance(task, TableTask)
    assert task.table == table
    assert (task.table.name, task.table.rows, task.table.labels) == (
        "mine", tuple("abcde"), tuple("vwxyz"),
    )  # fmt: skip
    assert np.array_equal(again.model.logits(), whole.model.logits())
    told = about(tmp_path / "run" / "net.safetensors")
    assert told["values_of"] == "mine"
    assert "word" not in told
    assert train(config, table, folder=tmp_path / "run").begun == 6
    other = dataclasses.replace(table, values=np.array(LOOP5).T)
    with pytest.raises(NetworkError, match="holds a run for another table"):
        train(config, other, folder=tmp_path / "run")


def test_a_formula_in_the_configuration_needs_no_target(tmp_path):
    config = TrainConfig(table="x/y mod 5", width=16, steps=4)
    assert TrainConfig.from_dict(config.to_dict()) == config
    run = train(config, folder=tmp_path)
    assert run.tasks[0].table == wt.value_table("x/y mod 5")
    assert load_run(tmp_path).tasks[0].table.columns == ("1", "2", "3", "4")


def test_splits_are_those_of_words():
    word, table = word_task("a*b", "S3", 0.5, 7), table_task(wt.group("S3").cayley, 0.5, 7)
    for name in ("train", "test", "labels"):
        assert np.array_equal(getattr(word, name), getattr(table, name))
    assert np.array_equal(word.epoch(3), table.epoch(3))


def test_suggested():
    table = suggested(wt.value_table(wt.group("S4").cayley, "mine"))
    word = suggested("a*b", "S4")
    assert table.table == "mine"
    assert table.replace(table="", group="S4") == word
    with pytest.raises(NetworkError, match="over a group"):
        suggested("a*b")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: TrainConfig(table="x+y mod 5", group="S4"), "in place of a word"),
        (lambda: TrainConfig(table="x+y mod 5", word="a*b*a"), "in place of a word"),
        (lambda: TrainConfig(table="x+y mod 5", model="parity"), "in place of a word"),
        (lambda: TrainConfig(table=5), "must be text"),
        (lambda: train(TrainConfig(table="x/y mod 5", model="transformer")), "same tokens"),
        (lambda: train(TrainConfig(table="x+y mod 5"), wt.group("S3")), "a group was passed"),
        (lambda: table_task("x+y mod 5", 0.01), "must be at least 1/25"),
        (lambda: evaluate(HadamardNet(5, 3), [table_task("x/y mod 5")], "mse"), "does not fit"),
    ],
)
def test_what_does_not_fit_is_refused(made, said):
    with pytest.raises(NetworkError, match=said):
        made()


def test_a_name_that_is_no_formula_needs_its_table():
    with pytest.raises(TableError, match="no modulus"):
        train(TrainConfig(table="mine"))


def test_labels_made_on_a_device_make_no_trip_through_the_host():
    code = """
import numpy as np
import torch
from wordtensor.nets import _batches, word_task
task = word_task("b*a*b", "S3", 0.5)
expected = torch.tensor(task.labels)
_batches._MADE_THERE = 36
def sent(*given, **options):
    raise AssertionError("sent from the host")
torch.tensor = sent
# The simulator's device is the CPU.
labels = _batches.device_labels(task, torch.device("cuda:0"))
assert labels.dtype == torch.int64 and torch.equal(labels, expected)
_batches._MADE_THERE = 37
for device in ("cuda:0", "cpu"):
    try:
        _batches.device_labels(task, torch.device(device))
    except AssertionError as error:
        print(error)
"""
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "sent from the host\n" * 2


def test_labels_are_sent_where_numba_finds_no_device(monkeypatch):
    from wordtensor.nets import _batches

    monkeypatch.setattr(_batches, "check_device", _no_device)
    assert not _batches._makes_tables(torch.device("cuda:0"))
    assert not _batches._makes_tables(torch.device("cpu"))
    monkeypatch.setattr(_batches, "check_device", lambda device: None)
    assert _batches._makes_tables(torch.device("cuda:0"))
    assert not _batches._makes_tables(torch.device("cuda:1"))


def _no_device(device):
    raise WordTensorError("there is none")
