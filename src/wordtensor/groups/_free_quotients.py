"""Quotients of free groups as GAP's files make them, written as presentations."""

import re
from typing import Final

from .._text import printable
from ..errors import GroupError

_BEGIN: Final = re.compile(r"\s*(?:gap>\s*)?[A-Za-z]\w{0,40}\s*:=\s*FreeGroup\s*\(")
_FREE: Final = re.compile(r"(\w+)\s*:=\s*FreeGroup\s*\(([^()]*)\)")
_LETTER: Final = re.compile(r"(\w+)\s*:=\s*(\w+)\.(\d{1,4})")
_ASSIGNED: Final = re.compile(r"AssignGeneratorVariables\s*\(\s*\w+\s*\)")
_LIST: Final = re.compile(r"(\w+)\s*:=\s*\[([^\[\]]*)\]")
_QUOTIENT: Final = re.compile(r"(?:\w+\s*:=\s*)?(\w+)\s*/\s*(?:\[([^\[\]]*)\]|(\w+))")
_LONGEST: Final = 20_000
_FORM: Final = 'F := FreeGroup("x", "y"); G := F / [ F.1^4, F.2^2, (F.1*F.2)^2 ];'


def is_free_quotient(text: str) -> bool:
    """Tell whether a text begins with a free group, as GAP's files of presentations do."""
    return _BEGIN.match(text) is not None


def presentation_of(text: str) -> str:
    """Return the presentation that the statements of GAP make, or say which one is not read."""
    if len(text) > _LONGEST:
        raise GroupError(f"A quotient of a free group is a text of at most {_LONGEST} letters")
    free, names = "", list[str]()
    letters, lists = dict[str, str](), dict[str, str]()
    relators: str | None = None
    for statement in text.split(";"):
        line = statement.strip().removeprefix("gap>").strip()
        if made := _FREE.fullmatch(line):
            free, names = made.group(1), _names(made.group(2))
        elif (letter := _LETTER.fullmatch(line)) and letter.group(2) == free:
            letters[letter.group(1)] = _generator(names, letter.group(3))
        elif written := _LIST.fullmatch(line):
            lists[written.group(1)] = written.group(2)
        elif (quotient := _QUOTIENT.fullmatch(line)) and quotient.group(1) == free:
            relators = lists.get(quotient.group(3), quotient.group(2))
        elif line and not _ASSIGNED.fullmatch(line):
            raise GroupError(
                f"{printable(line)!r:.60} is not read beside a free group; give {_FORM}"
            )
    if relators is None:
        raise GroupError(f"There is no quotient of the free group {free}; give {_FORM}")
    plain = re.sub(
        rf"\b{free}\.(\d{{1,4}})|[A-Za-z]\w*",
        lambda found: (
            _generator(names, found.group(1))
            if found.group(1)
            else letters.get(found.group(), found.group())
        ),
        relators,
    )
    return f"<{', '.join(names)} | {' '.join(plain.split())}>"


def _names(given: str) -> list[str]:
    """Return the generators of FreeGroup("x", "y") or FreeGroup(2)."""
    parts = [part.strip() for part in given.split(",")]
    if len(parts) == 1 and re.fullmatch(r"[1-9]\d?", parts[0]):
        return [f"f{k + 1}" for k in range(int(parts[0]))]
    names = [part[1:-1] for part in parts]
    if not all(re.fullmatch(r'"[A-Za-z]\w*"', part, re.ASCII) for part in parts):
        raise GroupError(
            f"The generators of FreeGroup({printable(given):.60}) are not read; {_FORM}"
        )
    return names


def _generator(names: list[str], number: str) -> str:
    if not 1 <= int(number) <= len(names):
        raise GroupError(f"The free group has {len(names)} generators, and none of number {number}")
    return names[int(number) - 1]
