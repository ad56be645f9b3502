"""Look for so many terms of one word's core with symmetric starts alone, and keep what is found.

Usage: python scripts/symmetric_search.py WORD GROUP RANK -o FOLDER [--seed 0] [--seconds 600]
       [--prune STEPS]

For hard blocks, where plain starts end in narrow valleys: (S4, [a,b]), say. Only for words whose
core has one block without a known scheme. Starts of one process are made one after another; let
several processes have different seeds. The best solution replaces what is in the folder if it is
shorter. With --prune the starts are plain ones with far too many terms: after so many steps the
ridge has made some of them vanish, and the others go on alone.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np

import wordtensor as wt
from wordtensor._typing import Factors
from wordtensor.cores import SolvedCore, save_solved
from wordtensor.rank._symmetry import in_frame, symmetry_groups
from wordtensor.rank.routes import analyse, routes
from wordtensor.solver import fit_many, symmetric_factors
from wordtensor.solver.cp import scaled_start


def pruned(tensor: np.ndarray, rank: int, seed: int, steps: int) -> Factors:
    """Follow a plain start for some steps, and leave out the terms that vanish.

    Parameters
    ----------
    tensor : ndarray of float64, shape (x, y, z)
        What to decompose.
    rank : int
        Terms to begin with.
    seed : int
        Of the start.
    steps : int
        Gauss-Newton steps.

    Returns
    -------
    tuple of ndarray
        The terms that are left.
    """
    (result,) = fit_many(tensor, rank, [seed], iterations=steps)
    sizes = np.prod([np.linalg.norm(factor, axis=0) for factor in result.factors], axis=0)
    kept = sizes > 0.02 * np.median(sizes)
    U, V, W = (factor[:, kept] for factor in result.factors)
    return U, V, W


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program; by default that of the process.

    Returns
    -------
    int
        0 if the terms were found, else 1.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("word")
    parser.add_argument("group")
    parser.add_argument("rank", type=int)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--prune", type=int, default=0, metavar="STEPS")
    options = parser.parse_args(arguments)
    analysis = analyse(wt.word_tensor(options.word, options.group), 0, "direct sum")
    blocks = [block for block in routes(analysis, "direct sum")[0].blocks if block.frame]
    if len(blocks) != 1 or blocks[0].frame is None or analysis.canonical is None:
        parser.error(f"the core has {len(blocks)} blocks without a known scheme, not 1")
    frame = blocks[0].frame
    tensor = frame.solver_tensor(blocks[0].own_tensor())
    groups = list(in_frame(symmetry_groups(analysis.canonical, 0), frame))
    begin = time.monotonic()
    for number in count():
        if time.monotonic() - begin > options.seconds:
            return 1
        rng = np.random.default_rng((options.seed, number))
        group = groups[number % len(groups)]
        drawn = symmetric_factors(tensor.shape, options.rank, group, rng)
        start = scaled_start(drawn, tensor)
        if options.prune:
            group, start = (), pruned(tensor, options.rank, number, options.prune)
        rank = start[0].shape[1]
        left = max(1.0, options.seconds - (time.monotonic() - begin))
        (result,) = fit_many(tensor, rank, [start], symmetries=group, time_limit=left)
        seconds = time.monotonic() - begin
        print(
            f"{rank} terms, start {number}, group of order {len(group)}: {result.status}, "
            f"residual {result.residual:.0e}, {seconds:.0f} s",
            flush=True,
        )
        if result.status == "converged":
            terms = frame.core_factors(frame.block_factors(result.factors))
            command = (
                f'python scripts/symmetric_search.py "{options.word}" "{options.group}" '
                f"{options.rank} --seed {options.seed}"
                + (f" --prune {options.prune}" if options.prune else "")
            )
            save_solved(
                SolvedCore.of(
                    analysis.canonical,
                    terms,
                    summands=(rank,),
                    seed=options.seed,
                    seconds=seconds,
                    command=command,
                ),
                options.output,
            )
            return 0


if __name__ == "__main__":
    sys.exit(main())
