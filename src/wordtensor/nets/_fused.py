"""Loss and gradients of many pairs, a few at a time, so that the arithmetic stays in the cache."""

from typing import Any, Final

import torch
from torch import Tensor

from ._losses import IN_PLACE
from .models import COMBINATIONS

__all__ = ["pair_loss"]

# Pairs at a time: their neurons and logits fit the second level of a CPU's cache; a GPU wants many.
_PAIRS: Final = {"cpu": 1024}
_PAIRS_ELSEWHERE: Final = 2**18


class _PairLoss(torch.autograd.Function):
    """Forward makes the gradients as well: they need the same neurons and logits."""

    @staticmethod
    def forward(
        context: Any,
        left: Tensor,
        right: Tensor,
        readout: Tensor,
        pairs: tuple[Tensor, Tensor, Tensor],
        combination: str,
        loss: str,
    ) -> Tensor:
        way, find = COMBINATIONS[combination], IN_PLACE[loss]
        gradients = [torch.zeros_like(table) for table in (left, right, readout)]
        total = left.new_zeros(())
        size = min(_PAIRS.get(left.device.type, _PAIRS_ELSEWHERE), len(pairs[0]))
        logits = left.new_empty((size, readout.shape[1]))
        back = left.new_empty((size, left.shape[1]))
        for a, b, labels in zip(*(torch.split(part, size) for part in pairs), strict=True):
            one, other = left.index_select(0, a), right.index_select(0, b)
            inside = way.join(one if way.additive else one.clone(), other)
            hidden = way.activate(inside)
            out, at_hidden = logits[: len(a)], back[: len(a)]
            torch.mm(hidden, readout, out=out)
            total += find(out, labels).sum()
            gradients[2].addmm_(hidden.T, out)
            torch.mm(out, readout.T, out=at_hidden)
            at_inside = way.pull_back(at_hidden, inside, hidden)
            if way.additive:
                gradients[0].index_add_(0, a, at_inside)
                gradients[1].index_add_(0, b, at_inside)
            else:
                gradients[0].index_add_(0, a, other.mul_(at_inside))
                gradients[1].index_add_(0, b, one.mul_(at_inside))
        context.save_for_backward(*gradients)
        context.count = len(pairs[0])
        mean: Tensor = total / len(pairs[0])
        return mean

    @staticmethod
    def backward(context: Any, *upstream: Any) -> tuple[Tensor | None, ...]:
        scale = upstream[0] / context.count
        left, right, readout = (gradient * scale for gradient in context.saved_tensors)
        return left, right, readout, None, None, None


def pair_loss(
    tables: tuple[Tensor, Tensor],
    readout: Tensor,
    pairs: tuple[Tensor, Tensor, Tensor],
    combination: str,
    loss: str,
) -> Tensor:
    """Return the mean loss of a single `TableNet` on pairs."""
    result: Tensor = _PairLoss.apply(*tables, readout, pairs, combination, loss)  # type: ignore[no-untyped-call]
    return result
