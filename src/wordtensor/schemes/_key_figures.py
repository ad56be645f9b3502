"""What a notebook shows of a scheme: its key figures, its products, and the sums of these."""

from collections.abc import Sequence
from math import prod
from types import MappingProxyType
from typing import Final

from .._shown import Line, Table, facts
from .._typing import Integers, Sizes
from ._linear_forms import as_factor, coefficient_texts, names_of, sum_text
from .matrix_product import DIMENSIONS

_RINGS: Final = MappingProxyType(
    {
        "Z": "integers",
        "Q": "rational numbers",
        "F2": "modulo 2",
        "F3": "modulo 3",
        "Z[i]": "Gaussian integers",
        "Q(i)": "complex numbers with rational parts",
    }
)
_LETTERS: Final = ("a", "b", "c")


def key_figures(
    name: str, rank: int, division: str, shape: Sizes, *, ring: str, additions: int, provenance: str
) -> list[Line]:
    """Say how many products a scheme has, and of which coefficients."""
    standard, d = prod(shape), DIMENSIONS[division]
    over = f", each of which takes up to {d * d} real ones" if d > 1 else ""
    return [
        f"{name}: {rank} products",
        facts(
            [
                ("products of the standard algorithm", f"{standard}{over}"),
                ("additions", additions),
                ("coefficients", _RINGS.get(ring, ring)),
                ("provenance", provenance or "not said"),
            ]
        ),
    ]


def product_tables(
    factors: Sequence[Integers], denominators: Sequence[int], shape: Sizes
) -> list[Line]:
    """Lay out the products m1, m2, ... of linear forms over R, and the entries as their sums."""
    n, m, p = shape
    names = [names_of(*args) for args in zip(_LETTERS, (n, m, n), (m, p, p), strict=True)]
    U, V, W = factors
    left, right = (
        [as_factor(sum_text(texts, letters, " ")) for texts in coefficient_texts(factor, d)]
        for factor, d, letters in zip((U, V), denominators, names, strict=False)
    )
    products = [f"m{r + 1}" for r in range(U.shape[1])]
    sums = [sum_text(texts, products, " ") for texts in coefficient_texts(W.T, denominators[2])]
    return [
        Table(
            ["product", "left", "right"],
            list(zip(products, left, right, strict=True)),
            about=f"the {len(products)} products",
        ),
        Table(
            ["entry", "sum"],
            list(zip(names[2], sums, strict=True)),
            about="the entries of the result",
        ),
    ]
