"""The tables of a study, and whole sentences that say what to conclude from them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from .._shown import Line, Table
from .._text import joined
from ..compare.gcr import KEY_SIMILARITY
from ..compare.learning_order import LEARNED_SIMILARITY
from ..compare.similarity import by_heart_cosines
from ..groups import group as named_group
from ..irreps import real_irreps
from ._findings import GENERALISED, Findings, IrrepFinding, findings
from ._statistics import Pairs, spearman, wilson
from ._study import Row

_LEVEL: Final = 0.05
# Groups with more irreps than this have a line for each dimension, and not for each irrep.
_MANY: Final = 12
# So many sets are named.
_SETS: Final = 5


def study_lines(rows: Sequence[Row], group: str, published: Mapping[str, float]) -> list[Line]:
    """Return tables and conclusions: of irreps, or of widths if there are several."""
    parts = [(f.rows[0]["width"], f) for f in findings(rows, group, published)]
    if len(parts) > 1:
        return [_width_table(parts), "", *_about_widths(parts)]
    found = parts[0][1]
    table = _dimension_table(found) if len(found.labels) > _MANY else _irrep_table(found)
    said = [
        _about_seeds(found),
        _about_thresholds(found),
        _about_number(found),
        _about_frequency(found),
        _about_choice(found),
        _about_order(found),
        _about_halfway(found),
        _about_published(found),
        _about_sets(found),
        _about_margin(found),
    ]
    return [table, "", *(sentence for sentence in said if sentence)]


def _irrep_table(f: Findings) -> Table:
    heads = ["irrep", "name", "dim", "margin", "learned", "95 %", "above 0.05", "first", "place"]
    heads += ["all seeds"]
    count = len(f.counted)
    rows = [
        [
            i.label, i.name, i.dim, f"{i.margin:.3f}", f"{i.times}/{count}",
            _interval(i.interval), i.clearly, i.first, _two(i.place), f"{i.of_all}/{len(f.rows)}",
        ]
        for i in f.irreps
    ]  # fmt: skip
    if any(i.published is not None for i in f.irreps):
        heads += ["authors", "p"]
        for row, i in zip(rows, f.irreps, strict=True):
            known = i.published is not None
            row += [f"{i.published}/{_printed(f)}", _p(i.p)] if known else ["", ""]
    return Table(heads, rows)


def _dimension_table(f: Findings) -> Table:
    rows = []
    for dim in sorted(set(f.dims)):
        members = [i for i in f.irreps if i.dim == dim]
        times = [i.times for i in members]
        rows.append(
            [
                dim, len(members), f"{np.mean(times) / len(f.counted):.3f}", min(times),
                max(times), f"{sum(times) / len(f.counted):.2f}",
                f"{sum(i.clearly for i in members) / len(f.counted):.2f}",
                sum(i.first for i in members), f"{sum(i.margin for i in members):.3f}",
            ]
        )  # fmt: skip
    heads = ["dim", "irreps", "learned", "least", "most", "a seed", "above 0.05", "first", "margin"]
    return Table(heads, rows)


def _width_table(parts: Sequence[tuple[int, Findings]]) -> Table:
    rows = []
    for width, f in parts:
        counts = f.learned.sum(axis=1)
        share = wilson(len(f.generalised), len(f.rows))
        error = counts.std(ddof=1) / np.sqrt(len(counts)) if len(counts) > 1 else None
        accuracy = [row["test_accuracy"] for row in f.rows if row["test_accuracy"] is not None]
        rows.append(
            [
                width, f"{len(f.generalised)}/{len(f.rows)}", _interval(share),
                f"{np.median(accuracy):.4f}" if accuracy else "-", f"{counts.mean():.2f}",
                _two(error), f"{f.sets[0][0]} ({f.sets[0][1]})",
            ]
        )  # fmt: skip
    heads = ["width", "generalised", "95 %", "test accuracy", "irreps", "error", "commonest set"]
    return Table(heads, rows)


def _about_seeds(f: Findings) -> str:
    of, all_ = len(f.generalised), len(f.rows)
    right = sum(row["success"] >= 0 for row in f.rows)
    whose = (
        'All figures are of these seeds (but for the column "all seeds")'
        if f.generalised
        else "So all figures are of nets that do not generalise"
    )
    return (
        f"{of} of {all_} seeds generalised, that is, were right on {_whole(GENERALISED)} of the "
        f"unseen pairs after the last step (95 % interval {_interval(wilson(of, all_))}); {right} "
        f"were right on all of them at some record. {whose}, and of the last nets: an irrep counts "
        f"as learned if its logit similarity is above {KEY_SIMILARITY}. {_about_time(f.rows)}"
    )


def _about_time(rows: Sequence[Row]) -> str:
    seconds = [row["seconds"] for row in rows]
    hours = sum(seconds) / 3600
    return f"Training took {_cell(np.mean(seconds))} s a seed, {_cell(hours)} h in all."


def _about_thresholds(f: Findings) -> str:
    gaps = [(i.times - i.clearly) / len(f.counted) for i in f.irreps]
    most = f.irreps[int(np.argmax(gaps))]
    if max(gaps) == 0:
        return f"The threshold does not matter: with {LEARNED_SIMILARITY} all counts are the same."
    return (
        f"With the threshold {LEARNED_SIMILARITY} fewer irreps count: the frequency of "
        f"{most.label} falls most, by {_whole(max(gaps))}, and "
        + (
            "this does not change the picture."
            if max(gaps) < 0.1
            else "so some are learned weakly: rests of training, or overtones of ReLU neurons."
        )
    )


def _about_number(f: Findings) -> str:
    counts = f.learned.sum(axis=1)
    said = f"A net learns {counts.mean():.2f} irreps in the mean, from {counts.min()} to "
    said += f"{counts.max()}, of {len(f.labels)}"
    if "irreps" in f.published:
        said += f"; the authors' {_printed(f)} nets have {f.published['irreps']:g} in the mean"
    return f"{said}."


def _about_frequency(f: Findings) -> str:
    found = f.frequency_by_dim
    if found is None:
        return "All irreps have one dimension or one frequency, so none depends on the other."
    test = f"Spearman's correlation {found.value:.2f} over {len(f.dims)} irreps, p = {_p(found.p)}"
    if found.p > _LEVEL:
        return f"These seeds do not show that dimension tells how often one is learned ({test})."
    rarer = "less" if found.value < 0 else "more"
    return f"Irreps of larger dimension are learned {rarer} often ({test})."


def _about_choice(f: Findings) -> str:
    if f.even is None:
        return ""
    if f.even > _LEVEL:
        return (
            "Among irreps of one dimension nets choose evenly, as far as these seeds tell "
            f"(p = {_p(f.even)})."
        )
    return (
        f"Among irreps of one dimension nets do not choose evenly (p = {_p(f.even)}), so dimension "
        "alone does not decide."
    )


def _about_order(f: Findings) -> str:
    pairs, place = f.pairs, f.place_by_dim
    if not pairs.in_order + pairs.reversed:
        return "No seed learned irreps of different dimensions one after the other."
    test = _counted(pairs)
    if place is not None:
        test += f"; Spearman's correlation with the mean place {place.value:.2f}, p = {_p(place.p)}"
    return f"By the authors' threshold {LEARNED_SIMILARITY}, {_first(pairs)} ({test})."


def _about_halfway(f: Findings) -> str:
    """Say the order that memorising does not make: it shows irreps that are not learned yet."""
    pairs = f.halfway
    if not f.pairs.in_order + f.pairs.reversed:
        return ""
    irreps = real_irreps(named_group(f.group))
    cosines = by_heart_cosines(irreps, f.rows[0]["fraction"])
    k = int(cosines.argmax())
    same = _first(pairs) == _first(f.pairs)
    return (
        "A net may exceed this threshold before it generalises: logits that know the training "
        f"pairs by heart, and nothing else, have the similarity {cosines[k]:.2f} with {irreps[k]}. "
        "By the checkpoint from which on an irrep keeps half of its last similarity, "
        f"{_first(pairs)} ({_counted(pairs)}). "
        + ("Both say the same." if same else "So the order depends on how it is measured.")
    )


def _first(pairs: Pairs) -> str:
    if pairs.p > _LEVEL:
        return "these seeds do not show that dimension tells which irrep is learned first"
    which = "smaller" if pairs.in_order > pairs.reversed else "larger"
    return f"the irrep of {which} dimension is mostly learned first"


def _counted(pairs: Pairs) -> str:
    return (
        f"{pairs.in_order} pairs of irreps of one seed in the order of their dimensions, "
        f"{pairs.reversed} reversed, {pairs.tied} at the same checkpoint; p = {_p(pairs.p)} within "
        "seeds"
    )


def _about_published(f: Findings) -> str:
    known = [i for i in f.irreps if i.p is not None]
    if not known:
        return ""
    level = _LEVEL / len(known)
    far = [_beside(f, i) for i in known if i.p is not None and i.p < level]
    test = f"Fisher's exact test, {len(known)} comparisons, so each at {level:.2g}"
    if not far:
        return f"No frequency differs from that of the authors' {_printed(f)} nets ({test})."
    return (
        f"These frequencies differ from those of the authors' {_printed(f)} nets: {joined(far)} "
        f"({test}); the others do not."
    )


def _beside(f: Findings, i: IrrepFinding) -> str:
    printed = (i.published or 0) / _printed(f)
    return f"{i.label} ({_whole(i.times / len(f.counted))} against {_whole(printed)})"


def _about_sets(f: Findings) -> str:
    named = [f"{name} in {times}" for name, times in f.sets[:_SETS]]
    if len(f.sets) == 1:
        nets = "The net" if len(f.counted) == 1 else f"All {len(f.counted)} nets"
        return f"{nets} learned one set of irreps, {f.sets[0][0]}."
    sets = f"{len(f.sets)} different sets of irreps"
    return f"The {len(f.counted)} nets learned {sets}, most often {joined(named)}."


def _about_margin(f: Findings) -> str:
    seen, chance = f.margin_sets
    using = [i.label for i in f.irreps if i.margin > 0]
    everything = len(using) == len(f.labels)
    every = "the one irrep that there is" if len(using) == 1 else f"all {len(using)} irreps"
    what = every if everything else joined(using)
    times = round(seen.equal * len(f.counted))
    low, high = wilson(times, len(f.counted))
    said = (
        f"The maximum margin uses {what}. {_whole(seen.equal)} of the nets learned exactly these "
        f"(95 % interval {_interval((low, high))}; {_whole(chance.equal)} if irreps came "
        "independently with their frequencies)"
    )
    if everything:
        said += ". "
    else:
        said += (
            f", {_whole(seen.within)} none but these ({_whole(chance.within)}), and "
            f"{_whole(seen.contains)} all of these and perhaps others ({_whole(chance.contains)}). "
        )
    shares = f.frequency_by_margin
    if shares is not None:
        which = "less" if shares.value < 0 else "more"
        shown = f"are learned {which} often" if shares.p <= _LEVEL else "are not shown to differ"
        said += (
            f"Irreps with a larger share of it {shown} (Spearman's correlation "
            f"{shares.value:.2f}, p = {_p(shares.p)}). "
        )
    if low > 0.5:
        return said + "So the maximum margin predicts what most nets learn."
    if high < 0.5:
        return said + "So the maximum margin does not predict what a net learns."
    return said + "So these seeds do not decide whether the maximum margin predicts it."


def _about_widths(parts: Sequence[tuple[int, Findings]]) -> list[Line]:
    lines: list[Line] = []
    generalised = [w for w, f in parts if f.generalised]
    if generalised:
        lines.append(
            f"Some seed generalised from width {generalised[0]} on; irreps are counted of those "
            "that did, and of all where none did."
        )
    else:
        lines.append("No seed generalised at any width; irreps are counted of all.")
    lines.append(_about_time([row for _, f in parts for row in f.rows]))
    told = [(w, n) for w, f in parts if f.generalised for n in f.learned.sum(axis=1).tolist()]
    found = spearman(*zip(*told, strict=True)) if told else None
    if found is None:
        return [*lines, "The seeds that generalised do not show whether width matters."]
    test = f"Spearman's correlation {found.value:.2f} over {len(told)} nets, p = {_p(found.p)}"
    if found.p > _LEVEL:
        return [*lines, f"These seeds do not show that width tells how many ({test})."]
    more = "more" if found.value > 0 else "fewer"
    return [*lines, f"Wider nets learn {more} irreps ({test})."]


def _printed(f: Findings) -> int:
    """Return the number of nets that the source's figures are of."""
    return int(f.published["seeds"])


def _interval(ends: tuple[float, float]) -> str:
    return f"{ends[0]:.2f} to {ends[1]:.2f}"


def _cell(amount: float) -> str:
    return f"{amount:.0f}" if amount >= 10 else f"{amount:.2g}"


def _whole(share: float) -> str:
    return f"{100 * share:.0f} %"


def _two(value: Any) -> str:
    return "-" if value is None else f"{value:.2f}"


def _p(value: float | None) -> str:
    return "-" if value is None else f"{value:.2g}"
