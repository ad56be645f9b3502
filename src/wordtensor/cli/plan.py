"""``wordtensor plan``: the ways to decompose a word, before any search is paid for."""

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
from ._output import echo_json, say
from ._source import group_from, word_from


def plan(
    word: WordText,
    group: GroupText = None,
    cayley: CayleyFile = None,
    field: FieldName = "real",
    method: Method = "auto",
    seed: Seed = 0,
    no_store: NoStore = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Print every route for WORD over GROUP with its blocks and cost; search nothing."""
    import wordtensor as wt

    made = wt.plan(
        word_from(word, group, "plan"),
        group_from(group, cayley),
        field=field,
        method=method,
        seed=seed,
        store=wt.cores.Store() if no_store else None,
    )
    if as_json:
        echo_json(made.to_dict())
    else:
        say(str(made))
