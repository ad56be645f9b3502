"""The search for bounds of direct sums: a splitting over Q, and a bound for each summand."""

import math
import time
from collections.abc import Iterator
from typing import Final

import numpy as np

from .._typing import Field, Integers, check_field
from ._conditions import Vectors
from ._locus_search import checked_tensor, mode_bound
from ._modular_bases import eigenvalues, null_vectors, power_of, row_space, short
from .loci import independent
from .sums import SumBound, Summand, summand_tensors

_SEED: Final = 1986
# Unknowns up to which summands are looked for, and contractions that give the equations.
_MOST_UNKNOWNS: Final = 600
_CONTRACTIONS: Final = 4

_Triple = tuple[Integers, Integers, Integers]


def sum_bound(
    tensor: Integers,
    field: Field = "real",
    lower: int = 0,
    upper: int | None = None,
    time_limit: float = math.inf,
) -> SumBound | None:
    r"""Bound the rank of a direct sum of small tensors of integers by substitution.

    Parameters
    ----------
    tensor : ndarray of int, shape (x, y, z)
        The tensor, in any basis.
    field : {"real", "complex"}
        Where the terms live.
    lower : int
        A number of terms that is known to be necessary.
    upper : int, optional
        A number of terms that is known to be enough.
    time_limit : float
        Seconds after which no new attempt begins.

    Returns
    -------
    SumBound or None
        The best bound that was proved; None if there is none beyond ``lower``, or if the tensor was
        not seen to be a direct sum.

    Raises
    ------
    WordTensorError
        If the tensor has not three axes of integers, or the field is unknown.

    Notes
    -----
    The rank of a direct sum is not the sum of the ranks in general (Shitov 2019). The bounds of
    `locus_bound` add up, if all of them are swept along one mode: with ``f_i > rho_i`` wherever
    l_i is not 0, for the summands T_i of T, and with m_i slices each,

        R(T) >= sum_i (m_i + rho_i).

    *Proof.* As for one summand. The numbers d and f of summands with killed vectors in one mode add
    up. Two such sums S, S' with killed vectors in either mode remain. Killing d terms for S leaves
    a complement that projects onto all of S', which is concise; so the terms left still allow d'
    to be killed in the other mode. Complements of the killed vectors are
    graphs ``a + phi(a) + phi'(b')`` and b', and b and ``a' + psi(a') + psi'(b)``. On them N(y) is
    block triangular with rank at least ``f - d + f' - d'``, and not 0 for y not 0. With k
    summands, all but k of the vectors left of the swept mode complete l_1, ..., l_k to a basis.
    There is a y with all l_i(y_i) = 1 at which they vanish, and there N(y) has rank at least the
    sum of all ``rho_i + 1 - d_i``. []

    A splitting is given by matrices (X, Y, Z) that have the same effect on T when they act on each
    of the modes; eigenspaces for different eigenvalues do not meet.

    References
    ----------
    JaJa, Takche, "On the validity of the direct sum conjecture", SIAM J. Comput. 15 (1986);
    Shitov, "Counterexamples to Strassen's direct sum conjecture", Acta Math. 222 (2019).

    Examples
    --------
    Two products of complex numbers, hidden by another basis.

    >>> import numpy as np
    >>> tensor = np.zeros((4, 4, 4), dtype=int)
    >>> for k in (0, 2):
    ...     tensor[[k, k, k + 1], [k, k + 1, k], [k, k + 1, k + 1]] = 1
    ...     tensor[k + 1, k + 1, k] = -1
    >>> tensor[:2] += tensor[2:]
    >>> found = sum_bound(tensor)
    >>> found.bound, found.holds(tensor)
    (6, True)
    """
    tensor = checked_tensor(tensor)
    check_field(field)
    kept = independent(tensor)
    core = tensor[np.ix_(*kept)].astype(np.int64)
    if sum(size**2 for size in core.shape) > _MOST_UNKNOWNS:
        return None
    whole = tuple(np.eye(size, dtype=np.int64) for size in core.shape)
    found = _split((whole[0], whole[1], whole[2]), core)
    bases = [tuple(tuple(map(tuple, x.tolist())) for x in each) for each in found]
    parts = summand_tensors(core, bases) if len(bases) > 1 else None
    if parts is None:
        return None
    best: SumBound | None = None
    stop = time.monotonic() + time_limit
    for mode in range(3):
        now = _swept(core, bases, parts, mode, field, upper, stop)
        if now.bound > max(lower, best.bound if best else 0):
            best = now
        if best is not None and best.bound == upper:
            break
    return best and best.lifted((0, 1, 2), kept)


