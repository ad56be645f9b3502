"""Real irreps with orthogonal matrices, from the Cayley table."""

from collections.abc import Iterator

import numpy as np

from .._typing import Array, freeze
from ..errors import MemoryLimitError
from ..groups import Group, generating_set, group
from ._commutant import adapted_basis
from ._doubling import Doubling, all_matrices, doubling
from ._ideal import primitive_vector, submodule_basis
from .characters import RealCharacterTable, real_characters
from .checks import TOLERANCE, measure_irrep, require
from .division import from_blocks, to_blocks
from .irrep import RealIrrep

MEMORY_LIMIT = 2**31
"""Bytes that the matrices of all irreps of one call may take by default."""


def _doubled(G: Group, seed: int) -> Doubling:
    return doubling(G, np.random.default_rng([seed, 0]))


def _matrices(
    table: RealCharacterTable, index: int, doubled: Doubling, rng: np.random.Generator
) -> Array:
    G = table.group
    dim, endo = int(table.dims[index]), int(table.endo_dims[index])
    if dim == 1:
        # Values 1 and -1: the character is the representation.
        return np.rint(table.character(index)).reshape(-1, 1, 1)
    idempotent = table.character(index) * (dim / (G.order * endo))
    vector = primitive_vector(G, idempotent, dim // endo, rng)
    basis = submodule_basis(G, vector, dim, rng)
    matrices = all_matrices(G, basis, doubled)
    if endo == 1:
        return matrices
    turn = adapted_basis(matrices, endo, rng)
    # Rebuilding from the entries makes the block structure exact.
    return to_blocks(from_blocks(turn.T @ matrices @ turn, endo))


def _irrep(
    table: RealCharacterTable, index: int, doubled: Doubling, generators: tuple[int, ...], seed: int
) -> RealIrrep:
    # One stream for each irrep: building one alone or all of them gives the same matrices.
    rng = np.random.default_rng([seed, 1 + index])
    irrep = RealIrrep(
        index=index,
        label=table.labels[index],
        dim=int(table.dims[index]),
        type=table.types[index],
        character=table.character(index),
        matrices=freeze(_matrices(table, index, doubled, rng)),
    )
    require(table.group, irrep.label, measure_irrep(table.group, irrep, generators), TOLERANCE)
    return irrep


def _check_memory(table: RealCharacterTable, entries: int, limit: int) -> None:
    size = 8 * entries * table.group.order
    if size > limit:
        raise MemoryLimitError(
            f"The matrices of the real irreps of {table.group!r} take {size / 2**30:.3g} GiB, "
            f"above the limit of {limit / 2**30:.3g} GiB; raise memory_limit, or walk them one "
            "at a time with iter_real_irreps"
        )


def iter_real_irreps(G: Group | str, seed: int = 0) -> Iterator[RealIrrep]:
    """Yield the irreps of `real_irreps` one at a time, so that they need not fit together.

    Parameters
    ----------
    G : Group or str
    seed : int

    Yields
    ------
    RealIrrep

    Raises
    ------
    IrrepError
        If an irrep fails its checks.

    Examples
    --------
    >>> [str(phi) for phi in iter_real_irreps("SL(2,3)")]
    ['1R', '2C', '3R', '4C', '4H']
    """
    G = group(G)
    table = real_characters(G, seed)
    doubled, generators = _doubled(G, seed), generating_set(G)
    for index in range(len(table)):
        yield _irrep(table, index, doubled, generators, seed)


def real_irreps(
    G: Group | str, seed: int = 0, *, memory_limit: int = MEMORY_LIMIT
) -> list[RealIrrep]:
    """Return the irreducible real representations of a group, with orthogonal matrices.

    Parameters
    ----------
    G : Group or str
    seed : int
        Seed of all random choices; the same seed gives the same matrices. The order, types and
        characters do not depend on it.
    memory_limit : int
        Bytes that the matrices may take together.

    Returns
    -------
    list of RealIrrep
        Trivial irrep first, then by dimension, type (R, C, H) and character.

    Raises
    ------
    IrrepError
        If a result fails its own checks (see `check_irreps`).
    MemoryLimitError
        If the matrices would take more than ``memory_limit`` bytes.

    Notes
    -----
    1. The centre gives the characters (`real_characters`).
    2. In each isotypic ideal a random symmetric element acts from the right; an eigenvector
       generates one irreducible left submodule. With an orthonormal basis B of it,
       ``rho(g) = B^T L_g B`` where ``(L_g f)(x) = f(g^-1 x)``.
    3. For types C and H the commutant gives a basis in which rho has entries in C or H.

    O(n dim^3) for each irrep. Derived in docs/theory/real_irreps.md.

    References
    ----------
    J.-P. Serre, Linear Representations of Finite Groups (1977), section 13.2.
    J. D. Dixon, Computing irreducible representations of groups, Math. Comp. 24 (1970), 707-712.

    Examples
    --------
    >>> real_irreps("Q8")
    [RealIrrep('1Ra', index=0, order=8), RealIrrep('1Rb', index=1, order=8),
    RealIrrep('1Rc', index=2, order=8), RealIrrep('1Rd', index=3, order=8),
    RealIrrep('4H', index=4, order=8)]
    """
    G = group(G)
    table = real_characters(G, seed)
    _check_memory(table, int((table.dims**2).sum()), memory_limit)
    doubled, generators = _doubled(G, seed), generating_set(G)
    return [_irrep(table, index, doubled, generators, seed) for index in range(len(table))]


def irrep_at(
    G: Group | str, index: int, seed: int = 0, *, memory_limit: int = MEMORY_LIMIT
) -> RealIrrep:
    """Return ``real_irreps(G, seed)[index]`` without building the others.

    Raises
    ------
    IrrepError
        If there is no irrep with this index.
    MemoryLimitError
        If its matrices would take more than ``memory_limit`` bytes.

    Examples
    --------
    >>> irrep_at("S4", 4).dim
    3
    """
    G = group(G)
    table = real_characters(G, seed)
    index = table.check_index(index)
    _check_memory(table, int(table.dims[index] ** 2), memory_limit)
    return _irrep(table, index, _doubled(G, seed), generating_set(G), seed)
