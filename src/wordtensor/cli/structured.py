"""``wordtensor schemes structured``: products with a symmetric, skew or other structured factor."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .._files import replace_file
from ..errors import SchemeError
from ._options import Force, Json, Seed, Verbose
from ._output import EXIT_FAILED, EXIT_INTERRUPTED, cell, check_target, echo_json, say

if TYPE_CHECKING:
    from ..schemes import ExactTerms, StructuredProduct, StructuredScheme

_LARGEST = 16

StructureName = Annotated[
    Literal[
        "symmetric", "skew", "complex symmetric", "Hermitian", "triangular", "symmetric pair",
        "Gram",
    ]
    | None,
    typer.Argument(
        metavar="[STRUCTURE]",
        show_default=False,
        help="symmetric, skew, 'complex symmetric', Hermitian, triangular, 'symmetric pair', Gram.",
    ),
]  # fmt: skip
Size = typer.Argument(min=1, max=_LARGEST, show_default=False)


def structured(
    structure: StructureName = None,
    n: Annotated[int | None, Size] = None,
    p: Annotated[int | None, Size] = None,
    largest: Annotated[
        int, typer.Option("--max", min=1, max=8, help="In the list, all sizes up to this.")
    ] = 4,
    search: Annotated[
        float | None,
        typer.Option(min=0.0, metavar="SECONDS", show_default=False, help="Look for fewer terms."),
    ] = None,
    rank: Annotated[
        int | None, typer.Option(min=1, show_default=False, help="Where the search may stop.")
    ] = None,
    ring: Annotated[
        Literal["F2", "Z"],
        typer.Option(help="F2: walk modulo 2, then lift; Z: coefficients -1, 0, 1."),
    ] = "Z",
    seed: Seed = 0,
    terms: Annotated[
        Path | None,
        typer.Option(
            "--terms", metavar="OUT.json", show_default=False, help="Write exact U, V, W."
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """List products of an N x N matrix of a STRUCTURE with an N x P matrix, or show one.

    With STRUCTURE N P one is shown, and with --search SECONDS fewer terms are looked for.

    The file of --terms is a tensor that wordtensor solve reads.
    """
    from ..schemes import structured_scheme

    if structure is None:
        if search is not None or rank is not None or terms is not None:
            raise SchemeError(
                "Options --search, --rank and --terms need a product: STRUCTURE N P, "
                "such as skew 4 1"
            )
        _list(largest, as_json)
        return
    if n is None or p is None:
        raise SchemeError(f"A {structure} product needs two sizes N and P, such as {structure} 3 2")
    if terms is not None:
        check_target(terms, force, ())
    found = structured_scheme(structure, n, p).check()
    best, told, interrupted = found.terms, "", False
    if search is not None:
        best, told, interrupted = _searched(found, search, rank, ring, seed)
    _show(found, best, told, as_json)
    if terms is not None:
        replace_file(
            terms, (json.dumps(dict(zip("UVW", best.texts(), strict=True))) + "\n").encode()
        )
        say(f"wrote {terms}: {best.rank} exact terms as U, V, W", err=True)
    if interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)
    if rank is not None and best.rank > rank:
        raise typer.Exit(EXIT_FAILED)


def _show(found: "StructuredScheme", best: "ExactTerms", told: str, as_json: bool) -> None:
    """Print one product, and what a search came to."""
    if as_json:
        echo_json({**_values(found), "rank": best.rank, **({"search": told} if told else {})})
    else:
        x, y, z = found.product.shape
        say(
            f"{found.product}, a tensor of {x} x {y} x {z}, takes at most {found.rank} products "
            f"and at least {found.lower_bound}, its largest dimension."
        )
        say(f"It is made of {found.construction}.")
        if found.provenance != found.construction:
            say(f"The stored terms were found by: {found.provenance}.")
        if told:
            say(told)


def _searched(
    found: "StructuredScheme", seconds: float, rank: int | None, ring: Literal["F2", "Z"], seed: int
) -> tuple["ExactTerms", str, bool]:
    """Walk from the fibres; return the best terms, what was found, and whether Ctrl-C came."""
    from ..schemes import TensorOptions, search_tensor

    goal = found.lower_bound if rank is None else rank
    options = TensorOptions(ring=ring, seed=seed)
    result = search_tensor(found.product.tensor(), goal, seconds=seconds, options=options)
    gain = found.rank - result.terms.rank
    told = (
        f"A search of {result.seconds:.1f} s and {result.flips:.3g} flips over {ring} with seed "
        f"{seed} came to {result.terms.rank} terms, "
        f"{f'{gain} fewer: --terms OUT.json writes them' if gain > 0 else 'which is no gain'}."
    )
    if ring == "F2" and result.rank_in_ring < result.terms.rank:
        told += (
            f" Modulo 2 it met {result.rank_in_ring} terms; they did not lift to exact numbers, "
            "and hold modulo 2 only."
        )
    if result.interrupted:
        told += " It was interrupted; a search begins anew each time."
    best = result.terms if result.terms.rank < found.rank else found.terms
    return best, told, result.interrupted


def _products(largest: int) -> "list[StructuredProduct]":
    from ..schemes import STRUCTURES, StructuredProduct

    return [
        StructuredProduct(structure, n, p)
        for structure in STRUCTURES
        for n in range(2, largest + 1)
        for p in ([n] if structure == "symmetric pair" else range(1, largest + 1))
    ]


def _values(s: "StructuredScheme") -> dict[str, Any]:
    product = s.product
    return {
        "structure": product.structure,
        "n": product.n,
        "p": product.p,
        "shape": list(product.shape),
        "rank": s.rank,
        "lower_bound": s.lower_bound,
        "construction": s.construction,
        "provenance": s.provenance,
    }


def _list(largest: int, as_json: bool) -> None:
    from ..schemes import structured_scheme

    found = [structured_scheme(s.structure, s.n, s.p) for s in _products(largest)]
    if as_json:
        echo_json({"structured": [_values(s) for s in found]})
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table()
    shown.add_column("product")
    for column in ("rank", "at least"):
        shown.add_column(column, justify="right")
    shown.add_column("made of")
    for s in found:
        shown.add_row(*map(cell, (str(s.product), s.rank, s.lower_bound, s.construction)))
    Console(highlight=False).print(shown)
    say(
        'No scheme over any field has fewer products than "at least", the largest dimension, says. '
        "How stored terms were found is shown for one product, such as: wordtensor schemes "
        "structured skew 3 1"
    )
