"""What all tests and doctests share: they never read the schemes of the person who runs them."""

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Use the schemes of the package only, in child processes as well."""
    os.environ["WORDTENSOR_SCHEMES"] = ""
