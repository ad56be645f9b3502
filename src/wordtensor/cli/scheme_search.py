"""``wordtensor schemes search``: look for a scheme of smaller rank, and keep it."""

import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..errors import FileFormatError
from ._options import Json, Seed, Verbose
from ._output import EXIT_FAILED, EXIT_INTERRUPTED, check_target, echo_json
from .scheme_methods import MethodName, Outcome, Request, check_request, run_search

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schemes import Scheme

__all__ = ["DivisionName", "SizeM", "SizeN", "SizeP", "search"]

_WALKS = "For --method flips and symmetric"
_FLIPS = "For --method flips"
_SYMMETRIC = "For --method symmetric"
_NUMERICAL = "For --method numerical"

DivisionName = Annotated[
    Literal["R", "C", "H"], typer.Option("--division", help="Where the matrices' entries live.")
]
SizeN = Annotated[int, typer.Argument(metavar="N", min=1, max=64, show_default=False)]
SizeM = Annotated[int, typer.Argument(metavar="M", min=1, max=64, show_default=False)]
SizeP = Annotated[int, typer.Argument(metavar="P", min=1, max=64, show_default=False)]
Target = Annotated[
    int | None, typer.Option(min=1, show_default=False, help="Stop here; default: search on.")
]
Method = Annotated[
    MethodName,
    typer.Option("--method", metavar="NAME", help="flips, symmetric or numerical."),
]
Ring = Annotated[
    Literal["F2", "F3", "Z"],
    typer.Option(
        help="F2, F3: walk modulo 2 or 3, then lift; Z: coefficients -1, 0, 1.",
        rich_help_panel=_FLIPS,
    ),
]
Seconds = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        metavar="SECONDS",
        show_default=False,
        help="Stop after this time; default: 60, or no limit with --flips.",
        rich_help_panel=_WALKS,
    ),
]
Flips = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default=False,
        help="Stop after so many: the same every time.",
        rich_help_panel=_WALKS,
    ),
]
Start = Annotated[
    Literal["auto", "best", "extend", "project", "standard"],
    typer.Option(
        help="Start from known schemes, of these or other sizes, or the standard one.",
        rich_help_panel=_FLIPS,
    ),
]
Walkers = Annotated[
    int | None,
    typer.Option(min=1, show_default=False, help="Walks side by side.", rich_help_panel=_FLIPS),
]
Steps = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default=False,
        help="Flips of one walk.",
        rich_help_panel=_FLIPS,
    ),
]
PlusAfter = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default=False,
        help="Flips in vain before a plus transition.",
        rich_help_panel=_WALKS,
    ),
]
Margin = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default=False,
        help="Terms above the best that a plus may add.",
        rich_help_panel=_WALKS,
    ),
]
SignsOnly = Annotated[
    bool,
    typer.Option("--signs-only", help="Accept only coefficients -1, 0, 1.", rich_help_panel=_WALKS),
]
Device = Annotated[
    Literal["cpu", "cuda"],
    typer.Option(help="Where to walk; a GPU takes thousands of --walkers.", rich_help_panel=_FLIPS),
]
Fixed = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="CUBES",
        show_default=False,
        help="Terms a*a*a at the start; default: N/2.",
        rich_help_panel=_SYMMETRIC,
    ),
]
Reflected = Annotated[
    bool,
    typer.Option(
        "--reflected",
        help="Symmetry under reversal of all indices as well.",
        rich_help_panel=_SYMMETRIC,
    ),
]
Patience = Annotated[
    int | None,
    typer.Option(
        min=1, show_default=False, help="Flips in vain that end a walk.", rich_help_panel=_SYMMETRIC
    ),
]
Starts = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default=False,
        help="Most random starts; default: 20.",
        rich_help_panel=_NUMERICAL,
    ),
]
Checkpoint = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        help="Written now and then; resumed from.",
        rich_help_panel=_WALKS,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Save the scheme."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing output.")]
Store = Annotated[
    bool, typer.Option("--store/--no-store", help="Keep what improves, for decompose to use.")
]
Progress = Annotated[
    bool | None,
    typer.Option("--progress/--no-progress", show_default=False, help="Default: if on a terminal."),
]


