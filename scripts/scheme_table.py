"""Write the tables of matrix products in docs/results, with the literature's ranks.

Sizes up to 8 go into schemes.md with their bounds, and larger ones up to 16 into schemes_16.md.

Usage: python scripts/scheme_table.py --known best_known_ranks.csv
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from wordtensor.bounds.theorems import product_bound
from wordtensor.cli.schemes import Row, rows_of
from wordtensor.schemes import default_registry, ingredients, read_known_ranks

RESULTS = Path(__file__).parents[1] / "docs" / "results"
PAGE, PAGE_16 = RESULTS / "schemes.md", RESULTS / "schemes_16.md"
BEGIN = "<!-- From here on `python scripts/scheme_table.py` writes the page. -->"
LARGEST, TABLES = 8, 16
HEADS = ("size", "ours", "best known", "behind", "at least", "open", "ring", "how ours is built")
HEADS += ("bound by",)
_BUILT = {"standard": "standard algorithm"}


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


def written_to_16(known: Mapping[tuple[int, int, int], int]) -> str:
    """Return the part of the page on larger sizes that schemes and known ranks decide."""
    every = rows_of(default_registry(), TABLES, "R", known)
    rows = [row for row in every if min(row.sizes) > 1 and row.best_known]
    shown = [row for row in rows if max(row.sizes) > LARGEST]
    behind = [row.rank - (row.best_known or row.rank) for row in rows]
    below = [row for row, gap in zip(rows, behind, strict=True) if gap < 0]
    built = [row for row in rows if " on blocks " in row.construction]
    names = ", ".join(f"`{row.name}` in {row.rank} for {row.best_known}" for row in below)
    text = [
        f"- Of the {len(rows)} sizes with 2 ≤ n ≤ m ≤ p ≤ 16, ours is at most the best known for "
        f"{sum(gap <= 0 for gap in behind)}.",
        f"- Together our ranks are {sum(gap for gap in behind if gap > 0)} products behind; the "
        f"largest distance is {max(behind)}.",
        f"- {len(built)} are products with blocks of different sizes.",
        f"- Shorter than in the table of known ranks: {names or 'none'}.",
        "",
        f"The table has the {len(shown)} sizes with p > 8.",
        "",
        "{.sortable}",
    ]
    lines = [("size", "ours", "behind", "how ours is built"), ("---", "---:", "---:", "---")]
    lines += [
        (row.name.join("``"), row.rank, row.rank - (row.best_known or row.rank), _built(row))
        for row in shown
    ]
    return "\n".join(
        [BEGIN, "", *text, *(f"| {' | '.join(map(str, line))} |" for line in lines), ""]
    )


def _built(row: Row) -> str:
    """Say how a scheme is built, or that it was found or is paired_scheme's."""
    if row.construction == "stored":
        (stored,) = ingredients(*row.sizes)
        paired = stored.provenance.startswith("paired_scheme")
        return "pairs (Hopcroft and Kerr)" if paired else "found by search"
    return _BUILT.get(row.construction, f"`{row.construction}`")


def _summary(rows: list[Row]) -> list[str]:
    """Say how many ranks are settled, equal to the best known, and behind it."""
    settled = [row for row in rows if row.rank == row.lower]
    equal = [row for row in rows if row.rank == row.best_known]
    gap, widest = max((row.rank - (row.best_known or row.rank), row.name) for row in rows)
    small = [row for row in rows if max(row.sizes) <= 5]
    ahead = [row for row in small if row.rank != row.best_known]
    behind = "; ".join(f"`{row.name}` in {row.best_known}, ours has {row.rank}" for row in ahead)
    return [
        f"- Of the {len(rows)} sizes, {len(settled)} are settled: our rank equals the lower bound.",
        f"- For {len(equal)} sizes our rank equals the best known.",
        f"- Together our ranks are {sum(r.rank - (r.best_known or r.rank) for r in rows)} products "
        "behind.",
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
            _built(row),
            _theorem(product_bound(*row.sizes).reason),
        )
        for row in rows
    ]
    return [f"| {' | '.join(map(str, line))} |" for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--known", type=Path, required=True, help="a table as in docs/results")
    known = read_known_ranks(parser.parse_args().known)
    for page, table in ((PAGE, written(known)), (PAGE_16, written_to_16(known))):
        text, _, _ = page.read_text().partition(BEGIN)
        page.write_text(text + table)


if __name__ == "__main__":
    main()
