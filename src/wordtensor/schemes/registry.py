"""The registry of exact schemes: those of the package and the user's, over a ring."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal, get_args

from ..errors import SchemeError
from ._complex_library import user_complex_schemes
from ._constructions import Constructions, Outers, Product, Stored, in_order
from ._large_sizes import constructions_for
from .complex_scheme import ComplexScheme, complex_permuted
from .library import load_schemes, user_schemes
from .scheme import Scheme

Ring = Literal["Q", "Z", "ZT", "F2"]
_RINGS: Final = get_args(Ring)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Registry:
    """An immutable collection of exact schemes.

    Attributes
    ----------
    schemes : tuple of Scheme
        The schemes that others are built from.
    origins : tuple of str
        "package" or "user" for each of the first schemes; nothing for those added by hand.
    complex_schemes : tuple of ComplexScheme
        Those with complex coefficients. No rank over R counts them; see `complex_scheme`.
    ring : {"Q", "Z", "ZT", "F2"}
        What the coefficients are, of these schemes and of what is built from them: rational,
        integer, only -1, 0 and 1, or modulo 2.

    Examples
    --------
    >>> len(Registry(()).with_scheme(default_registry().schemes[0]).schemes)
    1
    """

    schemes: tuple[Scheme, ...]
    origins: tuple[str, ...] = ()
    complex_schemes: tuple[ComplexScheme, ...] = ()
    ring: Ring = "Q"

    def __post_init__(self) -> None:
        _require_ring(self.ring)
        for s in self.schemes:
            if s.characteristic and (s.characteristic, self.ring) != (2, "F2"):
                raise SchemeError(
                    f"{s!r} holds modulo {s.characteristic} only; lift it before it is registered"
                )
            if not _over(s, self.ring):
                raise SchemeError(f"{s!r} is no scheme over {self.ring!r}, as its registry is")

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
        return replace(self, schemes=(*self.schemes, s.check()))

    def complex_scheme(self, n: int, m: int, p: int) -> ComplexScheme | None:
        """Return the best stored scheme with complex coefficients that beats those over R.

        Parameters
        ----------
        n, m, p : int
            Sizes: an n x m matrix times an m x p matrix.

        Returns
        -------
        ComplexScheme or None
            None if no stored one, up to the order of the sizes, has fewer terms than `best_rank`.

        Examples
        --------
        >>> default_registry().complex_scheme(4, 4, 4) is None
        True
        """
        fitting = [s for s in self.complex_schemes if sorted(s.shape) == sorted((n, m, p))]
        best = min(fitting, key=lambda s: s.rank, default=None)
        real = in_order(("R", (n, m, p)))
        if best is None or best.rank >= constructions(self, real)[real].rank:
            return None
        return complex_permuted(best, n, m, p)

    def over(self, ring: Ring) -> "Registry":
        """Return a registry of those schemes whose coefficients are of a ring.

        Parameters
        ----------
        ring : {"Q", "Z", "ZT", "F2"}
            Rational, integer, only -1, 0 and 1, or modulo 2. Modulo 2 a scheme with odd
            denominators is reduced.

        Returns
        -------
        Registry
            What `best_scheme` builds from it has such coefficients as well.

        Raises
        ------
        SchemeError
            If the ring is unknown.

        Examples
        --------
        >>> from wordtensor.schemes import best_scheme
        >>> best_scheme(2, 3, 4, registry=default_registry().over("ZT")).has_signs_only
        True
        >>> best_scheme(2, 2, 2, registry=default_registry().over("F2"))
        Scheme(<2,2,2>, rank=7, ring='F2')
        """
        _require_ring(ring)
        return self if ring == self.ring else _registry_over(self, ring)

    def signs_only(self) -> "Registry":
        """Return a registry of those schemes whose coefficients are all -1, 0 and 1.

        Returns
        -------
        Registry
            The same as ``over("ZT")``.

        Examples
        --------
        >>> default_registry().signs_only() is default_registry().over("ZT")
        True
        """
        return self.over("ZT")

    def __repr__(self) -> str:
        return f"Registry({len(self.schemes)} schemes)"


def _require_ring(ring: str) -> None:
    if ring not in _RINGS:
        raise SchemeError(f"Argument 'ring' must be 'Q', 'Z', 'ZT' or 'F2', not {ring!r}")


def _over(s: Scheme, ring: str) -> bool:
    """Say whether a scheme has its coefficients in a ring."""
    if s.characteristic or ring == "F2":
        return s.characteristic == 2 or all(value % 2 for value in s.denominators)
    return ring == "Q" or (s.has_signs_only if ring == "ZT" else s.ring == "Z")


@lru_cache(maxsize=8)
def _registry_over(registry: Registry, ring: Ring) -> Registry:
    kept = tuple(s for s in registry.schemes if _over(s, ring) and not s.characteristic)
    origins = tuple(registry.origin(s) for s in kept)
    if ring == "F2":
        kept = tuple(replace(s, characteristic=2) for s in kept)
    return Registry(kept, origins, ring=ring)


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
    found, over_c = user_schemes(), user_complex_schemes()
    return _extended(found, over_c) if found or over_c else default_registry()


@lru_cache(maxsize=4)
def _extended(found: tuple[Scheme, ...], over_c: tuple[ComplexScheme, ...]) -> Registry:
    packaged = default_registry()
    origins = (*packaged.origins, *("user" for _ in found))
    return Registry((*packaged.schemes, *found), origins, over_c)


@lru_cache(maxsize=8)
def stored_products(registry: Registry) -> Stored:
    """Return sorted sizes, rank and number of the best stored scheme for each product."""
    best: dict[Product, tuple[int, int]] = {}
    for number, s in enumerate(registry.schemes):
        key = in_order((s.division, s.shape))
        if key not in best or s.rank < best[key][0]:
            best[key] = (s.rank, number)
    return tuple((key, rank, number) for key, (rank, number) in best.items())


@lru_cache(maxsize=8)
def outers(registry: Registry) -> Outers:
    """Return the schemes that uneven products over this registry are made with."""
    return Outers(registry.schemes, stored_products(registry), registry.ring == "ZT")


def constructions(registry: Registry, key: Product) -> Constructions:
    """Return how the best scheme for sorted sizes is built, and those that it is built from."""
    return constructions_for(stored_products(registry), key, outers(registry))
