"""All matrices of representations from a few, by doubling the set of known elements."""

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Integers
from ..groups import Group
from ._ideal import orthonormal
from .division import from_blocks, to_blocks

_CANDIDATES = 4
# Up to this order all matrices are computed directly.
_DIRECT = 64


@dataclass(frozen=True, slots=True)
class Doubling:
    """An order of the elements: some, then runs, each of earlier elements times a factor."""

    direct: tuple[int, ...]  # the first elements: the identity, or all of a small group
    factors: tuple[int, ...]  # an element for each run, about log2(n) + log2(log n) of them
    known: tuple[Integers, ...]  # for each run, places of earlier elements in the order
    places: Integers  # shape (n,): the place of each element in the order


def doubling(G: Group, rng: np.random.Generator) -> Doubling:
    """Choose the runs; each takes the best of a few random factors."""
    # While the reached set K is small, K x is mostly new and the set doubles; when a fraction u is
    # missing, about u^2 is missing after a random step. So no product is longer than about
    # log2(n) + 5 factors, which keeps rounding errors at that level; the breadth-first tree of a
    # Cayley graph is deeper (n/2 for a cyclic group).
    direct = np.arange(G.order) if G.order <= _DIRECT else np.array([G.identity])
    places = np.full(G.order, -1, dtype=np.int64)
    places[direct] = np.arange(len(direct))
    inside = direct.astype(np.int64)
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
    return Doubling(tuple(direct.tolist()), tuple(factors), tuple(known), places)


def _translations(G: Group, bases: Array, elements: tuple[int, ...], endo_dim: int) -> Array:
    """Return B^T L_g B for orthonormal bases (K, dim, n), made orthogonal: (K, F, dim, dim)."""
    # If the span of B is invariant up to an error d, this is a representation up to d^2.
    count, dim, n = bases.shape
    moved = np.take(bases, G.cayley[G.inverse[list(elements)]], axis=2)
    products = moved.reshape(count, -1, n) @ bases.swapaxes(1, 2)
    matrices = products.reshape(count, dim, len(elements), dim).transpose(0, 2, 3, 1)
    matrices = orthonormal(np.ascontiguousarray(matrices))
    return to_blocks(from_blocks(matrices, endo_dim)) if endo_dim > 1 else matrices


def all_matrices(G: Group, bases: Array, endo_dim: int, doubled: Doubling) -> Array:
    """Return B^T L_g B for all g, shape (K, n, dim, dim), as products along the runs."""
    # The bases (K, dim, n) are adapted; the blocks over C or H come out exact.
    count, dim, n = bases.shape
    matrices = np.empty((count, n, dim, dim))
    stop = len(doubled.direct)
    computed = _translations(G, bases, (*doubled.direct, *doubled.factors), endo_dim)
    matrices[:, :stop] = computed[:, :stop]
    matrices[:, doubled.places[G.identity]] = np.eye(dim)
    for step, known in zip(computed[:, stop:].swapaxes(0, 1), doubled.known, strict=True):
        start, stop = stop, stop + len(known)
        # The first column of each block over C or H says all of it.
        columns = np.take(matrices, known, axis=1).reshape(count, -1, dim) @ step[..., ::endo_dim]
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
