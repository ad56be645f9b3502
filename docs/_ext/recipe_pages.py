"""Every recipe with its source, size, cost and command."""

from wordtensor.experiments import RECIPES, Cost, Recipe


def recipes() -> str:
    """Return a section with a table for each paper."""
    papers: dict[str, list[Recipe]] = {}
    for recipe in RECIPES.values():
        papers.setdefault(recipe.source.partition(",")[0], []).append(recipe)
    return "\n\n".join(f"## {_title(paper)}\n\n{_table(made)}" for paper, made in papers.items())


def _title(paper: str) -> str:
    """Return a heading for the recipes of one source."""
    return "Experiments of our own" if paper == "wordtensor" else paper


def _table(made: list[Recipe]) -> str:
    """Return the table of one paper."""
    rows = [
        "| recipe | repeats | full | quick | memory | device | what it shows |",
        "|---|---|---|---|---|---|---|",
    ]
    for recipe in made:
        cells = (
            f"`{recipe.name}`",
            recipe.source.partition(", ")[2] or "no figure",
            _time(recipe.cost()),
            _time(recipe.cost(quick=True)),
            _memory(recipe.cost()),
            recipe.device,
            recipe.title.replace("*", r"\*").replace("<", r"\<"),
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _time(cost: Cost | None) -> str:
    """Return a time, or that there is none."""
    return "not measured" if cost is None else cost.time().replace(" ", "\N{NO-BREAK SPACE}")


def _memory(cost: Cost | None) -> str:
    """Return a memory in MiB or GiB."""
    if cost is None or cost.mib is None:
        return "not measured"
    mib = cost.mib
    return (
        f"{mib:.0f}\N{NO-BREAK SPACE}MiB"
        if mib < 1000
        else f"{mib / 1024:.1f}\N{NO-BREAK SPACE}GiB"
    )
