r"""Koszul flattenings: lower bounds on the border rank, hence on the rank, of an integer tensor."""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final

import numpy as np

from .._memory import allowed_bytes
from .._typing import Integers
from ..errors import WordTensorError
from ._modular import PRIME, rank_modulo

# The seed of the restrictions, and the largest entry of one.
_SEED: Final = 2015
_LARGEST: Final = 9
_MOST_P: Final = 4
# Rows or columns of a flattening that are worth the time: a second or so.
_MOST_ROWS: Final = 1200


@dataclass(frozen=True, slots=True)
class Flattening:
    """One Koszul flattening and its rank.

    Attributes
    ----------
    mode : int
        Which mode was restricted: 0, 1 or 2.
    p : int
        Exterior power; the restricted mode has 2p + 1 dimensions.
    restriction : tuple of tuple of int
        The map to these dimensions: 2p + 1 rows of x integers, with x the length of that mode.
    prime : int
        Modulo which the rank was taken.
    rank : int
        Of the flattening, modulo the prime.

    Examples
    --------
    >>> Flattening(0, 1, ((1, 0), (0, 1), (1, 1)), 7, 11).bound
    6
    """

    mode: int
    p: int
    restriction: tuple[tuple[int, ...], ...]
    prime: int
    rank: int

    @property
    def bound(self) -> int:
        """Number of terms that this proves to be necessary."""
        return -(-self.rank // comb(2 * self.p, self.p))


def koszul_flattening(tensor: Integers, mode: int, p: int) -> Flattening:
    r"""Compute the rank of one Koszul flattening of a tensor of integers.

    Parameters
    ----------
    tensor : ndarray of int, shape (x, y, z)
        The tensor.
    mode : int
        The mode to restrict: 0, 1 or 2.
    p : int
        The exterior power, from 1 on.

    Returns
    -------
    Flattening
        With the restriction and the prime, so that anybody can compute the rank again.

    Raises
    ------
    WordTensorError
        If the tensor has not three axes of integers, or the mode or p does not exist.

    Notes
    -----
    A linear map takes the chosen mode to a space A of dimension 2p + 1; the rank does not grow. The
    tensor T in A (x) B (x) C then gives the map

        T^p : \Lambda^p A (x) B* -> \Lambda^(p+1) A (x) C,   u (x) b -> \sum_x (e_x ^ u) (x) T_x(b).

    It is linear in T and has rank binom(2p, p) for one term, so R terms need
    ``R >= rank(T^p) / binom(2p, p)``, over every field of characteristic 0. The rank modulo a prime
    can only be smaller, which makes it a proof.

    References
    ----------
    Landsberg, Ottaviani, "New lower bounds for the border rank of matrix multiplication", Theory
    Comput. 11 (2015) 285-298.

    Examples
    --------
    The product of 2 x 2 matrices needs 6 terms by this bound, that of 3 x 3 matrices 15.

    >>> from wordtensor.schemes import product_tensor
    >>> [koszul_flattening(product_tensor(n, n, n).astype(int), 0, n - 1).bound for n in (2, 3)]
    [6, 15]
    """
    tensor = np.asarray(tensor)
    if tensor.ndim != 3 or tensor.dtype.kind not in "iu" or not tensor.size:
        raise WordTensorError(
            f"Argument 'tensor' must be an array of integers with three axes, not one of shape "
            f"{tensor.shape} and type {tensor.dtype}"
        )
    if mode not in (0, 1, 2) or p < 1:
        raise WordTensorError(f"There is no Koszul flattening of mode {mode!r} with p = {p!r}")
    moved = np.moveaxis(tensor, mode, 0).astype(np.int64)
    generator = np.random.default_rng((_SEED, p, len(moved)))
    restriction = generator.integers(-_LARGEST, _LARGEST + 1, (2 * p + 1, len(moved)))
    rank = rank_modulo(_matrix(np.tensordot(restriction, moved, 1), p))
    rows = tuple(tuple(row) for row in restriction.tolist())
    return Flattening(mode, p, rows, PRIME, rank)


def best_flattening(tensor: Integers, upper: int | None = None) -> Flattening | None:
    """Return the Koszul flattening of a tensor that proves most.

    Parameters
    ----------
    tensor : ndarray of int, shape (x, y, z)
        The tensor.
    upper : int, optional
        A number of terms that is known to be enough: nothing is tried that could not do better
        than what is found, nor after this number is met.

    Returns
    -------
    Flattening or None
        None if every flattening would be too large to be computed.

    Raises
    ------
    WordTensorError
        If the tensor has not three axes of integers.

    Notes
    -----
    All modes and p = 1 to 4 are tried. With p no more than ``(2p + 1)/(p + 1) min(y, z)`` can be
    proved, and no mode needs more dimensions than it has.

    Examples
    --------
    >>> from wordtensor.words import word_tensor
    >>> best_flattening(word_tensor("a*b*a", "S3").to_dense().astype(int)).bound
    8
    """
    best: Flattening | None = None
    shape = np.shape(tensor)
    for p in range(1, _MOST_P + 1):
        for mode in range(3):
            y, z = (shape[k] for k in range(3) if k != mode)
            size = comb(2 * p + 1, p)
            most = -(-size * min(y, z) // comb(2 * p, p))
            if size * max(y, z) > _MOST_ROWS or 2 * p - 1 > shape[mode]:
                continue
            if 16.0 * size**2 * y * z > allowed_bytes():
                continue
            if best is not None and (most <= best.bound or best.bound == upper):
                continue
            found = koszul_flattening(tensor, mode, p)
            if best is None or found.bound > best.bound:
                best = found
    return best


def _matrix(slices: Integers, p: int) -> Integers:
    """Return the matrix of T^p for a tensor with 2p + 1 slices."""
    size, y, z = slices.shape
    sources = list(combinations(range(size), p))
    targets = {each: number for number, each in enumerate(combinations(range(size), p + 1))}
    matrix = np.zeros((len(sources), y, len(targets), z), dtype=np.int64)
    for row, source in enumerate(sources):
        for x in set(range(size)).difference(source):
            target = tuple(sorted((*source, x)))
            sign = -1 if target.index(x) % 2 else 1
            matrix[row, :, targets[target]] = sign * slices[x]
    return matrix.reshape(len(sources) * y, len(targets) * z)
