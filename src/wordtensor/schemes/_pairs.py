"""Schemes for n x 2 times 2 x n matrices with (3 n^2 + n) / 2 products, for any n.

Hopcroft and Kerr (1971) reach this number; the formulas here are our own. Row i of X and column i
of Y have a basis of the plane: s = (0, 1), the same for all, and l_i = (1, i). Two products per i
give x_i . y_i, and three for each pair i < k give the entries (i, k) and (k, i), up to terms that
the two products of i and of k absorb.
"""

import math
from itertools import combinations

import numpy as np

from .scheme import Scheme


def paired_scheme(n: int) -> Scheme:
    """Return the scheme for <n,2,n>; its third factor has the denominator lcm(1, ..., n - 1)."""
    rank, scale = (3 * n * n + n) // 2, math.lcm(*range(1, n))
    U = np.zeros((n, 2, rank), dtype=np.int64)
    V = np.zeros((2, n, rank), dtype=np.int64)
    W = np.zeros((n, n, rank), dtype=np.int64)
    for i in range(n):
        s, line = 2 * i, 2 * i + 1
        U[i, :, s], V[:, i, s] = (0, 1), (-i, 1)
        U[i, :, line], V[:, i, line] = (1, i), (1, 0)
        W[i, :, s] = W[:, i, line] = -scale
        W[i, i, [s, line]] = scale
    for number, (i, k) in enumerate(combinations(range(n), 2)):
        both, of_k, of_i = range(2 * n + 3 * number, 2 * n + 3 * number + 3)
        c = scale // (k - i)
        for q in (i, k):
            U[q, :, both], V[:, q, both] = (1, q), (-q, 1)
            U[q, :, of_k], V[:, q, of_k] = (1, k), (-i, 1)
            U[q, :, of_i], V[:, q, of_i] = (1, i), (-k, 1)
        W[i, k, [both, of_k]] = -c, c
        W[k, i, [both, of_i]] = c, -c
    return Scheme(
        (n, 2, n),
        U.reshape(2 * n, rank),
        V.reshape(2 * n, rank),
        W.reshape(n * n, rank),
        denominators=(1, 1, scale),
        provenance=f"paired_scheme({n}) of wordtensor: Hopcroft and Kerr's number of products",
    )
