"""Small groups of a block's symmetries, for starts of the solver that are symmetric under them."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from .._typing import Inexact, Integers
from ..cores import CanonicalCore
from ..solver import Symmetry
from ._frame import Frame

# Orders of the cyclic groups that are looked for, how many of them, and the draws for each.
_ORDERS: Final = (2, 3, 4)
_MOST_GROUPS: Final = 6
_DRAWS: Final = 40
_LONGEST_PRODUCT: Final = 12


def symmetry_groups(canonical: CanonicalCore, seed: int) -> tuple[tuple[Integers, ...], ...]:
    """Draw cyclic groups of symmetries of a core, as permutations of all slices of all modes."""
    # Slice i of mode m is number ``starts[m] + i``; all generators, and hence the draws, are those
    # of the canonical order.
    starts = np.cumsum([0, *canonical.shape])
    generators = [
        np.concatenate([np.asarray(rows[m]) + starts[modes[m]] for m in range(3)])
        for modes, rows in canonical.symmetries().generators
    ]
    if not generators:
        return ()
    rng = np.random.default_rng(seed)
    found: dict[bytes, tuple[Integers, ...]] = {}
    for _ in range(_DRAWS):
        element = np.arange(starts[3])
        for k in rng.integers(len(generators), size=_LONGEST_PRODUCT):
            element = generators[k][element]
        powers = _powers(element)
        for order in _ORDERS:
            if len(powers) % order == 0:
                group = tuple(powers[:: len(powers) // order])
                found.setdefault(min(g.tobytes() for g in group[1:]), group)
    groups = sorted(found.values(), key=len)
    by_order = [[g for g in groups if len(g) == order] for order in _ORDERS]
    mixed = [g for same in zip(*(_padded(b) for b in by_order), strict=True) for g in same if g]
    return tuple(mixed[:_MOST_GROUPS])


def _padded(groups: list[tuple[Integers, ...]]) -> list[tuple[Integers, ...]]:
    return [*groups[:_MOST_GROUPS], *[()] * (_MOST_GROUPS - len(groups))]


def _powers(element: Integers) -> list[Integers]:
    """Return the identity and the powers of a permutation, in order."""
    powers = [np.arange(len(element))]
    while not np.array_equal(following := element[powers[-1]], powers[0]):
        powers.append(following)
    return powers


def in_frame(
    groups: tuple[tuple[Integers, ...], ...], frame: Frame
) -> Iterator[tuple[Symmetry, ...]]:
    """Yield the groups that leave a block's spaces alone, in the coordinates of the solver."""
    for group in groups:
        elements = [_restricted(element, frame) for element in group]
        inside = tuple(element for element in elements if element is not None)
        if len(inside) == len(elements):
            yield inside


def _restricted(element: Integers, frame: Frame) -> Symmetry | None:
    """Write a permutation of slices in the solver's coordinates; None if it moves the spaces."""
    shape = [len(E) for E in frame.spans]
    starts = np.cumsum([0, *shape])
    matrices: list[Inexact] = [np.zeros(0)] * 3
    sources = [0, 0, 0]
    for mode, (E, R) in enumerate(zip(frame.spans, frame.triangles, strict=True)):
        images = element[starts[mode] : starts[mode + 1]]
        target = int(np.searchsorted(starts, images[0], side="right")) - 1
        moved = np.zeros((shape[target], E.shape[1]))
        moved[images - starts[target]] = E
        own = moved[frame.rows[target]]
        if not np.allclose(frame.spans[target] @ own, moved, rtol=0.0, atol=1e-9):
            return None
        matrices[target] = frame.triangles[target] @ own @ np.linalg.inv(R)
        sources[target] = mode
    return matrices[0], matrices[1], matrices[2], tuple(sources)
