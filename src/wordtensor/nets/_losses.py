"""Losses of logits, one value for each example, and the penalty on the norms of neurons."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import Tensor

from .models import Net


def _cross_entropy_(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the losses, and write their gradient over the logits."""
    place = labels.unsqueeze(-1)
    logits.sub_(logits.gather(-1, place))
    # exp overflows in single precision above 88: shift where a wrong logit leads by more.
    top = logits.amax(-1, keepdim=True).clamp_(min=0.0)
    logits.sub_(top).exp_().scatter_(-1, place, 0.0)
    wrong = logits.sum(-1, keepdim=True)
    total = wrong + top.neg().exp_()
    loss = (top + torch.where(top > 0, total.log(), wrong.log1p())).squeeze(-1)
    logits.div_(total).scatter_(-1, place, -wrong / total)
    return loss


def _squared_error_(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the losses, and write their gradient over the logits."""
    place = labels.unsqueeze(-1)
    logits.scatter_add_(-1, place, torch.full_like(logits[..., :1], -1.0))
    loss = logits.square().sum(-1)
    logits.mul_(2)
    return loss


IN_PLACE: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = MappingProxyType(
    {"mse": _squared_error_, "cross entropy": _cross_entropy_}
)


class _Loss(torch.autograd.Function):
    """A loss of every example, with the gradient that is found on the way."""

    @staticmethod
    def forward(context: Any, logits: Tensor, labels: Tensor, name: str) -> Tensor:
        gradient = logits.clone()
        loss = IN_PLACE[name](gradient, labels)
        context.save_for_backward(gradient)
        return loss

    @staticmethod
    def backward(context: Any, *upstream: Any) -> tuple[Tensor, None, None]:
        (gradient,) = context.saved_tensors
        return gradient * upstream[0].unsqueeze(-1), None, None


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross entropy of every example, for logits (..., z) and labels (...)."""
    # Computed as log1p(sum_{j != y} exp(z_j - z_y)), whose relative accuracy in single precision
    # does not fall when the loss does; log_softmax gives zero below 1e-7, and grokking ends there.
    # The authors of the papers use double precision for the same reason.
    return _Loss.apply(logits, labels, "cross entropy")  # type: ignore[no-any-return,no-untyped-call]


def squared_error(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the squared distance of logits (..., z) to 1 at the label and 0 elsewhere."""
    return _Loss.apply(logits, labels, "mse")  # type: ignore[no-any-return,no-untyped-call]


LOSSES: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = MappingProxyType(
    {"mse": squared_error, "cross entropy": cross_entropy}
)


def norm_penalty(net: Net, power: float) -> Tensor:
    """Return ``sum_i ||omega_i||_2^p`` over the neurons i, shape () or (S,)."""
    return net.neuron_norms().pow(power).sum(-1)
