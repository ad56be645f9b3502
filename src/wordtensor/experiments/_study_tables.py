"""The tables of a study: irreps, widths, and the statistics that its conclusions rest on."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from .._shown import Table
from ..compare.gcr import KEY_SIMILARITY
from ..compare.learning_order import LEARNED_SIMILARITY
from ..compare.similarity import by_heart_cosines
from ..groups import group as named_group
from ..irreps import real_irreps
from ._findings import Findings, generalising
from ._statistics import LEVEL, Pairs, Tested, spearman, wilson
from ._study import Row

# So many sets are named.
_SETS: Final = 5
_CLEARLY: Final = f"above {LEARNED_SIMILARITY}"


def irrep_table(f: Findings) -> Table:
    """Return how often and how early the seeds that generalised learned each irrep."""
    heads = ["irrep", "name", "dim", "margin", "learned", "95 %", _CLEARLY, "first", "place"]
    heads += ["all seeds"]
    count = len(f.generalised)
    rows = [
        [
            i.label, i.name, i.dim, f"{i.margin:.3f}", f"{i.times}/{count}",
            _interval(*i.interval), i.clearly, i.first, _two(i.place), f"{i.of_all}/{len(f.rows)}",
        ]
        for i in f.irreps
    ]  # fmt: skip
    if any(i.published is not None for i in f.irreps):
        heads += ["authors", "p"]
        for row, i in zip(rows, f.irreps, strict=True):
            known = i.published is not None
            row += [f"{i.published}/{f.published['seeds']:g}", _p(i.p)] if known else ["", ""]
    return Table(heads, rows)


def dimension_table(f: Findings) -> Table:
    """Return the same of all irreps of each dimension together."""
    rows = []
    count = len(f.generalised)
    for dim in sorted(set(f.dims)):
        members = [i for i in f.irreps if i.dim == dim]
        times = [i.times for i in members]
        rows.append(
            [
                dim, len(members), f"{np.mean(times) / count:.3f}", min(times),
                max(times), f"{sum(times) / count:.2f}",
                f"{sum(i.clearly for i in members) / count:.2f}",
                sum(i.first for i in members), f"{sum(i.margin for i in members):.3f}",
            ]
        )  # fmt: skip
    heads = ["dim", "irreps", "learned", "least", "most", "a seed", _CLEARLY, "first", "margin"]
    return Table(heads, rows)


def width_table(parts: Sequence[Findings]) -> Table:
    """Return how many seeds of each width generalised, and how many irreps these learned."""
    rows = []
    for f in parts:
        counts, several = f.learned.sum(axis=1), len(f.generalised) > 1
        error = counts.std(ddof=1) / np.sqrt(len(counts)) if several else None
        accuracy = [row["test_accuracy"] for row in f.rows if row["test_accuracy"] is not None]
        rows.append(
            [
                f.rows[0]["width"], f"{len(f.generalised)}/{len(f.rows)}",
                _interval(*wilson(len(f.generalised), len(f.rows))),
                f"{np.median(accuracy):.4f}" if accuracy else "-",
                _two(counts.mean() if f.generalised else None), _two(error),
                f"{f.sets[0][0]} ({f.sets[0][1]})" if f.generalised else "-",
            ]
        )  # fmt: skip
    heads = ["width", "generalised", "95 %", "test accuracy", "irreps", "error", "commonest set"]
    return Table(heads, rows)


def untold_table(f: Findings) -> Table:
    """Return what is known where no seed generalised."""
    return _statistics(_of_seeds(f.rows))


def width_statistics(parts: Sequence[Findings]) -> Table:
    """Return the test whether width tells how many irreps a net learns."""
    rows = [row for f in parts for row in f.rows]
    return _statistics([*_of_seeds(rows), _tested("width and irreps (Spearman)", by_width(parts))])


def by_width(parts: Sequence[Findings]) -> Tested | None:
    """Return Spearman's correlation of width and irreps over the nets that generalised."""
    told = [(f.rows[0]["width"], n) for f in parts for n in f.learned.sum(axis=1).tolist()]
    return spearman(*zip(*told, strict=True)) if told else None


