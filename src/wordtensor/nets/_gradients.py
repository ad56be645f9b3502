"""From a configuration, its tasks and its net to what writes the gradients of the training loss.

Gradients go into the ``grad`` of the parameters, which is allocated once. On the way from one step
to the next nothing asks for a value of the device, so that a whole step can be recorded and
replayed (`_capture`). Parities and tensors go through autograd.
"""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor

from ._attention_step import attention_gradients
from ._batches import device_labels, stacked
from ._lookup_step import LookupStep, tile_bytes
from ._losses import LOSSES
from .config import TrainConfig
from .models import HadamardNet, LookupNet, Net, ParityNet
from .tasks import PairTask, ParityTask, Task, TensorTask

# Writes the gradients of the loss on the training pairs, or on those of a batch.
Gradients = Callable[[Tensor | None], object]


def make_gradients(
    config: TrainConfig, tasks: Sequence[Task], net: Net, recorded: bool = False
) -> Gradients:
    """Return what writes the gradients of every instance's loss; recorded, by torch alone."""
    for parameter in net.parameters():
        parameter.grad = torch.zeros_like(parameter)
    first = tasks[0]
    if isinstance(first, ParityTask):
        return _by_autograd(net, _parity(config, first, cast(ParityNet, net)))
    if isinstance(first, TensorTask):
        return _by_autograd(net, _tensor(first, cast(HadamardNet, net)))
    if _grams_pay(config, first):
        return _by_grams(cast(HadamardNet, net), device_labels(first, net.device))
    pairs = cast(Sequence[PairTask], tasks)
    index = stacked([task.train for task in pairs], net.device)
    labels = device_labels(pairs[0], net.device)
    if isinstance(net, LookupNet):
        if net.device.type != "cpu" or recorded:
            return LookupStep(net, index, labels, config.loss)
        from ._compiled_step import CompiledStep  # and with it numba

        return CompiledStep(net, index, labels, config.loss)
    step = attention_gradients(pairs, config.loss, net.device)
    return lambda batch: step(net, batch)


def _grams_pay(config: TrainConfig, task: Task) -> bool:
    """Whether R x R matrices take less than the logits of all pairs, where the loss allows them."""
    if (config.model, config.loss, config.fraction, config.batch) != ("hadamard", "mse", 1, 0):
        return False
    x, y, z = cast(PairTask, task).shape
    return 8 * config.width <= x * y * z / max(x, y, z)


def _by_autograd(net: Net, objective: Callable[[Tensor | None], Tensor]) -> Gradients:
    parameters = list(net.parameters())

    def gradients(batch: Tensor | None) -> None:
        for parameter in parameters:
            cast(Tensor, parameter.grad).zero_()
        objective(batch).sum().backward()  # type: ignore[no-untyped-call]

    return gradients


def _parity(
    config: TrainConfig, task: ParityTask, net: ParityNet
) -> Callable[[Tensor | None], Tensor]:
    inputs = torch.tensor(task.inputs, dtype=net.dtype, device=net.device)
    labels = torch.tensor(task.labels, device=net.device)
    loss = LOSSES[config.loss]

    def objective(_: Tensor | None) -> Tensor:
        logits = net(inputs)
        return loss(logits, labels.expand(logits.shape[:-1])).mean(-1)

    return objective


def _tensor(task: TensorTask, net: HadamardNet) -> Callable[[Tensor | None], Tensor]:
    target = torch.tensor(task.target, device=net.device, dtype=net.dtype)
    square = float(np.square(task.target).sum())

    def objective(_: Tensor | None) -> Tensor:
        U, V, W = net.parameters()
        # T(.,.,w) is one product; what is left are products of entries.
        onto = torch.tensordot(W.mT, target, dims=([-1], [2]))
        inner: Tensor = (U.mT * (onto @ V.mT.unsqueeze(-1)).squeeze(-1)).sum((-2, -1))
        gram = ((U.mT @ U) * (V.mT @ V) * (W.mT @ W)).sum((-2, -1))
        return (gram - 2 * inner + square) / square

    return objective


def _by_grams(net: HadamardNet, labels: Tensor) -> Gradients:
    """Gradients of ``||T_net - T||^2 / pairs`` from R x R matrices, some rows at a time."""
    U, V, W = (p.detach() for p in net.parameters())
    at_U, at_V, at_W = (cast(Tensor, p.grad) for p in net.parameters())
    factors, (x, y), scale = (U, V, W), (U.shape[-2], V.shape[-2]), 2 / len(labels)
    # Of the neurons on a row of pairs there are two copies at a time.
    rows = max(1, tile_bytes(net.device) // (2 * V.numel() * V.element_size()))
    parts = [
        (U[..., a : a + rows, :], at_U[..., a : a + rows, :], labels[a * y : (a + rows) * y])
        for a in range(0, x, rows)
    ]

    def gradients(_: Tensor | None) -> None:
        grams = [F.mT @ F for F in factors]
        for k, gradient in enumerate((at_U, at_V, at_W)):
            torch.matmul(factors[k], grams[k - 2] * grams[k - 1], out=gradient)
        # d/dU of the inner product is sum over b of V[b] W[w(a, b)], and so on.
        inner = torch.zeros_like(W)
        for some, at_some, values_of in parts:
            values = W.index_select(-2, values_of).reshape(*W.shape[:-2], -1, y, W.shape[-1])
            at_some.sub_((values * V.unsqueeze(-3)).sum(-2))
            at_V.sub_(values.mul_(some.unsqueeze(-2)).sum(-3))
            products = torch.mul(some.unsqueeze(-2), V.unsqueeze(-3), out=values).flatten(-3, -2)
            inner.index_add_(-2, values_of, products)
        at_W.sub_(inner)
        for gradient in (at_U, at_V, at_W):
            gradient.mul_(scale)

    return gradients
