"""The real Fourier transform of functions on a finite group."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .._typing import Array, unmasked
from ..errors import IrrepError
from ..groups import Group
from ._blas import steady_blas
from .irrep import RealIrrep


def check_order(G: Group, irrep: RealIrrep) -> None:
    """Refuse an irrep of a group of another order."""
    if irrep.order != G.order:
        raise IrrepError(
            f"{irrep!r} is no irrep of {G!r}: the orders differ; give the irreps of this group"
        )


def checked_functions(G: Group, f: ArrayLike) -> Array:
    """Return functions on a group as an array of shape (..., n)."""
    functions = np.asarray(unmasked(f), dtype=np.float64)
    if functions.ndim == 0 or functions.shape[-1] != G.order:
        raise IrrepError(
            f"Functions on {G!r} need the shape (..., {G.order}); given {functions.shape}"
        )
    return functions


def real_fourier(G: Group, f: ArrayLike, irreps: Sequence[RealIrrep]) -> list[Array]:
    """Return the Fourier coefficients of functions on a group.

    Parameters
    ----------
    G : Group
        Of order n.
    f : array_like, shape (..., n)
        Real functions on G.
    irreps : sequence of RealIrrep
        Those wanted; all of ``real_irreps(G)`` for a transform that can be inverted.

    Returns
    -------
    list of ndarray, each of shape (..., dim, dim)
        ``sum_g f(g) phi(g)`` for each irrep phi.

    Raises
    ------
    IrrepError
        If the last axis of f, or an irrep, does not belong to a group of this order.

    Notes
    -----
    Convolution becomes the matrix product, and (Parseval)
    ``sum_g f(g)^2 = sum_phi dim / (n endo_dim) ||F_phi||^2``.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> G = group("C3")
    >>> trivial, plane = real_fourier(G, [1, 2, 5], real_irreps(G))
    >>> float(round(trivial[0, 0], 9)), plane.shape
    (8.0, (2, 2))
    """
    functions = checked_functions(G, f)
    for irrep in irreps:
        check_order(G, irrep)
    with steady_blas(G):
        return [np.tensordot(functions, irrep.matrices, axes=1) for irrep in irreps]


def inverse_real_fourier(
    G: Group, coefficients: Sequence[Array], irreps: Sequence[RealIrrep]
) -> Array:
    """Return the functions with given Fourier coefficients.

    Parameters
    ----------
    G : Group
        Of order n.
    coefficients : sequence of ndarray, each of shape (..., dim, dim)
        As `real_fourier` returns them; batch axes alike.
    irreps : sequence of RealIrrep
        The irreps that they belong to. What others would contribute is left out.

    Returns
    -------
    ndarray, shape (..., n)

    Raises
    ------
    IrrepError
        If the coefficients do not fit the irreps.

    Notes
    -----
    ``f(g) = sum_phi dim / (n endo_dim) tr(phi(g)^T F_phi)``. Types C and H need the division by the
    dimension of the endomorphisms (2 or 4). The factor dim / n alone is right for type R only.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> G = group("C3")
    >>> irreps = real_irreps(G)
    >>> f = inverse_real_fourier(G, real_fourier(G, [1, 2, 5], irreps), irreps)
    >>> np.round(f, 9).tolist()
    [1.0, 2.0, 5.0]
    """
    if len(coefficients) != len(irreps) or not irreps:
        raise IrrepError(
            f"There must be one coefficient array for each irrep; given {len(coefficients)} for "
            f"{len(irreps)} irreps"
        )
    parts = []
    for irrep, matrix in zip(irreps, coefficients, strict=True):
        check_order(G, irrep)
        matrix = np.asarray(matrix, dtype=np.float64)
        if matrix.shape[-2:] != (irrep.dim, irrep.dim):
            raise IrrepError(
                f"Coefficients of {irrep!r} need the shape (..., {irrep.dim}, {irrep.dim}); "
                f"given {matrix.shape}"
            )
        axes = ((-2, -1), (1, 2))
        with steady_blas(G):
            parts.append(irrep.weight * np.tensordot(matrix, irrep.matrices, axes=axes))
    if len({part.shape for part in parts}) > 1:
        raise IrrepError("The coefficients of all irreps must have the same batch axes")
    total: Array = np.sum(parts, axis=0)
    return total
