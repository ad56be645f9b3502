"""Where neurons live: irreps of inputs and outputs, triplets, clusters, and a null model."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, Triplet
from ..errors import ComparisonError
from ..groups import Group, group
from ..irreps import real_irreps
from ..rank._support import IsotypicSpaces, isotypic_spaces
from ..words import Word, word
from ._energies import mode_energies, pair_energies, shares
from ._network import Network, check_order, network, randomised

__all__ = ["NullModel", "Spectrum", "spectrum"]

_DEAD: Final = 1e-3


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
class Spectrum:
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
    """

    word: str
    group: str
    irreps: tuple[str, ...]
    left: Array
    right: Array
    out: Array
    pairs: Array
    alone: Array
    strength: Array
    active: NDArray[np.bool_]
    weight_triplets: NDArray[np.int64]
    triplets: NDArray[np.int64]
    weight_shares: Array
    shares: Array
    threshold: float
    null: NullModel

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

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

    def __str__(self) -> str:
        from ._tables import spectrum_table

        return spectrum_table(self)


def _above(values: Array, active: NDArray[np.bool_], threshold: float) -> float:
    return float((values[active] > threshold).mean()) if active.any() else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    modes: tuple[Array, Array, Array]
    pairs: Array
    alone: Array
    strength: Array
    weight_triplets: NDArray[np.int64]
    triplets: NDArray[np.int64]
    weight_shares: Array
    shares: Array

    @property
    def active(self) -> NDArray[np.bool_]:
        floor = _DEAD * float(self.strength.max(initial=0.0))
        alive: NDArray[np.bool_] = (self.strength > 0) & (self.strength >= floor)
        return alive


def spectrum(
    net: Any,
    w: Word | str,
    G: Group | str,
    *,
    threshold: float = 0.95,
    seed: int = 0,
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
    if not 0 <= threshold <= 1:
        raise ComparisonError(f"threshold must be a share, from 0 to 1; given {threshold!r}")
    G = group(G)
    net = network(net)
    check_order(net, G)
    spaces = isotypic_spaces(G)
    found = _measure(net, spaces)
    return Spectrum(
        str(word(w)),
        G.name,
        tuple(str(phi) for phi in real_irreps(G)),
        *found.modes,
        found.pairs,
        found.alone,
        found.strength,
        found.active,
        found.weight_triplets,
        found.triplets,
        found.weight_shares,
        found.shares,
        threshold,
        _null(net, spaces, threshold, seed),
    )


def _null(net: Network, spaces: IsotypicSpaces, threshold: float, seed: int) -> NullModel:
    found = _measure(randomised(net, seed), spaces)
    active = found.active
    by_activations, by_weights = found.shares[active], found.weight_shares[active]
    return NullModel(
        seed,
        _above(found.shares, active, threshold),
        _above(found.weight_shares, active, threshold),
        float(np.quantile(by_activations, 0.95)) if by_activations.size else 0.0,
        float(np.quantile(by_weights, 0.95)) if by_weights.size else 0.0,
    )


def _measure(net: Network, spaces: IsotypicSpaces) -> _Measured:
    if net.is_trilinear:
        U, V, W = net.factors()
        modes = [mode_energies(F.T, spaces) for F in (U, V, W)]
        left, right, out = (shares(mode) for mode in modes)
        pairs = left[:, :, None] * right[:, None, :]
        strength = np.sqrt(np.prod([mode.sum(-1) for mode in modes], axis=0))
        triplets, most = _largest(left, right, out)
        return _Measured(
            (left, right, out), pairs, np.zeros(len(out)), strength, triplets, triplets, most, most
        )
    energies = pair_energies(net, spaces)
    left, right = _inputs(net, spaces, energies)
    out_energies = mode_energies(net.readout, spaces)
    total = energies.sum((1, 2))
    both = energies.copy()
    both[:, 0, :] = both[:, :, 0] = 0.0
    out = out_energies.copy()
    out[:, 0] = 0.0
    u, v = shares(_no_trivial(left)), shares(_no_trivial(right))
    weight_triplets, weight_most = _largest(u, v, shares(out))
    triplets, most = _largest_pair(both, shares(out))
    flat = energies.reshape(len(energies), -1)
    return _Measured(
        (shares(left), shares(right), shares(out_energies)),
        shares(flat).reshape(energies.shape),
        1.0 - np.divide(both.sum((1, 2)), total, out=np.ones_like(total), where=total > 0),
        np.sqrt(both.sum((1, 2)) * out.sum(-1)),
        weight_triplets,
        triplets,
        weight_most,
        most,
    )


def _inputs(net: Network, spaces: IsotypicSpaces, energies: Array) -> tuple[Array, Array]:
    """Energies of what a, and b, bring, or else of the activation's means."""
    if net.inputs is not None:
        left, right = net.inputs
        return mode_energies(left.T, spaces), mode_energies(right.T, spaces)
    return energies[:, :, 0], energies[:, 0, :]


def _no_trivial(energies: Array) -> Array:
    kept = energies.copy()
    kept[:, 0] = 0.0
    return kept


def _largest(left: Array, right: Array, out: Array) -> tuple[NDArray[np.int64], Array]:
    triplets = np.stack([mode.argmax(-1) for mode in (left, right, out)], axis=1)
    return triplets, np.asarray(left.max(-1) * right.max(-1) * out.max(-1))


def _largest_pair(pairs: Array, out: Array) -> tuple[NDArray[np.int64], Array]:
    flat = shares(pairs.reshape(len(pairs), -1))
    phi, psi = np.divmod(flat.argmax(-1), pairs.shape[2])
    return np.stack([phi, psi, out.argmax(-1)], axis=1), np.asarray(flat.max(-1) * out.max(-1))
