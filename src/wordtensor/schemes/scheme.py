"""The value `Scheme`: an exact bilinear algorithm for a matrix product, checked in integers."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._memory import require_memory
from .._text import product_name
from .._typing import Integers, RealFactors, Value, freeze, frozen, unmasked
from ..errors import SchemeError

DIMENSIONS: Final = {"R": 1, "C": 2, "H": 4}

# Products of the quaternion units 1, i, j, k: the unit that results, then its sign.
_UNITS: Final = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))
_SIGNS: Final = ((1, 1, 1, 1), (1, -1, 1, -1), (1, -1, -1, 1), (1, 1, -1, -1))

_EXACT_IN_FLOAT: Final = 2**53


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scheme(Value):
    """An exact bilinear algorithm with ``rank`` products for the tensor <n,m,p> over R, C or H.

    With x and y the row-major coordinates of X (n x m) and Y (m x p), the coordinates of Z = X Y
    are ``z[k] = sum_r W[k, r] * (U[:, r] @ x) * (V[:, r] @ y) / (product of the denominators)``.

    Attributes
    ----------
    shape : tuple of int
        The sizes (n, m, p).
    U, V, W : ndarray of int64, shapes (n*m*d, R), (m*p*d, R), (n*p*d, R)
        Numerators, read-only; d is 1, 2 or 4 for R, C, H.
    denominators : tuple of int
        One common denominator for each factor.
    division : {"R", "C", "H"}
        Where the entries of the matrices live; components are the last part of an index.
    provenance : str
        How the scheme was found or built.
    characteristic : {0, 2, 3}
        0 for a scheme over the integers or rational numbers, which holds over R; 2 or 3 for one
        over F_2 or F_3, where the equations hold modulo 2 or 3 only. There coefficients are reduced
        to 0 and 1, or to -1, 0 and 1, and denominators, which must be prime to 2 or 3, to 1.

    Examples
    --------
    >>> gauss = Scheme(
    ...     (1, 1, 1), [[1, 0, 1], [0, 1, 1]], [[1, 0, 1], [0, 1, 1]],
    ...     [[1, -1, 0], [-1, -1, 1]], division="C", provenance="Gauss")
    >>> gauss
    Scheme(<1,1,1>_C, rank=3, ring='Z')
    >>> gauss.check().rank
    3
    >>> Scheme((1, 1, 1), gauss.U, gauss.V, gauss.W, division="C", characteristic=2).check()
    Scheme(<1,1,1>_C, rank=3, ring='F2')
    """

    shape: tuple[int, int, int]
    U: Integers
    V: Integers
    W: Integers
    denominators: tuple[int, int, int] = (1, 1, 1)
    division: str = "R"
    provenance: str = ""
    characteristic: int = 0

    def __post_init__(self) -> None:
        sizes = tuple(int(size) for size in self.shape)
        if len(sizes) != 3 or min(sizes) < 1:
            raise SchemeError(f"Sizes must be three positive integers, not {self.shape!r}")
        denominators = tuple(int(value) for value in self.denominators)
        if len(denominators) != 3 or min(denominators) < 1:
            raise SchemeError(
                f"Denominators must be three positive integers, not {self.denominators!r}"
            )
        if not isinstance(self.provenance, str):
            raise SchemeError(f"The provenance must be a text, not {self.provenance!r:.80}")
        factors = [_as_integers(name, getattr(self, name)) for name in ("U", "V", "W")]
        factors, denominators = _reduced(factors, denominators, self.characteristic)
        rows = self._rows(sizes, self.division)
        rank = factors[0].shape[1]
        for name, factor, expected in zip("UVW", factors, rows, strict=True):
            if factor.shape != (expected, rank):
                raise SchemeError(
                    f"Factor {name} of <{sizes[0]},{sizes[1]},{sizes[2]}>_{self.division} must "
                    f"have shape ({expected}, {rank}), not {factor.shape}"
                )
            object.__setattr__(self, name, factor)
        object.__setattr__(self, "shape", sizes)
        object.__setattr__(self, "denominators", denominators)
        object.__setattr__(self, "characteristic", int(self.characteristic))

    @staticmethod
    def _rows(sizes: tuple[int, ...], division: str) -> tuple[int, int, int]:
        require_division(division)
        n, m, p = sizes
        d = DIMENSIONS[division]
        return n * m * d, m * p * d, n * p * d

    @property
    def n(self) -> int:
        """Number of rows of X."""
        return self.shape[0]

    @property
    def m(self) -> int:
        """Number of columns of X."""
        return self.shape[1]

    @property
    def p(self) -> int:
        """Number of columns of Y."""
        return self.shape[2]

    @property
    def rank(self) -> int:
        """Number of products (an upper bound on the tensor rank)."""
        return int(self.U.shape[1])

    @property
    def ring(self) -> str:
        """Where the coefficients live: "F2", "F3", or "Z" if every denominator is 1, else "Q"."""
        if self.characteristic:
            return f"F{self.characteristic}"
        return "Z" if self.denominators == (1, 1, 1) else "Q"

    def as_float(self) -> RealFactors:
        """Return U, V and W, divided by their denominators, as read-only float64 arrays.

        Returns
        -------
        tuple of ndarray of float64, shapes (n*m*d, R), (m*p*d, R), (n*p*d, R)
            The factors.

        Raises
        ------
        SchemeError
            If the scheme is over F_2 or F_3: its coefficients are not real numbers.
        """
        if self.characteristic:
            raise SchemeError(
                f"{self!r} holds modulo {self.characteristic} only and has no real factors; lift "
                "it first, with lift_scheme(s)"
            )
        d, e, f = self.denominators
        return freeze(self.U / d), freeze(self.V / e), freeze(self.W / f)

    def check(self) -> "Scheme":
        """Verify Brent's equations exactly and return the scheme itself.

        Returns
        -------
        Scheme
            The same object.

        Raises
        ------
        SchemeError
            If an equation fails; the message names the first one.

        Notes
        -----
        For all i, j, k the equation is ``sum_r U[i,r] V[j,r] W[k,r] = q T[i,j,k]`` with q the
        product of the denominators; over F_2 and F_3 it has to hold modulo 2 or 3. The sums are
        integers, taken in float64 while they stay below 2^53 and in Python integers otherwise.

        References
        ----------
        R. P. Brent, "Algorithms for matrix multiplication", Stanford STAN-CS-70-157 (1970).
        """
        longest = max(len(self.U), len(self.V), len(self.W))
        # This also bounds the memory of the check by that of the factors.
        if self.rank < longest:
            raise SchemeError(
                f"{self.rank} terms cannot be a scheme for sizes {self.shape} over "
                f"{self.division}, which need at least {longest}"
            )
        coords, values = product_tensor(*self.shape, self.division)
        scale = self.denominators[0] * self.denominators[1] * self.denominators[2]
        dtype = np.float64 if self._largest_sum() < _EXACT_IN_FLOAT else np.object_
        U, V, W = (factor.astype(dtype) for factor in (self.U, self.V, self.W))
        order = np.argsort(coords[0], kind="stable")
        starts = np.searchsorted(coords[0][order], np.arange(U.shape[0] + 1))
        for i in range(U.shape[0]):
            used = np.flatnonzero(self.U[i])
            defect = (V[:, used] * U[i, used]) @ W[:, used].T
            mine = order[starts[i] : starts[i + 1]]
            defect[coords[1][mine], coords[2][mine]] -= values[mine].astype(dtype) * scale
            if self.characteristic:
                defect %= self.characteristic
            wrong = np.argwhere(defect != 0)
            if len(wrong):
                j, k = (int(value) for value in wrong[0])
                raise SchemeError(self._failure(i, j, k, int(defect[j, k]), scale))
        return self

    def _largest_sum(self) -> int:
        """Bound every partial sum of Brent's equations."""
        # The absolute value of -2^63 is not in int64.
        largest = [
            max(int(f.max(initial=0)), -int(f.min(initial=0))) for f in (self.U, self.V, self.W)
        ]
        scale = self.denominators[0] * self.denominators[1] * self.denominators[2]
        return largest[0] * largest[1] * largest[2] * max(self.rank, 1) + scale

    def _failure(self, i: int, j: int, k: int, defect: int, scale: int) -> str:
        coords, values = product_tensor(*self.shape, self.division)
        here = (coords == np.array([[i], [j], [k]])).all(axis=0)
        expected = int(values[here].sum()) * scale
        names = [
            self._entry("x", i, self.m),
            self._entry("y", j, self.p),
            self._entry("z", k, self.p),
        ]
        n, m, p = self.shape
        total, suffix = expected + defect, ""
        if prime := self.characteristic:
            total, expected, suffix = total % prime, expected % prime, f" modulo {prime}"
        return (
            f"Scheme <{n},{m},{p}>_{self.division} of rank {self.rank} fails the equation of "
            f"{names[0]}*{names[1]} in {names[2]} (entry {i},{j},{k}): the terms sum to "
            f"{total}, not {expected}{suffix}"
        )

    def _entry(self, letter: str, index: int, columns: int) -> str:
        cell, component = divmod(index, DIMENSIONS[self.division])
        row, column = divmod(cell, columns)
        suffix = "" if self.division == "R" else "." + "1ijk"[component]
        return f"{letter}[{row},{column}]{suffix}"

    def __repr__(self) -> str:
        name = product_name(self.shape, self.division)
        return f"Scheme({name}, rank={self.rank}, ring={self.ring!r})"


