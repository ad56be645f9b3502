"""A tensor and its products with batches of factors."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._typing import Array, Sizes
from ._arrays import (
    Stacked,
    conjugated,
    inner_products,
    like,
    modes,
    namespace,
    squared_norms,
    to_numpy,
    transposed,
)

# Below this squared relative residual cancellation has eaten the short formula's digits.
_CANCELLED = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a step needs to know about B stacked factors."""

    squared: Array  # shape (B,): squared relative residuals
    grams: Any  # shape (B, 3, R, R): F^T conj(F) of each mode
    terms: Stacked  # the tensor contracted with the conjugates of each two factors

    def take(self, places: Any) -> "Evaluation":
        """Keep some of the starts."""
        return Evaluation(self.squared[to_numpy(places)], self.grams[places], self.terms[places])

    def where(self, chosen: Any, other: "Evaluation") -> "Evaluation":
        """Take the chosen starts, a mask of shape (B,), from this one, the rest from another."""
        xp, mask = namespace(self.grams), like(chosen, self.grams)
        return Evaluation(
            np.where(chosen, self.squared, other.squared),
            xp.where(mask[:, None, None, None], self.grams, other.grams),
            xp.where(mask[:, None, None], self.terms, other.terms),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """The tensor to fit, shape (x, y, z)."""

    tensor: Any
    squared_norm: float

    @property
    def sizes(self) -> Sizes:
        """The lengths of the three modes."""
        x, y, z = self.tensor.shape
        return x, y, z

    def evaluate(self, factors: Stacked) -> Evaluation:
        """Return residuals, Gram matrices and the contracted tensor."""
        xp = namespace(factors)
        parts = modes(factors, self.sizes)
        grams = xp.stack([transposed(f) @ conjugated(f) for f in parts], axis=1)
        terms = self._contracted(factors)
        ones = (grams[:, 0] * grams[:, 1] * grams[:, 2]).reshape(len(factors), -1).sum(axis=-1)
        x = self.sizes[0]
        crossed = inner_products(factors[:, :x], terms[:, :x])
        squared = 1.0 + (to_numpy(ones).real - 2.0 * crossed) / self.squared_norm
        close = np.flatnonzero(squared < _CANCELLED)
        if len(close):
            squared[close] = self.residuals(factors[like(close, factors)])
        return Evaluation(squared, grams, terms)

    def residuals(self, factors: Stacked) -> Array:
        """Compute squared relative residuals entry by entry."""
        U, V, W = modes(factors, self.sizes)
        pairs = U[:, :, None, :] * V[:, None, :, :]
        sums = pairs.reshape(len(factors), -1, pairs.shape[-1]) @ transposed(W)
        return squared_norms(sums - self.tensor.reshape(1, *sums.shape[1:])) / self.squared_norm

    def _contracted(self, factors: Stacked) -> Stacked:
        """Contract the tensor with the conjugated Khatri-Rao product of each two factors."""
        xp, (x, y, z) = namespace(factors), self.sizes
        U, V, W = modes(conjugated(factors), self.sizes)
        count, rank = len(factors), factors.shape[-1]
        with_w = (self.tensor.reshape(x * y, z) @ W).reshape(count, x, y, rank)
        with_u = (self.tensor.reshape(x, y * z).T @ U).reshape(count, y, z, rank)
        return xp.concatenate(
            [
                (with_w * V[:, None]).sum(axis=2),
                (with_w * U[:, :, None]).sum(axis=1),
                (with_u * V[:, :, None]).sum(axis=1),
            ],
            axis=1,
        )
