"""The gradients of lookup nets on pairs, found explicitly and a few pairs at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from .models import COMBINATIONS, LookupNet

# Bytes of neurons and logits at a time: they stay in a CPU's caches; a GPU wants many.
_CACHE: Final = 2**22
_ELSEWHERE: Final = 2**28


@dataclass(frozen=True, slots=True)
class _Room:
    """Memory for a tile: some instances together, each with so many pairs at a time."""

    instances: int
    pairs: int
    neurons: list[Tensor]
    logits: list[Tensor]

    def tiles(self, count: int, pairs: int) -> Iterator[tuple[slice, slice]]:
        """Yield which instances, and which of their pairs, are taken together."""
        for first in range(0, count, self.instances):
            for start in range(0, pairs, self.pairs):
                yield slice(first, first + self.instances), slice(start, start + self.pairs)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs (a, b) and their labels: rows of the flattened lookups, each of shape (S, P)."""

    left: Tensor
    right: Tensor
    labels: Tensor


def squared_pull(logits: Tensor, spare: Tensor, labels: Tensor, scale: float) -> Tensor:
    """Return the gradient of the squared error times a factor, written over the logits."""
    minus = logits.new_full((), -1.0).expand(labels.shape)
    return logits.scatter_add_(-1, labels, minus).mul_(2 * scale)


def entropy_pull(logits: Tensor, spare: Tensor, labels: Tensor, scale: float) -> Tensor:
    """Return the gradient of the cross entropy times a factor, written over a spare tensor."""
    torch.softmax(logits, -1, out=spare)
    # p - 1 at the label has no digits left where p is nearly one; minus the sum of the others has.
    spare.scatter_(-1, labels, 0.0)
    wrong = spare.sum(-1, keepdim=True)
    return spare.scatter_(-1, labels, wrong.neg_()).mul_(scale)


PULLS: Final[Mapping[str, Callable[[Tensor, Tensor, Tensor, float], Tensor]]] = MappingProxyType(
    {"mse": squared_pull, "cross entropy": entropy_pull}
)


class LookupStep:
    """Writes the gradients of the mean loss of every instance into its parameters' ``grad``."""

    def __init__(self, net: LookupNet, index: Tensor, labels: Tensor, loss: str) -> None:
        """Take the training pairs a y + b, shape (P,) or (S, P), and the labels of all pairs."""
        self._net, self._pull = net, PULLS[loss]
        self._way = COMBINATIONS[net.combination]
        self._count = net.instances or 1
        self._labels = labels
        places = net.gradient_places()
        self._places = tuple(p.reshape(self._count, *p.shape[-2:]) for p in places)
        self._flat = tuple(p.view(-1, p.shape[-1]) for p in places[:2])
        x, y, _ = net.shape
        rows = torch.arange(self._count, device=index.device).unsqueeze(-1)
        self._offsets = (x * rows, y * rows)
        # Sorted, so that gathering walks through memory.
        self._pairs = self._looked_up(index.sort(-1).values)
        self._rooms: dict[int, _Room] = {}

    def _looked_up(self, index: Tensor) -> _Pairs:
        """Return flat pairs a y + b, shape (P,) or (S, P), as rows of the flattened lookups."""
        y, labels = self._net.shape[1], self._labels[index]
        left, right = index // y + self._offsets[0], index % y + self._offsets[1]
        return _Pairs(left, right, labels.expand(left.shape))

    def _room(self, pairs: int) -> _Room:
        """Return the memory for tiles of so many pairs of each instance, made once."""
        if pairs not in self._rooms:
            net, place = self._net, self._places[0]
            width, outputs = net.width, net.shape[2]
            each = place.element_size() * (4 * width + 2 * outputs)
            most = max(1, (_CACHE if place.device.type == "cpu" else _ELSEWHERE) // each)
            together = min(self._count, max(1, most // pairs))
            alone = pairs if together > 1 else min(pairs, most)
            neurons = [place.new_empty(together * alone, width) for _ in range(4)]
            logits = [place.new_empty(together * alone, outputs) for _ in range(2)]
            self._rooms[pairs] = _Room(together, alone, neurons, logits)
        return self._rooms[pairs]

    @torch.no_grad()
    def __call__(self, batch: Tensor | None = None) -> None:
        """Write the gradients on the training pairs, or on a batch of them."""
        pairs = self._pairs if batch is None else self._looked_up(batch)
        net = self._net
        left, right = (matrix.detach() for matrix in net.lookups())
        lookups = tuple(matrix.reshape(-1, net.width) for matrix in (left, right))
        readout = net.readout().detach().reshape(self._count, net.width, -1)
        # Products are up to three times faster on rows that lie one after another.
        ways = (readout.contiguous(), readout.mT.contiguous())
        for place in self._places:
            place.zero_()
        total = pairs.labels.shape[-1]
        room = self._room(total)
        for some, which in room.tiles(self._count, total):
            tile = _Pairs(*(part[some, which] for part in (pairs.left, pairs.right, pairs.labels)))
            self._add(tile, room, some, lookups, ways, 1 / total)
        net.hand_on(self._places[0], self._places[1])

    def _add(
        self,
        tile: _Pairs,
        room: _Room,
        some: slice,
        lookups: tuple[Tensor, ...],
        ways: tuple[Tensor, ...],
        scale: float,
    ) -> None:
        """Add the gradients of some instances on some pairs."""
        way, shape = self._way, tile.labels.shape
        size = tile.labels.numel()
        one, other, hidden, back = (place[:size] for place in room.neurons)
        logits, spare = (place[:size] for place in room.logits)
        a, b = tile.left.reshape(-1), tile.right.reshape(-1)
        torch.index_select(lookups[0], 0, a, out=one)
        torch.index_select(lookups[1], 0, b, out=other)
        if way.additive:
            hidden = way.activate_into(one.add_(other), hidden)
        else:
            torch.mul(one, other, out=hidden)
        many = shape[0] > 1
        multiply, add = (torch.bmm, torch.baddbmm) if many else (torch.mm, torch.addmm)

        def shaped(matrix: Tensor) -> Tensor:
            return matrix.view(*shape, -1) if many else matrix

        there, again, at_W = (
            matrix[some] if many else matrix[some.start] for matrix in (*ways, self._places[2])
        )
        multiply(shaped(hidden), there, out=shaped(logits))
        out = self._pull(logits, spare, tile.labels.reshape(-1, 1), scale)
        multiply(shaped(out), again, out=shaped(back))
        add(at_W, shaped(out).mT, shaped(hidden), out=at_W)
        if way.additive:
            way.pull_back(back, one, hidden)
            self._flat[0].index_add_(0, a, back)
            self._flat[1].index_add_(0, b, back)
        else:
            self._flat[0].index_add_(0, a, other.mul_(back))
            self._flat[1].index_add_(0, b, one.mul_(back))
