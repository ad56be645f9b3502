"""The rank of an integer matrix modulo one large prime: never more than its rank over Q."""

from typing import Final

import numpy as np

from .._typing import Array, Integers

# The largest prime below 2^23: products of two residues, 64 of them added, are exact in float64.
PRIME: Final = 8_388_593
_BLOCK: Final = 64


def rank_modulo(matrix: Integers, prime: int = PRIME) -> int:
    """Return the rank of an integer matrix modulo a prime below 2^23, which bounds that over Q."""
    left = np.ascontiguousarray(matrix % prime, dtype=np.float64)
    if left.shape[0] < left.shape[1]:
        left = left.T.copy()
    rank = 0
    for start in range(0, left.shape[1], _BLOCK):
        width = min(_BLOCK, left.shape[1] - start)
        order, factors, found = _eliminated(left[rank:, start : start + width], prime)
        rest = left[rank:, start + width :][order]
        _reduce(rest, factors, found, prime)
        left[rank:, start + width :] = rest
        rank += found
        if rank == left.shape[0]:
            break
    return rank


def _eliminated(given: Array, prime: int) -> tuple[Integers, Array, int]:
    """Eliminate a few columns; return the order of rows, their multipliers, and the rank."""
    panel = given.copy()
    rows, width = panel.shape
    order = np.arange(rows)
    factors = np.zeros((rows, width))
    rank = 0
    for column in range(width):
        places = np.flatnonzero(panel[rank:, column])
        if not places.size:
            continue
        pair, turned = [rank, rank + places[0]], [rank + places[0], rank]
        for array in (panel, order, factors):
            array[pair] = array[turned]
        inverse = pow(int(panel[rank, column]), -1, prime)
        multiples = panel[rank + 1 :, column] * inverse % prime
        factors[rank + 1 :, rank] = multiples
        below = panel[rank + 1 :, column:]
        below -= np.outer(multiples, panel[rank, column:]) % prime
        below %= prime
        rank += 1
    return order, factors, rank


def _reduce(rest: Array, factors: Array, rank: int, prime: int) -> None:
    """Do to other columns what was done to the first ones, in place."""
    for row in range(1, rank):
        rest[row] = (rest[row] - factors[row, :row] @ rest[:row]) % prime
    rest[rank:] = (rest[rank:] - factors[rank:, :rank] @ rest[:rank]) % prime


def is_prime(number: object) -> bool:
    """Say whether it is a prime below 2^23."""
    if type(number) is not int or not 1 < number <= PRIME:
        return False
    return all(number % k for k in range(2, int(number**0.5) + 1))
