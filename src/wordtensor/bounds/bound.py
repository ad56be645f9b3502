"""The value `Bound`: a number that the rank is not below, why, and what proves it again."""

from dataclasses import dataclass, field
from typing import Any

from .flattenings import Flattening
from .loci import LocusBound


@dataclass(frozen=True, slots=True, order=True)
class Bound:
    """A proved lower bound.

    Attributes
    ----------
    value : int
        The rank is at least this.
    reason : str
        Which theorem, with its source.
    data : Flattening, LocusBound or None
        What anybody can compute the bound again from, besides the tensor; None where the reason
        says it all, or where a theorem has to be believed.

    Examples
    --------
    >>> from wordtensor.bounds import product_bound
    >>> product_bound(2, 2, 2)
    Bound(value=7, reason='R(<2,2,2>) = 7, Winograd 1971', data=None)
    """

    value: int
    reason: str
    data: Flattening | LocusBound | None = field(default=None, compare=False)

    @classmethod
    def of(cls, data: Flattening | LocusBound) -> "Bound":
        """Return the bound that such data prove."""
        return cls(data.bound, data.reason, data)

    def to_dict(self) -> dict[str, Any]:
        """Return the bound as JSON-able values."""
        data = None if self.data is None else self.data.to_dict()
        return {"value": self.value, "reason": self.reason, "data": data}
