"""Projections modulo 2: smaller schemes from larger ones, along every hyperplane."""

import numpy as np

from .._typing import Integers
from ..errors import SchemeError
from .compose import without_zeros
from .scheme import Scheme

# 2^k - 1 hyperplanes: more than this is not worth the time.
_LARGEST_SIZE = 10


def projections(s: Scheme, axis: str) -> list[Scheme]:
    """Restrict a scheme over F_2 to every hyperplane of one of its three index spaces.

    Parameters
    ----------
    s : Scheme
        Over F_2 and R: ``characteristic`` 2, ``division`` "R".
    axis : {"n", "m", "p"}
        The size that becomes smaller by one.

    Returns
    -------
    list of Scheme
        Schemes over F_2 without the terms that vanish, shortest first.

    Raises
    ------
    SchemeError
        If the scheme is of another kind, or the size is 1 or above 10.

    Notes
    -----
    For an invertible P, ``X Y = P^-1 ((P X) Y)``, ``X Y = (X P^-1) (P Y)`` and
    ``X Y = (X (Y P)) P^-1`` turn a scheme into others of the same rank. The last coordinate is then
    set to zero on both sides. Only a hyperplane and a line outside it matter, and the standard
    complement is taken here; both P and its contragredient are tried. Setting coordinates to zero
    without a change of basis is `restricted`.

    Examples
    --------
    >>> from wordtensor.schemes import standard_scheme
    >>> found = projections(standard_scheme(2, 2, 2, characteristic=2), "p")
    >>> found[0].check(), len(found)
    (Scheme(<2,2,1>, rank=4, ring='F2'), 6)
    """
    if s.characteristic != 2 or s.division != "R":
        raise SchemeError(f"Projections are made of schemes over F_2 and R, not of {s!r}")
    if axis not in ("n", "m", "p"):
        raise SchemeError(f"Argument 'axis' must be 'n', 'm' or 'p', not {axis!r}")
    size = s.shape["nmp".index(axis)]
    if not 2 <= size <= _LARGEST_SIZE:
        raise SchemeError(f"Size {axis} of {s!r} must be from 2 to {_LARGEST_SIZE}")
    found = []
    for functional in range(1, 1 << size):
        P, inverse = _basis(functional, size)
        found += [_projected(s, axis, P, inverse.T), _projected(s, axis, inverse.T, P)]
    return sorted(found, key=lambda small: small.rank)


def shortest_projection(s: Scheme, axis: str, rng: np.random.Generator) -> Scheme:
    """Restrict a scheme over F_2 to a hyperplane, with the complement that loses most terms."""
    # A term vanishes if its matrix in the first factor with the axis is a product of the line that
    # is set to zero there and something, or that in the second one with the line of that factor.
    # Lines whose product is 1 are possible pairs.
    size = s.shape["nmp".index(axis)]
    first, second = (_lines(factor) for factor in _with_axis_first(s, axis))
    counts = np.zeros((2, 1 << size), dtype=np.int64)
    for found, lines in zip(counts, (first, second), strict=True):
        np.add.at(found, lines[lines > 0], 1)
    lost = counts[0][:, None] + counts[1][None, :]
    both = (first > 0) & (second > 0)
    np.subtract.at(lost, (first[both], second[both]), 1)
    bits = (np.arange(1 << size)[:, None] >> np.arange(size)) & 1
    lost[bits @ bits.T % 2 == 0] = -1
    best = np.argwhere(lost == lost.max())
    line, other = (int(value) for value in best[int(rng.integers(len(best)))])
    P, inverse = _pair_basis(line, other, size)
    return _projected(s, axis, P, inverse.T)


def _with_axis_first(s: Scheme, axis: str) -> tuple[Integers, Integers]:
    """Return the two factors that have an axis, as arrays that begin with it."""
    n, m, p = s.shape
    U, V, W = s.U.reshape(n, m, -1), s.V.reshape(m, p, -1), s.W.reshape(n, p, -1)
    if axis == "n":
        return U, W
    return (U.swapaxes(0, 1), V) if axis == "m" else (V.swapaxes(0, 1), W.swapaxes(0, 1))


def _lines(factor: Integers) -> Integers:
    """Return for each term the only column besides zero of its matrix, as bits; 0: it has more."""
    weights = 1 << np.arange(len(factor), dtype=np.int64)
    columns = np.tensordot(weights, factor, axes=1)
    largest: Integers = columns.max(axis=0)
    return np.where(((columns == largest) | (columns == 0)).all(axis=0), largest, 0)


def _pair_basis(line: int, other: int, size: int) -> tuple[Integers, Integers]:
    """Return a matrix over F_2 that takes a line to the last unit vector, and its inverse."""
    # Its last row is the other line, so that the contragredient one takes that to the same.
    vector, last = ((bits >> np.arange(size)) & 1 for bits in (line, other))
    pivot = int(np.flatnonzero(vector)[0])
    others = [place for place in range(size) if place != pivot]
    P = np.zeros((size, size), dtype=np.int64)
    P[np.arange(size - 1), others] = 1
    P[:-1, pivot] = vector[others]
    P[-1] = last
    # y = P x: x[pivot] is the last y plus those of the other line, x[j] is y[j] + line[j] x[pivot].
    at_pivot = np.append(last[others], 1)
    inverse = np.zeros_like(P)
    inverse[others, np.arange(size - 1)] = 1
    inverse[others] ^= vector[others][:, None] & at_pivot[None, :]
    inverse[pivot] = at_pivot
    return P, inverse


def _basis(functional: int, size: int) -> tuple[Integers, Integers]:
    """Return an invertible matrix over F_2 whose last row is a functional, and its inverse."""
    row = (functional >> np.arange(size)) & 1
    pivot = int(np.flatnonzero(row)[0])
    others = [place for place in range(size) if place != pivot]
    P = np.zeros((size, size), dtype=np.int64)
    P[np.arange(size - 1), others] = 1
    P[-1] = row
    # x[others] are the first coordinates; x[pivot] is the last one plus those of the functional.
    inverse = np.zeros_like(P)
    inverse[others, np.arange(size - 1)] = 1
    inverse[pivot, :-1] = row[others]
    inverse[pivot, -1] = 1
    return P, inverse


def _projected(s: Scheme, axis: str, left: Integers, right: Integers) -> Scheme:
    """Transform the two factors that have the axis, then drop its last coordinate."""
    n, m, p = s.shape
    U, V, W = s.U.reshape(n, m, -1), s.V.reshape(m, p, -1), s.W.reshape(n, p, -1)
    if axis == "n":
        U, W = _transformed(left, U), _transformed(right, W)
    elif axis == "m":
        U = _transformed(left, U.swapaxes(0, 1)).swapaxes(0, 1)
        V = _transformed(right, V)
    else:
        V = _transformed(left, V.swapaxes(0, 1)).swapaxes(0, 1)
        W = _transformed(right, W.swapaxes(0, 1)).swapaxes(0, 1)
    A, B, C = (factor.reshape(-1, s.rank) for factor in (U, V, W))
    sizes = [size - (name == axis) for name, size in zip("nmp", s.shape, strict=True)]
    return Scheme(
        (sizes[0], sizes[1], sizes[2]),
        *without_zeros(A, B, C),
        provenance=f"projection({s.provenance}, {axis})",
        characteristic=2,
    )


def _transformed(matrix: Integers, factor: Integers) -> Integers:
    """Apply a matrix over F_2 along the first axis and leave out the last coordinate."""
    result: Integers = np.tensordot(matrix[:-1], factor, axes=1) & 1
    return result
