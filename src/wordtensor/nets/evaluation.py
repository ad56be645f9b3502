"""Loss and accuracy of a net on the training and the other pairs."""

from collections.abc import Iterator, Sequence
from typing import Final, cast

import numpy as np
import torch
from torch import Tensor

from .._typing import Array
from ..errors import NetworkError
from ._batches import device_labels, stacked
from ._losses import LOSSES
from .models import HadamardNet, Net, PairNet, ParityNet
from .tasks import PairTask, ParityTask, Task, TensorTask

# Logits, or neurons, held at once: 2^26 of them are 256 MiB in single precision.
_AT_ONCE: Final = 2**26

SCORES: Final = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "norm")
Scores = dict[str, Array]


def evaluate(net: Net, tasks: Sequence[Task], loss: str) -> Scores:
    """Return losses and accuracies, one value per instance.

    Parameters
    ----------
    net : Net
        With S instances, or a single one (S = 1).
    tasks : sequence of Task
        One for every instance, or a single one for all.
    loss : {"mse", "cross entropy"}
        Which loss.

    Returns
    -------
    dict of ndarray, each of shape (S,)
        "train_loss", "test_loss", "train_accuracy", "test_accuracy" and "norm", the sum of the
        squares of all weights. NaN where there is nothing to test, and for the accuracy of
        tensors; the loss of a tensor is the squared error relative to its squared norm.

    Raises
    ------
    NetworkError
        If the net does not fit the tasks, or the loss is unknown.

    Examples
    --------
    >>> import wordtensor as wt
    >>> from wordtensor.nets import HadamardNet, word_task
    >>> net = HadamardNet.from_decomposition(wt.decompose("a*b", "S3"))
    >>> scores = evaluate(net, [word_task("a*b", "S3")], "cross entropy")
    >>> float(scores["train_accuracy"][0]), scores["train_loss"].round(4).tolist()
    (1.0, [1.0436])
    """
    count = net.instances or 1
    _check(net, tasks, loss)
    with torch.no_grad():
        squares = [p.square().flatten(0 if net.instances is None else 1) for p in net.parameters()]
        norm = _numbers(torch.stack([square.sum(-1) for square in squares]).sum(0))
        first = tasks[0]
        nothing = np.full(count, np.nan)
        if isinstance(first, TensorTask):
            error = relative_error(cast(HadamardNet, net), first.target)
            return _scores(error, nothing, nothing, nothing, norm)
        if isinstance(first, ParityTask):
            inputs = torch.tensor(first.inputs, dtype=net.dtype, device=net.device)
            labels = torch.tensor(first.labels, device=net.device)
            losses, right = _compare(cast(ParityNet, net)(inputs), labels, loss)
            return _scores(
                _numbers(losses.mean(-1)), nothing, _numbers(right.mean(-1)), nothing, norm
            )
        parts = list(_grid_scores(cast(PairNet, net), first, loss))
        losses, right = (torch.cat(pieces, -1) for pieces in zip(*parts, strict=True))
        pairs = cast(Sequence[PairTask], tasks)
        train = stacked([task.train for task in pairs], net.device)
        test = stacked([task.test for task in pairs], net.device)
        means = [
            _numbers(_chosen(values, index).mean(-1)) if index.shape[-1] else nothing
            for values in (losses, right)
            for index in (train, test)
        ]
    return _scores(*means, norm)


def _check(net: Net, tasks: Sequence[Task], loss: str) -> None:
    first = tasks[0]
    if loss not in LOSSES:
        raise NetworkError(f"Argument 'loss' must be one of {', '.join(LOSSES)}, not {loss!r}")
    if isinstance(first, ParityTask):
        fits = isinstance(net, ParityNet) and net.sizes["bits"] == first.bits
    elif isinstance(first, TensorTask):
        fits = isinstance(net, HadamardNet) and net.shape == first.target.shape
    else:
        fits = isinstance(net, PairNet) and net.shape == first.shape
    if not fits or len(tasks) not in (1, net.instances):
        raise NetworkError(
            f"{net} does not fit {len(tasks)} x {first}; give a net of the task's sizes, and one "
            "task for all instances or one for each"
        )


def decisive_accuracy(train: Array, test: Array) -> Array:
    """Return the accuracy that counts: on test pairs, or on training pairs if none are tested."""
    return train if np.isnan(test).all() else test


def merit(train: Array, test: Array, fraction: float, wanted: float) -> Array:
    """Return what the nets of a run are ordered by: 1 for success, else accuracy on all pairs."""
    # Test pairs alone would prefer an untrained net with a lucky guess to one that has learned its
    # training pairs. Where nothing is known it is minus infinity.
    success = decisive_accuracy(train, test) >= wanted
    whole = train if np.isnan(test).all() else fraction * train + (1 - fraction) * test
    value: Array = np.nan_to_num(np.where(success, 1.0, whole), nan=-np.inf)
    return value


def relative_error(net: HadamardNet, target: Array) -> Array:
    """Return ``||T_net - T||^2 / ||T||^2`` in double precision, shape (S,).

    Parameters
    ----------
    net : HadamardNet
        With S instances, or a single one (S = 1).
    target : ndarray, shape (x, y, z)
        T.

    Returns
    -------
    ndarray, shape (S,)
        One value for each instance.

    Examples
    --------
    >>> import wordtensor as wt
    >>> from wordtensor.nets import HadamardNet
    >>> net = HadamardNet.from_decomposition(wt.decompose("a*b", "S3"))
    >>> bool(relative_error(net, wt.word_tensor("a*b", "S3").to_dense())[0] < 1e-12)
    True
    """
    U, V, W = (factor.reshape(-1, *factor.shape[-2:]) for factor in net.factors())
    errors = []
    for u, v, w in zip(U, V, W, strict=True):
        reached = np.einsum("ar,br->abr", u, v).reshape(-1, u.shape[1]) @ w.T
        errors.append(float(np.square(reached - target.reshape(reached.shape)).sum()))
    return np.array(errors) / float(np.square(target).sum())


def _scores(*values: Array) -> Scores:
    return dict(zip(SCORES, values, strict=True))


def _numbers(values: Tensor) -> Array:
    return values.double().reshape(-1).cpu().numpy()


def _chosen(values: Tensor, index: Tensor) -> Tensor:
    """Entries ([S,] P) of ([S,] pairs) at indices (P,) or (S, P)."""
    return values[..., index] if index.dim() == 1 else values.gather(-1, index)


def _compare(logits: Tensor, labels: Tensor, loss: str) -> tuple[Tensor, Tensor]:
    wanted = labels.expand(logits.shape[:-1])
    return LOSSES[loss](logits, wanted), (logits.argmax(-1) == wanted).double()


def _grid_scores(net: PairNet, task: PairTask, loss: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield loss and correctness on all pairs, as many pairs at a time as memory allows."""
    labels, n_b = device_labels(task, net.device), task.shape[1]
    each = (net.instances or 1) * max(task.shape[2], net.width)
    if len(labels) * each <= _AT_ONCE:
        yield _compare(net.grid(), labels, loss)
        return
    for index in torch.split(
        torch.arange(len(labels), device=net.device), max(1, _AT_ONCE // each)
    ):
        yield _compare(net(index // n_b, index % n_b), labels[index], loss)
