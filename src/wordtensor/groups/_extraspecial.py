"""The extraspecial groups."""

import numpy as np

from .._typing import Indices, freeze
from ..errors import GroupError
from ._group import Group
from ._parameters import integer_parameter, prime_power_parameter
from ._tables import check_order, find_inverses


def extraspecial(sign: int, order: int) -> Group:
    """Return the extraspecial group of order p^(1+2n) of type + or -: x^a y^b z^c in order."""
    name = f"ES{'+' if sign > 0 else '-'}({order})"
    order = integer_parameter(order, 8, f"The order of {name}")
    check_order(order, name)
    p, exponent = prime_power_parameter(order, f"The order of {name}")
    if exponent % 2 == 0 or exponent < 3:
        raise GroupError(f"The order of {name} must be p^3, p^5, p^7, ... for a prime p")
    n = exponent // 2
    digits = (np.arange(order)[:, None] // p ** np.arange(exponent)[::-1] % p).astype(np.int32)
    a, b, c = digits[:, :n], digits[:, n : 2 * n], digits[:, 2 * n]
    centre = c[:, None] + c + a @ b.T
    if sign < 0:
        first, last = a[:, :1], b[:, :1]
        # For p = 2 the squares of the first two are the centre's, else the p-th power of one.
        extra = first * first.T + last * last.T if p == 2 else (first + first.T >= p)
        centre = centre + extra
    table = centre % p
    for place in range(2 * n):
        column = digits[:, place]
        table = table + (column[:, None] + column) % p * p ** (exponent - 1 - place)
    cayley: Indices = table.astype(np.int32)
    letters = [*(f"x{i + 1}" for i in range(n)), *(f"y{i + 1}" for i in range(n)), "z"]
    labels = tuple(_label(letters, row) for row in digits.tolist())
    return Group(name, freeze(cayley), freeze(find_inverses(cayley, 0)), 0, labels)


def _label(letters: list[str], powers: list[int]) -> str:
    parts = [x if e == 1 else f"{x}^{e}" for x, e in zip(letters, powers, strict=True) if e]
    return "*".join(parts) or "1"
