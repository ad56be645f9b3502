"""The page's sections about the net: irreps, neurons, logits, boxes, interventions, cosets."""

from typing import Final, Literal

from .._markup import Markup, element, joined
from .._text import percent
from ..compare import Comparison
from ..compare.clusters import cluster_rows
from ..plots import (
    Side,
    ablation_effects,
    coset_counts,
    logit_energies,
    logit_similarities,
    neuron_energies,
    neurons_explained,
    triplet_energies,
    triplet_shares,
    weights_explained,
)
from ._markup import rows_table
from ._pictures import picture
from ._sections import Section

_BOXES: Final = 24
_MEASURES: Final[tuple[Literal["accuracy", "loss"], ...]] = ("accuracy", "loss")
_SIDES: Final[tuple[tuple[Side, str], ...]] = (("left", "a"), ("right", "b"), ("out", "c"))


def representations(c: Comparison) -> Section:
    """Show the metrics of Chughtai et al."""
    m = c.gcr
    heads, rows = m.irrep_rows()
    explained = (
        "Similarity: cosine of the logits with the character of w(a, b) c⁻¹. W_a, W_b, W_U, ρ(a), "
        "ρ(b), ρ(w): fractions of the variance of the embeddings, the readout and the neurons that "
        "an irrep explains. Excluded: cross entropy without its part. Key irreps carry a star."
    )
    keys = ", ".join(f"{m.irreps[k]} {m.logit_similarity[k]:.3f}" for k in m.key_irreps) or "none"
    pictures = [
        picture(logit_similarities(m), f"Bars: logit similarity of irreps. Key irreps: {keys}.")
    ]
    pictures += [
        picture(weights_explained(m), "Bars: variance of the weights that each irrep explains."),
        picture(neurons_explained(m), "Bars: variance of the neurons that each irrep explains."),
    ] * bool(c.network.width)
    return "Representations", joined(
        [
            rows_table(["", ""], m.summary_rows(), "totals over key irreps"),
            element("p", explained, class_="explain"),
            element("div", *pictures, class_="pictures"),
            rows_table(heads, rows, "metrics of every irrep"),
        ]
    )


def neurons(c: Comparison) -> Section | None:
    """Show where neurons live, and what chance would do."""
    s = c.spectrum
    if s is None:
        return None
    said = (
        f"{percent(s.single)} of {s.width} active neurons have more than {s.threshold:g} of their "
        f"energy in one triplet by activations, {percent(s.weight_single)} by weights. Of random "
        f"weights {percent(s.null.single)} and {percent(s.null.weight_single)}; nineteen of twenty "
        f"are below {s.null.quantile:.3g} and {s.null.weight_quantile:.3g}."
    )
    heads, rows = cluster_rows(s, c.clusters)
    maps = [
        picture(
            neuron_energies(s, side),
            f"Heat map: share of each active neuron's energy in the irreps of {letter}.",
            vector=False,
        )
        for side, letter in _SIDES
    ]
    curve = picture(
        triplet_shares(s), "Curves: sorted share of energy in one triplet, with the null model's."
    )
    return "Neurons", joined(
        [
            element("p", said),
            rows_table(heads, rows, "neurons by triplet, and what their activations are made of"),
            curve,
            element("div", *maps, class_="pictures"),
        ]
    )


def logits(c: Comparison) -> Section | None:
    """Show the logits as a function."""
    found = c.logits
    if found is None:
        return None
    centred = " Their mean over c was subtracted, and the tensor's." if found.centred else ""
    said = (
        f"{percent(found.supported_share)} of the logits' energy lies in the "
        f"{len(found.support)} triplets that the word needs. The nearest multiple of the word "
        f"tensor is {found.scale:.4g}, with a relative squared error of "
        f"{found.relative_error:.3g}.{centred}"
    )
    maps = [
        picture(logit_energies(found), "Heat map: logits over pairs of irreps.", vector=False),
        picture(
            logit_energies(found, target=True),
            "Heat map: word tensor over pairs of irreps.",
            vector=False,
        ),
    ]
    bars = picture(
        triplet_energies(found), "Bars: the logits' energy by triplet; marks: the word tensor's."
    )
    heads, rows = found.triplet_rows()
    return "Logits over triplets", joined(
        [
            element("p", said),
            bars,
            element("div", *maps, class_="pictures"),
            element("p", "Outlined: pairs that the word needs.", class_="explain"),
            rows_table(heads, rows, "triplets used or predicted"),
        ]
    )


def boxes(c: Comparison) -> Section | None:
    """Show which boxes of irreps the neurons occupy."""
    use, s = c.boxes, c.spectrum
    if use is None or s is None:
        return None
    missing = "all" if use.covers else f"all but {len(use.missing)}"
    said = (
        f"{len(use.boxes)} kinds of boxes cover {missing} of the triplets that the word needs, and "
        f"{use.extra} others, with {use.width} neurons. As covers they would cost {use.cost}; the "
        f"cheapest cover costs {use.minimal_cost}."
    )
    names = s.irreps
    rows = [
        [*(" + ".join(names[k] for k in side) for side in box), count]
        for box, count in use.boxes[:_BOXES]
    ]
    rest = len(use.boxes) - len(rows)
    return "Box cover", joined(
        [
            element("p", said),
            rows_table(["irreps of a", "of b", "of c", "neurons"], rows, "boxes of the neurons"),
            element("p", f"{rest} more are not shown.", class_="explain") if rest else "",
        ]
    )


def ablations(c: Comparison) -> Section | None:
    """Show what is left after interventions."""
    if not c.ablations:
        return None
    heads, rows = c.ablation_rows()
    explained = (
        "Logits changed: relative squared change. Replaced: the logits' part in a block by that of "
        "the decomposition's terms."
    )
    if "error to T" in heads:
        explained += " Error to T: relative squared distance to the word tensor."
    bars = [
        picture(
            ablation_effects(c.ablations, measure=measure),
            f"Bars: {measure} after each intervention.",
        )
        for measure in _MEASURES
    ]
    return "Interventions", joined(
        [*bars, rows_table(heads, rows, "interventions"), element("p", explained, class_="explain")]
    )


def cosets(c: Comparison) -> Section | None:
    """Show which cosets neurons read."""
    if not c.cosets:
        return None
    parts: list[Markup] = [
        element(
            "p",
            "C is the sum of the variances within cosets over the variance: 0 where a neuron is "
            "constant on every coset. The threshold marked as null is one that a hundredth of "
            "random functions is below.",
            class_="explain",
        )
    ]
    for letter, table in zip("ab", c.cosets, strict=False):
        parts.append(element("h3", f"What {letter} brings"))
        heads = ["order", "index", "class", "side", "neurons"]
        heads += [
            f"C < {limit:.3g}" + (" (null)" if limit == table.null else "")
            for limit in table.thresholds
        ]
        rows: list[list[object]] = [
            [row.order, row.index, row.class_number, row.side, row.neurons, *row.below]
            for row in table.rows
        ]
        shares = [percent(share) for share in table.shares]
        rows.append(["all", "", "", "", table.neurons - table.constant, *shares])
        parts.append(picture(coset_counts(table), "Bars: neurons by class of subgroups."))
        parts.append(rows_table(heads, rows, f"neurons by subgroup, for {letter}"))
    return "Cosets", joined(parts)
