"""What a run tells: history, dictionary, table, and the bar on standard error."""

import json
from dataclasses import replace

import numpy as np
import pytest

from wordtensor import __version__
from wordtensor.nets import History, TrainConfig, train
from wordtensor.nets._progress import show_training


@pytest.fixture(scope="module")
def run():
    return train(TrainConfig(group="C3", width=12, steps=100, instances=3, seed=1))


def test_histories():
    rows = [
        {"step": step, "seconds": step / 2, "train_loss": [1.0, None], "test_loss": [None, 2.0],
         "train_accuracy": [0.5, 1.0], "test_accuracy": [0.0, 1.0], "norm": [3.0, 4.0]}
        for step in (0, 5)
    ]  # fmt: skip
    history = History.from_records(iter(rows))
    assert len(history) == 2 and repr(history) == "History(2 records, last step 5)"
    assert history.step.tolist() == [0, 5] and history.seconds.tolist() == [0.0, 2.5]
    np.testing.assert_array_equal(history.train_loss, [[1, np.nan]] * 2)
    np.testing.assert_array_equal(history.test_loss, [[np.nan, 2]] * 2)
    with pytest.raises(ValueError, match="read-only"):
        history.norm[0] = 1
    assert repr(History.from_records([])) == "History(0 records)"


def test_final_metrics_are_the_last_ones(run):
    assert set(run.final) == {
        "train_loss", "test_loss", "train_accuracy", "test_accuracy", "norm",
    }  # fmt: skip
    for name, values in run.final.items():
        np.testing.assert_array_equal(values, getattr(run.history, name)[-1])
    assert run.version == __version__ and run.folder is None
    assert repr(run) == "Run('a*b', 'C3', 'hadamard', width=12, instances=3, steps=100)"


def test_dictionaries_are_json(run):
    values = json.loads(json.dumps(run.to_dict(), allow_nan=False))
    assert TrainConfig.from_dict(values["config"]) == run.config
    assert values["test_loss"] == [None] * 3
    assert values["train_loss"] == run.final["train_loss"].tolist()
    assert values["success_step"] == run.success_step.tolist()
    assert (values["steps"], values["interrupted"]) == (100, False)


def test_tables(run):
    text = str(run)
    lines = text.splitlines()
    assert lines[0].startswith("a*b over C3: hadamard, width 12, 3 instances, 100 steps in ")
    rows = {line[:16].strip(): line[16:].split() for line in lines[3 : lines.index("", 2)]}
    assert set(rows) == {"train loss", "train accuracy", "norm"}  # nothing was tested
    losses = run.final["train_loss"]
    assert rows["train loss"] == [f"{np.median(losses):.6g}", f"{losses.min():.6g}"]
    assert rows["train accuracy"] == ["1", "1"]
    steps = int(np.median(run.success_step))
    assert lines[-3:] == [
        "It trained on 9 of 9 pairs (fraction 1); the loss is mse.",
        "It ended after all of its 100 steps.",
        f"An accuracy of 1 on training pairs was reached by 3 of 3, at step {steps} (median); at "
        "the end 3 of 3 have it.",
    ]


def test_a_run_says_why_it_ended_and_what_was_lost_again():
    run = train(TrainConfig(group="C3", width=12, steps=1000, stop_accuracy=1.0))
    assert f"It ended at step {run.steps} of 1000, since every instance had" in str(run)
    run = train(TrainConfig(group="C3", width=12, steps=1000, stop_loss=0.5))
    assert f"It ended at step {run.steps} of 1000, since every loss was at most 0.5" in str(run)
    run = train(TrainConfig(group="C3", width=12, steps=2, fraction=0.7, l2=1e-3))
    for share, advice in (
        (1.0, ": the pairs shown do not lead to the others so. A larger fraction (it was 0.7), "),
        (0.5, "; there it was right on 0.5 of its training pairs only, so it has not learned these "
              "yet. More steps, less l2 or a larger width may help."),
    ):  # fmt: skip
        trained = np.full_like(run.history.train_accuracy, share)
        said = str(replace(run, history=replace(run.history, train_accuracy=trained)))
        said = said.splitlines()[-1]
        assert said.startswith("No instance ever had an accuracy of 1 on test pairs. The best was ")
        assert f", at step {run.best_step[0]}{advice}" in said
    wrong = np.zeros_like(run.history.test_accuracy)
    lost = replace(
        run, success_step=np.array([1]), history=replace(run.history, test_accuracy=wrong)
    )
    assert "was reached by 1 of 1, at step 1 (median); at the end 0 of 1 have it" in str(lost)


def test_a_run_names_the_instances_that_succeeded():
    run = train(TrainConfig(group="C3", width=12, steps=60, instances=6, seed=10))
    for steps, said in (
        ([-1, 5, -1, -1, -1, -1], " have it. It was instance 1, which has seed 11."),
        ([7, 5, 3, -1, 9, -1], " have it. They were the instances 0-2 and 4, which have the seeds "
                               "10-12 and 14."),
        ([7, 5, 3, 1, 9, 2], " have it."),
    ):  # fmt: skip
        assert str(replace(run, success_step=np.array(steps))).endswith(said)


def test_tables_of_parities_and_interrupted_runs():
    def stop(row):
        raise KeyboardInterrupt

    text = str(train(TrainConfig(model="parity", bits=4, relevant=2, width=3), callback=stop))
    assert text.startswith("parity: parity, width 3, 1 instance, 0 steps in ")
    assert "(interrupted)" in text.splitlines()[0]
    assert "was reached by" not in text and "It was interrupted after 0 of" in text


def test_progress_is_on_standard_error_and_only_if_asked(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    config = TrainConfig(group="C3", fraction=0.7, steps=4)
    train(config)
    assert capsys.readouterr() == ("", "")
    run = train(config, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    loss, accuracy = run.final["train_loss"][0], run.final["test_accuracy"][0]
    for part in ("a*b over C3", "4/4", f"loss {loss:.1e}, test accuracy {accuracy:.3f}"):
        assert part in err
    np.testing.assert_array_equal(run.model.logits(), train(config).model.logits())


def test_progress_of_lost_instances_and_odd_words(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    config = TrainConfig(word="[a,b]", steps=4, instances=2)
    nothing = [None, None]
    row = {
        "step": 4,
        "seconds": 1.5,
        "train_loss": nothing,
        "train_accuracy": [0.5, 1.0],
        "test_accuracy": nothing,
    }
    with show_training(config, True) as show:
        show(row)
    err = capsys.readouterr().err
    assert "[a,b] over S3" in err
    assert "train accuracy 1.000" in err and "loss" not in err
