"""What all tests and doctests share: they never read what the person who runs them has found."""

import os
import signal

import pytest

# What runs the tests may ignore SIGHUP, as nohup does; the programs under test would inherit that.
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_configure(config: pytest.Config) -> None:
    """Use the schemes and cores of the package only, in child processes as well."""
    os.environ["WORDTENSOR_SCHEMES"] = ""
    os.environ["WORDTENSOR_CORES"] = ""
    os.environ.pop("WORDTENSOR_KNOWN", None)
