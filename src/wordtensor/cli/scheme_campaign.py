"""``wordtensor schemes campaign``: look for shorter schemes of all formats up to a size."""

import sys
from collections.abc import Mapping
from itertools import combinations_with_replacement
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from .._interrupts import was_interrupted
from .._text import product_name
from .._typing import Sizes
from ..errors import FileFormatError, SchemeError
from ._known_ranks import KnownFile, known_rank, lower_bound, read_known
from ._options import Json, Progress, Scheduler, Seed, Verbose, Workers
from ._output import EXIT_INTERRUPTED, cell, echo_json, say

if TYPE_CHECKING:
    from ..schemes import CampaignRow, CampaignState, Scheme

_HOUR: Final = 3600.0

Largest = Annotated[int, typer.Option("--max", min=1, max=8, help="All sizes n <= m <= p to this.")]
Hours = Annotated[
    float | None,
    typer.Option(
        "--hours",
        min=0.0,
        show_default=False,
        help="Begin no task after this time; default: 1, or no limit with --tasks.",
    ),
]
Tasks = Annotated[
    int | None,
    typer.Option(
        "--tasks", min=1, show_default=False, help="So many; with one worker the same every time."
    ),
]
Place = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FOLDER", help="Where all is kept as it comes, and gone on with."
    ),
]
Store = Annotated[
    bool, typer.Option("--store/--no-store", help="Keep what improves, for decompose to use.")
]


def campaign(
    largest: Largest = 5,
    hours: Hours = None,
    tasks: Tasks = None,
    seed: Seed = 0,
    known: KnownFile = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    folder: Place = Path("campaign"),
    store: Store = True,
    progress: Progress = None,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Look for shorter schemes of all sizes up to --max, each from those of the others.

    Time goes where the gap is largest for the effort: to the ranks of the table that --known names,
    else to the proved lower bounds.

    Ctrl-C ends it, and the same command goes on; the exit code is 130.
    """
    from .._workers import worker_pool
    from ..schemes import scheme_campaign, user_registry

    table = read_known(known, "R", "Q")
    goals = _goals(largest, table)
    shown = sys.stderr.isatty() if progress is None else progress
    try:
        with worker_pool(workers, scheduler) as executor:
            end = scheme_campaign(
                largest,
                folder,
                goals=goals,
                seconds=None if hours is None else hours * _HOUR,
                tasks=tasks,
                registry=user_registry(),
                seed=seed,
                executor=executor,
                progress=shown,
                on_scheme=_keep if store else None,
            )
    except (KeyboardInterrupt, SystemError) as error:
        if not was_interrupted(error):
            raise
        say(_ended_early(folder), err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        echo_json(_values(end, folder))
    else:
        _show(end, known is not None, folder)
    if end.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)


def _ended_early(folder: Path) -> str:
    """Say what Ctrl-C before the end of the first task has left."""
    from ..schemes.campaigns._folder import Folder

    if Folder(folder).header.exists():
        return (
            f"Interrupted before the first task ended: the campaign is kept in {folder}, and the "
            "same command goes on with it."
        )
    return (
        "Interrupted before the campaign began: nothing of it is kept yet, and the same command "
        "begins it."
    )


def _goals(largest: int, table: Mapping[Sizes, int]) -> dict[Sizes, int]:
    """Return the ranks of the table, or else the lower bounds."""
    goals = {}
    for sizes in combinations_with_replacement(range(1, largest + 1), 3):
        rank = known_rank(table, sizes)
        goals[sizes] = lower_bound(sizes, "R").value if rank is None else rank
    return goals


def _keep(found: "Scheme") -> None:
    """Keep a scheme among the user's; the campaign's folder has it in any case."""
    from ..schemes import remember

    try:
        remember(found)
    except (FileFormatError, SchemeError) as error:
        say(f"not kept for decompose: {error}", err=True)


def _values(end: "CampaignState", folder: Path) -> dict[str, Any]:
    """Return what there is to say, for JSON."""
    return {
        "folder": str(folder),
        "formats": [
            {
                "sizes": list(row.sizes),
                "before": row.before,
                "rank": row.rank,
                "goal": row.goal,
                "rank_modulo_2": row.least,
                "flips": row.flips,
                "improved": row.improved,
            }
            for row in end.rows
        ],
        "tasks": end.tasks,
        "flips": end.flips,
        "seconds": end.seconds,
        "walking": end.walking,
        "working": end.working,
        "interrupted": end.interrupted,
    }


def _show(end: "CampaignState", has_table: bool, folder: Path) -> None:
    """Print the formats that were improved, and say what was reached and what to do next."""
    if end.interrupted and not end.tasks:
        say(_ended_early(folder))
        return
    better = [row for row in end.rows if row.improved]
    goal = "best known" if has_table else "at least"
    if better:
        from rich.console import Console
        from rich.table import Table

        table = Table()
        table.add_column("size")
        for column in ("before", "now", goal, "modulo 2"):
            table.add_column(column, justify="right")
        for row in better:
            name = product_name(row.sizes, "R")
            table.add_row(*map(cell, (name, row.before, row.rank, row.goal, row.least)))
        Console(highlight=False).print(table)
    say(_conclusion(end, better, has_table, folder))


def _conclusion(
    end: "CampaignState", better: list["CampaignRow"], has_table: bool, folder: Path
) -> str:
    """Say what was reached, and what to do next."""
    share = 100 * end.walking / max(end.working, 1e-9)
    goal = "the best known rank of the table" if has_table else "the proved lower bound"
    reached = sum(row.rank <= row.goal for row in end.rows)
    lines = [
        f"{len(better)} of {len(end.rows)} formats are shorter than when the campaign began, and "
        f"{reached} are at {goal}. This session did {end.tasks} task{'s' * (end.tasks != 1)} with "
        f"{end.flips:.3g} flips in {end.seconds:.1f} s; walks took {share:.0f}% of the workers' "
        "time."
    ]
    modulo_2 = [row for row in end.rows if row.least < row.rank]
    if modulo_2:
        names = ", ".join(f"{product_name(row.sizes, 'R')}:{row.least}" for row in modulo_2[:8])
        more = f" and {len(modulo_2) - 8} more" if len(modulo_2) > 8 else ""
        lines.append(
            f"Modulo 2 shorter ones are known of {names}{more}: they did not lift so far and are "
            "ingredients only."
        )
    if reached == len(end.rows):
        lines.append("There is nothing left to look for.")
    else:
        left = [row for row in end.rows if row.rank > row.goal]
        gaps = sorted(left, key=lambda row: (row.goal - row.rank) / row.goal)[:3]
        widest = ", ".join(
            f"{product_name(row.sizes, 'R')} ({row.rank} to {row.goal})" for row in gaps
        )
        are = "gap is" if len(gaps) == 1 else "gaps are"
        ended = "This session was interrupted. " if end.interrupted else ""
        lines.append(
            f"The widest {are} {widest}. {ended}The same command goes on from {folder}; wordtensor "
            "schemes list shows how each scheme is built."
        )
    return "\n".join(lines)
