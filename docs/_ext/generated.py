"""Pages whose tables are made from the code: ``<!-- generated: commands -->`` is replaced."""

import re
from collections.abc import Callable
from typing import Final

from command_pages import commands
from configuration_pages import configuration, other_names
from error_pages import error_classes
from recipe_pages import recipes
from sphinx.application import Sphinx

PARTS: Final[dict[str, Callable[[], str]]] = {
    "commands": commands,
    "configuration": configuration,
    "other names": other_names,
    "recipes": recipes,
    "error classes": error_classes,
}
_MARK: Final = re.compile(r"^<!-- generated: ([\w ]+) -->$", re.MULTILINE)


def filled(text: str) -> str:
    """Return a page with what the code says in the place of its marks."""
    return _MARK.sub(lambda mark: PARTS[mark[1]](), text)


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    """Fill in a page as it is read."""
    source[0] = filled(source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the replacement."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
