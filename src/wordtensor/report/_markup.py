"""HTML made of elements: whatever is not markup is escaped, in one place."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final


class Markup(str):
    """A piece of HTML, to be taken as it is; plain strings are text, to be escaped."""

    __slots__ = ()


Content = str | int | Markup

_VOID: Final = frozenset({"meta", "img", "br"})
# What may not stand in HTML, even as a reference, or turns the line round: a replacement character.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_NUMBER: Final = re.compile(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?( ?%)?( \(.*\))?|–|")
# Letters of a row's name that may be broken into lines.
_LONG: Final = 24


def text(content: Content) -> Markup:
    """Return text with all that means something in HTML escaped; markup passes through."""
    if isinstance(content, Markup):
        return content
    return Markup(escape(_UNPRINTABLE.sub("\ufffd", str(content)), quote=True))


def joined(parts: Iterable[Content]) -> Markup:
    """Return one piece of HTML after the other."""
    return Markup("".join(text(part) for part in parts))


def element(tag: str, *content: Content, **attributes: str | None) -> Markup:
    """Return an element; of attributes, None is left out, class_ means class, and a_b means a-b."""
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{named}>")
    return Markup(f"<{tag}{named}>{joined(content)}</{tag}>")


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
