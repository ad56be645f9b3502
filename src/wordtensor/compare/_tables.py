"""Comparisons as text."""

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from .._text import text_table

if TYPE_CHECKING:
    from ._spectrum import Spectrum
    from .clusters import ClusterShares
    from .comparison import Comparison
    from .gcr import GCRMetrics
    from .learning_order import LearnedOrder

__all__ = [
    "ablation_rows",
    "cluster_rows",
    "comparison_text",
    "gcr_rows",
    "gcr_table",
    "order_rows",
    "rank_rows",
    "spectrum_table",
    "summary_rows",
    "triplet_rows",
]

Rows = list[list[str]]


def percent(share: float) -> str:
    """Return a share as a percentage with two decimals; a dash if there is none."""
    return "-" if isnan(share) else f"{100 * share:.2f} %"


def gcr_rows(m: "GCRMetrics") -> tuple[list[str], Rows]:
    """Return heads and rows of the metrics, one row for each irrep; key irreps carry a star."""
    heads = ["irrep", "similarity", "W_a", "W_b", "W_U", "rho(a)", "rho(b)", "rho(w)", "excluded"]
    rows = []
    for k, label in enumerate(m.irreps):
        shares = (m.x_embed, m.y_embed, m.unembed, m.hidden_x, m.hidden_y, m.hidden_xy)
        rows.append(
            [
                f"{label} *" if k in m.key_irreps else label,
                f"{m.logit_similarity[k]:.4f}" if k in m.logit_similarity else "",
                *(percent(float(share[k])) for share in shares),
                f"{m.hidden_excluded_loss[k]:.3g}",
            ]
        )
    return heads, rows


def summary_rows(m: "GCRMetrics") -> Rows:
    """Return names and values of the totals over key irreps."""
    return [
        ["accuracy on all pairs", f"{m.all_accuracy:.6f}"],
        ["accuracy on training, test pairs", _list(m.train_accuracy, m.test_accuracy, digits=6)],
        ["loss on training, test, all pairs", _list(m.train_loss, m.test_loss, m.all_loss)],
        ["key irreps", ", ".join(m.irreps[k] for k in m.key_irreps) or "none"],
        ["logits explained", percent(m.percent_logits_explained)],
        [
            "embeddings explained (a, b)",
            f"{percent(m.percent_x_embed_explained)}, {percent(m.percent_y_embed_explained)}",
        ],
        ["readout explained", percent(m.percent_unembed_explained)],
        ["neurons explained", percent(m.percent_hidden_explained)],
        ["neurons explained by rho(w(a,b))", percent(m.percent_hidden_xy_explained)],
        ["restricted loss", f"{m.total_hidden_restricted_loss:.4g}"],
        ["excluded loss", f"{m.total_hidden_excluded_loss:.4g}"],
        ["sum of squared weights", f"{m.sum_of_squared_weights:.6g}"],
    ]


def _list(*values: float, digits: int = 4) -> str:
    """Join numbers; a dash for what is not there."""
    return ", ".join("-" if isnan(value) else f"{value:.{digits}g}" for value in values)


def gcr_table(m: "GCRMetrics") -> str:
    """Lay out the metrics: totals, then a row for each irrep."""
    heads, rows = gcr_rows(m)
    title = f"{m.word} over {m.group}: representations (* key irreps)"
    return "\n\n".join([title, text_table(["", ""], summary_rows(m)), text_table(heads, rows)])


def cluster_rows(s: "Spectrum", clusters: Sequence["ClusterShares"] = ()) -> tuple[list[str], Rows]:
    """Return heads and rows of the clusters, and what their neurons compute where it is known."""
    heads = ["triplet", "neurons"]
    rows = [[s.label(t), str(len(r))] for t, r in s.clusters().items()]
    if clusters:
        heads += ["phi(a)", "psi(b)", "zeta(w)", "residual"]
        for row, c in zip(rows, clusters, strict=True):
            row += map(percent, (c.first, c.second, c.value, c.residual))
    rest = [""] * (len(heads) - 2)
    rows += [["mixed", str(len(s.mixed())), *rest], ["dead", str(len(s.dead())), *rest]]
    return heads, rows


def spectrum_lines(s: "Spectrum") -> list[str]:
    """Return what is to be said above the clusters of neurons."""
    return [
        f"{s.word} over {s.group}: {s.width} active neurons",
        f"in one triplet (share above {s.threshold:g}): {percent(s.single)} by activations, "
        f"{percent(s.weight_single)} by weights",
        f"random weights: {percent(s.null.single)} and {percent(s.null.weight_single)}; 19 of 20 "
        f"below {s.null.quantile:.3g} and {s.null.weight_quantile:.3g}",
    ]


def spectrum_table(s: "Spectrum", clusters: Sequence["ClusterShares"] = ()) -> str:
    """Lay out the clusters of neurons."""
    return "\n".join([*spectrum_lines(s), "", text_table(*cluster_rows(s, clusters))])


