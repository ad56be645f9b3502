"""``wordtensor schemes``: list, check, import and export schemes for matrix products."""

from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from math import exp, floor, log, prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._memory import require_memory
from .._text import product_name
from ..errors import FileFormatError, MemoryLimitError, SchemeError
from ._options import Force, Json, Verbose
from ._output import EXIT_FAILED, cell, check_target, echo_json, say
from ._search_request import DivisionName, SizeM, SizeN, SizeP
from .scheme_search import search

if TYPE_CHECKING:
    from ..schemes import Registry, Scheme

SchemeFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", show_default=False, help="Schemes in any of the formats that export writes."
    ),
]
_LARGEST = 16

schemes = typer.Typer(
    name="schemes",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@schemes.callback()
def _about() -> None:
    """List, search and exchange exact schemes for <n,m,p>: n x m times m x p matrices.

    What a search finds is kept with the user's data, and decompose uses it.

    WORDTENSOR_SCHEMES names another folder; empty, it leaves the package's schemes only.
    """


@dataclass(frozen=True, slots=True)
class Row:
    """What `list` shows of one size.

    Attributes
    ----------
    sizes : tuple of int
        (n, m, p).
    division : str
        "R", "C" or "H".
    rank : int
        Number of real products.
    ring : str
        "Z" or "Q".
    origin : str
        "package", "user" if a scheme of the user's takes part, or "standard".
    construction : str
        How the scheme is built, or where it is from.
    """

    sizes: tuple[int, int, int]
    division: str
    rank: int
    ring: str
    origin: str
    construction: str

    @property
    def name(self) -> str:
        """The sizes as they are written: "<2,2,3>", "<1,1,1>_C"."""
        return product_name(self.sizes, self.division)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        return {
            "sizes": list(self.sizes),
            "division": self.division,
            "rank": self.rank,
            "ring": self.ring,
            "origin": self.origin,
            "construction": self.construction,
        }


def rows_of(registry: "Registry", largest: int, division: str) -> list[Row]:
    """Say how the best scheme is built for all sizes n <= m <= p up to a largest.

    Parameters
    ----------
    registry : Registry
        Where schemes are from.
    largest : int
        Up to this p.
    division : {"R", "C", "H"}
        Where the entries live.

    Returns
    -------
    list of Row
        Ordered by n, m, p; no scheme is built for it.

    Examples
    --------
    >>> from wordtensor.schemes import default_registry
    >>> [(row.name, row.rank) for row in rows_of(default_registry(), 2, "R")][2:]
    [('<1,2,2>', 4), ('<2,2,2>', 7)]
    """
    from ..schemes import best_rank, construction, ingredients

    rows = []
    for sizes in combinations_with_replacement(range(1, largest + 1), 3):
        parts = ingredients(*sizes, division, registry=registry)
        origins = {registry.origin(s) for s in parts}
        rows.append(
            Row(
                sizes,
                division,
                best_rank(*sizes, division, registry=registry),
                "Z" if all(s.ring == "Z" for s in parts) else "Q",
                "user" if "user" in origins else "package" if parts else "standard",
                construction(*sizes, division, registry=registry).partition(" = ")[2],
            )
        )
    return rows


@schemes.command("list")
def list_(
    largest: Annotated[
        int, typer.Option("--max", min=1, max=_LARGEST, help="All sizes n <= m <= p up to this.")
    ] = 5,
    division: DivisionName = "R",
    stored: Annotated[
        bool, typer.Option("--stored", help="Only the stored schemes, of all sizes and algebras.")
    ] = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Print the ranks that are known here, and how each scheme is built."""
    from ..schemes import user_registry

    registry = user_registry()
    rows = _stored_rows(registry) if stored else rows_of(registry, largest, division)
    if as_json:
        echo_json({"schemes": [row.to_dict() for row in rows]})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table()
    table.add_column("size")
    table.add_column("rank", justify="right")
    for column in ("ring", "from", "provenance" if stored else "made of"):
        table.add_column(column)
    for row in rows:
        cells = (row.name, row.rank, row.ring, row.origin, row.construction)
        table.add_row(*map(cell, cells))
    Console(highlight=False).print(table)


def _stored_rows(registry: "Registry") -> list[Row]:
    return [
        Row(s.shape, s.division, s.rank, s.ring, registry.origin(s), s.provenance)
        for s in sorted(registry.schemes, key=lambda s: (s.division, s.shape, s.rank))
    ]


def _read(file: Path) -> tuple["Scheme", ...]:
    """Read a file of schemes in any format; each is checked exactly."""
    from ..schemes import read_scheme_file

    found = read_scheme_file(file)
    if not found:
        raise FileFormatError(f"File {str(file)!r} holds no schemes")
    return found


@schemes.command()
def verify(file: SchemeFile, as_json: Json = False, verbose: Verbose = 0) -> None:
    """Check all schemes of a file by Brent's equations, in integers.

    The exit code is 0 if all hold, 1 if one does not, and 2 if the file cannot be read.
    """
    found: tuple[Scheme, ...] = ()
    wrong = None
    try:
        found = _read(file)
    except SchemeError as error:
        wrong = str(error)
    if as_json:
        schemes = [
            {"sizes": list(s.shape), "division": s.division, "rank": s.rank, "ring": s.ring}
            for s in found
        ]
        echo_json({"file": str(file), "ok": wrong is None, "error": wrong, "schemes": schemes})
    elif wrong is not None:
        say(f"WRONG: {wrong}")
    else:
        for s in found:
            say(f"{product_name(s.shape, s.division)} rank {s.rank}: exact over {s.ring}")
    if wrong is not None:
        raise typer.Exit(EXIT_FAILED)


@schemes.command("import")
def import_(
    file: SchemeFile,
    every: Annotated[
        bool, typer.Option("--all", help="Keep schemes that improve nothing as well.")
    ] = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Check the schemes of a file and keep those that improve what is known here.

    Schemes that hold modulo 2 or 3 only are lifted, if they can be.

    If one is wrong, none is kept and the exit code is 1.
    """
    try:
        found = _read(file)
    except SchemeError as error:
        say(f"error: Nothing is imported: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    reports = [_imported(s, file, every) for s in found]
    if as_json:
        echo_json({"file": str(file), "schemes": reports})
        return
    for report, s in zip(reports, found, strict=True):
        say(f"{product_name(s.shape, s.division)} rank {s.rank}: {report['result']}")


def _imported(s: "Scheme", file: Path, every: bool) -> dict[str, Any]:
    """Keep a checked scheme if it is wanted, and say what came of it."""
    from ..schemes import best_rank, lift_scheme, remember, user_registry

    before = best_rank(*s.shape, s.division, registry=user_registry())
    report: dict[str, Any] = {
        "sizes": list(s.shape),
        "division": s.division,
        "rank": s.rank,
        "known_before": before,
        "kept": None,
    }
    better = s.rank < before
    if not better and not every:
        return report | {"result": f"no better than the {before} known"}
    try:
        lifted = lift_scheme(s) if s.characteristic else s
    except MemoryLimitError as error:
        return report | {"result": f"holds modulo {s.characteristic} only; left out: {error}"}
    if lifted is None:
        only = f"holds modulo {s.characteristic} only and could not be lifted"
        return report | {"result": f"{only}; left out"}
    named = file.name in s.provenance
    text = s.provenance if named else f"imported from {file.name}: {s.provenance}"
    kept = remember(replace(lifted, provenance=text))
    result = f"improves {before}" if better else f"no better than the {before} known"
    result += ", lifted" * bool(s.characteristic) + f"; kept as {kept}"
    return report | {"kept": str(kept), "result": result}


@schemes.command()
def export(
    n: SizeN,
    m: SizeM,
    p: SizeP,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", show_default=False, help="Default: by sizes and rank."
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            show_default=False,
            help="Such as fmm or alphatensor. Default: by FILE's ending, else our own.",
        ),
    ] = None,
    division: DivisionName = "R",
    force: Force = False,
    verbose: Verbose = 0,
) -> None:
    """Write the best scheme for <N,M,P> that is known here to a file."""
    from ..schemes import DIMENSIONS, best_rank, best_scheme, user_registry
    from ..schemes.formats.files import format_named, format_of

    registry = user_registry()
    entries = (n * m + m * p + n * p) * DIMENSIONS[division]
    _check_size((n, m, p), _least_rank(n * m * p, registry), entries)
    rank = best_rank(n, m, p, division, registry=registry)
    _check_size((n, m, p), rank, entries)
    kind = format_named(format_) if format_ else format_of(output or Path())
    suffix = "" if division == "R" else f"_{division}"
    target = output or Path(f"{n}x{m}x{p}{suffix}_m{rank}{kind.ending}")
    check_target(target, force)
    s = best_scheme(n, m, p, division, registry=registry).check()
    kind.write(target, (s,))
    name = product_name(s.shape, division)
    say(f"wrote {target}: {name} with {s.rank} products over {s.ring}")


def _check_size(sizes: tuple[int, int, int], rank: int, entries: int) -> None:
    """Refuse a scheme that takes too much memory."""
    # Twice: when it is checked, it is there as floating-point numbers as well.
    require_memory(
        2 * 8 * rank * entries,
        "The scheme for <{},{},{}>, of ".format(*sizes) + f"at least {rank} products,",
        "Ask for smaller sizes",
    )


def _least_rank(volume: int, registry: "Registry") -> int:
    """Bound from below what schemes for n*m*p = volume can be built, without planning them.

    If rank >= volume^x holds for all stored schemes and some x <= 1, it holds for their products,
    and for sums and restrictions, since volume^x is subadditive and increasing.
    """
    exponents = [
        log(s.rank) / log(volume_of)
        for s in registry.schemes
        if s.division == "R" and (volume_of := prod(s.shape)) > 1
    ]
    return floor(exp(log(volume) * min([1.0, *exponents])) * (1 - 1e-9))


schemes.command("search")(search)
