"""What is proved? The decomposition and its bounds; and notes, and how to get the page again."""

from collections import Counter

from .._markup import Markup, element, joined
from ..plots import block_ranks
from ..rank import BlockReport, Decomposition, TensorDecomposition
from ._markup import rows_table
from ._pictures import captioned, picture
from ._section import Section, flow, paragraph, wide_table


def what_is_proved(d: Decomposition) -> Section:
    """Lay out what the net is held against."""
    kinds = Counter(
        (b.name, b.kind, b.strategy, b.rank, b.lower_bound, _origin(b)) for b in d.blocks
    )
    rows = [
        [name, count, kind, strategy, rank, bound, count * rank, origin]
        for (name, kind, strategy, rank, bound, origin), count in kinds.items()
    ]
    heads = ["block", "times", "kind", "by", "terms", "at least", "total", "made of, or why"]
    bars = picture(block_ranks(d), "Bars: terms by block.", "ranks")
    return Section(
        "What is proved?",
        joined(
            [
                paragraph(
                    f"the word tensor is a sum of {len(d.blocks)} blocks, and the decomposition "
                    "has the terms of each; the bound is of the tensor itself",
                    f"status {d.status}, route {d.route}, largest error {d.residual:.1e}",
                ),
                flow(captioned("block_ranks", bars), bounds_list(d)),
                wide_table(
                    rows_table(heads, rows, "blocks of the decomposition"),
                    "Terms and at least are of one block; total is of all blocks of the kind. The "
                    "last column says what the terms were made of, or why they are as many.",
                ),
            ]
        ),
    )


def bounds_list(d: Decomposition | TensorDecomposition) -> Markup:
    """List the lower bounds with their reasons."""
    bounds = (element("li", f"{b.value}: {b.reason}") for b in d.bounds)
    said = element("p", "Lower bounds, and why they hold:")
    return element("div", said, element("ul", *bounds), class_="table")


def _origin(block: BlockReport) -> str:
    return block.note if block.strategy == "scheme" else block.reason


def closing(notes: tuple[str, ...], version: str, seed: int, command: str) -> Section:
    """List what was left out, and say how to get the same numbers."""
    listed = element("ul", *(element("li", note) for note in notes)) if notes else ""
    said = paragraph(
        f"made by wordtensor {version} with seed {seed}; the same input gives the same page"
    )
    title = "Notes, and this page again" if notes else "This page again"
    return Section(title, joined([listed, said, element("pre", command)]))
