"""Attack the lower bounds of the atlas: look for fewer terms than are proved to be necessary.

Usage: python benchmarks/atlas_attack.py [--entries 50] [--starts 200] [--seed 0] [--device cuda]
       [--atlas FILE] [--json FILE]

Entries whose rank is settled, drawn at random among those with a bound beyond the multilinear
ranks, are fitted with one term fewer from random starts. A fit that converges would contradict the
bound. Residuals go below any limit where the border rank is smaller than the rank, with terms that
grow beyond any limit; the smallest residual and the largest entry at it are printed. Ends with one
line of totals, and exit code 1 if anything was found.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import wordtensor as wt
from wordtensor.cores import canonical_core
from wordtensor.solver import fit_many


def attack(entry: wt.atlas.Entry, starts: int, device: str) -> dict[str, Any]:
    """Fit one entry with one term fewer than its bound; say how near it came."""
    begin = time.perf_counter()
    tensor = canonical_core(entry.word, entry.group).to_dense().astype(float)
    results = fit_many(tensor, entry.lower_bound - 1, range(starts), device=device)
    best = min(results, key=lambda result: result.residual)
    return {
        "group": entry.group,
        "word": entry.word,
        "bound": entry.lower_bound,
        "reason": entry.reason,
        "converged": sum(result.status == "converged" for result in results),
        "residual": float(best.residual),
        "largest": max(float(np.abs(factor).max()) for factor in best.factors),
        "seconds": time.perf_counter() - begin,
    }


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=50)
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--atlas", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    atlas = wt.atlas.default_atlas()
    if options.atlas is not None:
        atlas = wt.atlas.read_atlas(options.atlas.read_bytes())
    settled = [e for e in atlas if e.is_settled and e.lower_bound > max(e.shape)]
    chosen = random.Random(options.seed).sample(settled, min(options.entries, len(settled)))
    rows = []
    for entry in chosen:
        rows.append(attack(entry, options.starts, options.device))
        print("{group:12} {word:30} {bound:3} {converged:3} {residual:.1e}".format(**rows[-1]))
    found = sum(row["converged"] for row in rows)
    print(f"{len(rows)} of {len(settled)} entries, {options.starts} starts each: {found} converged")
    if options.json is not None:
        options.json.write_text(json.dumps({"seed": options.seed, "rows": rows}))
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
