"""The families given by generators: permutations, and matrices over prime fields."""

import math

from ..errors import GroupError
from ._group import Group
from ._parameters import integer_parameter, prime_parameter
from ._tables import check_order


def symmetric(n: int) -> Group:
    """Return the symmetric group S_n, n <= 7."""
    n = integer_parameter(n, 1, "The n of Sn")
    check_order(math.factorial(min(n, 20)), f"S{n}")
    turn = [*range(1, n), 0]
    swap = [1, 0, *range(2, n)] if n > 1 else [0]
    return Group.from_permutations([turn, swap], name=f"S{n}")


def alternating(n: int) -> Group:
    """Return the alternating group A_n, n <= 7."""
    n = integer_parameter(n, 1, "The n of An")
    check_order(math.factorial(min(n, 20)) // 2, f"A{n}")
    cycles = [f"(1 2 {i})" for i in range(3, n + 1)] or ["()"]
    return Group.from_permutations(cycles, name=f"A{n}")


def linear_order(kind: str, q: int) -> int:
    """Return the order of SL, GL, PSL or PGL of degree 2 over the field of q elements."""
    special = q * (q * q - 1)
    return {"GL": special * (q - 1), "PSL": special // math.gcd(2, q - 1)}.get(kind, special)


def linear(kind: str, q: int) -> Group:
    """Return SL(2,q), GL(2,q), PSL(2,q) or PGL(2,q) over the field of q elements, q prime."""
    if kind not in ("SL", "GL", "PSL", "PGL"):
        raise GroupError(f"Argument 'kind' must be SL, GL, PSL or PGL; given {kind!r}")
    name = f"{kind}(2,{q})"
    q = integer_parameter(q, 2, f"The q of {kind}(2,q)")
    check_order(linear_order(kind, q), name)
    q = prime_parameter(q, f"The q of {kind}(2,q)")
    matrices = [[[1, 1], [0, 1]], [[1, 0], [1, 1]]]
    if kind.endswith("GL"):
        root = next(r for r in range(1, q) if len({pow(r, e, q) for e in range(q)}) == q - 1)
        matrices.append([[root, 0], [0, 1]])
    if not kind.startswith("P"):
        return Group.from_matrices(matrices, modulus=q, name=name)
    return Group.from_permutations([_line_action(matrix, q) for matrix in matrices], name=name)


def _line_action(matrix: list[list[int]], q: int) -> list[int]:
    """Images of the points x = (x:1) and infinity, numbered q, under x -> (ax + b)/(cx + d)."""
    (a, b), (c, d) = matrix
    images = []
    for x, y in [*((x, 1) for x in range(q)), (1, 0)]:
        top, bottom = (a * x + b * y) % q, (c * x + d * y) % q
        images.append(top * pow(bottom, -1, q) % q if bottom else q)
    return images


def heisenberg(p: int) -> Group:
    """Return the group of upper unitriangular 3 x 3 matrices over the field of p elements."""
    p = integer_parameter(p, 2, "The p of Heis(p)")
    check_order(p**3, f"Heis({p})")
    p = prime_parameter(p, "The p of Heis(p)")
    matrices = [[[1, 1, 0], [0, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1], [0, 0, 1]]]
    return Group.from_matrices(matrices, modulus=p, name=f"Heis({p})")
