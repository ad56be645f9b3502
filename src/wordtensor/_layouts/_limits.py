"""How large a file of weights may be, and how it says which group it is of."""

from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_SMALL: Final = 2**28
_RATIO: Final = 64


def largest(packed: int) -> int:
    """Return how many bytes an archive of weights may unpack to: they do not pack well."""
    return max(_SMALL, _RATIO * packed)


def table_digest(cayley: NDArray[np.integer[Any]]) -> str:
    """Return a checksum of a Cayley table: what a net's file says of the group, name apart."""
    return sha256(cayley.astype("<i4").tobytes()).hexdigest()[:16]
