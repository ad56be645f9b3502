"""A network as a value: its weights, and its forward pass on all pairs, some rows at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, frozen
from ..errors import ComparisonError

Neurons = NDArray[np.integer] | NDArray[np.bool_] | slice


def _sigmoid(x: Array) -> Array:
    # tanh does not overflow where exp does.
    return 0.5 * (1.0 + np.tanh(0.5 * x))


# Bytes that the activations and logits of one block of rows may take together.
_BLOCK: Final = 64 * 2**20

ACTIVATIONS: Final[Mapping[str, Any]] = MappingProxyType(
    {"relu": lambda x: np.maximum(x, 0.0), "square": np.square, "sigmoid": _sigmoid, "abs": np.abs}
)


class Form(Protocol):
    """What a forward pass offers: activations and logits of the pairs (a, all b), a in rows."""

    @property
    def readout(self) -> Array:
        """From neurons to logits, shape (R, n)."""

    @property
    def order(self) -> int:
        """Order n of the group."""

    def hidden(self, rows: slice) -> Array:
        """Return activations, shape (rows, n, R)."""

    def logits(self, rows: slice, hidden: Array | None = None) -> Array:
        """Return logits, shape (rows, n, n); hidden saves time where it is known already."""

    def chosen(self, neurons: Neurons) -> "Form":
        """Return the form with these neurons only; what does not pass neurons stays."""

    def with_readout(self, readout: Array) -> "Form":
        """Return the form with another readout of the same neurons."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Lookups:
    """Neurons ``s(L[a] + R[b])``, or ``L[a] R[b]``, and a linear readout."""

    left: Array  # shape (n, R): what a adds, or multiplies
    right: Array  # shape (n, R): what b adds, or multiplies
    readout: Array  # shape (R, n): from neurons to logits
    combination: str  # "product", or the name of an activation

    def __post_init__(self) -> None:
        n, width = self.left.shape
        if self.right.shape != (n, width) or self.readout.shape != (width, n):
            raise ComparisonError(
                f"Lookups and readout must have the shapes (n, R), (n, R), (R, n), not "
                f"{self.left.shape}, {self.right.shape}, {self.readout.shape}"
            )
        if self.combination != "product" and self.combination not in ACTIVATIONS:
            raise ComparisonError(
                f"Argument 'activation' must be one of product, {', '.join(ACTIVATIONS)}, not "
                f"{self.combination!r}"
            )

    @property
    def order(self) -> int:
        """Order n of the group."""
        return len(self.left)

    def hidden(self, rows: slice) -> Array:
        """Return activations, shape (rows, n, R)."""
        left = self.left[rows, None]
        if self.combination == "product":
            return left * self.right
        values: Array = ACTIVATIONS[self.combination](left + self.right)
        return values

    def with_readout(self, readout: Array) -> "Lookups":
        """Return the form with another readout of the same neurons."""
        return replace(self, readout=readout)

    def chosen(self, neurons: Neurons) -> "Lookups":
        """Return the form with these neurons only."""
        left, right = self.left[:, neurons], self.right[:, neurons]
        return Lookups(left, right, self.readout[neurons], self.combination)

    def logits(self, rows: slice, hidden: Array | None = None) -> Array:
        """Return logits, shape (rows, n, n)."""
        return (self.hidden(rows) if hidden is None else hidden) @ self.readout


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attention:
    """One layer of attention and a relu perceptron, folded to what the last position reads."""

    # shapes (n, n, heads): attention at pair (a, b) from the last position to the first, and to the
    # second; the third share is what is left of one, so that what is added at the last position is
    # subtracted from what is added at the first two
    shares: tuple[Array, Array]
    # shapes (n, heads, k), (n, heads, k), (k,): what a, b and the last position add to the k = R
    # neurons (inward), and to the k = n logits (outward)
    inward: tuple[Array, Array, Array]
    outward: tuple[Array, Array, Array]
    readout: Array  # shape (R, n): from neurons to logits

    @classmethod
    def from_weights(cls, weights: Mapping[str, Array]) -> "Attention":
        """Fold the arrays of a one-layer transformer: W_E, W_pos, W_Q, W_K, W_V, W_O, W_in, ..."""
        n = weights["W_U"].shape[1]
        tokens, places = weights["W_E"], weights["W_pos"]
        if len(tokens) != n + 1 or len(places) < 3:
            raise ComparisonError(
                f"A transformer over {n} elements must embed {n + 1} tokens at 3 positions, not "
                f"{len(tokens)} at {len(places)}"
            )
        streams = (tokens[:n] + places[0], tokens[:n] + places[1], tokens[n:] + places[2])
        scale = weights["W_Q"].shape[-1] ** -0.5
        query = streams[2] @ weights["W_Q"]  # (heads, 1, head size)
        first, second, third = (
            ((stream @ weights["W_K"]) @ query.swapaxes(1, 2))[..., 0].T * scale
            for stream in streams
        )  # (n, heads), (n, heads), (1, heads)
        values = [stream @ weights["W_V"] @ weights["W_O"] for stream in streams]
        return cls(
            _softmax(first[:, None], second[None], third[None]),
            _folded(values, streams[2], weights["W_in"]),
            _folded(values, streams[2], weights["W_U"]),
            weights["W_out"] @ weights["W_U"],
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
        return Attention(self.shares, inward, self.outward, self.readout[neurons])

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
        values = self._mixed(self.inward, rows)
        return np.maximum(values, 0.0, out=values)

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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Activations:
    """Activations on all pairs as given, for a network of any other form."""

    values: Array  # shape (n, n, R): of every neuron on every pair
    readout: Array  # shape (R, n): from neurons to logits
    rest: Array | None = None  # shape (n, n, n): logits that do not pass neurons

    def __post_init__(self) -> None:
        n = len(self.values)
        width = self.values.shape[2]
        if self.values.shape[1] != n or self.readout.shape != (width, n):
            raise ComparisonError(
                f"Activations and readout must have the shapes (n, n, R) and (R, n), not "
                f"{self.values.shape} and {self.readout.shape}"
            )
        if self.rest is not None and self.rest.shape != (n, n, n):
            raise ComparisonError(f"Logits must have the shape {(n, n, n)}, not {self.rest.shape}")

    @property
    def order(self) -> int:
        """Order n of the group."""
        return len(self.values)

    def hidden(self, rows: slice) -> Array:
        """Return activations, shape (rows, n, R)."""
        return self.values[rows]

    def logits(self, rows: slice, hidden: Array | None = None) -> Array:
        """Return logits, shape (rows, n, n)."""
        through = self.values[rows] @ self.readout
        return through if self.rest is None else through + self.rest[rows]

    def with_readout(self, readout: Array) -> "Activations":
        """Return the form with another readout of the same neurons."""
        return replace(self, readout=readout)

    def chosen(self, neurons: Neurons) -> "Activations":
        """Return the form with these neurons only; other ways to logits stay."""
        return Activations(self.values[..., neurons], self.readout[neurons], self.rest)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network:
    """A network on pairs of elements of a group of order n, with R neurons before the readout.

    Attributes
    ----------
    kind : str
        "hadamard", "perceptron", "margin", "mlp", "transformer", "lookups" or "activations".
    weights : mapping of str to ndarray
        Its parameters by name; read-only.
    form : Lookups, Attention or Activations
        Its forward pass.

    Examples
    --------
    >>> import wordtensor as wt
    >>> net = wt.compare.network(wt.decompose("a*b", "S3").factors)
    >>> net.kind, net.order, net.width, net.is_trilinear
    ('hadamard', 6, 9, True)
    >>> bool((net.logits().argmax(2) == wt.word_tensor("a*b", "S3").table).all())
    True
    """

    kind: str
    weights: Mapping[str, Array]
    form: Form

    @property
    def order(self) -> int:
        """Order n of the group."""
        return self.form.order

    @property
    def width(self) -> int:
        """Number R of neurons."""
        return len(self.form.readout)

    @property
    def readout(self) -> Array:
        """From neurons to logits, shape (R, n)."""
        return self.form.readout

    @property
    def combination(self) -> str:
        """How neurons combine their inputs: "product", an activation's name, or "attention"."""
        if isinstance(self.form, Lookups):
            return self.form.combination
        return "attention" if isinstance(self.form, Attention) else "given"

    @property
    def lookups(self) -> tuple[Array, Array] | None:
        """What a and b bring to each neuron, shapes (n, R); None if they are not separate."""
        return (self.form.left, self.form.right) if isinstance(self.form, Lookups) else None

    @property
    def inputs(self) -> tuple[Array, Array] | None:
        """What a and b bring to each neuron, shapes (n, R); None if only activations are known.

        The lookups; of a transformer, what a, and b, add on average to what enters the neuron.
        """
        if isinstance(self.form, Attention):
            return self.form.main_effects()
        return self.lookups

    @property
    def embeddings(self) -> tuple[Array, Array] | None:
        """The embeddings that Chughtai et al. look at, shapes (n, k); None if there are none.

        The folded maps from elements to neurons of a perceptron; W_E without the row of "=",
        twice, of a transformer.
        """
        if self.kind == "transformer":
            tokens = self.weights["W_E"][:-1]
            return tokens, tokens
        return self.lookups

    @property
    def sum_of_squared_weights(self) -> float:
        """Sum of the squares of all parameters."""
        return float(sum(np.vdot(w, w) for w in self.weights.values()))

    def hidden(self, rows: slice = slice(None)) -> Array:
        """Return the activations of pairs (a, b), a in rows: shape (rows, n, R)."""
        return self.form.hidden(rows)

    def logits(self, rows: slice = slice(None), hidden: Array | None = None) -> Array:
        """Return the logits of pairs (a, b), a in rows: shape (rows, n, n)."""
        return self.form.logits(rows, hidden)

    def chosen(self, neurons: Neurons, readout: Array | None = None) -> "Network":
        """Return the network with these neurons only; its weights stay those of the whole.

        Parameters
        ----------
        neurons : array of int or bool, or slice
            Which ones, k in number.
        readout : ndarray, shape (k, n), optional
            Another readout for them.
        """
        form = self.form.chosen(neurons)
        return replace(self, form=form if readout is None else form.with_readout(frozen(readout)))

    @property
    def is_trilinear(self) -> bool:
        """Whether neurons are ``u v``, or ``(u + v)^2``, of two lookups."""
        return self.lookups is not None and self.combination in ("product", "square")

    def factors(self) -> tuple[Array, Array, Array]:
        """Return U, V, W, each of shape (n, R), with logits ``sum_r U[a,r] V[b,r] W[c,r]``.

        Of neurons ``(u + v)^2``, the part ``2 u v`` that depends on both inputs.

        Raises
        ------
        ComparisonError
            If the network is not trilinear.
        """
        form = self.form
        if isinstance(form, Lookups) and self.is_trilinear:
            scale = 1.0 if form.combination == "product" else 2.0
            return form.left, form.right, scale * form.readout.T
        raise ComparisonError(
            f"A {self.kind} network with {self.combination} neurons is not trilinear, so it has no "
            "factors to match with a decomposition; use spectra, metrics and ablations"
        )

    def __repr__(self) -> str:
        return (
            f"Network({self.kind!r}, order={self.order}, width={self.width}, "
            f"combination={self.combination!r})"
        )


def row_blocks(net: Network) -> Iterator[slice]:
    """Yield slices of a that together are all rows, with activations and logits in 64 MiB each."""
    row = 8 * net.order * (net.width + 2 * net.order)
    step = max(1, _BLOCK // row)
    for start in range(0, net.order, step):
        yield slice(start, min(start + step, net.order))
