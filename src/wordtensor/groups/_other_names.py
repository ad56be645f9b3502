"""Names that others use, written as ours: GAP's descriptions, point groups, Frobenius groups."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..errors import GroupError
from ._parameters import prime_power_parameter

# Names with one meaning of groups that have another name here.
SYNONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1": "C1",
        "f21": "C7:C3",
        "(s3xs3):c2": "S3 wr C2",
        "gl(3,2)": "PSL(2,7)",
        "sl(3,2)": "PSL(2,7)",
        "psl(3,2)": "PSL(2,7)",
        "pgl(3,2)": "PSL(2,7)",
        # Point groups; S4 and the like are symmetric groups here.
        "ci": "C2",
        "cs": "C2",
        "t": "A4",
        "th": "A4 x C2",
        "td": "S4",
        "o": "S4",
        "oh": "S4 x C2",
        "i": "A5",
        "ih": "A5 x C2",
    }
)

# What GAP's StructureDescription says of the groups up to order 63 that are an extension by a
# group, with their numbers, and is not read otherwise; of those with a number alone it is a name.
_DESCRIBED: Final[Mapping[int, str]] = MappingProxyType(
    {
        16: "(c4xc2):c2 3|13",
        18: "(c3xc3):c2 4",
        24: "c3:q8 4, (c6xc2):c2 8",
        27: "(c3xc3):c3 3",
        32: (
            "(c4xc2):c4 2, (c8xc2):c2 5|9|38|42, (c2xc2xc2):c4 6, (c8:c2):c2 7, q8:c4 10, "
            "(c4xc4):c2 11|24|31|33|34, (c2xc2xc2xc2):c2 27, (c4xc2xc2):c2 28|30, "
            "(c2xq8):c2 29|44|50, c4:q8 35, c8:(c2xc2) 43, (c2xc2xc2):(c2xc2) 49"
        ),
        36: "(c2xc2):c9 3, (c3xc3):c4 7|9",
        40: "c5:q8 4, (c10xc2):c2 8",
        48: (
            "(c4xc4):c3 3, c3:q16 8|18, (c3:c8):c2 10, (c3:c4):c4 12, (c12xc2):c2 14|37, "
            "(c3xd8):c2 15, (c3:q8):c2 16, (c3xq8):c2 17, (c6xc2):c4 19, a4:c4 30, "
            "((c4xc2):c2):c3 33, (c4xs3):c2 39|41, "
            "(c2xc2xc2xc2):c3 50"
        ),
        50: "(c5xc5):c2 4",
        54: "(c3xc3):c6 5, (c9xc3):c2 7, ((c3xc3):c3):c2 8, (c3xc3xc3):c2 14",
        56: "c7:q8 3, (c14xc2):c2 7, (c2xc2xc2):c7 11",
    }
)


# Other names of groups, beside the synonyms.
_COMMON: Final[Mapping[str, str]] = MappingProxyType(
    {
        "S3": "D3",
        "V4": "C2^2, D2",
        "C6": "C3 x C2",
        "A4": "PSL(2,3), AGL(1,4)",
        "D4": "Heis(2)",
        "D6": "S3 x C2",
        "S4": "PGL(2,3)",
        "A5": "PSL(2,5), SL(2,4)",
        "C5:C4": "F20, AGL(1,5)",
        "C7:C6": "F42, AGL(1,7)",
        "C7:C3": "F21",
        "SD16": "QD16",
        "Heis(3)": "ES+(27)",
        "M3(3)": "ES-(27)",
        "PSL(2,7)": "GL(3,2)",
        "S5": "PGL(2,5)",
        "A6": "PSL(2,9)",
    }
)


def common_names(name: str) -> tuple[str, ...]:
    """Return other names of a group with a name of ours."""
    return tuple(_COMMON[name].split(", ")) if name in _COMMON else ()


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name of ours for a name that was given, and what is to be said of it."""

    name: str
    said: str = ""


