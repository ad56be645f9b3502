"""Checks of the parameters of a family."""

from .._typing import is_integer
from ..errors import GroupError
from ._primes import is_prime, prime_divisors


def integer_parameter(value: int, least: int, what: str) -> int:
    """Return the value as an int, or raise GroupError unless it is one of at least ``least``."""
    if not is_integer(value) or value < least:
        raise GroupError(f"{what} must be an integer of at least {least}; given {value!r}")
    return int(value)


def prime_parameter(value: int, what: str) -> int:
    """Return the value as an int, or raise GroupError unless it is a prime number."""
    if not is_prime(integer_parameter(value, 2, what)):
        raise GroupError(f"{what} must be a prime number; given {value}")
    return int(value)


def prime_power_parameter(value: int, what: str) -> tuple[int, int]:
    """Return p and k of a value p^k, or raise GroupError unless it is a power of a prime."""
    value = integer_parameter(value, 2, what)
    divisors = prime_divisors(value)
    if len(divisors) > 1:
        raise GroupError(f"{what} must be a power of a prime number; given {value}")
    exponent = next(k for k in range(1, value) if divisors[0] ** k == value)
    return divisors[0], exponent
