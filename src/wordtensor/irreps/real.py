"""Real irreps with orthogonal matrices, from the Cayley table."""

from collections.abc import Iterator, Sequence

import numpy as np

from .._memory import require_memory
from .._progress import begin_stage
from .._typing import Array, freeze
from ..groups import Group, generating_set, group
from ._blas import steady_blas
from ._commutant import adapted
from ._doubling import Doubling, all_matrices, doubling
from ._ideal import submodule_bases
from .characters import ENDO_DIM, RealCharacterTable, real_characters
from .checks import TOLERANCE, measure_irreps, require
from .irrep import RealIrrep

# Bytes of matrices that are built at a time, so that they stay in the cache.
_BATCH = 2**21


def _runs(table: RealCharacterTable, indices: Sequence[int]) -> Iterator[list[int]]:
    """Yield runs of irreps that have one dimension and type."""
    run: list[int] = []
    for index in indices:
        most = max(1, _BATCH // (8 * table.group.order * int(table.dims[index]) ** 2))
        alike = run and (table.dims[index], table.types[index]) == (
            table.dims[run[0]],
            table.types[run[0]],
        )
        if run and (not alike or len(run) == most):
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def _matrices(
    G: Group, characters: Array, dim: int, endo: int, doubled: Doubling, seed: int
) -> Array:
    """Return the matrices (K, n, dim, dim) of irreps of one type with the characters (K, n)."""
    if dim == 1:
        # Values 1 and -1: the character is the representation.
        return np.rint(characters)[:, :, None, None]
    idempotents = characters * (dim / (G.order * endo))
    bases = submodule_bases(G, idempotents, dim, dim // endo, seed)
    return all_matrices(G, adapted(G, bases, endo, seed), endo, doubled)


def _built(table: RealCharacterTable, indices: Sequence[int], seed: int) -> Iterator[RealIrrep]:
    """Build and check irreps; each comes out the same alone and among others."""
    G = table.group
    largest = 8 * G.order * int((table.dims[list(indices)] ** 2).max())
    # In the order of the runs, in that of the elements, and the copy or what is measured.
    require_memory(3 * largest, f"The matrices of one irrep of {G!r}")
    begin_stage("%d real irreps of %s", len(indices), G.name)
    doubled, generators = doubling(G, np.random.default_rng([seed, 0])), generating_set(G)
    for run in _runs(table, indices):
        characters = table.values[run][:, table.class_index]
        endo = ENDO_DIM[table.types[run[0]]]
        with steady_blas(G):
            matrices = _matrices(G, characters, int(table.dims[run[0]]), endo, doubled, seed)
            checks = measure_irreps(G, matrices, characters, endo, generators)
        for place, index in enumerate(run):
            require(G, table.labels[index], checks[place], TOLERANCE)
            # A copy each, so that one irrep does not keep the others.
            yield RealIrrep(
                index=index,
                label=table.labels[index],
                dim=int(table.dims[index]),
                type=table.types[index],
                character=freeze(characters[place].copy()),
                matrices=freeze(matrices[place].copy() if len(run) > 1 else matrices[0]),
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
    table = real_characters(G, seed)
    yield from _built(table, range(len(table)), seed)


def real_irreps(G: Group | str, seed: int = 0) -> list[RealIrrep]:
    """Return the irreducible real representations of a group, with orthogonal matrices.

    Parameters
    ----------
    G : Group or str
    seed : int
        Seed of all random choices; the same seed gives the same matrices. The order, types and
        characters do not depend on it.

    Returns
    -------
    list of RealIrrep
        Trivial irrep first, then by dimension, type (R, C, H) and character.

    Raises
    ------
    IrrepError
        If a result fails its own checks (see `check_irreps`).
    MemoryLimitError
        If the matrices take more than the limit; see `wordtensor.memory_limit`.

    Notes
    -----
    1. The centre gives the characters (`real_characters`).
    2. In each isotypic ideal a random symmetric element acts from the right; an eigenvector
       generates one irreducible left submodule. With an orthonormal basis B of it,
       ``rho(g) = B^T L_g B`` where ``(L_g f)(x) = f(g^-1 x)``.
    3. For types C and H the commutant gives a basis in which rho has entries in C or H.

    O(n dim^3) for each irrep, and for small ones little more than writing the result. Derived in
    docs/theory/real_irreps.md.

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
    instead = "Walk them one at a time (iter_real_irreps)"
    what = f"The matrices of the real irreps of {G!r}"
    # The least that there are: isotypic dimensions are at most dim^2, and add up to n.
    require_memory(8 * G.order**2, what, instead)
    table = real_characters(G, seed)
    require_memory(8 * G.order * int((table.dims**2).sum() + len(table)), what, instead)
    return list(_built(table, range(len(table)), seed))


def irrep_at(G: Group | str, index: int, seed: int = 0) -> RealIrrep:
    """Return ``real_irreps(G, seed)[index]`` without building the others.

    Parameters
    ----------
    G : Group or str
        The group, or its name.
    index : int
        The place of the irrep in `real_irreps`.
    seed : int
        As for `real_irreps`.

    Returns
    -------
    RealIrrep
        The irrep.

    Raises
    ------
    IrrepError
        If there is no irrep with this index.
    MemoryLimitError
        If its matrices take more than the limit; see `wordtensor.memory_limit`.

    Examples
    --------
    >>> irrep_at("S4", 4).dim
    3
    """
    table = real_characters(group(G), seed)
    index = table.check_index(index)
    return next(_built(table, [index], seed))
