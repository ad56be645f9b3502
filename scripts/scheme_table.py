"""Write the table of matrix products in docs/results/schemes.md, with the literature's ranks.

Usage: python scripts/scheme_table.py --known best_known_ranks.csv
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from wordtensor.bounds.theorems import product_bound
from wordtensor.cli.schemes import Row, rows_of
from wordtensor.schemes import default_registry, read_known_ranks

PAGE = Path(__file__).parents[1] / "docs" / "results" / "schemes.md"
BEGIN = "<!-- From here on `python scripts/scheme_table.py` writes the page. -->"
LARGEST = 8
HEADS = ("size", "ours", "best known", "behind", "at least", "open", "ring", "how ours is built")
HEADS += ("bound by",)
_BUILT = {"stored": "found by search", "standard": "standard algorithm"}


def written(known: Mapping[tuple[int, int, int], int]) -> str:
    """Return the part of the page that the schemes, the bounds and the known ranks decide."""
    sizes = range(1, LARGEST + 1)
    trivial = {(1, m, p): m * p for m in sizes for p in sizes if m <= p}
    rows = rows_of(default_registry(), LARGEST, "R", {**known, **trivial})
    shown = [row for row in rows if min(row.sizes) > 1]
    left_out = (
        f"For the {len(trivial)} sizes `<1,m,p>` the standard algorithm with m p products is best, "
        f"by the multilinear\nrank. The table has the other {len(shown)}."
    )
    text = [BEGIN, "", *_summary(rows), "", left_out, "", "{.sortable .wide}"]
    return "\n".join([*text, *_table(shown), ""])


def _summary(rows: list[Row]) -> list[str]:
    """Say how many ranks are settled, equal to the best known, and behind it."""
    settled = [row for row in rows if row.rank == row.lower]
    equal = [row for row in rows if row.rank == row.best_known]
    gap, widest = max(((row.rank - (row.best_known or row.rank)), row.name) for row in rows)
    small = [row for row in rows if max(row.sizes) <= 5]
    ahead = [row for row in small if row.rank != row.best_known]
    behind = "; ".join(f"`{row.name}` in {row.best_known}, ours has {row.rank}" for row in ahead)
    return [
        f"- Of the {len(rows)} sizes, {len(settled)} are settled: our rank equals the lower bound.",
        f"- For {len(equal)} sizes our rank equals the best known.",
        f"- For the other {len(rows) - len(equal)} a shorter scheme is known; we are at most {gap} "
        f"products behind, at `{widest}`.",
        f"- Among the {len(small)} sizes up to 5, a shorter scheme is known for {len(ahead)}:",
        f"  {behind}.",
    ]


def _theorem(reason: str) -> str:
    """Shorten what proves a bound: the theory page has the theorems by their years."""
    return reason.partition(", ")[0] if reason.startswith("Bläser") else reason.rpartition(", ")[2]


def _table(rows: list[Row]) -> list[str]:
    lines = [HEADS, ["---", *["---:"] * 5, *["---"] * 3]]
    lines += [
        (
            f"`{row.name}`",
            row.rank,
            row.best_known,
            row.rank - (row.best_known or row.rank),
            row.lower,
            (row.best_known or row.rank) - row.lower,
            row.ring,
            _BUILT.get(row.construction, f"`{row.construction}`"),
            _theorem(product_bound(*row.sizes).reason),
        )
        for row in rows
    ]
    return [f"| {' | '.join(map(str, line))} |" for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--known", type=Path, required=True, help="a table as in docs/results")
    known = read_known_ranks(parser.parse_args().known)
    text, _, _ = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(text + written(known))


if __name__ == "__main__":
    main()
