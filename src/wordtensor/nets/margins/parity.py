"""The parity of the first k of n bits: the net with the greatest margin, and a measure."""

from math import sqrt
from typing import Final

import numpy as np
import torch

from ..._typing import Array
from ...errors import NetworkError
from ...margins.parity import check_degree
from ..models import Net, ParityNet
from .measure import norm_power

__all__ = ["max_margin_parity_net", "normalized_margin_parity"]

_MAX_WIDTH_BITS: Final = 20
_MAX_INPUT_BITS: Final = 24
_BLOCK: Final = 2**14


def max_margin_parity_net(bits: int, k: int, dtype: torch.dtype = torch.float64) -> ParityNet:
    """Return a net of L_{2,k+1} norm 1 whose margin on k-parity is the greatest.

    Parameters
    ----------
    bits : int
        Number n of inputs in {-1, 1}; the first k are live.
    k : int
        Number of live bits, and the exponent of the activation.
    dtype : torch.dtype

    Returns
    -------
    ParityNet
        Of width 2^(k-1). Logit 0 is for the product +1 of the live bits, logit 1 for -1.

    Raises
    ------
    NetworkError
        If k is not in 1..bits, or above 20.

    Notes
    -----
    With signs s in {-1, 1}^k, s_1 = 1:
    ``sum_s (prod s) (s . x)^k = 2^(k-1) k! x_1 ... x_k``. Neuron s has u = r s and
    w = r (prod s) (1, -1) / sqrt(2), so that |u_j| = ||w||.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, theorem 8.

    Examples
    --------
    >>> net = max_margin_parity_net(5, 2)
    >>> net.width, net(torch.tensor([[1.0, -1, 1, 1, 1]], dtype=torch.float64)).argmax().item()
    (2, 1)
    """
    check_degree(k)
    if k > min(bits, _MAX_WIDTH_BITS):
        raise NetworkError(
            f"Argument 'k' must be at most the number of bits ({bits}) and at most "
            f"{_MAX_WIDTH_BITS}, not {k}"
        )
    width = 2 ** (k - 1)
    signs = 1.0 - 2.0 * (np.arange(width)[None, :] >> np.arange(k)[::-1, None] & 1)
    radius = width ** (-1.0 / (k + 1)) / sqrt(k + 1)
    U = np.zeros((bits, width))
    U[:k] = radius * signs
    W = radius / sqrt(2) * signs.prod(axis=0) * np.array([[1.0], [-1.0]])
    return ParityNet(bits, width, k, dtype=dtype).assign({"U": U, "W": W})


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
    >>> margin = normalized_margin_parity(max_margin_parity_net(6, 3), 3)
    >>> round(margin / gamma_star_parity(3), 12)
    1.0
    """
    check_degree(k)
    if not isinstance(net, ParityNet):
        raise NetworkError(f"A ParityNet is needed; given a {type(net).__name__}")
    bits = int(net.sizes["bits"])
    if not k <= bits <= _MAX_INPUT_BITS:
        raise NetworkError(
            f"The number of inputs must be in {k}..{_MAX_INPUT_BITS} for {k}-parity on all of "
            f"them; this net has {bits}"
        )
    U, W = (p.detach().cpu().double() for p in (net.U, net.W))
    gaps = W[..., 0, :] - W[..., 1, :]
    least = []
    for start in range(0, 2**bits, _BLOCK):
        numbers = np.arange(start, min(start + _BLOCK, 2**bits))
        x = 1.0 - 2.0 * (numbers[:, None] >> np.arange(bits) & 1)
        values = (torch.from_numpy(x) @ U).pow(int(net.sizes["power"])) @ gaps.unsqueeze(-1)
        margins = values.squeeze(-1) * torch.from_numpy(x[:, :k].prod(axis=1))
        least.append(margins.amin(-1).numpy())
    result: Array = np.min(least, axis=0) / norm_power(net)
    return float(result) if net.instances is None else result
