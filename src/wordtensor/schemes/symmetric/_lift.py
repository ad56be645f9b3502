"""Lift symmetric schemes modulo 2 with symmetric unknowns: a ninth of the work, nothing lost.

The mean of a solution over the three turns solves the linear equations modulo 2, too, since 3 is
odd; so there is a symmetric solution if there is any.
"""

import numpy as np

from ..._typing import IntegerFactors, Integers
from ...errors import SchemeError
from ..lifting._hensel import Linearised, candidates, defect, with_signs
from ..scheme import Scheme

_HENSEL_STEPS = 12


def _turned(first: Integers, orbits: int) -> IntegerFactors:
    """Complete a factor that holds a, b and c of all orbits, then the cubes, to all three."""
    columns = np.arange(first.shape[1])
    once = np.concatenate([np.roll(columns[: 3 * orbits], -orbits), columns[3 * orbits :]])
    return first, first[:, once], first[:, once[once]]


def _trace_tensor(n: int) -> Integers:
    """Return the tensor of the trace of X Y Z, shape (n*n, n*n, n*n)."""
    target = np.zeros((n * n,) * 3, dtype=np.int64)
    i, j, k = np.indices((n, n, n)).reshape(3, -1)
    target[i * n + j, j * n + k, k * n + i] = 1
    return target


def _representatives(size: int) -> Integers:
    """Return the flat numbers of the entries (i, j, k) that are least among their turns."""
    i, j, k = np.indices((size, size, size)).reshape(3, -1)
    numbers = [(a * size + b) * size + c for a, b, c in ((i, j, k), (j, k, i), (k, i, j))]
    return np.flatnonzero((numbers[0] <= numbers[1]) & (numbers[0] <= numbers[2]))


def _system(parity: IntegerFactors, places: Integers, orbits: int, chosen: Integers) -> Linearised:
    from ..lifting import _elimination

    unknowns = int(places.max()) + 1
    U, V, W = (np.ascontiguousarray(factor) for factor in parity)
    rows = np.zeros((len(U) ** 3, (unknowns + 63) // 64), dtype=np.uint64)
    _elimination.fill_equations(U, V, W, np.concatenate(_turned(places, orbits)), rows)
    rows = rows[chosen]
    order, pivots = np.arange(len(rows)), np.zeros(unknowns, dtype=np.int64)
    steps = np.zeros_like(rows)
    rank = _elimination.eliminate(rows, order, steps, pivots)
    return Linearised(rows, steps, order, pivots, rank)


def _scheme(n: int, factors: IntegerFactors, denominators: tuple[int, int, int]) -> Scheme:
    U, V, W = factors
    W = W.reshape(n, n, -1).swapaxes(0, 1).reshape(n * n, -1)
    return Scheme((n, n, n), U, V, W, denominators=denominators).check()


def _signs(
    first: Integers, orbits: int, target: Integers, chosen: Integers, seed: int
) -> IntegerFactors | None:
    parity = _turned(first, orbits)
    places = np.full(first.shape, -1, dtype=np.int64)
    places[first == 1] = np.arange(int(first.sum()))
    system = _system(parity, places, orbits, chosen)
    half = defect(target, parity).ravel()[chosen] // 2
    return with_signs(first, system, half, lambda signed: _turned(signed, orbits), target, seed)


def _hensel(
    n: int, first: Integers, orbits: int, target: Integers, chosen: Integers
) -> Scheme | None:
    parity = _turned(first, orbits)
    places = np.arange(first.size, dtype=np.int64).reshape(first.shape)
    system = _system(parity, places, orbits, chosen)
    current = first.copy()
    for k in range(1, _HENSEL_STEPS + 1):
        missed = defect(target, _turned(current, orbits)).ravel()[chosen]
        if not missed.any():
            break
        solution = system.solve(missed >> k)
        if solution is None:
            return None
        # The smallest residue is the likeliest to be exact.
        current = (current + (solution.reshape(first.shape) << k)) % (2 << k)
        current[current > (1 << k)] -= 2 << k
    stack = np.concatenate(_turned(current, orbits))
    for factors, denominators in candidates(stack, parity, 2 << _HENSEL_STEPS):
        try:
            return _scheme(n, factors, denominators)
        except SchemeError:
            continue
    return None


def symmetric_lift(
    rows: Integers, cubes: Integers, n: int, *, seed: int = 0, signs_only: bool = False
) -> Scheme | None:
    """Lift rows (k, 3) and cubes (f,) modulo 2 to an exact scheme; None if none is found."""
    masks = np.concatenate([rows.T.ravel(), cubes])
    first = (masks >> np.arange(n * n)[:, None]) & 1
    target, chosen = _trace_tensor(n), _representatives(n * n)
    factors = _signs(first, len(rows), target, chosen, seed)
    if factors is not None:
        return _scheme(n, factors, (1, 1, 1))
    return None if signs_only else _hensel(n, first, len(rows), target, chosen)
