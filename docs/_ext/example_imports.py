"""Examples of the reference with the imports that they need, so that a reader can copy them.

As tests they run in the module that they are about, where its names are known already.
"""

import ast
import builtins
import doctest
from typing import Any

from sphinx.application import Sphinx

_OF_OTHERS = {
    "json": "import json",
    "np": "import numpy as np",
    "torch": "import torch",
    "Path": "from pathlib import Path",
}


def _unknown(doc: str) -> list[str]:
    """Return the names that the examples of a docstring use before they make them."""
    known, unknown = set(dir(builtins)), []
    for example in doctest.DocTestParser().get_examples(doc):
        nodes = list(ast.walk(ast.parse(example.source)))
        for node in nodes:
            if isinstance(node, ast.alias):
                known.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                known.add(node.name)
            elif isinstance(node, ast.arg):
                known.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                known.add(node.id)
        for node in nodes:
            if isinstance(node, ast.Name) and node.id not in {*known, *unknown}:
                unknown.append(node.id)
    return unknown


def names_for(name: str, names: dict[str, str]) -> dict[str, str]:
    """Return short names with what they mean in the docstring of this class or function."""
    parts = name.split(".")
    own = next((part for part in range(1, len(parts)) if parts[part][0].isupper()), len(parts) - 1)
    return names | {parts[own]: ".".join(parts[: own + 1])}


def with_imports(lines: list[str], names: dict[str, str]) -> list[str]:
    """Return a docstring whose first example is preceded by the imports that are missing."""
    first = next((k for k, line in enumerate(lines) if line.lstrip().startswith(">>> ")), None)
    if first is None:
        return lines
    indent = lines[first][: -len(lines[first].lstrip())]
    imports = []
    for name in _unknown("\n".join(lines)):
        if name in _OF_OTHERS:
            imports.append(_OF_OTHERS[name])
        elif name in names:
            module = names[name].removesuffix(f".{name}")
            imports.append(f"from {module} import {name}")
    shown = [f"{indent}>>> {text}" for text in sorted(set(imports), key=imports.index)]
    return [*lines[:first], *shown, *lines[first:]]


def _complete(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Complete a docstring before numpydoc reads it."""
    lines[:] = with_imports(lines, names_for(name, app.config.short_names))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the completion before numpydoc's own."""
    app.connect("autodoc-process-docstring", _complete, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
