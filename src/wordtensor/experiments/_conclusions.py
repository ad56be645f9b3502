"""What to conclude from a study: at most five sentences, and then the tables that they rest on."""

from collections.abc import Mapping, Sequence
from typing import Final

from .._shown import Line
from .._text import joined
from ..compare.learning_order import LEARNED_SIMILARITY
from ._findings import GENERALISED, Findings, IrrepFinding, findings
from ._statistics import LEVEL, Pairs, wilson
from ._study import Row
from ._study_tables import (
    by_width,
    dimension_table,
    irrep_table,
    percentage,
    statistics_table,
    untold_table,
    width_statistics,
    width_table,
)

# Groups with more irreps than this have a line for each dimension, and not for each irrep.
_MANY: Final = 12


def study_lines(rows: Sequence[Row], group: str, published: Mapping[str, float]) -> list[Line]:
    """Return conclusions and tables: of irreps, or of widths if there are several."""
    parts = findings(rows, group, published)
    if len(parts) > 1:
        return [*_about_widths(parts), "", width_table(parts), "", width_statistics(parts)]
    (found,) = parts
    if not found.generalised:
        return [_of_none(found.rows), "", untold_table(found)]
    table = dimension_table(found) if len(found.labels) > _MANY else irrep_table(found)
    said = [
        _about_margin(found),
        _about_dimension(found),
        _about_order(found),
        _about_published(found),
        _about_seeds(found),
    ]
    sentences = [sentence for sentence in said if sentence]
    return [*sentences, "", table, "", statistics_table(found)]


def _of_none(rows: Sequence[Row]) -> str:
    return (
        f"{_of_all(0, rows)} generalised, so nothing can be concluded about what such nets learn: "
        "train more steps, or on a larger fraction of the pairs."
    )


def _about_seeds(f: Findings) -> str:
    said = f"{_of_all(len(f.generalised), f.rows)} generalised (right on {percentage(GENERALISED)}"
    only = "" if len(f.generalised) == len(f.rows) else "; the others are not counted here"
    return f"{said} of the unseen pairs at the end){only}."


def _of_all(count: int, rows: Sequence[Row]) -> str:
    return f"{count} of {len(rows)} seed{'s' * (len(rows) != 1)}"


def _about_margin(f: Findings) -> str:
    using = [i.label for i in f.irreps if i.margin > 0]
    everything = len(using) == len(f.labels)
    every = "the one irrep that there is" if len(using) == 1 else f"all {len(using)} irreps"
    what = every if everything else joined(using)
    count = len(f.generalised)
    times = round(f.margin_sets[0].equal * count)
    low, high = wilson(times, count)
    if low > 0.5:
        head = "The maximum margin predicts what most nets learn"
    elif high < 0.5:
        head = "The maximum margin does not predict what a net learns"
    else:
        head = "These seeds do not decide whether the maximum margin predicts what a net learns"
    these = "these" if len(using) > 1 else "this one"
    return f"{head}: it uses {what}, and {times} of {_nets(count)} learned exactly {these}."


def _about_dimension(f: Findings) -> str:
    found = f.frequency_by_dim
    uneven = f.even is not None and f.even <= LEVEL
    alone = "nets prefer some irreps to others of the same dimension"
    if found is not None and found.p <= LEVEL:
        rarer = "less" if found.value < 0 else "more"
        said = f"Irreps of larger dimension are learned {rarer} often"
        return f"{said}, but {alone}." if uneven else f"{said}."
    if uneven:
        return f"Dimension alone does not decide how often an irrep is learned: {alone}."
    if found is None:
        return ""
    return "These seeds do not show that dimension tells how often an irrep is learned."


def _about_order(f: Findings) -> str:
    """Say which irreps come first: half of the last similarity is not reached by memorising."""
    if not f.pairs.in_order + f.pairs.reversed:
        return ""
    first, halfway = _first(f.pairs), _first(f.halfway)
    if first != halfway:
        return (
            "Which irrep is learned first depends on the measure: by a similarity above "
            f"{LEARNED_SIMILARITY} that of {first or 'no certain'} dimension, by half "
            f"of the last similarity that of {halfway or 'no certain'} dimension."
        )
    if not first:
        return "These seeds do not show that dimension tells which irrep is learned first."
    return f"The irrep of {first} dimension is mostly learned first."


def _first(pairs: Pairs) -> str:
    """Return which dimension is shown to come first; empty if none is."""
    if pairs.p > LEVEL:
        return ""
    return "smaller" if pairs.in_order > pairs.reversed else "larger"


def _about_published(f: Findings) -> str:
    known = [i for i in f.irreps if i.p is not None]
    if not known:
        return ""
    printed = int(f.published["seeds"])
    level = LEVEL / len(known)
    far = [_beside(i, len(f.generalised), printed) for i in known if (i.p or 0) < level]
    if not far:
        return f"No frequency is shown to differ from that of the authors' {_nets(printed)}."
    return (
        f"The frequency of {joined(far)} differs from that in the authors' {_nets(printed)} "
        f"(p below {LEVEL}/{len(known)})."
    )


def _beside(i: IrrepFinding, count: int, printed: int) -> str:
    theirs = percentage((i.published or 0) / printed)
    return f"{i.label} ({percentage(i.times / count)} against {theirs})"


def _about_widths(parts: Sequence[Findings]) -> list[str]:
    generalised = [f for f in parts if f.generalised]
    if not generalised:
        return [_of_none([row for f in parts for row in f.rows])]
    found = by_width(parts)
    if found is None or found.p > LEVEL:
        said = "These seeds do not show that width tells how many irreps a net learns."
    else:
        said = f"Wider nets learn {'more' if found.value > 0 else 'fewer'} irreps."
    return [
        said,
        f"Some seed generalised from width {generalised[0].rows[0]['width']} on; those that did "
        "not are not counted here.",
    ]


def _nets(count: int) -> str:
    return f"{count} net{'s' * (count != 1)}"
