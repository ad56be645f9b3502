"""Tables of sums f(a) + g(b) modulo n, and of products: as few terms as the cyclic group's."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..._typing import Booleans, Inexact, Integers, freeze
from ...groups import MAX_ORDER, group
from ...groups._primes import is_prime, prime_divisors
from .._plan import plan
from .._split import line_block
from ..block import Block
from ..routes import Route
from ._parts import Part
from .value import Tensor


def modular_routes(whole: Tensor, part: Part, seed: int) -> Iterator[Route]:
    """Yield the terms of a cyclic group, where the only part of a tensor is a table of sums."""
    # With T[a, b, c] = 1 for c = f(a) + g(b), a term u v w of the cyclic group's addition becomes
    # u(f(a)) v(g(b)) w(c): fewer terms than there are for the table on its own, which may have no
    # symmetry that is left, as for x^2 + y^2.
    n = whole.shape[2]
    if not 2 < n <= MAX_ORDER or not _is_table(whole.entries):
        return
    values = np.argmax(np.real(whole.entries), axis=2).astype(np.int64)
    found = _sums(values, n)
    if found is not None:
        first, second = found
        # What is a group's whole table is recognised by its symmetries.
        if len(set(first.tolist())) < n or len(set(second.tolist())) < n:
            blocks = _cyclic(n, first, second, np.arange(n), part, seed)
            yield Route(f"sums modulo {n}", tuple(blocks))
    elif is_prime(n) and not values.all():
        yield from _products(values, n, part, seed)


def _is_table(entries: Inexact) -> bool:
    """Tell whether all entries are 0 or 1, with a single 1 for each pair of first slices."""
    ones = entries == 1
    return bool(((entries == 0) | ones).all() and (ones.sum(axis=2) == 1).all())


def _sums(values: Integers, n: int) -> tuple[Integers, Integers] | None:
    """Return f and g if all values are f(a) + g(b) modulo n."""
    first, second = (values[:, 0] - values[0, 0]) % n, values[0]
    return (first, second) if ((first[:, None] + second - values) % n == 0).all() else None


def _products(values: Integers, p: int, part: Part, seed: int) -> Iterator[Route]:
    """Yield a route if the values that are not 0 are products modulo a prime."""
    rows: Booleans = (values != 0).any(axis=1)
    columns: Booleans = (values != 0).any(axis=0)
    inside = values[np.ix_(rows, columns)]
    if not inside.size or not inside.all():
        return
    logarithms = _logarithms(p)
    found = _sums(logarithms[inside], p - 1)
    if found is None:
        return
    first, second = np.full(len(rows), -1), np.full(len(columns), -1)
    first[rows], second[columns] = found
    blocks = _cyclic(p - 1, first, second, logarithms, part, seed)
    zero = np.eye(p)[:, :1] / part.scale
    every = np.ones((len(columns), 1))
    for a, b in ((~rows[:, None], every), (rows[:, None], ~columns[:, None])):
        if a.any() and b.any():
            line = line_block(np.ones((1, 1, 1)), (a * 1.0, b * 1.0, zero))
            blocks.append(replace(line, summand=False))
    yield Route(f"products modulo {p}", tuple(blocks))


def _logarithms(p: int) -> Integers:
    """Return the exponents of all elements as powers of a primitive root; -1 for 0."""
    primes = prime_divisors(p - 1)
    root = next(g for g in range(1, p) if all(pow(g, (p - 1) // q, p) != 1 for q in primes))
    exponents = np.full(p, -1)
    for k in range(p - 1):
        exponents[pow(root, k, p)] = k
    return exponents


def _cyclic(
    n: int, first: Integers, second: Integers, third: Integers, part: Part, seed: int
) -> list[Block]:
    """Return the blocks of addition modulo n at these elements, nothing where they are -1."""
    best = plan("a*b", group(f"C{n}"), seed=seed).routes[0]
    blocks = []
    for block in best.blocks:
        A, B, C = (_at(M, at) for M, at in zip(block.maps, (first, second, third), strict=True))
        maps = (A, B, freeze(C / part.scale))
        blocks.append(replace(block, maps=maps, summand=False))
    return blocks


def _at(M: Inexact, elements: Integers) -> Inexact:
    return freeze(np.where(elements[:, None] >= 0, M[elements], 0.0))
