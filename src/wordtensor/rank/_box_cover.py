"""Box covers (Shutman, Louidor, Tessler 2025): cover the support by pairs of irreps."""

from dataclasses import dataclass

import numpy as np

from .._typing import Triplet
from ..errors import DecompositionError
from ..groups import Group
from ..irreps import isotypic_spaces
from ..words import Word, word_tensor
from ._support import FourierTensor, fourier_tensor
from .block import Block

# Modes that a pair fixes, and the mode that is left free.
_PAIRS = ((0, 1), (0, 2), (1, 2))


@dataclass(frozen=True, slots=True)
class BoxCover:
    """Pairs of irreps that cover a support, and the rank that this costs.

    Attributes
    ----------
    rank : int
        Sum over the pairs of the product of the two isotypic dimensions.
    pairs : tuple of (mode, mode, irrep, irrep)
        The chosen pairs: modes 0, 1, 2 are a, b, c.

    Examples
    --------
    >>> cover = box_cover(frozenset({(0, 0, 0), (0, 1, 1)}), (1, 4))
    >>> cover.rank, len(cover.pairs)
    (5, 2)
    """

    rank: int
    pairs: tuple[tuple[int, int, int, int], ...]


def box_cover(triplets: frozenset[Triplet], dims: tuple[int, ...]) -> BoxCover:
    """Choose the cheapest pairs such that every triplet contains one of them.

    Parameters
    ----------
    triplets : frozenset of (int, int, int)
        The support.
    dims : tuple of int
        Isotypic dimensions of the irreps.

    Returns
    -------
    BoxCover
        Optimal, by integer programming.

    Raises
    ------
    DecompositionError
        If the integer programme cannot be solved.

    Examples
    --------
    >>> box_cover(frozenset({(0, 0, 0), (1, 1, 1), (2, 2, 2)}), (1, 1, 4)).rank
    18
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    ordered = sorted(triplets)
    pairs: dict[tuple[int, int, int, int], int] = {}
    rows, columns = [], []
    for row, triplet in enumerate(ordered):
        for first, second in _PAIRS:
            key = (first, second, triplet[first], triplet[second])
            rows.append(row)
            columns.append(pairs.setdefault(key, len(pairs)))
    cost = np.array([dims[i] * dims[j] for _, _, i, j in pairs], dtype=float)
    # SciPy 1.13 takes indices of 32 bits only.
    places = (np.array(rows, np.int32), np.array(columns, np.int32))
    covers = coo_array((np.ones(len(rows)), places), (len(ordered), len(pairs)))
    result = milp(
        cost,
        constraints=LinearConstraint(covers.tocsr(), lb=1.0),
        integrality=np.ones(len(pairs)),
        bounds=Bounds(0, 1),
    )
    if result.x is None:
        raise DecompositionError(f"The box cover's integer programme failed: {result.message}")
    chosen = tuple(key for key, value in zip(pairs, result.x, strict=True) if value > 0.5)
    return BoxCover(sum(dims[i] * dims[j] for _, _, i, j in chosen), chosen)


def box_rank(w: Word | str, G: Group | str, seed: int = 0) -> int:
    """Return the box rank of a word: the cost of the cheapest cover of its support by boxes.

    Parameters
    ----------
    w : Word or str
        The word.
    G : Group or str
        The group.
    seed : int
        For the irreps.

    Returns
    -------
    int
        An upper bound on the tensor rank, usually far above what `decompose` finds.

    References
    ----------
    Shutman, Louidor, Tessler, Learning words in groups (2025), eq. (33) and Fig. 7.

    Examples
    --------
    >>> box_rank("a*b*a", "D8")
    52
    """
    tensor = word_tensor(w, G)
    fourier = fourier_tensor(tensor, isotypic_spaces(tensor.group, seed))
    return box_cover(fourier.support(), fourier.spaces.dims).rank


def box_blocks(fourier: FourierTensor) -> tuple[Block, ...]:
    """Cut a word tensor into the parts of its cheapest box cover, a block for each pair."""
    triplets = fourier.support()
    left = set(triplets)
    blocks = []
    for first, second, i, j in box_cover(triplets, fourier.spaces.dims).pairs:
        free = 3 - first - second
        mine = sorted(t for t in left if t[first] == i and t[second] == j)
        if not mine:
            continue
        left.difference_update(mine)
        spaces = {first: fourier.spaces[i], second: fourier.spaces[j]}
        spaces[free] = np.concatenate([fourier.spaces[t[free]] for t in mine], axis=1)
        tensor = np.concatenate([fourier.part(t) for t in mine], axis=free)
        x, y, z = tensor.shape
        maps = (spaces[0].copy(), spaces[1].copy(), spaces[2].copy())
        blocks.append(Block("slices", (x, y, z), maps, np.array(tensor), summand=False))
    return tuple(blocks)
