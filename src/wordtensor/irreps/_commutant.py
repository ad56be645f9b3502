"""The commutant of an irrep, and the bases in which its matrices are matrices over C or H."""

import numpy as np

from .._typing import Array
from ..errors import IrrepError
from ..groups import Group
from ._ideal import orthonormal

_TOLERANCE = 1e-8
_ATTEMPTS = 8
# Elements that a random element of R[G] has.
_SUPPORT = 4


def _complex_structures(
    G: Group, bases: Array, rng: np.random.Generator, others: tuple[Array, ...]
) -> Array:
    """Return a skew J, (K, dim, dim), in each commutant with J^2 = -1, orthogonal to others."""
    # Multiplication from the right by any x, followed by the projection on the submodule, which is
    # itself one from the right, commutes with the group.
    count, dim, _ = bases.shape
    found = np.empty((count, dim, dim))
    left = np.arange(count)
    for _ in range(_ATTEMPTS):
        moved = np.zeros_like(bases[left])
        for x, coefficient in zip(
            rng.integers(G.order, size=_SUPPORT), rng.standard_normal(_SUPPORT), strict=True
        ):
            moved += coefficient * np.take(bases[left], G.cayley[:, x], axis=2)
        product = bases[left] @ moved.swapaxes(1, 2)
        skew = 0.5 * (product - product.swapaxes(1, 2))
        for other in others:
            skew -= other[left] * (_inner(other[left], skew) / dim)
        size = np.sqrt(_inner(skew, skew))
        skew *= np.sqrt(dim) / np.maximum(size, 1e-300)
        error = np.abs(skew @ skew + np.eye(dim)).max(axis=(1, 2))
        found[left] = skew
        # What is small has lost digits.
        left = left[(size[:, 0, 0] < 1e-3) | ~(error < _TOLERANCE)]
        if not len(left):
            return found
    raise IrrepError(
        f"No complex structure commutes with an irrep of dimension {dim}; try another seed"
    )


def _inner(left: Array, right: Array) -> Array:
    inner: Array = (left * right).sum(axis=(1, 2), keepdims=True)
    return inner


def _spanned(structures: list[Array]) -> Array:
    """Orthogonal matrices with the columns v, J v, ..., next v orthogonal to those, and so on."""
    count, dim, _ = structures[0].shape
    basis = np.empty((count, dim, 0))
    while basis.shape[2] < dim:
        # The coordinate vector that is farthest from the span so far.
        start = np.argmin((basis**2).sum(axis=2), axis=1)
        vector = np.eye(dim)[start][:, :, None]
        for _ in range(2):
            vector = vector - basis @ (basis.swapaxes(1, 2) @ vector)
        vector /= np.linalg.norm(vector, axis=1, keepdims=True)
        basis = np.concatenate([basis, *(J @ vector for J in structures)], axis=2)
    return orthonormal(basis)


def adapted(G: Group, bases: Array, endo_dim: int, seed: int) -> Array:
    """Turn orthonormal bases (K, dim, n) of submodules so that matrices have blocks over C or H."""
    # Type C: the skew part of the commutant is spanned by one J with J^2 = -1, multiplication by i;
    # in the basis v, Jv, ... what commutes with J is complex linear.
    # Type H: the commutant is H acting from the right. With I and J for x -> xi and x -> xj the map
    # x -> xk is JI, since xk = (xi)j; in the basis v, Iv, Jv, JIv, ... what commutes with them is
    # linear over H from the right, so its blocks are left multiplications.
    if endo_dim == 1:
        return bases
    count, dim, _ = bases.shape
    rng = np.random.default_rng([seed, 3])
    identity = np.broadcast_to(np.eye(dim), (count, dim, dim))
    first = _complex_structures(G, bases, rng, ())
    structures = [identity, first]
    if endo_dim == 4:
        second = _complex_structures(G, bases, rng, (first,))
        if np.abs(first @ second + second @ first).max() > _TOLERANCE:
            raise IrrepError(
                f"The commutant of an irrep of dimension {dim} is not the quaternions; "
                "try another seed"
            )
        structures += [second, second @ first]
    return _spanned(structures).swapaxes(1, 2) @ bases
