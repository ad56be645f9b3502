"""The spectrum of a net: where its neurons live, in clusters, and beside a null model."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._text import percent, text_table
from .._typing import Array, Triplet
from ..errors import ComparisonError
from ..groups import Group, group
from ..irreps import IsotypicSpaces, isotypic_spaces, real_irreps
from ..words import Word, word_tensor
from ._forward import Network
from ._network import network_for, randomised
from .neurons import Neurons, measured


@dataclass(frozen=True, slots=True)
class NullModel:
    """What the same net with random weights shows: what counts as much is chance.

    Attributes
    ----------
    seed : int
        Of the random weights.
    single, weight_single : float
        Share of active neurons above the threshold, by activations and by weights.
    quantile, weight_quantile : float
        Nineteen of twenty random neurons have less energy than this in one triplet.

    Examples
    --------
    >>> import wordtensor as wt
    >>> s = spectrum(wt.decompose("a*b", "S3").factors, "a*b", "S3")
    >>> s.single, s.null.single, s.null.seed
    (1.0, 0.0, 0)
    """

    seed: int
    single: float
    weight_single: float
    quantile: float
    weight_quantile: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Spectrum(Neurons):
    """The energy of R neurons over the K real irreps of a group, and over their triplets.

    Two readings. By weights: a neuron is its two input functions u, v and its output vector w;
    its share in (phi, psi, zeta) is the product of three. By activations: it is h(a, b) and w;
    the share is that of h in (phi, psi) times that of w in zeta. They agree for ``h = u v``.

    Attributes
    ----------
    word, group : str
        What the net should compute.
    irreps : tuple of str
        Labels.
    left, right, out : ndarray, shape (R, K)
        Shares of the energy of u, v, w in each irrep. Of a transformer, u and v are what a and b
        add on average to what enters the neuron; of given activations, the means over b and a.
    pairs : ndarray, shape (R, K, K)
        Shares of the energy of h in each pair of irreps.
    alone : ndarray, shape (R,)
        Share of the energy of h that depends on one input only, or on none.
    strength : ndarray, shape (R,)
        Norm of the neuron's part of the logits, as far as it depends on both inputs.
    active : ndarray of bool, shape (R,)
        Whether that is at least a thousandth of the largest.
    weight_triplets, triplets : ndarray of int64, shape (R, 3)
        The triplet with most energy, by weights and by activations.
    weight_shares, shares : ndarray, shape (R,)
        The share in it.
    threshold : float
        Above it a neuron counts as living in one triplet.
    null : NullModel
        The same for random weights.

    Notes
    -----
    Activations s(u + v) other than u v and (u + v)^2 always have parts that depend on one input
    alone, which no word that needs both can use. For these nets the triplets leave the trivial
    irrep out in all modes: shares are of what depends on both inputs, and on the output.

    Examples
    --------
    >>> import wordtensor as wt
    >>> s = spectrum(wt.decompose("a*b", "S3").factors, "a*b", "S3")
    >>> s
    Spectrum('a*b', 'S3', active=9, single=1.000, weight_single=1.000)
    >>> s.label(tuple(s.triplets[0])), s.shares.min().round(6).item()
    ('1Ra 1Ra 1Ra', 1.0)
    """

    word: str
    group: str
    irreps: tuple[str, ...]
    threshold: float
    null: NullModel

    @property
    def width(self) -> int:
        """Number of active neurons."""
        return int(self.active.sum())

    @property
    def single(self) -> float:
        """Share of active neurons with more than the threshold in one triplet, by activations."""
        return _above(self.shares, self.active, self.threshold)

    @property
    def weight_single(self) -> float:
        """The same by weights."""
        return _above(self.weight_shares, self.active, self.threshold)

    def clusters(self, majority: float = 0.5) -> Mapping[Triplet, NDArray[np.int64]]:
        """Return the active neurons that have the majority of their weights' energy in a triplet.

        Parameters
        ----------
        majority : float
            The share that they need; the most numerous triplet comes first.
        """
        chosen = self.active & (self.weight_shares > majority)
        triplets, numbers = np.unique(self.weight_triplets[chosen], axis=0, return_counts=True)
        found: dict[Triplet, NDArray[np.int64]] = {}
        for place in np.argsort(-numbers, kind="stable"):
            same = chosen & (self.weight_triplets == triplets[place]).all(axis=1)
            i, j, k = (int(index) for index in triplets[place])
            found[i, j, k] = np.flatnonzero(same)
        return MappingProxyType(found)

    def mixed(self, majority: float = 0.5) -> NDArray[np.int64]:
        """Return the active neurons that no triplet has the majority of, by weights."""
        return np.flatnonzero(self.active & (self.weight_shares <= majority))

    def dead(self) -> NDArray[np.int64]:
        """Return the neurons that are not active."""
        return np.flatnonzero(~self.active)

    def label(self, triplet: Triplet) -> str:
        """Return a triplet's name, such as "2R 2R 2R"."""
        return " ".join(self.irreps[k] for k in triplet)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON-able values."""
        return {
            "neurons": len(self.active),
            "active": self.width,
            "threshold": self.threshold,
            "single_triplet": self.single,
            "single_triplet_by_weights": self.weight_single,
            "null": self.null.to_dict(),
            "clusters": {self.label(t): len(r) for t, r in self.clusters().items()},
            "mixed": len(self.mixed()),
            "dead": len(self.dead()),
            "mean_share_alone": float(self.alone[self.active].mean()) if self.width else 0.0,
        }

    def __repr__(self) -> str:
        return (
            f"Spectrum({self.word!r}, {self.group!r}, active={self.width}, "
            f"single={self.single:.3f}, weight_single={self.weight_single:.3f})"
        )

    def cluster_rows(self) -> tuple[list[str], list[list[str]]]:
        """Return heads and rows of the clusters, and last of the neurons that are in none."""
        rows = [[self.label(t), str(len(r))] for t, r in self.clusters().items()]
        rows += [["mixed", str(len(self.mixed()))], ["dead", str(len(self.dead()))]]
        return ["triplet", "neurons"], rows

    def lines(self) -> list[str]:
        """Return what is to be said above the clusters of neurons."""
        return [
            f"{self.word} over {self.group}: {self.width} active neurons",
            f"in one triplet (share above {self.threshold:g}): {percent(self.single)} by "
            f"activations, {percent(self.weight_single)} by weights",
            f"random weights: {percent(self.null.single)} and "
            f"{percent(self.null.weight_single)}; 19 of 20 below {self.null.quantile:.3g} and "
            f"{self.null.weight_quantile:.3g}",
            "clusters (neurons with the majority of their weights' energy in one triplet):",
        ]

    def __str__(self) -> str:
        return "\n".join([*self.lines(), "", text_table(*self.cluster_rows())])


def _above(values: Array, active: NDArray[np.bool_], threshold: float) -> float:
    return float((values[active] > threshold).mean()) if active.any() else 0.0


def spectrum(
    net: Any, w: Word | str, G: Group | str, *, threshold: float = 0.95, seed: int = 0
) -> Spectrum:
    """Say in which irreps, and triplets of irreps, each neuron of a net lives.

    Parameters
    ----------
    net : object
        Anything that `network` takes.
    w : Word or str
        The word that it should compute.
    G : Group or str
        The group, of order n.
    threshold : float
        A neuron with a larger share of its energy in one triplet counts as living there.
    seed : int
        Of the null model.

    Returns
    -------
    Spectrum

    Raises
    ------
    ComparisonError
        If the net does not fit the group, or the threshold is no share.

    Notes
    -----
    With orthonormal bases of the isotypic spaces, the energy of a neuron in (phi, psi, zeta) is
    the squared norm of the projection of the three-way array h(a, b) w(c) on their product.

    References
    ----------
    Shutman, Louidor, Tessler (2025), arXiv:2509.06931, section 5; Morwani et al. (2023),
    arXiv:2311.07568, Figs. 4 and 6 (maximum normalised power).

    Examples
    --------
    >>> import wordtensor as wt
    >>> s = spectrum(wt.decompose("a*b", "S3").factors, "a*b", "S3")
    >>> s.width, s.single, {s.label(t): len(r) for t, r in s.clusters().items()}
    (9, 1.0, {'2R 2R 2R': 7, '1Ra 1Ra 1Ra': 1, '1Rb 1Rb 1Rb': 1})
    """
    G = group(G)
    T = word_tensor(w, G)
    net = network_for(net, T)
    return spectrum_of(net, T.word, G, isotypic_spaces(G), threshold=threshold, seed=seed)


def spectrum_of(
    net: Network, w: Word, G: Group, spaces: IsotypicSpaces, *, threshold: float, seed: int
) -> Spectrum:
    """Measure the neurons of a net and of one with random weights."""
    if not 0 <= threshold <= 1:
        raise ComparisonError(f"Argument 'threshold' must be from 0 to 1, not {threshold!r}")
    found, chance = measured(net, spaces), measured(randomised(net, seed), spaces)
    return Spectrum(
        **{field.name: getattr(found, field.name) for field in fields(found)},
        word=str(w),
        group=G.name,
        irreps=tuple(str(phi) for phi in real_irreps(G)),
        threshold=threshold,
        null=_null(chance, threshold, seed),
    )


def _null(found: Neurons, threshold: float, seed: int) -> NullModel:
    active = found.active
    by_activations, by_weights = found.shares[active], found.weight_shares[active]
    return NullModel(
        seed,
        _above(found.shares, active, threshold),
        _above(found.weight_shares, active, threshold),
        float(np.quantile(by_activations, 0.95)) if by_activations.size else 0.0,
        float(np.quantile(by_weights, 0.95)) if by_weights.size else 0.0,
    )
