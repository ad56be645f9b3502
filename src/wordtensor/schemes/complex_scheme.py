"""The value `ComplexScheme`: an exact scheme whose coefficients are Gaussian rationals."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .._shown import shown
from .._text import product_name
from .._typing import Integers, Value, freeze, frozen
from ..errors import SchemeError
from ._key_figures import key_figures
from .compose import flipped
from .scheme import Scheme, require_int64

ComplexFactors = tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.complex128]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ComplexScheme(Value):
    """An exact algorithm with ``rank`` complex products for n x m times m x p matrices over C.

    With x and y the row-major entries of X and Y, those of Z = X Y are
    ``z[k] = sum_r W[k, r] * (U[:, r] @ x) * (V[:, r] @ y) / (product of the denominators)``.

    Attributes
    ----------
    shape : tuple of int
        The sizes (n, m, p).
    U, V, W : ndarray of int64, shapes (n*m, R, 2), (m*p, R, 2), (n*p, R, 2)
        Numerators, read-only; the last axis has the real and the imaginary part.
    denominators : tuple of int
        One common denominator for each factor.
    provenance : str
        How the scheme was found or built.

    Notes
    -----
    Such a scheme is not a scheme over R. It is used where terms may be complex, in ``decompose``
    with ``field="complex"``. Every `Scheme` over R is a complex scheme with imaginary parts 0.

    Examples
    --------
    >>> from wordtensor.schemes import best_scheme
    >>> s = best_scheme(2, 2, 2)
    >>> turns = np.array([[[0, 1]], [[0, -1]], [[1, 0]]])  # i, -i and 1
    >>> factors = (f[:, :, None] * t for f, t in zip((s.U, s.V, s.W), turns))
    >>> ComplexScheme((2, 2, 2), *factors).check()
    ComplexScheme(<2,2,2>, rank=7, ring='Z[i]')
    """

    shape: tuple[int, int, int]
    U: Integers
    V: Integers
    W: Integers
    denominators: tuple[int, int, int] = (1, 1, 1)
    provenance: str = ""

    def __post_init__(self) -> None:
        for name in "UVW":
            given = np.asarray(getattr(self, name))
            if given.ndim != 3 or given.shape[2] != 2 or given.dtype.kind not in "iu":
                raise SchemeError(
                    f"Factor {name} of a complex scheme must be integers of shape (rows, R, 2), "
                    f"not {given.dtype} of shape {given.shape}"
                )
            object.__setattr__(self, name, frozen(given.astype(np.int64)))
        # What remains to be said of shapes and denominators is said of the real parts.
        U, V, W = (factor[:, :, 0] for factor in (self.U, self.V, self.W))
        real = Scheme(
            self.shape, U, V, W, denominators=self.denominators, provenance=self.provenance
        )
        object.__setattr__(self, "shape", real.shape)
        object.__setattr__(self, "denominators", real.denominators)

    @property
    def rank(self) -> int:
        """Number of complex products."""
        return int(self.U.shape[1])

    @property
    def division(self) -> str:
        """Always "R": matrices of plain numbers, not of pairs of real coordinates."""
        return "R"

    @property
    def ring(self) -> str:
        """Where the coefficients live: "Z[i]" if every denominator is 1, else "Q(i)"."""
        return "Z[i]" if self.denominators == (1, 1, 1) else "Q(i)"

    def as_complex(self) -> ComplexFactors:
        """Return U, V and W, divided by their denominators, as read-only complex128 arrays.

        Returns
        -------
        tuple of ndarray of complex128, shapes (n*m, R), (m*p, R), (n*p, R)
            The factors.
        """
        U, V, W = (
            freeze(np.asarray((f[:, :, 0] + 1j * f[:, :, 1]) / d, dtype=np.complex128))
            for f, d in zip((self.U, self.V, self.W), self.denominators, strict=True)
        )
        return U, V, W

    def over_reals(self) -> Scheme:
        """Return the real scheme that takes each complex product by Gauss' three real ones.

        Returns
        -------
        Scheme
            For <n,m,p> over C in real coordinates, of three times the rank.

        Raises
        ------
        SchemeError
            If numerators would not fit into 64 bits.

        Examples
        --------
        >>> one = np.array([[[1, 0]]])
        >>> ComplexScheme((1, 1, 1), one, one, one).over_reals().check()
        Scheme(<1,1,1>_C, rank=3, ring='Z')
        """
        U, V = (_forms(factor) for factor in (self.U, self.V))
        require_int64(4, int(np.abs(self.W).max(initial=1)))
        e, f = self.W[:, :, 0], self.W[:, :, 1]
        # From p1 = Re Re, p2 = Im Im, p3 = (Re + Im)(Re + Im): p1 - p2 + i (p3 - p1 - p2).
        rows = np.stack([np.stack([e + f, f - e], 1), np.stack([f - e, -f - e], 1)], 3)
        last = np.stack([-f, e], 1)[..., None]
        W = np.concatenate([rows, last], 3)
        n, m, p = self.shape
        return Scheme(
            self.shape, U.reshape(2 * n * m, -1), V.reshape(2 * m * p, -1),
            W.reshape(2 * n * p, -1), denominators=self.denominators, division="C",
            provenance=f"{self.provenance}, complex products by three real ones",
        )  # fmt: skip

    def check(self) -> "ComplexScheme":
        """Verify Brent's equations exactly and return the scheme itself.

        Returns
        -------
        ComplexScheme
            The same object.

        Raises
        ------
        SchemeError
            If an equation fails; the message names the first one.

        Notes
        -----
        The equations are those of `over_reals`, since complex numbers multiply as Gauss says.
        """
        if self.rank < max(len(self.U), len(self.V), len(self.W)):
            raise SchemeError(f"{self!r} has fewer terms than a factor has rows")
        try:
            self.over_reals().check()
        except SchemeError as error:
            raise SchemeError(f"{self!r}, in real coordinates: {error}") from error
        return self

    def additions(self) -> int:
        """Count the complex additions and subtractions, as `Scheme.additions` does."""
        U, V, W = (factor.any(axis=2) for factor in (self.U, self.V, self.W))
        counts = (U.sum(axis=0), V.sum(axis=0), W.sum(axis=1))
        return int(sum(np.maximum(count - 1, 0).sum() for count in counts))

    def __repr__(self) -> str:
        name = product_name(self.shape, "R")
        return f"ComplexScheme({name}, rank={self.rank}, ring={self.ring!r})"

    def _repr_html_(self) -> str:
        name = f"{product_name(self.shape, 'R')} with complex coefficients"
        figures = key_figures(
            name, self.rank, "R", self.shape,
            ring=self.ring, additions=self.additions(), provenance=self.provenance,
        )  # fmt: skip
        return shown(figures)


def _forms(factor: Integers) -> Integers:
    """Return the real part of linear forms, the imaginary one and their sum, by coordinates."""
    require_int64(4, int(np.abs(factor).max(initial=1)))
    a, b = factor[:, :, 0], factor[:, :, 1]
    # (a + i b) (x + i y): columns for x and y.
    return np.stack([np.stack([a, b, a + b], 2), np.stack([-b, a, a - b], 2)], 1)


def complex_permuted(s: ComplexScheme, n: int, m: int, p: int) -> ComplexScheme | None:
    """Return a scheme for <n,m,p> of one for the same sizes in another order, if it is one."""
    for _ in range(3):
        for candidate in (s, _transposed(s)):
            if candidate.shape == (n, m, p):
                return candidate
        s = _rotated(s)
    return None


def _rotated(s: ComplexScheme) -> ComplexScheme:
    """Rotate the trace of X Y Z, which has no conjugates in it."""
    n, m, p = s.shape
    u, v, w = s.denominators
    return replace(
        s, shape=(m, p, n), U=s.V, V=flipped(s.W, n, p), W=flipped(s.U, n, m),
        denominators=(v, w, u),
    )  # fmt: skip


def _transposed(s: ComplexScheme) -> ComplexScheme:
    """Return the scheme of Y^T X^T."""
    n, m, p = s.shape
    u, v, w = s.denominators
    return replace(
        s, shape=(p, m, n), U=flipped(s.V, m, p), V=flipped(s.U, n, m), W=flipped(s.W, n, p),
        denominators=(v, u, w),
    )  # fmt: skip
