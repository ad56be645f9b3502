"""The families with a cyclic normal subgroup and cyclic quotient: metacyclic groups."""

import math

import numpy as np

from .._typing import Indices, freeze
from ..errors import GroupError
from ._group import Group
from ._parameters import integer_parameter, prime_parameter
from ._primes import prime_divisors
from ._tables import check_order, find_inverses


def _from_table(name: str, cayley: Indices, labels: tuple[str, ...]) -> Group:
    return Group(name, freeze(cayley), freeze(find_inverses(cayley, 0)), 0, labels)


def _word_label(letters: tuple[str, str], powers: tuple[int, int]) -> str:
    parts = [x if e == 1 else f"{x}^{e}" for x, e in zip(letters, powers, strict=True) if e]
    return "*".join(parts) or "1"


def metacyclic(
    n: int, k: int, r: int, t: int, name: str, letters: tuple[str, str] = ("x", "y")
) -> Group:
    """Return <x, y | x^n = 1, y^k = x^t, y x y^-1 = x^r>: element i + n*j is x^i y^j."""
    # x^a y^b * x^c y^d = x^(a + c r^b) y^(b + d), where r^k = 1 and t*r = t modulo n.
    n, k = integer_parameter(n, 1, f"The n of {name}"), integer_parameter(k, 1, f"The k of {name}")
    check_order(n * k, name)
    if pow(r, k, n) != 1 % n or (t * r - t) % n:
        raise GroupError(
            f"The r={r} and t={t} of {name} must satisfy r^{k} = 1 and t*r = t modulo {n}"
        )
    i = np.tile(np.arange(n, dtype=np.int32), k)
    j = np.repeat(np.arange(k, dtype=np.int32), n)
    cayley = np.empty((n * k, n * k), dtype=np.int32)
    for power in range(k):
        twisted = pow(r, power, n) * i + t % n * (power + j >= k)
        column = (power + j) % k * n
        for start in range(n):  # the row of x^start y^power
            cayley[power * n + start] = (start + twisted) % n + column
    labels = tuple(_word_label(letters, (a, b)) for b in range(k) for a in range(n))
    return _from_table(name, cayley, labels)


def cyclic(n: int) -> Group:
    """Return the cyclic group C_n, with powers of x in order."""
    return metacyclic(n, 1, 1, 0, f"C{n}")


def dihedral(n: int) -> Group:
    """Return the dihedral group D_n of order 2n: rotations r^i, then reflections r^i s."""
    return metacyclic(n, 2, -1, 0, f"D{n}", ("r", "s"))


def dicyclic(n: int) -> Group:
    """Return the dicyclic group Dic_n = <x, y | x^2n = 1, y^2 = x^n, y x y^-1 = x^-1>."""
    return metacyclic(2 * integer_parameter(n, 1, "The n of Dicn"), 2, -1, n, f"Dic{n}")


def _two_power(order: int, least: int, what: str) -> int:
    order = integer_parameter(order, 1, f"The order of {what}")
    if order < least or order & (order - 1):
        advice = (
            f" (Dic{order // 4} has order {order})" if what[0] == "Q" and order % 4 == 0 else ""
        )
        raise GroupError(f"The order of {what} must be a power of 2, at least {least}{advice}")
    return order


