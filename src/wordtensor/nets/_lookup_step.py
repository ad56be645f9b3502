"""The gradients of lookup nets on pairs, written down and found tile by tile.

A tile is some pairs of some nets. It joins rows of both lookups to neurons, multiplies them by the
readout, pulls the loss back from the logits, multiplies twice more, and spreads what comes to the
neurons over the lookups' rows. All of it is torch's, so that it can be recorded and replayed on a
device; a CPU has a way of its own (`_compiled_step`). Names of gradients begin with "at".
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import torch
from torch import Tensor

from .models import COMBINATIONS, LookupNet

# Bytes of neurons and logits at a time: they stay in a CPU's caches; a GPU wants many.
_CACHE: Final = 2**20
_ELSEWHERE: Final = 2**28

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Tile:
    """What is done with p pairs, and the matrices that are multiplied; of many nets, (c, ...)."""

    join: Work  # from both lookups to hidden
    pull: Work  # from logits to at_logits
    spread: Work  # from at_hidden to the gradients of both lookups
    hidden: Tensor  # (p, width)
    logits: Tensor  # (p, columns): z, and zeros up to a multiple of eight
    at_logits: Tensor  # (p, z)
    at_logits_turned: Tensor  # (z, p)
    at_hidden: Tensor  # (p, width)
    readout: Tensor  # (width, columns)
    readout_turned: Tensor  # (z, width)
    at_readout_turned: Tensor  # (z, width)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Pairs as rows of the flattened lookups, each of shape (S, P), and their tiles."""

    left: Tensor
    right: Tensor
    labels: Tensor
    tiles: list[_Tile]


def entropy_pull(logits: Tensor, shares: Tensor, labels: Tensor, scale: float) -> None:
    """Write the gradient of the cross entropy, times a factor, over a tensor of the same shape."""
    torch.softmax(logits, -1, out=shares)
    # p - 1 at the label has no digits left where p is nearly one; minus the sum of the others has.
    shares.scatter_(-1, labels, 0.0)
    wrong = shares.sum(-1, keepdim=True)
    shares.scatter_(-1, labels, wrong.neg_()).mul_(scale)


def tile_bytes(device: torch.device) -> int:
    """Return how much of what stands between weights and gradients is made at a time."""
    return _CACHE if device.type == "cpu" else _ELSEWHERE


