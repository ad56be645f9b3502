"""The neurons of a net of norm one that has the greatest margin, written down."""

from typing import Final

import numpy as np

from .._memory import require_memory
from .._typing import RealFactors
from ..groups import Group, group
from ..irreps import RealIrrep, irrep_at
from .optimum import margin_optimum

# U, V and W three times: as blocks of irreps, joined, and as parameters of a net.
_COPIES: Final = 9


def max_margin_factors(G: Group | str) -> RealFactors:
    """Return the weights U, V, W of a quadratic net of norm 1 whose margin on a*b is gamma*.

    Parameters
    ----------
    G : Group or str
        Of order n, 2 or more.

    Returns
    -------
    U, V, W : ndarray, shapes (n, m)
        Of ``f(a, b)[c] = sum_i (U[a, i] + V[b, i])^2 W[c, i]``; m is the optimum's `width`, and the
        neurons come in the order of the irreps.

    Raises
    ------
    NetworkError
        If the group is trivial.
    MemoryLimitError
        If it would take more than the limit to build; see `wordtensor.memory_limit`.

    Notes
    -----
    ``f(a, b)[c] = sum_phi share_phi kappa_phi chi_phi(a b c^-1) / d_phi``.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, theorems 7 and 9.

    Examples
    --------
    >>> U, V, W = max_margin_factors("C5")
    >>> U.shape, float(((U**2 + V**2 + W**2).sum(0) ** 1.5).sum().round(12))
    ((5, 16), 1.0)
    """
    optimum = margin_optimum(G)
    G = group(G)
    require_memory(
        8.0 * _COPIES * G.order * optimum.width,
        f"The maximum-margin net of {G.name}, of {optimum.width} neurons,",
        "Choose a smaller group",
    )
    parts = [irrep_neurons(irrep_at(G, p.index), p.share) for p in optimum.present]
    U, V, W = (np.hstack(blocks) for blocks in zip(*parts, strict=True))
    return U, V, W


def irrep_neurons(irrep: RealIrrep, share: float) -> RealFactors:
    """Return U, V, W, (n, 2 d^3 / endo_dim), in one irrep with ``sum_i ||omega_i||^3 = share``."""
    # The pairs (x phi_ij, s x phi_jk, s x phi_ik) with s = 1, -1 make the product of 4 x^3,
    # phi_ij(a), phi_jk(b) and phi_ik(c), and the sum over j, k is 4 x^3 phi(a b c^-1)_ii. Over C
    # and H the d / endo_dim diagonal entries i that begin a block have the sum chi / endo_dim.
    # Source: Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, lemma 20 (type R).
    d, e, n = irrep.dim, irrep.endo_dim, irrep.order
    i, j, k = (axis.ravel() for axis in np.mgrid[0:d:e, 0:d, 0:d])
    # An entry has the squared norm n / d over the group.
    scale = np.cbrt(share * e / (2.0 * d**3)) / np.sqrt(3.0 * n / d)
    phi = scale * irrep.matrices
    U, V, W = phi[:, i, j], phi[:, j, k], phi[:, i, k]
    return np.hstack([U, U]), np.hstack([V, -V]), np.hstack([W, -W])
