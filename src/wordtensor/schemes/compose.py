"""New schemes from old ones: symmetries, products, block splittings, restrictions. All exact."""

import math
from dataclasses import replace
from itertools import permutations
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._typing import IntegerFactors, Integers
from ..errors import SchemeError
from .matrix_product import DIMENSIONS, product_tensor
from .scheme import Scheme, require_int64

Number = TypeVar("Number", np.int64, np.float64)

_AXES: Final = "nmp"


def standard_scheme(
    n: int, m: int, p: int, division: str = "R", *, characteristic: int = 0
) -> Scheme:
    """Return the scheme that multiplies every pair of coordinates that has to meet.

    Parameters
    ----------
    n, m, p : int
        Sizes.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    characteristic : {0, 2, 3}
        2 or 3 for the same over F_2 or F_3.

    Returns
    -------
    Scheme
        Of rank n*m*p*d*d with d = 1, 2 or 4.

    Examples
    --------
    >>> standard_scheme(2, 2, 2)
    Scheme(<2,2,2>, rank=8, ring='Z')
    """
    coords, values = product_tensor(n, m, p, division)
    d = DIMENSIONS[division]
    terms = np.arange(len(values))
    factors = [np.zeros((rows * d, len(values)), dtype=np.int64) for rows in (n * m, m * p, n * p)]
    for factor, index in zip(factors, coords, strict=True):
        factor[index, terms] = 1
    factors[2][coords[2], terms] = values
    U, V, W = factors
    return Scheme(
        (n, m, p),
        U,
        V,
        W,
        division=division,
        provenance=f"standard <{n},{m},{p}>_{division}",
        characteristic=characteristic,
    )


def flipped(factor: NDArray[Number], rows: int, columns: int) -> NDArray[Number]:
    """Reindex the rows of a factor from a rows x columns matrix to its transpose."""
    return factor.reshape(rows, columns, -1).swapaxes(0, 1).reshape(factor.shape)


def _conjugate_transposed(factor: Integers, rows: int, columns: int, d: int) -> Integers:
    """Reindex the rows of a factor from a matrix over R, C or H to its conjugate transpose."""
    signs = np.where(np.arange(len(factor)) % d, -1, 1)
    return flipped(factor, rows, columns) * signs[:, None]


def without_zeros(U: Integers, V: Integers, W: Integers) -> IntegerFactors:
    """Leave out the terms one of whose three vectors is zero."""
    alive = U.any(axis=0) & V.any(axis=0) & W.any(axis=0)
    return U[:, alive], V[:, alive], W[:, alive]


def _require_same_characteristic(s: Scheme, t: Scheme) -> None:
    if s.characteristic != t.characteristic:
        prime = max(s.characteristic, t.characteristic)
        raise SchemeError(
            f"{s!r} and {t!r} cannot be combined: one of them holds modulo {prime} only. Lift it "
            f"first, or give the other with characteristic={prime}."
        )


def rotated(s: Scheme) -> Scheme:
    """Turn a scheme for <n,m,p> into one for <m,p,n> over the same algebra and of the same rank.

    Parameters
    ----------
    s : Scheme
        A scheme.

    Returns
    -------
    Scheme
        The rotated scheme.

    Notes
    -----
    The real part of the trace of X Y Z* is invariant under cyclic rotation, for C and H as well; Z*
    is the conjugate transpose of the product.

    Examples
    --------
    >>> rotated(standard_scheme(2, 3, 4)).check()
    Scheme(<3,4,2>, rank=24, ring='Z')
    >>> rotated(standard_scheme(1, 1, 2, "H")).check()
    Scheme(<1,2,1>_H, rank=32, ring='Z')
    """
    d = DIMENSIONS[s.division]
    du, dv, dw = s.denominators
    return Scheme(
        (s.m, s.p, s.n),
        s.V,
        _conjugate_transposed(s.W, s.n, s.p, d),
        _conjugate_transposed(s.U, s.n, s.m, d),
        denominators=(dv, dw, du),
        division=s.division,
        provenance=f"rotated({s.provenance})",
        characteristic=s.characteristic,
    )


