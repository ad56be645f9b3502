"""What a value shows: lines and tables, as text in a terminal and as HTML in a notebook."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ._markup import Markup, element, joined
from ._text import cut_table, printable, text_table

# In a notebook, rows of a table that is not folded, and those of a longer one that are shown.
_SHORT: Final = 12
_MOST: Final = 24
# Letters of a line or of a cell: names and labels may be long.
_LONGEST: Final = 1000
# No formulas are read in text that may be anybody's: MathJax 3 and MathJax 2.
_NO_FORMULAS: Final = "mathjax_ignore tex2jax_ignore"


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows; in a notebook it is folded under what it is about, if that is given."""

    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    right: bool = False
    about: str = ""
    cut: bool = False  # of very many rows only the first are printed

    def __str__(self) -> str:
        if self.cut:
            return cut_table(self.heads, self.rows)
        return text_table(self.heads, self.rows, right=self.right)

    def markup(self) -> Markup:
        """Return the table as HTML: folded if it is long, and cut if it is very long."""
        rows = self.rows[:_MOST]
        kinds = [self.right or all(isinstance(row[k], int) for row in rows) for k in self._columns]
        styles = [f"text-align:{'right' if number else 'left'}" for number in kinds]
        lines = [self._line("td", row, styles) for row in rows]
        head = [element("thead", self._line("th", self.heads, styles))] if any(self.heads) else []
        table = element("table", *head, element("tbody", *lines))
        left = len(self.rows) - len(rows)
        parts = [table, element("p", f"and {left} more")] if left else [table]
        if not self.about and len(self.rows) <= _SHORT:
            return joined(parts)
        about = self.about or f"{len(self.rows)} rows"
        return element("details", element("summary", about), *parts)

    @property
    def _columns(self) -> range:
        return range(len(self.heads))

    def _line(self, tag: str, cells: Sequence[object], styles: Sequence[str]) -> Markup:
        made = (
            element(tag, _text(cell), style=style)
            for cell, style in zip(cells, styles, strict=True)
        )
        return element("tr", *made)


Line = str | Table


class Shown:
    """A value that is printed, and shown in a notebook, by the same lines and tables."""

    __slots__ = ()

    @abstractmethod
    def _parts(self) -> Sequence[Line]:
        """Return the title, then lines and tables; an empty line stands between paragraphs."""

    def _folded(self) -> Sequence[Table]:
        """Return the tables that a notebook shows folded, and that are not printed."""
        return ()

    def __str__(self) -> str:
        return "\n".join(map(str, self._parts()))

    def _repr_html_(self) -> str:
        return shown([*self._parts(), *self._folded()])


def shown(parts: Sequence[Line]) -> str:
    """Return lines and tables as HTML: the first line is the title."""
    title, rest = parts[0], parts[1:]
    made = [element("p", element("strong", _text(title)))]
    return element("div", *made, *_paragraphs(rest), class_=_NO_FORMULAS)


def facts(about: Iterable[tuple[str, object]]) -> Table:
    """Lay out key figures, one a line."""
    return Table(["", ""], [[name, str(value)] for name, value in about])


def _paragraphs(parts: Sequence[Line]) -> Iterator[Markup]:
    """Yield tables, and paragraphs of the lines between them and between empty lines."""
    for kind, group in groupby(parts, lambda part: isinstance(part, Table) or bool(part)):
        if not kind:
            continue
        lines: list[Markup | str] = []
        for part in group:
            if isinstance(part, Table):
                if lines:
                    yield element("p", *lines)
                lines = []
                yield part.markup()
            else:
                lines += [*([element("br")] if lines else []), _text(part)]
        if lines:
            yield element("p", *lines)


def _text(content: object) -> str:
    """Return text without what turns the line round, cut where it is very long."""
    text = printable(str(content), keep="\n")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
