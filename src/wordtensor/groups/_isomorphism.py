"""Isomorphisms: whether two tables are of one group, and which elements are the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .._typing import Indices, freeze
from ..errors import GroupError
from ._group import Group
from .classes import ConjugacyClasses, conjugacy_classes
from .structure import element_orders, generating_set, power_map

# Products of elements that a search may look up, some seconds.
_WORK: Final = 10**9


def isomorphism(G: Group, H: Group) -> Indices | None:
    """Return an isomorphism from a group to another, if there is one.

    Parameters
    ----------
    G, H : Group
        The groups.

    Returns
    -------
    ndarray, shape (n,), int32, or None
        Entry g is the image in H of element g of G, read-only; None if the groups are not
        isomorphic.

    Raises
    ------
    GroupError
        If neither an isomorphism nor a reason against one was found within 10^9 products.

    Notes
    -----
    The images of a small generating set are chosen one by one, the first up to conjugation, among
    the elements with the same order, number of conjugates and numbers of roots. Each choice is
    extended to the subgroup that is generated so far, and dropped if it is no injective
    homomorphism there.

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> S3, D3, C6 = group("S3"), group("D3"), group("C6")
    >>> isomorphism(S3, D3) is None, isomorphism(S3, C6) is None
    (False, True)
    """
    if G.order != H.order:
        return None
    classes = conjugacy_classes(H)
    kinds, kinds_there = _kinds(G, conjugacy_classes(G)), _kinds(H, classes)
    if sorted(kinds) != sorted(kinds_there):
        return None
    number = {kind: k for k, kind in enumerate(sorted(set(kinds)))}
    here = np.array([number[kind] for kind in kinds])
    there = np.array([number[kind] for kind in kinds_there])
    search = _Search(
        G=G,
        H=H,
        here=here,
        there=there,
        representatives=classes.representatives,
        generators=generating_set(G),
    )
    image = np.full(G.order, -1, dtype=np.int32)
    image[G.identity] = H.identity
    for found in search.extensions(image, np.array([G.identity]), ()):
        return freeze(found)
    return None


def _kinds(G: Group, classes: ConjugacyClasses) -> list[tuple[int, ...]]:
    """Return what an isomorphism keeps of each element."""
    orders = element_orders(G)
    kept: list[NDArray[np.integer]] = [orders, classes.sizes[classes.index]]
    for k in (2, 3):
        powers = power_map(G, k)
        kept += [np.bincount(powers, minlength=G.order), classes.sizes[classes.index[powers]]]
    return [tuple(row) for row in np.stack(kept, axis=1).tolist()]


@dataclass(slots=True)
class _Search:
    """Choices of the images of generators, and what they may still cost."""

    G: Group
    H: Group
    here: NDArray[np.int64]  # the kind of each element of G ...
    there: NDArray[np.int64]  # ... and of H
    representatives: Indices  # of the conjugacy classes of H
    generators: tuple[int, ...]
    left: int = _WORK

    def extensions(
        self, image: Indices, reached: NDArray[np.integer], chosen: tuple[int, ...]
    ) -> Iterator[Indices]:
        """Yield the isomorphisms that go on from an image of the subgroup reached so far."""
        if len(chosen) == len(self.generators):
            yield image
            return
        taken = np.isin(np.arange(self.H.order), image[reached])
        candidates = np.flatnonzero(
            (self.there == self.here[self.generators[len(chosen)]]) & ~taken
        )
        if not chosen:  # an automorphism of H takes its conjugates to it
            candidates = np.intersect1d(candidates, self.representatives)
        for candidate in candidates.tolist():
            found = self._extended(image, reached, (*chosen, candidate))
            if found is not None:
                yield from self.extensions(*found, (*chosen, candidate))

    def _extended(
        self, image: Indices, reached: NDArray[np.integer], chosen: tuple[int, ...]
    ) -> tuple[Indices, NDArray[np.integer]] | None:
        """Extend an image to the subgroup with one more generator; None if that cannot be."""
        image = image.copy()
        sources, targets = list(self.generators[: len(chosen)]), list(chosen)
        # With squares of squares a cyclic subgroup takes few rounds.
        power, there = sources[-1], targets[-1]
        while (power := int(self.G.cayley[power, power])) not in (*sources, self.G.identity):
            there = int(self.H.cayley[there, there])
            sources.append(power)
            targets.append(there)
        count = 0
        while len(reached) > count:
            count = len(reached)
            self._spend(count * len(sources))
            products = self.G.cayley[reached[:, None], sources]
            images = self.H.cayley[image[reached][:, None], targets]
            new = image[products] < 0
            image[products[new]] = images[new]
            if (image[products] != images).any():
                return None
            reached = np.flatnonzero(image >= 0)
        if len(np.unique(image[reached])) < count:
            return None
        return image, reached

    def _spend(self, products: int) -> None:
        self.left -= products
        if self.left < 0:
            raise GroupError(
                f"Whether {self.G.name} and {self.H.name} are isomorphic was not found out within "
                f"{_WORK:.0e} products"
            )
