"""Conjugacy classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._typing import Indices, Value, freeze_fields
from ._group import Group
from .structure import generating_set


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

    Parameters
    ----------
    G : Group
        The group.

    Returns
    -------
    ConjugacyClasses
        The class of the identity first, the others by their smallest elements.

    Notes
    -----
    The classes are the orbits of g -> s g s^-1 for the s of a generating set: O(n log n) for each
    of its at most log2(n) elements.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> classes = conjugacy_classes(group("S4"))
    >>> len(classes), sorted(classes.sizes.tolist())
    (5, [1, 3, 6, 6, 8])
    """
    least = _smallest_conjugates(G)
    representatives = np.unique(least)
    representatives = np.concatenate(
        [[G.identity], representatives[representatives != G.identity]]
    ).astype(np.int32)
    number = np.empty(G.order, dtype=np.int32)
    number[representatives] = np.arange(len(representatives), dtype=np.int32)
    index = number[least]
    sizes = np.bincount(index, minlength=len(representatives)).astype(np.int64)
    return ConjugacyClasses(index, representatives, sizes, index[G.inverse[representatives]])


def _smallest_conjugates(G: Group) -> Indices:
    """Return for every element the smallest one of its class, (n,)."""
    images = [G.cayley[G.cayley[s], G.inverse[s]] for s in generating_set(G)]
    least = np.arange(G.order, dtype=np.int32)
    while True:
        lower = least.copy()
        for image in images:
            # Both ways along g -> s g s^-1, which is a permutation.
            np.minimum(lower, lower[image], out=lower)
            lower[image] = np.minimum(lower[image], lower)
        lower = lower[lower]  # a jump, so that the rounds are few
        if np.array_equal(lower, least):
            return least
        least = lower
