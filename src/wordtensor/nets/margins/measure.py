"""The normalised margin of any homogeneous net: on all pairs of a group, or on all signs."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Final

import numpy as np
import torch

from ..._typing import Array
from ...errors import NetworkError
from ...groups import Group, group
from ...margins.certificate import pair_margins
from ...margins.game import check_order
from ...margins.parity import check_degree
from ...words import Word, word_tensor
from .._losses import norm_penalty
from ..models import Net, PairNet, ParityNet

# Bytes of activations and logits that are alive at once, a few copies of each included.
_BLOCK_BYTES: Final = 2**28
_COPIES: Final = 4
_MAX_INPUT_BITS: Final = 24
_INPUTS: Final = 2**14  # of parities at once


def norm_power(net: Net) -> Array:
    """Return ``||theta||^nu`` for the degree nu of a net, shape () or (instances,)."""
    # ||theta|| = (sum_i ||omega_i||_2^nu)^(1/nu) over the neurons where each weight belongs to one;
    # else the Euclidean norm of all weights.
    if net.degree is None:
        raise NetworkError(
            f"{net!r} is not homogeneous, so its margin has no normalisation; choose another "
            "activation"
        )
    with torch.no_grad():
        wide = deepcopy(net).double()
        if not any(bool(p.any()) for p in wide.parameters()):
            raise NetworkError("All weights of the net are zero; its margin has no normalisation")
        if wide.neuron_axes:
            total = norm_penalty(wide, net.degree)
        else:
            start = 0 if net.instances is None else 1
            squares = [p.square().flatten(start).sum(-1) for p in wide.parameters()]
            total = torch.stack(squares).sum(0).pow(net.degree / 2)
    result: Array = total.cpu().numpy()
    if not (np.isfinite(result).all() and result.all()):
        raise NetworkError(
            "The norm of the net, to the power of its degree, exceeds all floats or vanishes among "
            "them; scale its weights"
        )
    return result


def logit_blocks(net: PairNet) -> Iterator[tuple[slice, Array]]:
    """Yield slices of the pairs a y + b with their logits ([S,] P, n) in double precision."""
    x, y, n = net.shape
    wide = deepcopy(net).double()
    size = 8 * _COPIES * (net.width + n) * (net.instances or 1)
    step = max(1, _BLOCK_BYTES // size)
    for start in range(0, x * y, step):
        pairs = slice(start, min(start + step, x * y))
        index = torch.arange(pairs.start, pairs.stop, device=net.device)
        with torch.no_grad():
            logits = wide(index // y, index % y)
        yield pairs, logits.cpu().numpy()


def check_pair_net(net: Net, G: Group) -> PairNet:
    """Return the net if it reads pairs of elements of a group of order 2 or more; else raise."""
    n = G.order
    if not isinstance(net, PairNet) or net.shape != (n, n, n):
        shape = " x ".join(map(str, net.shape)) if isinstance(net, PairNet) else "no pairs"
        raise NetworkError(
            f"A net on pairs of {G.name} must have the shape {n} x {n} x {n}; this "
            f"{type(net).__name__} has {shape}"
        )
    if not all(bool(parameter.isfinite().all()) for parameter in net.parameters()):
        raise NetworkError("The net has weights that are not finite: its training diverged")
    check_order(n)
    return net


def _each(net: Net, values: Array) -> float | Array:
    """Return a number for a single net, an array for many instances."""
    return float(values) if net.instances is None else values


def normalized_margin(net: Net, G: Group | str, word: Word | str = "a*b") -> float | Array:
    """Return the least margin of a net over all pairs, divided by ``||theta||^nu``.

    Parameters
    ----------
    net : PairNet
        Homogeneous of degree nu in its parameters.
    G : Group or str
        Of the net's order n.
    word : Word or str
        Whose values are the right labels.

    Returns
    -------
    float or ndarray of shape (S,)
        An array if the net holds S instances.

    Raises
    ------
    NetworkError
        If the net is not homogeneous (sigmoid), is zero, or is not made for this group.

    Notes
    -----
    The margin of a pair is ``f[c] - max_{c' != c} f[c']`` with c = w(a, b), in double precision.
    For nets whose weights belong to one neuron each (`HadamardNet`, `TwoLayerPerceptron`,
    `MarginNet`) the norm is L_{2,nu}, ``(sum_i ||omega_i||_2^nu)^(1/nu)`` with omega_i all weights
    of neuron i; for the others (`EmbeddingMLP`) it is the plain Euclidean norm of all weights.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, section 3.

    Examples
    --------
    >>> from wordtensor.margins import gamma_star
    >>> from wordtensor.nets.margins import max_margin_net
    >>> round(normalized_margin(max_margin_net("Q8"), "Q8") / gamma_star("Q8"), 12)
    1.0
    """
    G = group(G)
    net = check_pair_net(net, G)
    power = norm_power(net)
    labels = word_tensor(word, G).table.ravel()
    blocks = [pair_margins(f, labels[pairs]).min(axis=-1) for pairs, f in logit_blocks(net)]
    return _each(net, np.min(blocks, axis=0) / power)


def normalized_margin_parity(net: Net, k: int) -> float | Array:
    """Return the least margin of a net on k-parity over all 2^n inputs, over ``||theta||^nu``.

    Parameters
    ----------
    net : ParityNet
        With n inputs; its exponent need not be k.
    k : int
        The label is the product of the first k bits: logit 0 for +1, logit 1 for -1.

    Returns
    -------
    float or ndarray of shape (S,)
        An array if the net holds S instances.

    Raises
    ------
    NetworkError
        If the net is not a `ParityNet`, has more than 24 inputs, or fewer than k.

    Notes
    -----
    nu is the exponent plus 1, and the norm is L_{2,nu} over the neurons; in double precision.

    Examples
    --------
    >>> from wordtensor.margins import gamma_star_parity
    >>> from wordtensor.nets.margins import max_margin_parity_net
    >>> margin = normalized_margin_parity(max_margin_parity_net(6, 3), 3)
    >>> round(margin / gamma_star_parity(3), 12)
    1.0
    """
    check_degree(k)
    if not isinstance(net, ParityNet):
        raise NetworkError(f"Argument 'net' must be a ParityNet, not a {type(net).__name__}")
    bits = int(net.sizes["bits"])
    if not k <= bits <= _MAX_INPUT_BITS:
        raise NetworkError(
            f"The number of inputs must be in {k}..{_MAX_INPUT_BITS} for {k}-parity on all of "
            f"them; this net has {bits}"
        )
    U, W = (p.detach().cpu().double() for p in (net.U, net.W))
    gaps = W[..., 0, :] - W[..., 1, :]
    least = []
    for start in range(0, 2**bits, _INPUTS):
        numbers = np.arange(start, min(start + _INPUTS, 2**bits))
        x = 1.0 - 2.0 * (numbers[:, None] >> np.arange(bits) & 1)
        values = (torch.from_numpy(x) @ U).pow(int(net.sizes["power"])) @ gaps.unsqueeze(-1)
        margins = values.squeeze(-1) * torch.from_numpy(x[:, :k].prod(axis=1))
        least.append(margins.amin(-1).numpy())
    return _each(net, np.min(least, axis=0) / norm_power(net))
