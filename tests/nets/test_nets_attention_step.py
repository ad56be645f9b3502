"""The transformer's step: losses and gradients are those of autograd over the whole net."""

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from wordtensor.nets import OneLayerTransformer, word_task
from wordtensor.nets import _attention_step as step
from wordtensor.nets._attention_step import attention_gradients
from wordtensor.nets._losses import LOSSES

CPU = torch.device("cpu")


def make(group, instances=None, fraction=0.6, dtype=torch.float64):
    """A small net, or many, with weights away from their start, and a task for each."""
    seeds = range(instances or 1)
    tasks = [word_task("a*b", group, fraction, seed) for seed in seeds]
    net = OneLayerTransformer(
        tasks[0].order, 5, 4, 2, 3, seed=0 if instances is None else list(seeds), dtype=dtype
    )
    return moved(net, 2.0), tasks


def moved(net, factor):
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(factor)
    return net


def written_out(W_E, W_pos, W_Q, W_K, W_V, W_O, W_in, W_out, W_U, index):
    """The logits as the paper has them, of one net."""
    n = W_U.shape[1]
    x = W_E[torch.stack([index // n, index % n, torch.full_like(index, n)], 1)] + W_pos
    query, key, value = (torch.einsum("ptd,hdk->phtk", x, W) for W in (W_Q, W_K, W_V))
    scores = query @ key.mT / W_Q.shape[-1] ** 0.5
    pattern = scores.masked_fill(torch.ones(3, 3).triu(1) > 0, float("-inf")).softmax(-1)
    last = (x + torch.einsum("phtk,hkd->ptd", pattern @ value, W_O))[:, -1]
    return (last + torch.relu(last @ W_in) @ W_out) @ W_U


def by_autograd(net, tasks, loss, index):
    """Losses and gradients of the nets as they are written out."""
    weights = [p.detach().clone().requires_grad_() for p in net.parameters()]
    parts = [weights] if net.instances is None else zip(*weights, strict=True)
    rows = index.expand(net.instances or 1, index.shape[-1])
    labels = torch.tensor(tasks[0].labels)
    losses = torch.stack([
        LOSSES[loss](written_out(*part, row), labels[row]).mean()
        for part, row in zip(parts, rows, strict=True)
    ])  # fmt: skip
    losses = losses[0] if net.instances is None else losses
    return losses, torch.autograd.grad(losses.sum(), weights)


def training_pairs(net, tasks):
    each = [task.train for task in tasks]
    return torch.tensor(each[0] if net.instances is None else np.stack(each))


def check(net, tasks, loss, index=None):
    """Hold a second call, at other weights, against autograd."""
    gradients = attention_gradients(tasks, loss, CPU)
    gradients(net, index)
    memory = [parameter.grad.data_ptr() for parameter in net.parameters()]
    moved(net, 0.7)
    losses = gradients(net, index)
    chosen = training_pairs(net, tasks) if index is None else index
    wanted, slopes = by_autograd(net, tasks, loss, chosen)
    torch.testing.assert_close(losses, wanted.detach(), rtol=1e-12, atol=1e-12)
    for parameter, slope in zip(net.parameters(), slopes, strict=True):
        torch.testing.assert_close(parameter.grad, slope, rtol=0.0, atol=1e-10)
    assert [parameter.grad.data_ptr() for parameter in net.parameters()] == memory


@pytest.mark.parametrize("size", [1, 5, 40, 2048])
@pytest.mark.parametrize("instances", [None, 1, 3])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("group", ["C3", "Q8"])
def test_training_pairs(group, loss, instances, size, monkeypatch):
    monkeypatch.setitem(step._PAIRS, "cpu", size)
    check(*make(group, instances), loss)


@pytest.mark.parametrize("instances", [None, 2])
@pytest.mark.parametrize("loss", LOSSES)
def test_one_pair(loss, instances):
    check(*make("C3", instances, fraction=1 / 9), loss)


@pytest.mark.parametrize("size", [3, 2048])
@pytest.mark.parametrize(
    ("instances", "shape"), [(None, (7,)), (3, (7,)), (3, (3, 7)), (1, (1, 7))]
)
def test_given_pairs(instances, shape, size, monkeypatch):
    """Minibatches: in any order, with the same pair twice, shared or one for each net."""
    monkeypatch.setitem(step._PAIRS, "cpu", size)
    index = torch.randint(64, shape, generator=torch.Generator().manual_seed(3))
    check(*make("Q8", instances), "cross entropy", index)


def test_given_pairs_of_changing_number():
    net, tasks = make("Q8", 2)
    gradients = attention_gradients(tasks, "mse", CPU)
    for index in (None, torch.arange(9), torch.arange(50, 52), None):
        losses = gradients(net, index)
        wanted, slopes = by_autograd(
            net, tasks, "mse", training_pairs(net, tasks) if index is None else index
        )
        torch.testing.assert_close(losses, wanted.detach())
        for parameter, slope in zip(net.parameters(), slopes, strict=True):
            torch.testing.assert_close(parameter.grad, slope, rtol=0.0, atol=1e-10)


def test_one_task_for_all_nets():
    net, tasks = make("Q8", 3)
    gradients = attention_gradients(tasks[:1], "mse", CPU)
    wanted, slopes = by_autograd(net, tasks, "mse", torch.tensor(tasks[0].train))
    torch.testing.assert_close(gradients(net, None), wanted.detach())
    torch.testing.assert_close(net.W_E.grad, slopes[0], rtol=0.0, atol=1e-10)


@pytest.mark.parametrize("size", [10, 2048])
def test_a_net_among_others(size, monkeypatch):
    """One after another, a net's gradients are those that it has alone, to the last bit."""
    monkeypatch.setitem(step._PAIRS, "cpu", size)
    nets, tasks = make("Q8", 3, dtype=torch.float32)
    losses = attention_gradients(tasks, "cross entropy", CPU)(nets, None)
    for k, task in enumerate(tasks):
        single = nets.instance(k)
        alone = attention_gradients([task], "cross entropy", CPU)(single, None)
        exact = {"rtol": 0.0, "atol": 0.0} if size == 10 else {}
        torch.testing.assert_close(losses[k], alone, **exact)
        for ours, theirs in zip(single.parameters(), nets.parameters(), strict=True):
            torch.testing.assert_close(ours.grad, theirs.grad[k], **exact)


def test_no_value_is_read():
    """A CUDA graph can hold the step: with tensors that have no values, it runs all the same."""
    task = word_task("a*b", "Q8", 0.6)
    with FakeTensorMode():
        net = OneLayerTransformer(8, 5, 4, 2, 3, seed=[0, 1])
        gradients = attention_gradients([task], "cross entropy", CPU)
        assert gradients(net, None).shape == (2,)
        assert gradients(net, torch.arange(9)).shape == (2,)


@pytest.mark.parametrize("instances", [None, 2])
def test_autograd_through_the_net(instances):
    """What the net itself gives, logits and gradients, is the same."""
    net, tasks = make("Q8", instances)
    index = torch.arange(64)
    logits = net(index // 8, index % 8)
    loss = LOSSES["mse"](logits, torch.tensor(tasks[0].labels).expand(logits.shape[:-1])).mean(-1)
    wanted, slopes = by_autograd(net, tasks, "mse", index)
    torch.testing.assert_close(loss, wanted)
    ours = torch.autograd.grad(loss.sum(), list(net.parameters()))
    torch.testing.assert_close(ours, slopes, rtol=0.0, atol=1e-10)


def test_elements_that_do_not_exist():
    """No element a is taken for one of the b's, nor for one of the next net."""
    for instances in (None, 2):
        net, _ = make("C3", instances)
        for a, b in (([3], [0]), ([0], [3])):
            with pytest.raises(IndexError):
                net(torch.tensor(a), torch.tensor(b))
