"""What a test of uniformity says, and where its p-value comes from."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import log
from typing import Any, Final

import numpy as np
from scipy.special import chdtrc

from .._typing import Array

# Of fewer samples, the distribution of the statistic is simulated with so many draws.
_FEW: Final = 100
_DRAWS: Final = 1999
# Fewer, but at least so many, if all of them would have more numbers than this.
_LEAST_DRAWS: Final = 199
_WORK: Final = 10**7
# Numbers that are drawn at a time.
_BATCH: Final = 2**21
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
    test : {"Rayleigh", "Bingham", "energy", "Kuiper", "Pearson", "Fisher"}
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
    >>> import wordtensor as wt
    >>> print(wt.compare.uniform_counts([9, 8, 7]))
    counts: Pearson test of 24, statistic 0.25, p = 0.88
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
            f"{self.about}: {self.test} test of {self.samples}, statistic {self.statistic:.2f}, "
            f"p {p_text(self.p_value)}{simulated}"
        )


def p_text(p_value: float) -> str:
    """Return a p-value with its sign: "= 0.03", or "< 1e-99"."""
    return f"= {p_value:.2g}" if p_value >= _TINY else f"< {_TINY:.0e}"


def combined(tests: Sequence[UniformityTest], about: str) -> UniformityTest:
    """Combine independent tests into one by Fisher's method."""
    logs = 0.0 - 2 * sum(log(max(test.p_value, _TINY)) for test in tests)
    return UniformityTest(
        about=about,
        test="Fisher",
        samples=sum(test.samples for test in tests),
        statistic=logs,
        p_value=float(chdtrc(2 * len(tests), logs)),
        simulated=any(test.simulated for test in tests),
    )


def judged(
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
    draws = min(_DRAWS, max(_LEAST_DRAWS, _WORK // size))
    rng, left, larger = np.random.default_rng(seed), draws, 1
    while left:
        times = min(left, max(1, _BATCH // size))
        larger += int((draw(rng, times) >= observed * (1 - _ROUNDING)).sum())
        left -= times
    return larger / (draws + 1)


def _kuiper(statistic: float) -> float:
    """Return Kuiper's p-value in the limit."""
    if statistic < _SMALL:
        return 1.0
    squares = np.square(np.arange(1, _TERMS) * statistic)
    return float(min(1.0, 2 * ((4 * squares - 1) * np.exp(-2 * squares)).sum()))
