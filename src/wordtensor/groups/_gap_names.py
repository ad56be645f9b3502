"""What GAP's StructureDescription means by a name that is read in another way here."""

import re
from typing import Final

from .families import faithful_actions, gap_actions

# What GAP writes: no D2, D4 or D6, blanks around x and the colon, cyclic factors before others.
_ATOM: Final = re.compile(r"(?:C|QD|Q|S|A)\d+|D(?![46]\b)\d*[02468]\b|(?:SL|GL|PSL)\(\d+,\d+\)")
_JOINED: Final = re.compile(r" [x:] ")
_OTHERWISE: Final = re.compile(r"\S[x:]|[x:]\S|(?<![C\d])[DQSA]\d+ x C")
_DIHEDRAL: Final = re.compile(r"(?<![^\s(:x×⋊])D_?(\d{1,6})(?![^\s):^x×⋊])", re.IGNORECASE)
_CYCLIC: Final = re.compile(
    r"(?<![^\s(x×])[CZ]_?(\d{1,4})\s?[:⋊]\s?[CZ]_?(\d{1,4})(?![^\s)^x×])", re.IGNORECASE
)


def is_of_gap(name: str) -> bool:
    """Tell whether a name is in the form of GAP's descriptions, such as C3 x D8 or C5 : C4."""
    joined = _JOINED.search(name) is not None and not _OTHERWISE.search(name)
    return joined and not re.sub(r"[()x:\s]", "", _ATOM.sub("", name))


def gap_note(name: str) -> str:
    """Say what GAP means by the parts of a name that are read in another way here, if any."""
    notes = []
    for n in dict.fromkeys(int(found.group(1)) for found in _DIHEDRAL.finditer(name)):
        if n >= 4 and n % 2 == 0:
            other = {4: "V4", 6: "S3"}.get(n, f"D{n // 2}")
            notes.append(f"D{n} has order {2 * n} here; GAP's D{n} is {other} here")
    for found in _CYCLIC.finditer(name):
        m, n = int(found.group(1)), int(found.group(2))
        notes.append(_semidirect_note(m, n))
    return "; ".join(filter(None, dict.fromkeys(notes)))


def _semidirect_note(m: int, n: int) -> str:
    """Say which other groups GAP describes as Cm : Cn."""
    faithful, meant = faithful_actions(m, n), gap_actions(m, n)
    others = [f"C{m}:C{n}[{r}]" for r in meant if all(r not in same for same in faithful)]
    if len(faithful) != 1 or not others:
        return ""
    return (
        f"C{m}:C{n} is the one with faithful action, C{m}:C{n}[{faithful[0][0]}], here; GAP writes "
        f"C{m} : C{n} of {', '.join(others)} as well"
    )
