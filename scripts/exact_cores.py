"""Make stored numerical terms exact, by way of other solutions with as many terms.

Usage: python scripts/exact_cores.py FOLDER [--starts 24] [--solutions 4] [--work 4e10]

For every core of FOLDER with numerical terms, and one block without a known scheme: fits from other
starts, and rounds the solutions one after another until one becomes exact, which replaces what is
in the folder.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from wordtensor.cores import canonical_form, compress, save_solved, user_store
from wordtensor.rank._split import split_canonical
from wordtensor.schemes.exact_terms import exact_sum
from wordtensor.solver import fit_many, round_terms


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program; by default that of the process.

    Returns
    -------
    int
        0.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--starts", type=int, default=24)
    parser.add_argument("--solutions", type=int, default=4)
    parser.add_argument("--work", type=float, default=4e10)
    options = parser.parse_args(arguments)
    numerical = [s for s in user_store(options.folder) if s.radicand == 0 and s.field == "real"]
    for solved in sorted(numerical, key=lambda s: s.rank):
        canonical = canonical_form(solved.shape, solved.coords)
        x, y, z = canonical.shape
        core = compress(canonical.to_dense().astype(float), (np.eye(x), np.eye(y), np.eye(z)))
        blocks = [b for b in split_canonical(canonical, core, 0) or [] if b.frame is not None]
        if len(blocks) != 1 or blocks[0].frame is None:
            continue
        frame, begin = blocks[0].frame, time.monotonic()
        tensor = np.ascontiguousarray(blocks[0].own_tensor().transpose(frame.modes))
        results = fit_many(
            frame.solver_tensor(blocks[0].own_tensor()), solved.rank, range(options.starts)
        )
        converged = [result for result in results if result.status == "converged"]
        for result in converged[: options.solutions]:
            factors = frame.block_factors(result.factors)
            turned = [factors[mode] for mode in frame.modes]
            terms = round_terms(tensor, turned, work=options.work)
            if terms is None:
                continue
            found = [terms.factors[frame.modes.index(mode)] for mode in range(3)]
            exact = exact_sum((found[0], found[1], found[2])).as_float()
            entry = replace(
                solved,
                terms=frame.core_factors(exact),
                radicand=terms.radicand,
                seconds=solved.seconds + time.monotonic() - begin,
                command=f"{solved.command}; made exact by scripts/exact_cores.py",
            )
            save_solved(entry, options.folder)
            break
        else:
            terms = None
        print(f"{solved.command}: {solved.rank}, {len(converged)} solutions, {terms}")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
