"""The forward pass of one layer of attention and a perceptron, over all pairs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .._typing import Array
from ..errors import ComparisonError
from ._forms import Neurons
from ._nonlinear import ACTIVATIONS


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attention:
    """One layer of attention and a perceptron, folded to what the last position reads."""

    # shapes (n, n, heads): attention at pair (a, b) from the last position to the first, and to the
    # second; the third share is what is left of one, so that what is added at the last position is
    # subtracted from what is added at the first two
    shares: tuple[Array, Array]
    # shapes (n, heads, k), (n, heads, k), (k,): what a, b and the last position add to the k = R
    # neurons (inward), and to the k = n logits (outward)
    inward: tuple[Array, Array, Array]
    outward: tuple[Array, Array, Array]
    readout: Array  # shape (R, n): from neurons to logits
    activation: str = "relu"

    @classmethod
    def from_weights(cls, weights: Mapping[str, Array], activation: str = "relu") -> "Attention":
        """Fold the arrays of a one-layer transformer: W_E, W_pos, W_Q, W_K, W_V, W_O, W_in, ..."""
        if activation not in ACTIVATIONS:
            raise ComparisonError(
                f"The neurons of a transformer have one of the activations "
                f"{', '.join(ACTIVATIONS)}, not {activation!r}"
            )
        n = len(weights["W_E"]) - 1  # what the logits say of "=" is left out
        readout = weights["W_U"][:, :n]
        tokens, places = weights["W_E"], weights["W_pos"]
        if len(places) < 3:
            raise ComparisonError(
                f"A transformer on the tokens a, b, = must have 3 positions, not {len(places)}"
            )
        streams = (tokens[:n] + places[0], tokens[:n] + places[1], tokens[n:] + places[2])
        scale = weights["W_Q"].shape[-1] ** -0.5
        of_heads = {
            name: weights[f"b_{name}"][:, None] if f"b_{name}" in weights else 0.0 for name in "QKV"
        }
        query = streams[2] @ weights["W_Q"] + of_heads["Q"]  # (heads, 1, head size)
        first, second, third = (
            ((stream @ weights["W_K"] + of_heads["K"]) @ query.swapaxes(1, 2))[..., 0].T * scale
            for stream in streams
        )  # (n, heads), (n, heads), (1, heads)
        values = [(stream @ weights["W_V"] + of_heads["V"]) @ weights["W_O"] for stream in streams]
        last = streams[2] + weights.get("b_O", 0.0)
        inward, outward = (_folded(values, last, onward) for onward in (weights["W_in"], readout))
        start = outward[2] + weights.get("b_out", np.zeros(len(readout))) @ readout
        return cls(
            shares=_softmax(first[:, None], second[None], third[None]),
            inward=(*inward[:2], inward[2] + weights.get("b_in", 0.0)),
            outward=(*outward[:2], start + weights.get("b_U", np.zeros(n))[:n]),
            readout=weights["W_out"] @ readout,
            activation=activation,
        )

    @property
    def order(self) -> int:
        """Order n of the group."""
        return len(self.shares[0])

    def with_readout(self, readout: Array) -> "Attention":
        """Return the form with another readout of the same neurons."""
        return replace(self, readout=readout)

    def chosen(self, neurons: Neurons) -> "Attention":
        """Return the form with these neurons only; the residual stream's way to logits stays."""
        inward = self.inward[0][..., neurons], self.inward[1][..., neurons], self.inward[2][neurons]
        return replace(self, inward=inward, readout=self.readout[neurons])

    def _mixed(self, parts: tuple[Array, Array, Array], rows: slice) -> Array:
        first, second = (share[rows] for share in self.shares)
        left, right, rest = parts
        total: Array = first @ left[rows]
        total += (second.swapaxes(0, 1) @ right).swapaxes(0, 1)
        total += rest
        return total

    def main_effects(self) -> tuple[Array, Array]:
        """Return what a, and b, add to what enters the neurons, on average: shapes (n, R)."""
        first, second = self.shares
        left, right, rest = self.inward
        # sum_h share_h[a, b] value_h[a] + ..., averaged over b; and over a, minus the mean.
        at_a = np.einsum("ah,ahr->ar", first.mean(1), left)
        at_a += np.tensordot(second, right, axes=((1, 2), (0, 1))) / self.order
        at_b = np.einsum("bh,bhr->br", second.mean(0), right)
        at_b += np.tensordot(first, left, axes=((0, 2), (0, 1))) / self.order
        return at_a + rest, at_b - at_b.mean(0)

    def hidden(self, rows: slice) -> Array:
        """Return activations, shape (rows, n, R)."""
        return ACTIVATIONS[self.activation](self._mixed(self.inward, rows))

    def logits(self, rows: slice, hidden: Array | None = None) -> Array:
        """Return logits, shape (rows, n, n); the residual stream has its own way to them."""
        through = (self.hidden(rows) if hidden is None else hidden) @ self.readout
        through += self._mixed(self.outward, rows)
        return through


def _softmax(first: Array, second: Array, third: Array) -> tuple[Array, Array]:
    top = np.maximum(np.maximum(first, second), third)
    at_first, at_second = np.exp(first - top), np.exp(second - top)
    total = at_first + at_second + np.exp(third - top)
    return at_first / total, at_second / total


def _folded(values: list[Array], last: Array, onward: Array) -> tuple[Array, Array, Array]:
    left, right, rest = (value @ onward for value in values)  # (heads, n or 1, k)
    start = (last @ onward)[0] + rest.sum(0)[0]
    return (left - rest).swapaxes(0, 1), (right - rest).swapaxes(0, 1), start