def transposed(s: Scheme) -> Scheme:
    """Turn a scheme for <n,m,p> into one for <p,m,n> by (X Y)* = Y* X*.

    Parameters
    ----------
    s : Scheme
        A scheme.

    Returns
    -------
    Scheme
        The transposed scheme, over the same algebra and of the same rank.

    Notes
    -----
    X* is the conjugate transpose, which is the transpose over R.

    Examples
    --------
    >>> transposed(standard_scheme(2, 3, 4)).check()
    Scheme(<4,3,2>, rank=24, ring='Z')
    """
    d = DIMENSIONS[s.division]
    du, dv, dw = s.denominators
    return Scheme(
        (s.p, s.m, s.n),
        _conjugate_transposed(s.V, s.m, s.p, d),
        _conjugate_transposed(s.U, s.n, s.m, d),
        _conjugate_transposed(s.W, s.n, s.p, d),
        denominators=(dv, du, dw),
        division=s.division,
        provenance=f"transposed({s.provenance})",
        characteristic=s.characteristic,
    )


_PERMUTED: Final = "sizes permuted: "


def permuted(s: Scheme, n: int, m: int, p: int) -> Scheme:
    """Return the equivalent scheme for the sizes in another order.

    Parameters
    ----------
    s : Scheme
        A scheme.
    n, m, p : int
        The sizes of ``s`` in any order.

    Returns
    -------
    Scheme
        ``s`` itself if the order is already the one asked for.

    Raises
    ------
    SchemeError
        If the sizes are not those of ``s``.

    Examples
    --------
    >>> permuted(standard_scheme(2, 3, 4), 3, 2, 4).check()
    Scheme(<3,2,4>, rank=24, ring='Z')
    """
    if (n, m, p) not in set(permutations(s.shape)):
        raise SchemeError(f"Sizes ({n}, {m}, {p}) are not a permutation of those of {s!r}")
    for start in (s, None):
        current = s if start is not None else transposed(s)
        for _ in range(3):
            if current.shape == (n, m, p):
                # One that has been permuted before is not said to be so twice.
                origin = s.provenance.removeprefix(_PERMUTED)
                return s if current is s else replace(current, provenance=_PERMUTED + origin)
            current = rotated(current)
    raise SchemeError(f"No symmetry takes {s!r} to ({n}, {m}, {p})")


def kronecker(s: Scheme, t: Scheme) -> Scheme:
    """Multiply two schemes: <n,m,p> and <n',m',p'> give <nn',mm',pp'>, ranks multiply.

    Parameters
    ----------
    s : Scheme
        The outer scheme, over R: its products multiply blocks.
    t : Scheme
        The inner scheme, over R, C or H; the result is over the same.

    Returns
    -------
    Scheme
        Of rank ``s.rank * t.rank``.

    Raises
    ------
    SchemeError
        If the outer scheme is not over R, or just one of the two is over F_2.

    Notes
    -----
    The outer scheme has real coefficients and keeps the order of its two arguments, so its blocks
    may be matrices or have entries that do not commute.

    Examples
    --------
    >>> kronecker(standard_scheme(2, 1, 2), standard_scheme(1, 2, 1, "C")).check()
    Scheme(<2,2,2>_C, rank=32, ring='Z')
    """
    if s.division != "R":
        raise SchemeError(
            f"The outer scheme of a Kronecker product must be over R, not {s!r}; give it second"
        )
    _require_same_characteristic(s, t)
    d = DIMENSIONS[t.division]
    outer = ((s.n, s.m), (s.m, s.p), (s.n, s.p))
    inner = ((t.n, t.m), (t.m, t.p), (t.n, t.p))
    factors = []
    for a, b, (rows, columns), (r, c) in zip(
        (s.U, s.V, s.W), (t.U, t.V, t.W), outer, inner, strict=True
    ):
        require_int64(int(np.abs(a).max(initial=0)), int(np.abs(b).max(initial=0)))
        left = a.reshape(rows, 1, columns, 1, 1, -1, 1)
        right = b.reshape(1, r, 1, c, d, 1, t.rank)
        factors.append((left * right).reshape(rows * r * columns * c * d, s.rank * t.rank))
    du, dv, dw = (a * b for a, b in zip(s.denominators, t.denominators, strict=True))
    U, V, W = factors
    return Scheme(
        (s.n * t.n, s.m * t.m, s.p * t.p),
        U,
        V,
        W,
        denominators=(du, dv, dw),
        division=t.division,
        provenance=f"kronecker({s.provenance}, {t.provenance})",
        characteristic=s.characteristic,
    )


