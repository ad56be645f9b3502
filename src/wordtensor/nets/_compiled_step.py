"""The gradients of lookup nets on pairs on a CPU: what a step does, in few compiled calls.

A tile is some pairs of some nets, as in `_lookup_step`. For small nets each call takes longer than
its work, so a tile of the squared error is one call of `_lookup_kernels`. Softmax and sigmoid are
torch's, which takes many exponentials at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .._typing import Integers
from . import _lookup_kernels as kernels
from ._lookup_step import tile_sizes
from .models import COMBINATIONS, LookupNet

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Pairs as rows of the flattened lookups, each of shape (S, P), and what is done with them."""

    rows: tuple[Integers, Integers, Integers]  # left, right, labels
    works: list[Work]


# All views are made once: with small nets they would take longer than the arithmetic.
class CompiledStep:
    """Writes the gradients of the mean loss of every instance into its parameters' ``grad``."""

    def __init__(self, net: LookupNet, index: Tensor, labels: Tensor, loss: str) -> None:
        """Take the training pairs a y + b, shape (P,) or (S, P), and the labels of all pairs."""
        self._net, self._loss, self._labels = net, loss, labels.numpy()
        self._kind = list(COMBINATIONS).index(net.combination)
        self._count = net.instances or 1
        # Sorted, so that gathering walks through memory.
        self._index = np.sort(index.numpy(), axis=-1)
        with torch.no_grad():
            lookups, readout = net.lookups(), net.readout()
            self._lookups = [matrix.detach().contiguous() for matrix in lookups]
            self._readout = readout.detach().mT
            self._turned = self._readout.contiguous()
        # What is no parameter, or not in its order, is made or copied anew in every step.
        own = {parameter.data_ptr() for parameter in net.parameters()}
        self._fresh = self._lookups[0].data_ptr() not in own
        self._copied = self._turned.data_ptr() not in own
        self._places = net.gradient_places()
        self._at_readout = self._places[2].contiguous()
        self._plans: dict[int, _Plan] = {}

    def __call__(self, batch: Tensor | None = None) -> None:
        """Write the gradients on the training pairs, or on a batch of them."""
        plan = self._plan(self._index if batch is None else batch.numpy(), batch is not None)
        if self._fresh:
            self._take()
        if self._copied:
            self._turned.copy_(self._readout)
        for work in plan.works:
            work()
        if self._at_readout is not self._places[2]:
            self._places[2].copy_(self._at_readout)
        if self._fresh:
            self._hand_on()

    @torch.no_grad()
    def _take(self) -> None:
        for place, matrix in zip(self._lookups, self._net.lookups(), strict=True):
            place.copy_(matrix)

    @torch.no_grad()
    def _hand_on(self) -> None:
        self._net.hand_on(*self._places[:2])

    def _plan(self, index: Integers, changing: bool) -> _Plan:
        """Return what a step on some pairs, shape (P,) or (S, P), does."""
        key = index.shape[-1] if changing else 0
        made = key not in self._plans
        if made:
            left, right, labels = np.empty((3, self._count, index.shape[-1]), np.int64)
            rows = (left, right, labels)
            self._plans[key] = _Plan(rows, self._works(rows))
        plan = self._plans[key]
        if made or changing:
            x, y, _ = self._net.shape
            given = np.broadcast_to(index, plan.rows[0].shape)
            kernels.look_up(given, self._labels, x, y, *plan.rows)
        return plan

    def _works(self, rows: Sequence[Integers]) -> list[Work]:
        """Cut pairs into tiles that share the memory for neurons and logits."""
        pairs, width, outputs = rows[0].shape[1], self._net.width, self._net.shape[2]
        like = self._turned
        each = like.element_size() * 2 * (width + outputs)
        nets, at_once = tile_sizes(self._count, pairs, each, like)
        sizes = (width, width, outputs, outputs)
        room = [like.new_empty(nets * at_once, size) for size in sizes]
        part = like.new_empty(outputs, width).numpy()
        works: list[Work] = []
        for first in range(0, self._count, nets):
            for start in range(0, pairs, at_once):
                some = slice(first, first + nets)
                cut = [np.ravel(array[some, start : start + at_once]) for array in rows]
                place = 2 if start else min(first, 1)
                works.append(self._work(some, place, cut, room, part, pairs))
        return works

    def _work(
        self, nets: slice, place: int, cut: list[Integers], room: list[Tensor], part: Any,
        pairs: int,
    ) -> Work:  # fmt: skip
        """Return what is done with a tile."""
        a, b, labels = cut
        hidden, at_hidden, logits, shares = (some[: len(a)] for some in room)
        width, (_, _, outputs) = self._net.width, self._net.shape
        left, right = (matrix.reshape(-1, width).numpy() for matrix in self._lookups)
        at_left, at_right = (matrix.reshape(-1, width).numpy() for matrix in self._places[:2])
        readout, at_readout = (
            matrix.reshape(-1, outputs, width).numpy()[nets]
            for matrix in (self._turned, self._at_readout)
        )
        h, back = hidden.numpy(), at_hidden.numpy()
        scale = h.dtype.type(1 / pairs)
        way = (self._kind, place, left, right, readout, a, b, h)
        onto = (back, part, at_left, at_right, at_readout)
        squared, sigmoid = self._loss == "mse", self._net.combination == "sigmoid"
        if squared and not sigmoid:
            return partial(kernels.square_step, *way, logits.numpy(), *onto, labels, 2 * scale)
        works: list[Work] = [partial(kernels.join, self._kind, left, right, a, b, h)]
        if sigmoid:
            works.append(hidden.sigmoid_)
        works.append(partial(kernels.read, h, readout, logits.numpy()))
        if squared:
            works.append(partial(kernels.settle_square, logits.numpy(), labels, 2 * scale))
        else:
            works.append(partial(torch.softmax, logits, -1, out=shares))
            works.append(partial(kernels.settle, shares.numpy(), labels, scale))
        at_logits = logits if squared else shares
        works.append(partial(kernels.go_back, *way, at_logits.numpy(), *onto))
        return partial(_in_turn, works)


def _in_turn(works: list[Work]) -> None:
    for work in works:
        work()
