"""Gradients: whichever way they are computed, they are those of the definition."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from wordtensor.nets import TensorTask, TrainConfig, _lookup_step
from wordtensor.nets._batches import Batches
from wordtensor.nets._gradients import make_gradients
from wordtensor.nets._start import make_model, make_tasks

ROUTES = {
    "grams": {},
    "part": {"fraction": 0.7},
    "split": {"fraction": 0.7, "split_seed": 9},
    "batches": {"fraction": 0.7, "batch": 4},
    "batches of all": {"batch": 4},
}
MODELS = {
    "hadamard": {"model": "hadamard", "width": 5},
    "perceptron": {"model": "perceptron", "width": 5, "activation": "sigmoid"},
    "margin": {"model": "margin", "width": 5},
    "mlp": {"model": "mlp", "width": 5, "embedding": 4},
    "transformer": {
        "model": "transformer", "width": 5, "embedding": 4, "heads": 2, "head_size": 3,
    },
}  # fmt: skip


def plain_loss(name, logits, labels):
    """One net's mean loss in the words of torch."""
    if name == "cross entropy":
        return F.cross_entropy(logits, labels)
    return F.mse_loss(logits, F.one_hot(labels, logits.shape[-1]).to(logits)) * logits.shape[-1]


def check_gradients(config, tasks, net, step, plain):
    """Hold the gradients of a step against a function of each single net and its task."""
    for recorded in (False, True):
        check_way(config, tasks, net, step, plain, recorded)


def check_way(config, tasks, net, step, plain, recorded):
    gradients = make_gradients(config, tasks, net, recorded)
    for again in (0, 1):  # what an earlier step left behind is written over
        gradients(Batches(config, tasks, net.device)(step))
        for k in range(config.instances):
            single = net.instance(k)
            plain(single, tasks[k if len(tasks) > 1 else 0]).backward()
            for ours, theirs in zip(net.parameters(), single.parameters(), strict=True):
                gradient = ours.grad if net.instances is None else ours.grad[k]
                torch.testing.assert_close(gradient, theirs.grad, msg=f"time {again}")


