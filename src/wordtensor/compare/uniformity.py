"""Tests of uniformity: of points and axes on spheres, of angles, and of counts."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import log, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from .._typing import Array
from ..errors import ComparisonError
from ..irreps.division import to_blocks
from ._given import real_array

# Of fewer samples, the distribution of the statistic is simulated with so many draws.
_FEW: Final = 100
_DRAWS: Final = 1999
# The same where a count is expected to be smaller than this (Cochran's rule).
_LEAST: Final = 5.0
# Numbers that are drawn at a time.
_BATCH: Final = 2**22
# Terms of Kuiper's series, which falls like exp(-2 j^2), and where it no longer does.
_TERMS: Final = 100
_SMALL: Final = 0.4
# Smaller p-values are said to be smaller than this.
_TINY: Final = 1e-99
# Statistics that differ by rounding only are equal.
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class UniformityTest:
    """What one test of uniformity says.

    Attributes
    ----------
    about : str
        What was tested.
    test : {"Rayleigh", "Bingham", "Kuiper", "Pearson", "Fisher"}
        By which test; Fisher's combines others.
    samples : int
        How many points, axes, angles or things that were counted.
    statistic : float
        The larger, the less uniform.
    p_value : float
        How often a uniform choice gives a statistic as large.
    simulated : bool
        Whether the p-value is from random draws, and not from the distribution in the limit.

    Examples
    --------
    >>> print(uniform_counts([9, 8, 7]))
    Pearson's test of 24 counted: statistic 0.25, p = 0.88
    """

    about: str
    test: str
    samples: int
    statistic: float
    p_value: float
    simulated: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)

    def __str__(self) -> str:
        simulated = " (simulated)" * self.simulated
        return (
            f"{self.test}'s test of {self.samples} {self.about}: "
            f"statistic {self.statistic:.2f}, p {p_text(self.p_value)}{simulated}"
        )


def p_text(p_value: float) -> str:
    """Return a p-value with its sign: "= 0.03", or "< 1e-99"."""
    return f"= {p_value:.2g}" if p_value >= _TINY else f"< {_TINY:.0e}"


def combined(tests: Sequence[UniformityTest], about: str) -> UniformityTest:
    """Combine independent tests into one by Fisher's method."""
    logs = -2 * sum(log(max(test.p_value, _TINY)) for test in tests)
    return UniformityTest(
        about=about,
        test="Fisher",
        samples=sum(test.samples for test in tests),
        statistic=logs,
        p_value=float(chdtrc(2 * len(tests), logs)),
        simulated=any(test.simulated for test in tests),
    )


def uniform_directions(
    vectors: ArrayLike, *, about: str = "directions", seed: int = 0
) -> UniformityTest:
    """Test whether directions are uniform on a sphere, against having a common one (Rayleigh).

    Parameters
    ----------
    vectors : array_like, shape (N, p)
        One each, not zero; lengths do not matter. For angles t, (cos t, sin t).
    about : str
        What they are, for the text.
    seed : int
        Of the draws, where N is below 100.

    Returns
    -------
    UniformityTest

    Raises
    ------
    ComparisonError
        If there are no vectors, or one is zero or not finite.

    Notes
    -----
    With unit vectors x, the statistic ``p N |mean x|^2`` has in the limit the chi-square
    distribution with p degrees of freedom.

    References
    ----------
    K. V. Mardia, P. E. Jupp, Directional Statistics (2000), section 10.4.1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal((200, 2))
    >>> uniform_directions(noise).p_value > 0.05, uniform_directions(noise + 1).p_value < 1e-6
    (True, True)
    """
    x = _units(vectors, "Argument 'vectors'", 2)
    count, p = x.shape

    def statistic(points: Array) -> Array:
        squares: Array = p * count * np.square(points.mean(axis=-2)).sum(-1)
        return squares

    def draw(rng: np.random.Generator, times: int) -> Array:
        return statistic(_normalised(rng.standard_normal((times, count, p))))

    return _tested(about, "Rayleigh", count, float(statistic(x)), p, draw, count * p, seed)


