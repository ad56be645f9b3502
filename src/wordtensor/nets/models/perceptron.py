"""Two-layer perceptrons of Gromov's form, and the quadratic one of Morwani et al. (2023)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import numpy as np
import torch
from torch import Tensor, nn

from ...errors import NetworkError
from .net import Seeds, normal, start_scale
from .tables import COMBINATIONS, TableNet

if TYPE_CHECKING:
    from ...rank import Decomposition

__all__ = ["ACTIVATIONS", "MarginNet", "TwoLayerPerceptron"]

ACTIVATIONS: Final = tuple(name for name, way in COMBINATIONS.items() if way.additive)
_DEGREE: Final = {"relu": 2, "abs": 2, "square": 3, "sigmoid": None}


class TwoLayerPerceptron(TableNet):
    """f(a, b) = W s(U[a] + V[b]) with an activation s: logits ``sum_r W[c, r] s(U[a,r] + V[b,r])``.

    Parameters
    ----------
    order : int
        Order n of the group.
    width : int
        Number of neurons.
    activation : {"relu", "sigmoid", "square", "abs"}
    scale : float, optional
        Standard deviation of the start; by default ``width ** -0.5``.
    seed : int or sequence of int
        A sequence makes that many instances in one module.
    dtype : torch.dtype

    Notes
    -----
    A Hadamard net of width R is a square perceptron of width 2R, since
    ``4 u v = (u + v)^2 - (u - v)^2``.

    References
    ----------
    Shutman, Louidor, Tessler (2025), arXiv:2509.06931, sections 2 and 4 ("TLP"; Lemma 4.6).

    Examples
    --------
    >>> import wordtensor as wt
    >>> net = TwoLayerPerceptron.from_decomposition(wt.decompose("a*b*a^-1", "S3"))
    >>> net.width, net.sizes["activation"]
    (16, 'square')
    """

    kind = "perceptron"
    neuron_axes: ClassVar[Mapping[str, int]] = {"U": -2, "V": -2, "W": -2}
    U: nn.Parameter
    V: nn.Parameter
    W: nn.Parameter

    def __init__(
        self,
        order: int,
        width: int,
        activation: str = "relu",
        *,
        scale: float | None = None,
        seed: Seeds = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if activation not in ACTIVATIONS:
            raise NetworkError(
                f"Argument 'activation' must be one of {', '.join(ACTIVATIONS)}, not {activation!r}"
            )
        self.shape = (order, order, order)
        self._scale = start_scale(scale, width)
        self.combination = activation
        super().__init__({"order": order, "width": width, "activation": activation}, seed, dtype)

    def draw(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw U, V, W from centred Gaussians."""
        shape = (self.sizes["order"], self.sizes["width"])
        return {name: normal(generator, shape, self._scale) for name in "UVW"}

    @property
    def degree(self) -> int | None:
        """Three for the square, two for relu and |x|, None for the sigmoid."""
        return _DEGREE[self.sizes["activation"]]

    @classmethod
    def from_decomposition(cls, d: "Decomposition", dtype: torch.dtype = torch.float64) -> Self:
        """Make the square perceptron of width 2R that computes a word exactly.

        Parameters
        ----------
        d : Decomposition
            With R real terms.
        dtype : torch.dtype
            Double precision by default, as the factors.

        Raises
        ------
        NetworkError
            If the terms are complex.
        """
        U, V, W = d.factors
        if any(np.iscomplexobj(F) for F in d.factors):
            raise NetworkError("factors must be real matrices; decompose with field='real'")
        arrays = {
            "U": np.hstack([U, U]),
            "V": np.hstack([V, -V]),
            "W": np.hstack([W, -W]) / 4,
        }
        sizes: dict[str, Any] = {"order": d.group.order, "width": 2 * d.rank}
        if cls is TwoLayerPerceptron:
            sizes["activation"] = "square"
        return cls(**sizes, dtype=dtype).assign(arrays)

    def tables(self) -> tuple[Tensor, Tensor]:
        """Return U and V."""
        return self.U, self.V

    def readout(self) -> Tensor:
        """Return the transpose of W."""
        return self.W.mT


class MarginNet(TwoLayerPerceptron):
    """The quadratic net ``f(a, b)[c] = sum_i (U[a, i] + V[b, i])^2 W[c, i]``.

    Parameters
    ----------
    order : int
        Order n of the group.
    width : int
        Number m of neurons.
    scale, seed, dtype
        As for `TwoLayerPerceptron`, of which it is the square case.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, section 2.
    """

    kind = "margin"

    def __init__(
        self,
        order: int,
        width: int,
        *,
        scale: float | None = None,
        seed: Seeds = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(order, width, "square", scale=scale, seed=seed, dtype=dtype)
        self.sizes = {"order": order, "width": width}

    @property
    def degree(self) -> int:
        """Three."""
        return 3
