"""Training runs in memory: repeatable, many at once as one by one, stopped, interrupted, lost."""

import threading

import numpy as np
import pytest
import torch

from wordtensor import memory_limit
from wordtensor.errors import MemoryLimitError, NetworkError, WordTensorError
from wordtensor.groups import group
from wordtensor.nets import HadamardNet, TensorTask, TrainConfig, evaluate, train
from wordtensor.nets._start import parameter_count
from wordtensor.nets._state import TrainingState
from wordtensor.nets.training import checkpoint_steps, record_steps
from wordtensor.rank import decompose
from wordtensor.words import word_tensor

SCORES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "norm")

RUNS = {
    "grams": {"group": "Q8", "l2": 1e-3},
    "grid": {"group": "C3", "fraction": 0.7},
    "one split": {"group": "S3", "fraction": 0.7, "split_seed": 11},
    "batches": {"group": "Q8", "batch": 7, "optimizer": "sgd", "momentum": 0.9},
    "half in batches": {"group": "D4", "fraction": 0.5, "batch": 9, "optimizer": "adamw"},
    "perceptron": {"group": "S3", "model": "perceptron", "activation": "relu"},
    "margin": {"group": "C3", "model": "margin", "penalty": 1e-3, "loss": "cross entropy"},
    "mlp": {
        "group": "S3", "model": "mlp", "embedding": 6, "loss": "cross entropy",
        "optimizer": "adamw", "weight_decay": 1.0, "fraction": 0.6,
    },
    "transformer": {
        "group": "C3", "model": "transformer", "embedding": 6, "heads": 2, "head_size": 3,
        "fraction": 0.8, "schedule": "linear",
    },
    "parity": {"model": "parity", "bits": 5, "relevant": 2, "optimizer": "gd"},
}  # fmt: skip


@pytest.fixture(params=RUNS)
def config(request):
    return TrainConfig(width=6, steps=12, log_every=4, seed=5, **RUNS[request.param])


def numbers(run):
    """Metrics and weights, without times."""
    return [getattr(run.history, name) for name in ("step", *SCORES)] + [
        *run.model.arrays().values(), *run.first.arrays().values(), run.success_step,
    ]  # fmt: skip


def test_the_same_seed_gives_the_same_numbers(config):
    first, second, other = train(config), train(config), train(config.replace(seed=6))
    for one, two in zip(numbers(first), numbers(second), strict=True):
        np.testing.assert_array_equal(one, two)
    assert first.final["norm"] != other.final["norm"]
    assert len(first.history) == len(record_steps(config))
    assert (first.history.step == record_steps(config)).all()
    assert first.steps == 12 and not first.interrupted


def test_every_instance_is_a_run_of_its_own(config):
    config = config.replace(dtype="float64", instances=3)
    batch = train(config)
    assert batch.final["norm"].shape == (3,)
    for k in range(3):
        single = train(config.replace(seed=5 + k, instances=1))
        for name in SCORES:
            np.testing.assert_allclose(
                getattr(batch.history, name)[:, k], getattr(single.history, name)[:, 0], rtol=1e-8
            )
        for many, one in zip(
            batch.model.instance(k).parameters(), single.model.parameters(), strict=True
        ):
            torch.testing.assert_close(many, one, rtol=1e-7, atol=1e-9)
        assert batch.success_step[k] == single.success_step[0]


@pytest.mark.parametrize("values", [
    {"group": "C3", "width": 6}, {"group": "Q8", "width": 16, "steps": 600},
    {"group": "S3", "width": 30, "model": "perceptron", "activation": "square", "seed": 1},
    {"group": "S3", "width": 12, "model": "mlp", "embedding": 8, "loss": "cross entropy"},
    {"group": "C3", "width": 16, "model": "transformer", "embedding": 8, "heads": 2,
     "head_size": 4, "loss": "cross entropy"},
    {"model": "parity", "bits": 4, "relevant": 2, "width": 12, "penalty": 1e-4, "steps": 400},
])  # fmt: skip
def test_words_are_learned(values):
    run = train(TrainConfig(**({"steps": 300} | values)))
    assert run.final["train_accuracy"][0] == 1
    assert run.final["train_loss"][0] < 0.1 * run.history.train_loss[0, 0]
    assert 0 <= run.success_step[0] <= run.steps
    if values.get("model") != "parity":
        table = word_tensor("a*b", values["group"]).table
        assert (run.model.logits().argmax(-1) == table).all()


