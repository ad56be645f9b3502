"""The registry of exact schemes, and the best scheme that it yields for any sizes."""

from dataclasses import dataclass, replace
from functools import lru_cache

from .._typing import Sizes
from ..errors import SchemeError
from ._constructions import Constructions, Stored, constructions_for, in_order
from .compose import join, kronecker, permuted, restricted, standard_scheme
from .library import load_schemes, user_schemes
from .scheme import Scheme, require_division


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Registry:
    """An immutable collection of exact schemes.

    Attributes
    ----------
    schemes : tuple of Scheme
        The schemes that others are built from.
    origins : tuple of str
        "package" or "user" for each of the first schemes; nothing for those added by hand.

    Examples
    --------
    >>> len(Registry(()).with_scheme(standard_scheme(2, 2, 2)).schemes)
    1
    """

    schemes: tuple[Scheme, ...]
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for s in self.schemes:
            if s.characteristic:
                raise SchemeError(
                    f"{s!r} holds modulo {s.characteristic} only; lift it before it is registered"
                )

    def origin(self, s: Scheme) -> str:
        """Say where a scheme of this registry is from: "package", "user", or "" if unknown."""
        pairs = zip(self.schemes, self.origins, strict=False)
        return next((origin for known, origin in pairs if known is s), "")

    def with_scheme(self, s: Scheme) -> "Registry":
        """Return a registry that also holds ``s``.

        Parameters
        ----------
        s : Scheme
            Checked exactly before it is admitted.

        Returns
        -------
        Registry
            A new registry.

        Raises
        ------
        SchemeError
            If the scheme is wrong (the message names the first failing equation) or over F_2.
        """
        return Registry((*self.schemes, s.check()), self.origins)

    def __repr__(self) -> str:
        return f"Registry({len(self.schemes)} schemes)"


@lru_cache(maxsize=1)
def default_registry() -> Registry:
    """Return the registry of the schemes that come with the package.

    Returns
    -------
    Registry
        Immutable, so the cached value is shared.

    Examples
    --------
    >>> default_registry().origins[0]
    'package'
    """
    schemes = load_schemes()
    return Registry(schemes, ("package",) * len(schemes))


def user_registry() -> Registry:
    """Return the registry of the package's schemes and of those that the user's searches found.

    Returns
    -------
    Registry
        That of `default_registry` if the user has none; of equal ranks the package's are taken.

    Examples
    --------
    >>> len(user_registry().schemes) >= len(default_registry().schemes)
    True
    """
    found = user_schemes()
    return _extended(found) if found else default_registry()


@lru_cache(maxsize=4)
def _extended(found: tuple[Scheme, ...]) -> Registry:
    packaged = default_registry()
    origins = (*packaged.origins, *("user" for _ in found))
    return Registry((*packaged.schemes, *found), origins)


@lru_cache(maxsize=8)
def _stored(registry: Registry) -> Stored:
    """Return sorted sizes, rank and number of the best scheme over R for each sizes."""
    best: dict[Sizes, tuple[int, int]] = {}
    for number, s in enumerate(registry.schemes):
        key = in_order(*s.shape)
        if s.division == "R" and (key not in best or s.rank < best[key][0]):
            best[key] = (s.rank, number)
    return tuple((key, rank, number) for key, (rank, number) in best.items())


def _asked(
    n: int, m: int, p: int, division: str, registry: Registry | None
) -> tuple[Registry, Sizes, Constructions]:
    """Check a question; return where to look, the sorted sizes, and how they are built over R."""
    require_division(division)
    if min(n, m, p) < 1:
        raise SchemeError(f"Sizes must be positive integers, not ({n}, {m}, {p})")
    registry = default_registry() if registry is None else registry
    key = in_order(n, m, p)
    return registry, key, constructions_for(_stored(registry), key)


def _unit(division: str, registry: Registry) -> Scheme:
    """Return the best stored scheme for the product of two numbers of the algebra."""
    units = [s for s in registry.schemes if s.shape == (1, 1, 1) and s.division == division]
    return min(units, key=lambda s: s.rank) if units else standard_scheme(1, 1, 1, division)


def _direct(n: int, m: int, p: int, division: str, registry: Registry) -> Scheme | None:
    """Return the best stored scheme for exactly these sizes over C or H."""
    same = [s for s in registry.schemes if s.shape == (n, m, p) and s.division == division]
    return min(same, key=lambda s: s.rank) if same else None


