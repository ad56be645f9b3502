"""The README's table of ranks says what `plan` knows today."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import wordtensor as wt

README = Path(__file__).parents[2] / "README.md"
WORDS = {"aba⁻¹": "abA", "a²b": "a^2*b", "(ab)²": "(a*b)^2", "W8": "a*b*A*b*a^2*b^3*a*B"}


def _rows() -> Iterator[tuple[str, str, int, int]]:
    """Yield group, word, rank and bound of every row, one for each group of a row."""
    for line in README.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip(" *") for cell in line.strip("|").split("|")]
        if len(cells) != 6 or not re.match(r"[A-Z]", cells[0]) or cells[0] == "Z_n":
            continue
        groups = [name.split(" ")[0] for name in cells[0].split(", ")]
        ranks = [int(n) for n in re.findall(r"\d+", cells[3])]
        bounds = ranks if cells[4] == "equal" else [int(n) for n in re.findall(r"\d+", cells[4])]
        for group, rank, bound in zip(groups, ranks, bounds, strict=True):
            yield group, WORDS.get(cells[1], cells[1]), rank, bound


ROWS = list(_rows())


def test_every_row_is_tried() -> None:
    assert len(ROWS) >= 23


@pytest.mark.parametrize(("group", "word", "rank", "bound"), ROWS)
def test_row(group: str, word: str, rank: int, bound: int) -> None:
    plan = wt.plan(word, group)
    assert (plan.upper, plan.lower_bound) == (rank, bound)
