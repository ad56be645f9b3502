"""Which boxes of irreps the neurons of a net occupy, and how they cover the word's support."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._typing import Triplet
from ..errors import ComparisonError
from ..rank import box_cover
from ._spectrum import Spectrum

Box = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class BoxUse:
    """The boxes of a net beside the cheapest box cover.

    Attributes
    ----------
    boxes : tuple of (Box, int)
        Sets of irreps (of a, of b, of c) and the number of active neurons that occupy them, most
        numerous first.
    missing : tuple of triplet
        Triplets of the word's support that no box contains.
    extra : int
        Number of triplets outside of the support that boxes contain.
    width : int
        Number of active neurons: what the net pays for its cover.
    cost : int
        What its distinct boxes would cost as box covers do: the sum of min(pq, pr, qr) with p, q, r
        the dimensions of their sides.
    minimal_cost : int
        Of the cheapest cover of the support (the box rank).

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> c = wt.compare.compare(d.factors, "a*b", "S3", decomposition=d)
    >>> c.boxes.covers, c.boxes.width, c.boxes.cost, c.boxes.minimal_cost
    (True, 9, 18, 18)
    """

    boxes: tuple[tuple[Box, int], ...]
    missing: tuple[Triplet, ...]
    extra: int
    width: int
    cost: int
    minimal_cost: int

    @property
    def covers(self) -> bool:
        """Whether every triplet of the support lies in some box."""
        return not self.missing

    def conclusion(self) -> str:
        """Say in sentences how the boxes cover the support, and at what price."""
        count = len(self.boxes)
        held = "all" if self.covers else f"all but {len(self.missing)}"
        return (
            f"The {self.width} active neurons occupy {count} kind{'s' * (count != 1)} of boxes (a "
            "box is a set of irreps for each of a, b and c), which together hold "
            f"{held} of the triplets that the word needs. The published method of box covers would "
            f"spend {self.cost} multiplying neurons on these boxes, and {self.minimal_cost} on the "
            "cheapest boxes that hold all of the triplets; "
            "its numbers can be compared with those of a network only if its neurons multiply and "
            "its logits are the word tensor."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON-able values."""
        return {
            "boxes": len(self.boxes),
            "covers_support": self.covers,
            "missing": [list(t) for t in self.missing],
            "extra": self.extra,
            "width": self.width,
            "cost": self.cost,
            "minimal_cost": self.minimal_cost,
        }


def box_use(s: Spectrum, support: Iterable[Triplet], dims: tuple[int, ...]) -> BoxUse:
    """Say which boxes the active neurons occupy.

    Parameters
    ----------
    s : Spectrum
        Of the net. An irrep belongs to a side of a neuron's box if it is among the fewest that
        hold more than ``s.threshold`` of the energy there. Where neurons have parts that depend on
        one input alone, the trivial irrep is left out, as in the spectrum's triplets.
    support : iterable of triplet
        Of the word.
    dims : tuple of int
        Isotypic dimensions of the irreps.

    Returns
    -------
    BoxUse

    Raises
    ------
    ComparisonError
        If support or dimensions are not of the spectrum's irreps.

    References
    ----------
    Shutman, Louidor, Tessler (2025), arXiv:2509.06931, eqs. (33), (39) and (40).

    Examples
    --------
    >>> import wordtensor as wt
    >>> s = wt.compare.spectrum(wt.decompose("a*b", "S3").factors, "a*b", "S3")
    >>> found = box_use(s, wt.support("a*b", "S3"), (1, 1, 4))
    >>> found.covers, found.width, found.minimal_cost
    (True, 9, 18)
    """
    wanted = frozenset(support)
    count = len(s.irreps)
    if len(dims) != count or any(not 0 <= k < count for triplet in wanted for k in triplet):
        raise ComparisonError(
            f"The spectrum has {count} irreps; give as many dimensions, and triplets of 0 to "
            f"{count - 1}"
        )
    first = int(s.alone.any())  # the least irrep that counts
    sides = [_fewest(mode[s.active], s.threshold, first) for mode in (s.left, s.right, s.out)]
    counted = Counter(zip(*sides, strict=True))
    held: set[Triplet] = set()
    for box in counted:
        held.update((i, j, k) for i in box[0] for j in box[1] for k in box[2])
    return BoxUse(
        boxes=tuple(counted.most_common()),
        missing=tuple(sorted(t for t in wanted - held if min(t) >= first)),
        extra=len(held - wanted),
        width=s.width,
        cost=sum(_cost(box, dims) for box in counted),
        minimal_cost=box_cover(wanted, dims).rank if wanted else 0,
    )


def _fewest(energy: NDArray[np.float64], threshold: float, first: int) -> list[tuple[int, ...]]:
    """Return the fewest irreps with more than the threshold of each row's energy, ascending."""
    counted = energy[:, first:]
    order = np.argsort(-counted, axis=1)
    reached = np.cumsum(np.take_along_axis(counted, order, axis=1), axis=1)
    numbers = (reached <= threshold * reached[:, -1:]).sum(1) + 1
    return [
        tuple(sorted((row[:number] + first).tolist()))
        for row, number in zip(order, numbers, strict=True)
    ]


def _cost(box: Box, dims: tuple[int, ...]) -> int:
    p, q, r = (sum(dims[k] for k in side) for side in box)
    return min(p * q, p * r, q * r)
