"""The best scheme for any sizes that a registry yields, and how it is built."""

from dataclasses import replace
from functools import lru_cache
from math import prod
from numbers import Integral

from .._text import product_name
from .._typing import Sizes
from ..errors import SchemeError
from ._constructions import TABLE_LIMIT, Construction, Constructions, Product, Uneven, in_order
from ._uneven import covers, filled, outer_for, uneven_product
from .compose import join, kronecker, permuted, restricted, standard_scheme
from .matrix_product import require_division
from .registry import Registry, Ring, constructions, default_registry
from .scheme import Scheme


def _asked(
    n: int, m: int, p: int, division: str, registry: Registry | None, ring: Ring | None
) -> tuple[Registry, Product, Constructions]:
    """Check a question; return where to look, the product in order, and how it is built."""
    require_division(division)
    if not all(isinstance(size, Integral) for size in (n, m, p)) or min(n, m, p) < 1:
        raise SchemeError(f"Sizes must be positive integers, not ({n}, {m}, {p})")
    registry = default_registry() if registry is None else registry
    registry = registry if ring is None else registry.over(ring)
    key = in_order((division, (n, m, p)))
    return registry, key, constructions(registry, key)


def best_rank(
    n: int,
    m: int,
    p: int,
    division: str = "R",
    *,
    registry: Registry | None = None,
    ring: Ring | None = None,
) -> int:
    """Return the rank of the best scheme for <n,m,p> without building it.

    Parameters
    ----------
    n, m, p : int
        Sizes: an n x m matrix times an m x p matrix.
    division : {"R", "C", "H"}
        Where the entries live; over C and H the ranks count real products.
    registry : Registry, optional
        Where to look; by default the schemes that come with the package.
    ring : {"Q", "Z", "ZT", "F2"}, optional
        What the coefficients may be, as in `Registry.over`; by default what the registry has.

    Returns
    -------
    int
        An upper bound on the tensor rank over the rational numbers, or modulo 2.

    Raises
    ------
    SchemeError
        If a size is not positive, or the algebra or the ring unknown.

    Examples
    --------
    >>> best_rank(2, 2, 2), best_rank(1, 1, 1, "C"), best_rank(1, 1, 1, "H")
    (7, 3, 8)
    """
    registry, key, _ = _asked(n, m, p, division, registry, ring)
    return _left(registry, key)


@lru_cache(maxsize=4096)
def _left(registry: Registry, key: Product) -> int:
    """Count the terms that are left when the best scheme for sorted sizes is built."""
    return _counted(registry, key, constructions(registry, key), {})


def _counted(
    registry: Registry, key: Product, known: Constructions, counted: dict[Product, int]
) -> int:
    """Count them by what parts have; by building what some terms of may vanish."""
    if key in counted:
        return counted[key]
    made = known[key]
    parts = [
        _left(registry, part)
        if max(part[1]) <= TABLE_LIMIT
        else _counted(registry, part, known, counted)
        for part in map(in_order, made.parts)
    ]
    if made.kind in ("stored", "standard"):
        rank = made.rank
    elif made.kind == "restricted" or (made.uneven and _may_vanish(registry, made.uneven)):
        rank = _composed(registry, key).rank
    elif made.uneven:
        rank = sum(count * each for (_, count), each in zip(made.uneven.counts, parts, strict=True))
    else:
        rank = sum(parts) if made.kind == "split" else prod(parts)
    counted[key] = rank
    return rank


def _may_vanish(registry: Registry, cut: Uneven) -> bool:
    """Whether an uneven product may have fewer terms than its parts."""
    outer = outer_for(registry.schemes[cut.number], cut.blocks)
    return cut.way > 0 or not covers(outer, filled(cut.blocks))


def construction(
    n: int,
    m: int,
    p: int,
    division: str = "R",
    *,
    registry: Registry | None = None,
    ring: Ring | None = None,
) -> str:
    """Say in one line how the best scheme for <n,m,p> is built.

    Parameters
    ----------
    n, m, p : int
        The sizes.
    division : {"R", "C", "H"}
        The algebra of the entries.
    registry : Registry, optional
        As in `best_rank`.
    ring : {"Q", "Z", "ZT", "F2"}, optional
        As in `best_rank`.

    Returns
    -------
    str
        For the sizes in increasing order; schemes from the user's searches are named.

    Raises
    ------
    SchemeError
        If a size is not positive, or the algebra or the ring unknown.

    Examples
    --------
    >>> construction(4, 1, 1)
    '<1,1,4>:4 = standard'
    >>> construction(3, 3, 1, "C")
    '<1,3,3>_C:26 = <1,1,3>_C:9 + <1,2,3>_C:17'
    """
    registry, key, known = _asked(n, m, p, division, registry, ring)
    return _text(key, known, registry)


def _named(product: Product, registry: Registry) -> str:
    division, sizes = product
    rank = _left(registry, in_order(product))
    return f"{product_name(sizes, division)}:{rank}"


def _text(key: Product, known: Constructions, registry: Registry) -> str:
    made = known[key]
    parts = [_named(part, registry) for part in made.parts]
    detail = {
        "split": " + ".join(parts),
        "kronecker": " x ".join(parts),
        "restricted": f"restricted {''.join(parts)}",
        "uneven": _uneven_text(made, parts, registry),
    }.get(made.kind, made.kind)
    credit = _credit(_parts(key, known, registry), registry)
    return f"{_named(key, registry)} = {detail}{credit}"