def quaternion(order: int = 8) -> Group:
    """Return the generalised quaternion group of a given order, a power of 2 from 8."""
    order = _two_power(order, 8, f"Q{order}")
    result = metacyclic(order // 2, 2, -1, order // 4, f"Q{order}")
    if order > 8:
        return result
    labels = ("1", "i", "-1", "-i", "j", "k", "-j", "-k")
    return Group(result.name, result.cayley, result.inverse, 0, labels)


def semidihedral(order: int) -> Group:
    """Return the semidihedral group of a given order, a power of 2 from 16."""
    order = _two_power(order, 16, f"SD{order}")
    return metacyclic(order // 2, 2, order // 4 - 1, 0, f"SD{order}")


def modular(m: int, p: int) -> Group:
    """Return M_m(p) = <x, y | x^(p^(m-1)) = y^p = 1, y x y^-1 = x^(1 + p^(m-2))>, of order p^m."""
    p, m = integer_parameter(p, 2, "The p of Mm(p)"), integer_parameter(m, 3, "The m of Mm(p)")
    check_order(p ** min(m, 13), f"M{m}({p})")  # 2^13 is above the limit
    p = prime_parameter(p, "The p of Mm(p)")
    return metacyclic(p ** (m - 1), p, 1 + p ** (m - 2), 0, f"M{m}({p})")


def klein() -> Group:
    """Return the Klein four-group."""
    return metacyclic(2, 2, 1, 0, "V4", ("a", "b"))


def faithful_actions(m: int, n: int) -> list[list[int]]:
    """Multipliers of exact order n modulo m, those that generate the same subgroup together."""
    by_subgroup: dict[frozenset[int], list[int]] = {}
    for r in range(1, max(m, 2)):
        if math.gcd(r, m) == 1 and pow(r, n, m) == 1 % m:
            powers = frozenset(pow(r, e, m) for e in range(n))
            if len(powers) == n:
                by_subgroup.setdefault(powers, []).append(r)
    return list(by_subgroup.values())


def _subgroups_of_units(m: int, n: int) -> list[int]:
    """Return the least multiplier of each subgroup of units, other than 1, that C_n may map on."""
    least: dict[frozenset[int], int] = {}
    for r in range(2, m):
        if pow(r, n, m) == 1:
            least.setdefault(frozenset(pow(r, e, m) for e in range(n)), r)
    return list(least.values())


def gap_actions(m: int, n: int) -> list[int]:
    """Return r of the C_m : C_n[r] that GAP describes so: no product, and neither D nor QD."""
    # In a product a prime part of C_m is fixed, or one of C_n acts trivially.
    named = {m - 1} | ({m // 2 - 1} if m & (m - 1) == 0 else set[int]())
    fixed = [math.gcd(m, p**13) for p in prime_divisors(m)]  # 2^13 is above the limit
    others = [n // math.gcd(n, p**13) for p in prime_divisors(n)]
    return [
        r
        for r in _subgroups_of_units(m, n)
        if not (n == 2 and r in named)
        and all(r % part != 1 for part in fixed)
        and all(pow(r, other, m) != 1 for other in others)
    ]


def semidirect(m: int, n: int, multiplier: int | None = None) -> Group:
    """Return C_m : C_n = <x, y | x^m = y^n = 1, y x y^-1 = x^r>.

    Parameters
    ----------
    m, n : int
        The orders of x and y.
    multiplier : int, optional
        The number r, with r^n = 1 modulo m. By default the smallest r that makes the action
        faithful, if all those generate the same group of units (then the groups are isomorphic);
        where there is none, the smallest r above 1, if those do.

    Returns
    -------
    Group
        Of order m n.

    Raises
    ------
    GroupError
        If the multiplier does not fit, or if there is none or several to choose from; the message
        lists the choices.

    Examples
    --------
    >>> semidirect(7, 3)
    Group('C7:C3', order=21)
    >>> semidirect(15, 2)
    Traceback (most recent call last):
        ...
    wordtensor.errors.GroupError: C15:C2 is ambiguous: write C15:C2[4], C15:C2[11] or C15:C2[14]
    """
    m, n = integer_parameter(m, 1, "The m of Cm:Cn"), integer_parameter(n, 1, "The n of Cm:Cn")
    name = f"C{m}:C{n}"
    check_order(m * n, name)
    faithful = faithful_actions(m, n)
    if multiplier is None:
        if len(faithful) > 1:
            shown = [f"{name}[{choice[0]}]" for choice in faithful]
            meant = gap_actions(m, n)
            only = f"; GAP's C{m} : C{n} is {name}[{meant[0]}]" if len(meant) == 1 else ""
            raise GroupError(
                f"{name} is ambiguous: write {', '.join(shown[:-1])} or {shown[-1]}{only}"
            )
        if not faithful:
            subgroups = _subgroups_of_units(m, n)
            if len(subgroups) == 1:
                return metacyclic(m, n, subgroups[0], 0, f"{name}[{subgroups[0]}]")
            fitting = [r for r in range(2, m) if pow(r, n, m) == 1]
            advice = f"for one that is not faithful, write {name}[r] with r among {fitting[:12]}"
            if not fitting:
                advice = f"every action is trivial; write C{m} x C{n}"
            raise GroupError(f"C{n} has no faithful action on C{m}, as {name} needs; {advice}")
        return metacyclic(m, n, faithful[0][0], 0, name)
    r = integer_parameter(multiplier, 1, f"The multiplier of {name}")
    if r >= max(m, 2) or pow(r, n, m) != 1 % m:
        fitting = [r for r in range(1, max(m, 2)) if pow(r, n, m) == 1 % m]
        raise GroupError(f"{name}[{r}] needs r^{n} = 1 modulo {m}; r may be one of {fitting[:12]}")
    unique = len(faithful) == 1 and r == faithful[0][0]
    return metacyclic(m, n, r, 0, name if unique else f"{name}[{r}]")
