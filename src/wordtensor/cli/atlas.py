"""``wordtensor atlas``: show, export and build tables of word tensors."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from .._files import read_file, replace_file
from .._progress import begin_stage
from .._text import text_table
from ..errors import FileFormatError, WordTensorError
from ._options import Force, Json, Scheduler, Verbose, Workers
from ._output import check_target, echo_json, say

if TYPE_CHECKING:
    from ..atlas import Atlas, Entry

_ENDINGS: Final = (".json", ".csv", ".html")
_MOST_BYTES: Final = 2**28

atlas = typer.Typer(
    name="atlas",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AtlasFile = Annotated[
    Path | None,
    typer.Option(
        "--atlas", metavar="FILE", show_default=False, help="One of your own, from atlas build."
    ),
]


@atlas.callback()
def _about() -> None:
    """Look up, export and build the atlas: every word over every small group.

    Words that make the same tensor up to relabelling are one entry.
    """


@atlas.command()
def show(
    group: Annotated[
        str | None,
        typer.Argument(metavar="[GROUP]", show_default=False, help="A group of the atlas."),
    ] = None,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only entries that are not settled, widest gap first.")
    ] = False,
    file: AtlasFile = None,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Show what is known: a line for each group, or for each entry of one group."""
    found = _atlas(file)
    if group is None and not open_only:
        if as_json:
            echo_json({"groups": list(found.groups), "entries": len(found)})
        else:
            say(str(found))
        return
    name = None if group is None else _known_as(found, group)
    entries = found.entries if name is None else found.over(name)
    shown = [entry for entry in entries if not (open_only and entry.is_settled)]
    if open_only:
        shown.sort(key=lambda entry: -entry.gap)
    if as_json:
        echo_json({"entries": [entry.to_dict() for entry in shown]})
        return
    rows = [_row(entry, name) for entry in shown]
    say(text_table(["word", "group", "core", "rank", "at least", "status", "because"], rows))
    settled = sum(entry.is_settled for entry in entries)
    how = "terms that are not only numerical meet the bound"
    say(f"{settled} of {len(entries)} entries are settled: {how}")


@atlas.command()
def export(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", show_default=False, help="json, csv, html"),
    ],
    file: AtlasFile = None,
    force: Force = False,
    verbose: Verbose = 0,
) -> None:
    """Write the atlas as JSON, as CSV, or as one page that sorts and filters without a network."""
    check_target(output, force, (file,))
    if output.suffix.lower() not in _ENDINGS:
        raise WordTensorError(f"The file must end in {', '.join(_ENDINGS)}, not {output.name!r}")
    found = _atlas(file)
    if output.suffix.lower() == ".json":
        text = found.to_json()
    elif output.suffix.lower() == ".csv":
        text = found.to_csv()
    else:
        text = found.to_html()
    replace_file(output, text.encode())
    say(f"wrote {len(found)} entries to {output}")


@atlas.command()
def build(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", show_default=False, help="A .json file."),
    ],
    order: Annotated[
        int | None,
        typer.Option(min=1, max=31, show_default=False, help="All groups up to this order."),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(metavar="NAMES", show_default=False, help='With semicolons: "S3; C2 x C4".'),
    ] = None,
    words: Annotated[
        str | None,
        typer.Option(metavar="WORDS", show_default=False, help="Only these, with semicolons."),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.0, show_default=False, help="Search for each core."),
    ] = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    verbose: Verbose = 0,
) -> None:
    """Decompose every word over some groups.

    Entries that FILE has already are kept and not made again, so that the same command goes on
    after a stop, and another one adds groups or words to it.
    """
    from .._workers import worker_pool
    from ..atlas import build as built

    known = _read(output) if output.exists() else None
    check_target(output, force=known is not None)
    names = _names(order, groups)
    texts = None if words is None else [text.strip() for text in words.split(";")]
    made: list[Entry] = [] if known is None else list(known)
    had = len(made)

    def keep(entry: "Entry") -> None:
        made.append(entry)
        begin_stage("atlas, %d entries so far", len(made))
        if len(made) % 50 == 0:
            _write(made, known, output)

    try:
        with worker_pool(workers, scheduler) as executor:
            found = built(
                names, texts, time_limit=time_limit, executor=executor, known=known, callback=keep
            )
    except BaseException:
        if len(made) > had:
            _write(made, known, output)
            say(f"stopped: {len(made)} entries are in {output}; the same command goes on", err=True)
        raise
    replace_file(output, found.to_json().encode())
    say(str(found))
    say(f"wrote {len(found)} entries to {output}")


def _names(order: int | None, groups: str | None) -> list[str]:
    """Return the names of the groups that were asked for."""
    from ..groups._catalogue import small_group_name, small_group_numbers

    if (order is None) == (groups is None):
        raise WordTensorError("Either --order or --groups says which groups the atlas is of")
    if groups is not None:
        return [name.strip() for name in groups.split(";") if name.strip()]
    numbers = small_group_numbers(order or 0)
    return [small_group_name(n, k) or f"SmallGroup({n},{k})" for n, k in numbers]


def _write(entries: "list[Entry]", known: "Atlas | None", output: Path) -> None:
    from ..atlas import Atlas

    groups = () if known is None else known.groups
    replace_file(output, Atlas(tuple(entries), groups).to_json().encode())


def _read(path: Path) -> "Atlas":
    from ..atlas import read_atlas

    try:
        return read_atlas(read_file(path, _MOST_BYTES))
    except FileFormatError as error:
        if repr(str(path)) in str(error):
            raise
        raise FileFormatError(f"Cannot read {str(path)!r}. {error}") from None


def _atlas(path: Path | None) -> "Atlas":
    from ..atlas import default_atlas

    return default_atlas() if path is None else _read(path)


def _known_as(found: "Atlas", name: str) -> str:
    """Return the name that an atlas has of a group, given by any of its names."""
    from ..groups import group, identify

    names = [name]
    if not found.over(name):
        with suppress(WordTensorError):
            made = group(name)
            who = identify(made)
            number = f"SmallGroup({made.order},{who.number})"
            names = [made.name, who.name or "", number, *who.names]
    for other in names:
        if found.over(other):
            return other
    raise WordTensorError(
        f"The atlas has no group {name!r}; it has {', '.join(found.groups) or 'none'}"
    )


def _row(entry: "Entry", group: str | None) -> list[object]:
    name, word = entry.group, entry.word
    if group is not None:
        name, word = next(((g, w) for g, w, _ in entry.pairs if g == group), (name, word))
    size = "x".join(map(str, entry.shape))
    return [word, name, size, entry.rank, entry.lower_bound, entry.status, entry.reason]
