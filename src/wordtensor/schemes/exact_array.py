"""The value `ExactArray`: numbers of Q or of a real quadratic field, and floats read as such."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, isqrt, lcm, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._typing import Array, Integers, Value, frozen, unmasked
from ..errors import SchemeError
from ._rational import rounded

# A float and the rational number that it stands for differ by at most this; in a quadratic field
# by the other, times the root of the denominator.
_NEAR_FRACTION: Final = 1e-9
_NEAR: Final = 1e-10
# Where the field is not known, what has no denominator below this is irrational.
_LARGEST_DENOMINATOR: Final = 1000
# In a quadratic field: denominators, and the largest multiple of the root in a numerator.
_DENOMINATORS: Final = 60
_MULTIPLES: Final = 120
# Coefficients of the quadratic equations that are tried for an irrational number.
_LEADING: Final = 24
_MIDDLE: Final = 60
_LAST: Final = 2**24
# How many irrational numbers are asked for theirs.
_EQUATIONS: Final = 6
# Numerators stay below; and those that are read as floats.
_LARGEST: Final = 2**62
_LARGEST_FLOAT: Final = 2**48
# What is tried first as a denominator for all numbers of an array.
_COMMON: Final = 24

Parts = tuple[NDArray[Any], NDArray[Any] | None]
"""What a number has without and with the root; None: nothing with the root."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExactArray(Value):
    """An array of numbers ``(rational + irrational sqrt(radicand)) / denominator``.

    Attributes
    ----------
    rational : ndarray of int64
        Read-only.
    irrational : ndarray of int64 of the same shape, or None
        None where all numbers are rational.
    denominator : int
        Positive.
    radicand : int
        1 where all numbers are rational, else square-free.

    Examples
    --------
    >>> golden = ExactArray([1], [1], 2, 5)
    >>> golden, golden.texts(), golden.as_float().round(3)
    (ExactArray((1,), denominator=2, radicand=5), ['(1+sqrt(5))/2'], array([1.618]))
    """

    rational: Integers
    irrational: Integers | None = None
    denominator: int = 1
    radicand: int = 1

    def __post_init__(self) -> None:
        for name in ("rational", "irrational"):
            if (given := getattr(self, name)) is not None:
                object.__setattr__(self, name, frozen(np.asarray(unmasked(given), dtype=np.int64)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.rational.shape

    @property
    def largest(self) -> int:
        """A bound on both parts of the numerators that is multiplicative for products."""
        largest = int(np.abs(self.rational).max(initial=0))
        if self.irrational is not None:
            largest += self.radicand * int(np.abs(self.irrational).max(initial=0))
        return largest

    def parts(self, kind: type[Any]) -> Parts:
        """Return the numerators in an integer type: without the root, and with it."""
        other = self.irrational
        return self.rational.astype(kind), None if other is None else other.astype(kind)

    def as_float(self) -> Array:
        """Return the numbers in float64, to rounding."""
        if self.irrational is None:
            return self.rational / self.denominator
        a, b = self.rational.astype(object), self.irrational.astype(object)
        # A + B sqrt(d) may cancel: (A^2 - d B^2) / (A - B sqrt(d)) does not then.
        norms = (a * a - self.radicand * b * b).astype(np.float64)
        root = self.irrational * sqrt(self.radicand)
        opposite = self.rational * root < 0.0
        away = np.where(opposite, self.rational - root, 1.0)
        sums: Array = np.where(opposite, norms / away, self.rational + root) / self.denominator
        return sums

    def conjugate(self) -> "ExactArray":
        """Return the numbers with the other sign of the root."""
        if self.irrational is None:
            return self
        return replace(self, irrational=-self.irrational)

    def __getitem__(self, key: Any) -> "ExactArray":
        """Return a part of the array."""
        other = None if self.irrational is None else self.irrational[key]
        return replace(self, rational=self.rational[key], irrational=other)

    def reshape(self, *shape: int) -> "ExactArray":
        """Return the same numbers in another shape."""
        other = None if self.irrational is None else self.irrational.reshape(shape)
        return replace(self, rational=self.rational.reshape(shape), irrational=other)

    def transpose(self, order: Sequence[int]) -> "ExactArray":
        """Return the array with its axes in another order."""
        other = None if self.irrational is None else self.irrational.transpose(order)
        return replace(self, rational=self.rational.transpose(order), irrational=other)

    def texts(self) -> Any:
        """Return the numbers as texts in nested lists: "5/6", "(1+sqrt(5))/4"."""
        roots = np.zeros_like(self.rational) if self.irrational is None else self.irrational
        pairs = zip(self.rational.ravel().tolist(), roots.ravel().tolist(), strict=True)
        texts = [_text(a, b, self.denominator, self.radicand) for a, b in pairs]
        return np.array(texts, dtype=object).reshape(self.shape).tolist()

    def __repr__(self) -> str:
        field = f", radicand={self.radicand}" if self.radicand > 1 else ""
        return f"ExactArray({self.shape}, denominator={self.denominator}{field})"


def _text(a: int, b: int, denominator: int, radicand: int) -> str:
    common = gcd(a, b, denominator)
    a, b, denominator = a // common, b // common, denominator // common
    root = f"{'-' if b < 0 else ''}{'' if abs(b) == 1 else f'{abs(b)}*'}sqrt({radicand})"
    if not b:
        return str(Fraction(a, denominator))
    top = root if not a else f"{a}{'' if b < 0 else '+'}{root}"
    if denominator == 1:
        return top
    return f"({top})/{denominator}" if a else f"{top}/{denominator}"


def multiplied(left: Parts, right: Parts, times: Callable[[Any, Any], Any], radicand: int) -> Parts:
    """Multiply numerators part by part, by any bilinear product of arrays."""
    (a, b), (c, e) = left, right
    plain = times(a, c)
    if b is None and e is None:
        return plain, None
    if b is not None and e is not None:
        plain = plain + radicand * times(b, e)
    with_root = [times(x, y) for x, y in ((a, e), (b, c)) if x is not None and y is not None]
    return plain, sum(with_root)


def recognised(
    values: ArrayLike, radicand: int = 1, *, largest_denominator: int = 64, unit: int = 1
) -> ExactArray | None:
    """Read floats as numbers with small denominators, of Q or of Q(sqrt d).

    Parameters
    ----------
    values : array_like of float
        Accurate to about 1e-11.
    radicand : int
        The d of the field, square-free; 1 for Q.
    largest_denominator : int
        Of a single rational number; those of a quadratic field end at 60.
    unit : int
        The numbers are read as multiples of 1 / unit, which multiplies their denominators.

    Returns
    -------
    ExactArray or None
        None if some number is not near one with a small denominator. A proof is only what is done
        with the numbers: that terms add up to a tensor exactly, say.

    Examples
    --------
    >>> recognised([0.5, 0.8333333333333334]).texts()
    ['1/2', '5/6']
    >>> print(recognised([3.141592653589793]))
    None
    >>> recognised([0.8090169943749475], 5).texts()
    ['(1+sqrt(5))/4']
    """
    given = np.asarray(unmasked(values), dtype=np.float64) * unit
    if not _is_small(given):
        return None
    simple = _over_common(given)
    if simple is not None:
        return replace(simple, denominator=simple.denominator * unit)
    # What differs by rounding only is one number.
    different, places = np.unique(given.round(11), return_inverse=True)
    found = _rational(different, largest_denominator)
    if found is None and radicand > 1:
        found = _in_quadratic_field(different, radicand)
    if found is None or not (np.abs(found.as_float() - different) <= _NEAR_FRACTION).all():
        return None
    found = found[places.reshape(given.shape)]
    return replace(found, denominator=found.denominator * unit)


def _is_small(values: Array) -> bool:
    """Tell whether floats are numbers, and small enough to tell integers apart."""
    return bool((np.abs(values) < _LARGEST_FLOAT).all())


def _over_common(values: Array) -> ExactArray | None:
    """Read floats as fractions over 24, if they are; most are, and it takes no look at each."""
    tops = np.rint(values * _COMMON)
    if not (np.abs(values * _COMMON - tops) <= _COMMON * _NEAR).all():
        return None
    numerators = tops.astype(np.int64)
    common = gcd(_COMMON, int(np.gcd.reduce(numerators, axis=None)))
    return ExactArray(numerators // common, None, _COMMON // common)


def _rational(values: Array, largest_denominator: int) -> ExactArray | None:
    """Look for a fraction with a small denominator near each float."""
    if not all(_is_near_fraction(x, largest_denominator) for x in values.tolist()):
        return None
    try:
        tops, common = rounded(values, largest_denominator)
    except SchemeError:
        return None
    return ExactArray(tops, None, int(common))


def _is_near_fraction(x: float, largest_denominator: int) -> bool:
    """Tell whether a float is a fraction with a small denominator, to rounding."""
    return abs(x - float(Fraction(x).limit_denominator(largest_denominator))) <= _NEAR_FRACTION


def from_conjugates(
    values: Array, others: Array, radicand: int, largest_denominator: int
) -> ExactArray | None:
    """Read floats of which the conjugates are known too, with larger denominators therefore."""
    halves = (values + others) / 2.0, (values - others) / (2.0 * sqrt(radicand))
    a, b = (recognised(half, largest_denominator=largest_denominator) for half in halves)
    if a is None or b is None:
        return None
    common = lcm(a.denominator, b.denominator)
    if common >= _LARGEST // max(a.largest, b.largest, 1):
        return None
    plain, with_root = (part.rational * (common // part.denominator) for part in (a, b))
    return ExactArray(plain, with_root, common, radicand)


def _in_quadratic_field(different: Array, radicand: int) -> ExactArray | None:
    """Look for a number (A + B sqrt d)/q near each float, smallest q first."""
    multiples = np.arange(-_MULTIPLES, _MULTIPLES + 1)
    multiples = multiples[np.argsort(np.abs(multiples), kind="stable")]
    a, b, q = (np.zeros(different.shape, dtype=np.int64) for _ in range(3))
    for denominator in range(1, _DENOMINATORS + 1):
        left = np.flatnonzero(q == 0)
        if not len(left):
            break
        rest = different[left, None] * denominator - multiples * sqrt(radicand)
        near = np.abs(rest - np.rint(rest)) < _NEAR * np.sqrt(denominator)
        found, first = near.any(axis=1), near.argmax(axis=1)
        chosen = left[found]
        q[chosen] = denominator
        b[chosen] = multiples[first[found]]
        a[chosen] = np.rint(rest[found, first[found]])
    if not q.all():
        return None
    common = int(np.lcm.reduce(q, initial=1))
    if common > 10**6:
        return None
    scale = common // q
    return ExactArray(a * scale, b * scale, common, radicand)


def radicand_of(values: Array) -> int | None:
    """Return the d of the quadratic field that the irrational ones among floats lie in."""
    if not _is_small(values):
        return None
    if _over_common(values) is not None:
        return 1
    different = np.unique(values.round(11)).tolist()
    irrational = [x for x in different if not _is_near_fraction(x, _LARGEST_DENOMINATOR)]
    if not irrational:
        return 1
    tried = set()
    for x in sorted(irrational, key=abs)[:_EQUATIONS]:
        d = _radicand_of_root(x)
        if d > 1 and d not in tried:
            tried.add(d)
            if recognised(values, d, largest_denominator=_LARGEST_DENOMINATOR) is not None:
                return d
    return None


def _radicand_of_root(x: float) -> int:
    """Find a quadratic equation with small integers for x, and return its d; 0 if there is none."""
    leading, middle = np.meshgrid(
        np.arange(1, _LEADING + 1), np.arange(-_MIDDLE, _MIDDLE + 1), indexing="ij"
    )
    last = -(leading * x * x + middle * x)
    # Floats that are larger are near integers for no reason.
    near = (np.abs(last - np.rint(last)) < 1e-8) & (np.abs(last) < _LAST)
    size = np.where(near, leading + np.abs(middle) + np.abs(last), np.inf)
    place = np.unravel_index(int(size.argmin()), size.shape)
    if not np.isfinite(size[place]):
        return 0
    a, b, c = int(leading[place]), int(middle[place]), round(float(last[place]))
    return _square_free(b * b - 4 * a * c)


def _square_free(number: int) -> int:
    for k in range(isqrt(max(number, 0)), 1, -1):
        if number % (k * k) == 0:
            return number // (k * k)
    return number
