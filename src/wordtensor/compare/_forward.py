"""A network as a value: its weights, and its forward pass on all pairs, some rows at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .._typing import Array, frozen
from ..errors import ComparisonError
from ._attention import Attention
from ._forms import Form, Lookups, Neurons

# Bytes that the activations and logits of one block of rows may take together.
_BLOCK: Final = 64 * 2**20


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network:
    """A network on pairs of elements of a group of order n, with R neurons before the readout.

    Attributes
    ----------
    kind : str
        "hadamard", "perceptron", "margin", "activations", "logits", or the name of a layout
        (``wordtensor compare --like`` lists them).
    weights : mapping of str to ndarray
        Its parameters by name; read-only.
    form : Lookups, Attention or Activations
        Its forward pass.
    reading : str
        Which of the arrays that were given became what; empty for networks of our own.
    stated : bool
        Whether its activation was stated by hand, and nothing that was given says it.

    Notes
    -----
    A network of kind "logits" has no neurons: only its logits are known.

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
    reading: str = ""
    stated: bool = False

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
        if isinstance(self.form, Attention):
            relu = self.form.activation == "relu"
            return "attention" if relu else f"attention and {self.form.activation}"
        return "given"

    @property
    def neurons(self) -> str:
        """What neurons compute, by the name that is stated for it."""
        return self.form.activation if isinstance(self.form, Attention) else self.combination

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

        A bias of the logits comes on top. Of neurons ``(u + v)^2``, the part ``2 u v`` that depends
        on both inputs.

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
