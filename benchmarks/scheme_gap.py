"""Own schemes against the best known ranks: by size, and block by block for multiplication.

Usage: python benchmarks/scheme_gap.py --best-known FILE.csv [--decompose] [GROUP ...]

The file has the columns n, m, p, rank_Q: numbers only, for comparison. Own ranks are those of the
package and of the user's searches; with WORDTENSOR_SCHEMES= (empty) those of the package only.
"""

import argparse
import csv
import re
import time
from itertools import combinations_with_replacement
from pathlib import Path

import wordtensor as wt
from wordtensor.rank.block import Block
from wordtensor.schemes import best_rank, construction, user_registry

GROUPS = ("A5", "S5", "PSL(2,7)", "A6", "S6")
UNIT = {"R": 1, "C": 3, "H": 8}
PART = re.compile(r"<(\d+),(\d+),(\d+)>:(\d+)")

Sizes = tuple[int, int, int]


def in_order(sizes: Sizes) -> Sizes:
    a, b, c = sorted(sizes)
    return a, b, c


def read_known(path: Path) -> dict[Sizes, int]:
    with path.open() as stream:
        return {
            (int(row["n"]), int(row["m"]), int(row["p"])): int(row["rank_Q"])
            for row in csv.DictReader(stream)
            if row["rank_Q"].isdigit()
        }


def explained(sizes: Sizes, known: dict[Sizes, int]) -> str:
    """Say how our scheme is made, and how much of the gap is in its parts."""
    text = construction(*sizes, registry=user_registry())
    made = text.partition(" = ")[2].partition(" (user's")[0]
    parts = [in_order((int(n), int(m), int(p))) for n, m, p, _ in PART.findall(made)]
    ours = best_rank(*sizes, registry=user_registry())
    gap = ours - known[in_order(sizes)]
    if not gap:
        return made
    if not parts:
        return f"{made}: its own scheme is {gap} behind"
    ranks = [known[part] for part in parts]
    with_best_parts = ranks[0] * ranks[-1] if " x " in made else sum(ranks)
    behind = {
        "<{},{},{}>:{}".format(*part, known[part])
        for part in parts
        if best_rank(*part, registry=user_registry()) > known[part]
    }
    inside = ours - with_best_parts
    said = [f"{inside} in its parts (best {', '.join(sorted(behind))})"] if inside else []
    if gap > inside:
        said.append(f"{gap - inside} for want of a scheme of its own")
    return f"{made}: {'; '.join(said)}"


def show_sizes(known: dict[Sizes, int]) -> None:
    small = list(combinations_with_replacement(range(1, 6), 3))
    squares = [(n, n, n) for n in (6, 7, 8)]
    registry = user_registry()
    ours = {sizes: best_rank(*sizes, registry=registry) for sizes in small + squares}
    print(f"{'size':10}{'ours':>6}{'best':>6}{'gap':>5}  made of")
    for sizes, rank in ours.items():
        if sizes[0] > 1:
            name = "<{},{},{}>".format(*sizes)
            gap = rank - known[sizes]
            print(f"{name:10}{rank:6}{known[sizes]:6}{gap or '':>5}  {explained(sizes, known)}")
    for title, among in (
        ("n <= m <= p <= 5", small),
        ("the same with n > 1", [sizes for sizes in small if sizes[0] > 1]),
        ("squares to 8", [(n, n, n) for n in range(1, 9)]),
    ):
        equal = sum(ours[sizes] <= known[sizes] for sizes in among)
        print(f"{title}: {equal} of {len(among)} equal ({100 * equal / len(among):.0f} %)")


def best_of(block: Block, known: dict[Sizes, int]) -> int:
    sizes = block.sizes or (1, 1, 1)
    return UNIT[block.division] * known[in_order(sizes)]


def show_group(name: str, known: dict[Sizes, int], decompose: bool) -> None:
    plan = wt.plan("a*b", name)
    route = plan.routes[0]
    blocks = list(zip(route.blocks, (a.upper for a in route.assessments), strict=True))
    best = sum(best_of(block, known) for block, _ in blocks)
    print(
        f"\n{name} (order {plan.group.order}): ours {plan.upper}, best known numbers {best}, "
        f"gap {plan.upper - best}, lower bound {plan.lower_bound}"
    )
    if decompose:
        start = time.perf_counter()
        d = wt.decompose("a*b", name)
        seconds = time.perf_counter() - start
        print(f"  decompose: rank {d.rank}, {d.status}, error {d.residual:.0e}, {seconds:.1f} s")
    for label in dict.fromkeys(block.name for block, _ in blocks):
        same = [(block, rank) for block, rank in blocks if block.name == label]
        block, rank = same[0]
        unit = f", times {UNIT[block.division]}" if block.division != "R" else ""
        text = explained(block.sizes or (1, 1, 1), known)
        best = best_of(block, known)
        gap = rank - best or ""
        print(f"  {len(same)} x {label:13}{rank:6}{best:6}{gap:>5}  {text}{unit}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", default=GROUPS, metavar="GROUP")
    parser.add_argument("--best-known", type=Path, required=True, metavar="FILE.csv")
    parser.add_argument("--decompose", action="store_true", help="decompose each group and time it")
    options = parser.parse_args()
    known = read_known(options.best_known)
    show_sizes(known)
    for name in options.groups:
        show_group(name, known, options.decompose)


if __name__ == "__main__":
    main()
