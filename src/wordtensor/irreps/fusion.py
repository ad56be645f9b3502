"""Which real irreps occur in tensor products and tensor powers of real irreps."""

import operator

import numpy as np
from numpy.typing import NDArray

from .._memory import require_memory
from .._typing import Integers
from ..errors import IrrepError
from ..groups import Group
from .characters import RealCharacterTable, real_characters

_TOLERANCE = 1e-4


def _table(G: Group | str | RealCharacterTable) -> RealCharacterTable:
    return G if isinstance(G, RealCharacterTable) else real_characters(G)


def _product_with(table: RealCharacterTable, index: int) -> Integers:
    """Multiplicities of irrep j in irrep i (x) the given one, shape (t, t)."""
    measure = table.class_sizes * table.values[index] / table.group.order
    inner = (table.values * measure) @ table.values.T / table.endo_dims
    nearest = np.rint(inner)
    if np.abs(inner - nearest).max() > _TOLERANCE or nearest.min() < 0:
        raise IrrepError(f"A tensor product of irreps of {table.group!r} has no multiplicities")
    multiplicities: Integers = nearest.astype(np.int64)
    return multiplicities


def fusion_multiplicities(
    G: Group | str | RealCharacterTable,
) -> Integers:
    """Return how often each real irrep occurs in the product of two.

    Parameters
    ----------
    G : Group, str or RealCharacterTable
        The table saves computing the characters again.

    Returns
    -------
    ndarray, shape (t, t, t), int64
        ``[i, j, k]`` is the multiplicity of irrep k in the tensor product of irreps i and j.

    Raises
    ------
    MemoryLimitError
        If t^3 numbers take more than the limit; see `wordtensor.memory_limit`.

    Notes
    -----
    The multiplicity is ``<chi_i chi_j, chi_k> / endo_k``.

    Examples
    --------
    >>> fusion_multiplicities("C3")[1, 1].tolist()
    [2, 1]
    """
    table = _table(G)
    count = len(table)
    require_memory(
        8 * count**3,
        f"All {count}^3 multiplicities of {table.group!r}, which has {count} real irreps,",
        "Use constituents_of_power",
    )
    found = np.empty((count, count, count), dtype=np.int64)
    # Row i of _product_with(j) is the product of i and j, so axis 0 holds j; both orders agree.
    for index in range(count):
        found[index] = _product_with(table, index)
    return found


def constituents_of_power(
    G: Group | str | RealCharacterTable, index: int, k: int
) -> frozenset[int]:
    """Return the irreps that occur in the k-th tensor power of an irrep.

    Parameters
    ----------
    G : Group, str or RealCharacterTable
    index : int
        The irrep zeta, an index into ``real_irreps(G)``.
    k : int
        The exponent, at least 0; the power 0 is the trivial irrep.

    Returns
    -------
    frozenset of int

    Raises
    ------
    IrrepError
        If there is no such irrep or k is negative.

    Notes
    -----
    Multiplicities are never negative, so the constituents of zeta^(k+1) are those of the
    products of zeta with the constituents of zeta^k. This is exact, where the multiplicities
    themselves grow like dim^k. The sets repeat in the end, which ends the loop early.

    Examples
    --------
    >>> sorted(constituents_of_power("Q8", 4, 2))
    [0, 1, 2, 3]
    """
    table = _table(G)
    index = table.check_index(index)
    try:
        exponent = operator.index(k)
    except TypeError:
        raise IrrepError(f"The exponent must be an integer; given {k!r}") from None
    if exponent < 0:
        raise IrrepError(
            f"The exponent must be at least 0; given {exponent} "
            "(real irreps are their own duals: use its absolute value)"
        )
    occurs = _product_with(table, index) > 0
    current: NDArray[np.bool_] = np.arange(len(table)) == 0
    steps: list[NDArray[np.bool_]] = []
    first_seen: dict[bytes, int] = {}
    while len(steps) < exponent and current.tobytes() not in first_seen:
        first_seen[current.tobytes()] = len(steps)
        steps.append(current)
        current = np.asarray(occurs[current].any(axis=0))
    if len(steps) < exponent:
        start = first_seen[current.tobytes()]
        current = steps[start + (exponent - start) % (len(steps) - start)]
    return frozenset(np.flatnonzero(current).tolist())
