import math
import os
import sys

import pytest
from typer.testing import CliRunner

from wordtensor.cli import _stages
from wordtensor.cli.app import app

# A shell that starts the tests in the background has Ctrl-C ignored, and children inherit that.
INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from wordtensor.cli import main
main()
"""


@pytest.fixture
def process():
    """Return the start of a command line whose process can be interrupted, and its environment."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "80"}
    return [sys.executable, "-c", INTERRUPTIBLE], os.environ | threads


@pytest.fixture
def run(monkeypatch):
    """Run the command line in this process; the result has exit_code, stdout and stderr."""
    monkeypatch.setattr(_stages, "_SILENCE", math.inf)  # however slow the machine is
    runner = CliRunner(env={"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"})
    return lambda *arguments: runner.invoke(app, [str(a) for a in arguments])


@pytest.fixture
def saved(run, tmp_path):
    """Save a decomposition of a*b over S3 and return its path."""
    path = tmp_path / "s3.npz"
    assert run("decompose", "a*b", "S3", "-o", path).exit_code == 0
    return path
