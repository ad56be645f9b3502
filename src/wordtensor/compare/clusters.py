"""What the neurons of each cluster compute: rho(a), rho(b), rho(w(a, b)) of its irreps."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .._text import percent
from .._typing import Triplet
from ..irreps import real_irreps
from ..words import WordTensor
from ._activations import (
    ActivationSums,
    RepresentationBases,
    activation_sums,
    common_pairs,
    representation_bases,
    together,
)
from ._network import network_for
from ._spectrum import Spectrum


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
        by none of them. They add up to 1 for the product; for other words the first three may
        explain the same.

    Examples
    --------
    >>> import wordtensor as wt
    >>> net = wt.decompose("a*b", "S3").factors
    >>> s = wt.compare.spectrum(net, "a*b", "S3")
    >>> largest = cluster_shares(net, wt.word_tensor("a*b", "S3"), s)[0]
    >>> largest.label, largest.neurons, round(largest.value + largest.residual, 6)
    ('2R 2R 2R', 7, 1.0)
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
        return asdict(self)


def cluster_shares(net: Any, T: WordTensor, s: Spectrum) -> tuple[ClusterShares, ...]:
    """Say how much of each cluster's activations its own irreps explain.

    Parameters
    ----------
    net : object
        Anything that `network` takes, with R neurons, on a group of order n.
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
    >>> net = wt.decompose("a*b", "C3").factors
    >>> s = wt.compare.spectrum(net, "a*b", "C3")
    >>> found = cluster_shares(net, wt.word_tensor("a*b", "C3"), s)
    >>> [(c.label, c.neurons, round(c.residual, 6)) for c in found]
    [('2C 2C 2C', 3, 0.5), ('1R 1R 1R', 1, 0.0)]
    """
    net = network_for(net, T)
    bases = representation_bases(T.group, T.table, real_irreps(T.group))
    return shares_of(T, s, bases, activation_sums(net, T))


def shares_of(
    T: WordTensor, s: Spectrum, bases: RepresentationBases, sums: ActivationSums
) -> tuple[ClusterShares, ...]:
    """Explain the clusters from the sums of activations over all pairs."""
    named = [(triplet, s.label(triplet), members) for triplet, members in s.clusters().items()]
    products, variances = sums.centred(bases.counts)
    common = common_pairs(T.table, bases.counts)
    rows = []
    for triplet, label, members in named:
        total = float(variances[members].sum())
        chosen = [space[k] for space, k in zip(bases.spaces, triplet, strict=True)]
        if triplet[:2] == (0, 0):  # the constants, once
            chosen[1] = chosen[1][:, :0]
        parts = [B.T @ values[:, members] for B, values in zip(chosen, products, strict=True)]
        # A constant activation has no variance, and nothing to explain.
        scale = 1 / total if total > 0 else 0.0
        first, second, value = (scale * float(np.square(part).sum()) for part in parts)
        rows.append(
            ClusterShares(
                triplet=triplet,
                label=label,
                neurons=len(members),
                first=first,
                second=second,
                value=value,
                residual=max(scale * (total - together(chosen, parts, common)), 0.0),
            )
        )
    return tuple(rows)


def cluster_rows(
    s: Spectrum, clusters: Sequence[ClusterShares]
) -> tuple[list[str], list[list[str]]]:
    """Return heads and rows of the clusters of a spectrum, with what their neurons compute."""
    heads, rows = s.cluster_rows()
    if not clusters:
        return heads, rows
    shares = [list(map(percent, (c.first, c.second, c.value, c.residual))) for c in clusters]
    shares += [[""] * 4] * (len(rows) - len(clusters))
    heads += ["phi(a)", "psi(b)", "zeta(w)", "residual"]
    return heads, [[*row, *more] for row, more in zip(rows, shares, strict=True)]
