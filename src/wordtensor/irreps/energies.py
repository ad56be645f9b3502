"""How functions, and tables of logits, are spread over the irreps of a group."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .._typing import Array
from ..errors import IrrepError
from ..groups import Group
from .fourier import checked_functions, isotypic_basis
from .irrep import RealIrrep

__all__ = ["character_cosines", "character_similarity", "isotypic_energies", "quotient_sums"]


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
    parts = [np.square(functions @ isotypic_basis(G, phi)).sum(-1) for phi in irreps]
    energies: Array = np.stack(parts, axis=-1)
    return energies


def character_similarity(
    G: Group, logits: ArrayLike, values: ArrayLike, irreps: Sequence[RealIrrep]
) -> Array:
    """Return the cosines between logits and the characters ``chi(w(a, b) c^-1)``.

    Parameters
    ----------
    G : Group
        Of order n.
    logits : array_like, shape (n, n, n)
        A network's output c for every pair (a, b).
    values : array_like of int, shape (n, n)
        The table of w(a, b); ``G.cayley`` for the product.
    irreps : sequence of RealIrrep
        Those wanted, K in number.

    Returns
    -------
    ndarray, shape (K,)

    Raises
    ------
    IrrepError
        If the shapes do not fit the group.

    Notes
    -----
    The logits are centred over c first, the characters are not: this is the "logit similarity" of
    Chughtai et al. As it depends on a, b, c through z = w(a, b) c^-1 only, the logits are first
    summed over the n^2 places of each z.

    References
    ----------
    Chughtai, Chan, Nanda (2023), arXiv:2302.03025, section 5.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> from wordtensor.irreps import real_irreps
    >>> G = group("C3")
    >>> logits = np.eye(3)[G.cayley]
    >>> character_similarity(G, logits, G.cayley, real_irreps(G)).round(6).tolist()
    [0.0, 1.0]
    """
    cube = np.asarray(logits)
    table = np.asarray(values)
    n = G.order
    if cube.shape != (n, n, n) or table.shape != (n, n):
        raise IrrepError(
            f"logits and values must have shapes {(n, n, n)} and {(n, n)} for {G!r}; given "
            f"{cube.shape} and {table.shape}"
        )
    sums, square = np.zeros(n), 0.0
    for a in range(n):
        more, energy = quotient_sums(G, cube[a], table[a])
        sums += more
        square += energy
    return character_cosines(sums, square, irreps)


def quotient_sums(G: Group, logits: ArrayLike, values: ArrayLike) -> tuple[Array, float]:
    """Sum centred logits of some pairs over the places of each ``z = c^-1 w(a, b)``."""
    rows = np.asarray(logits, dtype=np.float64).reshape(-1, G.order)
    centred = rows - rows.mean(axis=1, keepdims=True)
    quotients = G.cayley[G.inverse]  # [c, w] -> c^-1 w
    places = quotients[:, np.asarray(values).reshape(-1)].T
    sums = np.bincount(places.ravel(), weights=centred.ravel(), minlength=G.order)
    return sums.astype(np.float64), float(np.vdot(centred, centred))


def character_cosines(sums: ArrayLike, square: float, irreps: Sequence[RealIrrep]) -> Array:
    """Return the cosines between logits and characters from what `quotient_sums` gave."""
    # The sum of squares of ``chi(w(a, b) c^-1)`` over all a, b, c is n^2 ||chi||^2 for every word.
    characters = np.stack([phi.character for phi in irreps])
    norms = characters.shape[1] * np.linalg.norm(characters, axis=1) * np.sqrt(square)
    cosines: Array = (characters @ np.asarray(sums)) / np.where(norms > 0, norms, 1.0)
    return cosines
