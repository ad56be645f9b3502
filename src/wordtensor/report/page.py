"""The whole page: its head, which allows nothing from elsewhere, and its sections in order."""

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from .._files import replace_file
from .._markup import Markup, element, joined
from ..compare import Comparison, TableComparison
from ._head import comparison_head, page_title, table_head
from ._needs import how_many_neurons, which_algorithm
from ._proof import bounds_list, closing, what_is_proved
from ._right import History, is_it_right, scores_table, training
from ._section import Section, paragraph
from ._style import STYLE
from ._uses import what_it_uses

# No scripts, no frames, nothing from another host: pictures are in the page.
_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)


def comparison_html(
    c: Comparison | TableComparison,
    history: History | None = None,
    *,
    command: str = "",
    name: str = "",
) -> str:
    """Write a comparison as one page of HTML.

    Parameters
    ----------
    c : Comparison or TableComparison
        What `compare` or `compare_table` returned.
    history : History or mapping of str to array_like, optional
        Losses and accuracies over training; see `wordtensor.plots.training_curves`.
    command : str, optional
        How to get this page again; by default a call of `compare`.
    name : str, optional
        What the title calls the network; by default what `compare` was told, or "the network".

    Returns
    -------
    str
        The same for the same input: the verdict, the numbers that matter most, and the evidence in
        the order of the questions that a reader has. It loads nothing, runs nothing, and prints.

    Examples
    --------
    >>> import wordtensor as wt
    >>> from wordtensor.compare import compare
    >>> d = wt.decompose("a*b", "C2")
    >>> page = comparison_html(compare(d.factors, "a*b", "C2", decomposition=d, name="exact"))
    >>> page.startswith("<!doctype html>"), "<script" in page
    (True, False)
    """
    if name:
        c = replace(c, name=name)
    if isinstance(c, TableComparison):
        title = page_title(c.name, c.table.name)
        return _page(title, table_head(c), _table_sections(c, history, command))
    title = page_title(c.name, f"{c.word} over {c.group.name}")
    return _page(title, comparison_head(c), _sections(c, history, command))


def write_comparison(
    path: str | os.PathLike[str],
    c: Comparison | TableComparison,
    history: History | None = None,
    *,
    command: str = "",
    name: str = "",
) -> None:
    """Write the page of a comparison to a file, whole or not at all.

    Parameters
    ----------
    path : str or path
        Usually ending in ".html"; an existing file is replaced.
    c : Comparison
        What is told.
    history : History or mapping, optional
        As for `comparison_html`.
    command, name : str, optional
        As for `comparison_html`.

    Raises
    ------
    FileFormatError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "C2")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = Path(folder) / "page.html"
    ...     write_comparison(page, wt.compare.compare(d.factors, "a*b", "C2", decomposition=d))
    ...     page.read_text().startswith("<!doctype html>")
    True
    """
    page = comparison_html(c, history, command=command, name=name)
    replace_file(path, page.encode("utf-8"))


def _head(title: str) -> Markup:
    # The style is ours and holds nothing of the user's, so it goes in as it is.
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(STYLE)),
    )


def _page(title: str, top: Markup, sections: Iterable[Section | None]) -> str:
    """Return a page of a title, its top, and its sections with links to them."""
    found = [section for section in sections if section is not None]
    links = (
        element("a", section.title, href=f"#s{number}") for number, section in enumerate(found)
    )
    parts = (
        element("section", element("h2", section.title, id=f"s{number}"), section.content)
        for number, section in enumerate(found)
    )
    body = element("main", top, element("nav", *links, aria_label="sections"), *parts)
    return "<!doctype html>\n" + element("html", _head(title), element("body", body), lang="en")


def _sections(c: Comparison, history: History | None, command: str) -> Iterable[Section | None]:
    """Yield the evidence in the order of the reader's questions."""
    yield is_it_right(c, history)
    yield what_it_uses(c)
    yield how_many_neurons(c.pruning, c.decomposition, c.boxes, c.spectrum)
    yield which_algorithm(c)
    yield what_is_proved(c.decomposition)
    call = f"wordtensor.compare.compare(net, {str(c.word)!r}, {c.group.name!r}, seed={c.seed})"
    yield closing(c.notes, c.version, c.seed, command or call)


def _table_sections(
    c: TableComparison, history: History | None, command: str
) -> Iterable[Section | None]:
    """Yield the evidence for a table of values, which has no irreps."""
    pairs = c.table.nnz
    counts = (c.train_pairs, pairs - c.train_pairs, pairs)
    scores = scores_table(counts, c.scores.accuracy, c.scores.loss)
    curves = [training(history)] if history is not None else []
    yield Section("Is it right?", joined([scores, *curves]))
    yield how_many_neurons(c.pruning, c.decomposition)
    if c.match is not None:
        yield Section("Which algorithm is it?", paragraph(str(c.match)))
    d = c.decomposition
    said = paragraph(
        f"the decomposition has {d.rank} terms, and {d.lower_bound} at least are needed"
    )
    yield Section("What is proved?", joined([said, bounds_list(d)]))
    call = f"wordtensor.compare.compare_table(net, {c.table.name!r}, seed={c.seed})"
    yield closing(c.notes, c.version, c.seed, command or call)
