"""What ``wordtensor schemes search`` is asked for: each argument and option, declared once."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, fields
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar, get_type_hints

import typer

from ..errors import SchemeError
from ._known_ranks import KnownFile
from ._options import Json, Scheduler, Seed, Verbose, Workers

MethodName = Literal["flips", "symmetric"]
Options = TypeVar("Options")

_SECONDS: Final = 60.0

# The panels of the help say for which methods an option is.
_WALKS = "For --method flips and symmetric"
_FLIPS = "For --method flips"
_SYMMETRIC = "For --method symmetric"
_PANELS: Final[dict[str | None, tuple[MethodName, ...]]] = {
    _WALKS: ("flips", "symmetric"),
    _FLIPS: ("flips",),
    _SYMMETRIC: ("symmetric",),
}

DivisionName = Annotated[
    Literal["R", "C", "H"], typer.Option("--division", help="Where the matrices' entries live.")
]
SizeN = Annotated[int, typer.Argument(metavar="N", min=1, max=64, show_default=False)]
SizeM = Annotated[int, typer.Argument(metavar="M", min=1, max=64, show_default=False)]
SizeP = Annotated[int, typer.Argument(metavar="P", min=1, max=64, show_default=False)]


def _option(help: str, panel: str | None = None, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=panel, **more)


def _own(help: str, panel: str | None = None, **more: Any) -> Any:
    """Declare an option without which the method's own default holds."""
    return _option(help, panel, show_default=False, **more)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; None where the method's own default holds."""

    n: SizeN
    m: SizeM
    p: SizeP
    rank: Annotated[int | None, _own("Stop here; default: search on.", min=1)] = None
    method: Annotated[
        MethodName, _option("flips or symmetric.", None, "--method", metavar="NAME")
    ] = "flips"
    ring: Annotated[
        Literal["F2", "F3", "Z"],
        _option("F2, F3: walk modulo 2 or 3, then lift; Z: coefficients -1, 0, 1.", _FLIPS),
    ] = "F2"
    division: DivisionName = "R"
    seed: Seed = 0
    seconds: Annotated[
        float | None,
        _own(
            "Stop after this time; default: 60, or no limit with --flips.",
            _WALKS,
            min=0.0,
            metavar="SECONDS",
        ),
    ] = None
    flips: Annotated[
        int | None, _own("Stop after so many, of all walks: the same every time.", _WALKS, min=1)
    ] = None
    start: Annotated[
        Literal["auto", "best", "extend", "project", "standard"],
        _option("Start from known schemes, of these or other sizes, or the standard one.", _FLIPS),
    ] = "auto"
    walkers: Annotated[int | None, _own("Walks side by side.", _FLIPS, min=1)] = None
    steps: Annotated[int | None, _own("Flips of one walk.", _FLIPS, min=1)] = None
    plus_after: Annotated[
        int | None, _own("Flips in vain before a plus transition.", _WALKS, min=1)
    ] = None
    margin: Annotated[
        int | None, _own("Terms above the best that a plus may add.", _WALKS, min=1)
    ] = None
    signs_only: Annotated[
        bool, _option("Accept only coefficients -1, 0, 1.", _WALKS, "--signs-only")
    ] = False
    device: Annotated[
        Literal["cpu", "cuda"],
        _option("Where to walk; a GPU takes thousands of --walkers.", _FLIPS),
    ] = "cpu"
    fixed: Annotated[
        int | None,
        _own("Terms a*a*a at the start; default: N/2.", _SYMMETRIC, min=1, metavar="CUBES"),
    ] = None
    reflected: Annotated[
        bool, _option("Symmetry under reversal of all indices as well.", _SYMMETRIC, "--reflected")
    ] = False
    patience: Annotated[int | None, _own("Flips in vain that end a walk.", _SYMMETRIC, min=1)] = (
        None
    )
    seeds: Annotated[
        int, _option("So many searches, each with the limits; the best is kept.", min=1)
    ] = 1
    workers: Workers = 1
    scheduler: Scheduler = None
    checkpoint: Annotated[
        Path | None, _own("Written now and then; resumed from.", _WALKS, metavar="FILE")
    ] = None
    output: Annotated[
        Path | None,
        _option("Save the scheme.", None, "--output", "-o", metavar="FILE", show_default=False),
    ] = None
    force: Annotated[bool, _option("Replace an existing output.", None, "--force")] = False
    store: Annotated[
        bool, _option("Keep what improves, for decompose to use.", None, "--store/--no-store")
    ] = True
    known: KnownFile = None
    as_json: Json = False
    progress: Annotated[
        bool | None,
        _option("Default: if on a terminal.", None, "--progress/--no-progress", show_default=False),
    ] = None
    verbose: Verbose = 0

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Sizes of the matrices."""
        return self.n, self.m, self.p

    @property
    def shown(self) -> bool:
        """Whether to show a line of progress."""
        return sys.stderr.isatty() if self.progress is None else self.progress

    @property
    def limit(self) -> float | None:
        """Seconds; none if the flips are counted."""
        return _SECONDS if self.seconds is None and self.flips is None else self.seconds

    def options(self, kind: type[Options]) -> Options:
        """Return the options of a method: what they have by the same name, where it is given."""
        shared = {f.name: getattr(self, f.name, None) for f in fields(kind)}  # type: ignore[arg-type]
        return kind(**{name: value for name, value in shared.items() if value is not None})


_HINTS: Final = get_type_hints(Request, include_extras=True)
# Options that are not for every method.
_TAKEN_BY: Final = {"division": ("flips",)} | {
    name: _PANELS[declared.rich_help_panel]
    for name, hint in _HINTS.items()
    for declared in hint.__metadata__
    if declared.rich_help_panel in _PANELS
}


def takes_request(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the arguments and options of `Request`."""
    parameters = [Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    for field in fields(Request):
        default = Parameter.empty if field.default is MISSING else field.default
        hint = _HINTS[field.name]
        parameters.append(
            Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        )
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return command


def check_request(request: Request, given: Iterable[str]) -> None:
    """Refuse what the method cannot do, before any work is paid for."""
    if request.seeds == 1 and (request.workers > 1 or request.scheduler is not None):
        raise SchemeError(
            "Options --workers and --scheduler share out the searches of several seeds; say how "
            "many with --seeds"
        )
    method, sizes = request.method, "<{},{},{}>".format(*request.sizes)
    for name in given:
        methods = _TAKEN_BY.get(name, (method,))
        if method not in methods:
            raise SchemeError(
                f"Option --{name.replace('_', '-')} is not for --method {method}; it goes with "
                f"--method {' or '.join(methods)}"
            )
    if method == "symmetric" and len(set(request.sizes)) > 1:
        raise SchemeError(
            f"Option --method symmetric needs three equal sizes, not {sizes}; try --method flips"
        )
    if method == "flips":
        _check_lengths(request, sizes)


def _check_lengths(request: Request, sizes: str) -> None:
    """Refuse sizes that do not fit into machine words: their schemes may not fit into memory."""
    from ..schemes import DIMENSIONS
    from ..schemes.flips._packed import LONGEST

    n, m, p = request.sizes
    length = max(n * m, m * p, n * p) * DIMENSIONS[request.division]
    if length > LONGEST[request.ring]:
        raise SchemeError(
            f"A product {sizes} over {request.division} is too large: a matrix has {length} "
            f"entries, and walks over {request.ring} take up to {LONGEST[request.ring]}; use "
            "decompose and export, which build larger schemes from smaller ones"
        )
