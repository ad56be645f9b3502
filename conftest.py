"""What all tests and doctests share: they never read what the person who runs them has found."""

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Use the schemes and cores of the package only, in child processes as well."""
    os.environ["WORDTENSOR_SCHEMES"] = ""
    os.environ["WORDTENSOR_CORES"] = ""
