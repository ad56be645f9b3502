"""What the neurons of each cluster compute: rho(a), rho(b), rho(w(a, b)) of its irreps."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..irreps import real_irreps
from ..rank.support import Triplet
from ..words import WordTensor
from .network import Network
from .passes import activation_sums
from .representations import representation_bases
from .spectrum import Spectrum

__all__ = ["ClusterShares", "cluster_shares"]


@dataclass(frozen=True, slots=True)
class ClusterShares:
    """How the activations of one cluster's neurons are explained.

    Attributes
    ----------
    triplet : (int, int, int)
        The irreps (phi, psi, zeta) of the cluster.
    label : str
        Their names.
    neurons : int
        Number of neurons.
    first, second, value, residual : float
        Shares of the variance explained by the entries of phi(a), of psi(b), of zeta(w(a, b)), and
        by none of them.
    """

    triplet: Triplet
    label: str
    neurons: int
    first: float
    second: float
    value: float
    residual: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields."""
        return {name: getattr(self, name) for name in self.__slots__}


def cluster_shares(net: Network, T: WordTensor, s: Spectrum) -> tuple[ClusterShares, ...]:
    """Say how much of each cluster's activations its own irreps explain.

    Parameters
    ----------
    net : Network
        With R neurons, on a group of order n.
    T : WordTensor
        What it should compute.
    s : Spectrum
        Of the net.

    Returns
    -------
    tuple of ClusterShares
        Largest cluster first.

    References
    ----------
    Chughtai, Chan, Nanda (2023), arXiv:2302.03025, Table 2.

    Examples
    --------
    >>> import wordtensor as wt
    >>> from wordtensor.compare.network import network
    >>> from wordtensor.compare.spectrum import spectrum
    >>> net = network(wt.decompose("a*b", "C3").factors)
    >>> found = cluster_shares(net, wt.word_tensor("a*b", "C3"), spectrum(net, "a*b", "C3"))
    >>> [(c.label, c.neurons, round(c.residual, 6)) for c in found]
    [('2C 2C 2C', 3, 0.5), ('1R 1R 1R', 1, 0.0)]
    """
    n = T.order
    sums = activation_sums(net, T)
    bases = representation_bases(T.group, T.table, real_irreps(T.group))
    mean = sums.by_first.sum(0) / n**2
    variance = sums.squares - n**2 * np.square(mean)
    roots = np.sqrt(np.maximum(bases.counts, 1))[:, None]
    centred = (
        (bases.elements, (sums.by_first - n * mean) / np.sqrt(n)),
        (bases.elements, (sums.by_second - n * mean) / np.sqrt(n)),
        (bases.values, (sums.by_value - bases.counts[:, None] * mean) / roots),
    )
    rows = []
    for triplet, members in s.clusters().items():
        total = float(variance[members].sum())
        first, second, value = (
            _share(basis[k], values[:, members], total)
            for (basis, values), k in zip(centred, triplet, strict=True)
        )
        # A constant activation has no variance, and nothing to explain.
        rest = max(1.0 - first - second - value, 0.0) if total > 0 else 0.0
        label, count = s.label(triplet), len(members)
        rows.append(ClusterShares(triplet, label, count, first, second, value, rest))
    return tuple(rows)


def _share(B: NDArray[np.float64], values: NDArray[np.float64], total: float) -> float:
    return float(np.square(B.T @ values).sum()) / total if total > 0 else 0.0