def tile_sizes(nets: int, pairs: int, each: int, like: Tensor) -> tuple[int, int]:
    """Return of how many nets, and how many pairs of each, a tile is, at so many bytes a pair."""
    most = max(1, tile_bytes(like.device) // each)
    together = min(nets, max(1, most // pairs))
    return together, pairs if together > 1 else min(pairs, most)


# All views are made once: with small nets they would take longer than the arithmetic.
class LookupStep:
    """Writes the gradients of the mean loss of every instance into its parameters' ``grad``."""

    def __init__(self, net: LookupNet, index: Tensor, labels: Tensor, loss: str) -> None:
        """Take the training pairs a y + b, shape (P,) or (S, P), and the labels of all pairs."""
        self._net, self._loss = net, loss
        self._count, self._labels = net.instances or 1, labels
        # Sorted, so that gathering walks through memory.
        self._index = index.sort(-1).values
        places = net.gradient_places()
        self._gradients = [p.reshape(self._count, *p.shape[-2:]) for p in places]
        self._at_left, self._at_right = (p.view(-1, p.shape[-1]) for p in places[:2])
        with torch.no_grad():
            lookups = self._lookups()
            readout = net.readout().detach().reshape(self._count, net.width, -1)
        # Products with columns in no multiple of eight take up to half as long again.
        z = readout.shape[2]
        padded = readout.new_zeros(*readout.shape[:2], -(-z // 8) * 8)
        turned = readout.mT.contiguous()
        self._matrices = [*(matrix.contiguous() for matrix in lookups), padded, turned]
        # What is no parameter, or not in its order, is made or copied anew in every step.
        own = {parameter.data_ptr() for parameter in net.parameters()}
        self._fresh = lookups[0].data_ptr() not in own
        self._copied = [(padded[..., :z], readout)]
        if turned.data_ptr() not in own:
            self._copied.append((turned, readout.mT))
        self._plans: dict[int, _Plan] = {}

    @torch.no_grad()
    def __call__(self, batch: Tensor | None = None) -> None:
        """Write the gradients on the training pairs, or on a batch of them."""
        plan = self._plan(self._index if batch is None else batch, batch is not None)
        if self._fresh:
            for place, matrix in zip(self._matrices[:2], self._lookups(), strict=True):
                place.copy_(matrix)
        for place, matrix in self._copied:
            place.copy_(matrix)
        for gradient in self._gradients:
            gradient.zero_()
        # The squared error's gradient is 2 (logits - target) / pairs; the factor comes at once.
        scale = 2 / plan.labels.shape[-1] if self._loss == "mse" else 1.0
        for tile in plan.tiles:
            tile.join()
            hidden, logits, at_readout = tile.hidden, tile.logits, tile.at_readout_turned
            many = hidden.dim() == 3
            add, multiply = (torch.baddbmm, torch.bmm) if many else (torch.addmm, torch.mm)
            add(logits, hidden, tile.readout, beta=0, alpha=scale, out=logits)
            tile.pull()
            multiply(tile.at_logits, tile.readout_turned, out=tile.at_hidden)
            add(at_readout, tile.at_logits_turned, hidden, out=at_readout)
            tile.spread()
        self._net.hand_on(self._gradients[0], self._gradients[1])

    def _lookups(self) -> list[Tensor]:
        """Return both lookups flattened, (S x, width) and (S y, width)."""
        return [matrix.reshape(-1, self._net.width) for matrix in self._net.lookups()]

    def _plan(self, index: Tensor, changing: bool) -> _Plan:
        """Return what a step on some pairs, shape (P,) or (S, P), works on."""
        key = index.shape[-1] if changing else 0
        made = key not in self._plans
        if made:
            rows = [index.new_empty(self._count, index.shape[-1]) for _ in range(3)]
            self._plans[key] = _Plan(rows[0], rows[1], rows[2], self._tiles(rows))
        plan = self._plans[key]
        if made or changing:
            self._look_up(index.expand(plan.labels.shape), plan)
        return plan

    def _look_up(self, index: Tensor, plan: _Plan) -> None:
        """Write pairs a y + b as rows of the flattened lookups, with their labels."""
        x, y, _ = self._net.shape
        rows = torch.arange(self._count, device=index.device).unsqueeze(-1)
        torch.add(index // y, rows, alpha=x, out=plan.left)
        torch.add(index % y, rows, alpha=y, out=plan.right)
        plan.labels.copy_(self._labels[index])

    def _tiles(self, rows: list[Tensor]) -> list[_Tile]:
        """Cut pairs into tiles that share the memory for neurons and logits."""
        place = self._matrices[2]
        pairs, (width, outputs) = rows[0].shape[1], place.shape[1:]
        each = place.element_size() * (4 * width + 2 * outputs)
        nets, at_once = tile_sizes(self._count, pairs, each, place)
        columns = [width] * 4 + [outputs, self._net.shape[2]]
        room = [place.new_empty(nets * at_once, size) for size in columns]
        return [
            self._tile(slice(first, first + nets), slice(start, start + at_once), room, rows)
            for first in range(0, self._count, nets)
            for start in range(0, pairs, at_once)
        ]  # fmt: skip

    def _tile(self, nets: slice, pairs: slice, room: list[Tensor], rows: list[Tensor]) -> _Tile:
        a, b, labels = (part[nets, pairs] for part in rows)
        count, each = labels.shape
        *copies, hidden, at_hidden, logits, spare = (place[: count * each] for place in room)
        real = logits[:, : self._net.shape[2]]
        ways = (*self._matrices[:2], a.view(-1), b.view(-1), *copies, hidden, at_hidden)
        # Products of many nets have an axis for them.
        shape = (count, each) if count > 1 else (each,)
        readout, readout_turned, at_readout_turned = (
            matrix[nets] if count > 1 else matrix[nets.start]
            for matrix in (*self._matrices[2:], self._gradients[2])
        )
        at_logits = (real if self._loss == "mse" else spare).view(*shape, -1)
        return _Tile(
            join=partial(self._join, *ways),
            pull=self._pull(real, spare, labels.view(-1, 1), 1 / rows[0].shape[1]),
            spread=partial(self._spread, *ways),
            hidden=hidden.view(*shape, -1),
            logits=logits.view(*shape, -1),
            at_logits=at_logits,
            at_logits_turned=at_logits.mT,
            at_hidden=at_hidden.view(*shape, -1),
            readout=readout,
            readout_turned=readout_turned,
            at_readout_turned=at_readout_turned,
        )

    def _pull(self, logits: Tensor, spare: Tensor, labels: Tensor, scale: float) -> Work:
        """Return the way from logits to the gradient there."""
        if self._loss == "mse":
            minus = logits.new_full(labels.shape, -2 * scale)
            return lambda: logits.scatter_add_(-1, labels, minus)
        return partial(entropy_pull, logits, spare, labels, scale)

    def _join(
        self, left: Tensor, right: Tensor, a: Tensor, b: Tensor, one: Tensor, other: Tensor,
        hidden: Tensor, _: Tensor,
    ) -> None:  # fmt: skip
        torch.index_select(left, 0, a, out=one)
        torch.index_select(right, 0, b, out=other)
        way = COMBINATIONS[self._net.combination]
        if way.additive:
            way.activate_into(one.add_(other), hidden)
        else:
            torch.mul(one, other, out=hidden)

    def _spread(
        self, left: Tensor, right: Tensor, a: Tensor, b: Tensor, one: Tensor, other: Tensor,
        hidden: Tensor, at_hidden: Tensor,
    ) -> None:  # fmt: skip
        way = COMBINATIONS[self._net.combination]
        if way.additive:
            way.pull_back(at_hidden, one, hidden)
            self._at_left.index_add_(0, a, at_hidden)
            self._at_right.index_add_(0, b, at_hidden)
        else:
            self._at_left.index_add_(0, a, other.mul_(at_hidden))
            self._at_right.index_add_(0, b, one.mul_(at_hidden))