def renamed(text: str) -> Renamed | None:
    """Return our name for a compact name of others, or None if it is none of these."""
    text = text.lower()
    if text in SYNONYMS:
        return Renamed(SYNONYMS[text])
    found = _described(text) or _point_group(text) or _frobenius(text) or _extraspecial(text)
    if found:
        return Renamed(found)
    heisenberg = re.fullmatch(r"he(\d{1,9})", text, re.ASCII)
    if heisenberg:
        return Renamed(f"Heis({heisenberg.group(1)})")
    listed = re.fullmatch(r"abeliangroup\(\[?(\d{1,9}(?:,\d{1,9}){0,20})\]?\)", text, re.ASCII)
    if listed:
        return Renamed(" x ".join(f"C{n}" for n in listed.group(1).split(",")))
    return _by_order(text)


def _described(text: str) -> str | None:
    """Return the SmallGroup of GAP's description, if it is of one group alone."""
    for order, entries in _DESCRIBED.items():
        for entry in entries.split(", "):
            description, numbers = entry.split(" ")
            if description == text:
                names = [f"SmallGroup({order},{number})" for number in numbers.split("|")]
                if len(names) == 1:
                    return names[0]
                raise GroupError(
                    f'"{text.upper().replace("X", " x ")}" says how a group is built, not which; '
                    f"write {', '.join(names[:-1])} or {names[-1]}"
                )
    return None


def _point_group(text: str) -> str | None:
    """Return the group of a point group with a number: Cnh, Dnh or Dnd; Cnv is Dn."""
    found = re.fullmatch(r"([cd])(\d{1,9})([hd])", text, re.ASCII)
    if not found or (found.group(1), found.group(3)) == ("c", "d"):
        return None
    n = int(found.group(2))
    if found.group(3) == "d":
        return f"D{2 * n}"
    return f"{found.group(1).upper()}{n} x C2"


def _frobenius(text: str) -> str | None:
    """Return the group of F20, F42, ...: the affine maps of the field of q elements, q(q - 1)."""
    found = re.fullmatch(r"f(\d{1,9})", text, re.ASCII)
    if not found:
        return None
    n = int(found.group(1))
    q = next((q for q in range(3, 100) if q * (q - 1) == n), 0)
    try:
        p, _ = prime_power_parameter(q, "q")
    except GroupError:
        return None
    if n == 72:
        raise GroupError('There are several Frobenius groups of order 72; "AGL(1,9)" is one')
    return f"C{q}:C{q - 1}" if p == q else f"AGL(1,{q})"


def _extraspecial(text: str) -> str | None:
    """Return the group of 2^{1+4}_+, 2_-^(1+4) or 3^(1+2)+."""
    found = re.fullmatch(
        r"(\d{1,4})(?:([+-])\^[({]?1\+(\d{1,2})[)}]?|\^[({]1\+(\d{1,2})[)}]([+-]))", text, re.ASCII
    )
    if not found:
        return None
    p, before, power, other, after = found.groups()
    return f"ES{before or after}({int(p) ** (1 + int(power or other))})"


def _by_order(text: str) -> Renamed | None:
    """Return the group of GAP's DihedralGroup(n) and DicyclicGroup(n), whose n is the order."""
    found = re.fullmatch(r"(dihedral|dicyclic)group\((\d{1,9})\)", text, re.ASCII)
    if not found:
        return None
    n = int(found.group(2))
    short, call, parts = ("D", "DihedralGroup", 2)
    if found.group(1) == "dicyclic":
        short, call, parts = ("Dic", "DicyclicGroup", 4)
    if n == 0 or n % parts:
        order = f"order {parts * n}, as sympy and Sage count; GAP has none of order {n}"
        return Renamed(f"{short}{n}", f"{call}({n}) is read as {short}{n} of {order}")
    name = f"{short}{n // parts}"
    return Renamed(
        name,
        f"{call}({n}) is read as GAP's, of order {n}, which is {name} here; sympy's and Sage's, of "
        f"order {parts * n}, is {short}{n}",
    )
