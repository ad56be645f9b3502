"""Every recipe with its source, size, cost and command."""

import json
from pathlib import Path
from typing import Any

from wordtensor.experiments import RECIPES, Recipe

# Written by benchmarks/recipe_costs.py; a recipe that is not there yet is shown without a cost.
_COSTS = Path(__file__).with_name("recipe_costs.json")


def recipes() -> str:
    """Return a section with a table for each paper."""
    costs = json.loads(_COSTS.read_text())
    papers: dict[str, list[Recipe]] = {}
    for recipe in RECIPES.values():
        papers.setdefault(recipe.source.partition(",")[0], []).append(recipe)
    return "\n\n".join(
        f"## {_title(paper)}\n\n{_table(made, costs)}" for paper, made in papers.items()
    )


def _title(paper: str) -> str:
    """Return a heading for the recipes of one source."""
    return "Experiments of our own" if paper == "wordtensor" else paper


def _table(made: list[Recipe], costs: dict[str, Any]) -> str:
    """Return the table of one paper."""
    rows = [
        "| recipe | repeats | full | quick | memory | device | what it shows |",
        "|---|---|---|---|---|---|---|",
    ]
    for recipe in made:
        cost = costs.get(recipe.name, {})
        devices = sorted({config.device for config in recipe.full})
        cells = (
            f"`{recipe.name}`",
            recipe.source.partition(", ")[2] or "no figure",
            _time(cost.get("full")),
            _time(cost.get("quick")),
            _memory(cost.get("full")),
            ", ".join(devices),
            recipe.title.replace("*", r"\*").replace("<", r"\<"),
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _time(cost: dict[str, float] | None) -> str:
    """Return a time in its own unit."""
    if cost is None:
        return "not measured"
    for unit, seconds in (("h", 3600.0), ("min", 60.0)):
        if cost["seconds"] >= 1.5 * seconds:
            return f"{_rounded(cost['seconds'] / seconds)}\N{NO-BREAK SPACE}{unit}"
    return f"{_rounded(cost['seconds'])}\N{NO-BREAK SPACE}s"


def _rounded(number: float) -> str:
    """Return a number with two digits, or as a whole one."""
    return f"{number:.2g}" if number < 10 else f"{number:.0f}"


def _memory(cost: dict[str, float] | None) -> str:
    """Return a memory in MiB or GiB."""
    if cost is None:
        return "not measured"
    mib = cost["mib"]
    return (
        f"{mib:.0f}\N{NO-BREAK SPACE}MiB"
        if mib < 1000
        else f"{mib / 1024:.1f}\N{NO-BREAK SPACE}GiB"
    )
