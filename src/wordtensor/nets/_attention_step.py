"""The mean loss of a transformer with its gradients, from few and small tensors, tile by tile.

The neurons and direct logits of a pair are a start and a sum of rows, one for each of its two
tokens in each head, with the shares of its attention as weights. That sum, its transpose, and the
products of its gradient with the rows are bags of embeddings. Rows, scores and readout know
nothing of pairs: from their gradients autograd goes on to the parameters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Final, NamedTuple, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ._batches import device_labels
from ._losses import IN_PLACE
from .models import Net, OneLayerTransformer
from .models.transformer import Folded, bag, fold, rows_of, shares_of
from .tasks import PairTask

# Pairs at a time: their neurons and logits stay in the cache of a CPU; a GPU wants many.
_PAIRS: Final = {"cpu": 2048}
_PAIRS_ELSEWHERE: Final = 2**18


@dataclass(frozen=True, slots=True)
class _Tile:
    """As many pairs t of each of c nets; a slot is one of the two tokens of a pair."""

    labels: Tensor  # (c, t)
    tokens: Tensor  # (c, t, 2): the token in each slot
    rows: Tensor  # (c, t, 2, heads): the rows that a pair adds up
    order: Tensor  # (2 c t,): the slots of all nets in the order of their tokens
    firsts: Tensor  # (2 c n,): where the slots of each token begin in it
    pairs: Tensor  # (2 c t heads,): the pairs that a row is added to
    begins: Tensor  # (2 c n heads,): where the pairs of each row begin


class _Space(NamedTuple):
    """Memory for c nets that every step uses again; gradients have an "at"."""

    rows: Tensor  # (c heads, 2 n, k): the values, onward
    at_hidden: Tensor  # (c t width,)
    at_rows: Tensor
    at_start: Tensor
    at_scores: Tensor
    at_last: Tensor
    at_readout: Tensor


# The loss is the mean over the training pairs, or over given pairs a n + b, (P,) or (S, P). Every
# ``grad`` is made at the first call, as all other memory is, and overwritten later; it is to stand
# outside of a capture.
def attention_gradients(
    tasks: Sequence[PairTask], loss: str, device: torch.device
) -> Callable[[Net, Tensor | None], Tensor]:
    """Return the function from a transformer to its losses, () or (S,), that writes gradients."""
    labels = device_labels(tasks[0], device)
    # Sorted, so that a tile has few tokens a.
    train = torch.tensor(np.stack([np.sort(task.train) for task in tasks]), device=device)
    return _Gradients(labels, train, loss)


class _Gradients:
    """The step's function, with its memory."""

    def __init__(self, labels: Tensor, train: Tensor, loss: str) -> None:
        self._labels, self._train, self._loss = labels, train, loss
        self._tiles: list[list[_Tile]] = []
        self._spaces: dict[tuple[int, int], _Space] = {}

    def __call__(self, net: Net, index: Tensor | None = None) -> Tensor:
        """Write all gradients, and return the losses."""
        model = cast(OneLayerTransformer, net)
        chosen = self._train if index is None else index
        count, pairs = model.instances or 1, chosen.shape[-1]
        size = _PAIRS.get(chosen.device.type, _PAIRS_ELSEWHERE)
        # As many nets at once as fit, shared out evenly; one after another if none fits whole.
        nets = ceil(count / ceil(count * pairs / size))
        tiles = self._tiles if index is None else []
        if not tiles:
            n, heads = model.order, int(model.sizes["heads"])
            for some in torch.split(chosen.expand(count, pairs), nets):
                parts = torch.split(some, max(1, size // nets), -1)
                tiles.append([_tile(part, self._labels[part], n, heads) for part in parts])
        ranges = (slice(first, first + nets) for first in range(0, count, nets))
        losses = torch.cat(list(map(partial(self._write, model), ranges, tiles)))
        return losses if model.instances else losses.squeeze(0)

    def _write(self, model: OneLayerTransformer, nets: slice, tiles: list[_Tile]) -> Tensor:
        """Write the gradients of some nets, and return their losses (c,)."""
        weights, gradients = _parts(model, nets)
        with torch.enable_grad():
            folded = fold(*weights, scale=model.scale)
        pairs = sum(tile.labels.shape[1] for tile in tiles)
        with torch.no_grad():
            space = self._cleared(folded, tiles[0].labels.shape[1])
            values, onward = folded.values.flatten(0, 1), folded.onward.flatten(0, 1)
            torch.bmm(values, onward, out=space.rows)
            losses = torch.stack([_add(tile, folded, space, self._loss) for tile in tiles])
            at_values = torch.bmm(space.at_rows, onward.mT).view_as(folded.values)
            at_onward = torch.bmm(values.mT, space.at_rows).view_as(folded.onward)
        found = torch.autograd.grad(folded, weights, (at_values, at_onward, *space[3:]))
        for sums, gradient in zip(found, gradients, strict=True):
            torch.div(sums, pairs, out=gradient)
        return losses.sum(0) / pairs

    def _cleared(self, folded: Folded, pairs: int) -> _Space:
        """Return the memory for such nets and tiles, with gradients at zero."""
        c, heads, tokens, _ = folded.values.shape
        if (c, pairs) not in self._spaces:
            new = folded.start.new_empty
            rows = (c * heads, tokens, folded.start.shape[-1])
            self._spaces[c, pairs] = _Space(
                new(rows),
                new(c * pairs * folded.readout.shape[1]),
                new(rows),
                *(torch.empty_like(part) for part in folded[2:]),
            )
        space = self._spaces[c, pairs]
        for gradient in space[2:]:
            gradient.zero_()
        return space


def _parts(model: OneLayerTransformer, nets: slice) -> tuple[list[Tensor], list[Tensor]]:
    """Return the parameters of some nets as leaves, and the memory of their gradients."""
    weights, gradients = [], []
    for parameter in model.parameters():
        if parameter.grad is None:
            parameter.grad = torch.empty_like(parameter)
        every, theirs = parameter.detach(), parameter.grad
        if model.instances is None:
            every, theirs = every.unsqueeze(0), theirs.unsqueeze(0)
        weights.append(every[nets].requires_grad_())
        gradients.append(theirs[nets])
    return weights, gradients


def _tile(index: Tensor, labels: Tensor, n: int, heads: int) -> _Tile:
    """Prepare pairs (c, t)."""
    c, t = index.shape

    def numbers(stop: int) -> Tensor:
        return torch.arange(stop, device=index.device)

    tokens = torch.stack([index // n, index % n + n], -1)
    net = numbers(c).reshape(c, 1, 1)
    counted = (tokens + 2 * n * net).flatten()
    order = counted.argsort(stable=True)
    firsts = torch.searchsorted(counted[order], numbers(2 * n * c))
    later = (heads - 1) * net + numbers(heads).reshape(heads, 1)  # (c, heads, 1): blocks of slots
    return _Tile(
        labels=labels,
        tokens=tokens,
        rows=rows_of(tokens, n, heads),
        order=order,
        firsts=firsts,
        pairs=(order // 2).reshape(c, 1, 2 * t).expand(c, heads, 2 * t).flatten(),
        begins=(firsts.reshape(c, 1, 2 * n) + 2 * t * later).flatten(),
    )


def _add(tile: _Tile, folded: Folded, space: _Space, loss: str) -> Tensor:
    """Add the gradients of the losses of a tile to the space, and return its losses' sums (c,)."""
    c, heads = len(tile.labels), folded.last.shape[-1]
    shares = shares_of(folded, tile.tokens)
    given = shares[:, :, :2]
    weights = given.contiguous().requires_grad_()
    with torch.enable_grad():
        sums = bag(space.rows.flatten(0, 1), tile.rows, weights)
    both = sums.detach()
    both += folded.start
    losses = _perceptron(both, tile.labels, folded.readout, space, loss)
    space.at_start.add_(both.sum(1, keepdim=True))
    (at_given,) = torch.autograd.grad(sums, weights, both)
    by_row = given.reshape(-1, heads)[tile.order].view(c, -1, heads).mT.flatten()
    at_rows = F.embedding_bag(
        tile.pairs, both.flatten(0, 1), tile.begins, mode="sum", per_sample_weights=by_row
    )
    space.at_rows.add_(at_rows.view_as(space.at_rows))
    # The softmax backward; what the shares of "=" get is the start, which has no share.
    inner = (given * at_given).sum(2, keepdim=True)
    at_slots = (given * (at_given - inner)).view(-1, heads)
    at_scores = F.embedding_bag(tile.order, at_slots, tile.firsts, mode="sum")
    space.at_scores.add_(at_scores.view_as(space.at_scores))
    space.at_last.sub_((shares[:, :, 2:] * inner).sum(1))
    return losses


def _perceptron(both: Tensor, labels: Tensor, readout: Tensor, space: _Space, loss: str) -> Tensor:
    """Write gradients over neurons and direct logits (c, t, k), and return losses' sums (c,)."""
    width = readout.shape[-2]
    hidden, logits = both[..., :width].relu_(), both[..., width:]
    logits.baddbmm_(hidden, readout)
    losses = IN_PLACE[loss](logits, labels).sum(-1)
    space.at_readout.baddbmm_(hidden.mT, logits)
    at_hidden = space.at_hidden[: hidden.numel()].view(hidden.shape)
    torch.bmm(logits, readout.mT, out=at_hidden)
    torch.ops.aten.threshold_backward.grad_input(at_hidden, hidden, 0, grad_input=hidden)
    return losses
