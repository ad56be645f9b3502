"""How like the logits are to the characters of the word's value."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._typing import Array, unmasked
from ..errors import ComparisonError
from ..groups import Group
from ..irreps import RealIrrep, real_irreps
from ..words import WordTensor
from ._forward import row_blocks
from ._network import network_for


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
    ComparisonError
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
    cube = np.asarray(unmasked(logits))
    table = np.asarray(unmasked(values))
    n = G.order
    if cube.shape != (n, n, n) or table.shape != (n, n):
        raise ComparisonError(
            f"Logits and values must have the shapes {(n, n, n)} and {(n, n)} for {G!r}, not "
            f"{cube.shape} and {table.shape}"
        )
    sums, square = np.zeros(n), 0.0
    for a in range(n):
        more, energy = quotient_sums(G, cube[a], table[a])
        sums += more
        square += energy
    return character_cosines(sums, square, irreps)


def quotient_sums(G: Group, logits: ArrayLike, values: ArrayLike) -> tuple[Array, float]:
    """Sum centred logits (..., n) over each z = c^-1 w(a, b), shape (n,), and their squares."""
    rows = np.asarray(unmasked(logits), dtype=np.float64).reshape(-1, G.order)
    centred = rows - rows.mean(axis=1, keepdims=True)
    quotients = G.cayley[G.inverse]  # [c, w] -> c^-1 w
    places = quotients[:, np.asarray(unmasked(values)).reshape(-1)].T
    sums = np.bincount(places.ravel(), weights=centred.ravel(), minlength=G.order)
    return sums.astype(np.float64), float(np.vdot(centred, centred))


def character_cosines(sums: ArrayLike, square: float, irreps: Sequence[RealIrrep]) -> Array:
    """Return the cosines between logits and characters, (K,), from what `quotient_sums` gave."""
    # The sum of squares of ``chi(w(a, b) c^-1)`` over all a, b, c is n^2 ||chi||^2 for every word.
    characters = np.stack([phi.character for phi in irreps])
    norms = characters.shape[1] * np.linalg.norm(characters, axis=1) * np.sqrt(square)
    cosines: Array = (characters @ np.asarray(unmasked(sums))) / np.where(norms > 0, norms, 1.0)
    return cosines


def by_heart_cosines(irreps: Sequence[RealIrrep], share: float) -> Array:
    """Return the cosines, (K,), of logits that know the answers to a share of pairs only."""
    order = irreps[0].character.size
    cosines = [
        phi.dim * np.sqrt(share / (phi.endo_dim * (order - 1))) if k else 0.0
        for k, phi in enumerate(irreps)
    ]
    return np.array(cosines)


def net_similarity(net: Any, T: WordTensor, activation: str | None = None) -> Array:
    """Return the logit similarity with every real irrep, shape (K,), some rows at a time."""
    net = network_for(net, T, activation)
    sums, square = np.zeros(T.order), 0.0
    for rows in row_blocks(net):
        more, energy = quotient_sums(T.group, net.logits(rows), T.table[rows])
        sums += more
        square += energy
    return character_cosines(sums, square, real_irreps(T.group))
