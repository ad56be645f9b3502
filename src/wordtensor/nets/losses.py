"""Losses per instance, and the norm that margins are measured in."""

from typing import Any

import torch
from torch import Tensor

from .models import Net

__all__ = ["cross_entropy", "norm_penalty", "squared_error"]


class _CrossEntropy(torch.autograd.Function):
    """log(1 + sum_{j != y} exp(z_j - z_y)): no cancellation where it is nearly zero."""

    @staticmethod
    def forward(context: Any, logits: Tensor, labels: Tensor) -> Tensor:
        place = labels.unsqueeze(-1)
        excess = logits - logits.gather(-1, place)
        # exp overflows in single precision above 88: shift where a wrong logit leads by more.
        top = excess.amax(-1, keepdim=True).clamp_(min=0.0)
        excess.sub_(top).exp_().scatter_(-1, place, 0.0)
        wrong = excess.sum(-1, keepdim=True)
        right = top.neg().exp()
        loss = (top + torch.where(top > 0, (right + wrong).log(), wrong.log1p())).squeeze(-1)
        excess.div_(right + wrong)
        excess.scatter_(-1, place, -wrong / (right + wrong))
        context.save_for_backward(excess)
        return loss

    @staticmethod
    def backward(context: Any, *upstream: Any) -> tuple[Tensor, None]:
        (gradient,) = context.saved_tensors
        return gradient * upstream[0].unsqueeze(-1), None


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross entropy of every example.

    Parameters
    ----------
    logits : Tensor, shape (..., z)
    labels : Tensor of int64, shape (...)

    Returns
    -------
    Tensor, shape (...)

    Notes
    -----
    Computed as ``log1p(sum_{j != y} exp(z_j - z_y))``, whose relative accuracy in single precision
    does not fall when the loss does; ``log_softmax`` gives zero below 1e-7, and grokking ends
    there. The authors of the papers use double precision for the same reason.

    Examples
    --------
    >>> cross_entropy(torch.tensor([[30.0, 0.0]]), torch.tensor([0])).item()
    9.357622...e-14
    """
    return _CrossEntropy.apply(logits, labels)  # type: ignore[no-any-return,no-untyped-call]


class _SquaredError(torch.autograd.Function):
    """Squared distance to a row of the identity, without making that row."""

    @staticmethod
    def forward(context: Any, logits: Tensor, labels: Tensor) -> Tensor:
        place = labels.unsqueeze(-1)
        difference = logits.scatter_add(-1, place, torch.full_like(logits[..., :1], -1.0))
        context.save_for_backward(difference)
        return difference.square().sum(-1)

    @staticmethod
    def backward(context: Any, *upstream: Any) -> tuple[Tensor, None]:
        (difference,) = context.saved_tensors
        return difference * (2 * upstream[0]).unsqueeze(-1), None


def squared_error(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the squared distance of the logits to 1 at the label and 0 elsewhere.

    Parameters
    ----------
    logits : Tensor, shape (..., z)
    labels : Tensor of int64, shape (...)

    Returns
    -------
    Tensor, shape (...)
        Summed over z; ``torch.nn.MSELoss`` has the z-th part of it.

    Examples
    --------
    >>> squared_error(torch.tensor([[1.0, 0.5]]), torch.tensor([0])).item()
    0.25
    """
    return _SquaredError.apply(logits, labels)  # type: ignore[no-any-return,no-untyped-call]


def norm_penalty(net: Net, power: float) -> Tensor:
    """Return ``sum_i ||omega_i||_2^p`` over the neurons i, shape () or (S,).

    Parameters
    ----------
    net : Net
        One whose weights belong to one neuron each.
    power : float
        p; 3 for groups and k + 1 for the k-parity in Morwani et al. (2023).

    Raises
    ------
    NetworkError
        If the net's weights are shared by its neurons.
    """
    return net.neuron_norms().pow(power).sum(-1)
