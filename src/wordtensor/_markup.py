"""HTML made of elements: whatever is not markup is escaped, in one place."""

import re
from collections.abc import Iterable
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
