"""The directive `{atlas-table}`: all entries of the package's atlas, sorted and filtered."""

from collections.abc import Iterator
from html import escape

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from wordtensor.atlas import Entry, default_atlas

HEADS = ("group", "word", "shape", "rank", "at least", "gap", "status", "what proves the bound")
HEADS += ("also over",)


# More names of groups than this are folded up.
_SHOWN = 4


def cells(entry: Entry) -> Iterator[str]:
    """Yield what a row shows of an entry, as HTML."""
    size = "x".join(map(str, entry.shape))
    numbers = (entry.rank, entry.lower_bound, entry.gap)
    for value in (entry.group, entry.word, size, *numbers, entry.status, entry.reason):
        yield escape(str(value), quote=False)
    others = list(dict.fromkeys(group for group, _, _ in entry.pairs[1:]))
    names = escape(", ".join(others), quote=False)
    folded = f"<details><summary>{len(others)} groups</summary>{names}</details>"
    yield names if len(others) <= _SHOWN else folded


def table() -> str:
    """Return the table; HTML leaves out the ends of cells and rows, which halves it."""
    heads = "".join(f'<th scope="col">{head}' for head in HEADS)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{cell}" for cell in cells(entry)) for entry in default_atlas()
    )
    return (
        f'<table class="table sortable wide atlas-table"><thead><tr>{heads}</thead>\n'
        f"<tbody>\n{rows}\n</tbody></table>"
    )


class AtlasTable(Directive):
    """`{atlas-table}` has no content and no options."""

    def run(self) -> list[nodes.Node]:
        """Put the table where the directive stands."""
        return [nodes.raw("", table(), format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("atlas-table", AtlasTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
