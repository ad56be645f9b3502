"""Find the schemes of the package again, from nothing: each starts from those found before it.

Usage: python scripts/find_schemes.py FOLDER [--seconds 60] [--seeds 5]

Every scheme is saved in FOLDER as soon as it is found, with the command that repeats it; what is
there already is not searched again. `scripts/pack_schemes.py` makes the data file of them.
"""

import argparse
import time
from pathlib import Path

from wordtensor.schemes import (
    FlipOptions,
    Registry,
    Scheme,
    SymmetricOptions,
    best_rank,
    read_schemes,
    save_schemes,
    search_scheme,
    symmetric_search,
)

# Sizes, division, rank, start. Ranks are where to stop.
STEPS = (
    ((1, 1, 1), "C", 3, "standard"),
    ((1, 1, 1), "H", 8, "standard"),
    ((2, 2, 2), "R", 7, "standard"),
    ((2, 3, 3), "R", 15, "auto"),
    ((2, 3, 4), "R", 20, "auto"),
    ((2, 4, 4), "R", 26, "auto"),
    ((3, 3, 3), "R", 23, "auto"),
    ((2, 3, 5), "R", 25, "auto"),
    ((3, 3, 4), "R", 29, "auto"),
    ((3, 4, 4), "R", 38, "auto"),
    ((3, 3, 5), "R", 36, "auto"),
    ((2, 4, 5), "R", 33, "auto"),
    ((3, 4, 5), "R", 47, "auto"),
    ((2, 5, 5), "R", 40, "auto"),
    ((2, 4, 6), "R", 39, "extend"),
    ((3, 3, 6), "R", 43, "auto"),
    ((3, 4, 6), "R", 57, "auto"),
    ((5, 5, 5), "R", 93, "symmetric"),
    ((4, 5, 5), "R", 76, "project"),
    ((3, 5, 5), "R", 58, "project"),
    ((4, 4, 5), "R", 62, "project"),
    ((5, 5, 6), "R", 116, "extend"),
    ((4, 5, 6), "R", 90, "auto"),
    ((4, 4, 6), "R", 73, "auto"),
    ((3, 5, 6), "R", 70, "auto"),
)


def found_in(folder: Path) -> Registry:
    schemes: list[Scheme] = []
    for path in sorted(folder.glob("*.npz")):
        schemes += read_schemes(path)
    return Registry(tuple(schemes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each seed")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for sizes, division, rank, start in STEPS:
        registry = found_in(options.folder)
        began = time.monotonic()
        for seed in range(options.seeds):
            if best_rank(*sizes, division, registry=registry) <= rank:
                break
            if start == "symmetric":  # seed 1 takes 1.06e9 flips, 6 to 10 minutes
                found = symmetric_search(
                    sizes[0], rank, SymmetricOptions(seed=1), seconds=None, flips=2 * 10**9
                ).scheme
            else:
                # Small coefficients, if there are any.
                signs = seed < options.seeds // 2
                how = FlipOptions(division=division, start=start, signs_only=signs, seed=seed)
                found = search_scheme(
                    *sizes,
                    rank,
                    how,
                    seconds=options.seconds,
                    registry=registry,
                ).scheme
            if found is not None and found.rank <= rank:
                name = "{}x{}x{}".format(*sizes) + f"_{division}_m{found.rank}.npz"
                save_schemes(options.folder / name, [found])
                registry = registry.with_scheme(found)
        reached = best_rank(*sizes, division, registry=registry)
        print(sizes, division, reached, f"{time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
