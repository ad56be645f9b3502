"""Search for terms of the cores of many words and groups, and keep what is found.

Usage: python scripts/solve_cores.py -o FOLDER [--groups "S3 D4"] [--length 4] [--seconds 10]

Every core that differs from the others, up to labels, is searched once, for so many seconds on top
of what a fast answer does, and its terms are made exact where that is found. What is better than
before stays in the folder, one file for each core; `scripts/pack_cores.py` makes the package's
store of them. Several processes may share a folder.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from pathlib import Path

# All groups of order 2 to 12, and S4, SL(2,3), D8, Q16.
GROUPS = (
    "C2 C3 C4 C2xC2 C5 C6 S3 C7 C8 C4xC2 C2xC2xC2 D4 Q8 C9 C3xC3 C10 D5 C11 C12 C6xC2 A4 D6 Dic3 "
    "D8 Q16 SL(2,3) S4"
)


def words(length: int) -> Iterator[str]:
    """Yield the reduced words in a, b and their inverses (A, B) in which both letters occur.

    Parameters
    ----------
    length : int
        Most letters.

    Yields
    ------
    str
        Shortest first.
    """
    for n in range(2, length + 1):
        for letters in product("abAB", repeat=n):
            text = "".join(letters)
            reduced = all(x != y.swapcase() for x, y in pairwise(text))
            if reduced and {"a", "b"} == set(text.lower()):
                yield "*".join(x if x.islower() else f"{x.lower()}^-1" for x in text)


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
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--groups", default=GROUPS)
    parser.add_argument("--words", default="", help="separated by spaces, instead of all")
    parser.add_argument("--length", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", default="0/1", help="0/2 and 1/2: the halves of two processes")
    options = parser.parse_args(arguments)
    os.environ["WORDTENSOR_CORES"] = str(options.output)
    import wordtensor as wt
    from wordtensor.cores import canonical_core
    from wordtensor.errors import WordTensorError
    from wordtensor.rank import plan

    part, parts = map(int, options.part.split("/"))
    chosen = options.words.split() if options.words else list(words(options.length))
    seen: set[str] = set()
    for name in options.groups.split():
        for text in chosen:
            key = canonical_core(text, name).key
            if key in seen:
                continue
            seen.add(key)
            if len(seen) % parts != part:
                continue
            try:
                route = plan(text, name, method="direct sum").routes[0]
            except WordTensorError:
                continue  # the group algebra itself
            if not route.may_fall(searching=True):
                continue
            begin = time.monotonic()
            found = wt.decompose(
                text,
                name,
                method="direct sum",
                effort="search",
                time_limit=options.seconds,
                seed=options.seed,
            )
            solved = [(b.name, b.rank, b.status) for b in found.blocks if b.sizes is None]
            seconds = time.monotonic() - begin
            print(f"{name} {text}: {route.upper} -> {found.rank} {solved} {seconds:.0f} s")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