def statistics_table(f: Findings) -> Table:
    """Return the figures and tests of the seeds that generalised."""
    counts, count = f.learned.sum(axis=1), len(f.generalised)
    mean = f"{counts.mean():.2f} of {len(f.labels)}, from {counts.min()} to {counts.max()}"
    if "irreps" in f.published:
        mean += f"; the authors' {f.published['irreps']:g}"
    rows = [
        *_of_seeds(f.rows),
        [f"irreps of a net (similarity above {KEY_SIMILARITY})", mean, ""],
        _tested("dimension and frequency (Spearman)", f.frequency_by_dim),
        ["even choice among irreps of one dimension", "", _p(f.even)],
        *_of_order(f),
    ]
    seen, chance = f.margin_sets
    kinds = [("exactly the irreps of the margin", seen.equal, chance.equal)]
    if any(i.margin == 0 for i in f.irreps):
        kinds += [
            ("no irreps but those of the margin", seen.within, chance.within),
            ("all irreps of the margin, perhaps others", seen.contains, chance.contains),
        ]
    for what, share, by_chance in kinds:
        shown = _share(round(share * count), count)
        rows.append([what, f"{shown}; {percentage(by_chance)} if independent", ""])
    rows.append(_tested("share of the margin and frequency (Spearman)", f.frequency_by_margin))
    named = "; ".join(f"{name}: {times}" for name, times in f.sets[:_SETS])
    rows.append([f"commonest of {len(f.sets)} sets" if len(f.sets) > 1 else "only set", named, ""])
    return _statistics(rows)


def _of_seeds(rows: Sequence[Row]) -> list[list[str]]:
    """Return how many seeds generalised, and what they took."""
    last, some = len(generalising(rows)), sum(row["success"] >= 0 for row in rows)
    seconds = [row["seconds"] for row in rows]
    return [
        ["seeds that generalised", _share(last, len(rows)), ""],
        ["right on all unseen pairs at some record", f"{some}/{len(rows)}", ""],
        ["training", f"{_cell(np.mean(seconds))} s a seed, {_cell(sum(seconds) / 3600)} h", ""],
    ]


def _of_order(f: Findings) -> list[list[str]]:
    """Return which irreps came first, by both measures, beside what memorising looks like."""
    irreps = real_irreps(named_group(f.group))
    cosines = by_heart_cosines(irreps, f.rows[0]["fraction"])
    k = int(cosines.argmax())
    return [
        _counted(f"first by dimension, similarity {_CLEARLY}", f.pairs),
        ["similarity of training pairs alone", f"{cosines[k]:.2f} with {irreps[k]}", ""],
        _counted("first by dimension, half of the last similarity", f.halfway),
        _tested("dimension and mean place (Spearman)", f.place_by_dim),
    ]


def _counted(what: str, pairs: Pairs) -> list[str]:
    shown = f"smaller {pairs.in_order}, larger {pairs.reversed}, together {pairs.tied}"
    return [what, shown, _p(pairs.p)]


def _tested(what: str, found: Tested | None) -> list[str]:
    return [what, "-", "-"] if found is None else [what, _two(found.value), _p(found.p)]


def _statistics(rows: Sequence[Sequence[str]]) -> Table:
    return Table(["statistic", "value", f"p (level {LEVEL})"], rows)


def _share(times: int, count: int) -> str:
    return f"{times}/{count}, {_interval(*wilson(times, count))}"


def _interval(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}"


def _cell(amount: float) -> str:
    return f"{amount:.0f}" if amount >= 10 else f"{amount:.2g}"


def percentage(share: float) -> str:
    """Return a share in whole percent."""
    return f"{100 * share:.0f} %"


def _two(value: Any) -> str:
    return "-" if value is None else f"{value:.2f}"


def _p(value: float | None) -> str:
    return "-" if value is None else f"{value:.2g}"
