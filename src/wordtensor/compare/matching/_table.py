"""A plain-text table of a match."""

from typing import TYPE_CHECKING

from ..._text import text_table

if TYPE_CHECKING:
    from ._match import Match
    from .block_match import BlockMatch

__all__ = ["match_table"]


def match_table(found: "Match") -> str:
    """Lay out a match: a headline, then one line for each block."""
    neurons = found.active + found.dead
    lines = [
        f"{found.active} of {neurons} neurons active, "
        f"{found.single_block_share:.0%} in one block each".replace("%", " %")
    ]
    if found.unassigned:
        lines[0] += f", {found.unassigned} in no block"
    count = sum(block.matched for block in found.blocks)
    if count == len(found.blocks):
        lines.append("all blocks matched")
    else:
        lines.append(f"{count} of {len(found.blocks)} blocks matched")
    if found.error is not None:
        lines[1] += f", largest error {found.error:.1e}"
    header = ["block", "neurons", "terms", "of", "scale", "status", "error", "against", "up to"]
    rows = [_row(block) for block in found.blocks]
    return "\n".join([*lines, "", text_table(header, rows)])


def _row(block: "BlockMatch") -> list[object]:
    symmetries: str = "" if block.against == "product frame" else block.symmetries
    if block.transformation is not None:
        symmetries = "orthogonal action" if block.transformation.orthogonal else "action"
        if block.transformation.conjugated:
            symmetries += ", conjugated"
    return [
        block.name,
        len(block.neurons),
        len(block.terms),
        block.rank,
        f"{block.scale:.3g}",
        block.status,
        "" if block.error is None else f"{block.error:.1e}",
        block.against,
        symmetries,
    ]
