"""Hensel lifting of terms modulo 2 or 3, and the fractions that residues stand for."""

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd, isqrt, lcm
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ..._memory import require_memory
from ..._typing import IntegerFactors, Integers

Denominators = tuple[int, int, int]

# Modulo 3^19 products of residues fit into 63 bits.
_STEPS: Final = {2: 12, 3: 18}
_LARGEST_DENOMINATOR = 10**4
_EXACT_IN_FLOAT: Final = 2**53
_HALF = 15
_SIGN_TRIES = 8


class System(Protocol):
    """Brent's equations linearised at terms modulo a prime."""

    def solve(self, right: Integers) -> Integers | None:
        """Solve for a right-hand side modulo the prime; None if there is no solution."""


@dataclass(frozen=True, slots=True, eq=False)
class Linearised:
    """Brent's equations linearised at a scheme modulo 2, in echelon form over F_2."""

    rows: NDArray[np.uint64]
    steps: NDArray[np.uint64]
    order: Integers
    pivots: Integers
    rank: int

    def solve(self, right: Integers, rng: np.random.Generator | None = None) -> Integers | None:
        """Solve for a right-hand side modulo 2, free unknowns 0 or random; None: no solution."""
        from . import _elimination

        bits = (right.ravel()[self.order] & 1).astype(np.uint8)
        size = len(self.pivots)
        solution: Integers = np.zeros(size, dtype=np.int64)
        if rng is not None:
            solution = rng.integers(0, 2, size)
        solvable = _elimination.substitute(
            self.rows, self.steps, self.pivots, self.rank, bits, solution
        )
        return solution if solvable else None


def check_room(equations: int, bytes_each: int) -> None:
    """Refuse equations that take, with the copy that is needed, too much memory."""
    require_memory(
        2 * equations * bytes_each,
        f"Lifting by {equations} equations",
        "Walk over Z, where nothing is lifted, or take smaller sizes",
    )


def linearised(parity: IntegerFactors, places: Integers) -> Linearised:
    """Eliminate over F_2 for the unknowns that are numbered in ``places`` (-1: not an unknown)."""
    from . import _elimination

    unknowns = int(places.max()) + 1
    U, V, W = (np.ascontiguousarray(factor) for factor in parity)
    equations = len(U) * len(V) * len(W)
    words = (unknowns + 63) // 64
    check_room(equations, 8 * words)
    rows = np.zeros((equations, words), dtype=np.uint64)
    _elimination.fill_equations(U, V, W, places, rows)
    order = np.arange(equations)
    pivots = np.zeros(unknowns, dtype=np.int64)
    steps = np.zeros_like(rows)
    rank = _elimination.eliminate(rows, order, steps, pivots)
    return Linearised(rows, steps, order, pivots, rank)


def stacked(factors: IntegerFactors) -> Integers:
    """Put factors (n1, R), (n2, R), (n3, R) into one array, below each other."""
    return np.concatenate(factors, axis=0)


def parts(stack: Integers, like: IntegerFactors) -> IntegerFactors:
    """Undo `stacked`, to the shapes of other factors."""
    first, second = len(like[0]), len(like[0]) + len(like[1])
    return stack[:first], stack[first:second], stack[second:]


def defect(target: Integers, factors: IntegerFactors, modulus: int = 0) -> Integers:
    """Return the target minus the sum of the terms: exactly where small, else modulo a number."""
    # The modulus has to be below 2^31, and the residues at most half of it.
    largest = [int(np.abs(factor).max(initial=0)) for factor in factors]
    bound = largest[0] * largest[1] * largest[2] * factors[0].shape[1]
    if modulus and bound >= _EXACT_IN_FLOAT:
        return (target - _sum_modulo(factors, modulus)) % modulus
    U, V, W = (factor.astype(np.float64) for factor in factors)
    total = np.stack([(V * row) @ W.T for row in U])
    rounded: Integers = np.rint(total).astype(np.int64)
    return target - rounded


