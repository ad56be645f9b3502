"""``wordtensor width``: whether so many neurons are enough for a word, or how many are."""

from pathlib import Path
from typing import Annotated

import typer

from ._options import FieldName, Force, GroupText, Json, NoStore, Seed, Verbose, WordText
from ._output import check_result, echo_json, say
from ._source import group_from, word_from


def width(
    word: WordText,
    group: GroupText,
    neurons: Annotated[
        int | None,
        typer.Argument(
            metavar="WIDTH",
            min=1,
            show_default=False,
            help="Number of neurons; without it, between which numbers the least one is.",
        ),
    ] = None,
    field: FieldName = "real",
    seed: Seed = 0,
    no_store: NoStore = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.npz",
            show_default=False,
            help="Write the network's U, V, W (a decomposition) if it is enough.",
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Say whether networks of WIDTH neurons can have the word tensor of WORD over GROUP as logits.

    Below the proved bound they cannot, from the known rank on they can; between these it is open.
    The neurons multiply, W^T (U[a] * V[b]). Without WIDTH: what is known of the least width.
    """
    if output is not None:
        check_result(output, force, (group,))
    import wordtensor as wt

    d = wt.decompose(
        word_from(word, group, "width"),
        group_from(group, None),
        field=field,
        seed=seed,
        store=wt.cores.Store() if no_store else None,
    )
    verdict = wt.rank.judge_width(d, neurons)
    if as_json:
        echo_json(verdict.to_dict())
    else:
        say(str(verdict))
    if output is not None and (neurons is None or neurons >= d.rank):
        d.save(output)
        say(f"wrote {output}: {d.rank} neurons", err=True)
    elif output is not None:
        say(f"{output} is not written: no network of {neurons} neurons is known", err=True)