def join(s: Scheme, t: Scheme, axis: str) -> Scheme:
    """Put two schemes side by side along one size; ranks add.

    Parameters
    ----------
    s, t : Scheme
        Schemes over the same algebra with equal sizes apart from ``axis``.
    axis : {"n", "m", "p"}
        Which size is split: ``n`` stacks rows of X, ``p`` columns of Y, ``m`` adds two products.

    Returns
    -------
    Scheme
        Of rank ``s.rank + t.rank``.

    Raises
    ------
    SchemeError
        If the axis is unknown, the sizes or algebras differ, or just one of the two is over F_2.

    Examples
    --------
    >>> join(standard_scheme(2, 1, 2), standard_scheme(2, 2, 2), "m").check()
    Scheme(<2,3,2>, rank=12, ring='Z')
    """
    if axis not in _AXES or len(axis) != 1:
        raise SchemeError(f"Argument 'axis' must be 'n', 'm' or 'p', not {axis!r}")
    _require_same_characteristic(s, t)
    where = _AXES.index(axis)
    same = all(s.shape[i] == t.shape[i] for i in range(3) if i != where)
    if not same or s.division != t.division:
        raise SchemeError(f"Cannot join {s!r} and {t!r} along {axis!r}: other sizes must agree")
    sizes = list(s.shape)
    sizes[where] += t.shape[where]
    # Each factor is a matrix; along the split it is either extended or shared.
    split_of = {"n": (0, None, 0), "m": (1, 0, None), "p": (None, 1, 1)}[axis]
    factors, denominators = [], []
    for place in range(3):
        a, b = (q[place] for q in (_matrices(s), _matrices(t)))
        lcm = math.lcm(s.denominators[place], t.denominators[place])
        for matrix, q in ((a, s), (b, t)):
            require_int64(int(np.abs(matrix).max(initial=0)), lcm // q.denominators[place])
        a, b = a * (lcm // s.denominators[place]), b * (lcm // t.denominators[place])
        denominators.append(lcm)
        along = split_of[place]
        if along is not None:
            a, b = _extended(a, b, along)
        factors.append(np.concatenate([a, b], axis=-1).reshape(-1, s.rank + t.rank))
    U, V, W = factors
    return Scheme(
        (sizes[0], sizes[1], sizes[2]),
        U,
        V,
        W,
        denominators=(denominators[0], denominators[1], denominators[2]),
        division=s.division,
        provenance=f"join({s.provenance}, {t.provenance}, {axis})",
        characteristic=s.characteristic,
    )


def _matrices(s: Scheme) -> tuple[Integers, Integers, Integers]:
    """Return the factors with their rows split into (row, column, component)."""
    d = DIMENSIONS[s.division]
    return (
        s.U.reshape(s.n, s.m, d, -1),
        s.V.reshape(s.m, s.p, d, -1),
        s.W.reshape(s.n, s.p, d, -1),
    )


def _extended(a: Integers, b: Integers, along: int) -> tuple[Integers, Integers]:
    """Pad two factors with zeros to their common size, one behind the other."""
    before = [(0, 0)] * 4
    after = [(0, 0)] * 4
    after[along] = (0, b.shape[along])
    before[along] = (a.shape[along], 0)
    return np.pad(a, after), np.pad(b, before)


def restricted(
    s: Scheme,
    n: int,
    m: int,
    p: int,
    keep: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]] | None = None,
) -> Scheme:
    """Set rows and columns to zero: a scheme for <n,m,p> from larger sizes.

    Parameters
    ----------
    s : Scheme
        A scheme with sizes at least (n, m, p).
    n, m, p : int
        The sizes wanted.
    keep : tuple of three tuples of int, optional
        Which indices to keep of each size; by default the first ones.

    Returns
    -------
    Scheme
        Without the terms that vanish, so of rank at most ``s.rank``.

    Raises
    ------
    SchemeError
        If a size is larger than that of ``s``.

    Examples
    --------
    >>> restricted(standard_scheme(2, 2, 3), 2, 2, 2).check()
    Scheme(<2,2,2>, rank=8, ring='Z')
    """
    if any(new > old or new < 1 for new, old in zip((n, m, p), s.shape, strict=True)):
        raise SchemeError(f"Sizes ({n}, {m}, {p}) do not fit into those of {s!r}")
    rows, inner, columns = keep if keep else (tuple(range(n)), tuple(range(m)), tuple(range(p)))
    A, B, C = _matrices(s)
    U = A[np.ix_(rows, inner)].reshape(-1, s.rank)
    V = B[np.ix_(inner, columns)].reshape(-1, s.rank)
    W = C[np.ix_(rows, columns)].reshape(-1, s.rank)
    return Scheme(
        (n, m, p),
        *without_zeros(U, V, W),
        denominators=s.denominators,
        division=s.division,
        provenance=f"restricted({s.provenance}, {n}, {m}, {p})",
        characteristic=s.characteristic,
    )
