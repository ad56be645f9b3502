"""Algorithms of least nuclear norm for a matrix product: frames of product vectors."""

import numpy as np

from ..._typing import Division, RealFactors, Sizes
from ...schemes import DIMENSIONS
from ._balance import balanced, matrices_of


def product_frame_error(factors: RealFactors, sizes: Sizes, division: Division) -> float:
    """Return how far terms are from those of an algorithm of least nuclear norm.

    Parameters
    ----------
    factors : tuple of ndarray, shapes (n*m*d, R), (m*p*d, R), (n*p*d, R)
        Terms in standard coordinates, not zero, that add up to <n,m,p>.
    sizes : tuple of int
        (n, m, p).
    division : {"R", "C", "H"}
        Of real dimension d.

    Returns
    -------
    float
        The largest ``(2 - 2 <t, T> / ||t||)^(1/2)`` of a term t, up to the sandwich action: the
        distance of ``t / ||t||`` from T's norming terms to first order. Not below 1e-8; infinite
        where the terms do not span.

    Notes
    -----
    Unit terms have ``<t, T> = Re tr(U V W^H) <= 1``, with equality for ``U = a b^H, V = b c^H,
    W = a c^H`` with unit vectors a, b, c. So the sum of the norms of terms that add up to T is at
    least ``||T||^2 = n m p d^2``, and is that if and only if all are such terms. Over R, they are
    projectors on product vectors that add up to one: with n m p terms, an orthonormal basis
    of product vectors a x b x c. The standard algorithm is the one of three bases; there
    are others, whose bases turn from term to term.

    Examples
    --------
    >>> from wordtensor.schemes import best_scheme, standard_scheme
    >>> round(product_frame_error(standard_scheme(2, 2, 2).as_float(), (2, 2, 2), "R"), 7)
    0.0
    >>> product_frame_error(best_scheme(2, 2, 2).as_float(), (2, 2, 2), "R") > 0.2
    True
    """
    found = balanced(matrices_of(factors, sizes, division))
    if found is None:
        return float("inf")
    U, V, W = found.terms
    d = DIMENSIONS[division]
    products = np.einsum("rij,rjk,rik->r", U, V, W, optimize=True) / d
    norms = np.prod([np.linalg.norm(F, axis=(1, 2)) for F in (U, V, W)], axis=0) / d**1.5
    return float(np.sqrt(np.maximum(0.0, 2.0 - 2.0 * products / norms).max()))
