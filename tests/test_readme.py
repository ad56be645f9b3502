"""The README's tour is run as it stands, and so are the pages with examples."""

import doctest
from pathlib import Path

import pytest


@pytest.mark.parametrize("page", ["README.md", "docs/tables.md"])
def test_tour(page: str) -> None:
    path = Path(__file__).parents[1] / page
    result = doctest.testfile(str(path), module_relative=False)
    assert result.attempted >= 6
    assert result.failed == 0
