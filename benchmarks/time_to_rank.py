"""Time until the flip graph reaches a rank, from the standard algorithm, on one core.

Usage: python benchmarks/time_to_rank.py [--seeds 10] [--flips N] [--limit SECONDS] [CASE ...]

Cases: 333-F2, 333-Z, 444-F2 (47 modulo 2), 555-F2 (97 modulo 2 by a ladder of extensions: a level
starts from the last one's pool, with a standard slice added). CPU seconds; all by default but 555.
"""

import argparse
import statistics
import time
from collections.abc import Sequence

from wordtensor.schemes import (
    FlipOptions,
    Registry,
    Scheme,
    join,
    search_scheme,
    standard_scheme,
)
from wordtensor.schemes.compose import permuted
from wordtensor.schemes.flips._packed import PackedTerms
from wordtensor.schemes.flips._state import FlipState, WalkOptions, begun, stepped
from wordtensor.schemes.flips._walkers import walking

CASES = {
    "333-F2": ((3, 3, 3), "F2", 23),
    "333-Z": ((3, 3, 3), "Z", 23),
    "444-F2": ((4, 4, 4), "F2", 47),
}
# Sizes, rank to stop at, and CPU seconds at most; the last level gets what is left.
LADDER = (
    ((2, 2, 2), 7, 5),
    ((2, 2, 3), 11, 5),
    ((2, 3, 3), 15, 10),
    ((3, 3, 3), 23, 20),
    ((3, 3, 4), 29, 30),
    ((3, 4, 4), 38, 60),
    ((3, 4, 5), 47, 120),
    ((4, 4, 5), 61, 300),
    ((4, 5, 5), 76, 500),
    ((5, 5, 5), 97, 10**9),
)


def direct(case: str, seed: int, flips: int) -> tuple[int, float]:
    sizes, ring, rank = CASES[case]
    began = time.process_time()
    modulo = 2 if ring == "F2" else 0
    options = FlipOptions(ring=ring, start="standard", characteristic=modulo, seed=seed)
    how = {"flips": flips, "registry": Registry(())}
    result = search_scheme(*sizes, rank, options, **how)
    result.shortest.check()
    return result.rank_in_ring, time.process_time() - began


def extended(
    pool: Sequence[PackedTerms], small: Sequence[int], sizes: tuple[int, int, int]
) -> list:
    axis = next(a for a in range(3) if sorted(_less(sizes, a)) == sorted(small))
    core, slab = _less(sizes, axis), [*sizes]
    slab[axis] = 1
    standard = standard_scheme(*slab, characteristic=2)
    n, m, p = small
    found = []
    for terms in pool:
        scheme = Scheme((n, m, p), *terms.factors((n * m, m * p, n * p)), characteristic=2)
        joined = join(permuted(scheme, *core), standard, "nmp"[axis])
        found.append(PackedTerms.from_factors(joined.U, joined.V, joined.W, "F2"))
    return found


def _less(sizes: Sequence[int], axis: int) -> list[int]:
    return [size - (place == axis) for place, size in enumerate(sizes)]


def ladder(seed: int, limit: float) -> tuple[int, float]:
    began = time.process_time()
    pool: Sequence[PackedTerms] = ()
    small: tuple[int, int, int] | None = None
    for sizes, rank, seconds in LADDER:
        if small is None:
            s = standard_scheme(*sizes, characteristic=2)
            starts = [PackedTerms.from_factors(s.U, s.V, s.W, "F2")]
        else:
            starts = extended(pool, small, sizes)
        options = WalkOptions(target=rank, steps=2_000_000, margin=3)
        state: FlipState = begun(starts, seed)
        level = time.process_time()
        with walking(1) as walks:
            while time.process_time() - level < seconds and time.process_time() - began < limit:
                state = stepped(state, options, lambda terms, trial: terms, walks)
                enough = state.kept >= options.pool or sizes == (5, 5, 5)
                if state.settled and state.reached <= rank and enough:
                    break
        print(f"  {sizes}: {state.reached} after {time.process_time() - began:.0f} s", flush=True)
        pool, small = state.pool, sizes
    n, m, p = sizes
    for terms in pool[:1]:
        Scheme(sizes, *terms.factors((n * m, m * p, n * p)), characteristic=2).check()
    return state.reached, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=[*CASES], metavar="CASE")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--flips", type=int, default=2 * 10**9, help="for each seed, but in 555")
    parser.add_argument("--limit", type=float, default=1800.0, help="CPU seconds a seed of 555")
    options = parser.parse_args()
    # Compiled before the clock starts.
    for ring in ("F2", "Z"):
        how = {"flips": 1000, "registry": Registry(())}
        search_scheme(2, 2, 2, 7, FlipOptions(ring=ring, start="standard"), **how)
    for case in options.cases:
        times, ranks = [], []
        goal = 97 if case == "555-F2" else CASES[case][2]
        for seed in range(options.seeds):
            run = ladder(seed, options.limit) if case == "555-F2" else None
            rank, seconds = run or direct(case, seed, options.flips)
            ranks.append(rank)
            times.append(seconds if rank <= goal else float("inf"))
            print(f"  {case} seed {seed}: rank {rank}, {seconds:.2f} s", flush=True)
        reached = sum(value < float("inf") for value in times)
        print(
            f"{case}: {reached} of {options.seeds} seeds reach {goal}, median "
            f"{statistics.median(times):.2f} s; best {min(ranks)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
