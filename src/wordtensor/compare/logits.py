"""What the logits are as a function: their energy over triplets, beside the word tensor's."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from .._memory import require_memory
from .._text import percent
from .._typing import Array, Triplet, freeze_fields
from ..irreps import IsotypicSpaces, isotypic_spaces, real_irreps
from ..words import WordTensor
from ._forward import Network
from ._network import network_for

# Cubes of n^3 logits in double precision that are held at once.
_CUBES: Final = 6
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

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> found = logit_spectrum(d.factors, wt.word_tensor("a*b", "S3"), centred=False)
    >>> [found.label(t) for t in found.support], round(found.scale, 9)
    (['1Ra 1Ra 1Ra', '1Rb 1Rb 1Rb', '2R 2R 2R'], 1.0)
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
        freeze_fields(self, "energy", "target_energy")

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

    def triplet_rows(self) -> tuple[list[str], list[list[str]]]:
        """Return heads and rows of the triplets, used or predicted, with most energy first."""
        used, predicted = self.used(), set(self.support)
        rows = []
        for t in [*used, *(t for t in self.support if t not in set(used))]:
            known = t in predicted
            rows.append(
                [
                    self.label(t),
                    "yes" if known else "no",
                    percent(float(self.energy[t])),
                    percent(float(self.target_energy[t])),
                    f"{self.coefficients[t]:.4g}" if known else "",
                    f"{self.cosines[t]:.4f}" if known else "",
                ]
            )
        return ["triplet", "predicted", "energy", "of T", "coefficient", "cosine"], rows

    def __repr__(self) -> str:
        return (
            f"LogitSpectrum(used={len(self.used())}, predicted={len(self.support)}, "
            f"relative_error={self.relative_error:.2e})"
        )


def cube_bytes(n: int) -> float:
    """Estimate what looking at the logits on all triples of a group of order n takes."""
    return 8.0 * _CUBES * float(n) ** 3


def check_cube(n: int) -> None:
    """Refuse groups of an order n whose n^3 logits cannot be held as a whole."""
    require_memory(
        cube_bytes(n),
        f"The logits on all triples of a group of order {n}, and what is made of them,",
        "Use gcr_metrics and spectrum, which work row by row",
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
        If the logits of all triples take more than the limit; see `wordtensor.memory_limit`.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b*a", "S3")
    >>> found = logit_spectrum(d.factors, wt.word_tensor("a*b*a", "S3"), centred=False)
    >>> round(found.supported_share, 9), len(found.used()) == len(found.support)
    (1.0, True)
    """
    net = network_for(net, T)
    check_cube(T.order)
    spaces = spaces or isotypic_spaces(T.group)
    return _spectrum(*_compared(net, T, spaces), T, spaces, centred=centred)


def fitting_spectrum(
    net: Network, T: WordTensor, spaces: IsotypicSpaces
) -> tuple[LogitSpectrum, tuple[Triplet, ...]]:
    """Return the spectrum, centred where logits were trained by cross entropy, and T's support."""
    L, D, error = _compared(net, T, spaces)
    plain = _spectrum(L, D, error, T, spaces, centred=False)
    # Logits that are not near T itself were trained by cross entropy, blind to their mean over c.
    # Of a single element nothing would be left.
    by_softmax = error > 0.5 and T.order > 1
    found = _spectrum(L, D, error, T, spaces, centred=True) if by_softmax else plain
    return found, plain.support


def _compared(net: Network, T: WordTensor, spaces: IsotypicSpaces) -> tuple[Array, Array, float]:
    """Return the coordinates of the logits and of T, and ``|L - T|^2 / |T|^2``."""
    cube = net.logits()
    target = np.eye(T.order)[T.table]
    error = float(np.square(cube - target).sum() / T.order**2)
    return _coordinates(cube, spaces), _coordinates(target, spaces), error


def _spectrum(
    L: Array, D: Array, error: float, T: WordTensor, spaces: IsotypicSpaces, *, centred: bool
) -> LogitSpectrum:
    if centred:  # the trivial irrep is constant
        L, D = (np.concatenate([np.zeros_like(X[..., :1]), X[..., 1:]], axis=2) for X in (L, D))
    energy, wanted, inner = (spaces.summed(X, 0, 1, 2) for X in (np.square(L), np.square(D), L * D))
    limit = _ZERO**2 * wanted.sum()
    support = [(int(i), int(j), int(k)) for i, j, k in np.argwhere(wanted > limit)]
    scale = float(inner.sum() / max(wanted.sum(), np.finfo(float).tiny))
    nearest = scale**2 * float(wanted.sum())
    roots = np.sqrt(energy * wanted)
    return LogitSpectrum(
        irreps=tuple(str(phi) for phi in real_irreps(T.group)),
        centred=centred,
        energy=energy / max(float(energy.sum()), np.finfo(float).tiny),
        target_energy=wanted / max(float(wanted.sum()), np.finfo(float).tiny),
        coefficients=MappingProxyType({t: float(inner[t] / wanted[t]) for t in support}),
        cosines=MappingProxyType(
            {t: float(inner[t] / roots[t]) if roots[t] > 0 else 0.0 for t in support}
        ),
        scale=scale,
        relative_error=(
            float(np.square(L - scale * D).sum()) / nearest if nearest > 0 else float("inf")
        ),
        tensor_error=error,
    )


def triplet_errors(net: Any, T: WordTensor) -> Array:
    """Return the squared error of a net in every triplet of irreps.

    Parameters
    ----------
    net : object
        Anything that `network` takes, on a group of order n with K real irreps.
    T : WordTensor
        What it should be.

    Returns
    -------
    ndarray, shape (K, K, K)
        The sum is ``||T_net - T||^2``, n^2 times the squared loss on all pairs. For the product,
        entry (k, k, k) is the loss of irrep k ("bsc loss").

    Raises
    ------
    ComparisonError
        If the net does not fit the word's group.
    MemoryLimitError
        If the logits of all triples take more than the limit; see `wordtensor.memory_limit`.

    References
    ----------
    Shutman, Louidor, Tessler (2025), arXiv:2509.06931, Proposition 5.5.

    Examples
    --------
    >>> import wordtensor as wt
    >>> T = wt.word_tensor("a*b", "S3")
    >>> nothing = np.zeros((6, 1))
    >>> triplet_errors((nothing, nothing, nothing), T).sum().round(6).item()
    36.0
    """
    net = network_for(net, T)
    check_cube(T.order)
    spaces = isotypic_spaces(T.group)
    difference = _coordinates(net.logits() - np.eye(T.order)[T.table], spaces)
    return spaces.summed(np.square(difference), 0, 1, 2)


def _coordinates(cube: Array, spaces: IsotypicSpaces) -> Array:
    """Write a three-way array on a group of order n in isotypic coordinates, in all modes."""
    basis, n = spaces.basis, len(cube)
    result = cube.reshape(n * n, n) @ basis
    result = basis.T @ result.reshape(n, n, n)
    coordinates: Array = (basis.T @ result.reshape(n, n * n)).reshape(n, n, n)
    return coordinates
