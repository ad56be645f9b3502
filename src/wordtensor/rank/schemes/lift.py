"""From schemes modulo 2 to exact ones: signs first, then Hensel lifting."""

from dataclasses import dataclass
from math import gcd, isqrt, lcm

import numpy as np
from numpy.typing import NDArray

from ...errors import SchemeError
from .scheme import DIMENSIONS, Scheme, product_tensor

__all__ = [
    "from_masks",
    "hensel_lift",
    "lift",
    "lift_terms",
    "sign_lift",
    "target_tensor",
    "to_masks",
]

Integers = NDArray[np.int64]
Factors = tuple[Integers, Integers, Integers]
Denominators = tuple[int, int, int]

_SIGN_TRIES = 8
_HENSEL_STEPS = 12
_LARGEST_DENOMINATOR = 10**4


def to_masks(s: Scheme) -> Integers:
    """Reduce a scheme with odd denominators modulo 2, as bit masks.

    Parameters
    ----------
    s : Scheme
        Its factors may have at most 63 rows.

    Returns
    -------
    ndarray of int64, shape (3, R')
        One column for each term that does not vanish modulo 2.

    Raises
    ------
    SchemeError
        If a denominator is even or a factor too long.
    """
    factors = (s.U, s.V, s.W)
    if any(d % 2 == 0 for d in s.denominators):
        raise SchemeError(f"{s!r} has no reduction modulo 2: a denominator is even.")
    if max(len(f) for f in factors) > 63:
        raise SchemeError(f"{s!r} does not fit into 63-bit masks.")
    masks = np.stack([((f & 1) << np.arange(len(f))[:, None]).sum(axis=0) for f in factors])
    return np.ascontiguousarray(masks[:, (masks != 0).all(axis=0)])


def from_masks(masks: Integers, n: int, m: int, p: int, division: str = "R") -> Factors:
    """Unpack bit masks into factors with entries 0 and 1.

    Parameters
    ----------
    masks : ndarray of int64, shape (3, R)
        As `to_masks` makes them.
    n, m, p : int
        Sizes.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.

    Returns
    -------
    tuple of ndarray of int64, shapes (n*m*d, R), (m*p*d, R), (n*p*d, R)
        The factors modulo 2.
    """
    d = DIMENSIONS[division]
    rows = (n * m * d, m * p * d, n * p * d)
    U, V, W = ((mask >> np.arange(k)[:, None]) & 1 for mask, k in zip(masks, rows, strict=True))
    return U, V, W


def target_tensor(n: int, m: int, p: int, division: str = "R") -> Integers:
    """Return the tensor <n,m,p> over R, C or H as a dense array.

    Parameters
    ----------
    n, m, p : int
        Sizes.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.

    Returns
    -------
    ndarray of int64, shape (n*m*d, m*p*d, n*p*d)
        The entries, -1, 0 and 1.
    """
    coords, values = product_tensor(n, m, p, division)
    d = DIMENSIONS[division]
    target = np.zeros((n * m * d, m * p * d, n * p * d), dtype=np.int64)
    target[coords[0], coords[1], coords[2]] = values
    return target


def _defect(target: Integers, factors: Factors) -> Integers:
    """Return the target minus the sum of the terms, exactly (the entries stay far below 2^53)."""
    U, V, W = (factor.astype(np.float64) for factor in factors)
    total = np.stack([(V * row) @ W.T for row in U])
    rounded: Integers = np.rint(total).astype(np.int64)
    return target - rounded


@dataclass(frozen=True, slots=True, eq=False)
class _Linearised:
    """Brent's equations linearised at a scheme modulo 2, in echelon form over F_2."""

    rows: NDArray[np.uint64]
    steps: NDArray[np.uint64]
    order: Integers
    pivots: Integers
    rank: int

    def solve(self, right: Integers, rng: np.random.Generator | None = None) -> Integers | None:
        """Solve for a right-hand side modulo 2, with free unknowns 0 or random."""
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


