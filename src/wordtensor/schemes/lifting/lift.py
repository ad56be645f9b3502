"""From schemes modulo 2 or 3 to exact ones: signs first, then Hensel lifting."""

import numpy as np

from ..._typing import IntegerFactors, Integers
from ...errors import SchemeError
from ..scheme import DIMENSIONS, Scheme, product_tensor
from ._hensel import (
    Denominators,
    defect,
    hensel,
    linearised,
    linearised_modulo_3,
    parts,
    stacked,
    with_signs,
)

__all__ = [
    "from_masks",
    "hensel_lift",
    "lift",
    "lift_scheme",
    "lift_terms",
    "sign_lift",
    "target_tensor",
    "to_masks",
]


# Orders of the unknowns that are tried modulo 3.
_ORDERS = 4


def to_masks(s: Scheme) -> Integers:
    """Reduce a scheme with odd denominators modulo 2, as bit masks."""
    factors = (s.U, s.V, s.W)
    if s.characteristic == 3:
        raise SchemeError(f"{s!r} has no reduction modulo 2; lift it with lift_scheme.")
    if any(d % 2 == 0 for d in s.denominators):
        raise SchemeError(f"{s!r} has no reduction modulo 2: a denominator is even.")
    if max(len(f) for f in factors) > 63:
        raise SchemeError(f"{s!r} does not fit into 63-bit masks.")
    masks = np.stack([((f & 1) << np.arange(len(f))[:, None]).sum(axis=0) for f in factors])
    return np.ascontiguousarray(masks[:, (masks != 0).all(axis=0)])


def from_masks(masks: Integers, n: int, m: int, p: int, division: str = "R") -> IntegerFactors:
    """Unpack bit masks into factors with entries 0 and 1."""
    d = DIMENSIONS[division]
    rows = (n * m * d, m * p * d, n * p * d)
    U, V, W = ((mask >> np.arange(k)[:, None]) & 1 for mask, k in zip(masks, rows, strict=True))
    return U, V, W


def target_tensor(n: int, m: int, p: int, division: str = "R") -> Integers:
    """Return the tensor <n,m,p> over R, C or H as a dense array."""
    coords, values = product_tensor(n, m, p, division)
    d = DIMENSIONS[division]
    target = np.zeros((n * m * d, m * p * d, n * p * d), dtype=np.int64)
    target[coords[0], coords[1], coords[2]] = values
    return target


def sign_lift(
    masks: Integers, n: int, m: int, p: int, division: str = "R", *, seed: int = 0
) -> IntegerFactors | None:
    """Give signs to the ones of a scheme modulo 2 so that it holds over the integers."""
    # With ``u = 1 - 2a`` for every one, Brent's equations modulo 4 are linear over F_2 in the a.
    # Their solutions are mostly exact over Z; a few are tried.
    return _with_signs(from_masks(masks, n, m, p, division), target_tensor(n, m, p, division), seed)


def _with_signs(parity: IntegerFactors, target: Integers, seed: int) -> IntegerFactors | None:
    stack = stacked(parity)
    places = np.full(stack.shape, -1, dtype=np.int64)
    places[stack == 1] = np.arange(int(stack.sum()))
    half = defect(target, parity) // 2
    system = linearised(parity, places)
    return with_signs(stack, system, half, lambda signed: parts(signed, parity), target, seed)


def hensel_lift(masks: Integers, n: int, m: int, p: int, division: str = "R") -> Scheme | None:
    """Lift a scheme modulo 2 to one modulo 2^k, then to rational numbers."""
    # If the terms miss the target by ``2^k E``, corrections ``2^k (A, B, C)`` have to satisfy
    # Brent's equations linearised at the scheme modulo 2 with right-hand side E modulo 2. M.
    # Kauers, J. Moosbauer, "Flip graphs for matrix multiplication", ISSAC (2023), section 5.
    parity = from_masks(masks, n, m, p, division)
    found = _hensel_modulo_2(parity, target_tensor(n, m, p, division))
    return None if found is None else Scheme((n, m, p), *found[0], found[1], division).check()


def _hensel_modulo_2(
    parity: IntegerFactors, target: Integers
) -> tuple[IntegerFactors, Denominators] | None:
    places = np.arange(stacked(parity).size, dtype=np.int64).reshape(-1, parity[0].shape[1])
    return hensel(parity, target, 2, linearised(parity, places))


def _lift_modulo_3(
    residues: IntegerFactors, target: Integers, seed: int, signs_only: bool
) -> tuple[IntegerFactors, Denominators] | None:
    if not defect(target, residues).any():
        return residues, (1, 1, 1)
    rng = np.random.default_rng(seed)
    for _ in range(0 if signs_only else _ORDERS):
        found = hensel(residues, target, 3, linearised_modulo_3(residues, rng))
        if found is not None:
            return found
    return None


def lift_terms(
    residues: IntegerFactors,
    target: Integers,
    *,
    prime: int = 2,
    seed: int = 0,
    signs_only: bool = False,
) -> tuple[IntegerFactors, Denominators] | None:
    """Lift terms that give a tensor modulo 2 or 3 to terms that give it exactly."""
    if prime == 3:
        return _lift_modulo_3(residues, target, seed, signs_only)
    if prime != 2:
        raise SchemeError(f"Argument 'prime' must be 2 or 3, not {prime!r}.")
    factors = _with_signs(residues, target, seed)
    if factors is not None:
        return factors, (1, 1, 1)
    return None if signs_only else _hensel_modulo_2(residues, target)


def lift_scheme(s: Scheme, *, seed: int = 0, signs_only: bool = False) -> Scheme | None:
    """Lift a scheme over F_2 or F_3 to an exact one.

    Parameters
    ----------
    s : Scheme
        With ``characteristic`` 2 or 3.
    seed : int
        Chooses among signs, or the unknowns that are free.
    signs_only : bool
        Leave Hensel lifting out: coefficients are -1, 0, 1 or there is no result.

    Returns
    -------
    Scheme or None
        A scheme that was checked exactly, with the provenance of ``s``, or None.

    Raises
    ------
    SchemeError
        If the scheme is exact already.

    Examples
    --------
    >>> from wordtensor.schemes import standard_scheme
    >>> lift_scheme(standard_scheme(2, 1, 2, characteristic=3))
    Scheme(<2,1,2>, rank=4, ring='Z')
    """
    if not s.characteristic:
        raise SchemeError(f"{s!r} is not over F_2 or F_3; there is nothing to lift.")
    target = target_tensor(*s.shape, s.division)
    factors = (s.U, s.V, s.W)
    found = lift_terms(factors, target, prime=s.characteristic, seed=seed, signs_only=signs_only)
    if found is None:
        return None
    return Scheme(s.shape, *found[0], found[1], s.division, s.provenance).check()


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
    """Lift a scheme modulo 2 to an exact one: by signs if that works, else by Hensel lifting."""
    factors = sign_lift(masks, n, m, p, division, seed=seed)
    if factors is not None:
        return Scheme((n, m, p), *factors, division=division).check()
    return None if signs_only else hensel_lift(masks, n, m, p, division)
