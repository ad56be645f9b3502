"""The reference names every public name, command, key and recipe, and its docstrings are whole."""

import ast
import importlib
import inspect
import sys
from collections import Counter
from pathlib import Path

import pytest
from numpydoc.validate import validate

import wordtensor
from wordtensor import errors

ROOT = Path(__file__).parents[2]
PACKAGE = Path(wordtensor.__file__).parent
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

from public_names import listed_names, short_names  # noqa: E402

LISTED = listed_names(ROOT / "docs" / "reference" / "api")


def found(name):
    """Return what a full name stands for."""
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def exported_names():
    """Return every name that a face exports, with what it stands for; modules left out."""
    names = {}
    for face in PACKAGE.rglob("__init__.py"):
        parts = face.parent.relative_to(PACKAGE.parent).parts
        if any(part.startswith("_") for part in parts):
            continue
        module = importlib.import_module(".".join(parts))
        exported = [
            alias.asname
            for node in ast.walk(ast.parse(face.read_text()))
            if isinstance(node, ast.ImportFrom) and node.level
            for alias in node.names
            if alias.asname == alias.name
        ]
        for name in getattr(module, "__all__", exported):
            value = getattr(module, name)
            if not name.startswith("_") and not inspect.ismodule(value):
                names[f"{module.__name__}.{name}"] = value
    for name, value in vars(errors).items():
        if inspect.isclass(value):
            names[f"wordtensor.errors.{name}"] = value
    return names


EXPORTED = exported_names()


def test_no_name_is_listed_twice():
    assert [name for name, count in Counter(LISTED).items() if count > 1] == []


def test_only_what_a_face_exports_is_listed():
    assert sorted(set(LISTED) - EXPORTED.keys()) == []


def test_everything_that_a_face_exports_is_listed_once():
    """Under one of its names: `decompose` is that of the package and of its room `rank`."""
    names = {}
    for name, value in EXPORTED.items():
        names.setdefault(id(value), []).append(name)
    often = {tuple(same): sum(name in LISTED for name in same) for same in names.values()}
    assert {same: count for same, count in often.items() if count != 1} == {}


def test_what_the_package_exports_is_listed_by_its_short_name():
    shown = {id(value): name for name, value in EXPORTED.items() if name.count(".") == 1}
    long = [name for name in LISTED if shown.get(id(found(name)), name) != name]
    assert long == []


def test_short_names_are_those_of_one_thing():
    names = ["wordtensor.load", "wordtensor.nets.load", "wordtensor.a.X", "wordtensor.b.X"]
    short = short_names(names)
    assert short["load"] == "wordtensor.load" and short["nets.load"] == "wordtensor.nets.load"
    assert "X" not in short and short["a.X"] == "wordtensor.a.X"


# Left out are extended summaries, "See Also", summaries that begin with a formula (SS02), and
# descriptions of what a type explains (PR07, RT03).
CHECKS = {
    "GL01", "GL02", "GL03", "GL05", "GL06", "GL07", "GL08", "GL10",
    "SS01", "SS03", "SS04", "SS06",
    "PR01", "PR02", "PR03", "PR04", "PR05", "PR06", "PR08", "PR09", "PR10",
    "RT01", "RT04", "RT05", "YD01", "EX01",
}  # fmt: skip


@pytest.mark.parametrize("name", LISTED)
def test_docstrings_are_those_of_numpydoc(name):
    value = found(name)
    if not (inspect.isclass(value) or inspect.isfunction(inspect.unwrap(value))):
        pytest.skip("a constant, with a paragraph of its own on the page")
    # The fields of a dataclass are told as attributes, and errors have no examples.
    told = {"PR01"} if inspect.isclass(value) else set()
    told |= {"EX01"} if value in vars(errors).values() else set()
    wrong = [text for code, text in validate(name)["errors"] if code in CHECKS - told]
    assert wrong == []