def _swept(
    core: Integers,
    bases: list[tuple[Vectors, ...]],
    parts: list[Integers],
    mode: int,
    field: Field,
    upper: int | None,
    stop: float,
) -> SumBound:
    """Add up the bounds of the summands that one mode gives."""
    summands: list[Summand] = []
    least = [part.shape[mode] for part in parts]
    for place, (own, part) in enumerate(zip(bases, parts, strict=True)):
        others = sum(s.bound.bound for s in summands) + sum(least[place + 1 :])
        most = None if upper is None else upper - others
        summands.append(Summand(own, mode_bound(part.astype(np.int64), mode, field, most, stop)))
    return SumBound(tuple(tuple(range(size)) for size in core.shape), tuple(summands))


def _split(bases: _Triple, tensor: Integers) -> list[_Triple]:
    """Split the restriction of a tensor to some vectors of each mode."""
    part = np.einsum("abc,xa,yb,zc->xyz", tensor, *bases, optimize=True)
    for triple in _centroid(part):
        for value in eigenvalues(triple[0]):
            powers = [power_of(matrix, value) for matrix in triple]
            own = [null_vectors(power.T) for power in powers]
            rest = [row_space(power) for power in powers]
            sizes = [len(x) + len(y) for x, y in zip(own, rest, strict=True)]
            if all(map(len, own)) and all(map(len, rest)) and sizes == list(part.shape):
                return [
                    found for piece in (own, rest) for found in _split(_of(piece, bases), tensor)
                ]
    return [bases]


def _of(piece: list[Integers], bases: _Triple) -> _Triple:
    """Return vectors of a restriction as vectors of the whole."""
    x, y, z = (short(own @ basis) for own, basis in zip(piece, bases, strict=True))
    return x, y, z


def _centroid(tensor: Integers) -> Iterator[_Triple]:
    """Yield triples of matrices with one effect on a tensor, in each mode; not the identity."""
    x, y, z = tensor.shape
    generator = np.random.default_rng(_SEED)
    rows = []
    for first, second, third in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        size = tensor.shape[third]
        vectors = generator.integers(-9, 10, (min(size, _CONTRACTIONS), size))
        moved = np.transpose(tensor, (third, first, second))
        rows.append(_equations(np.tensordot(vectors, moved, 1), tensor.shape, first, second))
    vectors = null_vectors(np.vstack(rows))
    ends = np.cumsum([x * x, y * y])
    if len(vectors) < 2:
        return
    for vector in vectors:
        parts = np.split(vector, ends)
        one, two, three = (p.reshape(n, n) for p, n in zip(parts, (x, y, z), strict=True))
        effect = np.einsum("xa,ayz->xyz", one, tensor)
        if (effect == np.einsum("yb,xbz->xyz", two, tensor)).all() and (
            effect == np.einsum("zc,xyc->xyz", three, tensor)
        ).all():
            yield one, two, three


def _equations(values: Integers, shape: tuple[int, ...], first: int, second: int) -> Integers:
    """Return the equations X N = N Y^T for some matrices N, as rows."""
    count, rows, columns = values.shape
    tables = [np.zeros((n, n, count, rows, columns), dtype=np.int64) for n in shape]
    for i in range(rows):
        for k in range(rows):
            tables[first][i, k, :, i, :] = values[:, k, :]
    for j in range(columns):
        for k in range(columns):
            tables[second][j, k, :, :, j] = -values[:, :, k]
    return np.vstack([t.reshape(n * n, -1) for t, n in zip(tables, shape, strict=True)]).T
