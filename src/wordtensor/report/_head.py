"""The top of the page: what it is about, what to conclude, and the numbers that matter most."""

from collections.abc import Sequence
from dataclasses import dataclass

from .._markup import Markup, element, joined
from ..compare import Comparison, TableComparison
from ._section import short_share


@dataclass(frozen=True, slots=True)
class Card:
    """A number, what it is, and what stands below it."""

    name: str
    value: str
    note: str


def page_title(name: str, subject: str) -> str:
    """Return the one title of a page: network, word and group."""
    return f"What {name} learned: {subject}"


def head(title: str, what: str, verdict: Sequence[str], cards: Sequence[Card]) -> Markup:
    """Say what the page is about and what to conclude, and show the cards."""
    cells = (
        element(
            "div", element("dt", card.name), element("dd", card.value),
            element("dd", card.note, class_="note"),
        )
        for card in cards
    )  # fmt: skip
    first, *rest = verdict
    return joined(
        [
            element("h1", title),
            element("p", what, class_="what"),
            element("div", *(element("p", said) for said in (first, *rest)), class_="verdict"),
            element("dl", *cells, class_="cards"),
        ]
    )


def comparison_head(c: Comparison) -> Markup:
    """Say what was compared with what, and what came out."""
    G = c.group
    what = f"{_kind(c)}, on a group of order {G.order}, beside a decomposition of the word tensor."
    m, used = c.gcr, len(c.gcr.key_irreps)
    cards = [
        _right(m.all_accuracy, m.test_accuracy, G.order**2),
        Card(
            "Irreps that it uses", f"{used} of {len(m.logit_similarity)}", "the trivial one aside"
        ),
        *_needed(c),
        _terms(c.decomposition.rank, c.decomposition.lower_bound, "word tensor"),
    ]
    title = page_title(c.name, f"{c.word} over {G.name}")
    return head(title, what, c.verdict(), cards)


def table_head(c: TableComparison) -> Markup:
    """Say what was compared with what, and what came out, of a table of values."""
    rows, columns, size = c.table.shape
    what = (
        f"{_kind(c)}, on a table of {rows} x {columns} pairs and {size} values, beside a "
        "decomposition of its tensor."
    )
    cards = [
        _right(c.scores.accuracy[2], c.scores.accuracy[1], c.table.nnz),
        *_needed(c),
        _terms(c.decomposition.rank, c.decomposition.lower_bound, "table's tensor"),
    ]
    return head(page_title(c.name, c.table.name), what, c.verdict(), cards)


def _kind(c: Comparison | TableComparison) -> str:
    """Say what kind of network it is, and how wide."""
    net = c.network
    if not net.width:
        return "Logits of a network"
    return f"Network of kind {net.kind} with {net.width} {net.combination} neurons"


def _right(share: float, test: float, pairs: int) -> Card:
    """Return the card of the right answers."""
    note = f"of all {pairs} pairs"
    if test == test:
        note += f"; {short_share(test)} of the pairs that it was not trained on"
    return Card("Right answers", short_share(share), note)


def _needed(c: Comparison | TableComparison) -> list[Card]:
    """Return the card of the neurons, if there are any."""
    p = c.pruning
    if p is None:
        return []
    value = f"{p.effective_width} of {c.network.width}"
    return [Card("Neurons that it needs", value, f"{p.accurate_width} for its right answers alone")]


def _terms(rank: int, bound: int, what: str) -> Card:
    """Return the card of the rank."""
    value = str(rank) if rank == bound else f"{bound} to {rank}"
    note = (
        "proved: no fewer terms are possible" if rank == bound
        else "proved lower bound, and terms of the decomposition"
    )  # fmt: skip
    note += f"; beside a number of neurons only if these multiply and the logits are the {what}"
    return Card(f"Rank of the {what}", value, note)
