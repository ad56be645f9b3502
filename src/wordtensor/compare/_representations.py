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
    """What ``qr(rho)`` of Chughtai et al. spans, for every irrep of a group of order n.

    Attributes
    ----------
    elements : tuple of ndarray, shapes (n, m)
        Orthonormal bases of the functions of one element spanned by the entries of an irrep.
    values : tuple of ndarray, shapes (n, r)
        E such that ``E[w(a, b)] / sqrt(counts[w(a, b)])`` is an orthonormal basis of the functions
        of pairs spanned by the entries of rho(w(a, b)). r < m if the word has few values.
    counts : ndarray of int64, shape (n,)
        Number of pairs with each value of the word.
    """

    elements: tuple[Array, ...]
    values: tuple[Array, ...]
    counts: NDArray[np.int64]

    def restricted(self, sums: Array, chosen: Sequence[int]) -> Array:
        """Project functions of pairs on rho(w(a, b)), irrep by irrep, and add up.

        Parameters
        ----------
        sums : ndarray, shape (n, k)
            The functions summed over all pairs with w(a, b) = c.
        chosen : sequence of int
            Which irreps.

        Returns
        -------
        ndarray, shape (n, k)
            Row c: the projection's value on pairs with w(a, b) = c; zero where there are none.
        """
        roots = np.sqrt(np.maximum(self.counts, 1))[:, None]
        total = np.zeros_like(sums)
        for k in chosen:
            E = self.values[k]
            total += E @ (E.T @ (sums / roots))
        return np.where(self.counts[:, None] > 0, total / roots, 0.0)


def representation_bases(
    G: Group, table: NDArray[np.integer], irreps: Sequence[RealIrrep]
) -> RepresentationBases:
    """Return the bases for a word given by its table.

    Parameters
    ----------
    G : Group
        Of order n.
    table : ndarray of int, shape (n, n)
        ``table[a, b]`` is w(a, b).
    irreps : sequence of RealIrrep
        Of G.

    Returns
    -------
    RepresentationBases

    Notes
    -----
    The authors take all columns of a QR decomposition. Where the entries of rho are dependent, as
    for every irrep of type C or H (the rotations of a cyclic group), two of four columns are then
    noise: unit vectors that have nothing to do with rho. Only the rank's worth is kept here.
    """
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
