"""Cross entropies of logits from which functions of w(a, b) are taken away, many at a time."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Array
from ._losses import cross_entropies

__all__ = ["Exclusion"]

# Exponents up to which products of exponentials stay within double precision.
_SAFE: Final = 600.0


class Exclusion:
    """Q parts of the logits that depend on w(a, b) and c only, each to be taken away."""

    # With the target t = w and differences to it, the loss without part q is ``log1p(sum_{c != t}
    # exp(l_c - l_t) exp(-(p_c - p_t)))``: one exponential for every entry of the logits and a
    # matrix product, instead of Q exponentials. No term is subtracted, so that small losses stay
    # accurate. Where exponents might overflow, every part is taken away by itself.

    def __init__(self, parts: Array) -> None:
        self._parts = parts
        n = parts.shape[1]
        at = np.arange(n)
        differences = parts[:, at, at][..., None] - parts  # -(p_c - p_t)
        self._reach = float(differences.max(initial=0.0))
        np.minimum(differences, _SAFE, out=differences)
        np.exp(differences, out=differences)
        # (w, c, Q), so that the parts of one value are a matrix.
        self._factors = np.ascontiguousarray(differences.transpose(1, 2, 0))

    def losses(self, logits: Array, values: NDArray[np.integer]) -> Array:
        """Return the sum over some pairs of the cross entropies without each part, shape (Q,)."""
        if not len(values):
            return np.zeros(len(self._parts))
        rows = np.arange(len(values))
        differences = logits - logits[rows, values][:, None]
        if float(differences.max()) + self._reach > _SAFE:
            return self._one_by_one(logits, values)
        terms = np.exp(differences, out=differences)
        terms[rows, values] = 0.0
        order = np.argsort(values, kind="stable")
        starts = np.flatnonzero(np.diff(values[order], prepend=-1))
        sums = np.empty((len(values), len(self._parts)))
        for start, stop in zip(starts, [*starts[1:], len(order)], strict=True):
            same = order[start:stop]
            sums[same] = terms[same] @ self._factors[values[same[0]]]
        total: Array = np.log1p(sums).sum(axis=0)
        return total

    def _one_by_one(self, logits: Array, values: NDArray[np.integer]) -> Array:
        return np.array(
            [
                float(cross_entropies(logits - part[values], values, overwrite=True).sum())
                for part in self._parts
            ]
        )
