"""What GAP prints of a group without saying which, and the commands that print it."""

import re
from typing import Final

from .._text import printable
from ..errors import GroupError

# <pc group of size 24 with 4 generators>, Group(<fp, no generators known>)
_OBJECT: Final = re.compile(
    r"(?:Group\s*\(\s*)?[<⟨]\s{0,9}(?:pc|fp|free|matrix|permutation|finite|abelian|group|fp,)\b"
    r"[^<>⟨⟩|]{0,400}[>⟩]\s*\)?",
    re.IGNORECASE,
)
# Group( [ f1, f2 ] ) and [ f1, f2 ]
_GENERATORS: Final = re.compile(
    r"(?:Group\s*\(\s*)?\[\s*[A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)+\s*\][)\s]*"
    r"|Group\s*\(\s*\[\s*[A-Za-z]\w*\s*\][)\s]*"
)
# [ x^4, y^2, x*y*x*y ]
_RELATORS: Final = re.compile(r"\[\s{0,9}[A-Za-z(][\w\s*^(),+-]*\]")
_COMMAND: Final = re.compile(
    r"\s*(?:gap>\s*)?(?:Display|Print|View|PrintArray|Size|Order|IdGroup|StructureDescription)\s*\([^()\[\]]{0,200}\)\s*"
)
_MOST_COMMANDS: Final = 20


def check_printed(text: str) -> None:
    """Refuse what GAP prints of a group that does not say which it is, with what to print."""
    bare = text.strip().removeprefix("gap>").strip("; \t\r\n")
    if _OBJECT.fullmatch(bare) or _GENERATORS.fullmatch(bare):
        raise GroupError(
            f"{printable(bare)!r:.80} does not say which group it is; give what GAP prints of "
            "MultiplicationTable(G), IdGroup(G) or StructureDescription(G), or of "
            "GeneratorsOfGroup(G) where these are permutations"
        )
    if _RELATORS.fullmatch(bare) and ("^" in bare or "*" in bare):
        raise GroupError(
            f"The relators {printable(bare)!r:.80} need their generators; write for example "
            "<x, y | x^4, y^2, x*y*x*y>"
        )


def without_commands(text: str) -> str:
    """Leave out the commands that print a value, such as Display(M);, at the end of a text."""
    for _ in range(_MOST_COMMANDS):
        bare = text.rstrip("; \t\r\n")
        start = max(bare.rfind(";"), bare.rfind("\n")) + 1
        if start == 0 or not _COMMAND.fullmatch(bare[start:]):
            return text
        text = bare[:start]
    return text
