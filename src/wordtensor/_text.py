"""What several rooms print: text without control characters, tables, lists, sizes and shares."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from math import ceil, isnan
from typing import Final

_SUPERSCRIPT: Final = re.compile("(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_LINE: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# Rows of a long table that are shown.
_ROWS: Final = 40
# Names that a message lists, and letters of each.
_LISTED: Final = 8
_NAME: Final = 60


# Kinds of characters that a terminal obeys, that turn the line round, or that are no text at all.
_OBEYED: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str, keep: str = "") -> str:
    r"""Write what a terminal would obey as \x1b or \u202e; other characters, and `keep`, stay."""
    return "".join(
        letter
        if letter.isprintable() or letter in keep or unicodedata.category(letter) not in _OBEYED
        else ascii(letter)[1:-1]
        for letter in text
    )


def text_table(
    header: Sequence[str], rows: Sequence[Sequence[object]], *, right: bool = False
) -> str:
    """Align columns of text: numbers (or everything) to the right, the rest to the left."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    numeric = [right or all(isinstance(row[k], int) for row in rows) for k in range(len(header))]
    widths = [max(len(line[k]) for line in [list(header), *cells]) for k in range(len(header))]
    lines = []
    for line in [list(header), *cells]:
        parts = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numeric, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def cut_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Align columns of text as `text_table` does; of a long table, show the first 40 rows."""
    lines = text_table(header, rows[:_ROWS])
    if len(rows) > _ROWS:
        lines += f"\nand {len(rows) - _ROWS} more; to_dict() or --json lists them all"
    return lines


def plain_powers(text: str) -> str:
    """Write powers that are set as superscripts with a caret: x² as x^2, x⁻¹ as x^-1."""
    return _SUPERSCRIPT.sub(r"^\1\2", text).translate(_LINE)


def percent(share: float) -> str:
    """Return a share as a percentage with two decimals; a dash if there is none."""
    return "-" if isnan(share) else f"{100 * share:.2f} %"


def size_text(count: float) -> str:
    """Write a number of bytes with its unit: "1 byte", "3.5 KiB", "64 MiB", "4 GiB"."""
    unit = next((k for k in (3, 2, 1) if count >= 1023.5 * 1024 ** (k - 1)), 0)
    if not unit:
        whole = ceil(count)
        return f"{whole} byte{'s' * (whole != 1)}"
    scaled = count / 1024**unit
    shown = f"{scaled:.0f}" if 999.5 <= scaled < 1e6 else f"{scaled:.3g}"
    return f"{shown} {('KiB', 'MiB', 'GiB')[unit - 1]}"


def listed(names: Iterable[str]) -> str:
    """List names that were given, as a message can show them: the first 8, each cut short."""
    given = list(names)
    shown = [repr(name if len(name) <= _NAME else f"{name[:_NAME]}...") for name in given[:_LISTED]]
    more = f" and {len(given) - _LISTED} more" if len(given) > _LISTED else ""
    return f"{', '.join(shown)}{more}" or "none"


def joined(parts: Sequence[str]) -> str:
    """Join parts of a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def product_name(sizes: tuple[int, int, int], division: str) -> str:
    """Write the sizes of a matrix product as "<2,2,3>", with "_C" or "_H" over C or H."""
    n, m, p = sizes
    return f"<{n},{m},{p}>" + ("" if division == "R" else f"_{division}")
