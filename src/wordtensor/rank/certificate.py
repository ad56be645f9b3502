"""The value `Certificate`: a decomposition as exact numbers that anybody can check."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._files import replace_file
from .._typing import Field, Value
from ..bounds import Bound
from ..bounds._modular import PRIME
from ..groups import Group
from ..schemes.exact_array import ExactArray
from ..schemes.exact_terms import ExactTerms
from ..words import Word, word_tensor
from ..words.core import merge_table, row_rank

_SCHEMA: Final = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Certificate(Value):
    """A word tensor as a sum of exact terms, and lower bounds with what proves them.

    Attributes
    ----------
    text : str
        The JSON object, whose keys are ``schema``, ``group`` (``name``, ``cayley``), ``word``,
        ``field``, ``number_field``, ``terms`` (``U``, ``V``, ``W``), ``rank`` and ``bounds`` (each
        with ``value``, ``theorem``, ``source`` and ``data``).

    Examples
    --------
    >>> from wordtensor.rank import decompose
    >>> certificate = decompose("a*b*a", "D5").certificate()
    >>> certificate, certificate.to_dict()["number_field"]
    (Certificate('a*b*a', 'D5', rank=14), [-5, 0, 1])
    """

    text: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the certificate to a JSON file, whole or not at all.

        Parameters
        ----------
        path : str or path
            The file; one that exists is replaced.

        Raises
        ------
        FileFormatError
            If the folder does not exist or cannot be written to.
        """
        replace_file(path, self.text.encode())

    def __repr__(self) -> str:
        found = self.to_dict()
        return f"Certificate({found['word']!r}, {found['group']['name']!r}, rank={found['rank']})"


def certified(
    word: Word, G: Group, terms: ExactTerms, field: Field, bounds: Iterable[Bound]
) -> Certificate:
    """Return the certificate of exact terms that add up to a word tensor."""
    content = {
        "schema": _SCHEMA,
        "group": {"name": G.name, "cayley": G.cayley.tolist()},
        "word": str(Word(word.syllables)),  # a certificate's letters are a and b
        "field": field,
        "number_field": [-terms.radicand, 0, 1] if terms.radicand > 1 else None,
        "terms": dict(zip("UVW", map(_texts, terms.factors), strict=True)),
        "rank": terms.rank,
        "bounds": _bounds(bounds, word_tensor(word, G).table, field),
    }
    return Certificate(json.dumps(content))


def _texts(factor: ExactArray) -> list[list[str]]:
    """Write numbers as fractions, or as a + b*x with x the root."""
    roots = np.zeros_like(factor.rational) if factor.irrational is None else factor.irrational
    pairs = zip(factor.rational.tolist(), roots.tolist(), strict=True)
    return [_row(plain, root, factor.denominator) for plain, root in pairs]


def _row(plain: Sequence[int], roots: Sequence[int], denominator: int) -> list[str]:
    return [
        str(Fraction(a, denominator))
        if not b
        else f"{Fraction(a, denominator)} + {Fraction(b, denominator)}*x"
        for a, b in zip(plain, roots, strict=True)
    ]


def _bounds(
    bounds: Iterable[Bound], table: NDArray[np.integer], field: Field
) -> list[dict[str, Any]]:
    """Name the theorems, best first, and what it takes to compute each bound again."""
    # The multilinear ranks need no theorem: what is not more than they are is left out.
    merged = merge_table(table, len(table))
    ranks = (row_rank(merged.table), row_rank(merged.table.T), merged.size)
    least = max(ranks)
    data = {"mode": ranks.index(least), "prime": PRIME}
    written = [_bound(least, "multilinear rank", "linear algebra", data)]
    for bound in bounds:
        if bound.value > least and bound.data is None:
            theorem = f"{bound.reason}, over the {field} numbers"
            written.append(_bound(bound.value, theorem, "", None))
        elif bound.data is not None:
            each = bound.data
            written.append(_bound(bound.value, each.theorem, each.source, each.to_dict()))
    return sorted(written, key=lambda bound: -bound["value"])


def _bound(value: int, theorem: str, source: str, data: Any) -> dict[str, Any]:
    return {"value": value, "theorem": theorem, "source": source, "data": data}
