"""Groups and permutations of sympy and GAP, known by their types' modules; neither is imported."""

from importlib import import_module
from typing import Any, Final

from ..errors import GroupError
from ._tables import check_order

_SYMPY: Final = "sympy.combinatorics."
_GAP: Final = "sage.libs.gap."
# Without the degree ListPerm leaves out fixed points at the end.
_OWN: Final = (
    "function(G) return List(GeneratorsOfGroup(G), p -> ListPerm(p, LargestMovedPoint(G))); end"
)
_REGULAR: Final = (
    "function(G) return List(GeneratorsOfGroup(Action(G, AsList(G), OnRight)), "
    "p -> ListPerm(p, Size(G))); end"
)


def is_foreign(value: object) -> bool:
    """Tell whether a value is of sympy's combinatorics or of GAP."""
    return type(value).__module__.startswith((_SYMPY, _GAP))


def plain_generators(generators: Any) -> Any:
    """Return generators from 0 for a foreign group, or for permutations some of which are."""
    if is_foreign(generators):
        return _of_group(generators)
    if not isinstance(generators, list | tuple) or not any(map(is_foreign, generators)):
        return generators
    rows = [_images(one) if is_foreign(one) else one for one in generators]
    degree = max((len(row) for row in rows if isinstance(row, list)), default=1)
    # Points that are not written stay.
    return [[*row, *range(len(row), degree)] if isinstance(row, list) else row for row in rows]


def _of_group(group: Any) -> Any:
    """Return the generators of a foreign group."""
    if type(group).__module__.startswith(_GAP) and bool(group.IsGroup()):
        if not bool(group.IsFinite()):
            raise GroupError("This group of GAP is infinite; give a finite one")
        check_order(int(group.Size()), "This group of GAP")
        return gap_generators(group, regular=not bool(group.IsPermGroup()))
    if type(group).__name__ == "PermutationGroup":
        return plain_generators(list(group.generators)) or [[0]]
    if type(group).__name__ == "Permutation":
        return [_images(group)]
    raise GroupError(
        f"A {type(group).__name__} of {type(group).__module__} is no group of permutations; give "
        "one, or the generators"
    )


def _images(permutation: Any) -> list[int]:
    """Return the images of 0..k-1 under a permutation of sympy or GAP."""
    if type(permutation).__module__.startswith(_GAP):
        if not bool(permutation.IsPerm()):
            raise GroupError(f"{str(permutation)!r:.60} is no permutation of GAP")
        return [int(image) - 1 for image in permutation.ListPerm()]
    if type(permutation).__name__ != "Permutation":
        raise GroupError(f"A {type(permutation).__name__} of sympy is no permutation")
    return [int(image) for image in permutation.array_form]


def gap_generators(group: Any, *, regular: bool) -> list[list[int]]:
    """Return the generators of a group of GAP, or of its regular action."""
    gap = import_module("sage.libs.gap.libgap").libgap
    images = gap.eval(_REGULAR if regular else _OWN)(group)
    return [[int(image) - 1 for image in row] for row in images if len(row)] or [[0]]
