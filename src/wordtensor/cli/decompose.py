"""``wordtensor decompose``: a word over a group as few rank-one terms."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import DecompositionError, WordError
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
    TableText,
    TimeLimit,
    Verbose,
    WordOrNone,
)
from ._output import EXIT_INTERRUPTED, check_result, echo_json, say
from ._source import group_from, word_from
from ._table_source import table_from

if TYPE_CHECKING:
    from ..rank import Decomposition, TensorDecomposition
    from ..words import Word


def decompose(
    word: WordOrNone = None,
    group: GroupText = None,
    cayley: CayleyFile = None,
    table: TableText = None,
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
    """Decompose the tensor of WORD over GROUP, or of a table, and print what was found.

    Ctrl-C, SIGTERM and SIGHUP end a search; the best so far is printed, saved if asked, and the
    exit code is 130. What a search finds is kept in the folder of solved cores (WORDTENSOR_CORES),
    used from then on, and improved by the next search.
    """
    if output is not None:
        check_result(output, force, (group, cayley, table))
    import wordtensor as wt

    options: dict[str, Any] = {
        "field": field,
        "effort": effort,
        "seed": seed,
        "time_limit": time_limit,
        "store": wt.cores.Store() if no_store else None,
        "device": device,
        "progress": sys.stderr.isatty() if progress is None else progress,
    }
    result: Decomposition | TensorDecomposition
    if table is not None:
        _refuse_method(method)
        given = table_from(table, word, group, cayley)
        result = wt.solve(given, name=given.name, **options)
    else:
        w, G = _word(word, group), group_from(group, cayley)
        kept = partial(_say_kept, output)
        result = wt.decompose(w, G, method=method, on_kept=kept, **options)
    _show(result, output, as_json)
    if result.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)


def _show(
    result: "Decomposition | TensorDecomposition", output: Path | None, as_json: bool
) -> None:
    """Save the result if asked, and print it."""
    if output is not None:
        result.save(output)
    if as_json:
        echo_json(result.to_dict())
    else:
        say(str(result))
    if output is not None:
        say(f"wrote {output}", err=True)


def _word(word: str | None, group: str | None) -> "Word":
    if word is None:
        raise WordError("There is no word; name WORD and GROUP, or pass --table")
    return word_from(word, group, "decompose")


def _refuse_method(method: str) -> None:
    if method != "auto":
        raise DecompositionError(
            f"Option --method names a route of words over groups, and a table has none; leave "
            f"{method!r:.40} out"
        )


def _say_kept(output: Path | None, path: Path) -> None:
    """Say where a search's result is kept."""
    again = "the same command" if output is None else "the same command with --force"
    say(
        f"what was found, or tried in vain, is kept in {path}; {again} goes on from there", err=True
    )
