import json
import subprocess
import sys
from importlib.metadata import version

import pytest

import wordtensor as wt

HEAVY = ("torch", "numba", "tensorly", "matplotlib", "scipy", "igraph", "rich", "typer")

FIXED_NAMES = (
    "group",
    "Group",
    "word",
    "word_tensor",
    "real_irreps",
    "support",
    "fusion_cover",
    "box_rank",
    "plan",
    "decompose",
    "load",
    "verify",
)


def modules_after(code):
    """Run code in a fresh interpreter; return the heavy modules that it imported."""
    code += f"\nimport json, sys\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("statement", ["import wordtensor", "from wordtensor import *"])
def test_import_is_light(statement):
    assert modules_after(statement) == []


def test_the_command_line_imports_no_kernels_until_a_command_runs():
    assert set(modules_after("import wordtensor.cli")) <= {"rich", "typer"}


def test_heavy_modules_are_noticed():
    assert "numba" in modules_after("import numba")


def test_version_is_the_distributions():
    assert wt.__version__ == version("wordtensor")


@pytest.mark.parametrize("name", FIXED_NAMES)
def test_fixed_names_exist(name):
    assert callable(getattr(wt, name))


def test_dir_shows_what_users_import():
    shown = [name for name in dir(wt) if name != "__version__"]
    assert not [name for name in shown if name.startswith("_")]
    assert {type(getattr(wt, name)).__name__ for name in shown} <= {"module", "type", "function"}
    assert all(getattr(wt, name).__doc__ for name in shown)
    assert {"Any", "TYPE_CHECKING", "room_of"}.isdisjoint(shown)
