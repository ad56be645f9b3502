"""The one-layer transformer of Chughtai et al. (2023), folded to what the last position reads."""

import torch
from torch import Tensor, nn

from .net import PairNet, Seeds, normal


class OneLayerTransformer(PairNet):
    """One layer of attention and a relu perceptron over the tokens a, b, "="; no normalisation.

    Parameters
    ----------
    order : int
        Order n of the group; "=" is token n.
    width : int
        Number of hidden neurons of the perceptron; 512 in the paper.
    model_size : int
        Length of the residual stream; 128 in the paper.
    heads : int
        Number of heads; 4 in the paper.
    head_size : int
        Length of keys, queries and values; 32 in the paper.
    seed : int or sequence of int
        A sequence makes that many instances in one module.
    dtype : torch.dtype

    Notes
    -----
    Logits are read at "=" only, so its query is a constant, and position 0 (1) sees a (b) alone.
    With shares ``p[a, b]``, ``q[a, b]`` of a and b in each head's attention, which "=" has the rest
    of, and values ``v_0[a]``, ``v_1[b]``, ``v_2``,

        residual = x_2 + sum_heads v_2 + p[a, b] (v_0[a] - v_2) + q[a, b] (v_1[b] - v_2),

    and as W_O and W_in are linear they act on n rows per head, not on n^2 pairs. On the whole
    grid that is one product of matrices with inner dimension ``heads`` per row.

    References
    ----------
    Chughtai, Chan, Nanda (2023), arXiv:2302.03025, appendix C.

    Examples
    --------
    >>> OneLayerTransformer(6, width=8, model_size=8, heads=2, head_size=4).logits().shape
    (6, 6, 6)
    """

    kind = "transformer"
    W_E: nn.Parameter
    W_pos: nn.Parameter
    W_Q: nn.Parameter
    W_K: nn.Parameter
    W_V: nn.Parameter
    W_O: nn.Parameter
    W_in: nn.Parameter
    W_out: nn.Parameter
    W_U: nn.Parameter

    def __init__(
        self,
        order: int,
        width: int = 512,
        model_size: int = 128,
        heads: int = 4,
        head_size: int = 32,
        *,
        seed: Seeds = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.shape = (order, order, order)
        sizes = {
            "order": order,
            "width": width,
            "model_size": model_size,
            "heads": heads,
            "head_size": head_size,
        }
        super().__init__(sizes, seed, dtype)

    def draw(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw all weights as TransformerLens does: std ``0.8 / sqrt(model_size)``."""
        n, width, size, heads, head = self.sizes.values()
        shapes = {
            "W_E": (n + 1, size),
            "W_pos": (3, size),
            "W_Q": (heads, size, head),
            "W_K": (heads, size, head),
            "W_V": (heads, size, head),
            "W_O": (heads, head, size),
            "W_in": (size, width),
            "W_out": (width, size),
            "W_U": (size, n),
        }
        std = 0.8 / float(size) ** 0.5
        return {name: normal(generator, shape, std) for name, shape in shapes.items()}

    def _streams(self) -> tuple[Tensor, Tensor, Tensor]:
        """Residual streams before attention: ([S,] n, size) at a and b, ([S,] 1, size) at "="."""
        n = self.order
        tokens, last = self.W_E[..., :n, :], self.W_E[..., n:, :]
        first, second, third = (self.W_pos[..., k : k + 1, :] for k in range(3))
        return tokens + first, tokens + second, last + third

    def _attention(self) -> tuple[list[Tensor], list[Tensor]]:
        """Return scores ([S,] heads, n or 1) and values after W_O (..., n or 1, size)."""
        streams = self._streams()
        scale = float(self.sizes["head_size"]) ** -0.5
        query = streams[2].unsqueeze(-3) @ self.W_Q
        keys = [stream.unsqueeze(-3) @ self.W_K for stream in streams]
        scores = [(key @ query.mT).squeeze(-1) * scale for key in keys]
        values = [stream.unsqueeze(-3) @ self.W_V @ self.W_O for stream in streams]
        return scores, values

    def _residual_grid(self, onward: Tensor) -> Tensor:
        """Return the last residual stream after attention, times a matrix, on all pairs."""
        (first, second, third), values = self._attention()
        to_first, to_second = _shares(
            first.unsqueeze(-1), second.unsqueeze(-2), third.unsqueeze(-1)
        )  # ([S,] heads, n, n)
        left, right, rest = (value @ onward.unsqueeze(-3) for value in values)
        # Rows a: (n, heads) @ (heads, k) for each a; then the same for columns b.
        by_first = to_first.movedim(-3, -1) @ (left - rest).movedim(-3, -2)
        by_second = to_second.mT.movedim(-3, -1) @ (right - rest).movedim(-3, -2)
        start = self._streams()[2] @ onward + rest.sum(-3)
        # In place: fresh memory for each large intermediate costs more than the arithmetic.
        total = by_first.add_(by_second.transpose(-3, -2)).add_(start.unsqueeze(-2))
        return total.flatten(-3, -2)

    def _residual(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the last residual stream after attention on pairs: shape ([S,] P, size)."""
        (first, second, third), (left, right, rest) = self._attention()
        to_first, to_second = _shares(_columns(first, a), _columns(second, b), third)
        mixed = to_first.unsqueeze(-1) * _gather(left - rest, a)
        mixed = mixed + to_second.unsqueeze(-1) * _gather(right - rest, b)
        return mixed.sum(-3) + self._streams()[2] + rest.sum(-3)

    def hidden(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the activations of the perceptron's neurons."""
        return (self._residual(a, b) @ self.W_in).relu_()

    def hidden_grid(self) -> Tensor:
        """Return the activations on all pairs."""
        return self._residual_grid(self.W_in).relu_()

    def readout(self) -> Tensor:
        """Return W_out W_U, the way of the neurons; the residual stream has its own."""
        return self.W_out @ self.W_U

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the logits of given pairs, as `PairNet.forward`."""
        residual = self._residual(a, b)
        return (residual @ self.W_in).relu_() @ self.readout() + residual @ self.W_U

    def grid(self) -> Tensor:
        """Return the logits of all pairs, as `PairNet.grid`."""
        return self.hidden_grid() @ self.readout() + self._residual_grid(self.W_U)

    def select(self, index: Tensor) -> Tensor:
        """Return the logits of some pairs; both residual parts come from the whole grid."""
        axis = index.dim() - 1

        def chosen(grid: Tensor) -> Tensor:
            if index.dim() == 1:
                return grid.index_select(-2, index)
            return grid.gather(axis, index.unsqueeze(-1).expand(*index.shape, grid.shape[-1]))

        hidden = chosen(self._residual_grid(self.W_in)).relu_()
        return hidden @ self.readout() + chosen(self._residual_grid(self.W_U))


def _shares(first: Tensor, second: Tensor, third: Tensor) -> tuple[Tensor, Tensor]:
    """Softmax over three scores per pair, of any size; the third share is what is left of 1."""
    # Each pair has its own top: below one for all pairs, a pair could be left without any weight.
    top = torch.maximum(torch.maximum(first, second), third).detach()
    at_first, at_second = (first - top).exp_(), (second - top).exp_()
    share = (at_first + at_second + (third - top).exp_()).reciprocal_()
    return at_first * share, at_second * share


def _columns(values: Tensor, index: Tensor) -> Tensor:
    """Columns of ([S,] heads, n) at (P,) or (S, P)."""
    if index.dim() == 1:
        return values[..., index]
    return values.gather(-1, index.unsqueeze(1).expand(-1, values.shape[1], -1))


def _gather(values: Tensor, index: Tensor) -> Tensor:
    """Rows of ([S,] heads, n, k) at (P,) or (S, P)."""
    if index.dim() == 1:
        return values[..., index, :]
    wide = index.unsqueeze(1).unsqueeze(-1).expand(-1, values.shape[1], -1, values.shape[-1])
    return values.gather(-2, wide)
