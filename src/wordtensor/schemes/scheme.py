"""The value `Scheme`: an exact bilinear algorithm for a matrix product, checked in integers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._shown import shown
from .._text import product_name
from .._typing import Integers, RealFactors, Value, freeze, frozen, unmasked
from ..errors import SchemeError
from ._apply import multiplied
from ._key_figures import key_figures, product_tables
from .matrix_product import DIMENSIONS, product_tensor, require_division

_EXACT_IN_FLOAT: Final = 2**53


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

    @property
    def has_signs_only(self) -> bool:
        """Whether all coefficients are -1, 0 and 1."""
        small = all((np.abs(factor) <= 1).all() for factor in (self.U, self.V, self.W))
        return self.denominators == (1, 1, 1) and small

    def additions(self) -> int:
        """Count additions and subtractions, each sum where it is used.

        Returns
        -------
        int
            One less than the non-zero coefficients of each sum: of the columns of U and V, and of
            the rows of W. No sum is reused, and multiplications by coefficients are free. Sums with
            names of their own can save some: 15 are known for <2,2,2>, not 18 (Winograd's variant).

        Examples
        --------
        >>> from wordtensor.schemes import standard_scheme
        >>> standard_scheme(2, 2, 2).additions()
        4
        """
        counts = [(self.U != 0).sum(axis=0), (self.V != 0).sum(axis=0), (self.W != 0).sum(axis=1)]
        return int(sum(np.maximum(count - 1, 0).sum() for count in counts))

    def apply(self, A: Any, B: Any) -> Any:
        """Multiply matrices, or matrices of blocks, with the products of this scheme.

        Parameters
        ----------
        A : array of shape (..., n*k, m*l)
            Of numpy, torch or another library with arrays like theirs; complex for a scheme over C.
        B : array of shape (..., m*l, p*q)
            Of the same library; the axes before the last two are a batch, and broadcast.

        Returns
        -------
        array of shape (..., n*k, p*q)
            A @ B by ``rank`` products of blocks, in the type of the arrays.

        Raises
        ------
        SchemeError
            If these are no arrays, the shapes do not fit, the integers are unsigned or too large
            for a scheme with fractions, the scheme is over H, or the arrays are real for a scheme
            over C.

        Notes
        -----
        The coefficients are the exact numerators, and the result is divided by the product of the
        denominators at the end. So integers give exactly A @ B, modulo 2 or 3 for a scheme over
        F_2 or F_3. Floating-point numbers are rounded at each step: the
        error is relative to the largest entries, not to each one, and grows with the coefficients.

        Examples
        --------
        >>> from wordtensor.schemes import best_scheme
        >>> A = np.arange(16).reshape(4, 4)
        >>> bool((best_scheme(2, 2, 2).apply(A, A.T) == A @ A.T).all())
        True
        """
        return multiplied(
            (self.U, self.V, self.W), self._scale(), self.shape, self.division,
            self.characteristic, A, B,
        )  # fmt: skip

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
        for i, defect in self._defects():
            wrong = np.argwhere(defect != 0)
            if len(wrong):
                j, k = (int(value) for value in wrong[0])
                raise SchemeError(self._failure(i, j, k, int(defect[j, k])))
        return self

    def _scale(self) -> int:
        return self.denominators[0] * self.denominators[1] * self.denominators[2]

    def _defects(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """Yield for each i by how much the equations of i, j, k are missed, times the scale."""
        coords, values = product_tensor(*self.shape, self.division)
        scale = self._scale()
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
            yield i, defect

    def _largest_sum(self) -> int:
        """Bound every partial sum of Brent's equations."""
        # The absolute value of -2^63 is not in int64.
        largest = [
            max(int(f.max(initial=0)), -int(f.min(initial=0))) for f in (self.U, self.V, self.W)
        ]
        return largest[0] * largest[1] * largest[2] * max(self.rank, 1) + self._scale()

    def _failure(self, i: int, j: int, k: int, defect: int) -> str:
        coords, values = product_tensor(*self.shape, self.division)
        here = (coords == np.array([[i], [j], [k]])).all(axis=0)
        expected = int(values[here].sum()) * self._scale()
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
            f"{names[0]}*{names[1]} in {names[2]} (entry {i},{j},{k}){self._from_one(i, j, k)}: "
            f"the terms sum to {total}, not {expected}{suffix}"
        )

    def _from_one(self, i: int, j: int, k: int) -> str:
        """Name an equation as texts of schemes over R do: a12*b21 in c11."""
        if self.division != "R":
            return ""
        middle = "_" if max(self.shape) > 9 else ""
        a, b, c = (
            f"{letter}{index // columns + 1}{middle}{index % columns + 1}"
            for letter, index, columns in zip(
                "abc", (i, j, k), (self.m, self.p, self.p), strict=True
            )
        )
        return f", {a}*{b} in {c} of the product if counted from 1"

    def _entry(self, letter: str, index: int, columns: int) -> str:
        cell, component = divmod(index, DIMENSIONS[self.division])
        row, column = divmod(cell, columns)
        suffix = "" if self.division == "R" else "." + "1ijk"[component]
        return f"{letter}[{row},{column}]{suffix}"

    def __repr__(self) -> str:
        name = product_name(self.shape, self.division)
        return f"Scheme({name}, rank={self.rank}, ring={self.ring!r})"

    def _repr_html_(self) -> str:
        parts = key_figures(
            product_name(self.shape, self.division), self.rank, self.division, self.shape,
            ring=self.ring, additions=self.additions(), provenance=self.provenance,
        )  # fmt: skip
        if self.division == "R":
            parts += product_tables((self.U, self.V, self.W), self.denominators, self.shape)
        return shown(parts)


def equations_missed(s: Scheme) -> int:
    """Count the equations that fail."""
    return sum(int(np.count_nonzero(defect)) for _, defect in s._defects())


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
