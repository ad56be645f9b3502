"""Conjugacy classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._typing import Indices, Value, freeze_fields
from ._group import Group


@dataclass(frozen=True, slots=True, eq=False)
class ConjugacyClasses(Value):
    """The conjugacy classes of a group; class 0 is that of the identity.

    Attributes
    ----------
    index : ndarray, shape (n,), int32
        The class of each element.
    representatives : ndarray, shape (k,), int32
        The smallest element of each class.
    sizes : ndarray, shape (k,), int64
        The number of elements of each class.
    inverse : ndarray, shape (k,), int32
        The class of the inverses; classes with ``inverse[c] == c`` are real.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> classes = conjugacy_classes(group("S3"))
    >>> classes.sizes.tolist(), classes.index.tolist()
    ([1, 3, 2], [0, 1, 1, 2, 2, 1])
    """

    index: Indices
    representatives: Indices
    sizes: NDArray[np.int64]
    inverse: Indices

    def __post_init__(self) -> None:
        freeze_fields(self, "index", "representatives", "sizes", "inverse")

    def __len__(self) -> int:
        return len(self.representatives)


def conjugacy_classes(G: Group) -> ConjugacyClasses:
    """Return the conjugacy classes of a group.

    Returns
    -------
    ConjugacyClasses
        The class of the identity first, the others by their smallest elements.

    Notes
    -----
    The class of g is {x g x^-1}, one vectorised pass over x for each class: O(n k).

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> classes = conjugacy_classes(group("S4"))
    >>> len(classes), sorted(classes.sizes.tolist())
    (5, [1, 3, 6, 6, 8])
    """
    index = np.full(G.order, -1, dtype=np.int32)
    representatives: list[int] = []
    for g in (G.identity, *range(G.order)):
        if index[g] < 0:
            index[G.cayley[G.cayley[:, g], G.inverse]] = len(representatives)
            representatives.append(g)
    chosen = np.array(representatives, dtype=np.int32)
    sizes = np.bincount(index, minlength=len(chosen)).astype(np.int64)
    return ConjugacyClasses(index, chosen, sizes, index[G.inverse[chosen]])
