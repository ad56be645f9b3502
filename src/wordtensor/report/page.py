"""The whole page: its head, which allows nothing from elsewhere, and its sections in order."""

import os
from collections.abc import Mapping
from typing import Final

from numpy.typing import ArrayLike

from .._files import replace_file
from .._markup import Markup, element, joined
from ..compare import Comparison
from ..plots import HistoryLike, similarity_curves, training_curves
from ._markup import rows_table
from ._measured import ablations, boxes, cosets, logits, neurons, representations
from ._pictures import picture
from ._sections import Section, decomposition, headline, matching, notes, pruning, reproducing
from ._style import STYLE

# No scripts, no frames, nothing from another host: pictures are in the page.
_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)

History = HistoryLike | Mapping[str, ArrayLike]


def comparison_html(c: Comparison, history: History | None = None, *, command: str = "") -> str:
    """Write a comparison as one page of HTML.

    Parameters
    ----------
    c : Comparison
        What `compare` returned.
    history : History or mapping of str to array_like, optional
        Losses and accuracies over training; see `wordtensor.plots.training_curves`.
    command : str, optional
        How to get this page again; by default a call of `compare`.

    Returns
    -------
    str
        The same for the same input. It loads nothing, runs nothing, and prints.

    Examples
    --------
    >>> import wordtensor as wt
    >>> from wordtensor.compare import compare
    >>> d = wt.decompose("a*b", "C2")
    >>> page = comparison_html(compare(d.factors, "a*b", "C2", decomposition=d, name="exact"))
    >>> page.startswith("<!doctype html>"), "<script" in page
    (True, False)
    """
    found = [
        decomposition(c),
        matching(c),
        representations(c),
        neurons(c),
        logits(c),
        boxes(c),
        pruning(c),
        ablations(c),
        cosets(c),
        _training(c, history),
        notes(c),
        reproducing(c, command),
    ]
    sections = [section for section in found if section is not None]
    names = [f"s{number}" for number in range(len(sections))]
    links = (
        element("a", title, href=f"#{name}")
        for name, (title, _) in zip(names, sections, strict=True)
    )
    parts = (
        element("section", element("h2", title, id=name), content)
        for name, (title, content) in zip(names, sections, strict=True)
    )
    body = element("main", headline(c), element("nav", *links, aria_label="sections"), *parts)
    title = f"{c.name}: {c.word} over {c.group.name}"
    return "<!doctype html>\n" + element("html", _head(title), element("body", body), lang="en")


def write_comparison(
    path: str | os.PathLike[str],
    c: Comparison,
    history: History | None = None,
    *,
    command: str = "",
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
    command : str, optional
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
    page = comparison_html(c, history, command=command)
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


def _training(c: Comparison, history: History | None) -> Section | None:
    """Show losses, accuracies, and irreps as they were learned, where they are known."""
    parts: list[Markup] = []
    if history is not None:
        curves = [
            picture(training_curves(history, measure="accuracy"), "Curves: accuracy over steps."),
            picture(training_curves(history, measure="loss"), "Curves: loss over steps."),
        ]
        parts.append(element("div", *curves, class_="pictures"))
    if c.order is not None:
        about = "Curves: similarity of the logits with each irrep over checkpoints."
        parts.append(picture(similarity_curves(c.order), about))
        heads = ["key irrep", "learned at step"]
        parts.append(rows_table(heads, c.order.order_rows(), "order of learning"))
    return ("Training", joined(parts)) if parts else None
