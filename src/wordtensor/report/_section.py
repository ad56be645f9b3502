"""Pieces that sections of the page are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

from .._markup import Content, Markup, element, joined
from ._markup import rows_table

# Shares above this one, in percent, would be rounded up to all.
_MOST: Final = 99.9
# Rows of a piece of a long table.
_PIECE: Final = 16


@dataclass(frozen=True, slots=True)
class Section:
    """A question of the reader's, and the evidence for its answer."""

    title: str
    content: Markup


def paragraph(*sentences: str) -> Markup:
    """Return sentences as one paragraph; each begins with a capital and ends with a full stop."""
    said = (f"{words[:1].upper()}{words[1:].rstrip('.')}." for words in sentences if words)
    return element("p", " ".join(said))


def explain(text: str) -> Markup:
    """Return what stands in small letters below a table."""
    return element("p", text, class_="explain")


def flow(*parts: Content) -> Markup:
    """Set pictures and tables in as many columns as there is room for."""
    return element("div", *parts, class_="flow")


def part(title: str, *content: Content) -> Markup:
    """Return a part of a section, with its title."""
    return joined([element("h3", title), *content])


def table_with(table: Markup, about: str) -> Markup:
    """Return a table with what is said of it below, kept together."""
    return element("div", table, explain(about), class_="table")


def long_table(
    heads: Sequence[str], rows: Sequence[Sequence[object]], label: str, about: str
) -> Markup:
    """Return a table in pieces, each with its heads, that fill columns; then what is said of it."""
    starts = range(0, max(len(rows), 1), _PIECE)
    *pieces, last = [rows_table(heads, rows[k : k + _PIECE], label) for k in starts]
    before = [element("div", piece, class_="table") for piece in pieces]
    return joined([*before, table_with(last, about)])


def wide_table(table: Markup, about: str) -> Markup:
    """Return a table of many columns, with what is said of it beside it where there is room."""
    return element("div", table, explain(about), class_="table row")


def short_share(share: float) -> str:
    """Return a share as a percentage with at most three digits; 100 % only if it is all."""
    if isnan(share):
        return "–"
    if share >= 1:
        return "100 %"
    return f"> {_MOST} %" if 100 * share > _MOST else f"{100 * share:.3g} %"


def short_number(value: float) -> str:
    """Return a number with three digits; a dash if there is none."""
    return "–" if isnan(value) else f"{value:.3g}"
