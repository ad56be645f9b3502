"""Two-layer perceptrons of Gromov's form, and the quadratic one of Morwani et al. (2023)."""

from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import torch

from ...errors import NetworkError
from .lookup import COMBINATIONS, FactorNet, check_real
from .net import Seeds, pair_shape

if TYPE_CHECKING:
    from ...rank import Decomposition

ACTIVATIONS: Final = tuple(name for name, way in COMBINATIONS.items() if way.additive)
_DEGREE: Final = {"relu": 2, "abs": 2, "square": 3, "sigmoid": None}


class TwoLayerPerceptron(FactorNet):
    """f(a, b) = W s(U[a] + V[b]) with an activation s: logits ``sum_r W[c, r] s(U[a,r] + V[b,r])``.

    Parameters
    ----------
    order : int or tuple of int
        Order n of the group; or the sizes (x, y, z) of both inputs and the output.
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

    def __init__(
        self,
        order: int | tuple[int, int, int],
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
        self.shape = pair_shape(order)
        self.combination = activation
        sizes = {"order": order, "width": width, "activation": activation}
        super().__init__(sizes, scale, seed, dtype)

    @property
    def degree(self) -> int | None:
        """Three for the square, two for relu and the absolute value, None for the sigmoid."""
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
        check_real(d.factors)
        U, V, W = d.factors
        arrays = {"U": np.hstack([U, U]), "V": np.hstack([V, -V]), "W": np.hstack([W, -W]) / 4}
        sizes: dict[str, Any] = {"order": d.group.order, "width": 2 * d.rank}
        if cls is TwoLayerPerceptron:
            sizes["activation"] = "square"
        return cls(**sizes, dtype=dtype).assign(arrays)


class MarginNet(TwoLayerPerceptron):
    """The quadratic net ``f(a, b)[c] = sum_i (U[a, i] + V[b, i])^2 W[c, i]``.

    Parameters
    ----------
    order : int or tuple of int
        Order n of the group; or the sizes (x, y, z) of both inputs and the output.
    width : int
        Number m of neurons.
    scale : float, optional
        As for `TwoLayerPerceptron`, of which it is the square case; so are the others.
    seed : int or sequence of int
        Of the first weights.
    dtype : torch.dtype
        Of the weights.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, section 2.

    Examples
    --------
    >>> net = MarginNet(6, 18, seed=1)
    >>> net.degree, tuple(net.logits().shape)
    (3, (6, 6, 6))
    """

    kind = "margin"

    def __init__(
        self,
        order: int | tuple[int, int, int],
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
        """The degree of homogeneity: three."""
        return 3
