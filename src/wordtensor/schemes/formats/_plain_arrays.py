"""Three arrays U, V and W without a word about sizes, axes and convention."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import isqrt

from ..._typing import Sizes
from ...errors import FileFormatError
from .._rational import Factor
from ._conventions import Reading, both_conventions, first_complex, first_exact
from ._format import AnyRead, Read

# Axes of rank of the three arrays: all last, all first, and as U, V and W are for matrix products.
_USUAL = ((1, 1, 1), (0, 0, 0), (0, 0, 1), (1, 1, 0))


def scheme_of_arrays(
    arrays: Sequence[Factor],
    sizes: Sizes | None,
    where: str,
    *,
    usual: tuple[int, ...] = (1, 1, 1),
    with_units: Sequence[Factor] | None = None,
) -> AnyRead:
    """Return the scheme that three arrays are by the first reading that fits and is exact."""
    # Where entries are complex, the arrays have 0 for i, and with_units have 1 for i.

    def readings_of(given: Sequence[Factor]) -> list[Reading]:
        return [
            reading
            for axes, fitting in _fitting([array[0].shape for array in given], sizes, usual)
            for reading in both_conventions(fitting, *_terms_last(given, axes))
        ]

    readings = readings_of(arrays)
    if not readings:
        shapes = ", ".join("x".join(map(str, array[0].shape)) for array in arrays)
        wanted = "some n, m, p" if sizes is None else f"the given sizes {_listed(sizes)}"
        raise FileFormatError(
            f"{where} has factors of shapes {shapes}; for {wanted} they must have n*m, m*p and n*p "
            "entries for each of R terms"
        )
    if with_units is None:
        read = first_exact(readings, where)
        return Read(read.scheme, _found(read.scheme.shape, sizes, read.note))
    over_c = first_complex(readings, readings_of(with_units), where)
    return Read(over_c.scheme, _found(over_c.scheme.shape, sizes, over_c.note))


def _found(shape: Sizes, sizes: Sizes | None, note: str) -> str:
    found = f"sizes {_listed(shape)}" + " found from the shapes" * (sizes is None)
    return "; ".join(filter(None, (found, note)))


def _listed(sizes: Sequence[int]) -> str:
    return ",".join(map(str, sizes))


def _fitting(
    shapes: Sequence[tuple[int, ...]], sizes: Sizes | None, usual: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], Sizes]]:
    """Yield which axes may be those of the terms, the usual ones first, with the sizes."""
    others = product((1, 0), repeat=3)
    seen = set()
    for axes in (usual, *_USUAL, *others):
        ranks = {shape[axis] for shape, axis in zip(shapes, axes, strict=True)}
        if axes in seen or len(ranks) != 1:
            continue
        seen.add(axes)
        lengths = [shape[1 - axis] for shape, axis in zip(shapes, axes, strict=True)]
        fitting = _sizes_of(*lengths)
        if fitting is not None and sizes in (None, fitting) and max(lengths) <= ranks.pop():
            yield axes, fitting


def _sizes_of(a: int, b: int, c: int) -> Sizes | None:
    """Solve n m = a, m p = b, n p = c in positive integers."""
    if min(a, b, c) < 1:
        return None
    n = isqrt(a * c // b)
    if n < 1 or a % n or c % n or (a // n) * (c // n) != b:
        return None
    return n, a // n, c // n


def _terms_last(arrays: Sequence[Factor], axes: Sequence[int]) -> tuple[Factor, Factor, Factor]:
    U, V, W = (
        (numerators if axis else numerators.T, denominator)
        for (numerators, denominator), axis in zip(arrays, axes, strict=True)
    )
    return U, V, W