def require_division(division: str) -> None:
    """Refuse what is none of the three algebras."""
    if division not in DIMENSIONS:
        raise SchemeError(f"Argument 'division' must be 'R', 'C' or 'H', not {division!r}")


def require_int64(*factors: int) -> None:
    """Refuse a product of integers that does not fit into int64, before arrays are multiplied."""
    if math.prod(factors) >= 2**63:
        raise SchemeError(
            "The coefficients of the result would not fit into 64 bits; reduce the denominators "
            "of the schemes first"
        )


def _as_integers(name: str, values: ArrayLike) -> Integers:
    """Return a read-only int64 copy of a two-dimensional array of integers."""
    array = np.asarray(unmasked(values))
    if array.ndim != 2:
        raise SchemeError(f"Factor {name} must be a two-dimensional array, not {array.ndim}-d")
    if array.dtype.kind not in "iu":
        raise SchemeError(
            f"Factor {name} must hold integers (numerators), not {array.dtype}; give the common "
            "denominator in 'denominators'"
        )
    if array.dtype == np.uint64 and array.max(initial=0) >= 2**63:
        raise SchemeError(f"Factor {name} has numerators of 2^63 or more")
    return frozen(array.astype(np.int64, copy=False))


def _reduced(
    factors: list[Integers], denominators: tuple[int, ...], characteristic: int
) -> tuple[list[Integers], tuple[int, ...]]:
    """Reduce modulo 2 or 3 if the characteristic says so; denominators are 1 there."""
    if characteristic not in (0, 2, 3):
        raise SchemeError(f"Argument 'characteristic' must be 0, 2 or 3, not {characteristic!r}")
    if characteristic == 0:
        return factors, denominators
    if any(value % characteristic == 0 for value in denominators):
        what, lost = ("be odd", "1/2") if characteristic == 2 else ("not be divisible by 3", "1/3")
        raise SchemeError(
            f"Denominators of a scheme over F_{characteristic} must {what}, not {denominators}: "
            f"there is no {lost}"
        )
    prime = int(characteristic)
    # In both fields each number but 0 is its own inverse. Residues modulo 3 are -1, 0 and 1.
    residues = [
        freeze((f % prime * (d % prime) + prime // 3) % prime - prime // 3)
        for f, d in zip(factors, denominators, strict=True)
    ]
    return residues, (1, 1, 1)
