"""Search for schemes in the flip graph modulo 2, with restarts from a pool, then lifting."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import SchemeError
from .lift import lift
from .scheme import Scheme

__all__ = ["FlipResult", "flip_search"]

Integers = NDArray[np.int64]

_MAX_POOL = 200
_FROM_POOL = 0.5
_SHORT_WALK, _SHORT_AFTER = 20_000, 50
_SHORT_SHARE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class FlipResult:
    """What a search in the flip graph found.

    Attributes
    ----------
    scheme : Scheme or None
        The exact scheme of smallest rank that was reached.
    rank_mod_2 : int
        The smallest rank reached modulo 2; it may be one that does not lift.
    seconds : float
        Time spent.
    """

    scheme: Scheme | None
    rank_mod_2: int
    seconds: float


def _check_starts(starts: list[Integers]) -> None:
    if not starts:
        raise SchemeError("A search needs at least one scheme modulo 2 to start from.")


def flip_search(
    starts: list[Integers],
    n: int,
    m: int,
    p: int,
    rank: int,
    *,
    division: str = "R",
    seed: int = 0,
    seconds: float = 60.0,
    steps: int = 5_000_000,
    plus_after: int = 2_000,
    margin: int = 4,
    signs_only: bool = False,
) -> FlipResult:
    """Walk the flip graph modulo 2 from given schemes until one of the rank asked for lifts.

    Parameters
    ----------
    starts : list of ndarray of int64, shape (3, R)
        Schemes modulo 2 as bit masks.
    n, m, p : int
        Sizes.
    rank : int
        Stop here.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    seed : int
        Seed of all randomness.
    seconds : float
        Stop after this time.
    steps : int
        Flips before a restart from the pool of the best schemes.
    plus_after, margin : int
        A plus transition follows this many flips without a reduction while the rank is below
        the best plus ``margin``; both are varied by the search.
    signs_only : bool
        Accept only coefficients -1, 0, 1.

    Returns
    -------
    FlipResult
        The best exact scheme and the best rank modulo 2.

    Raises
    ------
    SchemeError
        If there is nothing to start from.

    References
    ----------
    M. Kauers, J. Moosbauer, "Flip graphs for matrix multiplication", ISSAC (2023).
    Y. Arai, Y. Ichikawa, K. Hukushima, "Adaptive flip graph algorithm for matrix multiplication",
    ISSAC (2024): plus transitions and extension.
    """
    from . import _kernels

    _check_starts(starts)
    rng = np.random.default_rng(seed)
    began = time.monotonic()
    pool = [np.ascontiguousarray(start) for start in starts]
    best_rank = min(start.shape[1] for start in pool)
    found: Scheme | None = None
    fresh, lifting, tried = True, 0.0, 0
    while time.monotonic() - began < seconds and (found is None or found.rank > rank):
        unlifted = found is None or found.rank > best_rank
        # While nothing of the best rank lifts, see many schemes of it on short walks.
        short = best_rank <= rank or (unlifted and not fresh and rng.random() < _SHORT_SHARE)
        source = pool if short or rng.random() < _FROM_POOL else starts
        start = source[int(rng.integers(len(source)))]
        length, after = (_SHORT_WALK, _SHORT_AFTER) if short else (steps, plus_after)
        limit = int(after * 2.0 ** rng.uniform(-1, 2))
        spread = int(rng.integers(2, margin + 3))
        stop = best_rank - 1 if short else rank
        best, last = _kernels.walk(start, length, limit, spread, stop, int(rng.integers(2**31)))
        best = last if last.shape[1] == best.shape[1] else best
        reached = best.shape[1]
        if reached < best_rank or (fresh and reached <= best_rank):
            pool, best_rank, fresh = [best], reached, False
        elif reached == best_rank and len(pool) < _MAX_POOL:
            pool.append(best)
        elif reached == best_rank:
            pool[int(rng.integers(_MAX_POOL))] = best
        clock = time.monotonic()
        if reached < (found.rank if found else np.inf) and lifting < 0.5 * (clock - began) + 0.5:
            tried += 1
            found = lift(best, n, m, p, division, seed=tried, signs_only=signs_only) or found
            lifting += time.monotonic() - clock
    return FlipResult(found, best_rank, time.monotonic() - began)
