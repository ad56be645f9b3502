"""``wordtensor solve``: any 3-tensor of a file as few rank-one terms."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._files import replace_file
from ..errors import DecompositionError
from ._options import (
    Device,
    EffortName,
    FieldName,
    Force,
    Json,
    NoStore,
    OutputFile,
    Progress,
    Seed,
    TimeLimit,
    Verbose,
)
from ._output import EXIT_INTERRUPTED, check_result, check_target, echo_json, say
from ._tensor import TensorFile, tensor_from

if TYPE_CHECKING:
    from ..rank import TensorDecomposition

MostTerms = Annotated[
    int | None,
    typer.Option(
        "--rank", "-R", min=0, metavar="R", show_default=False, help="At most so many terms."
    ),
]
TermsFile = Annotated[
    Path | None,
    typer.Option("--terms", metavar="OUT.json", show_default=False, help="Write exact U, V, W."),
]


def solve(
    file: TensorFile,
    rank: MostTerms = None,
    field: FieldName = "real",
    effort: EffortName = "fast",
    time_limit: TimeLimit = None,
    starts: Annotated[
        int, typer.Option(min=1, metavar="N", help="Starts of the solver at --rank terms.")
    ] = 96,
    seed: Seed = 0,
    device: Device = "cpu",
    no_store: NoStore = False,
    output: OutputFile = None,
    terms: TermsFile = None,
    force: Force = False,
    as_json: Json = False,
    progress: Progress = None,
    verbose: Verbose = 0,
) -> None:
    """Decompose the 3-tensor in FILE, check it, and print what was found and what is proved.

    FILE holds a dense array (.npy, .npz, .json), coordinates with values, factors U, V, W that
    stand for their sum, or text: lines "i j k value" (from 0 or 1, FROSTT's .tns), slices with
    blank lines between, or brackets. Integers and fractions such as 1/2 are exact.

    Ctrl-C ends a search; the best so far is printed, saved if asked, and the exit code is 130.
    """
    if output is not None:
        check_result(output, force, (file, terms))
    if terms is not None:
        check_target(terms, force, (file, output))
    import wordtensor as wt

    result = wt.solve(
        tensor_from(file, as_json),
        rank,
        starts=starts,
        field=field,
        effort=effort,
        seed=seed,
        time_limit=time_limit,
        device=device,
        progress=sys.stderr.isatty() if progress is None else progress,
        store=wt.cores.Store() if no_store else None,
    )
    if output is not None:
        result.save(output)
    if as_json:
        echo_json(result.to_dict())
    else:
        say(str(result))
    if output is not None:
        say(f"wrote {output}; to check it: wordtensor verify {output}", err=True)
    if terms is not None:
        _write_terms(result, terms)
    if result.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)


def _write_terms(result: "TensorDecomposition", path: Path) -> None:
    """Write the exact terms as texts, which `read_tensor` takes where they are rational."""
    found = result.exact_terms()
    if found is None:
        raise DecompositionError(
            f"The terms are {result.status}, and --terms writes exact ones; {str(path)!r} is not "
            "written (-o FILE.npz keeps the terms that there are)"
        )
    document = dict(zip("UVW", found.texts(), strict=True))
    replace_file(path, (json.dumps(document) + "\n").encode())
    say(f"wrote {path}: exact terms as U, V, W", err=True)
