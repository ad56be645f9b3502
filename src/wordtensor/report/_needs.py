"""How many neurons it needs, and which algorithm they carry out."""

from typing import Final

from .._markup import Markup, joined
from ..compare import BoxUse, Comparison, Pruning, Spectrum
from ..plots import block_matches, pruning_curve
from ..rank import Decomposition, TensorDecomposition
from ._markup import rows_table
from ._pictures import captioned, picture
from ._section import Section, flow, long_table, paragraph, wide_table

_BOXES: Final = 24


def how_many_neurons(
    p: Pruning | None,
    d: Decomposition | TensorDecomposition,
    boxes: BoxUse | None = None,
    s: Spectrum | None = None,
) -> Section | None:
    """Say how many neurons can go, and how the irreps are covered by boxes."""
    if p is None:
        return None
    width = len(p.order)
    said = paragraph(
        f"the function counts as unchanged while the logits change by less than {p.tolerance:.0e}, "
        "relative and squared, with the readout fitted anew",
        f"so {width - p.effective_width} of {width} neurons can go, and "
        f"{width - p.accurate_width} before an answer is lost",
    )
    curve = captioned(
        "pruning_curve", picture(pruning_curve(p, d), "Curve: change by neurons left.", "pruning")
    )
    cover = [] if boxes is None or s is None else [_boxes(boxes, s)]
    return Section("How many neurons does it need?", joined([said, flow(curve, *cover)]))


def _boxes(use: BoxUse, s: Spectrum) -> Markup:
    """Show which boxes of irreps the neurons occupy."""
    names = s.irreps
    rows = [
        [*(" + ".join(names[k] for k in side) for side in box), count]
        for box, count in use.boxes[:_BOXES]
    ]
    rest = len(use.boxes) - len(rows)
    more = f"{rest} more kinds are not shown. " if rest else ""
    return long_table(
        ["irreps of a", "of b", "of c", "neurons"],
        rows,
        "boxes of the neurons",
        f"{more}{use.conclusion()}",
    )


def which_algorithm(c: Comparison) -> Section | None:
    """Say which neurons are which terms."""
    found = c.match
    if found is None:
        return None
    count = sum(block.matched for block in found.blocks)
    error = "" if found.error is None else f", with a largest error of {found.error:.1e}"
    said = paragraph(
        f"{found.active} of {found.active + found.dead} neurons are active: "
        f"{100 * found.single_block_share:.0f} % of them lie in one block each, and "
        f"{found.unassigned or 'none'} in no block",
        f"{count} of {len(found.blocks)} blocks carry out a known algorithm{error}",
    )
    heads = ["block", "neurons", "terms", "of", "scale", "status", "error", "against", "up to"]
    rows = [
        [
            f"{b.name} ({b.index})", len(b.neurons), len(b.terms), b.columns[1] - b.columns[0],
            f"{b.scale:.3g}", b.status, "–" if b.error is None else f"{b.error:.1e}", b.against,
            b.symmetries,
        ]
        for b in found.blocks
    ]  # fmt: skip
    bars = picture(block_matches(found), "Bars: terms by block, with names.", "matches")
    return Section(
        "Which algorithm is it?",
        joined(
            [
                said,
                flow(captioned("block_matches", bars)),
                wide_table(
                    rows_table(heads, rows, "blocks and the neurons in them"),
                    "Terms: parallel neurons count once. Of: terms of the decomposition. "
                    "Scale: the "
                    "multiple of the block that the terms add up to, 1 if it is learned whole. A "
                    "block is matched if its terms are those named under against, up to order, "
                    "scales and what stands under up to. A product frame is an algorithm of least "
                    "norm, to which weight decay leads.",
                ),
            ]
        ),
    )
