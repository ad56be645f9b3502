"""Files that do not say all: every reading that fits is tried, and the one that holds is named."""

from collections.abc import Sequence
from typing import NamedTuple

from ...errors import SchemeError
from .._rational import Factor, checked_scheme
from ..compose import flipped
from ..scheme import Scheme, equations_missed
from ._format import Read, Sizes

PLAIN = "third factor indexed by the product"
TRANSPOSED = "third factor indexed by the transposed product"


class Reading(NamedTuple):
    """Factors as a file may mean them, the product not transposed, and what that is called."""

    sizes: Sizes
    factors: tuple[Factor, Factor, Factor]
    note: str


def both_conventions(
    sizes: Sizes, U: Factor, V: Factor, W: Factor, *, plain: bool = True, turned: bool = True
) -> list[Reading]:
    """Return what factors mean if the third belongs to the transposed product, or to itself."""
    n, _, p = sizes
    if min(n, p) == 1:  # then there is no difference
        return [Reading(sizes, (U, V, W), "")]
    back = (flipped(W[0], p, n), W[1])
    readings = [Reading(sizes, (U, V, back), TRANSPOSED)] * turned
    return readings + [Reading(sizes, (U, V, W), PLAIN)] * plain


def first_exact(
    readings: Sequence[Reading],
    where: str,
    provenance: str | None = None,
    characteristic: int | None = None,
) -> Read:
    """Return the first of several readings that is an exact scheme, checked."""
    failures = []
    for sizes, factors, note in readings:
        origin = where[:1].lower() + where[1:] + f", {note}" * bool(note)
        text = f"read from {origin.removeprefix('file ')}" if provenance is None else provenance
        try:
            s = checked_scheme(
                sizes, factors, where, characteristic=characteristic, provenance=text
            )
        except SchemeError as error:
            failures.append(error)
            continue
        return Read(s, note)
    if len(failures) == 1:
        raise failures[0]
    missed = [_missed(reading, characteristic or 0) for reading in readings]
    best = missed.index(min(missed))
    raise SchemeError(
        f"{failures[best]} ({readings[best].note}: of {len(readings)} readings it is the nearest)"
    ) from failures[best]


def _missed(reading: Reading, characteristic: int) -> float:
    """Count the equations that a reading fails."""
    (U, u), (V, v), (W, w) = reading.factors
    try:
        return equations_missed(
            Scheme(reading.sizes, U, V, W, denominators=(u, v, w), characteristic=characteristic)
        )
    except SchemeError:
        return float("inf")
