"""The Hadamard network: a tensor of rank at most its width, as Shutman et al. (2025) use it."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike

from ..._typing import unmasked
from ...errors import NetworkError
from .lookup import FactorNet, check_real
from .net import Seeds, pair_shape

if TYPE_CHECKING:
    from ...rank import Decomposition


class HadamardNet(FactorNet):
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

    def __init__(
        self,
        order: int | tuple[int, int, int],
        width: int,
        *,
        scale: float | None = None,
        seed: Seeds = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.shape = pair_shape(order)
        sizes = {"order": self.shape if isinstance(order, tuple) else int(order), "width": width}
        super().__init__(sizes, scale, seed, dtype)

    @property
    def degree(self) -> int:
        """The degree of homogeneity: three."""
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
        arrays = {name: np.asarray(unmasked(F)) for name, F in zip("UVW", (U, V, W), strict=True)}
        check_real((arrays["U"], arrays["V"], arrays["W"]))
        if any(F.ndim != 2 for F in arrays.values()):
            shapes = ", ".join(str(F.shape) for F in arrays.values())
            raise NetworkError(f"Factors must be real matrices, not have the shapes {shapes}")
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
