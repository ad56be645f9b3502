"""The multilayer perceptron with embeddings of Chughtai et al. (2023)."""

from typing import cast

import torch
from torch import Tensor, nn

from .lookup import LookupNet
from .net import Seeds, normal, pair_shape


class EmbeddingMLP(LookupNet):
    """Logits ``relu([W_x[a], W_y[b]] W) W_U``, without biases.

    Parameters
    ----------
    order : int or tuple of int
        Order n of the group; or the sizes (x, y, z) of both inputs and the output.
    width : int
        Number of hidden neurons; 128 in the paper.
    embedding : int
        Length of each embedding; 256 in the paper.
    seed : int or sequence of int
        A sequence makes that many instances in one module. The start of a seed is that of the
        authors' code.
    dtype : torch.dtype

    Notes
    -----
    The first two layers are linear, so n rows of ``W_x W[:e]`` and ``W_y W[e:]`` are computed
    instead of n^2 rows of embeddings.

    References
    ----------
    Chughtai, Chan, Nanda (2023), arXiv:2302.03025, appendix C.

    Examples
    --------
    >>> EmbeddingMLP(6, width=8, embedding=16).logits().shape
    (6, 6, 6)
    """

    kind = "mlp"
    combination = "relu"
    W_x: nn.Parameter
    W_y: nn.Parameter
    W: nn.Parameter
    W_U: nn.Parameter

    def __init__(
        self,
        order: int | tuple[int, int, int],
        width: int = 128,
        embedding: int = 256,
        *,
        seed: Seeds = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.shape = pair_shape(order)
        super().__init__({"order": order, "width": width, "embedding": embedding}, seed, dtype)

    def draw(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw W_x, W_y, W, W_U, each scaled by the root of its inputs."""
        x, y, z = self.shape
        width, size = self.sizes["width"], self.sizes["embedding"]
        return {
            "W_x": normal(generator, (x, size), size**-0.5),
            "W_y": normal(generator, (y, size), size**-0.5),
            "W": normal(generator, (2 * size, width), (2 * size) ** -0.5),
            "W_U": normal(generator, (width, z), width**-0.5),
        }

    @property
    def degree(self) -> int:
        """Three: relu of a product of two weights, times a third."""
        return 3

    def lookups(self) -> tuple[Tensor, Tensor]:
        """Return what each input adds to the neurons: two tensors of shape ([S,] n, width)."""
        size = self.sizes["embedding"]
        return self.W_x @ self.W[..., :size, :], self.W_y @ self.W[..., size:, :]

    def gradient_places(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return room for the gradients of the lookups, and the gradient of W_U."""
        left, right = (torch.empty_like(matrix) for matrix in self.lookups())
        return left.detach(), right.detach(), cast(Tensor, self.W_U.grad).mT

    def hand_on(self, left: Tensor, right: Tensor) -> None:
        """Write the gradients of W_x, W_y and W from those of the lookups."""
        size = self.sizes["embedding"]
        halves = ((self.W_x, left, slice(None, size)), (self.W_y, right, slice(size, None)))
        onward = cast(Tensor, self.W.grad)
        for embedding, gradient, half in halves:
            given = gradient.reshape(*embedding.shape[:-1], -1)
            torch.matmul(given, self.W[..., half, :].mT, out=cast(Tensor, embedding.grad))
            onward[..., half, :] = embedding.mT @ given

    def readout(self) -> Tensor:
        """Return W_U."""
        return self.W_U
