"""What the site's extensions make from the code: every command, key, recipe and error is there."""

import dataclasses
import inspect
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from wordtensor import errors
from wordtensor.experiments import RECIPES, Cost
from wordtensor.nets import TrainConfig

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import command_pages  # noqa: E402
import configuration_pages  # noqa: E402
import error_pages  # noqa: E402
import recipe_pages  # noqa: E402
from generated import PARTS, filled  # noqa: E402

COMMANDS = dict(command_pages.leaves(command_pages.root(), "wordtensor"))
SECTIONS = command_pages.commands().split("\n### ")
KEYS = [field.name for field in dataclasses.fields(TrainConfig)]


def test_commands_of_commands_are_found():
    assert {"wordtensor plan", "wordtensor schemes search", "wordtensor atlas show"} <= set(
        COMMANDS
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_section_with_all_of_its_options(name):
    (section,) = [text for text in SECTIONS if text.startswith(f"`{name}`\n")]
    flags = [flag for option in COMMANDS[name].params for flag in option.opts if "-" in flag]
    assert [
        flag for flag in flags if f"`{flag}" not in section and f", {flag}" not in section
    ] == []
    assert f"](#{name.replace(' ', '-')})" in SECTIONS[0]


def test_stars_of_a_help_text_are_no_markdown():
    assert r'"a\*b\*a^-1"' in SECTIONS[1]
    assert "`--seed <int range>`" in SECTIONS[1]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_has_a_row_with_its_default_and_its_meaning(key):
    rows = configuration_pages.configuration().splitlines()
    (row,) = [row for row in rows if row.startswith(f"| `{key}` |")]
    cells = row.replace(r"\|", "").strip("| ").split(" | ")
    assert len(cells) == 5 and len(cells[4]) > 10


def test_defaults_and_choices_are_those_of_the_code():
    page = configuration_pages.configuration()
    assert "| `optimizer` | str | `adam` | `gd`, `sgd`, `adam`, `adamw`, `muon` |" in page
    assert "| `width` | int | `64` | at least 1 |" in page
    assert "`lr`, `rate`" in configuration_pages.other_names()


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_one_row(name):
    assert recipe_pages.recipes().count(f"| `{name}` |") == 1


def test_a_recipe_without_a_measured_cost_is_shown():
    recipe = replace(RECIPES["morwani-s3"], name="a new one")
    assert "not measured" in recipe_pages._table([recipe])


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.4, "2.4 s"), (89.0, "89 s"), (240.0, "4 min"), (480000.0, "133 h")]
)
def test_a_time_is_told_in_its_own_unit(seconds, text):
    assert recipe_pages._time(Cost(seconds)).replace("\xa0", " ") == text
    assert Cost(seconds, on="an H200").time() == f"{text} (an H200)"


def test_every_class_of_errors_is_shown():
    classes = [name for name, value in vars(errors).items() if inspect.isclass(value)]
    page = error_pages.error_classes()
    assert [name for name in classes if f"`{name} <" not in page] == []


@pytest.mark.parametrize("part", PARTS)
def test_a_page_of_the_reference_has_the_mark(part):
    mark = f"<!-- generated: {part} -->\n"
    pages = (ROOT / "docs" / "reference").glob("*.md")
    assert sum(mark in page.read_text() for page in pages) == 1
    assert mark not in filled(f"above\n{mark}below\n")
