"""What orthogonal sandwich actions and signs do not change about pairs of terms."""

from typing import Final

import numpy as np

from ..._typing import Array, RealFactors

SIGNALS: Final = 8
_BANDWIDTH: Final = 2.0
# Entries of one slab of intermediate products.
_SLAB: Final = 4_000_000


def pair_features(terms: RealFactors, *, components: int = 1) -> Array:
    """Return invariants of all pairs (r, s) of balanced terms, shape (R, R, 18)."""
    # Let P[r,s,q] = Re tr(U_r V_s W_q^H): the action leaves it alone, and signs of factors multiply
    # it by alpha_r beta_s gamma_q, where alpha_r beta_r gamma_r = 1. So these are invariants: the
    # squares of P[r,r,s], P[r,s,r], P[s,r,r] and their product; the squares of the inner products
    # <U_r,U_s>, <V_r,V_s>, <W_r,W_s> and their product; the sums of P[r,s,q]^2 over one index. What
    # is not symmetric counts twice, for (r, s) and for (s, r).
    U, V, W = terms
    flat = [F.reshape(len(F), -1) for F in terms]
    first = _product(U, V).reshape(len(U), -1) @ flat[2].T / components
    second = _product(U.transpose(0, 2, 1), W).reshape(len(U), -1) @ flat[1].T / components
    third = _product(W, V.transpose(0, 2, 1)).reshape(len(U), -1) @ flat[0].T / components
    grams = [F @ F.T / components for F in flat]
    directed = [
        np.square(first),
        np.square(second),
        np.square(third),
        first * second * third,
        _summed_squares(U, V, flat[2]) / components**2,
        _summed_squares(U.transpose(0, 2, 1), W, flat[1]) / components**2,
        _summed_squares(W, V.transpose(0, 2, 1), flat[0]) / components**2,
    ]
    symmetric = [np.square(gram) for gram in grams] + [grams[0] * grams[1] * grams[2]]
    features: Array = np.stack([*directed, *(F.T for F in directed), *symmetric], axis=-1)
    return features


def _product(left: Array, right: Array) -> Array:
    """Multiply the matrices of each term."""
    product: Array = left @ right
    return product


def _summed_squares(left: Array, right: Array, flat: Array) -> Array:
    """Return ``sum_q <left_r right_s, F_q>^2`` for all r, s, with F in rows."""
    root: Array = np.linalg.qr(flat).R if len(flat) > flat.shape[1] else flat
    count, rows, inner = left.shape
    columns = right.shape[2]
    wide = right.transpose(1, 0, 2).reshape(inner, -1)
    sums = np.empty((count, len(right)))
    step = max(1, _SLAB // (rows * wide.shape[1]))
    for start in range(0, count, step):
        part = left[start : start + step]
        products = (part.reshape(-1, inner) @ wide).reshape(len(part), rows, len(right), columns)
        vectors = products.transpose(0, 2, 1, 3).reshape(len(part), len(right), rows * columns)
        sums[start : start + step] = np.square(vectors @ root.T).sum(-1)
    return sums


def term_features(features: Array) -> Array:
    """Return what pair features say about single terms, shape (R, 54)."""
    # The features of (r, r), and over all s the means of those of (r, s) and of their squares.
    own = np.diagonal(features).T
    means, squares = features.mean(axis=1), np.square(features).mean(axis=1)
    return np.concatenate([own, means, squares], axis=1)


def pair_signals(features: Array) -> Array:
    """Return random smooth functions of the features, shape (8, R, R)."""
    # Cosines of random linear forms: sums of them over a set of pairs tell sets of features apart,
    # and move little when the features do.
    rng = np.random.default_rng(0)
    directions = _BANDWIDTH * rng.standard_normal((features.shape[-1], SIGNALS))
    phases = rng.uniform(0.0, 2.0 * np.pi, SIGNALS)
    signals: Array = np.cos(features @ directions + phases)
    return np.ascontiguousarray(signals.transpose(2, 0, 1))
