"""The nets of norm one that have the greatest margin."""

import torch

from ...groups import Group, group
from ...margins import max_margin_factors
from ...margins.parity import parity_neurons
from ..models import MarginNet, ParityNet


def max_margin_net(G: Group | str, dtype: torch.dtype = torch.float64) -> MarginNet:
    """Return a net of L_{2,3} norm 1 whose margin on a*b is gamma*.

    Parameters
    ----------
    G : Group or str
        Of order n, 2 or more.
    dtype : torch.dtype

    Returns
    -------
    MarginNet
        Its width is ``margin_optimum(G).width``; neurons come in the order of the irreps.

    Raises
    ------
    NetworkError
        If the group is trivial.
    MemoryLimitError
        If it would take more than the limit to build; see `wordtensor.memory_limit`.

    Notes
    -----
    ``f(a, b)[c] = sum_phi share_phi kappa_phi chi_phi(a b c^-1) / d_phi``;
    see `max_margin_factors`.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, theorems 7 and 9.

    Examples
    --------
    >>> max_margin_net("C5").width, max_margin_net("S4").width
    (16, 126)
    """
    G = group(G)
    U, V, W = max_margin_factors(G)
    return MarginNet(G.order, U.shape[1], dtype=dtype).assign({"U": U, "V": V, "W": W})


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
    w = r (prod s) (1, -1) / sqrt(2), so that every entry of u has the absolute value ``||w||``.

    References
    ----------
    Morwani, Edelman, Oncescu, Zhao, Kakade (2023), arXiv:2311.07568, theorem 8.

    Examples
    --------
    >>> net = max_margin_parity_net(5, 2)
    >>> net.width, net(torch.tensor([[1.0, -1, 1, 1, 1]], dtype=torch.float64)).argmax().item()
    (2, 1)
    """
    U, W = parity_neurons(bits, k)
    return ParityNet(bits, U.shape[1], k, dtype=dtype).assign({"U": U, "W": W})
