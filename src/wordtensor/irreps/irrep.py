"""The value that describes one real irrep."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from .._shown import Table, facts, shown
from .._typing import Array, Value, freeze, freeze_fields
from .characters import ENDO_DIM, IrrepType
from .division import from_blocks

# What commutes with the matrices of an irrep, by its type.
_COMMUTANTS: Final = MappingProxyType(
    {"R": "multiples of 1", "C": "complex numbers", "H": "quaternions"}
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RealIrrep(Value):
    """One irreducible real orthogonal representation of a group of order n.

    Attributes
    ----------
    index : int
        Its place in ``real_irreps(G)``; 0 is the trivial irrep.
    label : str
        Dimension, type, and a letter where several irreps share both: "3Ra", "2C", "4H".
    dim : int
        The real dimension.
    type : {"R", "C", "H"}
        Frobenius-Schur type: what the endomorphisms are. "C" is a real irrep of complex type,
        the sum of a complex irrep of dimension ``dim / 2`` and its conjugate; "H" is twice a
        complex irrep of dimension ``dim / 2``.
    character : ndarray, shape (n,)
        Traces of the matrices; read-only.
    matrices : ndarray, shape (n, dim, dim)
        Orthogonal matrices with ``matrices[g] @ matrices[h] = matrices[cayley[g, h]]``, made of
        the blocks of `to_blocks`; read-only.

    Notes
    -----
    The irreps together write multiplication as a sum over phi, with ``phi.weight`` =
    dim / (n endo_dim)::

        [c = ab] = sum_phi phi.weight tr(phi(a) phi(b) phi(c)^T)

    Examples
    --------
    >>> import numpy as np
    >>> from wordtensor.irreps import real_irreps
    >>> phi = real_irreps("S3")[2]
    >>> phi, phi.type, phi.matrices.shape
    (RealIrrep('2R', index=2, order=6), 'R', (6, 2, 2))
    >>> np.rint(phi.character).astype(int).tolist()
    [2, 0, 0, -1, -1, 0]
    """

    index: int
    label: str
    dim: int
    type: IrrepType
    character: Array
    matrices: Array

    def __post_init__(self) -> None:
        freeze_fields(self, "character", "matrices")

    def __repr__(self) -> str:
        return f"RealIrrep({self.label!r}, index={self.index}, order={self.order})"

    def __str__(self) -> str:
        return self.label

    def _repr_html_(self) -> str:
        figures = facts(
            [
                ("real dimension", self.dim),
                ("type", f"{self.type}: {_COMMUTANTS[self.type]} commute with it"),
                ("multiplicity in the regular representation", self.multiplicity),
                ("isotypic dimension", self.isotypic_dim),
            ]
        )
        values, counts = np.unique(self.character.round(6) + 0.0, return_counts=True)
        rows = [[f"{v:.6g}", int(k)] for v, k in zip(values, counts, strict=True)]
        title = f"Irrep {self.label} of a group of order {self.order}"
        return shown([title, figures, Table(["trace", "elements that have it"], rows[::-1])])

    @property
    def order(self) -> int:
        """Order n of the group."""
        return len(self.character)

    @property
    def endo_dim(self) -> int:
        """Dimension of the endomorphism algebra: 1 (R), 2 (C) or 4 (H)."""
        return ENDO_DIM[self.type]

    @property
    def multiplicity(self) -> int:
        """How often the irrep occurs in the regular representation: ``dim / endo_dim``."""
        return self.dim // self.endo_dim

    @property
    def isotypic_dim(self) -> int:
        """Dimension ``dim^2 / endo_dim`` of the isotypic space, the span of matrix entries."""
        return self.dim * self.dim // self.endo_dim

    @property
    def weight(self) -> float:
        """Weight ``dim / (n endo_dim)`` in Fourier inversion and in Parseval's identity."""
        return self.dim / (self.order * self.endo_dim)

    @property
    def coordinates(self) -> Array:
        """Entries over R, C or H, shape (n, m, m, endo_dim) with m = dim / endo_dim.

        ``to_blocks(phi.coordinates)`` is ``phi.matrices``.
        """
        return freeze(from_blocks(self.matrices, self.endo_dim))
