"""The page's sections about the word: headline, decomposition, matching, pruning, and the end."""

from collections import Counter

from .._markup import Markup, element, joined
from ..compare import Comparison
from ..plots import block_matches, block_ranks, network_widths, pruning_curve
from ..rank import BlockReport
from ._markup import rows_table
from ._pictures import picture

# Title, and what is below it.
Section = tuple[str, Markup]


def headline(c: Comparison) -> Markup:
    """Say what was compared with what, and the numbers that matter most."""
    G, net, s, p = c.group, c.network, c.spectrum, c.pruning
    elements = "element" if G.order == 1 else "elements"
    kind = f"Network of kind {net.kind} with {net.width} {net.combination} neurons"
    what = (
        f"{kind if net.width else 'Logits of a network'}, on {c.word} over "
        f"{G.name} ({G.order} {elements}), beside a decomposition of its word tensor."
    )
    numbers = [("accuracy on all pairs", f"{c.gcr.all_accuracy:.4f}")]
    if s is not None and p is not None:
        numbers += [
            ("width", str(net.width)),
            ("active neurons", str(s.width)),
            ("needed for the same function", str(p.effective_width)),
            ("needed for the same accuracy", str(p.accurate_width)),
        ]
    numbers += [
        ("terms of the decomposition", str(c.decomposition.rank)),
        ("proved lower bound", str(c.decomposition.lower_bound)),
    ]
    if c.gcr.test_accuracy == c.gcr.test_accuracy:
        numbers.insert(1, ("accuracy on test pairs", f"{c.gcr.test_accuracy:.4f}"))
    if c.boxes is not None:
        numbers.append(("box rank (published)", str(c.boxes.minimal_cost)))
    cells = (element("div", element("dt", name), element("dd", value)) for name, value in numbers)
    return joined(
        [
            element("h1", f"{c.name}: {c.word} over {G.name}"),
            element("p", *[f"{said} " for said in c.verdict()], class_="lead"),
            element("dl", *cells, class_="numbers"),
            element("p", what),
            element("p", _sentence(c.exactness())),
            picture(
                network_widths(c),
                "Bars: " + ", ".join(f"{name} {value}" for name, value in numbers) + ".",
            ),
        ]
    )


def _sentence(words: str) -> str:
    """Begin with a capital and end with a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def decomposition(c: Comparison) -> Section:
    """Lay out what the net is held against."""
    d = c.decomposition
    kinds = Counter(
        (b.name, b.kind, b.strategy, b.rank, b.lower_bound, _origin(b)) for b in d.blocks
    )
    rows = [
        [name, count, kind, strategy, rank, bound, count * rank, origin]
        for (name, kind, strategy, rank, bound, origin), count in kinds.items()
    ]
    heads = ["block", "times", "kind", "by", "terms", "at least", "total", "made of, or why"]
    status = (
        f"{d.rank} terms, at least {d.lower_bound}; status {d.status}, route {d.route}, largest "
        f"error {d.residual:.1e}."
    )
    return "Decomposition", joined(
        [
            element("p", status),
            rows_table(heads, rows, "blocks of the decomposition"),
            picture(
                block_ranks(d),
                "Bars: ranks of the blocks, with a mark at each one's lower bound; the table has "
                "the numbers.",
            ),
            element("p", "Lower bounds, and why they hold:"),
            element("ul", *(element("li", f"{b.value}: {b.reason}") for b in d.bounds)),
        ]
    )


def _origin(block: BlockReport) -> str:
    return block.note if block.strategy == "scheme" else block.reason


def matching(c: Comparison) -> Section | None:
    """Say which neurons are which terms."""
    found = c.match
    if found is None:
        return None
    count = sum(block.matched for block in found.blocks)
    said = (
        f"{found.active} of {found.active + found.dead} neurons are active, "
        f"{100 * found.single_block_share:.0f} % of them in one block each, and "
        f"{found.unassigned or 'none'} in no block. {count} of {len(found.blocks)} blocks match"
        + (f", with a largest error of {found.error:.1e}." if found.error is not None else ".")
    )
    explained = (
        "A block matches if the net's terms in it are the decomposition's, or those of the "
        "standard algorithm, up to order, scales and, for matrix products, the sandwich action."
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
    return "Neurons beside the decomposition's terms", joined(
        [
            element("p", said),
            element("p", explained, class_="explain"),
            picture(block_matches(found), "Bars: the net's terms in each block; marks: ranks."),
            rows_table(heads, rows, "blocks and the neurons in them"),
        ]
    )


def pruning(c: Comparison) -> Section | None:
    """Say how many neurons can go."""
    p = c.pruning
    if p is None:
        return None
    said = (
        f"With the readout fitted anew after each, {len(p.order) - p.effective_width} of "
        f"{len(p.order)} neurons can go before the logits change by more than {p.tolerance:.0e} "
        f"(relative, squared), and {len(p.order) - p.accurate_width} before the accuracy falls."
    )
    about = (
        f"Curve: error against neurons left. Lines at {p.effective_width} (same function), "
        f"{p.accurate_width} (same accuracy), {c.decomposition.rank} (rank) and "
        f"{c.decomposition.lower_bound} (lower bound)."
    )
    return "Pruning", joined(
        [element("p", said), picture(pruning_curve(p, c.decomposition), about)]
    )


def notes(c: Comparison) -> Section | None:
    """List what was left out."""
    if not c.notes:
        return None
    return "Notes", element("ul", *(element("li", note) for note in c.notes))


def reproducing(c: Comparison, command: str) -> Section:
    """Say how to get the same numbers."""
    call = f"wordtensor.compare.compare(net, {str(c.word)!r}, {c.group.name!r}, seed={c.seed})"
    said = f"wordtensor {c.version}, seed {c.seed}. The same input gives the same page."
    return "Reproduce", joined([element("p", said), element("pre", command or call)])
