"""``wordtensor decompose``: a word over a group as few rank-one terms."""

import sys
from functools import partial
from pathlib import Path

import typer

from ._options import (
    CayleyFile,
    Device,
    EffortName,
    FieldName,
    Force,
    GroupText,
    Json,
    Method,
    NoStore,
    OutputFile,
    Progress,
    Seed,
    TimeLimit,
    Verbose,
    WordText,
)
from ._output import EXIT_INTERRUPTED, check_target, echo_json, say
from ._source import group_from, word_from


def decompose(
    word: WordText,
    group: GroupText = None,
    cayley: CayleyFile = None,
    field: FieldName = "real",
    effort: EffortName = "fast",
    method: Method = "auto",
    seed: Seed = 0,
    time_limit: TimeLimit = None,
    device: Device = "cpu",
    no_store: NoStore = False,
    output: OutputFile = None,
    force: Force = False,
    as_json: Json = False,
    progress: Progress = None,
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