def _uneven_text(made: Construction, parts: list[str], registry: Registry) -> str:
    """Say which scheme multiplies which blocks in how many products of which sizes."""
    cut = made.uneven
    if cut is None:
        return ""
    outer = registry.schemes[cut.number]
    sizes = tuple(map(len, cut.blocks))
    blocks = ",".join("+".join(map(str, block)) for block in cut.blocks)
    counted = zip(cut.counts, parts, strict=True)
    terms = " + ".join(f"{count} {part}" if count > 1 else part for (_, count), part in counted)
    name = product_name((sizes[0], sizes[1], sizes[2]), "R")
    return f"{name}:{outer.rank} on blocks {blocks}: {terms}"


def _credit(found: tuple[Scheme, ...], registry: Registry) -> str:
    """Name those schemes that are not the package's but from the user's searches."""
    own = [s for s in found if registry.origin(s) == "user"]
    names = (f"{product_name(s.shape, s.division)}:{s.rank}" for s in own)
    return f" (user's {', '.join(names)})" if own else ""


def _parts(key: Product, known: Constructions, registry: Registry) -> tuple[Scheme, ...]:
    """Return the stored schemes that a construction comes down to."""
    return tuple(registry.schemes[number] for number in sorted(_numbers(key, known)))


def _numbers(key: Product, known: Constructions) -> set[int]:
    """Return the numbers of these schemes in the registry."""
    made = known[key]
    if made.kind == "stored":
        return {made.detail}
    own = {made.uneven.number} if made.uneven else set()
    return own.union(*(_numbers(in_order(part), known) for part in made.parts))


def ingredients(
    n: int,
    m: int,
    p: int,
    division: str = "R",
    *,
    registry: Registry | None = None,
    ring: Ring | None = None,
) -> tuple[Scheme, ...]:
    """Return the stored schemes that the best scheme for <n,m,p> is built from.

    Parameters
    ----------
    n, m, p : int
        The sizes.
    division : {"R", "C", "H"}
        The algebra of the entries.
    registry : Registry, optional
        As in `best_rank`.
    ring : {"Q", "Z", "ZT", "F2"}, optional
        As in `best_rank`.

    Returns
    -------
    tuple of Scheme
        Each once, in the order of the registry; empty for the standard scheme.

    Raises
    ------
    SchemeError
        If a size is not positive, or the algebra or the ring unknown.

    Examples
    --------
    >>> ingredients(4, 4, 2)
    (Scheme(<2,4,4>, rank=26, ring='Z'),)
    """
    registry, key, known = _asked(n, m, p, division, registry, ring)
    return _parts(key, known, registry)


@lru_cache(maxsize=128)
def _built(registry: Registry, key: Product) -> Scheme:
    """Build the best scheme for sorted sizes, and say how."""
    known = constructions(registry, key)
    made = _composed(registry, key)
    if known[key].parts:
        return replace(made, provenance=_text(key, known, registry))
    return made


@lru_cache(maxsize=128)
def _composed(registry: Registry, key: Product) -> Scheme:
    """Build the best scheme for sorted sizes."""
    division, sizes = key
    made = constructions(registry, key)[key]
    if made.kind == "stored":
        return permuted(registry.schemes[made.detail], *sizes)
    if made.kind == "standard":
        return standard_scheme(*sizes, division, characteristic=2 if registry.ring == "F2" else 0)
    if made.uneven:
        return _uneven_scheme(registry, key, made.uneven)
    parts = [permuted(_composed(registry, in_order(part)), *part[1]) for part in made.parts]
    if made.kind == "restricted":
        return permuted(restricted(parts[0], *sizes), *sizes)
    if made.kind == "split":
        return join(parts[0], parts[1], "nmp"[made.detail])
    return kronecker(parts[0], parts[1])


def _uneven_scheme(registry: Registry, key: Product, cut: Uneven) -> Scheme:
    """Build an uneven product from its outer scheme and the best ones for its blocks."""
    division, sizes = key

    def inner(part: Sizes) -> Scheme:
        return permuted(_composed(registry, in_order((division, part))), *part)

    outer = outer_for(registry.schemes[cut.number], cut.blocks)
    made = uneven_product(outer, filled(cut.blocks), cut.way, inner, registry.ring == "ZT")
    return permuted(made, *sizes)


def best_scheme(
    n: int,
    m: int,
    p: int,
    division: str = "R",
    *,
    registry: Registry | None = None,
    ring: Ring | None = None,
) -> Scheme:
    """Build the best scheme for <n,m,p> over R, C or H that the registry knows.

    Parameters
    ----------
    n, m, p : int
        The sizes.
    division : {"R", "C", "H"}
        The algebra of the entries. Over C and H the scheme is real, over the coordinates
        ``(i * columns + j) * d + component``.
    registry : Registry, optional
        As in `best_rank`.
    ring : {"Q", "Z", "ZT", "F2"}, optional
        As in `best_rank`.

    Returns
    -------
    Scheme
        Exact, of rank `best_rank`.

    Raises
    ------
    SchemeError
        If a size is not positive, or the algebra or the ring unknown.

    Notes
    -----
    The rank is minimised over stored schemes up to permutation of the sizes, splittings of one
    size, Kronecker products, restrictions of larger schemes and products with blocks of different
    sizes, in which terms with a common factor are taken together; beyond size 16 over products with
    two halves of every size and not over all of these. Terms may vanish when blocks are put
    together; `best_rank` counts those that are left. Over C and H
    so are schemes over the algebra, and each may be multiplied by a scheme over R from the outside:
    <2,2,2> of rank 7 with the complex product <1,1,1>_C of rank 3 gives 21.

    Examples
    --------
    >>> best_scheme(2, 2, 2).check()
    Scheme(<2,2,2>, rank=7, ring='Z')
    >>> best_scheme(2, 2, 2, "H").check()
    Scheme(<2,2,2>_H, rank=56, ring='Z')
    """
    registry, key, _ = _asked(n, m, p, division, registry, ring)
    return permuted(_built(registry, key), n, m, p)