def _linearised(parity: Factors, places: Integers) -> _Linearised:
    """Eliminate for the unknowns that are numbered in ``places`` (-1: not an unknown)."""
    from . import _elimination

    unknowns = int(places.max()) + 1
    U, V, W = (np.ascontiguousarray(factor) for factor in parity)
    equations = len(U) * len(V) * len(W)
    rows = np.zeros((equations, (unknowns + 63) // 64), dtype=np.uint64)
    _elimination.fill_equations(U, V, W, places, rows)
    order = np.arange(equations)
    pivots = np.zeros(unknowns, dtype=np.int64)
    steps = np.zeros_like(rows)
    rank = int(_elimination.eliminate(rows, order, steps, pivots))
    return _Linearised(rows, steps, order, pivots, rank)


def _stacked(factors: Factors) -> Integers:
    return np.concatenate(factors, axis=0)


def _parts(stack: Integers, like: Factors) -> Factors:
    first, second = len(like[0]), len(like[0]) + len(like[1])
    return stack[:first], stack[first:second], stack[second:]


def sign_lift(
    masks: Integers, n: int, m: int, p: int, division: str = "R", *, seed: int = 0
) -> Factors | None:
    """Give signs to the ones of a scheme modulo 2 so that it holds over the integers.

    Parameters
    ----------
    masks : ndarray of int64, shape (3, R)
        A scheme modulo 2.
    n, m, p : int
        Sizes.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    seed : int
        Chooses among the solutions modulo 4.

    Returns
    -------
    tuple of ndarray of int64, or None
        Factors with entries -1, 0, 1; None if no signs were found.

    Notes
    -----
    With ``u = 1 - 2a`` for every one, Brent's equations modulo 4 are linear over F_2 in the a.
    Their solutions are mostly exact over Z; a few are tried.
    """
    return _with_signs(from_masks(masks, n, m, p, division), target_tensor(n, m, p, division), seed)


def _with_signs(parity: Factors, target: Integers, seed: int) -> Factors | None:
    stack = _stacked(parity)
    places = np.full(stack.shape, -1, dtype=np.int64)
    places[stack == 1] = np.arange(int(stack.sum()))
    half = _defect(target, parity) // 2
    rng = np.random.default_rng(seed)
    system = _linearised(parity, places)
    for attempt in range(_SIGN_TRIES):
        solution = system.solve(half, rng if attempt else None)
        if solution is None:
            return None
        signed = stack.copy()
        signed[stack == 1] = 1 - 2 * solution
        factors = _parts(signed, parity)
        if not _defect(target, factors).any():
            return factors
    return None


def hensel_lift(masks: Integers, n: int, m: int, p: int, division: str = "R") -> Scheme | None:
    """Lift a scheme modulo 2 to one modulo 2^k, then to rational numbers.

    Parameters
    ----------
    masks : ndarray of int64, shape (3, R)
        A scheme modulo 2.
    n, m, p : int
        Sizes.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.

    Returns
    -------
    Scheme or None
        A scheme that was checked, or None if no lift or no rational numbers were found.

    Notes
    -----
    If the terms miss the target by ``2^k E``, corrections ``2^k (A, B, C)`` have to satisfy Brent's
    equations linearised at the scheme modulo 2 with right-hand side E modulo 2.

    References
    ----------
    M. Kauers, J. Moosbauer, "Flip graphs for matrix multiplication", ISSAC (2023), section 5.
    """
    parity = from_masks(masks, n, m, p, division)
    found = _hensel(parity, target_tensor(n, m, p, division))
    return None if found is None else Scheme((n, m, p), *found[0], found[1], division).check()


def _hensel(parity: Factors, target: Integers) -> tuple[Factors, Denominators] | None:
    stack = _stacked(parity)
    places = np.arange(stack.size, dtype=np.int64).reshape(stack.shape)
    current = stack.copy()
    system = _linearised(parity, places)
    for k in range(1, _HENSEL_STEPS + 1):
        defect = _defect(target, _parts(current, parity))
        solution = system.solve(defect >> k)
        if solution is None:
            return None
        # Odd entries keep the smallest residue: it is the likeliest to be exact.
        current = (current + (solution.reshape(stack.shape) << k)) % (2 << k)
        current[current > (1 << k)] -= 2 << k
        if not _defect(target, _parts(current, parity)).any():
            break
    for factors, denominators in _candidates(current, parity, 2 << _HENSEL_STEPS):
        if _holds(factors, denominators, target):
            return factors, denominators
    return None


def _holds(factors: Factors, denominators: Denominators, target: Integers) -> bool:
    """Check in Python integers that fractions sum to the target."""
    scale = denominators[0] * denominators[1] * denominators[2]
    U, V, W = (factor.astype(np.object_) for factor in factors)
    return all(
        bool(((V * row) @ W.T == scale * level).all()) for row, level in zip(U, target, strict=True)
    )


def _candidates(
    current: Integers, like: Factors, modulus: int
) -> list[tuple[Factors, tuple[int, int, int]]]:
    """Return the residues themselves, then the fractions that they stand for."""
    choices = [(_parts(current, like), (1, 1, 1))]
    factors, denominators = [], []
    for part in _parts(current, like):
        table = {int(value): _fraction(int(value), modulus) for value in np.unique(part)}
        common = lcm(*(bottom for _, bottom in table.values()))
        if common > _LARGEST_DENOMINATOR:
            return choices
        scaled = {value: top * (common // bottom) for value, (top, bottom) in table.items()}
        factors.append(np.vectorize(scaled.__getitem__, otypes=[np.int64])(part))
        denominators.append(common)
    choices.append(
        (
            (factors[0], factors[1], factors[2]),
            (denominators[0], denominators[1], denominators[2]),
        )
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


def lift_terms(
    parity: Factors, target: Integers, *, seed: int = 0, signs_only: bool = False
) -> tuple[Factors, Denominators] | None:
    """Lift terms that give a tensor modulo 2 to terms that give it exactly.

    Parameters
    ----------
    parity : tuple of ndarray of int64, shapes (n1, R), (n2, R), (n3, R)
        Coefficients 0 and 1.
    target : ndarray of int64, shape (n1, n2, n3)
        Any tensor with integer entries.
    seed : int
        Chooses among signs.
    signs_only : bool
        Leave Hensel lifting out: coefficients are -1, 0, 1 or there is no result.

    Returns
    -------
    tuple of (factors, denominators), or None
        Numerators like ``parity`` and one denominator a factor, checked exactly.

    Examples
    --------
    >>> one = np.array([[1, 1]])
    >>> lift_terms((one, one, np.array([[1, 0], [0, 1]])), np.array([[[1, -1]]]))[0][0].tolist()
    [[1, -1]]
    """
    factors = _with_signs(parity, target, seed)
    if factors is not None:
        return factors, (1, 1, 1)
    return None if signs_only else _hensel(parity, target)


def lift(
    masks: Integers,
    n: int,
    m: int,
    p: int,
    division: str = "R",
    *,
    seed: int = 0,
    signs_only: bool = False,
) -> Scheme | None:
    """Lift a scheme modulo 2 to an exact one: by signs if that works, else by Hensel lifting.

    Parameters
    ----------
    masks : ndarray of int64, shape (3, R)
        A scheme modulo 2.
    n, m, p : int
        Sizes.
    division : {"R", "C", "H"}
        Where the entries of the matrices live.
    seed : int
        For `sign_lift`.
    signs_only : bool
        Leave Hensel lifting out: coefficients are -1, 0, 1 or there is no result.

    Returns
    -------
    Scheme or None
        A scheme that was checked exactly, or None.
    """
    factors = sign_lift(masks, n, m, p, division, seed=seed)
    if factors is not None:
        return Scheme((n, m, p), *factors, division=division).check()
    return None if signs_only else hensel_lift(masks, n, m, p, division)
