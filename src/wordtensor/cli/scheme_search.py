"""``wordtensor schemes search``: look for a scheme of smaller rank, and keep it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..errors import FileFormatError
from .options import Json, Seed, Verbose
from .output import EXIT_FAILED, EXIT_INTERRUPTED, check_target, echo_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..rank.schemes import Scheme
    from ..rank.schemes.search import SearchResult

__all__ = ["DivisionName", "SizeM", "SizeN", "SizeP", "search"]

_SECONDS = 60.0

DivisionName = Annotated[
    Literal["R", "C", "H"], typer.Option("--division", help="Where the matrices' entries live.")
]
SizeN = Annotated[int, typer.Argument(metavar="N", min=1, max=64, show_default=False)]
SizeM = Annotated[int, typer.Argument(metavar="M", min=1, max=64, show_default=False)]
SizeP = Annotated[int, typer.Argument(metavar="P", min=1, max=64, show_default=False)]
Target = Annotated[
    int | None, typer.Option(min=1, show_default=False, help="Stop here; default: search on.")
]
Ring = Annotated[
    Literal["F2", "Z"],
    typer.Option(help="F2: walk modulo 2, then lift; Z: coefficients -1, 0, 1."),
]
Seconds = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        metavar="SECONDS",
        show_default=False,
        help="Stop after this time; default: 60, or no limit with --flips.",
    ),
]
Flips = Annotated[
    int | None,
    typer.Option(min=1, show_default=False, help="Stop after so many: the same every time."),
]
Start = Annotated[
    Literal["auto", "best", "extend", "project", "standard"],
    typer.Option(help="Start from known schemes, of these or other sizes, or the standard one."),
]
Walkers = Annotated[int | None, typer.Option(min=1, show_default=False, help="Walks side by side.")]
PlusAfter = Annotated[
    int | None,
    typer.Option(min=1, show_default=False, help="Flips in vain before a plus transition."),
]
Margin = Annotated[
    int | None,
    typer.Option(min=1, show_default=False, help="Terms above the best that a plus may add."),
]
SignsOnly = Annotated[bool, typer.Option("--signs-only", help="Accept only coefficients -1, 0, 1.")]
Device = Annotated[
    Literal["cpu", "cuda"],
    typer.Option(help="Where to walk; a GPU takes thousands of --walkers."),
]
Checkpoint = Annotated[
    Path | None,
    typer.Option(metavar="FILE", show_default=False, help="Written now and then; resumed from."),
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
    n: SizeN,
    m: SizeM,
    p: SizeP,
    rank: Target = None,
    ring: Ring = "F2",
    division: DivisionName = "R",
    seed: Seed = 0,
    seconds: Seconds = None,
    flips: Flips = None,
    start: Start = "auto",
    walkers: Walkers = None,
    plus_after: PlusAfter = None,
    margin: Margin = None,
    signs_only: SignsOnly = False,
    device: Device = "cpu",
    checkpoint: Checkpoint = None,
    output: Output = None,
    force: Force = False,
    store: Store = True,
    as_json: Json = False,
    progress: Progress = None,
    verbose: Verbose = 0,
) -> None:
    """Walk the flip graph of <N,M,P> for an exact scheme of smaller rank.

    Ctrl-C ends the search and keeps the best so far; the exit code is 130.

    It is 1 if nothing exact was found, or not the rank that was asked for.
    """
    _check_places(output, force, checkpoint, store)
    from ..rank.schemes import best_rank, user_registry
    from ..rank.schemes.search import search_scheme

    registry = user_registry()
    before = best_rank(n, m, p, division, registry=registry)
    result = search_scheme(
        n,
        m,
        p,
        rank,
        division=division,
        ring=ring,
        seed=seed,
        seconds=_SECONDS if seconds is None and flips is None else seconds,
        flips=flips,
        start=start,
        walkers=walkers,
        plus_after=plus_after,
        margin=margin,
        signs_only=signs_only,
        registry=registry,
        checkpoint=checkpoint,
        device=device,
        progress=sys.stderr.isatty() if progress is None else progress,
        on_scheme=_keeper(before) if store else None,
    )
    values = _outcome(result, before, output, store)
    if as_json:
        echo_json({"sizes": [n, m, p], "division": division, "walked_in": ring, **values})
    else:
        typer.echo(_report(values, result.scheme))
    _leave(result, rank)


def _leave(result: "SearchResult", rank: int | None) -> None:
    """Set the exit code."""
    if result.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)
    if result.scheme is None or (rank is not None and result.scheme.rank > rank):
        raise typer.Exit(EXIT_FAILED)


def _check_places(output: Path | None, force: bool, checkpoint: Path | None, store: bool) -> None:
    """Refuse places that cannot be written to, before any work is paid for."""
    from ..rank.schemes.cache import user_folder

    if output is not None:
        check_target(output, force)
    if checkpoint is not None:
        check_target(checkpoint, force=True)
    folder = user_folder()
    if store and folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileFormatError(
                f"cannot keep schemes in {str(folder)!r}: {error.strerror}; pass --no-store"
            ) from error


def _keeper(before: int) -> "Callable[[Scheme], None]":
    """Return what keeps an improvement at once: a killed search loses nothing that it found."""
    from ..rank.schemes import remember
    from ..rank.schemes.cache import user_folder

    def keep(found: "Scheme") -> None:
        if found.rank < before and user_folder() is not None:
            remember(found)

    return keep


def _keep(found: "Scheme | None", output: Path | None, wanted: bool) -> list[Path]:
    """Write what was found to the file that was asked for, and among the user's schemes."""
    from ..rank.schemes import remember, save_schemes
    from ..rank.schemes.cache import user_folder

    kept: list[Path] = []
    if found is None:
        return kept
    if output is not None:
        save_schemes(output, [found])
        kept.append(output)
    if wanted and user_folder() is None:
        typer.echo("WORDTENSOR_SCHEMES is empty: the scheme is not kept for decompose", err=True)
    elif wanted:
        kept.append(remember(found))
    return kept


def _outcome(
    result: "SearchResult", before: int, output: Path | None, store: bool
) -> dict[str, Any]:
    """Keep what was found, if it is better than before, and gather what there is to say."""
    found = result.scheme
    improved = found is not None and found.rank < before
    kept = _keep(found, output, store and improved)
    return {
        "rank": None if found is None else found.rank,
        "ring": None if found is None else found.ring,
        "rank_in_ring": result.rank_in_ring,
        "known_before": before,
        "improved": improved,
        "kept": [str(path) for path in kept],
        "provenance": None if found is None else found.provenance,
        "flips": result.flips,
        "seconds": result.seconds,
        "seed": result.seed,
        "interrupted": result.interrupted,
    }


def _report(values: dict[str, Any], found: "Scheme | None") -> str:
    """Say in a few lines what was found, what was known, and where it is kept."""
    effort = f"{values['flips']:.3g} flips in {values['seconds']:.1f} s"
    if found is None:
        head = f"no exact scheme found (rank {values['rank_in_ring']} reached): {effort}"
    else:
        gain = "an improvement" if values["improved"] else "no improvement"
        head = f"{found!r}: {gain} on the {values['known_before']} known; {effort}"
    lines = [head, *(f"kept as {path}" for path in values["kept"])]
    if values["interrupted"]:
        lines.append("interrupted")
    return "\n".join(lines)
