"""From a name such as "S4", "D5 x C2" or "SL(2,3)" to a `Group`."""

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ..errors import GroupError
from . import _generated as generated
from . import families
from ._catalogue import small_group_name
from ._gap import gap_small_group
from ._group import Group
from ._tables import check_order
from .products import direct_product

_LONGEST_NAME = 200
_LONGEST_POWER = 12


@dataclass(frozen=True, slots=True)
class _Unbuilt:
    """A group not yet made: its canonical name, its order, and how to make it."""

    name: str
    order: int
    build: Callable[[], Group]
    factors: tuple["_Unbuilt", ...] = ()


@dataclass(frozen=True, slots=True)
class _Family:
    """A pattern of names with its order and constructor, both functions of the numbers in it."""

    pattern: re.Pattern[str]
    shown: str  # in the list of what is allowed
    form: str  # the canonical name
    order: Callable[..., int]
    build: Callable[..., Group]

    def unbuilt(self, numbers: tuple[int, ...]) -> _Unbuilt:
        name = self.form.format(*numbers)
        return _Unbuilt(name, self.order(*numbers), partial(self.build, *numbers))


def _compact(name: str) -> str:
    """Leave out spaces and underscores, and write products and semidirect products one way."""
    return re.sub(r"[\s_]", "", name).replace("×", "x").replace("⋊", ":")


def _power(base: int, exponent: int) -> int:
    # Cut off far above the limit, so that a typing error costs nothing.
    return int(base ** min(exponent, 50))


def _factorial(n: int) -> int:
    return math.factorial(min(n, 20))


def _family(
    pattern: str, shown: str, form: str, order: Callable[..., int], build: Callable[..., Group]
) -> _Family:
    return _Family(re.compile(pattern, re.IGNORECASE | re.ASCII), shown, form, order, build)


def _linear_family(kind: str) -> _Family:
    pattern = rf"{kind}(?:\(2,(\d+)\)|2\((\d+)\))"
    order, build = partial(generated.linear_order, kind), partial(generated.linear, kind)
    return _family(pattern, f"{kind}(2,q)", kind + "(2,{})", order, build)


_FAMILIES = (
    _family(r"[cz](\d+)", "Cn or Zn", "C{}", lambda n: n, families.cyclic),
    _family(r"d(\d+)", "Dn (order 2n)", "D{}", lambda n: 2 * n, families.dihedral),
    _family(r"dic(\d+)", "Dicn (order 4n)", "Dic{}", lambda n: 4 * n, families.dicyclic),
    _family(r"q(\d+)", "Q8, Q16, ...", "Q{}", lambda n: n, families.quaternion),
    _family(r"sd(\d+)", "SD16, SD32, ...", "SD{}", lambda n: n, families.semidihedral),
    _family(r"[vk]4", "V4 or K4", "V4", lambda: 4, families.klein),
    _family(r"s(\d+)", "Sn", "S{}", _factorial, generated.symmetric),
    _family(r"a(\d+)", "An", "A{}", lambda n: _factorial(n) // 2 or 1, generated.alternating),
    *(_linear_family(kind) for kind in ("SL", "GL", "PSL", "PGL")),
    _family(r"m(\d+)\((\d+)\)", "Mm(p)", "M{}({})", lambda m, p: _power(p, m), families.modular),
    _family(r"heis\((\d+)\)", "Heis(p)", "Heis({})", lambda p: p**3, generated.heisenberg),
    _family(r"[cz](\d+):[cz](\d+)", "Cm:Cn", "C{}:C{}", lambda m, n: m * n, families.semidirect),
    _family(
        r"[cz](\d+):[cz](\d+)\[(\d+)\]",
        "Cm:Cn[r]",
        "C{}:C{}[{}]",
        lambda m, n, r: m * n,
        families.semidirect,
    ),
    _family(
        r"smallgroup\((\d+),(\d+)\)",
        "SmallGroup(n,k)",
        "SmallGroup({},{})",
        lambda n, k: n,
        gap_small_group,
    ),
)

_ALLOWED = (
    f"Allowed are {', '.join(family.shown for family in _FAMILIES)}, products A x B and powers A^k "
    "of these, with parentheses."
)

# What people write out; understood only for suggestions.
_LONG_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "cyclic{}": "C{}",
        "dihedral{}": "D{}",
        "dicyclic{}": "Dic{}",
        "quaternion": "Q8",
        "quaternion{}": "Q{}",
        "klein": "V4",
        "symmetric{}": "S{}",
        "sym{}": "S{}",
        "alternating{}": "A{}",
        "alt{}": "A{}",
        "heisenberg{}": "Heis({})",
    }
)


