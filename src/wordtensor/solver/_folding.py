"""Steps that keep symmetric starts symmetric: rounding errors would grow otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._typing import Booleans, Inexact, Sizes
from ..errors import DecompositionError
from ._arrays import Stacked, like, modes, namespace, to_numpy

# Orthogonal (or unitary) matrices (x, x), (y, y), (z, z); a fourth entry, if there is one, says
# from which mode each mode's factor comes before they are applied.
Symmetry = tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Folding:
    """How the elements of a group, g of them, exchange the terms of B starts."""

    sizes: Sizes
    matrices: Any  # shape (g, N, N)
    exchanges: Any  # shape (B, g, 3, R, R): signed permutations of each mode
    held: Booleans  # shape (B,): whether the start is symmetric at all

    def take(self, places: Any) -> "Folding":
        """Keep some of the starts."""
        return Folding(
            self.sizes, self.matrices, self.exchanges[places], self.held[to_numpy(places)]
        )

    def average(self, steps: Stacked) -> Stacked:
        """Average the steps of symmetric starts over the group."""
        xp, (count, size, rank) = namespace(steps), steps.shape
        moved = self.matrices[None] @ steps[:, None]
        parts = modes(moved.reshape(-1, size, rank), self.sizes)
        shape = (count, len(self.matrices))
        mixed = [
            (part.reshape(*shape, -1, rank) @ self.exchanges[:, :, m]).sum(axis=1) / shape[1]
            for m, part in enumerate(parts)
        ]
        held = like(self.held, steps)[:, None, None]
        return xp.where(held, xp.concatenate(mixed, axis=1), steps)


def fold(stacked: Inexact, sizes: Sizes, symmetries: Sequence[Symmetry]) -> Folding:
    """Find out how symmetries exchange the terms of stacked starts, shape (B, N, R)."""
    matrices = np.stack([stacked_matrix(sizes, symmetry) for symmetry in symmetries])
    parts = [part / np.linalg.norm(part, axis=1)[:, None] for part in modes(stacked, sizes)]
    unit = np.concatenate(parts, axis=1)
    images = modes((matrices[None] @ unit[:, None]).reshape(-1, *unit.shape[1:]), sizes)
    shape = (len(stacked), len(matrices), -1, stacked.shape[-1])
    overlaps = np.stack(
        [
            image.reshape(shape).conj().swapaxes(-1, -2) @ part[:, None]
            for image, part in zip(images, parts, strict=True)
        ],
        axis=2,
    )
    equal = np.abs(np.prod(overlaps, axis=2) - 1.0) < 1e-6
    held = (equal.sum(axis=-1) == 1).all(axis=(1, 2)) & (equal.sum(axis=-2) == 1).all(axis=(1, 2))
    return Folding(sizes, matrices, overlaps * equal[:, :, None], held)


def stacked_matrix(shape: Sizes, symmetry: Symmetry) -> Inexact:
    """Return the orthogonal matrix by which a symmetry acts on stacked factors."""
    parts, order = symmetry[:3], symmetry[3] if len(symmetry) > 3 else (0, 1, 2)
    ends = np.cumsum((0, *shape))
    kind = np.result_type(float, *parts)
    matrix: Inexact = np.zeros((ends[3], ends[3]), dtype=kind)
    for m, (part, source) in enumerate(zip(parts, order, strict=True)):
        size = shape[m]
        if np.shape(part) != (size, size) or shape[source] != size:
            raise DecompositionError(
                f"Argument 'symmetries' must have matrices of shapes {[(n, n) for n in shape]}, "
                f"and exchange only modes of equal length, not {[np.shape(p) for p in parts]}"
            )
        matrix[ends[m] : ends[m + 1], ends[source] : ends[source + 1]] = part
    if not np.allclose(matrix @ matrix.conj().T, np.eye(len(matrix)), atol=1e-8):
        raise DecompositionError(
            "Argument 'symmetries' must have orthogonal matrices; change the tensor's basis first"
        )
    return matrix