@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("loss", ["mse", "cross entropy"])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("group", ["C3", "Q8", "S3"])
def test_words(group, route, model, loss, instances):
    config = TrainConfig(
        group=group, word="a*b*a^-1", loss=loss, instances=instances, seed=3, dtype="float64",
        **MODELS[model], **ROUTES[route],
    )  # fmt: skip
    tasks = make_tasks(config)
    for step in (0, 1, 40) if config.batch else (0,):
        net = make_model(config, tasks)

        def plain(single, task, step=step):
            chosen, size = task.train, config.batch
            if size:
                epoch, place = divmod(step, -(-len(chosen) // size))
                parts = np.array_split(task.epoch(epoch), range(size, len(chosen), size))
                chosen = parts[place]
            logits = single(torch.tensor(chosen // task.order), torch.tensor(chosen % task.order))
            return plain_loss(loss, logits, torch.tensor(task.labels[chosen]))

        check_gradients(config, tasks, net, step, plain)


@pytest.mark.parametrize("cache", [1, 3000, 80_000, 2**20], ids=lambda size: f"{size} bytes")
@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("loss", ["mse", "cross entropy"])
@pytest.mark.parametrize(
    "kind",
    [
        {"model": "hadamard"},
        {"model": "mlp", "embedding": 3},
        *({"model": "perceptron", "activation": s} for s in ("relu", "sigmoid", "square", "abs")),
    ],
    ids=lambda kind: kind.get("activation", kind["model"]),
)
def test_many_pairs_are_taken_a_few_at_a_time(kind, loss, instances, cache, monkeypatch):
    """120 pairs one by one, a few at a time with fewer at last, all at once; and so instances."""
    monkeypatch.setattr(_lookup_step, "_CACHE", cache)
    config = TrainConfig(
        group="D6", width=3, fraction=0.84, loss=loss, dtype="float64", instances=instances, **kind
    )
    tasks = make_tasks(config)
    net = make_model(config, tasks)
    net.grid = net.hidden_grid = None

    def plain(single, task):
        a, b = (torch.tensor(x) for x in np.divmod(task.train, 12))
        return plain_loss(loss, single(a, b), torch.tensor(task.labels[task.train]))

    check_gradients(config, tasks, net, 0, plain)


@pytest.mark.parametrize("cache", [1, 2000, 2**20], ids=lambda size: f"{size} bytes")
@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("group", ["C3", "Q8", "D6"])
def test_the_gram_route_takes_some_rows_at_a_time(group, instances, cache, monkeypatch):
    monkeypatch.setattr(_lookup_step, "_CACHE", cache)
    config = TrainConfig(group=group, word="a*b*a", width=1, dtype="float64", instances=instances)
    tasks = make_tasks(config)
    n = tasks[0].order
    net = make_model(config, tasks)
    a, b = (torch.tensor(x) for x in np.divmod(np.arange(n * n), n))

    def plain(single, task):
        return plain_loss("mse", single(a, b), torch.tensor(task.labels))

    check_gradients(config, tasks, net, 0, plain)


class Largest(TorchDispatchMode):
    """Remembers the size of the largest tensor that any operation gives."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        given = [part for part in tree_leaves(result) if isinstance(part, torch.Tensor)]
        self.numbers = max([self.numbers, *(part.numel() for part in given)])
        return result


def test_the_gram_route_never_holds_all_neurons():
    """On 120^2 pairs with 200 neurons each there are 2.9 million."""
    config = TrainConfig(group="S5", width=200)
    tasks = make_tasks(config)
    gradients = make_gradients(config, tasks, make_model(config, tasks))
    with Largest() as largest:
        gradients(None)
    assert 120 * 200 <= largest.numbers <= 2**20 / 8


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "square", "abs"])
def test_a_net_that_is_no_number_stays_so(activation, recorded):
    """A diverged net must not come to look sound."""
    config = TrainConfig(group="Q8", model="perceptron", activation=activation, width=4)
    tasks = make_tasks(config)
    net = make_model(config, tasks)
    with torch.no_grad():
        net.U[3, 2] = torch.nan
    make_gradients(config, tasks, net, recorded)(None)
    assert net.U.grad[3].isnan().any() and net.W.grad[:, 2].isnan().all()


def test_the_gram_route_makes_no_grid():
    config = TrainConfig(group="Q8", width=5)
    tasks = make_tasks(config)
    net = make_model(config, tasks)
    net.hidden = net.hidden_grid = net.forward = net.grid = None
    make_gradients(config, tasks, net)(None)
    assert all(parameter.grad.isfinite().all() for parameter in net.parameters())


@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("loss", ["mse", "cross entropy"])
def test_parities(loss, instances):
    config = TrainConfig(
        model="parity", bits=5, relevant=3, width=4, loss=loss, instances=instances,
        dtype="float64",
    )  # fmt: skip
    tasks = make_tasks(config)
    net = make_model(config, tasks)
    assert net.sizes["power"] == 3

    def plain(single, task):
        return plain_loss(loss, single(torch.tensor(task.inputs)), torch.tensor(task.labels))

    check_gradients(config, tasks, net, 0, plain)


@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("shape", [(3, 3, 3), (2, 3, 4), (5, 1, 2)])
def test_tensors(shape, instances):
    target = np.random.default_rng(0).normal(size=shape)
    config = TrainConfig(width=4, instances=instances, dtype="float64")
    tasks = make_tasks(config, TensorTask(target))
    net = make_model(config, tasks)
    assert net.shape == shape

    def plain(single, task):
        T = torch.tensor(task.target)
        reached = torch.einsum("ar,br,cr->abc", *single.parameters())
        return (reached - T).square().sum() / T.square().sum()

    check_gradients(config, tasks, net, 0, plain)


def test_a_word_is_a_tensor():
    """The gradients of a word are those of its tensor: n^2 ones have the squared norm n^2."""
    config = TrainConfig(group="Q8", word="a*b", width=4, dtype="float64")
    words = make_tasks(config)
    dense = np.eye(8)[words[0].labels.reshape(8, 8)]
    found = []
    for tasks in (words, [TensorTask(dense)]):
        net = make_model(config, words)
        make_gradients(config, tasks, net)(None)
        found.append([parameter.grad for parameter in net.parameters()])
    torch.testing.assert_close(*found)


def test_tasks_are_shared_where_they_are_equal():
    def count(**values):
        return len(make_tasks(TrainConfig(group="C3", instances=3, **values)))

    assert count() == 1
    assert count(fraction=0.5) == 3
    assert count(fraction=0.5, split_seed=1) == 1
    assert count(batch=2) == 3
    assert count(batch=2, split_seed=1, fraction=0.5) == 1
    tasks = make_tasks(TrainConfig(group="C3", instances=3, seed=4, fraction=0.5))
    assert [task.seed for task in tasks] == [4, 5, 6]
