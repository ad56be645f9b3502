"""Which names are public, as the pages of the reference list them; short names link to them."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from docutils import nodes
from numpydoc.xref import DEFAULT_LINKS
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

# In types this is torch's.
_OF_OTHERS = {"Tensor"}
# A line of an autosummary table, or a constant with a paragraph of its own.
_LISTED = re.compile(r"^(?:   |```\{py:data\} )(wordtensor\.[\w.]+)$", re.MULTILINE)


def listed_names(pages: Path) -> list[str]:
    """Return every name on the pages of a folder, as often as it is there."""
    return [
        name for page in sorted(pages.glob("*.md")) for name in _LISTED.findall(page.read_text())
    ]


def short_names(names: list[str]) -> dict[str, str]:
    """Return the full names of all endings, such as "nets.load", that only one name has."""
    found = defaultdict(set)
    for name in names:
        parts = name.split(".")
        for start in range(1, len(parts)):
            found[".".join(parts[start:])].add(name)
    # What the package itself exports needs no module: `load` is wordtensor.load.
    return {
        short: f"wordtensor.{short}" if f"wordtensor.{short}" in full else min(full)
        for short, full in found.items()
        if (len(full) == 1 or f"wordtensor.{short}" in full) and short not in _OF_OTHERS
    }


def _name_types(app: Sphinx, config: Config) -> None:
    """Let numpydoc link the classes that docstrings name as types."""
    names = short_names(listed_names(Path(app.confdir) / "reference" / "api"))
    # Python's own types are no pages of this site; "word" in a type is a word of English.
    classes = {short: full for short, full in names.items() if short[0].isupper()}
    config.numpydoc_xref_aliases = {name: name for name in DEFAULT_LINKS} | classes
    app.config.short_names = names


def _link(app: Sphinx, env: BuildEnvironment, node: Any, text: nodes.Element) -> Any:
    """Resolve a short name, or a name below it such as `Group.order`."""
    if node.get("refdomain") != "py":
        return None
    aliases = app.config.short_names
    target = node["reftarget"]
    head, _, member = target.rpartition(".")
    full = aliases.get(target) or (f"{aliases[head]}.{member}" if head in aliases else None)
    if full is None:
        return None
    python: Any = env.get_domain("py")
    return python.resolve_xref(env, node["refdoc"], app.builder, "obj", full, node, text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register both kinds of links."""
    app.add_config_value("short_names", {}, "env")
    app.connect("config-inited", _name_types, priority=100)
    app.connect("missing-reference", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
