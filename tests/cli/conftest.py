import pytest
from typer.testing import CliRunner

from wordtensor.cli.app import app


@pytest.fixture
def run():
    """Run the command line in this process; the result has exit_code, stdout and stderr."""
    runner = CliRunner(env={"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"})
    return lambda *arguments: runner.invoke(app, [str(a) for a in arguments])


@pytest.fixture
def saved(run, tmp_path):
    """Save a decomposition of a*b over S3 and return its path."""
    path = tmp_path / "s3.npz"
    assert run("decompose", "a*b", "S3", "-o", path).exit_code == 0
    return path
