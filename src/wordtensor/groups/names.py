"""From a name such as "S4", "D5 x C2" or "SL(2,3)" to a `Group`."""

import math
import re
from functools import partial
from pathlib import Path

import numpy as np

from .._text import printable
from ..errors import GroupError
from ._catalogue import small_group_generators, small_group_name
from ._foreign import is_foreign
from ._gap_names import gap_note, is_of_gap
from ._generated import wreath
from ._group import Group
from ._named_families import FAMILIES, Family, Unbuilt, capped_power
from ._other_names import renamed
from ._primes import is_prime
from ._tables import check_order
from ._unknown_names import EXAMPLES, check_meaning, check_signs, shown, unknown
from ._written_group import group_of_array, group_of_text, is_written, tell
from .files import FORMATS
from .products import direct_product

_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", 2 * "0123456789")
_LONGEST_NAME = 200
_LONGEST_POWER = 12
# What GAP's IdGroup prints; of two points it may be a permutation.
_LISTED = re.compile(r"\s*\[\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\][\s;]*", re.ASCII)


def _compact(name: str) -> str:
    """Leave out spaces and underscores, and write products and semidirect products one way."""
    if re.search(r"\d[\s_]+\d", name):
        raise GroupError(
            f'A number in "{shown(name)}" is broken by a space or an underscore; write it in one '
            'piece, or join factors as in "C2 x C3"'
        )
    braced = re.sub(r"([_^])\{(\d+)\}", r"\1\2", name).replace("^{*}", "^*")
    plain = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: f"^{found.group()}", braced).translate(_PLAIN)
    return re.sub(r"[\s_]", "", plain).replace("×", "x").replace("⋊", ":").replace("≀", "wr")


def _read_atom(text: str) -> Unbuilt:
    for family in FAMILIES:
        match = family.pattern.fullmatch(text)
        if match:
            digits = [part for part in match.groups() if part is not None]
            if any(len(part) > 9 for part in digits):
                raise GroupError(
                    f'A number in "{shown(text)}" has more than 9 digits; write a smaller one'
                )
            numbers = tuple(int(part) for part in digits)
            return _small_group(family, *numbers) if len(numbers) == 2 else family.unbuilt(numbers)
    check_meaning(text)
    if ":" in text or re.search(r"[\w)]\.[(a-zA-Z]", text):
        raise GroupError(
            f'Cannot read "{shown(text)}": semidirect products are only known between cyclic '
            "groups, Cm:Cn or Cm:Cn[r]; for other extensions write SmallGroup(n,k), or give "
            "generators to Group.from_permutations"
        )
    raise unknown(text, _order_of)


def _small_group(family: Family, order: int, number: int) -> Unbuilt:
    """Make a small group from its name or generators here; of another family, what it makes."""
    if not family.form.startswith("Small"):
        return family.unbuilt((order, number))
    known = small_group_name(order, number)
    generators = small_group_generators(order, number)
    if known:
        return _read_product(_compact(known))
    if generators:
        name = family.form.format(order, number)
        return Unbuilt(name, order, partial(Group.from_permutations, generators, name))
    return family.unbuilt((order, number))


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
        raise GroupError(
            f'The parentheses of "{shown(text)}" do not match; close each that is opened'
        )
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


def _read_factor(text: str) -> Unbuilt:
    if _in_parentheses(text):
        return _read_product(text[1:-1])
    other = renamed(text)
    if other:
        tell(f'"{shown(text)}"', other.said)
        return _read_product(_compact(other.name))
    wreathed = re.fullmatch(r"(.+)wr([csaz])(\d{1,9})", text, re.IGNORECASE | re.ASCII)
    if wreathed:
        return _read_wreath(text, *wreathed.groups())
    _check_wreath(text)
    check_signs(text, _order_of)
    base, caret, exponent = text.rpartition("^")
    if not caret or exponent.count("(") != exponent.count(")") or _has_colon(exponent):
        return _read_atom(text)
    if _has_colon(base) and not base.endswith("]"):
        raise GroupError(
            f'"{shown(text)}" can be read in two ways; if all of it is raised, write '
            f'"({shown(base)})^{shown(exponent)}"'
        )
    return _read_power(text, base, exponent)


