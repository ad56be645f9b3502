"""All matrices of representations from a few, by doubling the set of known elements."""

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Integers
from ..groups import Group
from ._ideal import orthonormal
from .division import from_blocks, to_blocks

_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Doubling:
    """An order of the elements, identity first: each run of it is earlier ones times a factor."""

    factors: tuple[int, ...]  # an element for each run, about log2(n) + log2(log n) of them
    known: tuple[Integers, ...]  # for each run, places of earlier elements in the order
    places: Integers  # shape (n,): the place of each element in the order


def doubling(G: Group, rng: np.random.Generator) -> Doubling:
    """Choose the runs; each takes the best of a few random factors."""
    # While the reached set K is small, K x is mostly new and the set doubles; when a fraction u is
    # missing, about u^2 is missing after a random step. So no product is longer than about
    # log2(n) + 5 factors, which keeps rounding errors at that level; the breadth-first tree of a
    # Cayley graph is deeper (n/2 for a cyclic group).
    places = np.full(G.order, -1, dtype=np.int64)
    places[G.identity] = 0
    inside = np.array([G.identity], dtype=np.int64)
    factors: list[int] = []
    known: list[Integers] = []
    while len(inside) < G.order:
        missing = np.flatnonzero(places < 0)
        # Of the form (reached)^-1 * missing, so that every candidate reaches something.
        sources = inside[rng.integers(len(inside), size=_CANDIDATES)]
        targets = missing[rng.integers(len(missing), size=_CANDIDATES)]
        candidates = G.cayley[G.inverse[sources], targets]
        fresh = places[G.cayley[inside[:, None], candidates]] < 0
        best = int(np.argmax(fresh.sum(axis=0)))
        factor = int(candidates[best])
        known.append(np.flatnonzero(fresh[:, best]))
        factors.append(factor)
        new = G.cayley[inside[known[-1]], factor]
        places[new] = np.arange(len(inside), len(inside) + len(new))
        inside = np.concatenate([inside, new])
    return Doubling(tuple(factors), tuple(known), places)


def _translations(G: Group, bases: Array, element: int) -> Array:
    """Return B^T L_g B for orthonormal bases (K, dim, n) and one g, made orthogonal."""
    # If the span of B is invariant up to an error d, this is a representation up to d^2.
    moved = np.take(bases, G.cayley[G.inverse[element]], axis=2)
    return orthonormal(bases @ moved.swapaxes(1, 2))


def all_matrices(G: Group, bases: Array, endo_dim: int, doubled: Doubling) -> Array:
    """Return B^T L_g B for all g, shape (K, n, dim, dim), as products along the runs.

    The bases (K, dim, n) are adapted; the blocks over C or H come out exact.
    """
    count, dim, n = bases.shape
    matrices = np.empty((count, n, dim, dim))
    matrices[:, 0] = np.eye(dim)
    stop = 1
    for factor, known in zip(doubled.factors, doubled.known, strict=True):
        step = _translations(G, bases, factor)
        if endo_dim > 1:
            # The first column of each block says all of it.
            step = to_blocks(from_blocks(step, endo_dim))[:, :, ::endo_dim]
        start, stop = stop, stop + len(known)
        taken = np.take(matrices, known, axis=1).reshape(count, -1, dim)
        columns = taken @ step
        if endo_dim > 1:
            shape = (count, len(known), dim // endo_dim, endo_dim, dim // endo_dim)
            columns = to_blocks(columns.reshape(shape).swapaxes(-1, -2))
        matrices[:, start:stop] = columns.reshape(count, len(known), dim, dim)
    if endo_dim == 2:
        _orient(matrices, doubled.places)
    return np.take(matrices, doubled.places, axis=1)


def _orient(matrices: Array, places: Integers) -> None:
    """Choose between a complex irrep and its conjugate, in place."""
    # The first character value that is not real gets a positive imaginary part.
    imaginary = np.trace(matrices[:, :, 1::2, ::2], axis1=2, axis2=3)[:, places]
    first = np.argmax(np.abs(imaginary) > 1e-3, axis=1)
    negative = imaginary[np.arange(len(first)), first] < 0
    signs = np.where(negative, -1.0, 1.0)[:, None, None, None]
    matrices[:, :, 1::2, ::2] *= signs
    matrices[:, :, ::2, 1::2] *= signs
