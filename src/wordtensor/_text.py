"""Text tables: one layout for everything that prints."""

from collections.abc import Sequence
from typing import Final

__all__ = ["cut_table", "text_table"]

# Rows of a long table that are shown.
_ROWS: Final = 40


def text_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Align columns of text: numbers to the right, the rest to the left."""
    cells = [[str(cell) for cell in row] for row in rows]
    numeric = [all(isinstance(row[k], int) for row in rows) for k in range(len(header))]
    widths = [max(len(line[k]) for line in [list(header), *cells]) for k in range(len(header))]
    lines = []
    for line in [list(header), *cells]:
        parts = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def cut_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Align columns of text as `text_table` does; of a long table, show the first 40 rows."""
    lines = text_table(header, rows[:_ROWS])
    if len(rows) > _ROWS:
        lines += f"\nand {len(rows) - _ROWS} more; to_dict() or --json lists them all"
    return lines
