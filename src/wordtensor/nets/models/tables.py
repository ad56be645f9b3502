"""Networks whose neurons combine one row of a table for each input."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from .net import PairNet, rows

__all__ = ["COMBINATIONS", "Combination", "TableNet"]


@dataclass(frozen=True, slots=True)
class Combination:
    """How a neuron combines its two inputs."""

    activate: Callable[[Tensor], Tensor]  # The activation
    # From the gradient at the activation, what went in, and the activation, to the gradient at
    # what went in
    pull_back: Callable[[Tensor, Tensor, Tensor], Tensor]
    additive: bool = True  # Whether l and r are added;

    def join(self, left: Tensor, right: Tensor) -> Tensor:
        """Return left + right or left * right, written over left."""
        return left.add_(right) if self.additive else left.mul_(right)


COMBINATIONS: Final[Mapping[str, Combination]] = MappingProxyType(
    {
        "product": Combination(lambda x: x, lambda g, x, h: g, additive=False),
        "relu": Combination(torch.relu, lambda g, x, h: torch.ops.aten.threshold_backward(g, h, 0)),
        "sigmoid": Combination(torch.sigmoid, lambda g, x, h: g.mul_(h).mul_(1 - h)),
        "square": Combination(torch.square, lambda g, x, h: g.mul_(x).mul_(2)),
        "abs": Combination(torch.abs, lambda g, x, h: g.mul_(x.sign())),
    }
)


class TableNet(PairNet):
    """A network with hidden neurons ``s(L[a] + R[b])`` or ``L[a] * R[b]`` and a linear readout.

    Attributes
    ----------
    combination : str
        One of `COMBINATIONS`.
    """

    combination: str

    @abstractmethod
    def tables(self) -> tuple[Tensor, Tensor]:
        """Return L and R: shapes ([S,] x, width) and ([S,] y, width)."""

    def hidden(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the activations of the hidden neurons on pairs."""
        left, right = self.tables()
        return self._combined(rows(left, a), rows(right, b))

    def hidden_grid(self) -> Tensor:
        """Return the activations on all pairs."""
        left, right = self.tables()
        return self._combined(left.unsqueeze(-2), right.unsqueeze(-3)).flatten(-3, -2)

    def _combined(self, left: Tensor, right: Tensor) -> Tensor:
        way = COMBINATIONS[self.combination]
        return way.activate(left + right if way.additive else left * right)
