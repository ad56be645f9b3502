"""Ranks of word tensors over Z, and with odd denominators, beside the real ones.

Usage: python benchmarks/integer_ranks.py [SECONDS [GROUP ...]]   (20 seconds per word, all groups)

Columns: n^2; the lower bound for real terms and the rank that `decompose` reaches; the lower bound
for integer terms; the integer terms that flips reach, from which walk (over Z, or modulo 2 and
lifting), seconds, million flips; and the terms with odd denominators, with seconds and flips.
"""

import sys

import wordtensor as wt
from wordtensor.rank.integral import integral_bound, integral_decompose
from wordtensor.words import Word, reduced_words


def tasks(groups: list[str]) -> list[tuple[str, Word]]:
    words = [w for w in reduced_words(4) if {letter for letter, _ in w.syllables} == {0, 1}]
    others = [("D4", wt.word("a*b")), ("Q8", wt.word("a*b")), ("A4", wt.word("[a,b]"))]
    found = others + [("S3", w) for w in words]
    return [(name, w) for name, w in found if not groups or name in groups]


def row(group: str, w: Word, seconds: float) -> str:
    real = wt.decompose(w, group)
    integer = integral_decompose(w, group, seconds=seconds)
    rational = integral_decompose(w, group, ring="F2", fractions=True, seconds=seconds / 2)
    for d in (integer, rational):
        if not wt.verify(d) or d.rank < d.blocks[0].lower_bound:
            raise SystemExit(f"{group} {w}: wrong: {d}")
    source = "Z" if "over Z" in integer.blocks[0].note else "F2"
    return (
        f"{group:4}{w!s:16}{wt.group(group).order ** 2:5}{real.lower_bound:6}{real.rank:6}"
        f"{integral_bound(w, group).value:7}{integer.rank:6}{source:>4}{integer.seconds:7.1f}"
        f"{million_flips(integer):8.1f}{min(integer.rank, rational.rank):8}{rational.seconds:7.1f}"
        f"{million_flips(rational):8.1f}"
    )


def million_flips(d: wt.Decomposition) -> float:
    note = d.blocks[0].note.split(" flips")[0]
    return int(note.split()[-1]) / 1e6


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    print(f"{'':25}{'real':>12}{'integers':>32}{'odd denominators':>23}")
    print(
        f"{'':4}{'word':16}{'n^2':>5}{'bound':>6}{'rank':>6}{'bound':>7}{'rank':>6}{'by':>4}"
        f"{'s':>7}{'Mflips':>8}{'rank':>8}{'s':>7}{'Mflips':>8}"
    )
    for group, w in tasks(sys.argv[2:]):
        print(row(group, w, seconds), flush=True)


if __name__ == "__main__":
    main()
