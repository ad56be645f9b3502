"""What is not installed is named, with the extra that has it."""

import subprocess
import sys

import pytest

import wordtensor as wt
from wordtensor._extras import missing
from wordtensor.errors import MissingExtraError

CASES = {
    "tensorly": ("wt.decompose('a*b', 'C3').to_tensorly()", "wordtensor[tensorly]"),
    "torch": ("wt.nets.HadamardNet", "wordtensor[nets]"),
    "safetensors": ("wt.nets.HadamardNet", "wordtensor[nets]"),
    "matplotlib": ("wt.plots.block_ranks", "wordtensor[plots]"),
    "torch, imported": ("import wordtensor.nets", "The package wordtensor.nets needs torch"),
    "torch, a name": ("from wordtensor.nets import train", "wordtensor[nets]"),
    "torch, an experiment": ("import wordtensor.experiments", "wordtensor[nets]"),
    "matplotlib, imported": ("import wordtensor.report", "wordtensor[plots]"),
}


@pytest.mark.parametrize("package", CASES)
def test_a_missing_package_names_its_extra(package):
    use, extra = CASES[package]
    code = f"""
import sys
sys.modules[{package.partition(",")[0]!r}] = None
import wordtensor as wt
try:
    {use}
except wt.WordTensorError as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("MissingExtraError ") and extra in done.stdout, done.stderr


def test_other_failures_to_import_stay_what_they_are():
    error = ModuleNotFoundError("No module named 'wordtensor.nets.lost'", name="wordtensor.nets")
    assert missing(error, "wordtensor.nets") is error


def test_it_is_an_import_error_as_well():
    assert issubclass(MissingExtraError, ImportError) and issubclass(MissingExtraError, ValueError)


@pytest.mark.parametrize("name", ["nothing", "utils"])
def test_there_is_no_such_name(name):
    with pytest.raises(AttributeError, match=name):
        getattr(wt, name)
