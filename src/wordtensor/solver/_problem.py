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
    hadamards: Any  # shape (B, 3, R, R): products of the two other modes' Gram matrices
    gradient: Stacked  # half that of the squared error

    def take(self, places: Any) -> "Evaluation":
        """Keep some of the starts."""
        return Evaluation(
            self.squared[to_numpy(places)],
            self.grams[places],
            self.hadamards[places],
            self.gradient[places],
        )

    def where(self, chosen: Any, other: "Evaluation") -> "Evaluation":
        """Take the chosen starts, a mask of shape (B,), from this one, the rest from another."""
        xp, mask = namespace(self.grams), like(chosen, self.grams)
        return Evaluation(
            np.where(chosen, self.squared, other.squared),
            xp.where(mask[:, None, None, None], self.grams, other.grams),
            xp.where(mask[:, None, None, None], self.hadamards, other.hadamards),
            xp.where(mask[:, None, None], self.gradient, other.gradient),
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
        """Return residuals, Gram matrices and gradients."""
        xp, x = namespace(factors), self.sizes[0]
        parts = modes(factors, self.sizes)
        grams = xp.stack([transposed(f) @ conjugated(f) for f in parts], axis=1)
        hadamards = xp.stack(
            [grams[:, 1] * grams[:, 2], grams[:, 0] * grams[:, 2], grams[:, 0] * grams[:, 1]],
            axis=1,
        )
        terms = self._contracted(self.tensor[None], factors)
        products = [factor @ hadamards[:, m] for m, factor in enumerate(parts)]
        own = inner_products(parts[0], products[0])
        crossed = inner_products(parts[0], terms[:, :x])
        squared = 1.0 + (own - 2.0 * crossed) / self.squared_norm
        gradient = xp.concatenate(products, axis=1) - terms
        close = np.flatnonzero(squared < _CANCELLED)
        if len(close):
            near = factors[like(close, factors)]
            differences = self._differences(near)
            squared[close] = squared_norms(differences) / self.squared_norm
            gradient[like(close, factors)] = self._contracted(differences, near)
        return Evaluation(squared, grams, hadamards, gradient)

    def _differences(self, factors: Stacked) -> Any:
        """Subtract the tensor from the sums of the terms, shape (B, x, y, z)."""
        U, V, W = modes(factors, self.sizes)
        pairs = U[:, :, None, :] * V[:, None, :, :]
        sums = pairs.reshape(len(factors), -1, pairs.shape[-1]) @ transposed(W)
        return sums.reshape(-1, *self.sizes) - self.tensor

    def _contracted(self, tensors: Any, factors: Stacked) -> Stacked:
        """Contract tensors with the conjugated Khatri-Rao product of each two factors."""
        xp, (x, y, z) = namespace(factors), self.sizes
        U, V, W = modes(conjugated(factors), self.sizes)
        rank = factors.shape[-1]
        with_w = (tensors.reshape(-1, x * y, z) @ W).reshape(-1, x, y, rank)
        with_u = (transposed(tensors.reshape(-1, x, y * z)) @ U).reshape(-1, y, z, rank)
        return xp.concatenate(
            [
                (with_w * V[:, None]).sum(axis=2),
                (with_w * U[:, :, None]).sum(axis=1),
                (with_u * V[:, :, None]).sum(axis=1),
            ],
            axis=1,
        )