def test_another_group_can_be_given():
    G = group("Q8")
    named, given = train(TrainConfig(group="Q8", steps=5)), train(TrainConfig(steps=5), G)
    np.testing.assert_array_equal(named.model.U.detach(), given.model.U.detach())
    assert given.tasks[0].group is G


def test_a_tensor_can_be_given():
    d = decompose("a*b", "C3")
    task = TensorTask(word_tensor("a*b", "C3").to_dense())
    run = train(TrainConfig(width=d.rank + 2, steps=600, learning_rate=0.03, seed=3), task)
    assert run.final["train_loss"][0] < 1e-6
    assert np.isnan(run.final["train_accuracy"]).all()
    assert run.tasks == (task,) and (run.success_step == -1).all()


@pytest.mark.parametrize(("values", "target"), [
    ({"model": "mlp"}, "tensor"), ({"loss": "cross entropy"}, "tensor"), ({"batch": 3}, "tensor"),
    ({"model": "parity"}, "tensor"), ({"fraction": 0.5}, "tensor"), ({"model": "parity"}, "group"),
])  # fmt: skip
def test_targets_that_a_model_cannot_learn(values, target):
    given = group("C3") if target == "group" else TensorTask(np.ones((3, 3, 3)))
    with pytest.raises(NetworkError, match=r"A tensor is learned by|takes no other target"):
        train(TrainConfig(**values), given)


@pytest.mark.parametrize(("values", "error"), [
    ({"group": "Nowhere"}, WordTensorError), ({"word": "a*("}, WordTensorError),
    ({"model": "parity", "relevant": 11}, NetworkError), ({"fraction": 0.001}, NetworkError),
    ({"device": "nowhere"}, NetworkError), ({"device": "xpu"}, NetworkError),
])  # fmt: skip
def test_what_a_configuration_alone_cannot_know(values, error):
    with pytest.raises(error):
        train(TrainConfig(steps=3, **values))


def test_no_steps_at_all():
    run = train(TrainConfig(group="C3", steps=0, width=6))
    np.testing.assert_array_equal(run.model.logits(), HadamardNet(3, 6).logits())
    assert run.history.step.tolist() == [0] and not run.interrupted


def test_training_stops_at_an_accuracy():
    values = {"group": "C3", "width": 12, "steps": 500, "instances": 3, "log_every": 1}
    whole, run = train(TrainConfig(**values)), train(TrainConfig(**values, stop_accuracy=1.0))
    assert run.steps == max(run.success_step) < 500
    np.testing.assert_array_equal(run.success_step, whole.success_step)
    half = train(TrainConfig(**values, stop_accuracy=0.5))
    assert half.steps < run.steps
    assert (half.history.train_accuracy.max(0) >= 0.5).all()


def test_training_stops_at_a_loss():
    run = train(TrainConfig(group="Q8", width=20, steps=500, instances=2, stop_loss=0.05))
    assert run.steps < 500
    assert (run.history.train_loss.min(0) <= 0.05).all()
    assert (run.history.train_loss[:-1].min(0) > 0.05).any()


def test_a_loss_that_was_reached_and_lost_counts():
    training = TrainingState(TrainConfig(group="C3", width=4, instances=2, stop_loss=1e9))
    training.record()
    lowest = training.lowest_loss.copy()
    with torch.no_grad():
        training.net.U[0] = float("nan")
        training.net.U[1] *= 100
    training.record()
    np.testing.assert_array_equal(training.lowest_loss, lowest)
    assert training.finished() and not training.diverged()


def test_accuracy_counts_on_test_pairs_where_there_are_some():
    run = train(TrainConfig(group="S3", width=8, fraction=0.3, steps=200, stop_accuracy=1.0))
    assert run.final["train_accuracy"][0] == 1
    assert run.steps == 200 and run.success_step[0] == -1


def test_the_net_of_the_first_success_is_kept():
    exact = HadamardNet.from_decomposition(decompose("a*b", "C3"))
    config = TrainConfig(group="C3", width=exact.width, instances=3, dtype="float64", seed=20)
    training = TrainingState(config)
    start = training.net.arrays()
    training.record()
    assert training.success_step.tolist() == [-1, -1, -1]
    training.step = 7
    with torch.no_grad():
        for name, value in exact.named_parameters():
            getattr(training.net, name)[1] = value
    training.record()
    assert training.success_step.tolist() == [-1, 7, -1]
    training.step = 9
    with torch.no_grad():
        for name, value in exact.named_parameters():
            getattr(training.net, name)[2] = 2 * value
            getattr(training.net, name)[1] = 0.0
    training.record()
    assert training.success_step.tolist() == [-1, 7, 9]
    with torch.no_grad():
        training.net.U.mul_(5)
    first = training.first_net()
    for name, value in exact.arrays().items():
        np.testing.assert_array_equal(first.arrays()[name][1], value)
        np.testing.assert_array_equal(first.arrays()[name][2], 2 * value)
        # What never succeeded is as at its best record, which is the first of equal ones.
        np.testing.assert_array_equal(first.arrays()[name][0], start[name][0])


