"""The layout of the source: what CONTRIBUTING.md promises a reader, held by machine."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "wordtensor"
HOUSE = ROOT.parent / "shared" / "tools" / "house.py"
# A command is not imported by users: its file has its name, and its docstring is the help.
CLI = PACKAGE / "cli"

FILES = {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def resolved(path, node):
    """Return the file or folder that a relative import names."""
    base = path.parent
    for _ in range(node.level - 1):
        base = base.parent
    return base.joinpath(*(node.module or "").split("."))


def exported():
    """Return (file, name) of everything that some package's face exports."""
    found = set()
    for path, tree in FILES.items():
        if path.name != "__init__.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                target = resolved(path, node).with_suffix(".py")
                listed = "__all__" in path.read_text()
                found |= {(target, a.name) for a in node.names if listed or a.asname == a.name}
    return found


EXPORTED = exported()


def definitions(tree):
    """Yield functions and classes of a file, and methods of classes, with their top-level name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.FunctionDef):
                    yield node.name, inner


@pytest.mark.skipif(not HOUSE.exists(), reason="../shared is not beside this checkout")
def test_a_careful_reader_stops_nowhere():
    done = subprocess.run(
        [sys.executable, str(HOUSE), str(ROOT)], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


def test_modules_that_are_not_for_users_begin_with_an_underscore():
    for_users = {path for path, _ in EXPORTED}
    inside = [
        str(path.relative_to(PACKAGE))
        for path in FILES
        if CLI not in path.parents
        and not path.name.startswith("_")
        and path.parent != PACKAGE
        and path not in for_users
    ]
    assert inside == []


def test_names_that_are_not_for_users_have_one_line():
    long = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}"
        for path, tree in FILES.items()
        if CLI not in path.parents and path != PACKAGE / "errors.py"
        for top, node in definitions(tree)
        if (path, top) not in EXPORTED and "\n" in (ast.get_docstring(node) or "").strip()
    ]
    assert long == []


def test_public_names_have_an_example():
    bare = [
        f"{path.relative_to(PACKAGE)}: {node.name}"
        for path, tree in FILES.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and (path, node.name) in EXPORTED
        and ">>>" not in (ast.get_docstring(node) or "")
        and path != PACKAGE / "errors.py"
    ]
    assert bare == []