def _read_wreath(text: str, base: str, letter: str, digits: str) -> Unbuilt:
    """Read A wr Sn, A wr An or A wr Cn; the second group permutes n copies of the first."""
    inner, top = _read_factor(base), _read_atom(letter + digits)
    n = int(digits)
    order = capped_power(inner.order, n) * top.order
    check_order(order, shown(text))
    left = f"({inner.name})" if re.search(r"[ :^]", inner.name) else inner.name
    name = f"{left} wr {top.name}"
    return Unbuilt(name, order, lambda: wreath(inner.build(), top.name[0], n, name))


def _check_wreath(text: str) -> None:
    """Refuse a power of a wreath product without parentheses, and one by another group."""
    parts = re.fullmatch(r"(.+)wr([^()]+)", text, re.IGNORECASE)
    if parts is None or parts.group(1).count("(") != parts.group(1).count(")"):
        return
    base, caret, exponent = text.rpartition("^")
    if caret:
        raise GroupError(
            f'"{shown(text)}" can be read in two ways; if all of it is raised, write '
            f'"({shown(base)})^{shown(exponent)}"'
        )
    raise GroupError(
        f'In the wreath product "{shown(text)}" the second group must be Cn, Sn or An, which '
        f"permutes the copies of the first, as in S3 wr C2"
    )


def _has_colon(text: str) -> bool:
    """Tell whether a semidirect product stands outside all parentheses."""
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == ":" and depth == 0:
            return True
    return False


def _read_power(text: str, base: str, exponent: str) -> Unbuilt:
    units = re.fullmatch(r"[zf](\d{1,9})", base, re.IGNORECASE | re.ASCII)
    if exponent == "*" and units:
        n = int(units.group(1))
        advice = f"write C{n - 1}" if is_prime(n) else "write it as a product of cyclic groups"
        raise GroupError(f'The units modulo {n}, "{text}", have no name here; {advice}')
    if not re.fullmatch(r"[1-9][0-9]{0,8}", exponent):
        raise GroupError(f'The exponent in "{shown(text)}" must be a positive number, as in "C2^3"')
    inner = _read_factor(base)
    times = int(exponent)
    if times == 1:
        return inner
    check_order(capped_power(inner.order, times), shown(text))
    if times > _LONGEST_POWER:
        raise GroupError(f'The exponent in "{shown(text)}" must be at most {_LONGEST_POWER}')

    def build() -> Group:
        made = inner.build()
        return direct_product(*[made] * times, name=_raised(made.name, times))

    return Unbuilt(_raised(inner.name, times), inner.order**times, build)


def _read_product(text: str) -> Unbuilt:
    """Read a whole name; the order of a product is known before any factor is made."""
    if not text:
        raise GroupError(f"The name of a group is empty. {EXAMPLES}")
    parts = _split(text)
    if "" in parts:
        raise GroupError(
            f'A factor is missing in "{shown(text)}": x joins direct factors, as in "D5 x C2"'
        )
    factors: list[Unbuilt] = []
    for part in parts:
        factor = _read_factor(part)
        check_order(factor.order, factor.name)
        factors.extend(factor.factors or (factor,))
    if len(factors) == 1:
        return factors[0]
    name = _joined([factor.name for factor in factors])
    order = math.prod(factor.order for factor in factors)
    check_order(order, shown(name))

    def build() -> Group:
        made = [factor.build() for factor in factors]
        # A constructor may know a shorter name: C7:C3[2] is C7:C3.
        return direct_product(*made, name=_joined([one.name for one in made]))

    return Unbuilt(name, order, build, tuple(factors))


def _order_of(name: str) -> int | None:
    """Return the order of the group of a name, made for that, or None if there is none."""
    try:
        return named_group(name).order
    except GroupError:
        return None


def _told(G: Group, said: str) -> Group:
    """Return a group that was read, and log what is to be said of it."""
    tell(G.name, said)
    return G


def named_group(name: str) -> Group:
    """Return the group of a name, without a word on what GAP means by it."""
    return _read_product(_compact(name)).build()


