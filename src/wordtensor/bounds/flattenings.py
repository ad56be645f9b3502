r"""Koszul flattenings: lower bounds on the border rank, hence on the rank, of an integer tensor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import Any, Final

import numpy as np

from .._typing import Integers
from ..errors import WordTensorError
from ._modular import PRIME, is_prime, rank_modulo

# The seed of the restrictions, and the largest entry of one.
_SEED: Final = 2015
_LARGEST: Final = 9
_MOST_P: Final = 4
# Multiplications that one flattening is worth, a third of a second.
_MOST_WORK: Final = 6e8
_MODES: Final = ("first", "second", "third")


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

    @property
    def theorem(self) -> str:
        """What it is called in a certificate."""
        return "Koszul flattening"

    @property
    def source(self) -> str:
        """Where it is from."""
        return "Landsberg, Ottaviani 2015"

    @property
    def reason(self) -> str:
        """The theorem and its source."""
        return f"{self.theorem} of the {_MODES[self.mode]} mode with p = {self.p}, {self.source}"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        return {
            "mode": self.mode,
            "p": self.p,
            "restriction": [list(row) for row in self.restriction],
            "prime": self.prime,
            "rank": self.rank,
        }

    def lifted(self, places: Integers, length: int, mode: int) -> "Flattening":
        """Return it for a tensor in which the mode and its slices stand at other places.

        Parameters
        ----------
        places : array of int, shape (x,)
            Where each slice stands in the larger tensor.
        length : int
            Number of slices of the larger tensor.
        mode : int
            Where the mode stands in it.

        Returns
        -------
        Flattening
            Its restriction leaves the other slices out.

        Examples
        --------
        >>> found = Flattening(0, 1, ((1, 0), (0, 1), (1, 1)), 7, 11)
        >>> found.lifted(np.array([2, 0]), 3, 1).restriction
        ((0, 0, 1), (1, 0, 0), (1, 0, 1))
        """
        wide = np.zeros((len(self.restriction), length), dtype=np.int64)
        wide[:, places] = self.restriction
        return replace(self, mode=mode, restriction=tuple(tuple(row) for row in wide.tolist()))


def koszul_flattening(
    tensor: Integers,
    mode: int,
    p: int,
    restriction: Sequence[Sequence[int]] | None = None,
    prime: int = PRIME,
) -> Flattening:
    r"""Compute the rank of one Koszul flattening of a tensor of integers.

    Parameters
    ----------
    tensor : ndarray of int, shape (x, y, z)
        The tensor.
    mode : int
        The mode to restrict: 0, 1 or 2.
    p : int
        The exterior power, from 1 on.
    restriction : sequence of 2p + 1 sequences of x int, optional
        The map to 2p + 1 dimensions; by default a random one, always the same.
    prime : int
        Modulo which the rank is taken: a prime below 2^23.

    Returns
    -------
    Flattening
        With the restriction and the prime, so that anybody can compute the rank again.

    Raises
    ------
    WordTensorError
        If the tensor has not three axes of integers, or the mode or p does not exist, or the
        restriction or the prime is none.

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
    The product of 2 x 2 matrices needs 6 terms by this bound, as T[ij, jk, ki] = 1.

    >>> i, j, k = np.indices((2, 2, 2)).reshape(3, -1)
    >>> product = np.zeros((4, 4, 4), dtype=int)
    >>> product[2 * i + j, 2 * j + k, 2 * k + i] = 1
    >>> koszul_flattening(product, mode=0, p=1).bound
    6
    """
    tensor = np.asarray(tensor)
    if tensor.ndim != 3 or tensor.dtype.kind not in "iu" or not tensor.size:
        raise WordTensorError(
            f"Argument 'tensor' must be an array of integers with three axes, not one of shape "
            f"{tensor.shape} and type {tensor.dtype}"
        )
    if mode not in (0, 1, 2) or not 1 <= p <= _MOST_P:
        raise WordTensorError(f"There is no Koszul flattening of mode {mode!r} with p = {p!r}")
    moved = np.moveaxis(tensor, mode, 0)
    if restriction is None:
        generator = np.random.default_rng((_SEED, p, len(moved)))
        restriction = generator.integers(-_LARGEST, _LARGEST + 1, (2 * p + 1, len(moved))).tolist()
    chosen = np.asarray(restriction, dtype=object)
    if chosen.shape != (2 * p + 1, len(moved)) or not is_prime(prime):
        raise WordTensorError(
            f"A restriction has {2 * p + 1} rows of {len(moved)} integers, and the prime is one "
            f"below 2^23; given is one of shape {chosen.shape} and {prime!r}"
        )
    residues = (chosen % prime).astype(np.int64)
    rank = rank_modulo(
        _matrix(np.tensordot(residues, moved.astype(np.int64) % prime, 1) % prime, p), prime
    )
    rows = tuple(tuple(int(k) for k in row) for row in chosen)
    return Flattening(mode, p, rows, prime, rank)


def best_flattening(tensor: Integers, enough: int | None = None) -> Flattening | None:
    """Return the Koszul flattening of a tensor that proves most.

    Parameters
    ----------
    tensor : ndarray of int, shape (x, y, z)
        The tensor.
    enough : int, optional
        A bound that it cannot go above: once it is met nothing else is tried.

    Returns
    -------
    Flattening or None
        Of equally good ones the first; None if every flattening would take too long.

    Raises
    ------
    WordTensorError
        If the tensor has not three axes of integers.

    Notes
    -----
    All modes are tried with p = 1 and p = 2, and the best of them with p = 3 and p = 4, up to some
    work. With p no more than ``(2p + 1)/(p + 1) min(y, z)`` can be proved, and no mode needs more
    dimensions than it has.

    Examples
    --------
    >>> from wordtensor.words import word_tensor
    >>> best_flattening(word_tensor("a*b*a", "S3").to_dense().astype(int)).bound
    8
    """
    best: Flattening | None = None
    shape = np.shape(tensor)
    for p in range(1, _MOST_P + 1):
        for mode in range(3) if p <= 2 or best is None else (best.mode,):
            y, z = (shape[k] for k in range(3) if k != mode)
            size = comb(2 * p + 1, p)
            most = -(-size * min(y, z) // comb(2 * p, p))
            if 2 * p > shape[mode] or size**3 * y * z * min(y, z) > _MOST_WORK:
                continue
            if best is not None and (most <= best.bound or best.bound == enough):
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
