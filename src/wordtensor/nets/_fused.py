"""Sums over pairs whose gradients are found on the way, where autograd would keep every logit."""

from typing import Any, Final

import torch
from torch import Tensor

from ._losses import IN_PLACE
from .models import COMBINATIONS

# Pairs at a time: their neurons and logits fit the second level of a CPU's cache; a GPU wants many.
_PAIRS: Final = {"cpu": 1024}
_PAIRS_ELSEWHERE: Final = 2**18


class _PairLoss(torch.autograd.Function):
    """The mean loss on pairs, a few at a time, so that the arithmetic stays in the cache."""

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
        gradients = [torch.zeros_like(matrix) for matrix in (left, right, readout)]
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
    lookups: tuple[Tensor, Tensor],
    readout: Tensor,
    pairs: tuple[Tensor, Tensor, Tensor],
    combination: str,
    loss: str,
) -> Tensor:
    """Return the mean loss of a single `LookupNet` on pairs (a, b, label), best sorted by a."""
    result: Tensor = _PairLoss.apply(*lookups, readout, pairs, combination, loss)  # type: ignore[no-untyped-call]
    return result


class _WordInner(torch.autograd.Function):
    """sum over pairs and r of U[a, r] V[b, r] W[w(a, b), r], and its three gradients at once."""

    @staticmethod
    def forward(context: Any, U: Tensor, V: Tensor, W: Tensor, labels: Tensor) -> Tensor:
        x, y = U.shape[-2], V.shape[-2]
        values = W.index_select(-2, labels).reshape(*W.shape[:-2], x, y, W.shape[-1])
        by_first = (values * V.unsqueeze(-3)).sum(-2)
        by_second = values.mul_(U.unsqueeze(-2)).sum(-3)
        products = torch.mul(U.unsqueeze(-2), V.unsqueeze(-3), out=values).flatten(-3, -2)
        by_value = torch.zeros_like(W).index_add_(-2, labels, products)
        context.save_for_backward(by_first, by_second, by_value)
        inner: Tensor = (U * by_first).sum((-2, -1))
        return inner

    @staticmethod
    def backward(context: Any, *upstream: Any) -> tuple[Tensor, Tensor, Tensor, None]:
        scale = upstream[0][..., None, None]
        first, second, value = context.saved_tensors
        return first * scale, second * scale, value * scale, None


def word_inner(U: Tensor, V: Tensor, W: Tensor, labels: Tensor) -> Tensor:
    """Return the inner product of a Hadamard net's tensor and a word tensor, shape () or (S,)."""
    result: Tensor = _WordInner.apply(U, V, W, labels)  # type: ignore[no-untyped-call]
    return result
