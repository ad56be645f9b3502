"""``wordtensor train``: a network on a word, or an experiment of the papers by name."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._extras import room_of
from .._files import parse_json, read_json
from .._kinds import CONFIG, expecting
from .._progress import begin_stage
from .._workers import worker_pool
from ..errors import FileFormatError, NetworkError
from ..words import word as read_word
from ._options import (
    CayleyFile,
    GroupText,
    Json,
    Scheduler,
    TableText,
    Verbose,
    WordOrNone,
    Workers,
)
from ._output import EXIT_INTERRUPTED, echo_json, say
from ._source import group_from
from ._table_source import table_from

if TYPE_CHECKING:
    from ..nets import TrainConfig
    from ..words import ValueTable

Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        show_default=False,
        help="Any value of the configuration: width=64, model=mlp, instances=20, device=cuda.",
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Option(metavar="NAME", show_default=False, help="An experiment of the papers."),
]
Quick = Annotated[bool, typer.Option("--quick", help="The recipe's size of a minute or two.")]
Listed = Annotated[bool, typer.Option("--list", help="List the recipes, with device and time.")]
ConfigFile = Annotated[
    Path | None, typer.Option(metavar="FILE.json", show_default=False, help="A configuration.")
]
KeepRuns = Annotated[
    bool, typer.Option("--keep-runs", help="Keep nets and checkpoints of a study's seeds, with -o.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        show_default=False,
        help="Write metrics, checkpoints and nets; go on where it stopped.",
    ),
]
Anew = Annotated[bool, typer.Option("--anew", help="Begin anew in an old folder.")]
Progress = Annotated[
    bool | None,
    typer.Option("--progress/--no-progress", show_default=False, help="Default: if on a terminal."),
]


def train(
    word: WordOrNone = None,
    group: GroupText = None,
    cayley: CayleyFile = None,
    table: TableText = None,
    recipe: RecipeName = None,
    quick: Quick = False,
    listed: Listed = False,
    config: ConfigFile = None,
    changes: Changes = None,
    output: Output = None,
    anew: Anew = False,
    keep_runs: KeepRuns = False,
    as_json: Json = False,
    progress: Progress = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    verbose: Verbose = 0,
) -> None:
    """Train networks on WORD over GROUP or on a table, or repeat an experiment with --recipe.

    Without options, a Hadamard net with values that suit the order of the group. Ctrl-C ends the
    run between two steps; with -o, the same command goes on. See --list for recipes.
    """
    room_of("nets", "This command")
    shown = sys.stderr.isatty() if progress is None else progress
    if listed:
        _list(as_json)
        return
    # All that can be wrong with the command is said before torch is loaded, which takes seconds.
    values = _parsed(changes or [])
    if output is not None and output.exists() and not output.is_dir():
        raise FileFormatError(
            f"Option -o takes a folder, and {str(output)!r} is a file; name another one"
        )
    if keep_runs and (recipe is None or output is None):
        raise NetworkError("Option --keep-runs needs --recipe NAME and a folder, -o FOLDER")
    alone = all(given is None for given in (word, cayley, table, config))
    _check_recipe(recipe, quick, alone, workers > 1 or scheduler is not None)
    common: dict[str, Any] = {"folder": output, "resume": not anew, "progress": shown}
    if recipe is not None:
        common["keep_runs"] = keep_runs
        with worker_pool(workers, scheduler) as executor:
            done = _run_recipe(recipe, quick, values, executor=executor, **common)
    else:
        if table is not None:
            chosen, target = _with_table(table_from(table, word, group, cayley), config, values)
        else:
            chosen, target = _chosen(word, group, cayley, config, values)
        _keep_config(config, output, chosen)
        begin_stage("loading of torch")
        from ..nets import train as train_net

        done = train_net(chosen, target, **common)
    if as_json:
        echo_json(done.to_dict())
    else:
        say(str(done))
    if output is not None:
        say(_written(output, done), err=True)
    if done.interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)


def _check_recipe(recipe: str | None, quick: bool, alone: bool, shared: bool) -> None:
    """Refuse what only recipes have, and what they bring themselves."""
    if recipe is None and shared:
        raise NetworkError(
            "Options --workers and --scheduler share out the runs of a recipe; name one with "
            "--recipe"
        )
    if recipe is None and quick:
        raise NetworkError("Option --quick is a size of recipes; name one with --recipe")
    if recipe is not None and not alone:
        raise NetworkError(
            "Option --recipe brings its own word, group and configuration; give none of them"
        )


def _run_recipe(recipe: str, quick: bool, values: dict[str, Any], **common: Any) -> Any:
    """Run a recipe; what is wrong with it is said before torch is loaded."""
    from .. import experiments

    named = experiments.recipe(recipe)
    named.configs(quick, values)
    begin_stage("loading of torch")
    return experiments.run_recipe(named, quick=quick, changes=values, **common)


def _written(output: Path, done: Any) -> str:
    """Say what is in the folder of a run or of a recipe, and how much of it is new."""
    if done.interrupted:
        return f"wrote {output}; the same command goes on from there"
    if done.steps == done.begun > 0:  # in the end as at the beginning
        by_seed = hasattr(done, "recipe") and done.recipe.by_seed
        more = " More seeds are trained with --set instances=N." if by_seed else ""
        return (
            f"nothing was left to train: {output} holds all of it.{more} For a longer run begin "
            "anew (--anew --set steps=N), or name another folder"
        )
    went_on = f"; went on from the {done.begun} steps made before" if done.begun else ""
    return f"wrote {output}{went_on}"


def _list(as_json: bool) -> None:
    from .._text import text_table
    from ..experiments import RECIPES, Cost

    def about(cost: Cost | None) -> str:
        return "-" if cost is None else cost.time()

    if as_json:
        told = {}
        for made in RECIPES.values():
            costs = {"full": made.cost(), "quick": made.cost(quick=True)}
            seconds = {size: None if c is None else c.seconds for size, c in costs.items()}
            told[made.name] = {"title": made.title, "device": made.device, "seconds": seconds}
        echo_json(told)
        return
    rows = [
        [made.name, made.device, about(made.cost()), about(made.cost(quick=True)), made.title]
        for made in RECIPES.values()
    ]
    say(text_table(["recipe", "device", "full", "quick", "what"], rows))
    say("Times are about those of training on one core, unless another device is named.")


def _chosen(
    word: str | None,
    group: str | None,
    cayley: Path | None,
    config: Path | None,
    values: dict[str, Any],
) -> tuple["TrainConfig", Any]:
    """Return the configuration, and the group; none for a parity."""
    from ..nets import TrainConfig, suggested

    if config is not None:
        if word is not None or group is not None:
            raise NetworkError(
                "Option --config brings its own word and group; change them with --set"
            )
        chosen = TrainConfig.from_dict(_read(config) | values)
        if chosen.table:
            return chosen, table_from(chosen.table, cayley)
        if chosen.model == "parity":
            return chosen, None if cayley is None else group_from(None, cayley)
        read_word(chosen.word)
        return chosen, group_from(chosen.group if cayley is None else None, cayley)
    if values.get("model") == "parity":
        if word is not None or cayley is not None:
            raise NetworkError(
                "A net with model=parity learns a parity; give no word, and no group"
            )
        return TrainConfig.from_dict(values), None
    if word is None:
        raise NetworkError(
            "There is no word; name a word and a group, --table, --recipe or --config"
        )
    _check_twice(values, "word", "group")
    read_word(word)
    G = group_from(group, cayley)
    return suggested(word, G, **values), G


def _with_table(
    table: "ValueTable", config: Path | None, values: dict[str, Any]
) -> tuple["TrainConfig", Any]:
    """Return the configuration of a run on a table, and the table."""
    from ..nets import TrainConfig, suggested

    _check_twice(values, "table")
    named = {"table": table.name}
    if config is not None:
        return TrainConfig.from_dict(_read(config) | named | values), table
    return suggested(table, **values), table


def _check_twice(values: dict[str, Any], *keys: str) -> None:
    """Refuse what --set says as well."""
    for key in keys:
        if key in values:
            raise NetworkError(
                f"Key {key!r} is given twice, as an argument and with --set; give it once"
            )


def _keep_config(config: Path | None, output: Path | None, chosen: "TrainConfig") -> None:
    """Refuse to write another configuration over the one that was given."""
    if config is None or output is None:
        return
    written = output / "config.json"
    if written.exists() and written.samefile(config) and _read(config) != chosen.to_dict():
        raise FileFormatError(
            f"File {str(config)!r} is the configuration given, and would be replaced by another "
            "one; choose another folder, or give the file another name"
        )


def _read(path: Path) -> dict[str, Any]:
    with expecting(path, CONFIG):
        values = read_json(path)
        if not isinstance(values, dict):
            raise FileFormatError(f"File {str(path)!r} must hold one JSON object")
        return values


def _parsed(changes: list[str]) -> dict[str, Any]:
    """Read KEY=VALUE; none switches an option off, as null does; what is no JSON is text."""
    values: dict[str, Any] = {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals or not key:
            raise NetworkError(f"Option --set takes KEY=VALUE, not {change!r:.80}")
        try:
            values[key.strip()] = None if text.lower() == "none" else parse_json(text.encode())
        except ValueError:
            values[key.strip()] = text
    return values
