"""Examples of the reference can be copied: the site adds the imports that they need."""

import doctest
import importlib
import inspect
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

from example_imports import _unknown, names_for, with_imports  # noqa: E402
from public_names import listed_names, short_names  # noqa: E402

LISTED = listed_names(DOCS / "reference" / "api")
NAMES = short_names(LISTED)


def named(name):
    module, _, member = name.rpartition(".")
    return getattr(importlib.import_module(module), member)


def completed(name):
    lines = (inspect.getdoc(named(name)) or "").splitlines()
    return "\n".join(with_imports(lines, names_for(name, NAMES)))


def test_every_example_knows_the_names_it_uses():
    left = {}
    for name in LISTED:
        if inspect.isroutine(obj := named(name)) or inspect.isclass(obj):
            if unknown := _unknown(completed(name)):
                left[name] = unknown
    assert left == {}


@pytest.mark.parametrize(
    "name", ["wordtensor.decompose", "wordtensor.compare.compare", "wordtensor.groups.identify"]
)
def test_a_completed_example_runs_by_itself(name):
    test = doctest.DocTestParser().get_doctest(completed(name), {}, name, None, None)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert test.examples
    assert doctest.DocTestRunner(optionflags=flags).run(test).failed == 0


def test_a_docstring_without_examples_stays_as_it_is():
    assert with_imports(["One line.", "", "Notes"], NAMES) == ["One line.", "", "Notes"]
