"""Where a search in the flip graph begins: standard, extended, projected and known schemes."""

from dataclasses import replace
from typing import Final

import numpy as np

from ...errors import SchemeError
from ..best import best_rank, best_scheme
from ..compose import join, restricted, standard_scheme
from ..matrix_product import DIMENSIONS
from ..projection import projections
from ..registry import Registry
from ..scheme import Scheme
from ._packed import LONGEST, PackedTerms, Ring, wandered

_PRIMES: Final = {"F2": 2, "F3": 3}
_STARTS: Final = ("auto", "best", "extend", "project", "standard")

# Smaller schemes wander this many flips, in so many ways, before they are extended; starts that
# are longer than the shortest by more than the spread are left out.
_WANDER, _VARIANTS, _SPREAD = 200_000, 8, 4
# Sizes from this on are not projected modulo 2; by so much may projections be the longer ones.
_LARGEST, _PROJECTION_SPREAD = 8, 8


def check_start(how: str) -> None:
    """Refuse a way to start that there is not."""
    if how not in _STARTS:
        raise SchemeError(f"Argument 'start' must be one of {', '.join(_STARTS)}, not {how!r}")


def starting_schemes(
    n: int, m: int, p: int, division: str, how: str, registry: Registry
) -> list[Scheme]:
    """Return the schemes to start from: best, extended, projected, standard, or "auto" for all."""
    check_start(how)
    found = []
    if how in ("auto", "extend"):
        for axis in _extendable(n, m, p):
            found.append(_extended(n, m, p, axis, division, registry, None))
    if how in ("auto", "project") and division == "R":
        found += _projected(n, m, p, registry)
    if how in ("auto", "best"):
        found.append(best_scheme(n, m, p, division, registry=registry))
    if how in ("auto", "standard"):
        found.append(standard_scheme(n, m, p, division))
    return found


def starting_terms(
    n: int, m: int, p: int, division: str, how: str, registry: Registry, ring: Ring, seed: int
) -> list[PackedTerms]:
    """Return the shortest packed starts: schemes, and smaller ones extended after wandering."""
    check_fits(n, m, p, division, ring)
    rng = np.random.default_rng(seed)
    schemes = starting_schemes(n, m, p, division, how, registry)
    for axis in _extendable(n, m, p) * (how in ("auto", "extend")):
        for _ in range(_VARIANTS):
            draw = int(rng.integers(2**62))
            schemes.append(_extended(n, m, p, axis, division, registry, (ring, draw)))
    found = [packed(s, ring) for s in schemes if fits(s, ring)]
    least = min((terms.rank for terms in found), default=0)
    kept = [terms for terms in found if terms.rank <= least + _SPREAD]
    if how in ("auto", "project") and ring == "F2" and division == "R":
        # Projections of good schemes are long at first, and shrink fast.
        projected = _projected_modulo_2(n, m, p, registry)
        shortest = min((terms.rank for terms in projected), default=0)
        if not kept or shortest <= least + _PROJECTION_SPREAD:
            kept += projected
    return kept


def check_fits(n: int, m: int, p: int, division: str, ring: Ring) -> None:
    """Refuse sizes whose factors are too long for a walk, before anything is made of them."""
    longest = max(n * m, m * p, n * p) * DIMENSIONS[division]
    if longest > LONGEST[ring]:
        raise SchemeError(
            f"A walk over {ring} takes factors of at most {LONGEST[ring]} coordinates; those of "
            f"<{n},{m},{p}>_{division} have up to {longest}"
        )


def _extendable(n: int, m: int, p: int) -> str:
    return "".join(axis for axis, size in zip("nmp", (n, m, p), strict=True) if size > 1)


def _extended(
    n: int,
    m: int,
    p: int,
    axis: str,
    division: str,
    registry: Registry,
    wander: tuple[Ring, int] | None,
) -> Scheme:
    """Join the best scheme that is smaller by one with a standard slice; let it wander before."""
    sizes = {"n": n, "m": m, "p": p}
    small = sizes | {axis: sizes[axis] - 1}
    core = best_scheme(small["n"], small["m"], small["p"], division, registry=registry)
    if wander is not None and fits(core, wander[0]):
        core = _wandered(core, *wander)
    slab = standard_scheme(**(sizes | {axis: 1}), division=division)
    return join(core, slab, axis)


def _projected(n: int, m: int, p: int, registry: Registry) -> list[Scheme]:
    """Restrict the best schemes of sizes larger by one where that is no worse than extending."""
    found = []
    sizes = (n, m, p)
    limit = best_rank(n, m, p, registry=registry) + _SPREAD
    for place, scheme in enumerate(_larger(n, m, p, registry)):
        for dropped in range(sizes[place] + 1):
            keep = [tuple(range(size)) for size in sizes]
            keep[place] = tuple(i for i in range(sizes[place] + 1) if i != dropped)
            small = restricted(scheme, n, m, p, keep=(keep[0], keep[1], keep[2]))
            if small.rank <= limit:
                found.append(small)
    return found


def _larger(n: int, m: int, p: int, registry: Registry) -> list[Scheme]:
    """Return the best schemes with one size larger by one, for each of the three."""
    found = []
    for place in range(3):
        a, b, c = (size + (axis == place) for axis, size in enumerate((n, m, p)))
        found.append(best_scheme(a, b, c, registry=registry))
    return found


def _projected_modulo_2(n: int, m: int, p: int, registry: Registry) -> list[PackedTerms]:
    """Project larger schemes along every hyperplane; keep the shortest ones of each."""
    found = []
    for axis, scheme in zip("nmp", _larger(n, m, p, registry), strict=True):
        if not fits(scheme, "F2") or max(n, m, p) >= _LARGEST:
            continue
        modulo_2 = replace(scheme, denominators=(1, 1, 1), characteristic=2)
        schemes = projections(modulo_2, axis)
        found += [packed(s, "F2") for s in schemes if s.rank <= schemes[0].rank + 1]
    return found


def _wandered(s: Scheme, ring: Ring, seed: int) -> Scheme:
    """Return another scheme of the same rank, reached by flips, reduced to the ring."""
    reached = wandered(packed(s, ring), _WANDER, seed)
    rows = (len(s.U), len(s.V), len(s.W))
    return Scheme(s.shape, *reached.factors(rows), division=s.division)


def fits(s: Scheme, ring: Ring) -> bool:
    """Tell whether a scheme can be reduced to the ring."""
    factors = (s.U, s.V, s.W)
    if ring != "Z":
        return all(d % _PRIMES[ring] for d in s.denominators)
    return s.ring == "Z" and all(np.abs(factor).max(initial=0) <= 1 for factor in factors)


def packed(s: Scheme, ring: Ring) -> PackedTerms:
    """Reduce a scheme that fits to the ring."""
    # Modulo 2 an odd denominator is 1, and modulo 3 one that is no multiple of it is its inverse.
    scale = s.denominators[0] * s.denominators[1] * s.denominators[2] if ring == "F3" else 1
    return PackedTerms.from_factors(s.U * (scale % 3 if ring == "F3" else 1), s.V, s.W, ring)
