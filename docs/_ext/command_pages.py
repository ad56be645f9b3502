"""The commands with their arguments and options, as typer writes them down."""

import re
from collections.abc import Iterator
from typing import Any

import typer
from typer.cli import get_docs_for_click

from wordtensor.cli.app import app

# What stands between backticks is code, where a star is a star.
_CODE = re.compile(r"(`[^`]*`)")


def leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command that runs something, by its full name."""
    for name, child in getattr(command, "commands", {}).items():
        yield from leaves(child, f"{path} {name}")
    if not hasattr(command, "commands"):
        yield path, command


def root() -> Any:
    """Return the application as a tree of commands."""
    return typer.main.get_command(app)


def commands() -> str:
    """Return a table of all commands, and a section for each."""
    found = list(leaves(root(), "wordtensor"))
    rows = [
        f"| [`{name}`](#{name.replace(' ', '-')}) | {_plain(_first(command.help))} |"
        for name, command in found
    ]
    table = "\n".join(["| command | what it does |", "|---|---|", *rows])
    return "\n\n".join([table, *(_section(name, command) for name, command in found)])


def _section(name: str, command: Any) -> str:
    """Return the section of one command."""
    parent, _, last = name.rpartition(" ")
    context = typer.Context(root(), info_name=parent)
    text = get_docs_for_click(obj=command, ctx=context, name=last, indent=2, call_prefix=parent)
    lines = [_plain(line) for line in text.splitlines()]
    return "\n".join(_merged(lines)).strip()


def _merged(lines: list[str]) -> Iterator[str]:
    """Yield lines without the option that every command has; only brackets mean a choice."""
    for line in lines:
        if line.startswith("$ "):
            line = re.sub(r"\{(\w+)\}", r"\1", line)
        if not line.startswith("* `--help`"):
            yield re.sub(r"  \[(default: [^\]]*|required)\]$", r" (\1)", line)


def _first(text: str) -> str:
    """Return the first sentence of a help text."""
    return " ".join(text.split("\n\n")[0].split())


def _plain(line: str) -> str:
    """Return a line of help whose stars and angles are no Markdown."""
    if line.startswith(("**", "#", "$", "```")):
        return line
    bullet = "* " if line.startswith("* ") else ""
    parts = _CODE.split(line.removeprefix(bullet))
    shown = [p if p.startswith("`") else re.sub(r"([*<>|_])", r"\\\1", p) for p in parts]
    return bullet + "".join(shown)
