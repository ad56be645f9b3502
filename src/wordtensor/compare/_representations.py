"""Orthonormal bases of representation space: of elements, and of pairs by their word's value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._typing import Array
from ..groups import Group
from ..irreps import RealIrrep, isotypic_basis

__all__ = ["RepresentationBases", "representation_bases"]

_ZERO = 1e-9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RepresentationBases:
    """What ``qr(rho)`` of Chughtai et al. spans, for every irrep of a group of order n."""

    # shapes (n, m); Orthonormal bases of the functions of one element spanned by the entries of an
    # irrep
    elements: tuple[Array, ...]
    # shapes (n, r); E such that ``E[w(a, b)] / sqrt(counts[w(a, b)])`` is an orthonormal basis of
    # the functions of pairs spanned by the entries of rho(w(a, b))
    values: tuple[Array, ...]
    counts: NDArray[np.int64]  # shape (n,); Number of pairs with each value of the word

    def restricted(self, sums: Array, chosen: Sequence[int]) -> Array:
        """Project functions of pairs on rho(w(a, b)), irrep by irrep, and add up."""
        roots = np.sqrt(np.maximum(self.counts, 1))[:, None]
        total = np.zeros_like(sums)
        for k in chosen:
            E = self.values[k]
            total += E @ (E.T @ (sums / roots))
        return np.where(self.counts[:, None] > 0, total / roots, 0.0)


def representation_bases(
    G: Group, table: NDArray[np.integer], irreps: Sequence[RealIrrep]
) -> RepresentationBases:
    """Return the bases for a word given by its table."""
    # The authors take all columns of a QR decomposition. Where the entries of rho are dependent,
    # as for every irrep of type C or H (the rotations of a cyclic group), two of four columns are
    # then noise: unit vectors that have nothing to do with rho. Only the rank's worth is kept
    # here.
    counts = np.bincount(table.ravel(), minlength=G.order)
    elements = tuple(isotypic_basis(G, phi) for phi in irreps)
    if (counts == G.order).all():
        return RepresentationBases(elements, elements, counts)
    roots = np.sqrt(counts)[:, None]
    values = []
    for B in elements:
        left, sizes, _ = np.linalg.svd(roots * B, full_matrices=False)
        values.append(left[:, sizes > _ZERO * np.sqrt(G.order)])
    return RepresentationBases(elements, tuple(values), counts)
