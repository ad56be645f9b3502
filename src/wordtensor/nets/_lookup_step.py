"""The gradients of lookup nets on pairs, found explicitly and a few pairs at a time."""

from collections.abc import Callable, Mapping
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
class _Tile:
    """Some pairs of some nets, and views of the memory that they take."""

    a: Tensor
    b: Tensor
    labels: Tensor
    one: Tensor
    other: Tensor
    hidden: Tensor
    back: Tensor
    logits: Tensor
    spare: Tensor
    # For products, with an axis for nets if there are many.
    there: Tensor
    again: Tensor
    at_readout: Tensor
    hiddens: Tensor
    backs: Tensor
    all_logits: Tensor
    pulled: Tensor
    turned: Tensor


@dataclass(frozen=True, slots=True)
class _Plan:
    """Pairs as rows of the flattened lookups, each of shape (S, P), and their tiles."""

    left: Tensor
    right: Tensor
    labels: Tensor
    tiles: list[_Tile]


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


# All views are made once: with small nets they would take longer than the arithmetic.
class LookupStep:
    """Writes the gradients of the mean loss of every instance into its parameters' ``grad``."""

    def __init__(self, net: LookupNet, index: Tensor, labels: Tensor, loss: str) -> None:
        """Take the training pairs a y + b, shape (P,) or (S, P), and the labels of all pairs."""
        self._net, self._pull = net, PULLS[loss]
        self._way = COMBINATIONS[net.combination]
        self._count, self._labels = net.instances or 1, labels
        # Sorted, so that gathering walks through memory.
        self._index = index.sort(-1).values
        x, y, _ = net.shape
        rows = torch.arange(self._count, device=index.device).unsqueeze(-1)
        self._offsets = (x * rows, y * rows)
        places = net.gradient_places()
        self._places = [p.reshape(self._count, *p.shape[-2:]) for p in places]
        self._left, self._right = (p.view(-1, p.shape[-1]) for p in places[:2])
        with torch.no_grad():
            self._matrices = [matrix.contiguous() for matrix in self._made()]
        own = {parameter.data_ptr() for parameter in net.parameters()}
        self._copies = [k for k, m in enumerate(self._matrices) if m.data_ptr() not in own]
        self._plans: dict[int, _Plan] = {}

    def _made(self) -> list[Tensor]:
        """Return both lookups flattened, (S n, width), the readout (S, width, z), and it turned."""
        readout = self._net.readout().reshape(self._count, self._net.width, -1)
        lookups = (matrix.reshape(-1, self._net.width) for matrix in self._net.lookups())
        return [*lookups, readout, readout.mT]

    @torch.no_grad()
    def __call__(self, batch: Tensor | None = None) -> None:
        """Write the gradients on the training pairs, or on a batch of them."""
        plan = self._plan(self._index if batch is None else batch, batch is not None)
        made = self._made()
        for k in self._copies:  # the others are the parameters themselves
            self._matrices[k].copy_(made[k])
        for place in self._places:
            place.zero_()
        for tile in plan.tiles:
            self._add(tile, 1 / plan.labels.shape[-1])
        self._net.hand_on(self._places[0], self._places[1])

    def _plan(self, index: Tensor, changing: bool) -> _Plan:
        """Return what a step on some pairs, shape (P,) or (S, P), works on."""
        count, key = index.shape[-1], index.shape[-1] if changing else 0
        if changing or key not in self._plans:
            y, labels = self._net.shape[1], self._labels[index]
            left, right = index // y + self._offsets[0], index % y + self._offsets[1]
        if key not in self._plans:
            shape = (self._count, count)
            rows = [part.expand(shape).clone(memory_format=torch.contiguous_format)
                    for part in (left, right, labels)]  # fmt: skip
            tiles = self._tiles(rows[0], rows[1], rows[2])
            self._plans[key] = _Plan(rows[0], rows[1], rows[2], tiles)
        plan = self._plans[key]
        if changing:
            plan.left.copy_(left)
            plan.right.copy_(right)
            plan.labels.copy_(labels)
        return plan

    def _tiles(self, left: Tensor, right: Tensor, labels: Tensor) -> list[_Tile]:
        """Cut pairs into tiles that share the memory for neurons and logits."""
        pairs, (width, outputs) = labels.shape[1], self._matrices[2].shape[1:]
        place = self._matrices[2]
        each = place.element_size() * (4 * width + 2 * outputs)
        most = max(1, (_CACHE if place.device.type == "cpu" else _ELSEWHERE) // each)
        nets = min(self._count, max(1, most // pairs))
        at_once = pairs if nets > 1 else min(pairs, most)
        room = [place.new_empty(nets * at_once, width) for _ in range(4)]
        room += [place.new_empty(nets * at_once, outputs) for _ in range(2)]
        return [
            self._tile(slice(first, first + nets), slice(start, start + at_once), room,
                       (left, right, labels))
            for first in range(0, self._count, nets)
            for start in range(0, pairs, at_once)
        ]  # fmt: skip

    def _tile(
        self, nets: slice, pairs: slice, room: list[Tensor], rows: tuple[Tensor, ...]
    ) -> _Tile:
        a, b, labels = (part[nets, pairs] for part in rows)
        count, each = labels.shape
        one, other, hidden, back, logits, spare = (place[: count * each] for place in room)
        if self._way.additive:
            back = other  # which is part of the sum by then
        # Products of many nets have an axis for them.
        there, again, at_readout = (
            matrix[nets] if count > 1 else matrix[nets.start]
            for matrix in (*self._matrices[2:], self._places[2])
        )
        pulled = spare if self._pull is entropy_pull else logits
        shape = (count, each) if count > 1 else (each,)
        return _Tile(
            a=a.view(-1), b=b.view(-1), labels=labels.view(-1, 1), one=one, other=other,
            hidden=hidden, back=back, logits=logits, spare=spare, there=there, again=again,
            at_readout=at_readout, hiddens=hidden.view(*shape, -1), backs=back.view(*shape, -1),
            all_logits=logits.view(*shape, -1), pulled=pulled.view(*shape, -1),
            turned=pulled.view(*shape, -1).mT,
        )  # fmt: skip

    def _add(self, tile: _Tile, scale: float) -> None:
        """Add the gradients of some instances on some pairs."""
        way, one, other, back = self._way, tile.one, tile.other, tile.back
        torch.index_select(self._matrices[0], 0, tile.a, out=one)
        torch.index_select(self._matrices[1], 0, tile.b, out=other)
        if way.additive:
            way.activate_into(one.add_(other), tile.hidden)
        else:
            torch.mul(one, other, out=tile.hidden)
        torch.matmul(tile.hiddens, tile.there, out=tile.all_logits)
        self._pull(tile.logits, tile.spare, tile.labels, scale)
        torch.matmul(tile.pulled, tile.again, out=tile.backs)
        if tile.hiddens.dim() == 2:
            tile.at_readout.addmm_(tile.turned, tile.hiddens)
        else:
            tile.at_readout.baddbmm_(tile.turned, tile.hiddens)
        if way.additive:
            way.pull_back(back, one, tile.hidden)
            self._left.index_add_(0, tile.a, back)
            self._right.index_add_(0, tile.b, back)
        else:
            self._left.index_add_(0, tile.a, other.mul_(back))
            self._right.index_add_(0, tile.b, one.mul_(back))