def group(name_or_group: object) -> Group:
    """Return the group of a name; a `Group` passes through.

    Parameters
    ----------
    name_or_group : str, Group, array (n, n), or a group of sympy or GAP
        A Cayley table, or one of the forms below; capitals do not matter, nor do spaces outside of
        numbers.

        - ``Cn`` or ``Zn`` cyclic, ``Dn`` dihedral of order 2n, ``Dicn`` dicyclic of order 4n,
          ``Q8``, ``Q16``, ... quaternion, ``SD16``, ... semidihedral, ``V4`` or ``K4``
        - ``Sn``, ``An`` with n at most 7; ``SL(2,q)``, ``GL(2,q)``, ``PSL(2,q)``, ``PGL(2,q)``
          with q a power of a prime; ``AGL(1,q)``, ``Hol(Cn)``; ``Heis(p)``, the unitriangular
          3 x 3 matrices; ``ES+(32)`` and ``ES-(32)`` extraspecial
        - ``Mm(p)`` = <x, y | x^(p^(m-1)) = y^p = 1, y x y^-1 = x^(1 + p^(m-2))>
        - ``Cm:Cn`` semidirect with faithful action, or the only one that is not trivial;
          ``Cm:Cn[r]`` with y x y^-1 = x^r
        - ``SmallGroup(n,k)`` of GAP's library, some built in, all with the extra ``gap``
        - direct products ``D5 x C2``, powers ``C2^3``, wreath products ``S3 wr C2`` with Cn, Sn or
          An, and parentheses around these
        - names of others: ``Sym(4)``, ``QD16``, ``F20``, GAP's descriptions such as
          ``(C3 x C3):C3`` that are of one group, point groups ``C3v``, ``D3h``, ``Td``, ``Oh``, and
          ``DihedralGroup(8)`` as GAP means it, which is logged; where GAP means other groups by a
          product such as ``C3 x D8``, that is logged as well
        - ``[24, 12]`` as GAP's IdGroup prints it, which is logged
        - generators ``Group([ (1,2,3), (1,2) ])`` as GAP, Sage and sympy write them, and
          presentations ``<x, y | x^4, y^2, (x*y)^2>`` (see `Group.from_presentation`)

    Returns
    -------
    Group
        Its ``name`` is the canonical form, which gives the same group again.

    Raises
    ------
    GroupError
        If the name is not understood, or is a file's, which `read_group` reads; its child
        OrderLimitError if the order, computed first, is above ``MAX_ORDER``.

    Examples
    --------
    >>> group("z12")
    Group('C12', order=12)
    >>> group("SL(2,3) × C2^2")
    Group('SL(2,3) x C2^2', order=96)
    >>> group("S8")
    Traceback (most recent call last):
        ...
    wordtensor.errors.OrderLimitError: S8 has order 40320, above the limit of 5040 ...
    """
    if isinstance(name_or_group, Group):
        return name_or_group
    if isinstance(name_or_group, np.ndarray):
        return _told(*group_of_array(name_or_group, None))
    if is_foreign(name_or_group):
        return Group.from_permutations(name_or_group)
    if not isinstance(name_or_group, str):
        raise GroupError(
            f"A group must be a name, a Group or an array; given {type(name_or_group).__name__} "
            "(for a table use Group.from_cayley, for generators Group.from_permutations)"
        )
    if Path(name_or_group).suffix.lower() in FORMATS:
        raise GroupError(
            f'"{printable(name_or_group):.80}" names a file, and here a group is named or given: '
            "read the file with wt.groups.read_group, and pass the Group that it returns"
        )
    listed = _LISTED.fullmatch(name_or_group)
    if listed and {int(part) for part in listed.groups()} not in ({0, 1}, {1, 2}):
        small = f"SmallGroup({int(listed.group(1))},{int(listed.group(2))})"
        tell(name_or_group, f"it is read as {small}, which GAP's IdGroup prints so")
        return named_group(small)
    if is_written(name_or_group):
        return _told(*group_of_text(name_or_group, None))
    if len(name_or_group) > _LONGEST_NAME:
        raise GroupError(
            f"The name of a group has at most {_LONGEST_NAME} letters; given {len(name_or_group)}"
        )
    G = named_group(name_or_group)
    if is_of_gap(name_or_group):
        tell(name_or_group, gap_note(name_or_group))
    return G