def rank_rows(c: "Comparison") -> Rows:
    """Return names and values of the widths beside the rank."""
    d, p = c.decomposition, c.pruning
    return [
        ["width", str(c.network.width)],
        ["active neurons", str(c.spectrum.width)],
        [f"needed for the same function (to {p.tolerance:.0e})", str(p.effective_width)],
        ["needed for the same accuracy", str(p.accurate_width)],
        ["terms of the decomposition", str(d.rank)],
        ["proved lower bound", str(d.lower_bound)],
        *([] if c.boxes is None else [["box rank (published method)", str(c.boxes.minimal_cost)]]),
    ]


def exactness(c: "Comparison") -> str:
    """Say whether the net computes the tensor, or only its largest entries, in one sentence."""
    if c.logits is None:
        return "whether the logits are the word tensor was not measured"
    error = c.logits.tensor_error
    if error < 1e-8:
        return f"the logits are the word tensor (relative squared error {error:.1e})"
    if c.logits.relative_error < 1e-2 and not c.logits.centred:
        return (
            f"the logits are near {c.logits.scale:.4g} times the word tensor (relative squared "
            f"error {c.logits.relative_error:.1e}); the bound holds for the tensor itself"
        )
    right = c.gcr.all_accuracy
    most = "only their" if right == 1 else f"on {percent(right)} of the pairs their"
    return (
        f"the logits are not the word tensor (relative squared error {c.logits.relative_error:.3g}"
        f"{' after centring' if c.logits.centred else ''}): {most} largest entries are right, "
        "for which fewer neurons can do than the bound says"
    )


def triplet_rows(c: "Comparison") -> tuple[list[str], Rows]:
    """Return heads and rows of the triplets, used or predicted, with most energy first."""
    heads = ["triplet", "predicted", "energy", "of T", "coefficient", "cosine"]
    if c.logits is None:
        return heads, []
    found = c.logits
    predicted = set(found.support)
    triplets = [*found.used(), *(t for t in found.support if t not in set(found.used()))]
    rows = []
    for t in triplets:
        known = t in predicted
        rows.append(
            [
                found.label(t),
                "yes" if known else "no",
                percent(float(found.energy[t])),
                percent(float(found.target_energy[t])),
                f"{found.coefficients[t]:.4g}" if known else "",
                f"{found.cosines[t]:.4f}" if known else "",
            ]
        )
    return heads, rows


def ablation_rows(c: "Comparison") -> tuple[list[str], Rows]:
    """Return heads and rows of the interventions."""
    heads = ["", "what", "accuracy", "loss", "logits changed"]
    # Of logits that were trained by cross entropy, the distance to T says nothing.
    near = c.logits is not None and not c.logits.centred
    heads += ["error to T"] if near else []
    verbs = {True: "keep", False: "remove"}
    rows = []
    for a in c.ablations:
        verb = "replace" if a.kind == "replace" else verbs[a.kept]
        kind = "" if a.kind in ("replace", "neurons") else f"{a.kind} "
        rows.append(
            [
                verb,
                f"{kind}{a.what}",
                f"{a.accuracy:.4f}",
                f"{a.loss:.3g}",
                f"{a.changed:.2e}",
                *([f"{a.error:.2e}"] if near else []),
            ]
        )
    return heads, rows


def order_rows(found: "LearnedOrder") -> Rows:
    """Return key irreps, and the steps at which they were learned."""
    return [[found.irreps[k], "never" if s is None else str(s)] for k, s in found.order]


def comparison_text(c: "Comparison") -> str:
    """Lay out a whole comparison."""
    parts = [
        f"{c.name}: {c.network.kind} network, {c.network.combination} neurons, on {c.word} over "
        f"{c.group.name} (order {c.group.order})",
        text_table(["width and rank", ""], rank_rows(c)),
        exactness(c),
        gcr_table(c.gcr),
        spectrum_table(c.spectrum, c.clusters),
    ]
    if c.logits is not None:
        parts.append(
            f"logits over triplets{' (centred over c)' if c.logits.centred else ''}: "
            f"{percent(c.logits.supported_share)} in the {len(c.logits.support)} predicted; "
            f"nearest multiple of T {c.logits.scale:.4g}, relative squared error "
            f"{c.logits.relative_error:.3g}"
        )
        parts.append(text_table(*triplet_rows(c)))
    if c.boxes is not None:
        missing = "all" if c.boxes.covers else f"all but {len(c.boxes.missing)}"
        parts.append(
            f"boxes: {len(c.boxes.boxes)} kinds cover {missing} of the support's triplets, at the "
            f"cost of {c.boxes.width} neurons (as covers: {c.boxes.cost}; cheapest "
            f"{c.boxes.minimal_cost})"
        )
    if c.match is not None:
        parts.append(str(c.match))
    if c.ablations:
        parts.append(text_table(*ablation_rows(c)))
    for side, table in zip("ab", c.cosets, strict=False):
        parts.append(f"cosets, by what {side} brings:\n{table}")
    if c.order is not None:
        parts.append(
            "learned: " + ", ".join(f"{label} ({step})" for label, step in order_rows(c.order))
        )
    parts += [f"note: {note}" for note in c.notes]
    return "\n\n".join(parts)
