"""The README's tour is run as it stands."""

import doctest
from pathlib import Path


def test_tour() -> None:
    readme = Path(__file__).parents[1] / "README.md"
    result = doctest.testfile(str(readme), module_relative=False)
    assert result.attempted >= 6
    assert result.failed == 0
