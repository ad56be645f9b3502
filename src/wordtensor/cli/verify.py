"""``wordtensor verify``: check a saved decomposition from scratch."""

from pathlib import Path
from typing import Annotated

import typer

from ._options import Json, Verbose
from ._output import EXIT_FAILED, echo_json, say


def verify(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", show_default=False, help="From decompose or solve --output."
        ),
    ],
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Check a saved decomposition, of a word's tensor or of any other, entry by entry.

    The exit code is 0 if it holds, 1 if it does not, and 2 if the file cannot be read.
    """
    import wordtensor as wt

    loaded = wt.load(file)
    verification = wt.verify(loaded)
    if as_json:
        echo_json(verification.to_dict())
    else:
        say(f"{loaded.subject}: {loaded.rank} terms")
        say(str(verification))
    if not verification.ok:
        raise typer.Exit(EXIT_FAILED)
