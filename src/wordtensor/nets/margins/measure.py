"""The normalised margin of any homogeneous net, on all pairs, in blocks of them."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from ..._typing import Array
from ...errors import NetworkError
from ...groups import Group, group
from ...words import Word, word_tensor
from .._losses import norm_penalty
from ..models import Net, PairNet

__all__ = ["check_pair_net", "logit_blocks", "norm_power", "normalized_margin", "pair_margins"]

# Bytes of activations and logits that are alive at once, a few copies of each included.
_BLOCK_BYTES: Final = 2**28
_COPIES: Final = 4


def norm_power(net: Net) -> Array:
    """Return ``||theta||^nu`` for the degree nu of a net, shape () or (instances,)."""
    # ``||theta|| = (sum_i ||omega_i||_2^nu)^(1/nu)`` over the neurons where each weight belongs to
    # one; else the Euclidean norm of all weights.
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
    return result


def logit_blocks(net: PairNet) -> Iterator[tuple[slice, Array]]:
    """Yield the logits of all pairs in double precision, a block of pairs at a time."""
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


def pair_margins(logits: Array, labels: NDArray[np.int32]) -> Array:
    """Return ``f[label] - max over other outputs of f``, for logits of shape (..., P, n)."""
    index = np.broadcast_to(labels[:, None], (*logits.shape[:-1], 1))
    right = np.take_along_axis(logits, index, axis=-1)
    wrong = logits.copy()
    np.put_along_axis(wrong, index, -np.inf, axis=-1)
    result: Array = right[..., 0] - wrong.max(axis=-1)
    return result


def check_pair_net(net: Net, G: Group) -> PairNet:
    """Return the net if it reads pairs of elements of a group of order 2 or more; else raise."""
    n = G.order
    if not isinstance(net, PairNet) or net.shape != (n, n, n):
        shape = " x ".join(map(str, net.shape)) if isinstance(net, PairNet) else "no pairs"
        raise NetworkError(
            f"A net on pairs of {G.name} must have the shape {n} x {n} x {n}; given a "
            f"{type(net).__name__} with {shape}"
        )
    if not all(bool(parameter.isfinite().all()) for parameter in net.parameters()):
        raise NetworkError("The net has weights that are not finite: its training diverged")
    if n < 2:
        raise NetworkError(
            "The trivial group has no wrong label, so no margin; give a group of order 2 or more"
        )
    return net


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
    values: Array = np.min(blocks, axis=0) / power
    return float(values) if net.instances is None else values
