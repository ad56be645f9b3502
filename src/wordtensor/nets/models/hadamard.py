"""The Hadamard network: a tensor of rank at most its width, as Shutman et al. (2025) use it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ...errors import NetworkError
from .net import Seeds, normal, start_scale
from .tables import TableNet

if TYPE_CHECKING:
    from ...rank import Decomposition

__all__ = ["HadamardNet"]


class HadamardNet(TableNet):
    """f(a, b) = W (U[a] * V[b]): logits ``f[c] = sum_r U[a, r] V[b, r] W[c, r]``.

    Parameters
    ----------
    order : int or tuple of int
        Order n of the group; or the sizes (x, y, z) of any three-way tensor.
    width : int
        Number R of neurons.
    scale : float, optional
        Standard deviation of the start; by default ``R ** -0.5``.
    seed : int or sequence of int
        A sequence makes that many instances in one module.
    dtype : torch.dtype

    References
    ----------
    Shutman, Louidor, Tessler (2025), arXiv:2509.06931, section 4 ("HD" model).

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> net = HadamardNet.from_decomposition(d)
    >>> net.width, bool((net.logits().argmax(-1) == wt.word_tensor("a*b", "S3").table).all())
    (9, True)
    """

    kind = "hadamard"
    combination = "product"
    neuron_axes: ClassVar[Mapping[str, int]] = {"U": -2, "V": -2, "W": -2}
    U: nn.Parameter
    V: nn.Parameter
    W: nn.Parameter

    def __init__(
        self,
        order: int | tuple[int, int, int],
        width: int,
        *,
        scale: float | None = None,
        seed: Seeds = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        x, y, z = order if isinstance(order, tuple) else (order, order, order)
        if min(x, y, z) < 1:
            raise NetworkError(f"Argument 'order' must be at least 1, not {order}")
        self.shape = (int(x), int(y), int(z))
        sizes = {"order": self.shape if isinstance(order, tuple) else int(order), "width": width}
        self._scale = start_scale(scale, width)
        super().__init__(sizes, seed, dtype)

    def draw(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw U, V, W from centred Gaussians."""
        width = self.sizes["width"]
        named = zip("UVW", self.shape, strict=True)
        return {name: normal(generator, (size, width), self._scale) for name, size in named}

    @property
    def degree(self) -> int:
        """Three."""
        return 3

    @classmethod
    def from_factors(
        cls, U: ArrayLike, V: ArrayLike, W: ArrayLike, dtype: torch.dtype = torch.float64
    ) -> Self:
        """Make a net with given factors, shapes (x, R), (y, R), (z, R).

        Raises
        ------
        NetworkError
            If the shapes do not fit or the factors are complex.
        """
        arrays = {name: np.asarray(F) for name, F in zip("UVW", (U, V, W), strict=True)}
        if any(F.ndim != 2 or np.iscomplexobj(F) for F in arrays.values()):
            raise NetworkError("factors must be real matrices; decompose with field='real'")
        order = tuple(len(F) for F in arrays.values())
        sizes: Any = order[0] if len(set(order)) == 1 else order
        return cls(sizes, arrays["U"].shape[1], dtype=dtype).assign(arrays)

    @classmethod
    def from_decomposition(cls, d: "Decomposition", dtype: torch.dtype = torch.float64) -> Self:
        """Make the net of width R that computes a word exactly, without training.

        Parameters
        ----------
        d : Decomposition
            With real terms.
        dtype : torch.dtype
            Double precision by default, as the factors.
        """
        return cls.from_factors(*d.factors, dtype=dtype)

    def factors(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return copies of U, V, W, shapes ([S,] x, R), ([S,] y, R), ([S,] z, R)."""
        U, V, W = (p.detach().cpu().double().numpy().copy() for p in (self.U, self.V, self.W))
        return U, V, W

    def tables(self) -> tuple[Tensor, Tensor]:
        """Return U and V."""
        return self.U, self.V

    def readout(self) -> Tensor:
        """Return the transpose of W."""
        return self.W.mT