def _sum_modulo(factors: IntegerFactors, modulus: int) -> Integers:
    """Return the sum of the terms modulo a number, with the third factor cut into halves."""
    U, V, W = factors
    high, low = (W >> _HALF).T, (W & ((1 << _HALF) - 1)).T
    levels = []
    for row in U:
        pairs = V * row % modulus
        levels.append(((pairs @ high % modulus << _HALF) + pairs @ low) % modulus)
    return np.stack(levels)


def with_signs(
    stack: Integers,
    system: Linearised,
    half: Integers,
    expanded: Callable[[Integers], IntegerFactors],
    target: Integers,
    seed: int,
) -> IntegerFactors | None:
    """Give signs to the ones of ``stack`` by equations modulo 4 so that its factors hold over Z."""
    # The unknowns of ``system`` are the ones, in order; ``expanded`` makes all factors of a stack.
    rng = np.random.default_rng(seed)
    for attempt in range(_SIGN_TRIES):
        solution = system.solve(half, rng if attempt else None)
        if solution is None:
            return None
        signed = stack.copy()
        signed[stack == 1] = 1 - 2 * solution
        factors = expanded(signed)
        if not defect(target, factors).any():
            return factors
    return None


def hensel(
    residues: IntegerFactors, target: Integers, prime: int, system: System
) -> tuple[IntegerFactors, Denominators] | None:
    """Lift terms modulo a prime to its powers, and to fractions that hold exactly, or to None."""
    stack = stacked(residues)
    current, modulus = stack.copy(), prime ** (_STEPS[prime] + 1)
    for k in range(1, _STEPS[prime] + 1):
        power = prime**k
        missed = defect(target, parts(current, residues), modulus)
        if not missed.any():
            break
        digits = system.solve(missed // power)
        if digits is None:
            return None
        # Entries prime to the modulus keep the smallest residue: the likeliest to be exact.
        current = (current + digits.reshape(stack.shape) * power) % (power * prime)
        current[current > power * prime // 2] -= power * prime
    for factors, denominators in candidates(current, residues, modulus):
        if holds(factors, denominators, target):
            return factors, denominators
    return None


def holds(factors: IntegerFactors, denominators: Denominators, target: Integers) -> bool:
    """Check in Python integers that fractions sum to the target."""
    scale = denominators[0] * denominators[1] * denominators[2]
    U, V, W = (factor.astype(np.object_) for factor in factors)
    return all(
        bool(((V * row) @ W.T == scale * level).all()) for row, level in zip(U, target, strict=True)
    )


def candidates(
    current: Integers, like: IntegerFactors, modulus: int
) -> list[tuple[IntegerFactors, Denominators]]:
    """Return the residues themselves over 1, then the fractions that they stand for."""
    choices = [(parts(current, like), (1, 1, 1))]
    factors, denominators = [], []
    for part in parts(current, like):
        table = {int(value): _fraction(int(value), modulus) for value in np.unique(part)}
        common = lcm(*(bottom for _, bottom in table.values()))
        if common > _LARGEST_DENOMINATOR:
            return choices
        scaled = {value: top * (common // bottom) for value, (top, bottom) in table.items()}
        factors.append(np.vectorize(scaled.__getitem__, otypes=[np.int64])(part))
        denominators.append(common)
    choices.append(
        ((factors[0], factors[1], factors[2]), (denominators[0], denominators[1], denominators[2]))
    )
    return choices


def _fraction(residue: int, modulus: int) -> tuple[int, int]:
    """Return the fraction with the smallest numerator and denominator that has this residue."""
    bound = isqrt(modulus // 2)
    r0, r1, t0, t1 = modulus, residue % modulus, 0, 1
    while r1 > bound:
        q = r0 // r1
        r0, r1, t0, t1 = r1, r0 - q * r1, t1, t0 - q * t1
    top, bottom = (r1, t1) if t1 > 0 else (-r1, -t1)
    if bottom == 0 or bottom > bound or gcd(top, bottom) != 1:
        return residue, 1
    return top, bottom