def uniform_axes(vectors: ArrayLike, *, about: str = "axes", seed: int = 0) -> UniformityTest:
    """Test whether axes (lines through 0) are uniform, in a space over R, C or H (Bingham).

    Parameters
    ----------
    vectors : array_like, shape (N, m) or (N, m, e)
        A vector on each axis, not zero, m at least 2; its m entries are real, or have e = 1, 2 or 4
        coordinates in R, C or H. Lengths and signs, and factors from the right, do not matter.
    about : str
        What they are, for the text.
    seed : int
        Of the draws, where N is below 100.

    Returns
    -------
    UniformityTest

    Raises
    ------
    ComparisonError
        If there are no vectors, m is 1, or one is zero or not finite.

    Notes
    -----
    The projectors ``x x^*`` on uniform axes have the mean I / m, and differ from it by selfadjoint
    matrices of trace 0, which have the real dimension ``k = m - 1 + e m (m - 1) / 2``. The
    statistic ``N k m / (m - 1) |mean x x^* - I / m|^2`` has in the limit the chi-square
    distribution with k degrees of freedom. Over R this is Bingham's test, with ``k m / (m - 1) =
    m (m + 2) / 2``. For e = 1 and m = 2 it is Rayleigh's test of the doubled angles.

    References
    ----------
    C. Bingham, An antipodally symmetric distribution on the sphere, Ann. Statist. 2 (1974),
    1201-1225; K. V. Mardia, P. E. Jupp, Directional Statistics (2000), section 10.7.1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal((200, 3))
    >>> uniform_axes(noise).p_value > 0.05, uniform_axes(noise * [1, 1, 2]).p_value < 1e-6
    (True, True)
    """
    given = np.asarray(vectors)
    x = _units(vectors, "Argument 'vectors'", 3 if given.ndim == 3 else 2)
    x = x.reshape(*x.shape[:2], -1)
    count, m, e = x.shape
    if m < 2 or e not in (1, 2, 4):
        raise ComparisonError(
            "Axes need two entries or more, real or with 1, 2 or 4 coordinates each; given "
            f"vectors of shape {given.shape[1:]}"
        )
    k = m - 1 + e * m * (m - 1) // 2

    def statistic(points: Array) -> Array:
        # Real columns of a basis of each axis; each norm over R, C, H occurs e times in the blocks.
        columns = to_blocks(points[..., :, None, :]).swapaxes(-1, -2)
        columns = columns.reshape(*points.shape[:-3], count * e, m * e)
        apart = columns.swapaxes(-1, -2) @ columns / count - np.eye(m * e) / m
        squares: Array = count * k * m / (m - 1) * np.square(apart).sum((-2, -1)) / e
        return squares

    def draw(rng: np.random.Generator, times: int) -> Array:
        return statistic(_normalised(rng.standard_normal((times, count, m, e)), axes=2))

    size = m * e * e * (count + m)
    return _tested(about, "Bingham", count, float(statistic(x)), k, draw, size, seed)


def uniform_angles(angles: ArrayLike, *, about: str = "angles", seed: int = 0) -> UniformityTest:
    """Test whether angles are uniform on the circle, against any other distribution (Kuiper).

    Parameters
    ----------
    angles : array_like, shape (N,)
        In radians.
    about : str
        What they are, for the text.
    seed : int
        Of the draws, where N is below 100.

    Returns
    -------
    UniformityTest

    Raises
    ------
    ComparisonError
        If there are no angles, or one is not finite.

    Notes
    -----
    V is the sum of the largest distances above and below the uniform distribution function, and
    does not depend on where angles begin. The statistic is ``V (sqrt N + 0.155 + 0.24 / sqrt N)``,
    and its p-value in the limit ``2 sum_j (4 j^2 V^2 - 1) exp(-2 j^2 V^2)``. It sees what
    Rayleigh's test does not, such as two clusters opposite each other.

    References
    ----------
    N. H. Kuiper, Tests concerning random points on a circle, Indag. Math. 22 (1960), 38-47;
    M. A. Stephens, J. R. Statist. Soc. B 32 (1970), 115-122.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> uniform_angles(rng.uniform(0, 6.2831853, 200)).p_value > 0.05
    True
    >>> uniform_angles(np.repeat([0.5, 3.641592], 100)).p_value < 1e-6
    True
    """
    given = real_array(angles, "Argument 'angles'", 1)
    count = len(given)
    if not count:
        raise ComparisonError("There is nothing to test; give one angle or more")
    after, before = np.arange(1, count + 1) / count, np.arange(count) / count
    scale = sqrt(count) + 0.155 + 0.24 / sqrt(count)

    def statistic(turns: Array) -> Array:
        ordered = np.sort(turns, axis=-1)
        largest: Array = scale * ((after - ordered).max(-1) + (ordered - before).max(-1))
        return largest

    def draw(rng: np.random.Generator, times: int) -> Array:
        return statistic(rng.random((times, count)))

    observed = float(statistic(np.mod(given / (2 * np.pi), 1.0)))
    return _tested(about, "Kuiper", count, observed, 0, draw, count, seed)


