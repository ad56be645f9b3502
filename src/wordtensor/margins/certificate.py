"""The proof that a net has the greatest margin, or how far it is from that, from its numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .._shown import Line, Shown, Table
from .._typing import Array, Indices, Integers, RealFactors, Value, freeze_fields
from ..irreps import isotypic_energies, iter_real_irreps
from .optimum import MarginOptimum

_TOLERANCE: Final = 1e-8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MarginCertificate(Value, Shown):
    """What a net of m neurons reaches of the greatest margin, and the certificate's conditions.

    Attributes
    ----------
    optimum : MarginOptimum
        The bound, with the tau that proves it.
    margin : float
        The normalised margin of the net.
    weighted_margin : float
        The normalised class-weighted margin with this tau, over uniform pairs. It lies between
        `margin` and gamma*, for every net.
    spread : float
        Largest minus least margin of a pair, over gamma*. Zero: uniform pairs are worst
        for the net.
    label_error : float
        How far labels with tau > 0 are below the best wrong label, over gamma* (largest over all
        pairs). Zero: condition C.1.
    power : ndarray, shape (m,)
        Energy of each u in its best isotypic space, as a share; 0 for dead neurons. Read-only.
    best : ndarray, shape (m,), int64
        That space's index into ``real_irreps(G)``. Read-only.
    shares : ndarray, shape (t,)
        ``sum_i ||omega_i||^3`` of the neurons with this best irrep, over the sum of all. Read-only.
    neurons : ndarray, shape (t,), int64
        Number of neurons with this best irrep, dead ones left out. Read-only.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, section 4, appendix C.

    Examples
    --------
    >>> from wordtensor.nets import margin_certificate, max_margin_net
    >>> certificate = margin_certificate(max_margin_net("C5"), "C5")
    >>> certificate.is_max_margin, round(certificate.reached, 9), certificate.neurons.tolist()
    (True, 1.0, [0, 8, 8])
    """

    optimum: MarginOptimum
    margin: float
    weighted_margin: float
    spread: float
    label_error: float
    power: Array
    best: Integers
    shares: Array
    neurons: Integers

    def __post_init__(self) -> None:
        freeze_fields(self, "power", "best", "shares", "neurons")

    @property
    def gamma_star(self) -> float:
        """The greatest margin of any net."""
        return self.optimum.gamma_star

    @property
    def reached(self) -> float:
        """Margin over gamma*."""
        return self.margin / self.gamma_star

    @property
    def weighted_error(self) -> float:
        """How far the class-weighted margin is below gamma*, over gamma*."""
        return 1.0 - self.weighted_margin / self.gamma_star

    @property
    def is_max_margin(self) -> bool:
        """Whether the margin is gamma* and the three conditions hold, to 1e-8."""
        errors = (1.0 - self.reached, self.spread, self.weighted_error, self.label_error)
        return max(map(abs, errors)) < _TOLERANCE

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as JSON-able values."""
        values: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                "gamma_star", "margin", "reached", "is_max_margin", "weighted_margin",
                "weighted_error", "spread", "label_error",
            )
        }  # fmt: skip
        for name in ("power", "best", "shares", "neurons"):
            values[name] = getattr(self, name).tolist()
        return values

    def __repr__(self) -> str:
        return f"MarginCertificate({self.optimum.group.name!r}, reached={self.reached:.6f})"

    def _parts(self) -> list[Line]:
        verdict = "a maximum-margin net" if self.is_max_margin else "not a maximum-margin net"
        rows = [
            [irrep.label, count, f"{share:.4f}", f"{irrep.least:.4f} to {irrep.largest:.4f}"]
            for irrep, count, share in zip(
                self.optimum.irreps,
                self.neurons[1:].tolist(),
                self.shares[1:].tolist(),
                strict=True,
            )
        ]
        header = ["irrep", "neurons", "share of the net", "in any optimum"]
        return [
            f"margin {self.margin:.6e} = {self.reached:.6f} of "
            f"gamma* {self.gamma_star:.6e}: {verdict}",
            f"pairs are on the margin to {self.spread:.1e} of gamma*",
            f"class-weighted margin {self.weighted_margin:.6e}, "
            f"{self.weighted_error:.1e} below gamma*",
            f"labels with tau > 0 are the best wrong ones to {self.label_error:.1e} of gamma*",
            f"energy of u in its best irrep: "
            f"least {self.power.min():.4f}, mean {self.power.mean():.4f}",
            "",
            Table(header, rows, cut=True),
        ]


def certify(
    optimum: MarginOptimum,
    factors: RealFactors,
    total: float,
    blocks: Iterable[tuple[slice, Array]],
) -> MarginCertificate:
    """Hold U, V, W with ``sum_i ||omega_i||^3 = total`` and their logits against an optimum."""
    margin, spread, weighted, label_error = _measure(optimum, blocks)
    power, best, cubes = _neuron_irreps(optimum, factors)
    count = len(optimum.irreps) + 1
    return MarginCertificate(
        optimum=optimum,
        margin=margin / total,
        weighted_margin=weighted / total,
        spread=spread / (total * optimum.gamma_star),
        label_error=label_error / (total * optimum.gamma_star),
        power=power,
        best=best,
        shares=np.bincount(best, cubes, count) / total,
        neurons=np.bincount(best[power > 0.0], minlength=count).astype(np.int64),
    )


def pair_margins(logits: Array, labels: Indices) -> Array:
    """Return ``f[label] - max over other outputs of f``, for logits of shape (..., P, n)."""
    index = np.broadcast_to(labels[:, None], (*logits.shape[:-1], 1))
    right = np.take_along_axis(logits, index, axis=-1)
    wrong = logits.copy()
    np.put_along_axis(wrong, index, -np.inf, axis=-1)
    result: Array = right[..., 0] - wrong.max(axis=-1)
    return result


def _measure(
    optimum: MarginOptimum, blocks: Iterable[tuple[slice, Array]]
) -> tuple[float, float, float, float]:
    """Least margin, spread of margins, mean class-weighted margin, largest error of C.1."""
    G, weights = optimum.group, optimum.label_weights()
    labels = G.cayley.ravel()
    least, most, total, error = np.inf, -np.inf, 0.0, 0.0
    for pairs, f in blocks:
        right = np.take_along_axis(f, labels[pairs, None], axis=-1)[:, 0]
        margins = pair_margins(f, labels[pairs])
        least, most = min(least, float(margins.min())), max(most, float(margins.max()))
        tau = weights[labels[pairs]]
        total += float((right - np.einsum("pc,pc->p", tau, f)).sum())
        lowest = np.where(tau > 0.0, f, np.inf).min(axis=-1)
        error = max(error, float((right - margins - lowest).max()))
    return least, most - least, total / G.order**2, error


def _neuron_irreps(optimum: MarginOptimum, factors: RealFactors) -> tuple[Array, Integers, Array]:
    """Share of u in its best irrep, that irrep, and the cube of the norm, for each neuron."""
    (U, V, W), G = factors, optimum.group
    # One irrep at a time: all matrices of a large group are many.
    energies = np.hstack([isotypic_energies(G, U.T, [phi]) for phi in iter_real_irreps(G)])
    sums = energies.sum(axis=1)
    power = energies.max(axis=1) / np.where(sums > 0.0, sums, 1.0)
    best = energies.argmax(axis=1).astype(np.int64)
    return power, best, ((U**2 + V**2 + W**2).sum(axis=0)) ** 1.5