def best_rank(
    n: int, m: int, p: int, division: str = "R", *, registry: Registry | None = None
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

    Returns
    -------
    int
        An upper bound on the tensor rank over the rational numbers.

    Raises
    ------
    SchemeError
        If a size is not positive or the algebra unknown.

    Examples
    --------
    >>> best_rank(2, 2, 2), best_rank(1, 1, 1, "C"), best_rank(1, 1, 1, "H")
    (7, 3, 8)
    """
    registry, key, known = _asked(n, m, p, division, registry)
    real = known[key].rank
    if division == "R":
        return real
    rank = real * _unit(division, registry).rank
    direct = _direct(n, m, p, division, registry)
    return rank if direct is None else min(rank, direct.rank)


def construction(
    n: int, m: int, p: int, division: str = "R", *, registry: Registry | None = None
) -> str:
    """Say in one line how the best scheme for <n,m,p> is built.

    Parameters
    ----------
    n, m, p, division, registry
        As in `best_rank`.

    Returns
    -------
    str
        For the sizes in increasing order; schemes from the user's searches are named.

    Raises
    ------
    SchemeError
        If a size is not positive or the algebra unknown.

    Examples
    --------
    >>> construction(4, 1, 1)
    '<1,1,4>:4 = standard'
    """
    registry, key, known = _asked(n, m, p, division, registry)
    direct = _best_direct(n, m, p, division, registry)
    if direct is not None:
        return f"<{n},{m},{p}>_{division}:{direct.rank} = stored{_credit((direct,), registry)}"
    text = _text(key, known, registry)
    if division == "R":
        return text
    unit = _unit(division, registry)
    return f"{text}, {unit.rank} for each product over {division}{_credit((unit,), registry)}"


def _text(key: Sizes, known: Constructions, registry: Registry) -> str:
    made = known[key]
    name = "<{},{},{}>:{}"
    parts = [name.format(*part, known[in_order(*part)].rank) for part in made.parts]
    detail = {
        "split": " + ".join(parts),
        "kronecker": " x ".join(parts),
        "restricted": f"restricted {parts[0]}",
    }.get(made.kind, made.kind)
    credit = _credit(_parts(key, known, registry), registry)
    return f"{name.format(*key, made.rank)} = {detail}{credit}"


def _credit(found: tuple[Scheme, ...], registry: Registry) -> str:
    """Name those schemes that are not the package's but from the user's searches."""
    own = [s for s in found if registry.origin(s) == "user"]
    names = ("<{},{},{}>:{}".format(*s.shape, s.rank) for s in own)
    return f" (user's {', '.join(names)})" if own else ""


def _parts(key: Sizes, known: Constructions, registry: Registry) -> tuple[Scheme, ...]:
    """Return the stored schemes that a construction comes down to."""
    return tuple(registry.schemes[number] for number in sorted(_numbers(key, known)))


def _numbers(key: Sizes, known: Constructions) -> set[int]:
    """Return the numbers of these schemes in the registry."""
    made = known[key]
    if made.kind == "stored":
        return {made.detail}
    if made.kind == "standard":
        return set()
    return set().union(*(_numbers(in_order(*part), known) for part in made.parts))


def ingredients(
    n: int, m: int, p: int, division: str = "R", *, registry: Registry | None = None
) -> tuple[Scheme, ...]:
    """Return the stored schemes that the best scheme for <n,m,p> is built from.

    Parameters
    ----------
    n, m, p, division, registry
        As in `best_rank`.

    Returns
    -------
    tuple of Scheme
        Each once, in the order of the registry; empty for the standard scheme.

    Raises
    ------
    SchemeError
        If a size is not positive or the algebra unknown.

    Examples
    --------
    >>> ingredients(4, 4, 2)
    (Scheme(<2,4,4>, rank=26, ring='Z'),)
    """
    registry, key, known = _asked(n, m, p, division, registry)
    direct = _best_direct(n, m, p, division, registry)
    if direct is not None:
        return (direct,)
    found = _parts(key, known, registry)
    unit = _unit(division, registry)
    stored = division != "R" and any(s is unit for s in registry.schemes)
    return (*found, unit) if stored else found


def _best_direct(n: int, m: int, p: int, division: str, registry: Registry) -> Scheme | None:
    """Return the stored scheme over C or H that is as good as any that can be built."""
    if division == "R":
        return None
    direct = _direct(n, m, p, division, registry)
    rank = best_rank(n, m, p, division, registry=registry)
    return direct if direct is not None and direct.rank == rank else None


@lru_cache(maxsize=512)
def _built(registry: Registry, key: Sizes) -> Scheme:
    """Build the best scheme over R for sorted sizes."""
    known = constructions_for(_stored(registry), key)
    made = known[key]
    if made.kind == "stored":
        return permuted(registry.schemes[made.detail], *key)
    if made.kind == "standard":
        return standard_scheme(*key)
    parts = [permuted(_built(registry, in_order(*part)), *part) for part in made.parts]
    if made.kind == "restricted":
        result = permuted(restricted(parts[0], *key), *key)
    elif made.kind == "split":
        result = join(parts[0], parts[1], "nmp"[made.detail])
    else:
        result = kronecker(parts[0], parts[1])
    return replace(result, provenance=_text(key, known, registry))


def best_scheme(
    n: int, m: int, p: int, division: str = "R", *, registry: Registry | None = None
) -> Scheme:
    """Build the best scheme for <n,m,p> over R, C or H that the registry knows.

    Parameters
    ----------
    n, m, p, division, registry
        As in `best_rank`. Over C and H the scheme is real, over the coordinates
        ``(i * columns + j) * d + component``.

    Returns
    -------
    Scheme
        Exact, of rank `best_rank`.

    Raises
    ------
    SchemeError
        If a size is not positive or the algebra unknown.

    Notes
    -----
    The rank is minimised over stored schemes up to permutation of the sizes, splittings of one
    size, Kronecker products and restrictions of larger schemes. Over C and H it is the product of a
    scheme over R with one for the multiplication of the algebra (rank 3 and 8).

    Examples
    --------
    >>> best_scheme(2, 2, 2).check()
    Scheme(<2,2,2>, rank=7, ring='Z')
    >>> best_scheme(2, 2, 2, "H").check()
    Scheme(<2,2,2>_H, rank=56, ring='Z')
    """
    registry, key, _ = _asked(n, m, p, division, registry)
    direct = _best_direct(n, m, p, division, registry)
    if direct is not None:
        return direct
    real = permuted(_built(registry, key), n, m, p)
    return real if division == "R" else kronecker(real, _unit(division, registry))