def uniform_counts(
    counts: ArrayLike, shares: ArrayLike | None = None, *, about: str = "counted", seed: int = 0
) -> UniformityTest:
    """Test whether things fell into K classes by given shares, independently (Pearson).

    Parameters
    ----------
    counts : array_like of int, shape (K,)
        How many fell into each class.
    shares : array_like, shape (K,), optional
        Not negative, up to a factor; by default equal.
    about : str
        What they are, for the text.
    seed : int
        Of the draws, where fewer than five are expected in a class.

    Returns
    -------
    UniformityTest

    Raises
    ------
    ComparisonError
        If there are no counts, or shares or counts are negative, or do not fit.

    Notes
    -----
    ``sum (count - expected)^2 / expected`` has in the limit the chi-square distribution with K - 1
    degrees of freedom. A class of share 0 with a count makes it infinite.

    References
    ----------
    K. Pearson, Phil. Mag. 50 (1900), 157-175.

    Examples
    --------
    >>> uniform_counts([10, 12, 8]).p_value > 0.5, uniform_counts([40, 1, 0]).p_value < 0.001
    (True, True)
    """
    given = real_array(counts, "Argument 'counts'", 1)
    wanted = np.ones(len(given)) if shares is None else real_array(shares, "Argument 'shares'", 1)
    total = int(given.sum())
    if wanted.shape != given.shape or min(given.min(initial=0), wanted.min(initial=0)) < 0:
        raise ComparisonError("Counts and shares must be as many, and none of them negative")
    if not (total and wanted.any()) or (given % 1).any():
        raise ComparisonError(
            "There is nothing to test; give whole counts, not all zero, and shares"
        )
    chosen = wanted > 0
    expected = total * wanted[chosen] / wanted.sum()
    infinite = bool(given[~chosen].any())

    def statistic(found: Array) -> Array:
        squares: Array = (np.square(found - expected) / expected).sum(-1)
        return squares

    def draw(rng: np.random.Generator, times: int) -> Array:
        return statistic(rng.multinomial(total, expected / total, size=times).astype(float))

    if infinite:
        return UniformityTest(about, "Pearson", total, float("inf"), 0.0, False)
    few = expected.min() < _LEAST or len(expected) == 1
    observed, degrees = float(statistic(given[chosen])), len(expected) - 1
    size = len(expected)
    return _tested(about, "Pearson", total, observed, degrees, draw, size, seed, few=bool(few))


def _units(vectors: ArrayLike, what: str, dimensions: int) -> Array:
    """Return vectors (N, ...) of norm one."""
    given = real_array(vectors, what, dimensions)
    flat = given.reshape(len(given), -1)
    if not (flat.size and (flat != 0).any(axis=1).all()):
        raise ComparisonError(f"{what} must have one vector or more, none of them zero")
    return _normalised(flat / np.abs(flat).max(axis=1, keepdims=True)).reshape(given.shape)


def _normalised(values: Array, axes: int = 1) -> Array:
    """Divide by the norms over the last axes."""
    over = tuple(range(-axes, 0))
    result: Array = values / np.sqrt(np.square(values).sum(over, keepdims=True))
    return result


def _tested(
    about: str,
    test: str,
    samples: int,
    observed: float,
    degrees: int,
    draw: Callable[[np.random.Generator, int], Array],
    size: int,
    seed: int,
    *,
    few: bool | None = None,
) -> UniformityTest:
    """Return the test, its p-value from draws of ``size`` numbers where there are few samples."""
    simulated = samples < _FEW if few is None else few
    if simulated:
        p_value = _simulated(observed, draw, size, seed)
    else:
        p_value = _kuiper(observed) if test == "Kuiper" else float(chdtrc(degrees, observed))
    return UniformityTest(about, test, samples, observed, p_value, simulated)


def _simulated(
    observed: float, draw: Callable[[np.random.Generator, int], Array], size: int, seed: int
) -> float:
    """Return the share of draws, the observed one among them, that are as large."""
    rng, left, larger = np.random.default_rng(seed), _DRAWS, 1
    while left:
        times = min(left, max(1, _BATCH // size))
        larger += int((draw(rng, times) >= observed * (1 - _ROUNDING)).sum())
        left -= times
    return larger / (_DRAWS + 1)


def _kuiper(statistic: float) -> float:
    """Return Kuiper's p-value in the limit."""
    if statistic < _SMALL:
        return 1.0
    squares = np.square(np.arange(1, _TERMS) * statistic)
    return float(min(1.0, 2 * ((4 * squares - 1) * np.exp(-2 * squares)).sum()))
