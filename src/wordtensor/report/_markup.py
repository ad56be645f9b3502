"""The tables of the report, as HTML."""

import re
from collections.abc import Sequence
from typing import Final

from .._markup import Markup, element

_NUMBER: Final = re.compile(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?( ?%)?( \(.*\))?|–|")
# Letters of a row's name that may be broken into lines.
_LONG: Final = 24


def rows_table(heads: Sequence[str], rows: Sequence[Sequence[object]], label: str) -> Markup:
    """Return a table in a box that scrolls, numbers to the right; the label says what it holds."""
    cells = [[cell if isinstance(cell, Markup) else str(cell) for cell in row] for row in rows]
    columns = range(len(cells[0]) if cells else len(heads))
    right = [k > 0 and all(_NUMBER.fullmatch(row[k]) for row in cells) for k in columns]
    classes = ["n" if numeric else None for numeric in right]
    parts = []
    if any(heads):
        line = (
            element("th", head, scope="col", class_=kind)
            for head, kind in zip(heads, classes, strict=True)
        )
        parts.append(element("thead", element("tr", *line)))
    body = []
    for row in cells:
        first = element("th", row[0], scope="row", class_="w" if len(row[0]) > _LONG else None)
        rest = (
            element("td", cell, class_=kind)
            for cell, kind in zip(row[1:], classes[1:], strict=True)
        )
        body.append(element("tr", first, *rest))
    parts.append(element("tbody", *body))
    # Focusable, so that it can be scrolled by keys.
    return element(
        "div", element("table", *parts), class_="scroll", tabindex="0", role="region",
        aria_label=label,
    )  # fmt: skip
