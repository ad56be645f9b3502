"""The table of matrix products in the docs says what the package has."""

import importlib.util
from pathlib import Path

import pytest

from wordtensor.schemes import read_known_ranks

ROOT = Path(__file__).parents[2]
KNOWN = ROOT.parent / "shared" / "reference" / "fast_matmul" / "best_known_ranks_2026.csv"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("scheme_table", ROOT / "scripts/scheme_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(script):
    lines = [line for line in script.PAGE.read_text().splitlines() if line.startswith("| `<")]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture(scope="module")
def known(rows):
    return {tuple(map(int, row[0][1:-1].split(","))): int(row[2]) for row in rows}


def test_the_page_is_what_the_script_writes(script, known):
    text = script.PAGE.read_text()
    assert text.endswith(script.written(known))
    assert text.count(script.BEGIN) == 1
    assert script.written({**known, (3, 4, 5): 46}) != script.written(known)


def test_the_columns_agree_with_each_other(rows):
    assert len(rows) == 84
    for _, *numbers in (row[:6] for row in rows):
        ours, best, behind, least, open_ = map(int, numbers)
        assert least <= best <= ours and (behind, open_) == (ours - best, best - least)


def test_the_best_known_ranks_are_those_of_the_literature(known):
    if not KNOWN.exists():
        pytest.skip("the table of best known ranks is not part of a user's clone")
    table = read_known_ranks(KNOWN)
    assert known == {sizes: table[sizes] for sizes in known}
