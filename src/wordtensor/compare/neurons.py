"""Where each neuron lives: its energy over irreps, over pairs of irreps, and its triplet."""

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from .._typing import Array, Booleans, Integers, RealFactors, Value, freeze_fields
from ..groups import Group, group
from ..irreps import IsotypicSpaces, isotypic_spaces
from ._forward import Network, row_blocks
from ._network import network_on

# Bytes that the activations of the neurons of one batch may take.
_BATCH: Final = 256 * 2**20
_DEAD: Final = 1e-3


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Neurons(Value):
    """Where the neurons of a net live: what `Spectrum` says of each."""

    left: Array
    right: Array
    out: Array
    pairs: Array
    alone: Array
    strength: Array
    active: Booleans
    weight_triplets: Integers
    triplets: Integers
    weight_shares: Array
    shares: Array

    def __post_init__(self) -> None:
        freeze_fields(self, *(field.name for field in fields(Neurons)))


def measured(net: Network, spaces: IsotypicSpaces) -> Neurons:
    """Measure where the neurons of a net live, by weights and by activations."""
    return _trilinear(net, spaces) if net.is_trilinear else _of_activations(net, spaces)


def _trilinear(net: Network, spaces: IsotypicSpaces) -> Neurons:
    """Of ``h = u v`` the two readings are one."""
    modes = [spaces.energies(F.T) for F in net.factors()]
    left, right, out = (_shares(mode) for mode in modes)
    triplets, most = _largest(left, right, out)
    strength = np.sqrt(np.prod([mode.sum(-1) for mode in modes], axis=0))
    return Neurons(
        left=left,
        right=right,
        out=out,
        pairs=left[:, :, None] * right[:, None, :],
        alone=np.zeros(len(out)),
        strength=strength,
        active=_active(strength),
        weight_triplets=triplets,
        triplets=triplets,
        weight_shares=most,
        shares=most,
    )


def _of_activations(net: Network, spaces: IsotypicSpaces) -> Neurons:
    energies = pair_energies(net, spaces)
    left, right = _inputs(net, spaces, energies)
    out_energies = spaces.energies(net.readout)
    total = energies.sum((1, 2))
    both = energies.copy()
    both[:, 0, :] = both[:, :, 0] = 0.0
    out = _no_trivial(out_energies)
    u, v = _shares(_no_trivial(left)), _shares(_no_trivial(right))
    weight_triplets, weight_most = _largest(u, v, _shares(out))
    triplets, most = _largest_pair(both, _shares(out))
    flat = energies.reshape(len(energies), -1)
    strength = np.sqrt(both.sum((1, 2)) * out.sum(-1))
    return Neurons(
        left=_shares(left),
        right=_shares(right),
        out=_shares(out_energies),
        pairs=_shares(flat).reshape(energies.shape),
        alone=1.0 - np.divide(both.sum((1, 2)), total, out=np.ones_like(total), where=total > 0),
        strength=strength,
        active=_active(strength),
        weight_triplets=weight_triplets,
        triplets=triplets,
        weight_shares=weight_most,
        shares=most,
    )


def pair_energies(net: Network, spaces: IsotypicSpaces) -> Array:
    """Return the energy of each activation over pairs of irreps of (a, b), shape (R, K, K)."""
    n, basis = net.order, spaces.basis
    step = max(1, _BATCH // (8 * n * n))
    parts = []
    for start in range(0, net.width, step):
        some = net.chosen(slice(start, min(start + step, net.width)))
        half = np.empty((some.width, n, n))  # (r, a, k)
        for rows in row_blocks(some):
            half[:, rows] = some.hidden(rows).transpose(2, 0, 1) @ basis
        parts.append(spaces.summed(np.square(basis.T @ half), 1, 2))
    return np.concatenate(parts)


def _inputs(net: Network, spaces: IsotypicSpaces, energies: Array) -> tuple[Array, Array]:
    """Energies of what a, and b, bring, or else of the activation's means."""
    if net.inputs is not None:
        left, right = net.inputs
        return spaces.energies(left.T), spaces.energies(right.T)
    return energies[:, :, 0], energies[:, 0, :]


def _no_trivial(energies: Array) -> Array:
    kept = energies.copy()
    kept[:, 0] = 0.0
    return kept


def _active(strength: Array) -> Booleans:
    """Say which neurons have at least a thousandth of the largest strength."""
    alive: Booleans = (strength > 0) & (strength >= _DEAD * float(strength.max(initial=0.0)))
    return alive


def _shares(energies: Array) -> Array:
    """Divide by the sum over the last axis; zero where that is zero."""
    totals = energies.sum(-1, keepdims=True)
    result: Array = np.divide(energies, totals, out=np.zeros_like(energies), where=totals > 0)
    return result


def _largest(left: Array, right: Array, out: Array) -> tuple[Integers, Array]:
    triplets = np.stack([mode.argmax(-1) for mode in (left, right, out)], axis=1)
    return triplets, np.asarray(left.max(-1) * right.max(-1) * out.max(-1))


def _largest_pair(pairs: Array, out: Array) -> tuple[Integers, Array]:
    flat = _shares(pairs.reshape(len(pairs), -1))
    phi, psi = np.divmod(flat.argmax(-1), pairs.shape[2])
    return np.stack([phi, psi, out.argmax(-1)], axis=1), np.asarray(flat.max(-1) * out.max(-1))


def aligned_factors(net: Any, G: Group | str) -> RealFactors:
    """Return the factors of a net with every neuron projected on its own triplet.

    Parameters
    ----------
    net : object
        Anything that `network` takes, if it is trilinear, with R neurons.
    G : Group or str
        The group, of order n.

    Returns
    -------
    tuple of ndarray, each of shape (n, R)
        U, V, W.

    Raises
    ------
    ComparisonError
        If the net has no factors, or is of another group.

    Notes
    -----
    In the result each neuron has one irrep per side (the authors call this mono-bsc-aligned). For
    the product, gradient descent on all pairs under the squared error keeps it so, and the loss is
    a sum of independent losses, one for each irrep (Proposition 5.5).

    References
    ----------
    Shutman, Louidor, Tessler (2025), arXiv:2509.06931, section 5.

    Examples
    --------
    >>> import wordtensor as wt
    >>> noise = np.random.default_rng(0).standard_normal((3, 6, 5))
    >>> factors = aligned_factors(tuple(noise), "S3")
    >>> wt.compare.spectrum(factors, "a*b", "S3").single
    1.0
    """
    G = group(G)
    net = network_on(net, G)
    spaces = isotypic_spaces(G)
    arrays = net.factors()
    triplets = measured(net, spaces).weight_triplets
    result = tuple(np.zeros_like(F) for F in arrays)
    for k in range(len(spaces.dims)):
        B = spaces[k]
        for mode, F in enumerate(arrays):
            chosen = triplets[:, mode] == k
            result[mode][:, chosen] = B @ (B.T @ F[:, chosen])
    U, V, W = result
    return U, V, W
