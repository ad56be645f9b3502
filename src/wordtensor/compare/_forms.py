"""Forward passes over all pairs, some rows at a time: from lookups, or from given activations."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .._typing import Array
from ..errors import ComparisonError
from ._nonlinear import ACTIVATIONS, check_activation

Neurons = NDArray[np.integer] | NDArray[np.bool_] | slice


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
    """Neurons ``s(L[a] + R[b] + bias)``, or ``L[a] R[b]``, and an affine readout."""

    # Biases of a product are part of its lookups, (U[a] + p) (V[b] + q), so that it has none.

    left: Array  # shape (n, R): what a adds, or multiplies
    right: Array  # shape (n, R): what b adds, or multiplies
    readout: Array  # shape (R, n): from neurons to logits
    combination: str  # "product", or the name of an activation
    bias: Array | None = None  # shape (R,): of the neurons
    offset: Array | None = None  # shape (n,): of the logits

    def __post_init__(self) -> None:
        n, width = self.left.shape
        if self.right.shape != (n, width) or self.readout.shape != (width, n):
            raise ComparisonError(
                f"Lookups and readout must have the shapes (n, R), (n, R), (R, n), not "
                f"{self.left.shape}, {self.right.shape}, {self.readout.shape}"
            )
        for what, given, size in (("neurons", self.bias, width), ("logits", self.offset, n)):
            if given is not None and given.shape != (size,):
                raise ComparisonError(
                    f"The bias of the {what} must have the shape {(size,)}, not {given.shape}"
                )
        check_activation(self.combination)
        if self.combination == "product" and self.bias is not None:
            raise ComparisonError(
                "Neurons L[a] R[b] have no bias of their own; add it to left or to right"
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
        right = self.right if self.bias is None else self.right + self.bias
        return ACTIVATIONS[self.combination](left + right)

    def with_readout(self, readout: Array) -> "Lookups":
        """Return the form with another readout of the same neurons."""
        return replace(self, readout=readout)

    def chosen(self, neurons: Neurons) -> "Lookups":
        """Return the form with these neurons only; the bias of the logits stays."""
        return replace(
            self,
            left=self.left[:, neurons],
            right=self.right[:, neurons],
            readout=self.readout[neurons],
            bias=None if self.bias is None else self.bias[neurons],
        )

    def logits(self, rows: slice, hidden: Array | None = None) -> Array:
        """Return logits, shape (rows, n, n)."""
        through = (self.hidden(rows) if hidden is None else hidden) @ self.readout
        if self.offset is not None:
            through += self.offset
        return through


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
