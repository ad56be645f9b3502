"""The parity of the first k of n bits: the greatest margin of a network, and how it is reached."""

from math import inf, isfinite, prod, sqrt
from typing import Final

import numpy as np

from .._typing import Array, is_integer
from ..errors import NetworkError

_MAX_WIDTH_BITS: Final = 20
# The margin of k-parity grows with k, and exceeds all floats long before this.
_MAX_DEGREE: Final = 1000


def check_degree(k: int) -> None:
    """Refuse what is no number of bits."""
    if not is_integer(k) or k < 1:
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
    root = sqrt(min(k, _MAX_DEGREE) + 1)
    # Factor by factor: k! alone would overflow much earlier.
    value = inf
    if k <= _MAX_DEGREE:
        value = sqrt(2) * prod(j / root for j in range(1, k + 1)) / root
    if not isfinite(value):
        raise NetworkError(
            f"The margin of k-parity exceeds all floats for k = {k!s:.30}; choose a smaller k"
        )
    return value


def parity_neurons(bits: int, k: int) -> tuple[Array, Array]:
    """Return U, shape (bits, 2^(k-1)), and W, shape (2, 2^(k-1)), of the net with that margin."""
    check_degree(k)
    if k > min(bits, _MAX_WIDTH_BITS):
        raise NetworkError(
            f"Argument 'k' must be at most the number of bits ({bits}) and at most "
            f"{_MAX_WIDTH_BITS}, not {k}"
        )
    width = 2 ** (k - 1)
    signs = 1.0 - 2.0 * (np.arange(width)[None, :] >> np.arange(k)[::-1, None] & 1)
    radius = width ** (-1.0 / (k + 1)) / sqrt(k + 1)
    U = np.zeros((bits, width))
    U[:k] = radius * signs
    W = radius / sqrt(2) * signs.prod(axis=0) * np.array([[1.0], [-1.0]])
    return U, W
