"""Gather the best solved cores and proved bounds of the package and of folders of searches.

Usage: python scripts/pack_cores.py FOLDER ... -o src/wordtensor/cores/data

It writes cores.npz and proofs.zip.

Cores that another version of igraph ordered are brought into the order of the one that runs this.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from wordtensor.cores import (
    ProvedCore,
    SolvedCore,
    Store,
    canonical_form,
    user_store,
    write_package,
    write_proofs,
)
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


def best_proofs(stores: Iterable[Store]) -> tuple[ProvedCore, ...]:
    """Return the best proved bound for each key and field.

    Parameters
    ----------
    stores : iterable of Store
        Where to look; of equal ones the first is taken.

    Returns
    -------
    tuple of ProvedCore
        All in the order of today's igraph, sorted by name.
    """
    best: dict[tuple[str, str], ProvedCore] = {}
    for store in stores:
        for known in store.proofs:
            found = store.proofs.find(canonical_form(known.shape, known.coords), known.field)
            if found is not None and found.field == known.field:
                other = best.setdefault((found.key, found.field), found)
                if found.value > other.value:
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
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args(arguments)
    try:
        stores = [user_store(folder) for folder in options.folders]
        chosen, proofs = best_of(stores), best_proofs(stores)
        write_package(chosen, options.output / "cores.npz")
        write_proofs(proofs, options.output / "proofs.zip")
    except WordTensorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    for proved in proofs:
        sys.stdout.write(f"{proved.key[:12]} {proved!r}\n")
    for solved in chosen:
        sys.stdout.write(f"{solved.key[:12]} {solved!r}: {solved.command}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
