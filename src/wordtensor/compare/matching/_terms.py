"""Rank-one terms as three columns: norms, inner products, duplicates, and how far two are apart."""

import numpy as np
from numpy.typing import NDArray

from ..._typing import Array, RealFactors
from ...errors import ComparisonError
from ...rank import Decomposition

# Terms whose cosine is this close to 1 or -1 are one term: an angle of a thousandth.
_PARALLEL = 1e-6
_DEAD = 1e-3


def real_factors(d: Decomposition) -> RealFactors:
    """Return a decomposition's factors as float64, refusing complex ones."""
    if any(np.iscomplexobj(F) for F in d.factors):
        raise ComparisonError(
            "Nets have real weights and cannot be matched with complex terms; decompose with "
            "field='real'"
        )
    U, V, W = (np.asarray(F, dtype=np.float64) for F in d.factors)
    return U, V, W


def term_norms(factors: RealFactors) -> Array:
    """Return ``||u|| ||v|| ||w||`` of every term, shape (R,)."""
    norms: Array = np.ones(factors[0].shape[1])
    for F in factors:
        norms = norms * np.linalg.norm(F, axis=0)
    return norms


def term_inner_products(left: RealFactors, right: RealFactors) -> Array:
    """Return <u, u'> <v, v'> <w, w'> of all R left and S right terms, shape (R, S)."""
    products: Array = left[0].T @ right[0]
    for F, H in zip(left[1:], right[1:], strict=True):
        products = products * (F.T @ H)
    return products


def chosen_terms(factors: RealFactors, chosen: NDArray[np.int64] | slice) -> RealFactors:
    """Return some of the terms, in the order asked for."""
    U, V, W = factors
    return U[:, chosen], V[:, chosen], W[:, chosen]


def term_errors(left: RealFactors, right: RealFactors) -> Array:
    """Return how far each term is from its partner on the right, relative to that: shape (R,)."""
    # Norms are moved from factor to factor until u is near u' and v near v'. The difference is then
    # (u - u') v w + u' (v - v') w + u' v' (w - w'), whose norm follows from inner products of these
    # three terms without cancellation: errors below 1e-8 are still seen.
    u, v, w = _aligned(left, right)
    u_, v_, w_ = right
    parts = [(u - u_, v, w), (u_, v - v_, w), (u_, v_, w - w_)]
    squares: Array = np.zeros(u.shape[1])
    for first in parts:
        for second in parts:
            products = [(F * H).sum(0) for F, H in zip(first, second, strict=True)]
            squares = squares + products[0] * products[1] * products[2]
    errors: Array = np.sqrt(np.maximum(squares, 0.0)) / term_norms(right)
    return errors


def _aligned(left: RealFactors, right: RealFactors) -> RealFactors:
    """Rescale u and v of each left term to come as near as can be to the right ones, w to suit."""
    U, V, W = left
    factors = []
    for F, H in ((U, right[0]), (V, right[1])):
        squares = np.square(F).sum(0)
        scale = np.divide((F * H).sum(0), squares, out=np.ones_like(squares), where=squares > 0)
        # Of a term at right angles to its partner nothing comes near; leave it as it is.
        scale = np.where(
            np.abs(scale) * np.sqrt(squares) > 1e-6 * np.linalg.norm(H, axis=0), scale, 1.0
        )
        factors.append(F * scale)
        W = W / scale
    return factors[0], factors[1], W


def merged_terms(factors: RealFactors) -> tuple[RealFactors, tuple[tuple[int, ...], ...]]:
    """Add up parallel terms, and drop what cancels; return the sums and which terms are in each."""
    # Parallel: the cosine is within 1e-6 of 1 or -1. A sum below a thousandth of the largest of its
    # terms has cancelled.
    norms = term_norms(factors)
    safe = np.where(norms > 0, norms, 1.0)
    products = term_inner_products(factors, factors)
    parallel = np.abs(products / safe[:, None] / safe) > 1.0 - _PARALLEL
    kept, classes = [], []
    weights = np.ones(len(norms))
    left = norms > 0
    for r in range(len(norms)):
        if not left[r]:
            continue
        members = np.flatnonzero(parallel[r] & left)
        left[members] = False
        weight = float((products[r, members] / norms[r] ** 2).sum())
        if abs(weight) * norms[r] >= _DEAD * norms[members].max():
            kept.append(r)
            classes.append(tuple(int(k) for k in members))
            weights[r] = weight
    U, V, W = chosen_terms(factors, np.array(kept, dtype=np.int64))
    return (U, V, W * weights[kept]), tuple(classes)
