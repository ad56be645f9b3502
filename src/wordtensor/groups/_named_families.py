"""The families of groups that have names: patterns, canonical forms, orders, constructors."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from . import _generated as generated
from . import families
from ._extraspecial import extraspecial
from ._gap import gap_small_group
from ._group import Group


@dataclass(frozen=True, slots=True)
class Unbuilt:
    """A group not yet made: its canonical name, its order, and how to make it."""

    name: str
    order: int
    build: Callable[[], Group]
    factors: tuple["Unbuilt", ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """A pattern of names with its order and constructor, both functions of the numbers in it."""

    pattern: re.Pattern[str]
    form: str  # the canonical name
    order: Callable[..., int]
    build: Callable[..., Group]

    def unbuilt(self, numbers: tuple[int, ...]) -> Unbuilt:
        name = self.form.format(*numbers)
        return Unbuilt(name, self.order(*numbers), partial(self.build, *numbers))


def capped_power(base: int, exponent: int) -> int:
    """Return a power, the exponent cut off far above the limit: a typing error costs nothing."""
    return int(base ** min(exponent, 50))


def _factorial(n: int) -> int:
    return math.factorial(min(n, 20))


def _family(
    pattern: str, form: str, order: Callable[..., int], build: Callable[..., Group]
) -> Family:
    return Family(re.compile(pattern, re.IGNORECASE | re.ASCII), form, order, build)


def _linear_family(kind: str) -> Family:
    pattern = rf"{kind}(?:\(2,(\d+)\)|2\((\d+)\))"
    order, build = partial(generated.linear_order, kind), partial(generated.linear, kind)
    return _family(pattern, kind + "(2,{})", order, build)


# What GAP, Sage and the books write alike is read as well: CyclicGroup(n), Z/nZ, QDn, Cnv.
FAMILIES: Final = (
    _family(r"[cz](\d+)|z/(\d+)z?|cyclicgroup\((\d+)\)", "C{}", lambda n: n, families.cyclic),
    _family(r"d(\d+)|c(\d+)v", "D{}", lambda n: 2 * n, families.dihedral),
    _family(r"dic(\d+)", "Dic{}", lambda n: 4 * n, families.dicyclic),
    _family(r"q(\d+)|quaterniongroup\((\d+)\)", "Q{}", lambda n: n, families.quaternion),
    _family(r"[sq]d(\d+)", "SD{}", lambda n: n, families.semidihedral),
    _family(r"[vk]4", "V4", lambda: 4, families.klein),
    _family(r"s(\d+)|sym(?:metricgroup)?\((\d+)\)", "S{}", _factorial, generated.symmetric),
    _family(
        r"a(\d+)|alt(?:ernatinggroup)?\((\d+)\)",
        "A{}",
        lambda n: _factorial(n) // 2 or 1,
        generated.alternating,
    ),
    *(_linear_family(kind) for kind in ("SL", "GL", "PSL", "PGL")),
    _family(r"m(\d+)\((\d+)\)", "M{}({})", lambda m, p: capped_power(p, m), families.modular),
    _family(r"es\+\((\d+)\)", "ES+({})", lambda n: n, partial(extraspecial, 1)),
    _family(r"es-\((\d+)\)", "ES-({})", lambda n: n, partial(extraspecial, -1)),
    _family(r"agl\(1,(\d+)\)", "AGL(1,{})", lambda q: q * (q - 1), generated.affine),
    _family(r"hol\([cz](\d+)\)", "Hol(C{})", generated.holomorph_order, generated.holomorph),
    _family(r"heis\((\d+)\)", "Heis({})", lambda p: p**3, generated.heisenberg),
    _family(r"[cz](\d+):[cz](\d+)", "C{}:C{}", lambda m, n: m * n, families.semidirect),
    _family(
        r"[cz](\d+):[cz](\d+)\[(\d+)\]",
        "C{}:C{}[{}]",
        lambda m, n, r: m * n,
        families.semidirect,
    ),
    _family(
        r"smallgroup\((?:(\d+),(\d+)|\[(\d+),(\d+)\])\)",
        "SmallGroup({},{})",
        lambda n, k: n,
        gap_small_group,
    ),
)
