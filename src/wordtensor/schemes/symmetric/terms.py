"""Schemes of <n,n,n> modulo 2 that the cyclic exchange of the three factors leaves as they are."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..._typing import Integers, Value, frozen
from ...errors import SchemeError

Triple = tuple[int, int, int]

_LARGEST = 8


@dataclass(frozen=True, slots=True, eq=False)
class SymmetricTerms(Value):
    """A scheme of <n,n,n> modulo 2 that the cyclic exchange of its factors leaves as it is.

    Attributes
    ----------
    n : int
        Size; bit ``i * n + j`` of a mask stands for entry (i, j).
    rows : ndarray of int64, shape (k, 3)
        Terms ``a*b*c`` that stand for ``a*b*c + b*c*a + c*a*b``.
    cubes : ndarray of int64, shape (f,)
        Terms ``a*a*a``.
    copies : int
        2 if rows ``2t`` and ``2t + 1`` are images under the reversal of all indices, else 1.

    Notes
    -----
    The tensor is the trace of X Y Z, so that Z is the transpose of the variables dual to the
    product; `masks` returns to those of `Scheme`.

    Examples
    --------
    >>> terms = SymmetricTerms(2, np.array([[1, 12, 10], [8, 3, 5]]), np.array([9]))
    >>> terms.rank, terms.masks().shape
    (7, (3, 7))
    """

    n: int
    rows: Integers
    cubes: Integers
    copies: int = 1

    def __post_init__(self) -> None:
        """Protect the arrays."""
        for name in ("rows", "cubes"):
            array = np.asarray(getattr(self, name), dtype=np.int64)
            object.__setattr__(self, name, frozen(array))

    @property
    def rank(self) -> int:
        """Number of terms, ``3 k + f``."""
        return int(self.rows.size + self.cubes.size)

    def masks(self) -> Integers:
        """Return all terms as bit masks in the coordinates of `Scheme`.

        Returns
        -------
        ndarray of int64, shape (3, 3 k + f)
            Bit t of a mask is the entry of row t, modulo 2.
        """
        turns = [np.roll(self.rows, -turn, axis=1) for turn in range(3)]
        cubes = np.repeat(self.cubes[:, None], 3, axis=1)
        masks = np.ascontiguousarray(np.concatenate([*turns, cubes]).T)
        masks[2] = _permuted(
            masks[2], [t % self.n * self.n + t // self.n for t in range(self.n**2)]
        )
        return masks


def _permuted(masks: Integers, places: list[int]) -> Integers:
    """Move bit t of every mask to bit ``places[t]``."""
    result = np.zeros_like(masks)
    for bit, place in enumerate(places):
        result |= ((masks >> bit) & 1) << place
    return result


def _least_turn(triple: Triple) -> Triple:
    a, b, c = triple
    return min((a, b, c), (b, c, a), (c, a, b))


def _parts(n: int, cubes: int) -> list[tuple[int, ...]]:
    """Split the diagonal into as many parts as asked for, each set of them its own reversal."""
    pairs = [tuple(sorted({i, n - 1 - i})) for i in range((n + 1) // 2)]
    while len(pairs) < cubes:
        widest = next(t for t, part in enumerate(pairs) if len(part) == 2)
        pairs[widest : widest + 1] = [pairs[widest][:1], pairs[widest][1:]]
    joined = len(pairs) - cubes + 1
    return [tuple(sorted(sum(pairs[:joined], ()))), *pairs[joined:]]


def symmetric_start(n: int, cubes: int, *, reflected: bool = False) -> SymmetricTerms:
    """Write <n,n,n> as cubes of diagonal matrices and orbits of three terms.

    Parameters
    ----------
    n : int
        Size, from 2 to 8.
    cubes : int
        Number of terms ``a*a*a``, from 1 to n: the a are 0-1 diagonal matrices with sum 1.
    reflected : bool
        Order the orbits in pairs that the reversal of all indices exchanges.

    Returns
    -------
    SymmetricTerms
        Exact modulo 2.

    Raises
    ------
    SchemeError
        If a number is out of range.

    Notes
    -----
    A cube of ``a = e_1 + ... + e_k`` is the sum of the cubes of the ``e_i`` and of the orbits of
    ``e_i*e_i*e_j`` and others, which are the terms that have to be added again.

    References
    ----------
    J. Moosbauer, M. Poole, "Flip graphs with symmetry and new matrix multiplication schemes",
    arXiv:2502.04514 (2025).

    Examples
    --------
    >>> symmetric_start(5, 3).rank
    135
    """
    if not 2 <= n <= _LARGEST:
        raise SchemeError(f"Symmetric schemes fit into masks for n from 2 to {_LARGEST}, not {n}")
    if not 1 <= cubes <= n:
        raise SchemeError(f"<{n},{n},{n}> starts with 1 to {n} cubes, not {cubes}")
    parts = _parts(n, cubes)
    cells = {
        _least_turn((i * n + j, j * n + k, k * n + i)) for i, j, k in product(range(n), repeat=3)
    }
    cells = {cell for cell in cells if len(set(cell)) > 1}
    for part in parts:
        diagonal = [i * n + i for i in part]
        inside = {_least_turn((a, b, c)) for a, b, c in product(diagonal, repeat=3)}
        cells |= {cell for cell in inside if len(set(cell)) > 1}
    ordered = sorted(cells)
    if reflected:
        ordered = _paired(ordered, n)
    rows = _words([[1 << cell for cell in cells] for cells in ordered])
    masks = _words([sum(1 << (i * n + i) for i in part) for part in parts])
    return SymmetricTerms(n, rows.reshape(-1, 3), masks, 2 if reflected else 1)


def _words(masks: list[list[int]] | list[int]) -> Integers:
    """Store masks of up to 64 bits; for size 8 the last one is the sign."""
    return np.array(masks, dtype=np.uint64).view(np.int64)


def _paired(cells: list[Triple], n: int) -> list[Triple]:
    """Put the images under the reversal of all indices next to each other."""
    result: list[Triple] = []
    seen: set[Triple] = set()
    for cell in cells:
        if cell not in seen:
            a, b, c = (n * n - 1 - place for place in cell)
            result += [cell, (a, b, c)]
            seen |= {cell, _least_turn((a, b, c))}
    return result


def symmetric_kronecker(first: SymmetricTerms, second: SymmetricTerms) -> SymmetricTerms:
    """Multiply two symmetric schemes: blocks by the first, in every block the second.

    Parameters
    ----------
    first, second : SymmetricTerms
        Schemes of <n,n,n> and <m,m,m> with n*m at most 8.

    Returns
    -------
    SymmetricTerms
        A scheme of <nm,nm,nm>; its rank is the product of the ranks.

    Raises
    ------
    SchemeError
        If the product is too large.

    Notes
    -----
    The product of two orbits is three orbits, one for each way to turn the second against the
    first. The symmetry under reversal is not kept track of.

    Examples
    --------
    >>> symmetric_kronecker(symmetric_start(2, 1), symmetric_start(3, 3)).rank
    351
    """
    n, m = first.n, second.n
    if n * m > _LARGEST:
        raise SchemeError(f"The product would be for size {n * m}; masks hold {_LARGEST} at most")
    turns = [np.roll(second.rows, -turn, axis=1) for turn in range(3)]
    cubes = np.repeat(second.cubes[:, None], 3, axis=1)
    own = np.repeat(first.cubes[:, None], 3, axis=1)
    rows = [
        _products(first.rows, np.concatenate([*turns, cubes]), n, m),
        _products(own, second.rows, n, m),
    ]
    diagonal = _products(own, cubes, n, m)[:, 0]
    return SymmetricTerms(n * m, np.concatenate(rows), diagonal)


def _products(left: Integers, right: Integers, n: int, m: int) -> Integers:
    """Return the Kronecker products of all rows of masks, shape (k * l, 3)."""
    a = (left[:, None, :, None] >> np.arange(n * n)) & 1
    b = (right[None, :, :, None] >> np.arange(m * m)) & 1
    entries = np.einsum("rskij,rskab->rskiajb", *_matrices(a, b, n, m))
    bits = entries.reshape(-1, 3, (n * m) ** 2)
    # In unsigned arithmetic, since bit 63 is in use for size 8.
    places = np.arange((n * m) ** 2, dtype=np.uint64)
    words: NDArray[np.uint64] = (bits.astype(np.uint64) << places).sum(axis=2, dtype=np.uint64)
    return words.view(np.int64)


def _matrices(a: Integers, b: Integers, n: int, m: int) -> tuple[Integers, Integers]:
    rows, others = a.shape[0], b.shape[1]
    left = np.broadcast_to(a, (rows, others, 3, n * n)).reshape(rows, others, 3, n, n)
    right = np.broadcast_to(b, (rows, others, 3, m * m)).reshape(rows, others, 3, m, m)
    return left, right
