"""Plain-text tables of margin optima and certificates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...rank.tables import text_table

if TYPE_CHECKING:
    from .certificate import MarginCertificate
    from .optimum import MarginOptimum

__all__ = ["certificate_table", "optimum_table"]

_ROWS = 40


def _cut(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = [text_table(header, rows[:_ROWS])]
    if len(rows) > _ROWS:
        lines.append(f"and {len(rows) - _ROWS} more; to_dict() or --json lists them all")
    return lines


def optimum_table(optimum: "MarginOptimum") -> str:
    """Lay out an optimum: the value, its irreps and its classes.

    Examples
    --------
    >>> from wordtensor.nets.margins import margin_optimum
    >>> optimum_table(margin_optimum("C3")).splitlines()[0]
    'a*b over C3 (order 3): gamma* = 7.856742e-02, by Theorem 7'
    """
    header = ["irrep", "neurons", "share"]
    ranged = any(irrep.largest - irrep.least > 1e-6 for irrep in optimum.irreps)
    header += ["in any optimum"] * ranged + ["strength / gamma*"]
    rows = []
    for irrep in optimum.irreps:
        between = f"{irrep.least:.4f} to {irrep.largest:.4f}"
        row: list[object] = [irrep.label, irrep.width * (irrep.share > 0), f"{irrep.share:.4f}"]
        row += [between] * ranged + [f"{irrep.strength / optimum.gamma_star:.4f}"]
        rows.append(row)
    weights = [[part.label, part.size, f"{part.tau:.4f}"] for part in optimum.classes]
    return "\n".join(
        [
            f"a*b over {optimum.group.name} (order {optimum.group.order}): "
            f"gamma* = {optimum.gamma_star:.6e}, by {optimum.theorem}",
            f"condition {optimum.condition:.4f} (every irrep appears below 0), "
            f"least width {optimum.width}, gap {abs(optimum.gap):.0e}",
            "",
            *_cut(header, rows),
            "",
            *_cut(["class", "size", "tau"], weights),
        ]
    )


def certificate_table(certificate: "MarginCertificate") -> str:
    """Lay out a certificate: the margin reached, the three checks, and the neurons' irreps.

    Examples
    --------
    >>> from wordtensor.nets.margins import margin_certificate, max_margin_net
    >>> text = certificate_table(margin_certificate(max_margin_net("S3"), "S3"))
    >>> text.splitlines()[0]
    'margin 2.360497e-02 = 1.000000 of gamma* 2.360497e-02: a maximum-margin net'
    """
    c = certificate
    verdict = "a maximum-margin net" if c.is_max_margin else "not a maximum-margin net"
    rows = [
        [irrep.label, count, f"{share:.4f}", f"{irrep.least:.4f} to {irrep.largest:.4f}"]
        for irrep, count, share in zip(
            c.optimum.irreps, c.neurons[1:].tolist(), c.shares[1:].tolist(), strict=True
        )
    ]
    header = ["irrep", "neurons", "share of the net", "in any optimum"]
    return "\n".join(
        [
            f"margin {c.margin:.6e} = {c.reached:.6f} of gamma* {c.gamma_star:.6e}: {verdict}",
            f"pairs are on the margin to {c.spread:.1e} of gamma*",
            f"class-weighted margin {c.weighted_margin:.6e}, {c.weighted_error:.1e} below gamma*",
            f"labels with tau > 0 are the best wrong ones to {c.label_error:.1e} of gamma*",
            f"energy of u in its best irrep: least {c.power.min():.4f}, mean {c.power.mean():.4f}",
            "",
            *_cut(header, rows),
        ]
    )
