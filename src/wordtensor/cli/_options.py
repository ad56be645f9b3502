"""Arguments and options that several commands share."""

from collections.abc import Callable
from contextlib import nullcontext
from copy import copy
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

from .._memory import memory_limit
from ._output import logs_shown
from ._stages import stages_shown

WordText = Annotated[
    str, typer.Argument(metavar="WORD", show_default=False, help='Such as "a*b*a^-1" or "abA".')
]
WordOrNone = Annotated[
    str | None,
    typer.Argument(metavar="WORD", show_default=False, help='Such as "a*b*a^-1" or "abA".'),
]
GroupText = Annotated[
    str | None,
    typer.Argument(
        metavar="GROUP",
        show_default=False,
        help='A name, generators such as "<(1,2,3), (1,2)>", a presentation, or a file (.npy, '
        ".npz, .csv, .tsv, .txt, .json, .g, .gap) with one of these or a Cayley table.",
    ),
]
CayleyFile = Annotated[
    Path | None,
    typer.Option(
        "--cayley", metavar="FILE", show_default=False, help="A file of a group, instead of GROUP."
    ),
]
TableText = Annotated[
    str | None,
    typer.Option(
        "--table",
        metavar="FILE|FORMULA",
        show_default=False,
        help='Any table of values, instead of WORD GROUP: a file, or such as "x/y mod 97".',
    ),
]
FieldName = Annotated[
    Literal["real", "complex"], typer.Option("--field", help="Where the terms live.")
]
Method = Annotated[
    str, typer.Option("--method", help="auto, or the name of one route; see the plan.")
]
NoStore = Annotated[
    bool,
    typer.Option("--no-store", help="Neither use nor keep solved cores."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]
EffortName = Annotated[
    Literal["fast", "search"],
    typer.Option(
        "--effort", help="fast: the same every time; search: use the time limit to go lower."
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        show_default=False,
        help="What search spends on top of fast; default: 60.",
    ),
]
Device = Annotated[
    Literal["cpu", "cuda"],
    typer.Option(
        "--device", help="Where the solver runs; a GPU follows hundreds of starts at once."
    ),
]
OutputFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE.npz", show_default=False, help="Save the result."),
]
Progress = Annotated[
    bool | None,
    typer.Option("--progress/--no-progress", show_default=False, help="Default: if on a terminal."),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")]
Workers = Annotated[
    int, typer.Option("--workers", metavar="N", min=1, help="Processes that share the work.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        show_default=False,
        help="Of a dask scheduler, whose workers share the work.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON object to stdout.")]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        show_default=False,
        help="Log to stderr; twice for more.",
    ),
]
_Memory = Annotated[
    float,
    typer.Option(
        "--memory", metavar="GIB", help="What one piece of work may take, by estimate; inf: any."
    ),
]


def framed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command --memory, under whose limit it runs, its logs, its stages and whole paths."""

    @wraps(command)
    def limited(*arguments: Any, memory: float, verbose: int = 0, **options: Any) -> None:
        name = command.__name__.rstrip("_")
        with (
            memory_limit(memory),
            logs_shown(verbose),
            nullcontext() if verbose else stages_shown(name),  # else they are among the logs
        ):
            command(*arguments, verbose=verbose, **options)

    shape = signature(command)
    option = Parameter("memory", Parameter.KEYWORD_ONLY, default=4.0, annotation=_Memory)
    parameters = [_with_whole_path(p) for p in (*shape.parameters.values(), option)]
    limited.__signature__ = shape.replace(parameters=parameters)  # type: ignore[attr-defined]
    limited.__annotations__ = command.__annotations__ | {p.name: p.annotation for p in parameters}
    return limited


def _with_whole_path(parameter: Parameter) -> Parameter:
    """Have a parameter that is a path read by `_whole_path`."""
    hint = get_args(parameter.annotation)
    if len(hint) != 2 or Path not in (hint[0], *get_args(hint[0])):
        return parameter
    declared = copy(hint[1])
    declared.parser = _whole_path
    return parameter.replace(annotation=Annotated[hint[0], declared])


def _whole_path(text: str | Path) -> Path:
    """Read a path that is not empty: `Path("")` would be the present folder."""
    if text == "":
        raise typer.BadParameter(
            "the path is empty; name a file or a folder, or write . for the present folder"
        )
    return Path(text)
