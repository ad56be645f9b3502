"""Evaluation: losses and accuracies of either part of the pairs, instance by instance."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from wordtensor.errors import NetworkError
from wordtensor.nets import (
    EmbeddingMLP,
    HadamardNet,
    OneLayerTransformer,
    ParityNet,
    TensorTask,
    evaluate,
    evaluation,
    parity_task,
    word_task,
)
from wordtensor.rank import decompose

NAMES = ["train_loss", "test_loss", "train_accuracy", "test_accuracy", "norm"]


def plain(net, task, loss):
    """Scores of a single net in plain numpy."""
    logits = torch.tensor(net.logits().reshape(-1, task.order)).double()
    labels = torch.tensor(task.labels)
    if loss == "mse":
        losses = (logits - F.one_hot(labels, task.order)).square().sum(-1).numpy()
    else:
        losses = F.cross_entropy(logits, labels, reduction="none").numpy()
    right = (logits.argmax(-1) == labels).numpy()
    norm = sum((p.astype(float) ** 2).sum() for p in net.arrays().values())
    parts = (task.train, task.test)
    return [*(losses[p].mean() for p in parts), *(right[p].mean() for p in parts), norm]


@pytest.mark.parametrize("chunk", [2**26, 600, 1])
@pytest.mark.parametrize("loss", ["mse", "cross entropy"])
@pytest.mark.parametrize("name", ["C3", "Q8", "S3"])
def test_scores_of_many_instances(name, loss, chunk, monkeypatch):
    monkeypatch.setattr(evaluation, "_AT_ONCE", chunk)
    n = word_task("a*b", name).order
    nets = [
        HadamardNet(n, 5, seed=(1, 2, 3)),
        EmbeddingMLP(n, 4, 3, seed=(1, 2, 3)),
        OneLayerTransformer(n, 4, 3, 2, 2, seed=(1, 2, 3)),
    ]
    own = [word_task("a*b", name, 0.7, seed) for seed in (1, 2, 3)]
    for net in nets:
        for tasks in (own, own[:1]):
            scores = evaluate(net, tasks, loss)
            assert list(scores) == NAMES
            for k in range(3):
                wanted = plain(net.instance(k), tasks[k if len(tasks) > 1 else 0], loss)
                for key, value in zip(NAMES, wanted, strict=True):
                    assert scores[key][k] == pytest.approx(value, rel=1e-5)
        single = evaluate(net.instance(1), own[1:2], loss)
        assert {key: value.shape for key, value in single.items()} == {k: (1,) for k in NAMES}


def test_wide_nets_are_evaluated_in_pieces(monkeypatch):
    monkeypatch.setattr(evaluation, "_AT_ONCE", 1000)
    net = HadamardNet(3, 500)
    net.grid = net.hidden_grid = None
    sizes = []
    hidden = net.hidden
    net.hidden = lambda a, b: sizes.append(len(a)) or hidden(a, b)
    evaluate(net, [word_task("a*b", "C3")], "mse")
    assert sizes == [2, 2, 2, 2, 1]
    transformer = OneLayerTransformer(3, 500, 3, 2, 2)
    transformer.grid = transformer.hidden_grid = None  # of all pairs, for each piece anew
    assert np.isfinite(evaluate(transformer, [word_task("a*b", "C3")], "mse")["train_loss"])


def test_parities():
    task = parity_task(4, 2)
    # (x1 + x2)^2 - (x1 - x2)^2 = 4 x1 x2, once with the right sign and once with the wrong one.
    U = np.array([[1.0, 1], [1, -1], [0, 0], [0, 0]])
    W = np.array([[1.0, -1], [-1, 1]])
    net = ParityNet(4, 2, 2, seed=(1, 2), dtype=torch.float64)
    net.assign({"U": np.stack([U, U]), "W": np.stack([W, -W])})
    scores = evaluate(net, [task], "cross entropy")
    assert scores["train_accuracy"].tolist() == [1.0, 0.0]
    assert scores["train_loss"] == pytest.approx([np.log1p(np.exp(-8)), 8 + np.log1p(np.exp(-8))])
    assert scores["norm"].tolist() == [8.0, 8.0]
    assert np.isnan(scores["test_loss"]).all() and np.isnan(scores["test_accuracy"]).all()


def test_tensors_are_measured_in_double_precision():
    d = decompose("a*b", "Q8")
    net = HadamardNet.from_decomposition(d)
    task = TensorTask(np.einsum("ar,br,cr->abc", *d.factors))
    scores = evaluate(net, [task], "mse")
    assert scores["train_loss"][0] < 1e-25
    with torch.no_grad():
        net.U.mul_(1 + 1e-6)
    assert evaluate(net, [task], "mse")["train_loss"][0] == pytest.approx(1e-12, rel=1e-3)
    assert np.isnan(scores["train_accuracy"]).all()


def test_nan_is_wrong_nowhere_else():
    net = HadamardNet(3, 4, seed=(1, 2))
    with torch.no_grad():
        net.U[0] = float("nan")
    scores = evaluate(net, [word_task("a*b", "C3", 0.7)], "mse")
    for key in ("train_loss", "test_loss", "norm"):
        assert np.isnan(scores[key]).tolist() == [True, False]


@pytest.mark.parametrize(("net", "tasks", "loss"), [
    (HadamardNet(3, 4), [word_task("a*b", "C3")], "hinge"),
    (HadamardNet(3, 4), [word_task("a*b", "S3")], "mse"),
    (HadamardNet(8, 4), [word_task("a*b", "S3")], "mse"),
    (HadamardNet(3, 4), [word_task("a*b", "C3")] * 2, "mse"),
    (HadamardNet(3, 4, seed=(1, 2)), [word_task("a*b", "C3")] * 3, "mse"),
    (HadamardNet(3, 4), [parity_task(3, 2)], "mse"),
    (ParityNet(3, 4, 2), [word_task("a*b", "C3")], "mse"),
    (ParityNet(3, 4, 2), [parity_task(4, 2)], "mse"),
    (EmbeddingMLP(3, 4, 2), [TensorTask(np.ones((3, 3, 3)))], "mse"),
    (HadamardNet(3, 4), [TensorTask(np.ones((3, 3, 2)))], "mse"),
])  # fmt: skip
def test_nets_that_do_not_fit(net, tasks, loss):
    with pytest.raises(NetworkError, match=r"fit|'loss'"):
        evaluate(net, tasks, loss)
