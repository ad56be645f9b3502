"""Names that are not understood: what they may have meant, and how to write it."""

import difflib
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from .._text import printable
from ..errors import GroupError
from ._named_families import FAMILIES
from ._tables import check_order

# From a name to the order of its group, or None if there is none.
OrderOf = Callable[[str], int | None]

_SHOWN: Final = 60  # letters of a name in a message

# The sporadic groups that are asked for, by order.
_MATHIEU: Mapping[str, int] = MappingProxyType(
    {"m11": 7920, "m12": 95040, "m22": 443520, "m23": 10200960, "m24": 244823040}
)

EXAMPLES: Final = (
    "Write for example C12, D5, Dic3, Q8, SD16, S4, A5, SL(2,3), C7:C3, M5(2), Heis(3), "
    "SmallGroup(16,3), D5 x C2 or C2^3"
)

# What people write out; understood only for suggestions.
_LONG_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "cyclic": "C{}",
        "quaternion": "Q{}",
        "klein": "",
        "symmetric": "S{}",
        "sym": "S{}",
        "alternating": "A{}",
        "alt": "A{}",
        "heisenberg": "Heis({})",
        "smallgroup": "SmallGroup({},{})",
        **{family.form.partition("(")[0].strip("{}").lower(): family.form for family in FAMILIES},
    }
)


# How files of tables end.

# What stands between factors elsewhere.
_SIGNS: Final = re.compile(r"(?<=[\w)\]])[*+·⊕](?=[\w(])")
_ALONE: Mapping[str, str] = MappingProxyType({"quaternion": "Q8", "klein": "V4"})


def _suggestion(text: str, order_of: OrderOf) -> str:
    """Say which name was meant, if it has the numbers given and can hardly be another group."""
    written = re.fullmatch(r"([a-z]+)\(?((?:\d{1,6},)*\d{0,6})\)?", text.lower(), re.ASCII)
    if not written:
        return ""
    letters, numbers = written.group(1), [part for part in written.group(2).split(",") if part]
    # One letter in two or three makes another name: SU(2,3) is not SL(2,3).
    cutoff = 0.8 if len(letters) > 3 else 1.0
    for word in difflib.get_close_matches(letters, list(_LONG_WORDS), n=3, cutoff=cutoff):
        meant = _filled(_LONG_WORDS[word], numbers) if numbers else _ALONE.get(word)
        if meant and (order := order_of(meant)):
            return f'; did you mean "{meant}" (of order {order})?'
    return ""


def _filled(form: str, numbers: list[str]) -> str | None:
    """Put numbers into a form, if they fit into its places and are those that it has anyway."""
    places = re.findall(r"\{\}|\d+", form)
    if len(numbers) != len(places) or any(
        place not in ("{}", number) for place, number in zip(places, numbers, strict=True)
    ):
        return None
    return form.format(*(n for place, n in zip(places, numbers, strict=True) if place == "{}"))


def unknown(text: str, order_of: OrderOf) -> GroupError:
    """Return the error for a name that nothing is known of, perhaps with the one that was meant."""
    advice = _suggestion(text, order_of) or f". {EXAMPLES}"
    return GroupError(f'There is no group named "{shown(text)}"{advice}')


def check_signs(text: str, order_of: OrderOf) -> None:
    """Refuse other signs between factors than x, and say how the product is written."""
    written = _SIGNS.sub(" x ", text)
    if written != text and (order := order_of(written)):
        raise GroupError(
            f'The factors of "{shown(text)}" are joined by x; did you mean the direct product '
            f'"{written}" (of order {order})?'
        )


def check_meaning(text: str) -> None:
    """Refuse names that mean different groups to different people, or none that is made here."""
    if order := _MATHIEU.get(text.lower()):
        check_order(order, f"The Mathieu group {text.upper()}")
    two_ways = re.fullmatch(
        r"(dih|dihedral|dicyclic)(?:group)?\(?(\d{1,6})\)?", text, re.IGNORECASE | re.ASCII
    )
    if two_ways:
        short, parts = ("D", 2) if two_ways.group(1).lower() != "dicyclic" else ("Dic", 4)
        number = int(two_ways.group(2))
        if number and number % parts == 0:
            raise GroupError(
                f'"{text}" has order {number} in GAP and {parts * number} elsewhere; write '
                f"{short}{number // parts} (of order {number}) or {short}{number} "
                f"(of order {parts * number})"
            )
        raise GroupError(
            f'There is no group named "{text}"; did you mean "{short}{number}" (of order '
            f"{parts * number})?"
        )


def shown(text: str) -> str:
    """Write a name that was given as a message can show it."""
    return printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
