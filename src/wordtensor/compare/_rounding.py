"""How far numbers in double precision can be from what they stand for: bounds, not estimates.

A sum of k products is within ``gamma_k sum |x y|`` of its value, in any order and with or without
fused additions. What a bound loses by being computed in floats itself is added to it.

References
----------
Higham, Accuracy and stability of numerical algorithms (2002), section 3.1.
"""

from typing import Final

import numpy as np

from .._typing import Array, Integers
from ._attention import Attention
from ._forms import Lookups
from ._forward import Network

UNIT: Final = 2.0**-53
# Bounds are sums of at most 2^30 terms that are not negative: they lose less than this.
GROW: Final = 1.0 + 2.0**-20
SHRINK: Final = 1.0 - 2.0**-20
# Numbers that are too small for full precision err by 2^-1074, and are multiplied by weights.
_SMALLEST: Final = 2.0**-500
# What is assumed of functions of a library, and of an attention, which have no proved bounds.
_LIBRARY: Final = 2.0**-46
_ATTENTION: Final = 2.0**-30
_EXACT: Final = ("relu", "abs", "identity")


def gamma(k: int) -> float:
    """Return Higham's gamma_k: what k roundings can do to a number, relatively."""
    return k * UNIT / (1.0 - k * UNIT) * GROW


def underflow(*weights: Array) -> float:
    """Return what numbers near zero can lose, absolutely, with products of these weights."""
    largest = max((float(np.abs(w).max(initial=0.0)) for w in weights), default=0.0)
    return float(_SMALLEST * np.float64(1.0 + largest) ** 3)


def assumption(net: Network) -> str:
    """Return what the certificate of a net rests on beside IEEE arithmetic; empty if nothing."""
    form = net.form
    if isinstance(form, Attention):
        return (
            "the logits of its attention, computed in double precision, err by at most 2^-30 of "
            "the largest logit of a pair, which is not proved"
        )
    if isinstance(form, Lookups) and form.combination not in ("product", "square", *_EXACT):
        return (
            f"the library's {form.combination} errs by at most 2^-46 (1 + |x|), which is not proved"
        )
    return ""


def hidden_errors(net: Network, left: Integers, right: Integers, hidden: Array) -> Array:
    """Bound the norms of the errors of activations, shape (k,), of pairs (left, right)."""
    form = net.form
    if not isinstance(form, Lookups):  # activations that were given; an attention's are assumed
        return np.zeros(len(hidden))
    if form.combination == "product":
        return gamma(2) * norms(hidden)
    bias = 0.0 if form.bias is None else float(norms(form.bias))
    entering = norms(form.left)[left] + norms(form.right)[right] + bias
    errors: Array = gamma(3) * entering
    if form.combination == "square":
        errors = gamma(8) * np.square(entering)
    elif form.combination not in _EXACT:  # functions with slopes below 2
        errors = gamma(6) * entering + _LIBRARY * (np.sqrt(net.width) + entering)
    return errors


def logit_errors(
    net: Network, pairs: tuple[Integers, Integers], hidden: Array, logits: Array, widest: float
) -> Array:
    """Bound the errors of the logits of pairs; the readout has columns of norm up to `widest`."""
    largest: Array = np.abs(logits).max(axis=1)
    if isinstance(net.form, Attention):
        return _ATTENTION * largest
    through = gamma(net.width + 2) * norms(hidden) + hidden_errors(net, *pairs, hidden)
    errors: Array = GROW * (through * widest) + 4 * UNIT * largest
    return errors


def largest_of(bounds: Array) -> float:
    """Return the largest bound; infinity if one is not known, since something overflowed."""
    return float(np.where(np.isnan(bounds), np.inf, bounds).max())


def norms(vectors: Array) -> Array:
    """Return norms along the last axis, not less than they are."""
    values: Array = GROW * np.sqrt(np.einsum("...r,...r->...", vectors, vectors))
    return values
