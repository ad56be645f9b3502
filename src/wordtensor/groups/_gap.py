"""SmallGroup(n, k) from GAP's library, if the extra ``wordtensor[gap]`` is installed."""

import importlib
from importlib.util import find_spec
from typing import Any

from ..errors import GroupError
from ._catalogue import small_group_count
from ._foreign import gap_generators
from ._group import Group
from ._tables import check_order
from .structure import generating_set


def _load_gap(name: str) -> Any:
    """Return libgap; a missing package is a GroupError that says what to install."""
    try:
        # passagemath_gap sets up the paths that the compiled module needs.
        importlib.import_module("passagemath_gap")
        return importlib.import_module("sage.libs.gap.libgap").libgap
    except ImportError as error:
        raise GroupError(
            f"{name} is not in the built-in catalogue and GAP is not installed ({error}); "
            "install it with `pip install wordtensor[gap]`, or give generators to "
            "Group.from_permutations"
        ) from None


def _check_number(name: str, order: int, number: int, count: int) -> None:
    if not 1 <= number <= count:
        raise GroupError(
            f"{name} does not exist: there are {count} groups of order {order}; write one of "
            f"1..{count}"
        )


def gap_small_group(order: int, number: int) -> Group:
    """Return GAP's ``SmallGroup(order, number)``, from its regular permutation action."""
    name = f"SmallGroup({order},{number})"
    if order < 1:
        raise GroupError(f"The order of {name} must be at least 1")
    check_order(order, name)
    count = small_group_count(order)
    if count is not None:
        _check_number(name, order, number, count)
    gap = _load_gap(name)
    if not bool(gap.eval(f"SmallGroupsAvailable({order})")):
        raise GroupError(
            f"GAP's library does not hold the groups of order {order}, so {name} cannot be made; "
            "give generators to Group.from_permutations"
        )
    _check_number(name, order, number, int(gap.eval(f"NumberSmallGroups({order})")))
    return Group.from_permutations(gap_generators(gap.eval(name), regular=True), name=name)


def gap_number(G: Group) -> int | None:
    """Return the number of a group in GAP's library; None without GAP, or where it has none."""
    if find_spec("passagemath_gap") is None:
        return None
    gap = _load_gap(G.name)
    if not bool(gap.eval(f"IdGroupsAvailable({G.order})")):
        return None
    columns = [(G.cayley[:, g] + 1).tolist() for g in generating_set(G)]
    made = gap.eval(f"Group(List({columns or [[1]]}, PermList))")
    return int(made.IdGroup()[1])
