"""Frequencies, correlations and tests of a study over seeds: numbers in, numbers out."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest, fisher_exact, rankdata

from .._typing import Array, Booleans

# A p-value of at most this counts as a finding.
LEVEL: Final = 0.05
# Of a Monte Carlo test; permutations no more than these are all tried.
_DRAWS: Final = 10_000
# What rounding may make of two equal statistics.
_SLACK: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Tested:
    """A statistic, and the share of rearrangements that are at least as far from nothing."""

    value: float
    p: float


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of Wilson for a frequency; all of [0, 1] without trials."""
    if not trials:
        return 0.0, 1.0
    interval = binomtest(successes, trials).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def fisher(successes: int, trials: int, others: int, of: int) -> float:
    """Return the p-value of Fisher's exact test that two frequencies are one; never 0."""
    table = [[successes, trials - successes], [others, of - others]]
    # No p-value of it is 0: below the least normal number that one stands for it, from above.
    return max(float(fisher_exact(table).pvalue), sys.float_info.min)


def spearman(x: ArrayLike, y: ArrayLike) -> Tested | None:
    """Return Spearman's correlation, ties at their mean rank; None if x or y does not vary."""
    # Two-sided, over all pairings if there are few enough, or else over some that are drawn.
    ranks = np.stack([rankdata(x), rankdata(y)])
    ranks -= ranks.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(ranks, axis=1)
    if not norms.all():
        return None
    first, second = ranks / norms[:, None]
    value, length = float(first @ second), len(first)
    if math.factorial(min(length, 20)) <= _DRAWS:
        orders = second[np.array(list(permutations(range(length))))]
        return Tested(value, float(_as_far(orders @ first, value).mean()))
    drawn = np.random.default_rng(0).permuted(np.tile(second, (_DRAWS, 1)), axis=1)
    return Tested(value, _drawn_p(_as_far(drawn @ first, value)))


def ordered_pairs(dims: Sequence[Sequence[int]], steps: Sequence[Sequence[float]]) -> "Pairs":
    """Count pairs of irreps of unequal dimension by which was learned first, over all seeds."""
    # The test rearranges the steps within each seed; its statistic, two-sided, is the number of
    # pairs in order less those reversed.
    rng = np.random.default_rng(0)
    in_order = reversed_ = tied = 0
    drawn = np.zeros(_DRAWS)
    for sizes, times in zip(dims, steps, strict=True):
        pairs = np.array(
            [(i, j) for i, j in combinations(np.argsort(sizes), 2) if sizes[i] < sizes[j]]
        ).reshape(-1, 2)
        if not len(pairs):
            continue
        signs = _signs(np.asarray(times, dtype=np.float64)[None], pairs)[0]
        in_order += int((signs > 0).sum())
        reversed_ += int((signs < 0).sum())
        tied += int((signs == 0).sum())
        shuffled = rng.permuted(np.tile(np.asarray(times, dtype=np.float64), (_DRAWS, 1)), axis=1)
        drawn += _signs(shuffled, pairs).sum(axis=1)
    return Pairs(in_order, reversed_, tied, _drawn_p(_as_far(drawn, in_order - reversed_)))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of unequal dimension within seeds: the smaller first, the larger first, at once."""

    in_order: int
    reversed: int
    tied: int
    p: float


def uniform_choice(learned: Booleans, dims: ArrayLike) -> float | None:
    """Return the p-value of an even choice by seeds (rows) among irreps (columns) of equal dims."""
    # Each seed keeps how many it learned of each dimension; the statistic is the sum of squares of
    # the counts. Without two irreps of one dimension there is no choice.
    rng, sizes = np.random.default_rng(0), np.asarray(dims)
    classes = [np.flatnonzero(sizes == d) for d in np.unique(sizes)]
    classes = [members for members in classes if len(members) > 1]
    if not classes:
        return None
    found, drawn = 0.0, np.zeros(_DRAWS)
    for members in classes:
        part = learned[:, members]
        found += float((part.sum(axis=0).astype(np.float64) ** 2).sum())
        counts = np.zeros((_DRAWS, len(members)))
        for row in part:
            counts += rng.permuted(np.tile(row, (_DRAWS, 1)), axis=1)
        drawn += (counts**2).sum(axis=1)
    return _drawn_p(drawn >= found - _SLACK)


@dataclass(frozen=True, slots=True)
class SetShares:
    """Shares of seeds whose learned set is a given one, lies within it, or contains it."""

    equal: float
    within: float
    contains: float


def set_shares(learned: Booleans, chosen: Booleans) -> tuple[SetShares, SetShares]:
    """Return the shares of seeds (rows), and those of irreps that come independently as often."""
    inside, outside = learned[:, chosen], learned[:, ~chosen]
    none, every = ~outside.any(axis=1), inside.all(axis=1)
    seen = SetShares(*(float(which.mean()) for which in (none & every, none, every)))
    within = float(np.prod(1 - outside.mean(axis=0)))
    contains = float(np.prod(inside.mean(axis=0)))
    return seen, SetShares(within * contains, within, contains)


def _signs(times: Array, pairs: NDArray[np.int64]) -> Array:
    """Return 1 where the first of a pair is learned first, -1 where the second is, 0 at once."""
    early, late = times[:, pairs[:, 0]], times[:, pairs[:, 1]]
    return (early < late).astype(np.float64) - (early > late)


def _as_far(values: Array, seen: float) -> Booleans:
    return np.abs(values) >= abs(seen) - _SLACK


def _drawn_p(as_far: Booleans) -> float:
    """Return a p-value of drawn rearrangements, the one that was seen among them."""
    return float((1 + as_far.sum()) / (1 + len(as_far)))
