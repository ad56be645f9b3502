"""``wordtensor schemes``: list schemes for matrix products, and the commands about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._text import product_name
from .._typing import Sizes
from ..errors import SchemeError
from ._known_ranks import KnownFile, known_rank, lower_bound, read_known
from ._options import Json, Verbose
from ._output import cell, echo_json, say
from ._search_request import DivisionName
from .scheme_campaign import campaign
from .scheme_export import convert, export
from .scheme_files import RingName, SignsOnly, asked_ring, import_, ring_in_words, verify
from .scheme_search import search
from .structured import structured

if TYPE_CHECKING:
    from ..schemes import ComplexScheme, Registry, Scheme

_LARGEST, _USUAL = 16, 5
_OF_THE_USER = "from your searches and imports"

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

    WORDTENSOR_KNOWN names a table of the literature's ranks, as the option --known does.
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
    lower : int
        No scheme over the real numbers has fewer; for complex coefficients, over the complex ones.
    ring : str
        "Z", "Q" or "F2"; "Z[i]" or "Q(i)" for a scheme with complex coefficients.
    origin : str
        "package", "user" if a scheme of the user's takes part, or "standard".
    construction : str
        How the scheme is built, or where it is from.
    best_known : int, optional
        The rank in the user's table of the literature.
    """

    sizes: tuple[int, int, int]
    division: str
    rank: int
    lower: int
    ring: str
    origin: str
    construction: str
    best_known: int | None = None

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
            "lower_bound": self.lower,
            "best_known": self.best_known,
            "ring": self.ring,
            "origin": self.origin,
            "construction": self.construction,
        }


def rows_of(
    registry: "Registry", largest: int, division: str, known: Mapping[Sizes, int] | None = None
) -> list[Row]:
    """Say how the best scheme is built for all sizes n <= m <= p up to a largest.

    Parameters
    ----------
    registry : Registry
        Where schemes are from.
    largest : int
        Up to this p.
    division : {"R", "C", "H"}
        Where the entries live.
    known : mapping, optional
        What `read_known_ranks` returns: the ranks of the literature.

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
    sizes = combinations_with_replacement(range(1, largest + 1), 3)
    return [_row(registry, each, division, known or {}) for each in sizes]


def _row(registry: "Registry", sizes: Sizes, division: str, known: Mapping[Sizes, int]) -> Row:
    """Say how the best scheme for some sizes is built."""
    from ..schemes import best_rank, construction, ingredients

    parts = ingredients(*sizes, division, registry=registry)
    origins = {registry.origin(s) for s in parts}
    return Row(
        sizes,
        division,
        best_rank(*sizes, division, registry=registry),
        _lower(registry, sizes, division),
        registry.ring if registry.ring == "F2" else _ring_of(parts),
        "user" if "user" in origins else "package" if parts else "standard",
        construction(*sizes, division, registry=registry).partition(" = ")[2],
        known_rank(known, sizes, registry.ring),
    )


def _ring_of(parts: "tuple[Scheme, ...]") -> str:
    return "Z" if all(s.ring == "Z" for s in parts) else "Q"


def _lower(registry: "Registry", sizes: Sizes, division: str) -> int:
    """Bound the rank over the registry's ring; modulo 2 by the largest of the three matrices."""
    from ..schemes import DIMENSIONS

    if registry.ring != "F2":
        return lower_bound(sizes, division).value
    _, b, c = sorted(sizes)
    return b * c * DIMENSIONS[division]


_Size = typer.Argument(min=1, max=64, show_default=False)


