"""All matrices of a representation from a few, by doubling the set of known elements."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Integers
from ..groups import Group

_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Doubling:
    """Steps ``new = known * factor`` that together reach every element from the identity."""

    factors: tuple[int, ...]  # an element for each step, about log2(n) + log2(log n) of them
    known: tuple[Integers, ...]  # for each step, elements that earlier steps reached
    new: tuple[Integers, ...]  # their products with the factor, not reached before


def doubling(G: Group, rng: np.random.Generator) -> Doubling:
    """Choose the steps; each takes the best of a few random factors."""
    # While the reached set K is small, K x is mostly new and the set doubles; when a fraction u is
    # missing, about u^2 is missing after a random step. So no product is longer than about
    # log2(n) + 5 factors, which keeps rounding errors at that level; the breadth-first tree of a
    # Cayley graph is deeper (n/2 for a cyclic group).
    reached = np.arange(G.order) == G.identity
    factors: list[int] = []
    known: list[Integers] = []
    new: list[Integers] = []
    while not reached.all():
        inside, missing = np.flatnonzero(reached), np.flatnonzero(~reached)
        # Of the form (reached)^-1 * missing, so that every candidate reaches something.
        sources = inside[rng.integers(len(inside), size=_CANDIDATES)]
        targets = missing[rng.integers(len(missing), size=_CANDIDATES)]
        candidates = G.cayley[G.inverse[sources], targets]
        fresh = ~reached[G.cayley[inside[:, None], candidates]]
        best = int(np.argmax(fresh.sum(axis=0)))
        factor = int(candidates[best])
        used = inside[fresh[:, best]]
        factors.append(factor)
        known.append(used)
        new.append(G.cayley[used, factor].astype(np.int64))
        reached[new[-1]] = True
    return Doubling(tuple(factors), tuple(known), tuple(new))


def translation_matrices(G: Group, basis: Array, elements: Sequence[int]) -> Array:
    """Return B^T L_g B for an orthonormal basis B (n, dim) and some g, made exactly orthogonal."""
    # If the span of B is invariant up to an error d, this is a representation up to d^2.
    dim = basis.shape[1]
    products = np.empty((len(elements), dim, dim))
    for place, element in enumerate(elements):
        products[place] = basis.T @ basis[G.cayley[G.inverse[element]]]
    left, _, right = np.linalg.svd(products)
    orthogonal: Array = left @ right
    return orthogonal


def all_matrices(G: Group, basis: Array, doubled: Doubling) -> Array:
    """Return B^T L_g B for all g, shape (n, dim, dim), as products along the steps."""
    dim = basis.shape[1]
    matrices = np.empty((G.order, dim, dim))
    matrices[G.identity] = np.eye(dim)
    steps = translation_matrices(G, basis, doubled.factors)
    for step, known, new in zip(steps, doubled.known, doubled.new, strict=True):
        matrices[new] = matrices[known] @ step
    return matrices
