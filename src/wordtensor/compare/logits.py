"""What the logits are as a function: their energy over triplets, beside the word tensor's."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from .._typing import Array, Triplet
from ..errors import MemoryLimitError
from ..irreps import real_irreps
from ..rank._support import IsotypicSpaces, isotypic_spaces
from ..words import WordTensor
from ._energies import cube_energies, fourier_cube
from ._network import check_order, network

__all__ = ["CUBE_ORDER", "LogitSpectrum", "check_cube", "logit_spectrum"]

# Above this order, whole cubes of logits are not built: four of them would take over 2 GiB.
CUBE_ORDER: Final = 400
# A part of T counts as zero below this share of its norm.
_ZERO: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LogitSpectrum:
    """The logits of a net on a group with K real irreps, triplet by triplet.

    Attributes
    ----------
    irreps : tuple of str
        Labels.
    centred : bool
        Whether the logits' mean over c was subtracted first, and the word tensor's: for nets
        trained by cross entropy, which does not see it.
    energy, target_energy : ndarray, shape (K, K, K)
        Shares of the squared norm of the logits, and of the word tensor, in each triplet.
    coefficients : mapping of triplet to float
        On the word tensor's support: ``<L, T> / <T, T>`` in the triplet; 1 if it is learned whole,
        and the same number everywhere if the logits are a multiple of T.
    cosines : mapping of triplet to float
        ``<L, T> / (|L| |T|)`` in the triplet.
    scale : float
        The multiple of T that is nearest to the logits.
    relative_error : float
        ``|L - scale T|^2 / |scale T|^2``.
    tensor_error : float
        ``|L - T|^2 / |T|^2``, uncentred: zero for an exact Hadamard net.
    """

    irreps: tuple[str, ...]
    centred: bool
    energy: Array
    target_energy: Array
    coefficients: Mapping[Triplet, float]
    cosines: Mapping[Triplet, float]
    scale: float
    relative_error: float
    tensor_error: float

    def __post_init__(self) -> None:
        self.energy.setflags(write=False)
        self.target_energy.setflags(write=False)

    @property
    def support(self) -> tuple[Triplet, ...]:
        """Triplets on which the word tensor is not zero (centred, if the logits are)."""
        return tuple(self.coefficients)

    @property
    def supported_share(self) -> float:
        """Share of the logits' energy on that support."""
        return float(sum(self.energy[t] for t in self.support))

    def used(self, least: float = 1e-3) -> tuple[Triplet, ...]:
        """Return the triplets with at least this share of the logits' energy, largest first."""
        places = np.argwhere(self.energy >= least)
        order = np.argsort(-self.energy[tuple(places.T)], kind="stable")
        return tuple((int(i), int(j), int(k)) for i, j, k in places[order])

    def label(self, triplet: Triplet) -> str:
        """Return a triplet's name, such as "2R 2R 2R"."""
        return " ".join(self.irreps[k] for k in triplet)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values; the triplets that are used, by name."""
        return {
            "centred": self.centred,
            "scale": self.scale,
            "relative_error": self.relative_error,
            "tensor_error": self.tensor_error,
            "supported_share": self.supported_share,
            "predicted": [self.label(t) for t in self.support],
            "used": {self.label(t): float(self.energy[t]) for t in self.used()},
            "coefficients": {self.label(t): v for t, v in self.coefficients.items()},
            "cosines": {self.label(t): v for t, v in self.cosines.items()},
        }

    def __repr__(self) -> str:
        return (
            f"LogitSpectrum(used={len(self.used())}, predicted={len(self.support)}, "
            f"relative_error={self.relative_error:.2e})"
        )


def check_cube(n: int) -> None:
    """Refuse groups whose logits cannot be held as a whole."""
    if n > CUBE_ORDER:
        raise MemoryLimitError(
            f"the logits on all triples of a group of order {n} take {8 * n**3 / 2**30:.1f} GiB, "
            f"and several copies are needed; the limit is order {CUBE_ORDER}. gcr_metrics and "
            "spectrum work row by row"
        )


def logit_spectrum(
    net: Any, T: WordTensor, *, centred: bool, spaces: IsotypicSpaces | None = None
) -> LogitSpectrum:
    """Decompose the logits of a net, as a function of (a, b, c), over triplets of irreps.

    Parameters
    ----------
    net : object
        Anything that `network` takes, on a group of order n.
    T : WordTensor
        What it should compute.
    centred : bool
        Whether the mean over c is subtracted.
    spaces : IsotypicSpaces, optional
        The group's isotypic bases.

    Returns
    -------
    LogitSpectrum

    Raises
    ------
    ComparisonError
        If the net does not fit the word's group.
    MemoryLimitError
        Above order 400.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b*a", "S3")
    >>> found = logit_spectrum(d.factors, wt.word_tensor("a*b*a", "S3"), centred=False)
    >>> round(found.supported_share, 9), len(found.used()) == len(found.support)
    (1.0, True)
    """
    net = network(net)
    check_order(net, T.group)
    check_cube(T.order)
    spaces = spaces or isotypic_spaces(T.group)
    cube = net.logits()
    target = np.eye(T.order)[T.table]
    tensor_error = float(np.square(cube - target).sum() / T.order**2)
    L, D = fourier_cube(cube, spaces), fourier_cube(target, spaces)
    if centred:
        L[..., 0] = D[..., 0] = 0.0  # the trivial irrep is constant
    energy, wanted = cube_energies(L, spaces), cube_energies(D, spaces)
    inner = _products(L, D, spaces)
    limit = _ZERO**2 * wanted.sum()
    support = [(int(i), int(j), int(k)) for i, j, k in np.argwhere(wanted > limit)]
    scale = float(inner.sum() / max(wanted.sum(), np.finfo(float).tiny))
    nearest = scale**2 * float(wanted.sum())
    roots = np.sqrt(energy * wanted)
    return LogitSpectrum(
        tuple(str(phi) for phi in real_irreps(T.group)),
        centred,
        energy / max(float(energy.sum()), np.finfo(float).tiny),
        wanted / max(float(wanted.sum()), np.finfo(float).tiny),
        MappingProxyType({t: float(inner[t] / wanted[t]) for t in support}),
        MappingProxyType({t: float(inner[t] / roots[t]) if roots[t] > 0 else 0.0 for t in support}),
        scale,
        float(np.square(L - scale * D).sum()) / nearest if nearest > 0 else float("inf"),
        tensor_error,
    )


def _products(L: Array, D: Array, spaces: IsotypicSpaces) -> Array:
    products = L * D
    for axis in range(3):
        products = np.add.reduceat(products, spaces.edges[:-1], axis=axis)
    return products