def search(
    context: typer.Context,
    n: SizeN,
    m: SizeM,
    p: SizeP,
    rank: Target = None,
    method: Method = "flips",
    ring: Ring = "F2",
    division: DivisionName = "R",
    seed: Seed = 0,
    seconds: Seconds = None,
    flips: Flips = None,
    start: Start = "auto",
    walkers: Walkers = None,
    steps: Steps = None,
    plus_after: PlusAfter = None,
    margin: Margin = None,
    signs_only: SignsOnly = False,
    device: Device = "cpu",
    fixed: Fixed = None,
    reflected: Reflected = False,
    patience: Patience = None,
    starts: Starts = None,
    checkpoint: Checkpoint = None,
    output: Output = None,
    force: Force = False,
    store: Store = True,
    as_json: Json = False,
    progress: Progress = None,
    verbose: Verbose = 0,
) -> None:
    """Look for an exact scheme of <N,M,P> of smaller rank.

    --method flips walks in the flip graph: any sizes.

    --method symmetric walks among schemes of <N,N,N> with cyclic symmetry.

    --method numerical solves for --rank terms from random starts, and rounds.

    Ctrl-C ends the search and keeps the best so far; the exit code is 130.

    It is 1 if nothing exact was found, or not the rank that was asked for.
    """
    request = Request(
        (n, m, p), rank, method, division, ring, seed, seconds, flips, start, walkers, steps,
        plus_after, margin, signs_only, device, fixed, reflected, patience, starts, checkpoint,
        sys.stderr.isatty() if progress is None else progress,
    )  # fmt: skip
    check_request(request, _given(context))
    _check_places(output, force, checkpoint, store)
    from ..schemes import best_rank, user_registry

    registry = user_registry()
    before = best_rank(n, m, p, division, registry=registry)
    outcome = run_search(request, registry, _keeper(before) if store else None)
    values = _values(outcome, before, output, store)
    if as_json:
        echo_json({"sizes": [n, m, p], "division": division, "method": method, **values})
    else:
        typer.echo(_report(outcome, values))
    if outcome.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)
    if outcome.scheme is None or (rank is not None and outcome.scheme.rank > rank):
        raise typer.Exit(EXIT_FAILED)


def _given(context: typer.Context) -> list[str]:
    """Name the options that are on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]


def _check_places(output: Path | None, force: bool, checkpoint: Path | None, store: bool) -> None:
    """Refuse places that cannot be written to, before any work is paid for."""
    from ..schemes.library import user_folder

    if output is not None:
        check_target(output, force)
    if checkpoint is not None:
        check_target(checkpoint, force=True)
    folder = user_folder()
    if store and folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise FileFormatError(
                f"cannot keep schemes in {str(folder)!r}: {error.strerror}; pass --no-store"
            ) from error


def _keeper(before: int) -> "Callable[[Scheme], None]":
    """Return what keeps an improvement at once: a killed search loses nothing that it found."""
    from ..schemes import remember
    from ..schemes.library import user_folder

    def keep(found: "Scheme") -> None:
        if found.rank < before and user_folder() is not None:
            try:
                remember(found)
            except FileFormatError as error:
                # The search goes on; it is tried again at its end.
                typer.echo(f"not kept yet: {error}", err=True)

    return keep


def _keep(found: "Scheme | None", output: Path | None, wanted: bool) -> list[Path]:
    """Write what was found to the file that was asked for, and among the user's schemes."""
    from ..schemes import remember, write_scheme_file
    from ..schemes.library import user_folder

    kept: list[Path] = []
    if found is None:
        return kept
    if output is not None:
        # As `export` does: by the name, FMM JSON or our own format.
        kind = "fmm" if output.suffix.lower() == ".json" else "wordtensor"
        write_scheme_file(output, [found], kind)
        kept.append(output)
    if wanted and user_folder() is None:
        typer.echo("WORDTENSOR_SCHEMES is empty: the scheme is not kept for decompose", err=True)
    elif wanted:
        kept.append(remember(found))
    return kept


def _values(outcome: Outcome, before: int, output: Path | None, store: bool) -> dict[str, Any]:
    """Keep what was found, if it is better than before, and gather what there is to say."""
    found = outcome.scheme
    improved = found is not None and found.rank < before
    kept = _keep(found, output, store and improved)
    return {
        "rank": None if found is None else found.rank,
        "ring": None if found is None else found.ring,
        "known_before": before,
        "improved": improved,
        "kept": [str(path) for path in kept],
        "provenance": None if found is None else found.provenance,
        "seconds": outcome.seconds,
        "interrupted": outcome.interrupted,
        **outcome.values,
    }


def _report(outcome: Outcome, values: dict[str, Any]) -> str:
    """Say in a few lines what was found, what was known, and where it is kept."""
    if outcome.scheme is None:
        head = f"no exact scheme found ({outcome.reached}): {outcome.effort}"
    else:
        gain = "an improvement" if values["improved"] else "no improvement"
        known = values["known_before"]
        head = f"{outcome.scheme!r}: {gain} on the {known} known; {outcome.effort}"
    lines = [head, *(f"kept as {path}" for path in values["kept"])]
    if outcome.interrupted:
        lines.append("interrupted")
    return "\n".join(lines)
