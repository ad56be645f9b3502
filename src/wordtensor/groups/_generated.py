"""The families given by generators: permutations, and matrices over finite fields."""

import math
import re

import numpy as np

from ..errors import GroupError
from ._closure import generate
from ._fields import Field, field
from ._group import Group
from ._parameters import integer_parameter, prime_parameter
from ._tables import check_order
from .structure import generating_set


def natural_generators(letter: str, n: int) -> list[list[int]]:
    """Return permutations of n points that generate C_n, S_n or A_n."""
    turn = [*range(1, n), 0]
    if letter == "A":
        cycles = [[1, i, *range(2, i), 0, *range(i + 1, n)] for i in range(2, n)]
        return cycles or [list(range(max(n, 1)))]
    return [turn, [1, 0, *range(2, n)]] if letter == "S" and n > 1 else [turn]


def symmetric(n: int) -> Group:
    """Return the symmetric group S_n, n <= 7."""
    n = integer_parameter(n, 1, "The n of Sn")
    check_order(math.factorial(min(n, 20)), f"S{n}")
    return Group.from_permutations(natural_generators("S", n), name=f"S{n}")


def alternating(n: int) -> Group:
    """Return the alternating group A_n, n <= 7."""
    n = integer_parameter(n, 1, "The n of An")
    check_order(math.factorial(min(n, 20)) // 2, f"A{n}")
    return Group.from_permutations(natural_generators("A", n), name=f"A{n}")


def wreath(base: Group, letter: str, n: int, name: str) -> Group:
    """Return the wreath product with C_n, S_n or A_n, which permute n copies of the base."""
    known = re.fullmatch(r"([SAC])(\d+)", base.name)
    if known:
        inner = natural_generators(known.group(1), int(known.group(2)))
    else:
        inner = [base.cayley[g].tolist() for g in generating_set(base)] or [[0]]
    size = len(inner[0])
    blocks = np.arange(size * n).reshape(n, size)
    outer = [blocks[images].ravel().tolist() for images in natural_generators(letter, n)]
    return Group.from_permutations(
        [*([*images, *range(size, size * n)] for images in inner), *outer], name
    )


def affine(q: int) -> Group:
    """Return AGL(1,q), the maps x -> ux + v of the field of q elements, u not 0."""
    q = integer_parameter(q, 2, "The q of AGL(1,q)")
    check_order(q * (q - 1), f"AGL(1,{q})")
    F = field(q, "The q of AGL(1,q)")
    return Group.from_permutations([F.add[1], F.multiply[F.root]], name=f"AGL(1,{q})")


def holomorph_order(n: int) -> int:
    """Return the order of the holomorph of C_n; of a large n something as large."""
    return n * sum(math.gcd(u, n) == 1 for u in range(n)) if n < 10**4 else n


def holomorph(n: int) -> Group:
    """Return the holomorph of C_n, the maps x -> ux + v modulo n, u a unit."""
    n = integer_parameter(n, 1, "The n of Hol(Cn)")
    check_order(holomorph_order(n), f"Hol(C{n})")
    units = [u for u in range(1, n) if math.gcd(u, n) == 1]
    maps = [[(x + 1) % n for x in range(n)], *([u * x % n for x in range(n)] for u in units)]
    return Group.from_permutations(maps, name=f"Hol(C{n})")


def linear_order(kind: str, q: int) -> int:
    """Return the order of SL, GL, PSL or PGL of degree 2 over the field of q elements."""
    special = q * (q * q - 1)
    return {"GL": special * (q - 1), "PSL": special // math.gcd(2, q - 1)}.get(kind, special)


def linear(kind: str, q: int) -> Group:
    """Return SL(2,q), GL(2,q), PSL(2,q) or PGL(2,q) over the field of q elements."""
    if kind not in ("SL", "GL", "PSL", "PGL"):
        raise GroupError(f"Argument 'kind' must be SL, GL, PSL or PGL; given {kind!r}")
    name = f"{kind}(2,{q})"
    q = integer_parameter(q, 2, f"The q of {kind}(2,q)")
    check_order(linear_order(kind, q), name)
    F = field(q, f"The q of {kind}(2,q)")
    matrices = [[[1, 1], [0, 1]], [[1, 0], [1, 1]]]
    if not F.is_prime:
        matrices.append([[F.root, 0], [0, F.inverse(F.root)]])
    if kind.endswith("GL"):
        matrices.append([[F.root, 0], [0, 1]])
    if kind.startswith("P"):
        return Group.from_permutations([_line_action(m, F) for m in matrices], name=name)
    generators = [np.array(matrix) for matrix in matrices]
    elements, cayley = generate(np.eye(2, dtype=np.int64), generators, F.product, ">u2")
    names = [F.name(element) for element in range(q)]
    labels = tuple(
        "[{} {}; {} {}]".format(*(names[entry] for entry in row))
        for row in elements.reshape(-1, 4).tolist()
    )
    return Group.closed(cayley, labels, name)


def _line_action(matrix: list[list[int]], F: Field) -> list[int]:
    """Images of the points x = (x:1) and infinity, numbered q, under x -> (ax + b)/(cx + d)."""
    (a, b), (c, d) = matrix
    images = []
    for x, y in [*((x, 1) for x in range(F.q)), (1, 0)]:
        top = int(F.add[F.multiply[a, x], F.multiply[b, y]])
        bottom = int(F.add[F.multiply[c, x], F.multiply[d, y]])
        images.append(int(F.multiply[top, F.inverse(bottom)]) if bottom else F.q)
    return images


def heisenberg(p: int) -> Group:
    """Return the group of upper unitriangular 3 x 3 matrices over the field of p elements."""
    p = integer_parameter(p, 2, "The p of Heis(p)")
    check_order(p**3, f"Heis({p})")
    p = prime_parameter(p, "The p of Heis(p)")
    matrices = [[[1, 1, 0], [0, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1], [0, 0, 1]]]
    return Group.from_matrices(matrices, modulus=p, name=f"Heis({p})")
