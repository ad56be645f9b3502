"""``wordtensor decompose``: a word over a group as few rank-one terms."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from ._options import (
    CayleyFile,
    FieldName,
    GroupText,
    Json,
    Method,
    NoStore,
    Seed,
    Verbose,
    WordText,
)
from ._output import EXIT_INTERRUPTED, check_target, echo_json, say
from ._source import group_from, word_from

_Effort = Annotated[
    Literal["fast", "search"],
    typer.Option(help="fast: the same every time; search: use the time limit to go lower."),
]
_TimeLimit = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        show_default=False,
        help="What search spends on top of fast; default: 60.",
    ),
]
_Device = Annotated[
    Literal["cpu", "cuda"],
    typer.Option(help="Where the solver runs; a GPU follows hundreds of starts at once."),
]


def decompose(
    word: WordText,
    group: GroupText = None,
    cayley: CayleyFile = None,
    field: FieldName = "real",
    effort: _Effort = "fast",
    method: Method = "auto",
    seed: Seed = 0,
    time_limit: _TimeLimit = None,
    device: _Device = "cpu",
    no_store: NoStore = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE.npz", show_default=False, help="Save the result."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing output.")] = False,
    as_json: Json = False,
    progress: Annotated[
        bool | None,
        typer.Option(
            "--progress/--no-progress", show_default=False, help="Default: if on a terminal."
        ),
    ] = None,
    verbose: Verbose = 0,
) -> None:
    """Decompose the word tensor of WORD over GROUP, check it, and print what was found.

    Ctrl-C, SIGTERM and SIGHUP end a search; the best so far is printed, saved if asked, and the
    exit code is 130. What a search finds is kept in the folder of solved cores (WORDTENSOR_CORES),
    used from then on, and improved by the next search.
    """
    if output is not None:
        check_target(output, force, (group, cayley))
    import wordtensor as wt

    from ..rank.decomposition import check_ending

    if output is not None:
        check_ending(output)
    result = wt.decompose(
        word_from(word, group, "decompose"),
        group_from(group, cayley),
        field=field,
        effort=effort,
        method=method,
        seed=seed,
        time_limit=time_limit,
        store=wt.cores.Store() if no_store else None,
        device=device,
        progress=sys.stderr.isatty() if progress is None else progress,
        on_kept=partial(_say_kept, output),
    )
    if output is not None:
        result.save(output)
        say(f"wrote {output}", err=True)
    if as_json:
        echo_json(result.to_dict())
    else:
        say(str(result))
    if result.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)


def _say_kept(output: Path | None, path: Path) -> None:
    """Say where a search's result is kept."""
    again = "the same command" if output is None else "the same command with --force"
    say(
        f"what was found, or tried in vain, is kept in {path}; {again} goes on from there", err=True
    )
