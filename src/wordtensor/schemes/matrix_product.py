"""The tensors of matrix products over R, C and H, in real coordinates."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._memory import require_memory
from .._text import product_name
from .._typing import Integers
from ..errors import SchemeError

DIMENSIONS: Final = {"R": 1, "C": 2, "H": 4}

# Products of the quaternion units 1, i, j, k: the unit that results, then its sign.
_UNITS: Final = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))
_SIGNS: Final = ((1, 1, 1, 1), (1, -1, 1, -1), (1, -1, -1, 1), (1, 1, -1, -1))


def structure_constants(division: str) -> list[tuple[int, int, int, int]]:
    """List the (a, b, c, sign) with e_a * e_b = sign * e_c in R, C or H.

    Parameters
    ----------
    division : {"R", "C", "H"}
        The algebra, over its basis (1), (1, i) or (1, i, j, k).

    Returns
    -------
    list of tuple of int
        One entry for each pair of basis elements.

    Raises
    ------
    SchemeError
        If the algebra is none of the three.

    Examples
    --------
    >>> structure_constants("C")
    [(0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, -1)]
    """
    require_division(division)
    d = DIMENSIONS[division]
    return [(a, b, _UNITS[a][b], _SIGNS[a][b]) for a in range(d) for b in range(d)]


def product_tensor(
    n: int, m: int, p: int, division: str = "R"
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the non-zero entries of the tensor <n,m,p> over R, C or H, in real coordinates.

    Parameters
    ----------
    n, m, p : int
        Sizes: an n x m matrix times an m x p matrix.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.

    Returns
    -------
    coords : ndarray of int64, shape (3, n*m*p*d*d)
        Coordinates, with d the real dimension of the algebra.
    values : ndarray of int64, shape (n*m*p*d*d,)
        The entries, 1 or -1.

    Notes
    -----
    Matrices are row-major, the component of the algebra is the last index, and the product is not
    transposed: component c of entry (i, l) has index ``(i * p + l) * d + c``.

    Examples
    --------
    >>> coords, values = product_tensor(1, 2, 1)
    >>> coords.tolist(), values.tolist()
    ([[0, 1], [0, 1], [0, 0]], [1, 1])
    """
    units = np.array(structure_constants(division), dtype=np.int64)
    d = DIMENSIONS[division]
    i, j, k = (axis.reshape(-1, 1) for axis in np.indices((n, m, p), dtype=np.int64))
    a, b, c, sign = units.T
    coords = np.stack(
        [
            ((i * m + j) * d + a).ravel(),
            ((j * p + k) * d + b).ravel(),
            ((i * p + k) * d + c).ravel(),
        ]
    )
    return coords, np.tile(sign, n * m * p)


def dense_product_tensor(n: int, m: int, p: int, division: str = "R") -> Integers:
    """Return the tensor <n,m,p> over R, C or H as a dense array, shape (n*m*d, m*p*d, n*p*d)."""
    d = DIMENSIONS[division]
    entries = (n * m * p) ** 2 * d**3
    require_memory(8 * entries, f"The dense tensor of {product_name((n, m, p), division)}")
    coords, values = product_tensor(n, m, p, division)
    dense = np.zeros((n * m * d, m * p * d, n * p * d), dtype=np.int64)
    dense[tuple(coords)] = values
    return dense


def require_division(division: str) -> None:
    """Refuse what is none of the three algebras."""
    if division not in DIMENSIONS:
        raise SchemeError(f"Argument 'division' must be 'R', 'C' or 'H', not {division!r}")
