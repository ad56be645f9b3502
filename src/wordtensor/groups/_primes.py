"""Prime numbers by trial division."""

import math


def prime_divisors(n: int) -> list[int]:
    """Return the different prime divisors of n >= 1, in increasing order."""
    found = []
    p = 2
    while p <= math.isqrt(n):
        if n % p == 0:
            found.append(p)
            while n % p == 0:
                n //= p
        p += 1
    return [*found, n] if n > 1 else found


def is_prime(n: int) -> bool:
    """Say whether n is a prime number."""
    return n >= 2 and prime_divisors(n)[0] == n
