"""Gather the schemes worth keeping: those that no others make as short.

Usage: python scripts/pack_schemes.py FILE ... -o src/wordtensor/schemes/data/schemes.npz

Beside the file it writes ``constructions.json``: how the best scheme of all small sizes is built.
The schemes that are in the package already take part, unless --without-package says otherwise.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np

from wordtensor.errors import WordTensorError
from wordtensor.schemes import (
    Registry,
    Scheme,
    best_rank,
    load_schemes,
    read_scheme_file,
    save_schemes,
)
from wordtensor.schemes._constructions import packed_tables
from wordtensor.schemes._pairs import paired_scheme
from wordtensor.schemes.registry import outers, stored_products

LARGEST = 16  # of the sizes whose constructions are kept


def essential_schemes(schemes: Iterable[Scheme]) -> tuple[Scheme, ...]:
    """Leave out the schemes that others make as short.

    Parameters
    ----------
    schemes : iterable of Scheme
        Exact schemes of characteristic 0.

    Returns
    -------
    tuple of Scheme
        For every size the registry of these has the same rank as that of all; of schemes with the
        same sizes and rank the one with the smallest coefficients is kept. Sorted by sizes.
    """
    best: dict[tuple[object, ...], Scheme] = {}
    for s in schemes:
        key = (s.division, *sorted(s.shape))
        if key not in best or _cost(s) < _cost(best[key]):
            best[key] = s
    kept = sorted(best.values(), key=lambda s: (s.division, s.n * s.m * s.p, s.shape))
    # Small ones first: a larger one is only needed if the smaller ones do not make it.
    chosen: list[Scheme] = []
    for s in kept:
        if best_rank(*s.shape, s.division, registry=Registry(tuple(chosen))) > s.rank:
            chosen.append(s)
    for s in [*chosen]:
        rest = tuple(other for other in chosen if other is not s)
        if best_rank(*s.shape, s.division, registry=Registry(rest)) <= s.rank:
            chosen.remove(s)
    return tuple(chosen)


def _cost(s: Scheme) -> tuple[int, int, int, int]:
    """Rank first, then denominators, the largest coefficient and the number of non-zeros."""
    factors = (s.U, s.V, s.W)
    return (
        s.rank,
        s.denominators[0] * s.denominators[1] * s.denominators[2],
        max(int(np.abs(factor).max()) for factor in factors),
        sum(int(np.count_nonzero(factor)) for factor in factors),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program; by default that of the process.

    Returns
    -------
    int
        0, or 2 if a file cannot be read or is wrong.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--without-package", action="store_true", help="leave out our own")
    options = parser.parse_args(arguments)
    try:
        schemes = [] if options.without_package else [*load_schemes()]
        for path in options.files:
            schemes += [s for s in read_scheme_file(path) if s.characteristic == 0]
        sizes = combinations_with_replacement(range(2, LARGEST + 1), 2)
        schemes += [paired_scheme(n, p) for n, p in sizes]
        chosen = essential_schemes(s.check() for s in schemes)
        save_schemes(options.output, chosen)
        packed = Registry(chosen)
        tables = options.output.with_name("constructions.json")
        tables.write_text(packed_tables(stored_products(packed), outers(packed)))
    except WordTensorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    for s in chosen:
        sys.stdout.write(f"{s!r}: {s.provenance}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
