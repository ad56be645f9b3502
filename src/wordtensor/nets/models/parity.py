"""The network for sparse parity of Morwani et al. (2023)."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from .net import Net, Seeds, normal, start_scale


class ParityNet(Net):
    """f(x) = sum_i (U[:, i] . x)^k W[:, i] for x in {-1, 1}^n, with two logits.

    Parameters
    ----------
    bits : int
        Number n of inputs.
    width : int
        Number m of neurons.
    power : int
        The exponent k of the activation.
    scale : float, optional
        Standard deviation of the start; by default ``bits ** -0.5``.
    seed : int or sequence of int
        A sequence makes that many instances in one module.
    dtype : torch.dtype

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, section 2.

    Examples
    --------
    >>> import torch
    >>> ParityNet(4, 8, 2)(torch.tensor([[1.0, -1.0, 1.0, 1.0]])).shape
    torch.Size([1, 2])
    """

    kind = "parity"
    neuron_axes: ClassVar[Mapping[str, int]] = {"U": -2, "W": -2}
    U: nn.Parameter
    W: nn.Parameter

    def __init__(
        self,
        bits: int,
        width: int,
        power: int,
        *,
        scale: float | None = None,
        seed: Seeds = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self._scale = start_scale(scale, bits)
        super().__init__({"bits": bits, "width": width, "power": power}, seed, dtype)

    def draw(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw U, shape (n, m), and W, shape (2, m), from centred Gaussians."""
        bits, width = self.sizes["bits"], self.sizes["width"]
        return {
            "U": normal(generator, (bits, width), self._scale),
            "W": normal(generator, (2, width), self._scale),
        }

    @property
    def degree(self) -> int:
        """The exponent k and one more for the output weights."""
        return int(self.sizes["power"]) + 1

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of inputs, shape (P, n): shape (P, 2) or (S, P, 2)."""
        power = int(self.sizes["power"])
        return (x @ self.U).pow(power) @ self.W.mT
