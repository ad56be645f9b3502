"""What a batch of walks is given, and what it leads to: `Walkers` and `Ends`."""

from dataclasses import dataclass

import numpy as np

from ..._typing import Integers, frozen
from ...errors import SchemeError
from ._packed import PackedTerms


@dataclass(frozen=True, slots=True, eq=False)
class Walkers:
    """Where walks start and how each of them goes; arrays have an entry for each walker."""

    starts: tuple[PackedTerms, ...]  # in one ring
    which: Integers  # the place of a walker's start among them
    steps: Integers
    plus_after: Integers
    margin: Integers
    target: Integers
    seeds: Integers

    def __post_init__(self) -> None:
        lengths = {}
        for name in ("which", "steps", "plus_after", "margin", "target", "seeds"):
            array = np.asarray(getattr(self, name), dtype=np.int64)
            object.__setattr__(self, name, frozen(array))
            lengths[name] = len(array)
        if len(set(lengths.values())) > 1:
            raise SchemeError(
                f"There are {lengths.pop('which')} starts, but {list(lengths.values())} values of "
                f"{', '.join(lengths)}; give one for each start"
            )
        if len({start.ring for start in self.starts}) > 1:
            raise SchemeError("The walks of one call must all be in the same ring")

    def __len__(self) -> int:
        return len(self.which)


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """What is worth knowing of many walks."""

    terms: tuple[PackedTerms, ...]  # the shortest of some walkers, in their order
    flips: Integers  # of each walker