@pytest.mark.parametrize("instances", [1, 4])
def test_the_best_net_is_the_last_unless_that_got_worse(instances):
    config = TrainConfig(
        group="S3", width=16, fraction=0.9, loss="cross entropy", optimizer="adamw", steps=200,
        weight_decay=2, learning_rate=0.03, log_every=10, instances=instances,
    )  # fmt: skip
    run = train(config)
    lost = run.best_step < 200
    assert lost.any()
    for name, value in run.best.arrays().items():
        first, last = run.first.arrays()[name], run.model.arrays()[name]
        if instances == 1:
            np.testing.assert_array_equal(value, first)
        else:
            wanted = np.where(lost.reshape(-1, *[1] * (value.ndim - 1)), first, last)
            np.testing.assert_array_equal(value, wanted)
    succeeded = run.success_step >= 0
    assert (run.best_accuracy[succeeded] == 1).all() and (run.best_accuracy[~succeeded] < 1).all()
    both = succeeded & lost
    np.testing.assert_array_equal(run.best_step[both], run.success_step[both])
    scores = evaluate(run.best, run.tasks, config.loss)
    np.testing.assert_array_equal(scores["test_accuracy"], run.best_accuracy)


def test_without_success_the_best_net_is_right_on_most_pairs():
    """Not the one with the luckiest guesses on the few test pairs, which may be untrained."""
    run = train(TrainConfig(group="Q8", width=8, fraction=0.3, steps=200))
    assert run.success_step[0] == -1
    history = run.history
    right = 0.3 * history.train_accuracy[:, 0] + 0.7 * history.test_accuracy[:, 0]
    at = history.step.tolist().index(run.best_step[0])
    assert right[at] == right.max() and history.train_accuracy[at, 0] > 0.9


def test_a_tensor_has_no_accuracy_and_its_best_net_is_the_last():
    task = TensorTask(word_tensor("a*b", "C3").to_dense())
    run = train(TrainConfig(width=9, steps=20), task)
    assert run.best is run.model and run.best_step.tolist() == [20]
    assert np.isnan(run.best_accuracy).all() and run.to_dict()["best_accuracy"] == [None]


def test_a_single_net_keeps_its_first_success_too():
    config = TrainConfig(group="C3", width=12, steps=200, log_every=1)
    run = train(config)
    at = train(config.replace(steps=int(run.success_step[0])))
    assert 0 < run.success_step[0] < 200
    np.testing.assert_array_equal(run.first.logits(), at.model.logits())
    assert np.abs(run.first.logits() - run.model.logits()).max() > 0.01


def test_callbacks_get_every_record():
    rows = []
    config = TrainConfig(group="S3", fraction=0.7, steps=20, instances=2, log_every=5)
    run = train(config, callback=rows.append)
    assert [row["step"] for row in rows] == run.history.step.tolist()
    assert [row["seconds"] for row in rows] == run.history.seconds.tolist()
    assert rows[0].keys() == {"step", "seconds", *SCORES}
    for name in SCORES:
        np.testing.assert_array_equal([row[name] for row in rows], getattr(run.history, name))
    assert (np.diff(run.history.seconds) >= 0).all()


def interrupt_at(step):
    def callback(row):
        if row["step"] == step:
            raise KeyboardInterrupt

    return callback


@pytest.mark.parametrize("step", [0, 4])
def test_an_interrupt_from_a_callback_keeps_the_run(step, config):
    run = train(config, callback=interrupt_at(step))
    assert run.interrupted and run.steps == step == run.history.step[-1]
    short = train(config.replace(steps=step, schedule="constant"))
    if config.schedule == "constant":
        for one, two in zip(run.model.parameters(), short.model.parameters(), strict=True):
            torch.testing.assert_close(one, two)


def test_an_interrupt_at_the_last_step_comes_too_late(config):
    run = train(config, callback=interrupt_at(12))
    assert run.steps == 12 and not run.interrupted


def test_other_errors_of_a_callback_come_through():
    def broken(row):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(TrainConfig(group="C3", steps=3), callback=broken)


