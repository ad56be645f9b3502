"""What does it use? Irreps, triplets, neurons, what is left without a part, and cosets."""

from typing import Final

from .._markup import Markup, joined
from ..compare import Comparison
from ..compare._coset_table import READING
from ..compare.clusters import cluster_rows
from ..plots import (
    Side,
    ablation_effects,
    coset_counts,
    logit_similarities,
    neuron_energies,
    neurons_explained,
    similarity_curves,
    triplet_energies,
    triplet_shares,
    weights_explained,
)
from ._markup import rows_table
from ._pictures import captioned, picture
from ._section import (
    Section,
    explain,
    flow,
    long_table,
    paragraph,
    part,
    short_number,
    short_share,
    table_with,
    wide_table,
)

_SIDES: Final[tuple[tuple[Side, str], ...]] = (("left", "a"), ("right", "b"), ("out", "c"))


def what_it_uses(c: Comparison) -> Section:
    """Show the evidence for the irreps, in the order from the whole to the parts."""
    parts = (
        _irreps(c), _learned(c), _triplets(c), _neurons(c), _alignment(c), _interventions(c),
        _cosets(c),
    )  # fmt: skip
    return Section("What does it use?", joined(part for part in parts if part is not None))


def _irreps(c: Comparison) -> Markup:
    """Show the metrics of Chughtai et al."""
    m = c.gcr
    heads, rows = m.irrep_rows()
    pictures = [
        captioned(
            "logit_similarities",
            picture(logit_similarities(m), "Bars: cosine for each irrep.", "similarities"),
        )
    ]
    if c.network.width:
        pictures += [
            captioned(
                "weights_explained",
                picture(weights_explained(m), "Bars: shares of the weights.", "weights"),
            ),
            captioned(
                "neurons_explained",
                picture(neurons_explained(m), "Bars: shares of the neurons.", "neurons"),
            ),
        ]
    totals = [
        ["logits, by their characters", short_share(m.percent_logits_explained)],
        ["embedding of a", short_share(m.percent_x_embed_explained)],
        ["embedding of b", short_share(m.percent_y_embed_explained)],
        ["readout", short_share(m.percent_unembed_explained)],
        ["neurons", short_share(m.percent_hidden_explained)],
        ["neurons, by the word's value alone", short_share(m.percent_hidden_xy_explained)],
        ["cross entropy with these parts alone", short_number(m.total_hidden_restricted_loss)],
        ["cross entropy without them", short_number(m.total_hidden_excluded_loss)],
    ]
    return part(
        "Irreps",
        flow(
            *pictures,
            table_with(
                rows_table(["the key irreps together explain", ""], totals, "totals"),
                "A net that goes by these irreps is as good with their parts alone, and lost "
                "without them. A dash: not measured of this net.",
            ),
        ),
        wide_table(
            rows_table(heads, rows, "metrics of every irrep"),
            "Key irreps carry a star. Similarity: cosine of the logits with the character. W_a, "
            "W_b, W_U: shares of the variance of the embeddings and the readout. rho(a), rho(b), "
            "rho(w): shares of the variance of the neurons. Excluded: cross entropy on the "
            "training pairs (on all, where these are not known) without the irrep's part; the "
            "higher, the more it is needed.",
        ),
    )


def _learned(c: Comparison) -> Markup | None:
    """Show when each irrep was learned, where there are checkpoints."""
    if c.order is None:
        return None
    curves = picture(similarity_curves(c.order), "Curves: similarity over steps.", "learned")
    return part("As it learned them", flow(captioned("similarity_curves", curves)))


def _triplets(c: Comparison) -> Markup | None:
    """Show the logits as a function, triplet by triplet."""
    found = c.logits
    if found is None:
        return None
    heads, rows = found.triplet_rows()
    bars = picture(triplet_energies(found), "Bars: energy by triplet.", "triplets")
    centred = "Logits and tensor are without their means over c. " if found.centred else ""
    return part(
        "Triplets of irreps, of a, b and c",
        paragraph(
            f"{short_share(found.supported_share)} of the logits' energy lies in the "
            f"{len(found.support)} triplets that the word needs"
        ),
        flow(
            captioned("triplet_energies", bars),
            long_table(
                heads,
                rows,
                "triplets used or predicted",
                f"{centred}Predicted: the word tensor is not zero there. Energy and of T: "
                "shares of "
                "the logits and of the word tensor. A coefficient of 1 and a cosine of 1 mean that "
                "the triplet is learned whole; coefficients that are equal mean a multiple of the "
                "tensor.",
            ),
        ),
    )


