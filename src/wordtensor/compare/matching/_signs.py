"""Signs of factors that make two balanced schemes look alike: linear equations modulo 2."""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from ..._typing import Array, RealFactors

Equation = tuple[tuple[int, int], bool]


def relative_signs(left: RealFactors, right: RealFactors, silence: float = 1e-2) -> Array:
    """Return signs (3, R) with which the left terms get the right ones' inner products."""
    # Wanted: <U'_r, U'_s> = alpha_r alpha_s <U_r, U_s>, and the same for V and W. Signs are bits;
    # the strongest equations of each of the three come first, and what contradicts them is left
    # out. What the equations leave open is a symmetry of the scheme.
    count = len(left[0])
    equations: list[Equation] = []
    for mode, (F, H) in enumerate(zip(left, right, strict=True)):
        flat, other = F.reshape(count, -1), H.reshape(count, -1)
        equations += _equations(flat @ flat.T, other @ other.T, mode * count, silence)
    bits = _solved(((_mask(places, count), odd) for places, odd in equations))
    signs = np.array([1.0 - 2.0 * ((bits >> k) & 1) for k in range(2 * count)]).reshape(2, count)
    result: Array = np.vstack([signs, signs[:1] * signs[1:]])
    return result


def _mask(places: tuple[int, int], count: int) -> int:
    """Write a product of signs as a sum of bits; gamma is alpha times beta."""
    mask = 0
    for place in places:
        mask ^= 1 << place if place < 2 * count else (1 << place - count) ^ (1 << place - 2 * count)
    return mask


def _equations(left: Array, right: Array, offset: int, silence: float) -> list[Equation]:
    """Return equations along a spanning forest of the strongest inner products."""
    strength = np.minimum(np.abs(left), np.abs(right))
    strength[strength < silence * strength.max()] = 0.0
    forest = minimum_spanning_tree(csr_matrix(-np.triu(strength, 1))).tocoo()
    order = np.argsort(forest.data, kind="stable")
    pairs = zip(forest.row[order].tolist(), forest.col[order].tolist(), strict=True)
    return [((offset + r, offset + s), bool(left[r, s] * right[r, s] < 0)) for r, s in pairs]


def _solved(equations: Iterator[tuple[int, bool]]) -> int:
    """Solve equations modulo 2 in their order, without those that contradict earlier ones."""
    pivots: dict[int, int] = {}
    for mask, odd in equations:
        row = mask << 1 | odd  # the right-hand side is the last bit
        while row > 1:
            top = row.bit_length() - 1
            if top not in pivots:
                pivots[top] = row
                break
            row ^= pivots[top]
    solution = 0
    for top in sorted(pivots):  # lower unknowns are settled first
        row = pivots[top]
        parity = (row & (solution << 1)).bit_count() + (row & 1)
        solution |= (parity & 1) << (top - 1)
    return solution