def _filled(form: str, numbers: list[str]) -> str | None:
    """Put the numbers of a text into a form, if it has places for all of them."""
    places = re.findall(r"\{\}|\d+", form)
    if len(numbers) == len(places):  # with those that the form has anyway, as the 2 of SL(2,q)
        numbers = [number for place, number in zip(places, numbers, strict=True) if place == "{}"]
    return form.format(*numbers) if form.count("{}") == len(numbers) else None


def _suggestion(text: str) -> str:
    """Say which name may have been meant: the likest family, with the numbers of the text."""
    numbers = re.findall(r"[0-9]{1,6}", text)
    candidates = {}
    for word, form in {**{family.form: family.form for family in _FAMILIES}, **_LONG_WORDS}.items():
        written, meant = _filled(word, numbers), _filled(form, numbers)
        if written and meant:
            candidates[written.lower()] = meant
    if text.startswith("("):
        return "."
    close = difflib.get_close_matches(text.lower(), list(candidates), n=3, cutoff=0.6)
    meant = next((candidates[name] for name in close if _is_group(candidates[name])), None)
    return f'; did you mean "{meant}"?' if meant else "."


def _is_group(name: str) -> bool:
    """Tell whether a name is that of a group, by making it."""
    try:
        _read_product(_compact(name)).build()
    except GroupError:
        return False
    return True


def _unknown(text: str) -> GroupError:
    return GroupError(f'There is no group named "{text}"{_suggestion(text)} {_ALLOWED}')


def _read_atom(text: str) -> _Unbuilt:
    for family in _FAMILIES:
        match = family.pattern.fullmatch(text)
        if match:
            digits = [part for part in match.groups() if part is not None]
            if any(len(part) > 9 for part in digits):
                raise GroupError(
                    f'A number in "{text}" has more than 9 digits; write a smaller one'
                )
            numbers = tuple(int(part) for part in digits)
            known = small_group_name(*numbers) if family.form.startswith("Small") else None
            return _read_product(_compact(known)) if known else family.unbuilt(numbers)
    if ":" in text or "[" in text:
        raise GroupError(
            f'Cannot read "{text}": semidirect products are only known between cyclic groups, '
            "Cm:Cn or Cm:Cn[r]; give generators to Group.from_permutations for others"
        )
    raise _unknown(text)


