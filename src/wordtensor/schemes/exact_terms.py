"""The value `ExactTerms`: rank-one terms with rational coefficients, and their exact sum."""

from dataclasses import dataclass
from math import prod

import numpy as np

from .._typing import Integers, frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExactTerms:
    """Rank-one terms with rational coefficients.

    Attributes
    ----------
    U, V, W : ndarray of int64, shapes (n1, R), (n2, R), (n3, R)
        Numerators, read-only.
    denominators : tuple of int
        One for each factor. ``T[i, j, k] = sum_r U[i, r] V[j, r] W[k, r] / (d1 d2 d3)``.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([[1]])
    >>> terms = ExactTerms(one, one, 6 * one, (1, 1, 3))
    >>> terms, terms.equals(2 * one[None]), terms.equals(one[None])
    (ExactTerms(1 terms, denominators=(1, 1, 3)), True, False)
    """

    U: Integers
    V: Integers
    W: Integers
    denominators: tuple[int, int, int] = (1, 1, 1)

    def __post_init__(self) -> None:
        for name in ("U", "V", "W"):
            array = np.asarray(getattr(self, name), dtype=np.int64)
            object.__setattr__(self, name, frozen(array))

    @property
    def rank(self) -> int:
        """Number of terms."""
        return int(self.U.shape[1])

    @property
    def is_integral(self) -> bool:
        """Whether all coefficients are integers."""
        return self.denominators == (1, 1, 1)

    def equals(self, tensor: Integers) -> bool:
        """Tell whether the terms add up to a tensor, shape (n1, n2, n3), exactly."""
        factors = (self.U, self.V, self.W)
        if tensor.shape != tuple(len(factor) for factor in factors):
            return False
        scale = prod(self.denominators)
        sizes = [int(np.abs(factor).max(initial=0)) for factor in factors]
        largest = max(prod(sizes) * self.rank, scale * int(np.abs(tensor).max(initial=0)))
        kind = np.int64 if largest < 2**62 else np.object_  # Python's integers have no limit
        U, V, W = (factor.astype(kind) for factor in factors)
        return all(
            bool(((V * row) @ W.T == scale * level.astype(kind)).all())
            for row, level in zip(U, tensor, strict=True)
        )

    def __repr__(self) -> str:
        return f"ExactTerms({self.rank} terms, denominators={self.denominators})"


def exact_fibres(target: Integers) -> ExactTerms:
    """Write a tensor as the sum of its fibres in the direction that has the fewest."""
    modes = [np.flatnonzero(np.abs(target).sum(axis=mode).ravel()) for mode in range(3)]
    mode = min(range(3), key=lambda m: len(modes[m]))
    fibres = np.moveaxis(target, mode, 2)
    first, second, length = fibres.shape
    places = modes[mode]
    factors = [
        np.eye(first, dtype=np.int64)[:, places // second],
        np.eye(second, dtype=np.int64)[:, places % second],
        fibres.reshape(-1, length)[places].T,
    ]
    factors.insert(mode, factors.pop())
    return ExactTerms(factors[0], factors[1], factors[2])
