"""Finite fields: addition and multiplication as tables."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._parameters import prime_power_parameter


@dataclass(frozen=True, slots=True)
class Field:
    """The field of q = p^k elements: number i has the digits of i to base p as coordinates."""

    q: int
    add: NDArray[np.int64]  # (q, q)
    multiply: NDArray[np.int64]  # (q, q)
    powers: tuple[int, ...]  # of the generator a of the units, 1 first

    @property
    def root(self) -> int:
        """The generator of the units."""
        return self.powers[1 % len(self.powers)]

    def inverse(self, element: int) -> int:
        """Return the inverse of a unit."""
        return self.powers[-self.powers.index(element) % len(self.powers)]

    def product(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
        """Multiply a 2 x 2 matrix with a batch of them, (m, 2, 2)."""
        parts = [self.multiply[left[:, k, None], right[:, k, None, :]] for k in range(2)]
        return self.add[parts[0], parts[1]]

    def name(self, element: int) -> str:
        """Write an element: a number in a prime field, else a power of a."""
        if element < 2 or self.is_prime:
            return str(element)
        power = self.powers.index(element)
        return "a" if power == 1 else f"a^{power}"

    @property
    def is_prime(self) -> bool:
        """Whether the elements are the numbers modulo q."""
        return bool(self.add[-1, 1] == 0)


def field(q: int, what: str) -> Field:
    """Return the field of q elements, or raise GroupError if there is none."""
    p, k = prime_power_parameter(q, what)
    digits = np.arange(q)[:, None] // p ** np.arange(k) % p
    weights = p ** np.arange(k)
    add = (digits[:, None] + digits[None]) % p @ weights
    # The first polynomial x^k = c such that x has all units as powers.
    powers = next(found for c in range(1, q) if len(found := _powers(p, k, c)) == q - 1)
    multiply = np.zeros((q, q), dtype=np.int64)
    doubled = np.array(powers * 2)
    for exponent, element in enumerate(powers):
        multiply[element, powers] = doubled[exponent : exponent + q - 1]
    return Field(q, add, multiply, powers)


def _powers(p: int, k: int, c: int) -> tuple[int, ...]:
    """Return the powers of x, where x^k has the digits of c, before the next that is 1."""
    low = [c // p**i % p for i in range(k)]
    found, element = [1], 1
    while True:
        digits = [element // p**i % p for i in range(k)]
        shifted = [0, *digits[:-1]]
        turned = [(s + digits[-1] * d) % p for s, d in zip(shifted, low, strict=True)]
        element = sum(digit * p**i for i, digit in enumerate(turned))
        if element in (0, 1) or len(found) > p**k:
            return tuple(found)
        found.append(element)
