"""A comparison as tables on a terminal; elsewhere it is plain text."""

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table

from .._text import percent
from ..compare import Alignment, ClusterShares, Comparison, Spectrum
from ..compare._coset_table import READING
from ..compare.clusters import cluster_rows
from ._output import cell

# Of more rows than this the terminal shows the first ones; --html and --json have all.
_ROWS = 24


def show_comparison(c: Comparison, console: Console, full: bool) -> None:
    """Print the verdict of a comparison, and all its tables if asked."""
    for part in (*_head(c), *(_parts(c) if full else ()), *_notes(c)):
        console.print(part, highlight=False)


def _head(c: Comparison) -> Iterator[RenderableType]:
    G = c.group
    yield cell(c.name, style="bold")
    yield cell(f"{c.what()}, on {c.word} over {G.name} (order {G.order})")
    yield Padding(cell("\n".join(c.verdict())), (1, 0, 1, 0))
    yield _table("Width and rank", ["", ""], c.rank_rows())


def _notes(c: Comparison) -> Iterator[RenderableType]:
    for note in c.notes:
        yield cell(f"note: {note}", style="dim")


def _parts(c: Comparison) -> Iterator[RenderableType]:
    yield cell(c.exactness())
    yield _table("Representations (over key irreps)", ["", ""], c.gcr.summary_rows())
    yield _table("Irreps (* key)", *_shown(*c.gcr.irrep_rows()))
    if c.spectrum is not None:
        yield from _spectrum(c.spectrum, c.clusters)
    if c.alignment is not None:
        yield from _alignment(c.alignment)
    if c.boxes is not None:
        yield cell(c.boxes.conclusion())
    if c.logits is not None:
        yield _table("Logits over triplets", *_shown(*c.logits.triplet_rows()))
    if c.match is not None:
        yield _titled("Neurons beside the decomposition's terms", cell(str(c.match)))
    if c.ablations:
        yield _table("Interventions (on all pairs)", *_shown(*c.ablation_rows()))
    for side, cosets in zip("ab", c.cosets, strict=False):
        yield _titled(f"Cosets, by what {side} brings", cell(str(cosets)))
    if c.cosets:
        yield cell(READING)
    if c.order is not None:
        yield cell(f"learned: {c.order}")


def _spectrum(s: Spectrum, clusters: Sequence[ClusterShares]) -> Iterator[RenderableType]:
    yield _table(
        "Clusters: neurons by the triplet with most of their weights' energy",
        *_shown(*cluster_rows(s, clusters)),
    )
    yield cell(
        f"in one triplet (share above {s.threshold:g}): {percent(s.single)} by activations, "
        f"{percent(s.weight_single)} by weights; random weights {percent(s.null.single)} and "
        f"{percent(s.null.weight_single)}"
    )


def _alignment(a: Alignment) -> Iterator[RenderableType]:
    heads, rows = a.rows()
    yield _table("Alignment: whether coefficients are rank one and fit", *_shown(heads, rows))
    yield _table("", *a.test_rows())
    yield cell("\n".join(a.conclusions()))


def _shown(heads: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    rest = len(rows) - _ROWS
    if rest <= 1:
        return heads, rows
    return heads, [*rows[:_ROWS], [f"{rest} more", *[""] * (len(heads) - 1)]]


def _titled(title: str, body: RenderableType) -> RenderableType:
    grid = Table.grid()
    grid.add_row(cell(title, style="bold"))
    grid.add_row(body)
    return Padding(grid, (1, 0, 0, 0))


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    made = Table(box=None, show_header=any(heads), pad_edge=False, header_style="dim")
    for number, head in enumerate(heads):
        cells = [row[number] for row in rows]
        right = number > 0 and all(part == "" or part[-1:] in "0123456789%n" for part in cells)
        made.add_column(cell(head), justify="right" if right else "left", overflow="fold")
    for row in rows:
        made.add_row(*map(cell, row))
    return _titled(title, made)
