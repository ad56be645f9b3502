"""The value `ExactTerms`: rank-one terms over Q or a quadratic field, and their exact sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from .._typing import IntegerFactors, Integers, RealFactors, Value, frozen, unmasked
from .exact_array import ExactArray, multiplied, recognised

# Of a single coefficient that is read from floats.
_LARGEST_DENOMINATOR: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExactTerms(Value):
    """Rank-one terms whose coefficients are rational, or in one real quadratic field.

    Attributes
    ----------
    U, V, W : ndarray of int64, shapes (n1, R), (n2, R), (n3, R)
        Numerators, read-only.
    denominators : tuple of int
        One for each factor. ``T[i, j, k] = sum_r U[i, r] V[j, r] W[k, r] / (d1 d2 d3)``.
    roots : tuple of three ndarray of int64, or None
        Where the coefficients are irrational: what stands with the square root in the numerators,
        which are then ``U + roots[0] sqrt(radicand)`` and so on.
    radicand : int
        The d of the field Q(sqrt d); 1 for Q.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([[1]])
    >>> terms = ExactTerms(one, one, 6 * one, (1, 1, 3))
    >>> terms, terms.equals(2 * one[None]), terms.equals(one[None])
    (ExactTerms(1 terms, denominators=(1, 1, 3)), True, False)

    The square of half of the root of five is 5/4.

    >>> root = ExactTerms(0 * one, 0 * one, 4 * one, (2, 2, 1), (one, one, 0 * one), 5)
    >>> root, root.equals(5 * one[None]), root.texts()[0]
    (ExactTerms(1 terms, denominators=(2, 2, 1), radicand=5), True, [['sqrt(5)/2']])
    """

    U: Integers
    V: Integers
    W: Integers
    denominators: tuple[int, int, int] = (1, 1, 1)
    roots: IntegerFactors | None = None
    radicand: int = 1

    def __post_init__(self) -> None:
        for name in ("U", "V", "W"):
            array = np.asarray(unmasked(getattr(self, name)), dtype=np.int64)
            object.__setattr__(self, name, frozen(array))
        if self.roots is not None:
            roots = tuple(frozen(np.asarray(unmasked(root), dtype=np.int64)) for root in self.roots)
            object.__setattr__(self, "roots", roots)

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.U.shape[1])

    @property
    def is_integral(self) -> bool:
        """Whether all coefficients are integers."""
        return self.denominators == (1, 1, 1) and self.roots is None

    @property
    def factors(self) -> tuple[ExactArray, ExactArray, ExactArray]:
        """The three factors as exact arrays."""
        U, V, W = (
            ExactArray(array, None if self.roots is None else self.roots[m], d, self.radicand)
            for m, (array, d) in enumerate(
                zip((self.U, self.V, self.W), self.denominators, strict=True)
            )
        )
        return U, V, W

    def as_float(self) -> RealFactors:
        """Return U, V, W in float64, each entry to rounding."""
        U, V, W = (factor.as_float() for factor in self.factors)
        return U, V, W

    def texts(self) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
        """Return the entries of U, V, W as texts: "5/6", "(1+sqrt(5))/4"."""
        U, V, W = (factor.texts() for factor in self.factors)
        return U, V, W

    def equals(self, tensor: Integers | ExactArray) -> bool:
        """Tell whether the terms add up to a tensor, shape (n1, n2, n3), exactly."""
        target = tensor if isinstance(tensor, ExactArray) else ExactArray(tensor)
        if target.shape != (len(self.U), len(self.V), len(self.W)):
            return False
        radicand = max(self.radicand, target.radicand)
        if {self.radicand, target.radicand} - {1, radicand}:
            return False  # Two fields: their numbers are equal only if both are rational.
        scale = prod(self.denominators)
        sizes = [factor.largest for factor in self.factors]
        largest = max(prod(sizes) * self.rank * target.denominator, scale * target.largest)
        # Products of floats are fastest, and exact up to here; Python's integers have no limit.
        kind: type[Any] = np.int64 if largest < 2**62 else np.object_
        if largest < 2**53:
            kind = np.float64
        (U, rest), V, W = (factor.parts(kind) for factor in self.factors)
        wanted = target.parts(kind)
        for i, row in enumerate(U):
            level = row, None if rest is None else rest[i]
            sums = multiplied(multiplied(V, level, np.multiply, radicand), W, _by_terms, radicand)
            for found, given in zip(sums, wanted, strict=True):
                left = 0 if found is None else found * target.denominator
                right = 0 if given is None else given[i] * scale
                if not np.all(left == right):
                    return False
        return True

    def __repr__(self) -> str:
        field = f", radicand={self.radicand}" if self.radicand > 1 else ""
        return f"ExactTerms({self.rank} terms, denominators={self.denominators}{field})"


def _by_terms(left: Any, right: Any) -> Any:
    return left @ right.T


def exact_sum(factors: tuple[ExactArray, ExactArray, ExactArray]) -> ExactTerms:
    """Make exact terms of three factors over one field."""
    U, V, W = factors
    radicand = max(factor.radicand for factor in factors)
    denominators = (U.denominator, V.denominator, W.denominator)
    if radicand == 1:
        return ExactTerms(U.rational, V.rational, W.rational, denominators)
    a, b, c = (
        np.zeros_like(factor.rational) if factor.irrational is None else factor.irrational
        for factor in factors
    )
    return ExactTerms(
        U=U.rational,
        V=V.rational,
        W=W.rational,
        denominators=denominators,
        roots=(a, b, c),
        radicand=radicand,
    )


def recognised_terms(
    factors: Sequence[ArrayLike], radicand: int = 1, *, unit: int = 1
) -> ExactTerms | None:
    """Read the floats of three factors as exact coefficients, without changing any.

    Parameters
    ----------
    factors : sequence of array_like of float, shapes (n1, R), (n2, R), (n3, R)
        U, V, W, accurate to about 1e-11.
    radicand : int
        The d of the field Q(sqrt d); 1 for Q.
    unit : int
        The coefficients are read as multiples of 1 / unit.

    Returns
    -------
    ExactTerms or None
        None if a number is not near one with a small denominator: up to 10,000 over Q, 60 in a
        quadratic field, times the unit. `ExactTerms.equals` says whether the terms add up to a
        tensor.

    Examples
    --------
    >>> recognised_terms(([[0.5]], [[1.0]], [[1 / 3]])).texts()
    ([['1/2']], [['1']], [['1/3']])
    """
    U, V, W = (
        recognised(factor, radicand, largest_denominator=_LARGEST_DENOMINATOR, unit=unit)
        for factor in factors
    )
    return None if U is None or V is None or W is None else exact_sum((U, V, W))


def exact_fibres(target: Integers) -> ExactTerms:
    """Write a tensor as the sum of its fibres in the direction that has the fewest."""
    modes = [np.flatnonzero(np.abs(target).sum(axis=mode).ravel()) for mode in range(3)]
    mode = min(range(3), key=lambda m: len(modes[m]))
    fibres = np.moveaxis(target, mode, 2)
    first, second, length = fibres.shape
    places = modes[mode]
    factors = [
        np.eye(first, dtype=np.int64)[:, places // second],
        np.eye(second, dtype=np.int64)[:, places % second],
        fibres.reshape(-1, length)[places].T,
    ]
    factors.insert(mode, factors.pop())
    return ExactTerms(factors[0], factors[1], factors[2])
