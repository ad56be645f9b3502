"""Tests of uniformity: of points and axes on spheres, of angles, and of counts."""

from math import sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import poch

from .._typing import Array
from ..errors import ComparisonError
from ..irreps.division import to_blocks
from ._given import real_array
from ._uniformity_test import UniformityTest, judged

# Axes whose distances are all looked at.
_PAIRED: Final = 200
# Squared distances that are smaller are rounding.
_EQUAL: Final = 1e-13
# Where fewer are expected in a class, counts are simulated (Cochran's rule).
_LEAST: Final = 5.0


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

    return judged(about, "Rayleigh", count, float(statistic(x)), p, draw, count * p, seed)


def uniform_axes(
    vectors: ArrayLike,
    *,
    test: Literal["Bingham", "energy"] = "Bingham",
    about: str = "axes",
    seed: int = 0,
) -> UniformityTest:
    """Test whether axes (lines through 0) are uniform, in a space over R, C or H.

    Parameters
    ----------
    vectors : array_like, shape (N, m) or (N, m, e)
        A vector on each axis, not zero, m at least 2; its m entries are real, or have e = 1, 2 or 4
        coordinates in R, C or H. Lengths and signs, and factors from the right, do not matter.
    test : {"Bingham", "energy"}
        Bingham's test sees axes that prefer some directions to others. It does not see a few axes
        that are spread evenly, such as those of a simplex; the energy test sees any distribution.
    about : str
        What they are, for the text.
    seed : int
        Of the draws, where N is below 100 or the test is "energy". That one looks at 200 of more
        axes, drawn as well.

    Returns
    -------
    UniformityTest

    Raises
    ------
    ComparisonError
        If there are no vectors, m is 1, one is zero or not finite, or there is no such test.

    Notes
    -----
    The projectors ``x x^*`` on uniform axes have the mean I / m, and differ from it by selfadjoint
    matrices of trace 0, which have the real dimension ``k = m - 1 + e m (m - 1) / 2``. The
    statistic ``N k m / (m - 1) |mean x x^* - I / m|^2`` has in the limit the chi-square
    distribution with k degrees of freedom. Over R this is Bingham's test, with ``k m / (m - 1) =
    m (m + 2) / 2``. For e = 1 and m = 2 it is Rayleigh's test of the doubled angles.

    The energy test has the statistic ``N (c - mean_ij sqrt(1 - |x_i^* x_j|^2))``, where c is the
    mean distance of uniform axes. Its p-value is always simulated.

    References
    ----------
    C. Bingham, An antipodally symmetric distribution on the sphere, Ann. Statist. 2 (1974),
    1201-1225; K. V. Mardia, P. E. Jupp, Directional Statistics (2000), section 10.7.1;
    G. J. Szekely, M. L. Rizzo, Energy statistics, J. Statist. Plann. Inference 143 (2013).

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
    if test not in ("Bingham", "energy"):
        raise ComparisonError(f"Argument 'test' must be 'Bingham' or 'energy', not {test!r}")
    if test == "energy" and count > _PAIRED:
        x = x[np.random.default_rng(seed).choice(count, _PAIRED, replace=False)]
        count = _PAIRED
    statistic = _anisotropy if test == "Bingham" else _energy

    def draw(rng: np.random.Generator, times: int) -> Array:
        return statistic(_normalised(rng.standard_normal((times, count, m, e)), axes=2))

    degrees = m - 1 + e * m * (m - 1) // 2
    size = m * e * e * (count + m) if test == "Bingham" else count * count * e
    few = True if test == "energy" else None
    return judged(about, test, count, float(statistic(x)), degrees, draw, size, seed, few=few)


def _anisotropy(x: Array) -> Array:
    """Return Bingham's statistic of unit vectors (..., N, m, e)."""
    count, m, e = x.shape[-3:]
    columns = _columns(x)
    # Each norm over R, C, H occurs e times in the blocks.
    apart = columns.swapaxes(-1, -2) @ columns / count - np.eye(m * e) / m
    squares: Array = np.square(apart).sum((-2, -1)) / e
    squares *= count * (m / (m - 1)) * (m - 1 + e * m * (m - 1) // 2)
    return squares


def _energy(x: Array) -> Array:
    """Return how far axes of unit vectors (..., N, m, e) are nearer to each other than uniform."""
    *batch, count, m, e = x.shape
    inner = x.reshape(*batch, count, m * e) @ _columns(x).swapaxes(-1, -2)
    cosines = np.square(inner.reshape(*batch, count, count, e)).sum(-1)
    # The root would make rounding as large as 1e-8: equal axes have the distance 0.
    apart = np.where(cosines < 1 - _EQUAL, 1 - cosines, 0.0)
    distances = np.sqrt(apart).mean((-2, -1))
    # 1 - |x^* y|^2 has the beta distribution with (e (m - 1) / 2, e / 2).
    half, whole = e * (m - 1) / 2, e * m / 2
    nearer: Array = count * (poch(half, 0.5) / poch(whole, 0.5) - distances)
    return nearer


def _columns(x: Array) -> Array:
    """Return real orthonormal bases of the axes of unit vectors (..., N, m, e), as rows N e."""
    *batch, count, m, e = x.shape
    return to_blocks(x[..., None, :]).swapaxes(-1, -2).reshape(*batch, count * e, m * e)


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
    return judged(about, "Kuiper", count, observed, 0, draw, count, seed)


def uniform_counts(
    counts: ArrayLike, shares: ArrayLike | None = None, *, about: str = "counts", seed: int = 0
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
    return judged(about, "Pearson", total, observed, degrees, draw, size, seed, few=bool(few))


def _units(vectors: ArrayLike, what: str, dimensions: int) -> Array:
    """Return vectors (N, ...) of norm one."""
    given = real_array(vectors, what, dimensions)
    sizes = np.abs(given).max(axis=tuple(range(1, dimensions)), keepdims=True, initial=0.0)
    if not (given.size and sizes.all()):
        raise ComparisonError(f"{what} must have one vector or more, none of them zero")
    return _normalised(given / sizes, axes=dimensions - 1)


def _normalised(values: Array, axes: int = 1) -> Array:
    """Divide by the norms over the last axes."""
    over = tuple(range(-axes, 0))
    result: Array = values / np.sqrt(np.square(values).sum(over, keepdims=True))
    return result