def test_training_off_the_main_thread():
    config, runs = TrainConfig(group="C3", steps=5), []
    thread = threading.Thread(target=lambda: runs.append(train(config)))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(runs[0].model.logits(), train(config).model.logits())


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_threads_are_given_back(threads):
    before = torch.get_num_threads()
    seen = []
    train(
        TrainConfig(group="C3", steps=2, threads=threads),
        callback=lambda row: seen.append(torch.get_num_threads()),
    )
    assert set(seen) == {threads or 1}
    assert torch.get_num_threads() == before
    with pytest.raises(NetworkError):
        train(TrainConfig(group="C3", steps=2, threads=2, device="nowhere"))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("instances", [1, 2])
@pytest.mark.parametrize("loss", ["mse", "cross entropy"])
def test_a_diverged_run_says_so(loss, instances):
    config = TrainConfig(
        group="Q8", optimizer="gd", learning_rate=1e8, steps=100, loss=loss, instances=instances
    )
    with pytest.raises(NetworkError, match=r"infinite.*lower the learning rate \(1000*"):
        train(config)


@pytest.mark.parametrize("model", [
    {"model": "hadamard", "scale": 1.0}, {"model": "mlp", "embedding": 4},
    {"model": "transformer", "embedding": 4, "heads": 2, "head_size": 2},
], ids=lambda values: values["model"])  # fmt: skip
@pytest.mark.parametrize("fraction", [1.0, 0.6])
def test_a_diverged_instance_leaves_the_others_alone(fraction, model):
    config = TrainConfig(
        group="C3", optimizer="gd", learning_rate=(0.01, 1e12, 0.02), instances=3, steps=50,
        fraction=fraction, width=5, **model,
    )  # fmt: skip
    run = train(config)
    assert np.isnan(run.final["norm"]).tolist() == [False, True, False]
    assert run.success_step[1] == -1
    for k in (0, 2):
        own = config.replace(seed=k, instances=1, learning_rate=config.learning_rate[k])
        single = train(own)
        np.testing.assert_allclose(
            run.final["train_loss"][k], single.final["train_loss"][0], rtol=1e-4
        )


@pytest.mark.parametrize("values", [
    {"group": "S4", "width": 10**5}, {"width": 10**9}, {"instances": 10**9},
    {"instances": 10**9, "fraction": 0.5},
    {"model": "mlp", "embedding": 10**9}, {"model": "transformer", "embedding": 10**6},
    {"model": "mlp", "embedding": 2**62}, {"model": "transformer", "embedding": 2**40},
    {"model": "parity", "bits": 16}, {"width": 2**62},
    {"instances": 2**62, "batch": 10, "fraction": 0.5},
])  # fmt: skip
def test_memory_is_guarded_before_it_is_taken(values):
    config = TrainConfig(**({"width": 256} | values))
    with memory_limit(0.125), pytest.raises(MemoryLimitError, match=r"[MG]iB.*Lower 'batch'"):
        train(config)


def test_the_guard_lets_pass_what_fits():
    config = TrainConfig(group="S3", width=16, steps=1)
    with memory_limit(1e-5), pytest.raises(MemoryLimitError):
        train(config)
    with memory_limit(1e-4):
        assert train(config).steps == 1


@pytest.mark.parametrize("config_of", RUNS)
def test_parameters_are_counted_without_making_them(config_of):
    config = TrainConfig(width=6, instances=3, **RUNS[config_of])
    training = TrainingState(config)
    wanted = sum(p.numel() for p in training.net.parameters())
    assert parameter_count(config, training.tasks[0]) == wanted


@pytest.mark.parametrize("steps", [0, 1, 2, 7, 1000])
@pytest.mark.parametrize("log_every", [0, 3, 5000])
def test_steps_of_records(steps, log_every):
    config = TrainConfig(steps=steps, log_every=log_every)
    taken = record_steps(config).tolist()
    assert taken == sorted(set(taken))
    assert taken[0] == 0 and taken[-1] == steps
    assert set(range(0, steps + 1, config.record_every)) <= set(taken)
    assert steps < 2 or 1 in taken
    assert len(taken) <= steps / config.record_every + 10


@pytest.mark.parametrize("steps", [0, 1, 5, 1000])
def test_steps_of_checkpoints(steps):
    assert checkpoint_steps(TrainConfig(steps=steps)).tolist() == []
    taken = checkpoint_steps(TrainConfig(steps=steps, checkpoints=8)).tolist()
    assert taken[0] == 0 and taken[-1] == steps
    assert taken == sorted(set(taken)) and len(taken) <= 9
