"""Gather the best solved cores of the package and of folders that searches filled.

Usage: python scripts/pack_cores.py FOLDER ... -o src/wordtensor/cores/data/cores.npz

Cores that another version of igraph ordered are brought into the order of the one that runs this.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from wordtensor.cores import SolvedCore, Store, canonical_form, user_store, write_package
from wordtensor.errors import WordTensorError


def best_of(stores: Iterable[Store]) -> tuple[SolvedCore, ...]:
    """Return the best solved core for each key and field.

    Parameters
    ----------
    stores : iterable of Store
        Where to look; of equal ones the first is taken.

    Returns
    -------
    tuple of SolvedCore
        All in the order of today's igraph, sorted by key and field.
    """
    best: dict[tuple[str, str], SolvedCore] = {}
    for store in stores:
        for known in store:
            found = store.find(canonical_form(known.shape, known.coords), known.field)
            if found is not None:
                other = best.setdefault((found.key, found.field), found)
                if found.cost < other.cost:
                    best[found.key, found.field] = found
    return tuple(best[key] for key in sorted(best))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program; by default that of the process.

    Returns
    -------
    int
        0, or 2 if a file cannot be written.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        chosen = best_of(user_store(folder) for folder in options.folders)
        write_package(chosen, options.output)
    except WordTensorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    for solved in chosen:
        sys.stdout.write(f"{solved.key[:12]} {solved!r}: {solved.command}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
