"""``wordtensor compare``: what a network learned, beside the decomposition of its word."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._extras import room_of
from .._layouts._table import layouts_text
from .._progress import show_progress
from ..errors import NetworkError
from ..groups import Group
from ..words import Word
from ._compare_table import check_table, compared_with_table, refuse_of_irreps
from ._net_source import Asked, NetSource, of_run, read_net, split_mask, tell_reading
from ._options import CayleyFile, GroupText, Json, Seed, TableText, Verbose
from ._output import EXIT_INTERRUPTED, check_target, echo_json, say
from ._stated_word import asked_for, stated_or_given
from ._table_source import refuse_others, table_from
from ._train_mask import check_split, read_train_mask

if TYPE_CHECKING:
    from ..compare import Comparison, TableComparison
    from ..rank import Decomposition, TensorDecomposition

NetPath = Annotated[
    Path,
    typer.Argument(
        metavar="NET",
        show_default=False,
        help="A file with a net (.pt, .safetensors, .npz) or its logits (.npy), or a run's folder.",
    ),
]
WordOrNone = Annotated[
    str | None,
    typer.Argument(
        metavar="WORD", show_default=False, help="What it computes; by default what its file says."
    ),
]
HtmlFile = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="FILE.html", show_default=False, help="Write a page that stands alone."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing page.")]
DecompositionFile = Annotated[
    Path | None,
    typer.Option(
        "--decomposition",
        metavar="FILE.npz",
        show_default=False,
        help="What to hold it against, as decompose -o saved it.",
    ),
]
Fraction = Annotated[
    float | None,
    typer.Option(metavar="SHARE", show_default=False, help="Of the pairs that it was trained on."),
]
SplitSeed = Annotated[
    int | None,
    typer.Option(
        min=0,
        show_default=False,
        help="The seed, 0 if not given, of torch.randperm(n * n), which shuffled the pairs; the "
        "first SHARE of them were trained on.",
    ),
]
MaskFile = Annotated[
    Path | None,
    typer.Option(
        "--train-mask",
        metavar="FILE",
        show_default=False,
        help="The pairs that it was trained on: n x n booleans, or a list of pairs, by "
        "indices from 0 or by labels (.npy, .npz, .csv, .txt, .pt).",
    ),
]
Full = Annotated[bool, typer.Option("--full", help="Print all tables, not the verdict alone.")]
Anyway = Annotated[
    bool,
    typer.Option("--anyway", help="Go on where the file of NET says another word or group."),
]
Activation = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        show_default=False,
        help="What neurons compute, where NET does not say: relu, gelu, gelu_tanh, silu, tanh, "
        "sigmoid, abs, square, identity, or product. U, V, W alone mean product.",
    ),
]
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="ROLE=ARRAY",
        show_default=False,
        help="Which array is what, as in left=fc1.weight[:, :24]; for left, right, readout, and "
        "perhaps bias, offset. Once for each.",
    ),
]
Step = Annotated[
    int | None,
    typer.Option(
        min=0, show_default=False, help="Which checkpoint, where a file has many; else the last."
    ),
]
Last = Annotated[
    bool, typer.Option("--last", help="Of the folder of a run: the last net, not the best one.")
]
Instance = Annotated[
    int | None,
    typer.Option(
        metavar="K",
        min=0,
        show_default=False,
        help="Which net, where a file or run holds many; of a run by default the best one.",
    ),
]
_THRESHOLD = 0.95
Threshold = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        show_default=False,
        help=f"Share of energy above which a neuron is in a triplet; default: {_THRESHOLD}.",
    ),
]
Progress = Annotated[
    bool | None,
    typer.Option("--progress/--no-progress", show_default=False, help="Default: if on a terminal."),
]


def _show_layouts(wanted: bool) -> None:
    if wanted:
        say(layouts_text())
        raise typer.Exit


Like = Annotated[
    bool,
    typer.Option(
        "--like", help="List the layouts of networks.", callback=_show_layouts, is_eager=True
    ),
]


def compare(
    net: NetPath,
    word: WordOrNone = None,
    group: GroupText = None,
    cayley: CayleyFile = None,
    table: TableText = None,
    html: HtmlFile = None,
    force: Force = False,
    decomposition: DecompositionFile = None,
    train_fraction: Fraction = None,
    split_seed: SplitSeed = None,
    train_mask: MaskFile = None,
    anyway: Anyway = False,
    activation: Activation = None,
    maps: Maps = None,
    instance: Instance = None,
    step: Step = None,
    last: Last = False,
    threshold: Threshold = None,
    seed: Seed = 0,
    like: Like = False,
    full: Full = False,
    as_json: Json = False,
    progress: Progress = None,
    verbose: Verbose = 0,
) -> None:
    """Say how NET computes WORD over GROUP, or a table, and how near it is to the decomposition.

    WORD and GROUP, or --table, may be left out where the file says them. Nets that others released
    have an order of elements of their own: give their table as GROUP (.npz with "cayley", or any
    other kind). Networks of your own: docs/howto/your_network.md, and --like for the layouts that
    are recognised.
    """
    _check_page(html, force, (net, group, cayley, decomposition, train_mask))
    check_split(train_fraction, split_seed, train_mask)
    shown = sys.stderr.isatty() if progress is None else progress
    # What is wrong with the words of the command is said before any file is read.
    w, G = _given(word, group, cayley, table)
    d = _saved(decomposition)
    values = None if table is None else table_from(table)
    source = read_net(net, Asked(instance, activation, tuple(maps or ()), step, last), values)
    split = source.split if train_fraction is None else (train_fraction, split_seed or 0)
    pairs = split if train_mask is None else train_mask
    found: Comparison | TableComparison
    if values is not None or (source.table is not None and w is None and G is None):
        check_table(source, values, net, anyway)
        refuse_of_irreps({"--threshold": threshold})
        found = compared_with_table(source, values, d, pairs, seed, shown)
    else:
        w, G = stated_or_given(source, w, G, net, anyway)
        found = _compared(source, w, G, _of_word(d), _mask(w, G, pairs), threshold, seed, shown)
    tell_reading(source, found.network.reading)
    if html is not None:
        told = {
            "--cayley": cayley, "--table": table, "--decomposition": decomposition,
            "--train-fraction": train_fraction, "--split-seed": split_seed,
            "--train-mask": train_mask, "--map": maps or None, "--step": step,
            "--last": last or None, "--anyway": anyway or None, "--activation": activation,
            "--instance": instance, "--threshold": threshold, "--seed": seed or None,
            "--html": html,
        }  # fmt: skip
        _write_page(html, found, source, _command([net, word, group], told))
    _show(found, source, as_json, full, html is not None)
    if html is not None:
        say(f"wrote {html}", err=True)


def _check_page(html: Path | None, force: bool, inputs: tuple[Path | str | None, ...]) -> None:
    """Refuse a page that cannot be written, before any work is paid for."""
    if html is not None:
        check_target(html, force, inputs)
        room_of("report", "Option --html")


def _write_page(
    html: Path, found: "Comparison | TableComparison", source: NetSource, command: str
) -> None:
    report = room_of("report", "Option --html")
    report.write_comparison(html, found, source.history, command=command)


def _mask(w: Word, G: Group, pairs: tuple[float, int] | Path | None) -> Any:
    """Return the training pairs of a file, or of a split; None for all."""
    if isinstance(pairs, Path):
        return read_train_mask(pairs, (G.order, G.order), (G.labels, G.labels))
    return None if pairs is None else split_mask(w, G, *pairs)


def _given(
    text: str | None, group: str | None, cayley: Path | None, table: str | None
) -> tuple[Word | None, Group | None]:
    if table is not None:
        refuse_others(text, group, cayley)
    return asked_for(text, group, cayley)


def _compared(
    source: NetSource,
    w: Word,
    G: Group,
    saved: "Decomposition | None",
    mask: Any,
    threshold: float | None,
    seed: int,
    shown: bool,
) -> "Comparison":
    from ..compare import compare as compare_with
    from ..compare._network import readings_on

    readings_on(source.net, G)  # a net of another group is refused before the word is decomposed
    d = _decomposition(w, G, seed, shown) if saved is None else saved
    with show_progress(shown, f"{source.name} on {w} over {G.name}", str) as tell:
        return compare_with(
            source.net,
            w,
            G,
            train_mask=mask,
            decomposition=d,
            checkpoints=source.steps() if source.checkpoints else None,
            threshold=_THRESHOLD if threshold is None else threshold,
            seed=seed,
            name=source.name,
            callback=tell,
        )


def _saved(path: Path | None) -> "Decomposition | TensorDecomposition | None":
    from ..rank import load

    return None if path is None else load(path)


def _of_word(d: "Decomposition | TensorDecomposition | None") -> "Decomposition | None":
    from ..rank import TensorDecomposition

    if isinstance(d, TensorDecomposition):
        raise NetworkError(
            f"Option --decomposition holds the tensor {d.tensor.name!r:.80}, and no word over a "
            "group; give one that decompose saved of the net's word and group"
        )
    return d


def _decomposition(w: Word, G: Group, seed: int, shown: bool) -> "Decomposition":
    import wordtensor as wt

    found = wt.decompose(w, G, seed=seed, progress=shown)
    if found.interrupted:
        # The best so far is no ground to stand on: Ctrl-C ends the command.
        raise typer.Exit(EXIT_INTERRUPTED)
    return found


def _command(arguments: list[Any], options: dict[str, Any]) -> str:
    """Return the command that gives the same page again, as a shell takes it."""
    words = ["wordtensor", "compare", *(str(a) for a in arguments if a is not None)]
    for name, value in options.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                words += [name] if each is True else [name, str(each)]
    return shlex.join(words)


def _show(
    found: "Comparison | TableComparison",
    source: NetSource,
    as_json: bool,
    full: bool,
    on_page: bool,
) -> None:
    from ..compare import TableComparison

    if as_json:
        echo_json(found.to_dict() | of_run(source))
        return
    if isinstance(found, TableComparison):
        say(str(found))
        return
    if sys.stdout.isatty():
        from rich.console import Console

        from ._comparison_tables import show_comparison

        show_comparison(found, Console(), full)
    else:
        say(found.full_text() if full else str(found))
    if not (full or on_page):
        say("--full prints all tables, --html FILE.html writes them as a page", err=True)