def _neurons(c: Comparison) -> Markup | None:
    """Show where neurons live, and what chance would do."""
    s = c.spectrum
    if s is None:
        return None
    heads, rows = cluster_rows(s, c.clusters)
    maps = [
        picture(
            neuron_energies(s, side), f"Heat map: neurons over irreps of {letter}.", f"map-{side}"
        )
        for side, letter in _SIDES
    ]
    curve = picture(triplet_shares(s), "Curves: sorted shares.", "shares")
    return part(
        "Neurons",
        paragraph(
            f"{short_share(s.single)} of the {s.width} active neurons have more than "
            f"{s.threshold:g} of their energy in one triplet, by their activations "
            f"({short_share(s.weight_single)} by their weights); with random weights it would "
            f"be {short_share(s.null.single)}"
        ),
        captioned("neuron_energies", *maps),
        flow(
            captioned("triplet_shares", curve),
            table_with(
                rows_table(heads, rows, "neurons by triplet, and what they compute"),
                "phi(a), psi(b), zeta(w): shares of the variance of these neurons that are "
                "functions "
                "of one input's irrep, or of the word's value. The residual is none of these. A "
                "product of two functions has a residual by its nature, which grows with the "
                "dimension; it is no sign of failure. Each row is a cluster: the neurons with the "
                "majority of their weights' energy in one triplet. Mixed neurons are in no "
                "cluster, dead ones do nothing.",
            ),
        ),
    )


def _alignment(c: Comparison) -> Markup | None:
    """Show whether coefficients are rank one and fit, and whether they are spread evenly."""
    found = c.alignment
    if found is None or not found.living.any():
        return None
    return part(
        "Alignment of coefficients",
        paragraph(*found.conclusions()),
        flow(
            table_with(
                rows_table(*found.rows(), "alignment by irrep"),
                "Mean, least: of the alignment of the neurons in the irrep, which is 1 where the "
                "three coefficients of a neuron are x y*, y z*, x z*. Random: of random "
                "coefficients. Opposed: aligned with minus the word. p: of uniform axes x, y, z, "
                "or phases of u, v, w; empty of fewer than five neurons and where there is no "
                "choice.",
            ),
            table_with(
                rows_table(*found.test_rows(), "tests of uniformity"),
                "p: how often a choice at random gives a statistic as large.",
            ),
        ),
    )


def _interventions(c: Comparison) -> Markup | None:
    """Show what is left after interventions."""
    if not c.ablations:
        return None
    heads, rows = c.ablation_rows()
    error = "Error to T: relative squared distance to the word tensor. " * ("error to T" in heads)
    replaced = (
        "Replace: the logits' part in a block by that of the decomposition's terms."
        if any(a.kind == "replace" for a in c.ablations) else ""
    )  # fmt: skip
    bars = picture(ablation_effects(c.ablations), "Bars: accuracy after each.", "interventions")
    return part(
        "Without a part of it",
        captioned("ablation_effects", bars),
        table_with(
            rows_table(
                heads[1:], [[f"{row[0]} {row[1]}", *row[2:]] for row in rows], "interventions"
            ),
            f"Logits changed: relative squared change. {error}{replaced}",
        ),
    )


def _cosets(c: Comparison) -> Markup | None:
    """Show which cosets neurons read."""
    if not c.cosets:
        return None
    bars, tables = [], []
    for letter, table in zip("ab", c.cosets, strict=False):
        heads, rows = table.subgroup_rows()
        blanks = [""] * (len(heads) - 2)
        shares = [short_share(share) for share in table.shares]
        rows.append(["all", *blanks, table.neurons - table.constant, *shares])
        heads += [
            f"C < {limit:.2g}" + (" (null)" if limit == table.null else "")
            for limit in table.thresholds
        ]
        drawn = coset_counts(table, of=f"of {letter}")
        bars.append(picture(drawn, f"Bars: neurons by subgroup, for {letter}.", f"cosets-{letter}"))
        about = (
            f"What {letter} brings: the subgroup, its order and index, its class of conjugate "
            "subgroups, and neurons below C."
        )
        tables.append(long_table(heads, rows, f"neurons by subgroup, {letter}", about))
    return part(
        "Cosets",
        captioned("coset_counts", *bars),
        flow(*tables),
        explain(
            f"{READING} The threshold with (null) is one that a hundredth of random functions is "
            "below."
        ),
    )
