"""Plain-text tables of plans and decompositions, 80 columns wide where they can be."""

from collections import Counter
from typing import TYPE_CHECKING

from .._text import text_table

if TYPE_CHECKING:
    from ._plan import Plan
    from .decomposition import Decomposition

__all__ = ["decomposition_table", "plan_table"]


def decomposition_table(d: "Decomposition") -> str:
    """Lay out a decomposition: a headline, its blocks (equal ones together), and the bound."""
    verdict = " (optimal)" if d.is_optimal else ""
    if d.rank == d.lower_bound and not d.is_optimal:
        verdict = " (equal to the lower bound, numerically)"
    lines = [
        f"{d.word} over {d.group.name} (order {d.group.order}): rank {d.rank}{verdict}",
        f"lower bound {d.lower_bound}, status {d.status}, route {d.route}, "
        f"largest error {d.residual:.1e}",
        "",
    ]
    groups = Counter(
        (b.name, b.strategy, b.rank, b.lower_bound, b.note if b.strategy == "scheme" else "")
        for b in d.blocks
    )
    rows = [
        [count, name, strategy, rank, lower, count * rank, note]
        for (name, strategy, rank, lower, note), count in groups.items()
    ]
    lines.append(
        text_table(["times", "block", "strategy", "rank", "at least", "total", "made of"], rows)
    )
    lines.append("")
    lines.extend(f"at least {d.lower_bound}: {reason}" for reason in d.certificate)
    if d.interrupted:
        lines.append("interrupted: the best found until then")
    return "\n".join(lines)


def plan_table(plan: "Plan") -> str:
    """Lay out a plan: its routes, cheapest first, then the blocks of each."""
    lines = [
        f"{plan.word} over {plan.group.name} (order {plan.group.order}), {plan.field} terms",
        f"multilinear ranks {plan.shape[0]} x {plan.shape[1]} x {plan.shape[2]}, "
        f"lower bound {plan.lower_bound}",
        "",
    ]
    rows = []
    for route in plan.routes:
        blocks = Counter(block.name for block in route.blocks)
        names = " + ".join(f"{k} {name}" if k > 1 else name for name, k in blocks.items())
        if len(names) > 50:
            names = f"{len(route.blocks)} blocks"
        upper = f"<= {route.upper}" if route.needs_solver else f"{route.upper}"
        rows.append([route.name, upper, names])
    lines.append(text_table(["route", "rank", "blocks"], rows))
    if any(route.needs_solver for route in plan.routes):
        lines += ["", "<= : has blocks for the numerical solver, which lowers the rank"]
    for note in plan.notes:
        lines += ["", f"note: {note}"]
    return "\n".join(lines)
