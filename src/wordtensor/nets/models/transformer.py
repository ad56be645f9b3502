"""The one-layer transformer of Chughtai et al. (2023), folded to what the last position reads."""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .net import PairNet, Seeds, normal, rows


class Folded(NamedTuple):
    """What pairs see of the parameters of c nets; the tokens are n a's, then n b's."""

    values: Tensor  # (c, heads, 2 n, head size): beyond those of "="
    onward: Tensor  # (c, heads, head size, k): to the k = width + n neurons and direct logits
    start: Tensor  # (c, 1, k): if "=" had all attention
    scores: Tensor  # (c, 2 n, heads)
    last: Tensor  # (c, 1, heads): the scores of "="
    readout: Tensor  # (c, width, n)


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

    and as W_O, W_in and W_U are linear they act on n rows per head, not on n^2 pairs: what goes
    into the neurons of a pair, and its direct logits, are sums of such rows.

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

    def folded(self) -> Folded:
        """Return what pairs see of the parameters; a single net counts as one of c = 1."""
        weights = [p.unsqueeze(0) if self.instances is None else p for p in self.parameters()]
        return fold(*weights, scale=self.scale)

    @property
    def scale(self) -> float:
        """What the attention multiplies products of keys and queries by."""
        return math.pow(self.sizes["head_size"], -0.5)

    def _sums(self, a: Tensor, b: Tensor, folded: Folded) -> Tensor:
        """Return what goes into the neurons, and the direct logits, of pairs: (c, P, k)."""
        n, nets = self.order, len(folded.start)
        numbers = torch.arange(2 * n, device=a.device)  # looked up, so that no b is taken for an a
        tokens = torch.stack([numbers[:n][a], numbers[n:][b]], -1).expand(nets, a.shape[-1], 2)
        sums = bag(
            (folded.values @ folded.onward).flatten(0, 2),
            rows_of(tokens, n, self.sizes["heads"]),
            shares_of(folded, tokens)[:, :, :2],
        )
        # In place: fresh memory for each large intermediate costs more than the arithmetic.
        return sums.add_(folded.start)

    def _pairs(self) -> tuple[Tensor, Tensor]:
        index = torch.arange(self.order**2, device=self.device)
        return index // self.order, index % self.order

    def hidden(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the activations of the perceptron's neurons."""
        hidden = self._sums(a, b, self.folded())[..., : self.width].relu_()
        return hidden.squeeze(0) if self.instances is None else hidden

    def hidden_grid(self) -> Tensor:
        """Return the activations on all pairs."""
        return self.hidden(*self._pairs())

    def readout(self) -> Tensor:
        """Return W_out W_U, the way of the neurons; the residual stream has its own."""
        return self.W_out @ self.W_U

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the logits of given pairs, as `PairNet.forward`."""
        folded = self.folded()
        sums = self._sums(a, b, folded)
        hidden = sums[..., : self.width].relu_()
        logits = torch.baddbmm(sums[..., self.width :], hidden, folded.readout)
        return logits.squeeze(0) if self.instances is None else logits

    def grid(self) -> Tensor:
        """Return the logits of all pairs, as `PairNet.grid`."""
        logits: Tensor = self(*self._pairs())
        return logits


def fold(
    W_E: Tensor,
    W_pos: Tensor,
    W_Q: Tensor,
    W_K: Tensor,
    W_V: Tensor,
    W_O: Tensor,
    W_in: Tensor,
    W_out: Tensor,
    W_U: Tensor,
    *,
    scale: float,
) -> Folded:
    """Fold the parameters of c nets, with a scale of the scores."""
    n = W_U.shape[-1]
    tokens, last = W_E[:, :n], W_E[:, n:] + W_pos[:, 2:]
    streams = torch.cat([tokens + W_pos[:, :1], tokens + W_pos[:, 1:2]], 1)
    keys = (W_K @ (last.unsqueeze(1) @ W_Q).mT).squeeze(-1).mT * scale  # (c, size, heads)
    ways = torch.cat([W_in, W_U], -1)
    onward = W_O.flatten(1, 2) @ ways
    return Folded(
        values=(streams - last).unsqueeze(1) @ W_V,
        onward=onward.reshape(*W_O.shape[:3], -1),
        start=last @ ways + (last.unsqueeze(1) @ W_V).flatten(1).unsqueeze(1) @ onward,
        scores=streams @ keys,
        last=last @ keys,
        readout=W_out @ W_U,
    )


def shares_of(folded: Folded, tokens: Tensor) -> Tensor:
    """Return the attention that each head of "=" pays to both tokens (c, P, 2) and itself."""
    scores = rows(folded.scores, tokens.flatten(1)).view(*tokens.shape, folded.scores.shape[-1])
    last = folded.last.unsqueeze(1).expand(*tokens.shape[:2], 1, -1)
    return torch.cat([scores, last], 2).softmax(2)  # (c, P, 3, heads)


def rows_of(tokens: Tensor, n: int, heads: int) -> Tensor:
    """Return where the rows of values (c heads 2 n, k) of tokens (c, P, 2) stand in each head."""
    blocks = torch.arange(len(tokens) * heads, device=tokens.device).reshape(-1, 1, 1, heads)
    return tokens.unsqueeze(-1) + 2 * n * blocks  # (c, P, 2, heads)


def bag(values: Tensor, index: Tensor, weights: Tensor) -> Tensor:
    """Return sums of the rows (c, P, 2, heads) of values with weights of that shape: (c, P, k)."""
    (c, pairs), each = index.shape[:2], index.shape[2:].numel()
    starts = torch.arange(0, c * pairs * each, each, device=index.device)
    sums = F.embedding_bag(
        index.flatten(), values, starts, mode="sum", per_sample_weights=weights.flatten()
    )
    return sums.view(c, pairs, values.shape[-1])
