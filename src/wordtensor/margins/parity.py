"""The parity of the first k of n bits: the greatest margin that a network can have."""

from math import isfinite, prod, sqrt

import numpy as np

from ..errors import NetworkError

__all__ = ["check_degree", "gamma_star_parity"]


def check_degree(k: int) -> None:
    """Refuse what is no number of bits."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise NetworkError(f"Argument 'k' must be an integer of at least 1, not {k!r}")


def gamma_star_parity(k: int) -> float:
    """Return the greatest normalised L_{2,k+1} margin of a net with activation x^k on k-parity.

    Parameters
    ----------
    k : int
        Number of live bits, at least 1.

    Returns
    -------
    float
        The same for every number of bits n >= k.

    Raises
    ------
    NetworkError
        If k is not a positive integer, or so large that the value exceeds all floats.

    Notes
    -----
    Theorem 8: ``k! sqrt(2 (k + 1)^-(k + 1))``.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, theorem 8.

    Examples
    --------
    >>> [round(gamma_star_parity(k), 5) for k in (2, 3, 4)]
    [0.54433, 0.53033, 0.60716]
    """
    check_degree(k)
    root = sqrt(k + 1)
    # Factor by factor: k! alone would overflow much earlier.
    value = sqrt(2) * prod(j / root for j in range(1, k + 1)) / root
    if not isfinite(value):
        raise NetworkError(f"The margin of {k}-parity exceeds all floats; choose a smaller k")
    return value
