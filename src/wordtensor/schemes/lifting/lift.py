"""From schemes modulo 2 or 3 to exact ones: signs first, then Hensel lifting."""

import numpy as np

from ..._typing import IntegerFactors, Integers
from ...errors import SchemeError
from ..matrix_product import dense_product_tensor
from ..scheme import Scheme
from ._elimination_modulo_3 import linearised_modulo_3
from ._hensel import Denominators, defect, hensel, linearised, parts, stacked, with_signs

# So many permutations of the unknowns are tried modulo 3.
_ORDERS = 4


def lift_terms(
    parity: IntegerFactors, target: Integers, *, seed: int = 0, signs_only: bool = False
) -> tuple[IntegerFactors, Denominators] | None:
    """Lift terms modulo 2 to numerators and denominators of exact ones; None: none are found."""
    factors = _with_signs(parity, target, seed)
    if factors is not None:
        return factors, (1, 1, 1)
    if signs_only:
        return None
    # If the terms miss the target by 2^k E, corrections 2^k (A, B, C) have to satisfy Brent's
    # equations linearised at the terms modulo 2 with right-hand side E modulo 2. Source: M. Kauers,
    # J. Moosbauer, "Flip graphs for matrix multiplication", ISSAC (2023), section 5.
    places = np.arange(stacked(parity).size, dtype=np.int64).reshape(-1, parity[0].shape[1])
    return hensel(parity, target, 2, linearised(parity, places))


def _with_signs(parity: IntegerFactors, target: Integers, seed: int) -> IntegerFactors | None:
    """Give signs to the ones of terms modulo 2 so that they hold over the integers."""
    # With u = 1 - 2a for every one, Brent's equations modulo 4 are linear over F_2 in the a. Their
    # solutions are mostly exact over Z; a few are tried.
    stack = stacked(parity)
    places = np.full(stack.shape, -1, dtype=np.int64)
    places[stack == 1] = np.arange(int(stack.sum()))
    half = defect(target, parity) // 2
    system = linearised(parity, places)
    return with_signs(stack, system, half, lambda signed: parts(signed, parity), target, seed)


def lift_terms_modulo_3(
    residues: IntegerFactors, target: Integers, *, seed: int = 0, signs_only: bool = False
) -> tuple[IntegerFactors, Denominators] | None:
    """Lift terms that give a tensor modulo 3, with entries -1, 0 and 1, in the same way."""
    if not defect(target, residues).any():
        return residues, (1, 1, 1)
    rng = np.random.default_rng(seed)
    for _ in range(0 if signs_only else _ORDERS):
        found = hensel(residues, target, 3, linearised_modulo_3(residues, rng))
        if found is not None:
            return found
    return None


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
        raise SchemeError(f"{s!r} is not over F_2 or F_3; there is nothing to lift")
    target = dense_product_tensor(*s.shape, s.division)
    lifted = lift_terms if s.characteristic == 2 else lift_terms_modulo_3
    found = lifted((s.U, s.V, s.W), target, seed=seed, signs_only=signs_only)
    if found is None:
        return None
    factors, denominators = found
    return Scheme(
        s.shape, *factors, denominators=denominators, division=s.division, provenance=s.provenance
    ).check()
