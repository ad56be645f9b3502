"""Which format a campaign works on next, and how long."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from ..._typing import Sizes
from ._formats import Format, Formats
from ._moves import chosen, in_order, ways
from ._task import Task

# Flips of a task: a share of what was spent in vain, within bounds.
_SHARE, _FEWEST, _MOST = 3, 20_000_000, 400_000_000
# With so many flips in vain, times the square of the goal, a format is worth half of a fresh one:
# the smaller ones, of which others are made, come first.
_UNIT: Final = 20_000
# Attempts to lift cost at most this share of the flips, but for the first ones of a rank.
_LIFTING, _LIFTS_A_TASK, _FIRST = 0.1, 6, 4
# Words of an elimination in the time of a flip.
_WORDS_A_FLIP: Final = 200


def worth(known: Format) -> float:
    """Return the gap to the goal, relative to it, by the effort that was in vain."""
    effort = _UNIT * known.goal**2 + known.idle + known.lifting
    return (known.exact - known.goal) / known.goal / effort


def next_task(number: int, seed: int, formats: Formats, under_way: Iterator[Sizes]) -> Task | None:
    """Make the next task; None if all goals are reached."""
    rng = np.random.default_rng([seed, number])
    busy = [*under_way]
    # What others work on counts as if it had been in vain.
    rated = {
        sizes: worth(known) / (1 + busy.count(sizes))
        for sizes, known in formats.items()
        if known.exact > known.goal
    }
    if not rated:
        return None
    sizes = max(rated, key=lambda key: (rated[key], key))
    known = formats[sizes]
    flips = min(max(known.idle // _SHARE, min(_FEWEST, _UNIT * known.goal**2)), _MOST)
    return Task(
        number=number,
        sizes=sizes,
        move=chosen(known, formats, rng),
        least=known.least,
        exact=known.exact,
        flips=flips,
        lifts=_lifts(known, flips),
        seed=int(rng.integers(2**62)),
    )


def lift_cost(sizes: Sizes, rank: int) -> int:
    """Estimate what an attempt to lift costs, in flips that take as long."""
    n, m, p = sizes
    unknowns = (n * m + m * p + n * p) * rank
    return n * m * m * p * n * p * unknowns * (unknowns // 64 + 1) // 4 // _WORDS_A_FLIP + 1


def _lifts(known: Format, flips: int) -> int:
    """Say how often a task of so many flips may try to lift."""
    left = _LIFTING * (known.idle + flips) - known.lifting
    paid = int(max(left, 0) // lift_cost(known.sizes, known.least))
    return min(max(paid, _FIRST - known.lifts), _LIFTS_A_TASK)


def constructed(exact: Mapping[Sizes, int]) -> dict[Sizes, int]:
    """Return the ranks that follow from others, by pieces, products, and slices left out."""
    ranks, changed = dict(exact), True
    while changed:
        changed = False
        for sizes, rank in ranks.items():
            best = min((way.rank for way in ways(sizes, ranks.__getitem__)), default=rank)
            larger = [ranks[other] for other in neighbours(sizes, ranks) if sum(other) > sum(sizes)]
            best = min([best, *larger])
            if best < rank:
                ranks[sizes], changed = best, True
    return ranks


def neighbours(sizes: Sizes, formats: Mapping[Sizes, object]) -> set[Sizes]:
    """Return the formats that differ by one in one size."""
    found = set()
    for place in range(3):
        for step in (-1, 1):
            changed = [*sizes]
            changed[place] += step
            found.add(in_order((changed[0], changed[1], changed[2])))
    return found & formats.keys()
