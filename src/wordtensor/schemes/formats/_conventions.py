"""Files that do not say all: every reading that fits is tried, and the one that holds is named."""

from collections.abc import Sequence
from math import lcm
from typing import NamedTuple

import numpy as np

from ..._typing import Sizes
from ...errors import SchemeError
from .._rational import Factor, checked_scheme
from ..complex_scheme import ComplexScheme
from ..compose import flipped
from ..scheme import Scheme, equations_missed, require_int64
from ._format import PLAIN, TRANSPOSED, Read


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
) -> Read[Scheme]:
    """Return the first of several readings that is an exact scheme, checked."""
    failures = []
    for sizes, factors, note in readings:
        text = _provenance(where, note) if provenance is None else provenance
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


def first_complex(
    readings: Sequence[Reading], with_units: Sequence[Reading], where: str
) -> Read[ComplexScheme]:
    """Do the same for complex ones, given by readings with 0 for i and with 1 for i."""
    failures = []
    for reading, with_unit in zip(readings, with_units, strict=True):
        text = _provenance(where, reading.note)
        try:
            return Read(_complex(reading, with_unit, where, text), reading.note)
        except SchemeError as error:
            failures.append(error)
    raise failures[0]


def _provenance(where: str, note: str) -> str:
    """Say what a scheme was read from, and how."""
    origin = where[:1].lower() + where[1:] + f", {note}" * bool(note)
    return f"read from {origin.removeprefix('file ')}"


def _complex(reading: Reading, with_unit: Reading, where: str, provenance: str) -> ComplexScheme:
    """Return the complex scheme a + b i of the readings a and a + b."""
    factors, denominators = [], []
    for (a, d), (sums, e) in zip(reading.factors, with_unit.factors, strict=True):
        common = lcm(d, e)
        for numerators, factor in ((a, common // d), (sums, common // e)):
            require_int64(2, factor, int(np.abs(numerators).max(initial=1)))
        real = a * (common // d)
        factors.append(np.stack([real, sums * (common // e) - real], 2))
        denominators.append(common)
    U, V, W = factors
    u, v, w = denominators
    try:
        return ComplexScheme(reading.sizes, U, V, W, (u, v, w), provenance).check()
    except SchemeError as error:
        raise SchemeError(f"{where}: {error}") from error


def _missed(reading: Reading, characteristic: int) -> float:
    """Count the equations that a reading fails."""
    (U, u), (V, v), (W, w) = reading.factors
    try:
        return equations_missed(
            Scheme(reading.sizes, U, V, W, denominators=(u, v, w), characteristic=characteristic)
        )
    except SchemeError:
        return float("inf")
