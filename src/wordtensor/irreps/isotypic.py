"""Isotypic spaces: the functions on a group, irrep by irrep, and their energies there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._memory import require_memory
from .._typing import Array, Value, freeze, freeze_fields, unmasked
from ..groups import Group, group
from .fourier import check_order, checked_functions
from .irrep import RealIrrep
from .real import iter_real_irreps


@dataclass(frozen=True, slots=True, eq=False)
class IsotypicSpaces(Value):
    """An orthonormal basis of functions on a group, isotypic space by isotypic space.

    Attributes
    ----------
    basis : ndarray, shape (n, m), read-only
        Column j is the j-th basis function; m is n where all irreps are there.
    edges : tuple of int
        Columns ``edges[k]`` to ``edges[k + 1]`` span the space of irrep k.

    Examples
    --------
    >>> spaces = isotypic_spaces("S3")
    >>> spaces.dims, spaces[2].shape
    ((1, 1, 4), (6, 4))
    """

    basis: Array
    edges: tuple[int, ...]

    def __post_init__(self) -> None:
        freeze_fields(self, "basis")

    @property
    def dims(self) -> tuple[int, ...]:
        """Dimensions of the spaces."""
        return tuple(int(d) for d in np.diff(self.edges))

    def __getitem__(self, index: int) -> Array:
        """Return the basis of one space, shape (n, dimension) (a view)."""
        return self.basis[:, self.edges[index] : self.edges[index + 1]]

    def energies(self, functions: ArrayLike) -> Array:
        """Return the squared norms of the parts of functions, shape (..., n), in each space."""
        return self.summed(np.square(np.asarray(unmasked(functions)) @ self.basis), -1)

    def summed(self, values: Array, *axes: int) -> Array:
        """Add up what is given by basis functions along these axes, space by space."""
        for axis in axes:
            values = np.add.reduceat(values, self.edges[:-1], axis=axis)
        return values


def isotypic_spaces(G: Group | str, seed: int = 0) -> IsotypicSpaces:
    """Return orthonormal bases of all isotypic spaces of a group, side by side.

    Parameters
    ----------
    G : Group or str
        Of order n.
    seed : int
        Of ``real_irreps(G)``, whose order the spaces have.

    Returns
    -------
    IsotypicSpaces
        Its basis is an orthogonal matrix.

    Examples
    --------
    >>> spaces = isotypic_spaces("Q8")
    >>> bool(np.allclose(spaces.basis.T @ spaces.basis, np.eye(8))), spaces.dims
    (True, (1, 1, 1, 1, 4))
    """
    G = group(G)
    require_memory(8 * G.order**2, f"The isotypic spaces of {G!r}")
    return _side_by_side(G, iter_real_irreps(G, seed), G.order)


def _side_by_side(G: Group, irreps: Iterable[RealIrrep], columns: int) -> IsotypicSpaces:
    basis = np.empty((G.order, columns))
    edges = [0]
    for irrep in irreps:
        edges.append(edges[-1] + irrep.isotypic_dim)
        basis[:, edges[-2] : edges[-1]] = isotypic_basis(G, irrep)
    return IsotypicSpaces(freeze(basis), tuple(edges))


def isotypic_basis(G: Group, irrep: RealIrrep) -> Array:
    """Return an orthonormal basis of the functions spanned by the matrix entries of an irrep.

    Parameters
    ----------
    G : Group
        Of order n.
    irrep : RealIrrep

    Returns
    -------
    ndarray, shape (n, isotypic_dim)
        Columns ``sqrt(dim / n)`` times the coordinates of the entries over R, C or H.

    Raises
    ------
    IrrepError
        If the irrep belongs to a group of another order.

    Notes
    -----
    Schur's orthogonality relations: the dim^2 / endo_dim coordinate functions of the entries
    are orthogonal and each has the squared norm n / dim.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> G = group("Q8")
    >>> B = isotypic_basis(G, real_irreps(G)[4])
    >>> bool(np.allclose(B.T @ B, np.eye(4)))
    True
    """
    check_order(G, irrep)
    entries = irrep.coordinates.reshape(G.order, irrep.isotypic_dim)
    basis: Array = np.sqrt(irrep.dim / G.order) * entries
    return basis


def isotypic_projector(G: Group, irrep: RealIrrep) -> Array:
    """Return the orthogonal projector on the isotypic space of an irrep, shape (n, n).

    Parameters
    ----------
    G : Group
        The group.
    irrep : RealIrrep
        One of its real irreps.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric, and its own square.

    Raises
    ------
    IrrepError
        If the irrep belongs to a group of another order.

    Notes
    -----
    ``P[x, y] = dim / (n endo_dim) chi(x y^-1)``, from the character alone.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> G = group("C3")
    >>> P = isotypic_projector(G, real_irreps(G)[1])
    >>> int(round(np.trace(P)))
    2
    """
    check_order(G, irrep)
    # The table of differences x y^-1 beside it.
    require_memory(12 * G.order**2, f"A projector on functions on {G!r}")
    projector: Array = irrep.weight * irrep.character[G.cayley[:, G.inverse]]
    return projector


def isotypic_energies(G: Group, f: ArrayLike, irreps: Sequence[RealIrrep]) -> Array:
    """Return the squared norms of the projections of functions on the isotypic spaces.

    Parameters
    ----------
    G : Group
        Of order n.
    f : array_like, shape (..., n)
        Real functions on G.
    irreps : sequence of RealIrrep
        Those wanted, K in number.

    Returns
    -------
    ndarray, shape (..., K)
        With all of ``real_irreps(G)`` they add up to ``sum_g f(g)^2``.

    Raises
    ------
    IrrepError
        If the last axis of f, or an irrep, does not belong to a group of this order.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> G = group("S3")
    >>> isotypic_energies(G, [1, 0, 0, 0, 0, 0], real_irreps(G)).round(3).tolist()
    [0.167, 0.167, 0.667]
    """
    functions = checked_functions(G, f)
    columns = sum(irrep.isotypic_dim for irrep in irreps)
    return _side_by_side(G, irreps, columns).energies(functions)
