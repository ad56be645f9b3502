"""What is known of the rank of a matrix product: a proved bound, and the user's table of ranks."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._text import product_name
from .._typing import Sizes
from ..errors import FileFormatError

if TYPE_CHECKING:
    from ..bounds import Bound
    from ..schemes.registry import Ring

KnownFile = Annotated[
    Path | None,
    typer.Option(
        "--known",
        metavar="FILE",
        envvar="WORDTENSOR_KNOWN",
        show_default=False,
        help="A table of the literature's ranks to show beside ours: columns n, m, p and rank_Q "
        "(or rank_Z, rank_ZT, rank_F2, by the ring).",
    ),
]


def lower_bound(sizes: Sizes, division: Any) -> "Bound":
    """Return what is proved about the least number of products over the real numbers."""
    from ..bounds.theorems import product_bound

    return product_bound(*sizes, division)


def read_known(path: Path | None, division: str, ring: "Ring") -> Mapping[Sizes, int]:
    """Read the user's table of real matrix products, for the ring asked for."""
    if path is None or division != "R":
        return {}
    from ..schemes import read_known_ranks

    return read_known_ranks(path, ring)


def known_rank(known: Mapping[Sizes, int], sizes: Sizes, ring: "Ring" = "Q") -> int | None:
    """Look sizes up in the user's table, and refuse what a theorem over the reals excludes."""
    a, b, c = sorted(sizes)
    if ring == "F2":
        return known.get((a, b, c))
    rank, bound = known.get((a, b, c)), lower_bound(sizes, "R")
    if rank is not None and rank < bound.value:
        name = product_name(sizes, "R")
        raise FileFormatError(
            f"The table of known ranks says {rank} for {name}, but over the real numbers at least "
            f"{bound.value} are needed ({bound.reason}); is it a table modulo 2?"
        )
    return rank
