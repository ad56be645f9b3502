"""``wordtensor compare``: what a network learned, beside the decomposition of its word."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._extras import room_of
from .._progress import show_progress
from ..errors import GroupError, NetworkError, WordError
from ..groups import Group
from ..words import Word
from ._net_source import NetSource, is_another, read_net, split_mask
from ._options import CayleyFile, GroupText, Json, Seed, Verbose
from ._output import EXIT_INTERRUPTED, check_target, echo_json, say
from ._source import group_from

if TYPE_CHECKING:
    from ..compare import Comparison
    from ..rank import Decomposition

NetPath = Annotated[
    Path,
    typer.Argument(
        metavar="NET",
        show_default=False,
        help="A .npz or .safetensors file with a net, or the folder of a run of train.",
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
    int | None, typer.Option(min=0, show_default=False, help="Of the choice of these pairs.")
]
Anyway = Annotated[
    bool,
    typer.Option("--anyway", help="Go on where the file of NET says another word or group."),
]
Activation = Annotated[
    Literal["product", "relu", "square", "sigmoid", "abs"] | None,
    typer.Option(show_default=False, help="Of arrays U, V, W; by default product."),
]
Instance = Annotated[
    int, typer.Option(metavar="K", min=0, help="Which net, where a file holds many.")
]
Threshold = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="Share of energy above which a neuron is in a triplet."),
]
Progress = Annotated[
    bool | None,
    typer.Option("--progress/--no-progress", show_default=False, help="Default: if on a terminal."),
]

_GO_ON = "or pass --anyway to go on with what was given"


def compare(
    net: NetPath,
    word: WordOrNone = None,
    group: GroupText = None,
    cayley: CayleyFile = None,
    html: HtmlFile = None,
    force: Force = False,
    decomposition: DecompositionFile = None,
    train_fraction: Fraction = None,
    split_seed: SplitSeed = None,
    anyway: Anyway = False,
    activation: Activation = None,
    instance: Instance = 0,
    threshold: Threshold = 0.95,
    seed: Seed = 0,
    as_json: Json = False,
    progress: Progress = None,
    verbose: Verbose = 0,
) -> None:
    """Say how NET computes WORD over GROUP, and how near it is to the decomposition.

    WORD and GROUP may be left out where the file says them. Nets that others released have an order
    of elements of their own: give their table as GROUP (.npz with "cayley", or any other kind).
    """
    if html is not None:
        check_target(html, force, (net, group, cayley, decomposition))
        room_of("report", "Option --html")
    _check_split(train_fraction, split_seed)
    # What is wrong with the words of the command is said before any file is read.
    w, G = _given(word, group, cayley)
    d = _saved(decomposition)
    source = read_net(net, instance, activation)
    if not anyway:
        _check_stated(source, w, G, net)
    w, G = _filled(source, w, G)
    shown = sys.stderr.isatty() if progress is None else progress
    split = source.split
    if train_fraction is not None:
        split = (train_fraction, split_seed or 0)
    mask = None if split is None else split_mask(w, G, *split)
    found = _compared(source, w, G, d, mask, threshold, seed, shown)
    if source.instances > 1:
        say(
            f"{net} holds {source.instances} networks; this is instance {instance} (--instance)",
            err=True,
        )
    if html is not None:
        told = {
            "--cayley": cayley, "--decomposition": decomposition,
            "--train-fraction": train_fraction, "--split-seed": split_seed,
            "--anyway": anyway or None, "--activation": activation, "--instance": instance or None,
            "--threshold": None if threshold == 0.95 else threshold, "--seed": seed or None,
            "--html": html,
        }  # fmt: skip
        command = _command([net, word, group], told)
        room_of("report", "Option --html").write_comparison(
            html, found, source.history, command=command
        )
        say(f"wrote {html}", err=True)
    _show(found, as_json)


def _check_split(fraction: float | None, seed: int | None) -> None:
    if fraction is None and seed is not None:
        raise NetworkError("Option --split-seed chooses the pairs of --train-fraction; give both")
    if fraction is not None and not 0 < fraction <= 1:
        raise NetworkError(f"Option --train-fraction must be above 0 and at most 1, not {fraction}")


def _given(
    text: str | None, group: str | None, cayley: Path | None
) -> tuple[Word | None, Group | None]:
    import wordtensor as wt

    w = None if text is None else wt.word(text)
    return w, None if group is None and cayley is None else group_from(group, cayley)


def _check_stated(source: NetSource, w: Word | None, G: Group | None, path: Path) -> None:
    """Refuse a word or a table other than the file says: all numbers would be of no meaning."""
    if G is not None and is_another(G, source.group, source.about):
        said = f"one of {source.group.name!r}" if source.group is not None else "another one"
        raise GroupError(
            f"The table of {G.name!r} (order {G.order}) was given, and {str(path)!r} says that the "
            f"net was trained on {said}: another group, or its elements in another order; leave "
            f"GROUP out, give the net's own table, {_GO_ON}"
        )
    G = source.group if G is None else G
    if w is not None and source.word is not None and not _agree(w, source.word, G):
        raise NetworkError(
            f"The word {w} was given, and {str(path)!r} says that the net was trained on "
            f"{source.word}; give that word, {_GO_ON}"
        )


def _agree(first: Word, second: Word, G: Group | None) -> bool:
    """Tell whether two words have the same values."""
    import wordtensor as wt

    if first == second or G is None:
        return first == second
    tables = [wt.word_tensor(w, G).table for w in (first, second)]
    return bool((tables[0] == tables[1]).all())


def _filled(source: NetSource, w: Word | None, G: Group | None) -> tuple[Word, Group]:
    """Take from the file what the command does not say."""
    w = source.word if w is None else w
    if w is None:
        raise WordError(
            "There is no word, and the file of the net does not say one; name WORD GROUP"
        )
    G = source.group if G is None else G
    if G is None:
        raise GroupError(
            f"There is no group, and {source.unknown}; name GROUP, or a file with its table"
        )
    return w, G


def _compared(
    source: NetSource,
    w: Word,
    G: Group,
    saved: "Decomposition | None",
    mask: Any,
    threshold: float,
    seed: int,
    shown: bool,
) -> "Comparison":
    from ..compare import compare as compare_with
    from ..compare._network import network_on

    net = network_on(source.net, G)
    d = _decomposition(w, G, seed, shown) if saved is None else saved
    with show_progress(shown, f"{source.name} on {w} over {G.name}", str) as tell:
        return compare_with(
            net,
            w,
            G,
            train_mask=mask,
            decomposition=d,
            checkpoints=source.steps() if source.checkpoints else None,
            threshold=threshold,
            seed=seed,
            name=source.name,
            callback=tell,
        )


def _saved(path: Path | None) -> "Decomposition | None":
    from ..rank.files import load_of_word

    return None if path is None else load_of_word(path)


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
        if value is not None:
            words += [name] if value is True else [name, str(value)]
    return shlex.join(words)


def _show(found: "Comparison", as_json: bool) -> None:
    if as_json:
        echo_json(found.to_dict())
    elif sys.stdout.isatty():
        from rich.console import Console

        from ._comparison_tables import show_comparison

        show_comparison(found, Console())
    else:
        say(str(found))
