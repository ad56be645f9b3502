"""The objective: from a configuration and its tasks to the function that a step lowers."""

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import numpy as np
import torch
from torch import Tensor

from ._fused import pair_loss, word_inner
from ._losses import LOSSES
from .config import TrainConfig
from .models import MODELS, HadamardNet, LookupNet, Net, PairNet, ParityNet
from .tasks import PairTask, ParityTask, Task, TensorTask

Objective = Callable[[Net, int], Tensor]

# Below this order all pairs with a mask are quicker than gathering some of them.
_GRID_ORDER: Final = 32


def make_objective(config: TrainConfig, tasks: Sequence[Task], device: torch.device) -> Objective:
    """Return the training loss as a function of net and step: shape () or (S,)."""
    first = tasks[0]
    if isinstance(first, ParityTask):
        return _parity(config, first, device)
    if isinstance(first, TensorTask):
        return _tensor(first, device)
    pairs = cast(Sequence[PairTask], tasks)
    if config.batch:
        return _minibatches(config, pairs, device)
    if config.model == "hadamard" and config.loss == "mse" and config.fraction == 1:
        return _pairs_by_grams(pairs[0], device)
    if max(first.shape) <= _GRID_ORDER:
        return _masked_grid(config, pairs, device)
    return _chosen_pairs(config, pairs, device)


def stacked(arrays: Sequence[Any], device: torch.device) -> Tensor:
    """Return equal-shaped arrays as one tensor, or the only one without a new axis."""
    joined = arrays[0] if len(arrays) == 1 else np.stack(arrays)
    return torch.tensor(np.asarray(joined), device=device)


def _parity(config: TrainConfig, task: ParityTask, device: torch.device) -> Objective:
    inputs = torch.tensor(task.inputs, dtype=getattr(torch, config.dtype), device=device)
    labels = torch.tensor(task.labels, device=device)
    loss = LOSSES[config.loss]

    def objective(net: Net, _: int) -> Tensor:
        logits = cast(ParityNet, net)(inputs)
        return loss(logits, labels.expand(logits.shape[:-1])).mean(-1)

    return objective


def _minibatches(config: TrainConfig, tasks: Sequence[PairTask], device: torch.device) -> Objective:
    n_b, size = tasks[0].shape[1], min(config.batch, len(tasks[0].train))
    per_epoch = -(-len(tasks[0].train) // size)
    labels, loss = torch.tensor(tasks[0].labels, device=device), LOSSES[config.loss]
    epoch = (-1, torch.empty(0))

    def objective(net: Net, step: int) -> Tensor:
        nonlocal epoch
        number, place = divmod(step, per_epoch)
        if number != epoch[0]:
            epoch = (number, stacked([task.epoch(number) for task in tasks], device))
        index = epoch[1][..., place * size : (place + 1) * size]
        logits = net(index // n_b, index % n_b)
        return loss(logits, labels[index].expand(logits.shape[:-1])).mean(-1)

    return objective


def _masked_grid(config: TrainConfig, tasks: Sequence[PairTask], device: torch.device) -> Objective:
    masks = [task.train_mask().reshape(-1) / len(task.train) for task in tasks]
    weights = stacked(masks, device).to(getattr(torch, config.dtype))
    labels, loss = torch.tensor(tasks[0].labels, device=device), LOSSES[config.loss]

    def objective(net: Net, _: int) -> Tensor:
        logits = cast(PairNet, net).grid()
        return (loss(logits, labels.expand(logits.shape[:-1])) * weights).sum(-1)

    return objective


def _chosen_pairs(
    config: TrainConfig, tasks: Sequence[PairTask], device: torch.device
) -> Objective:
    # Sorted, so that gathering walks through memory.
    index = stacked([np.sort(task.train) for task in tasks], device)
    if config.instances == 1 and issubclass(MODELS[config.model], LookupNet):
        return _fused(config, tasks[0], index, device)
    labels, loss = torch.tensor(tasks[0].labels, device=device)[index], LOSSES[config.loss]

    def objective(net: Net, _: int) -> Tensor:
        logits = cast(PairNet, net).select(index)
        return loss(logits, labels.expand(logits.shape[:-1])).mean(-1)

    return objective


def _fused(config: TrainConfig, task: PairTask, index: Tensor, device: torch.device) -> Objective:
    n_b, labels = task.shape[1], torch.tensor(task.labels, device=device)
    pairs = (index // n_b, index % n_b, labels[index])

    def objective(net: Net, _: int) -> Tensor:
        chosen = cast(LookupNet, net)
        return pair_loss(chosen.lookups(), chosen.readout(), pairs, chosen.combination, config.loss)

    return objective


def _gram(U: Tensor, V: Tensor, W: Tensor) -> Tensor:
    """Return ``||sum_r u_r (x) v_r (x) w_r||^2``."""
    square: Tensor = ((U.mT @ U) * (V.mT @ V) * (W.mT @ W)).sum((-2, -1))
    return square


def _tensor(task: TensorTask, device: torch.device) -> Objective:
    target = torch.tensor(task.target, device=device)
    square = float(target.square().sum())

    def objective(net: Net, _: int) -> Tensor:
        U, V, W = cast(HadamardNet, net).parameters()
        # T(.,.,w) is one product; what is left are products of entries.
        onto = torch.tensordot(W.mT, target.to(W.dtype), dims=([-1], [2]))
        inner: Tensor = (U.mT * (onto @ V.mT.unsqueeze(-1)).squeeze(-1)).sum((-2, -1))
        return (_gram(U, V, W) - 2 * inner + square) / square

    return objective


def _pairs_by_grams(task: PairTask, device: torch.device) -> Objective:
    """Return ``||T_net - T||^2 / pairs`` from R x R matrices, without all logits."""
    labels = torch.tensor(task.labels, device=device)

    def objective(net: Net, _: int) -> Tensor:
        U, V, W = net.parameters()
        # Before the Gram matrices: gradients are added up in the order of the graph.
        inner = word_inner(U, V, W, labels)
        return (_gram(U, V, W) - 2 * inner) / len(labels) + 1

    return objective