@schemes.command("list")
def list_(
    n: Annotated[int | None, _Size] = None,
    m: Annotated[int | None, _Size] = None,
    p: Annotated[int | None, _Size] = None,
    largest: Annotated[
        int | None,
        typer.Option(
            "--max",
            min=1,
            max=_LARGEST,
            show_default=False,
            help="All sizes n <= m <= p up to this; default: 5.",
        ),
    ] = None,
    division: DivisionName = "R",
    stored: Annotated[
        bool, typer.Option("--stored", help="Only the stored schemes, of all sizes and algebras.")
    ] = False,
    ring: RingName = "Q",
    signs_only: SignsOnly = False,
    known: KnownFile = None,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Print the ranks that are known here, and how each scheme is built.

    With N M P, such as 3 4 6, of this product alone, and where its parts are from.

    With --known FILE the best ranks of the literature stand beside ours.
    """
    from ..schemes import user_registry

    ring = asked_ring(ring, signs_only)
    registry = user_registry().over(ring)
    table = read_known(known, "R" if stored else division, ring)
    if n is not None:
        if m is None or p is None or stored or largest is not None:
            raise SchemeError(
                "One product has three sizes N M P, such as 3 4 6, and takes neither --max nor "
                "--stored, which are for the list of all"
            )
        _show_one(registry, _row(registry, (n, m, p), division, table), known, as_json)
        return
    largest = _USUAL if largest is None else largest
    rows = _stored_rows(registry, table) if stored else rows_of(registry, largest, division, table)
    if as_json:
        echo_json({"schemes": [row.to_dict() for row in rows]})
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table()
    shown.add_column("size")
    for column in ("rank", *(["best known"] if table else []), "at least"):
        shown.add_column(column, justify="right")
    for column in ("ring", "from", "provenance" if stored else "made of"):
        shown.add_column(column)
    for row in rows:
        best = () if not table else ("-" if row.best_known is None else row.best_known,)
        rest = (row.lower, row.ring, row.origin, row.construction)
        shown.add_row(*map(cell, (row.name, row.rank, *best, *rest)))
    Console(highlight=False).print(shown)
    fields = "F_2" if ring == "F2" else _bound_fields(rows)
    say(f'No scheme over {fields} has fewer products than "at least" says.')


def _show_one(registry: "Registry", row: Row, known: Path | None, as_json: bool) -> None:
    """Print what is known of one product: rank, bound, how it is built, and where that is from."""
    from ..schemes import ingredients

    parts = ingredients(*row.sizes, row.division, registry=registry)
    modulo_2 = registry.ring == "F2"
    reason = "the entries of the largest matrix"
    reason = reason if modulo_2 else lower_bound(row.sizes, row.division).reason
    if as_json:
        of = [
            {"sizes": list(s.shape), "division": s.division, "rank": s.rank, "ring": s.ring,
             "origin": registry.origin(s), "provenance": s.provenance} for s in parts
        ]  # fmt: skip
        echo_json({"schemes": [row.to_dict() | {"bound": reason, "ingredients": of}]})
        return
    fields = "F2" if modulo_2 else _bound_fields([row])
    where = ring_in_words(registry.ring, row.ring)
    say(
        f"{row.name} takes at most {row.rank} products over {where}, and at least {row.lower} "
        f"over {fields} ({reason})."
    )
    if row.best_known is not None and known is not None:
        say(f"{known.name} says {row.best_known}.")
    order = "" if list(row.sizes) == sorted(row.sizes) else ", with the sizes in increasing order"
    if row.construction.partition(" ")[0] in ("standard", "stored"):
        say(f"It is {'the standard' if not parts else 'a stored'} scheme{order}.")
    else:
        say(f"It is built as {row.construction}{order}.")
    if parts:
        say("Where this is from:")
    for s in parts:
        origin = registry.origin(s)
        place = "which comes with the package" if origin == "package" else _OF_THE_USER
        say(
            f"- {product_name(s.shape, s.division)}:{s.rank} over {s.ring}, {place}: {s.provenance}"
        )


def _bound_fields(rows: list[Row]) -> str:
    """Say over which numbers all lower bounds hold."""
    # Those for real matrices are proved over C.
    return "Q, R or C" if {row.division for row in rows} == {"R"} else "Q or R"


def _stored_rows(registry: "Registry", known: Mapping[Sizes, int]) -> list[Row]:
    real = sorted(registry.schemes, key=lambda s: (s.division, s.shape, s.rank))
    over_c = sorted(registry.complex_schemes, key=lambda s: (s.shape, s.rank))
    found: list[tuple[Scheme | ComplexScheme, str]] = [(s, registry.origin(s)) for s in real]
    found += [(s, "user") for s in over_c]
    return [
        Row(
            s.shape,
            s.division,
            s.rank,
            _lower(registry, s.shape, s.division),
            s.ring,
            origin,
            s.provenance,
            known_rank(known, s.shape, registry.ring) if s.division == "R" else None,
        )
        for s, origin in found
    ]


schemes.command("verify")(verify)
schemes.command("import")(import_)
schemes.command("export")(export)
schemes.command("convert")(convert)
schemes.command("search")(search)
schemes.command("structured")(structured)
schemes.command("campaign")(campaign)
