"""A server of forked children, a folder of good files, and counts that are printed at the end."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
collect_ignore = ["served"]

_OWN = {
    "COLUMNS": "80",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "WORDTENSOR_CORES": "",
    "WORDTENSOR_SCHEMES": "",
}


class Forks:
    """Runs jobs in children of one process that has loaded everything."""

    def __init__(self):
        self.process = None

    def together(self, *jobs):
        """Run jobs at the same time; see served/forks.py for what a job and a result have."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "served" / "forks.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=os.environ | _OWN,
            )
        self.process.stdin.write(json.dumps(jobs, default=str) + "\n")
        self.process.stdin.flush()
        return [SimpleNamespace(**result) for result in json.loads(self.process.stdout.readline())]

    def run(self, *arguments, **job):
        """Run one command line."""
        return self.together({"argv": [str(a) for a in arguments], **job})[0]

    def call(self, module, function, *arguments, **job):
        """Run a function of a file in `served`."""
        return self.together({"call": [module, function, arguments], **job})[0]

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()


@pytest.fixture(scope="session")
def forks():
    if sys.platform != "linux":
        pytest.skip("children are forked, limited and watched as Linux does")
    served = Forks()
    yield served
    served.close()


@pytest.fixture(scope="session")
def samples(forks, tmp_path_factory):
    """Return a folder with a good file of every kind that is read."""
    folder = tmp_path_factory.mktemp("samples")
    made = forks.call("samples", "make", folder, limit=300)
    assert made.code == 0, made.stderr
    return folder


@pytest.fixture
def counted(record_property):
    """Add up what happened, for the table at the end."""
    counts = Counter()
    yield counts
    record_property("hostile", dict(counts))


def pytest_terminal_summary(terminalreporter):
    rows = [
        (report.nodeid.partition("::")[2], dict(report.user_properties)["hostile"])
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "teardown" and dict(report.user_properties).get("hostile")
    ]
    if rows:
        terminalreporter.section("hostile counts")
    for name, counts in sorted(rows):
        shown = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
        terminalreporter.write_line(f"{name}: {shown}")