def _split(text: str) -> list[str]:
    """Split at the x's that are outside all parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter in "xX" and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    if depth != 0:
        raise GroupError(f'The parentheses of "{text}" do not match; close each that is opened')
    return parts


def _in_parentheses(text: str) -> bool:
    """Say whether the first parenthesis closes at the very end."""
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return position == len(text) - 1 and text[0] == "("
    return False


def _joined(names: list[str]) -> str:
    """Join the names of the factors of a product."""
    return " x ".join(f"({name})" if ":" in name and name[0] != "(" else name for name in names)


def _raised(name: str, times: int) -> str:
    """Write the power of a group; only simple names go without parentheses."""
    return f"({name})^{times}" if re.search(r"[ :^]", name) else f"{name}^{times}"


def _read_factor(text: str) -> _Unbuilt:
    base, caret, exponent = text.rpartition("^")
    if caret and exponent.count("(") == exponent.count(")"):
        return _read_power(text, base, exponent)
    return _read_product(text[1:-1]) if _in_parentheses(text) else _read_atom(text)


def _read_power(text: str, base: str, exponent: str) -> _Unbuilt:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", exponent):
        raise GroupError(f'The exponent in "{text}" must be a positive number, as in "C2^3"')
    inner = _read_factor(base)
    times = int(exponent)
    if times == 1:
        return inner
    check_order(_power(inner.order, times), text)
    if times > _LONGEST_POWER:
        raise GroupError(f'The exponent in "{text}" must be at most {_LONGEST_POWER}')

    def build() -> Group:
        made = inner.build()
        return direct_product(*[made] * times, name=_raised(made.name, times))

    return _Unbuilt(_raised(inner.name, times), inner.order**times, build)


def _read_product(text: str) -> _Unbuilt:
    """Read a whole name; the order of a product is known before any factor is made."""
    if not text:
        raise GroupError(f"The name of a group is empty. {_ALLOWED}")
    parts = _split(text)
    if "" in parts:
        raise GroupError(
            f'A factor is missing in "{text}": x joins direct factors, as in "D5 x C2". {_ALLOWED}'
        )
    factors: list[_Unbuilt] = []
    for part in parts:
        factor = _read_factor(part)
        check_order(factor.order, factor.name)
        factors.extend(factor.factors or (factor,))
    if len(factors) == 1:
        return factors[0]
    name = _joined([factor.name for factor in factors])
    order = math.prod(factor.order for factor in factors)
    check_order(order, name)

    def build() -> Group:
        made = [factor.build() for factor in factors]
        # A constructor may know a shorter name: C7:C3[2] is C7:C3.
        return direct_product(*made, name=_joined([one.name for one in made]))

    return _Unbuilt(name, order, build, tuple(factors))


def group(name_or_group: str | Group) -> Group:
    """Return the group of a name; a `Group` passes through.

    Parameters
    ----------
    name_or_group : str or Group
        One of the forms below; capitals and spaces do not matter.

        - ``Cn`` or ``Zn`` cyclic, ``Dn`` dihedral of order 2n, ``Dicn`` dicyclic of order 4n,
          ``Q8``, ``Q16``, ... quaternion, ``SD16``, ... semidihedral, ``V4`` or ``K4``
        - ``Sn``, ``An`` with n at most 7; ``SL(2,q)``, ``GL(2,q)``, ``PSL(2,q)``, ``PGL(2,q)``
          with q prime; ``Heis(p)``, the unitriangular 3 x 3 matrices
        - ``Mm(p)`` = <x, y | x^(p^(m-1)) = y^p = 1, y x y^-1 = x^(1 + p^(m-2))>
        - ``Cm:Cn`` semidirect with faithful action, ``Cm:Cn[r]`` with y x y^-1 = x^r
        - ``SmallGroup(n,k)`` of GAP's library, some built in, all with the extra ``gap``
        - direct products ``D5 x C2``, powers ``C2^3``, and parentheses around these

    Returns
    -------
    Group
        Its ``name`` is the canonical form, which gives the same group again.

    Raises
    ------
    GroupError
        If the name is not understood or the order, computed first, is above ``MAX_ORDER``.

    Examples
    --------
    >>> group("z12")
    Group('C12', order=12)
    >>> group("SL(2,3) × C2^2")
    Group('SL(2,3) x C2^2', order=96)
    >>> group("S8")
    Traceback (most recent call last):
        ...
    wordtensor.errors.GroupError: S8 has order 40320, above the limit of 5040 ...
    """
    if isinstance(name_or_group, Group):
        return name_or_group
    if not isinstance(name_or_group, str):
        raise GroupError(
            f"A group must be a name or a Group; given {type(name_or_group).__name__} "
            "(for a table use Group.from_cayley)"
        )
    text = _compact(name_or_group)
    if len(text) > _LONGEST_NAME:
        raise GroupError(
            f"The name of a group has at most {_LONGEST_NAME} letters; given {len(text)}"
        )
    return _read_product(text).build()
