"""Networks whose neurons look up one row for each input and combine the two."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, cast

import numpy as np
import torch
from torch import Tensor, nn

from ..._typing import Factors, RealFactors
from ...errors import NetworkError
from .net import PairNet, Seeds, normal, rows, start_scale


@dataclass(frozen=True, slots=True)
class Combination:
    """How a neuron combines its two inputs."""

    activate: Callable[[Tensor], Tensor]
    # From the input to the value, written into the second tensor.
    activate_into: Callable[[Tensor, Tensor], object]
    # From the gradient at the value to that at the input, written over it, by input and value.
    pull_back: Callable[[Tensor, Tensor, Tensor], Tensor]
    additive: bool = True  # whether the inputs are added, not multiplied


def _relu_back(back: Tensor, _: Tensor, value: Tensor) -> Tensor:
    return torch.ops.aten.threshold_backward.grad_input(back, value, 0, grad_input=back)  # type: ignore[no-any-return]


def _sigmoid_back(back: Tensor, _: Tensor, value: Tensor) -> Tensor:
    return torch.ops.aten.sigmoid_backward.grad_input(back, value, grad_input=back)  # type: ignore[no-any-return]


COMBINATIONS: Final[Mapping[str, Combination]] = MappingProxyType(
    {
        "product": Combination(
            lambda x: x, lambda x, room: room.copy_(x), lambda g, x, h: g, additive=False
        ),
        "relu": Combination(
            torch.relu, lambda x, room: torch.clamp_min(x, 0, out=room), _relu_back
        ),
        "sigmoid": Combination(
            torch.sigmoid, lambda x, room: torch.sigmoid(x, out=room), _sigmoid_back
        ),
        "square": Combination(
            torch.square,
            lambda x, room: torch.square(x, out=room),
            lambda g, x, h: g.mul_(x).mul_(2),
        ),
        "abs": Combination(
            torch.abs,
            lambda x, room: torch.abs(x, out=room),
            lambda g, x, h: g.mul_(x.sign_()),
        ),
    }
)


class LookupNet(PairNet):
    """A network with hidden neurons ``s(L[a] + R[b])`` or ``L[a] * R[b]`` and a linear readout.

    Attributes
    ----------
    combination : str
        One of `COMBINATIONS`.

    Examples
    --------
    >>> from wordtensor.nets import TwoLayerPerceptron
    >>> net = TwoLayerPerceptron(6, 9, activation="relu")
    >>> isinstance(net, LookupNet), net.combination, [tuple(L.shape) for L in net.lookups()]
    (True, 'relu', [(6, 9), (6, 9)])
    """

    combination: str

    @abstractmethod
    def lookups(self) -> tuple[Tensor, Tensor]:
        """Return L and R: shapes ([S,] x, width) and ([S,] y, width)."""

    @abstractmethod
    def gradient_places(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return where the gradients of L, R and of the readout, transposed, are to be written."""

    def hand_on(self, left: Tensor, right: Tensor) -> None:
        """Write the gradients of the parameters that L and R are made of, if they are others."""

    def hidden(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the activations of the hidden neurons on pairs."""
        left, right = self.lookups()
        return self._combined(rows(left, a), rows(right, b))

    def hidden_grid(self) -> Tensor:
        """Return the activations on all pairs."""
        left, right = self.lookups()
        return self._combined(left.unsqueeze(-2), right.unsqueeze(-3)).flatten(-3, -2)

    def _combined(self, left: Tensor, right: Tensor) -> Tensor:
        way = COMBINATIONS[self.combination]
        return way.activate(left + right if way.additive else left * right)


class FactorNet(LookupNet):
    """A network whose weights U and V are the looked-up rows, and whose readout is W transposed."""

    neuron_axes: ClassVar[Mapping[str, int]] = {"U": -2, "V": -2, "W": -2}
    U: nn.Parameter
    V: nn.Parameter
    W: nn.Parameter

    def __init__(
        self, sizes: dict[str, Any], scale: float | None, seed: Seeds, dtype: torch.dtype
    ) -> None:
        self._scale = start_scale(scale, sizes["width"])
        super().__init__(sizes, seed, dtype)

    def draw(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw U, V, W from centred Gaussians."""
        width = self.sizes["width"]
        named = zip("UVW", self.shape, strict=True)
        return {name: normal(generator, (size, width), self._scale) for name, size in named}

    def lookups(self) -> tuple[Tensor, Tensor]:
        """Return U and V."""
        return self.U, self.V

    def gradient_places(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the gradients of U, V, W themselves."""
        return cast(tuple[Tensor, Tensor, Tensor], (self.U.grad, self.V.grad, self.W.grad))

    def readout(self) -> Tensor:
        """Return the transpose of W."""
        return self.W.mT

    def factors(self) -> RealFactors:
        """Return copies of U, V, W, shapes ([S,] x, R), ([S,] y, R), ([S,] z, R)."""
        U, V, W = (p.detach().cpu().double().numpy().copy() for p in (self.U, self.V, self.W))
        return U, V, W


def check_real(factors: Factors) -> None:
    """Refuse complex factors: weights are real."""
    if any(np.iscomplexobj(F) for F in factors):
        raise NetworkError("Factors must be real matrices; decompose with field='real'")
