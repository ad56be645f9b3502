"""The parts of a tensor: connected, without equal slices, in an order that forgets labels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..._typing import Factors, Inexact, Integers, Sizes, freeze
from ...bounds._modular import rank_modulo
from ...cores import CanonicalCore, canonical_form
from ...cores._canonical import canonical_order
from ...words.core import Core, Rows, first_occurrences
from .._frame import echelon
from ..routes import MOST_CANONICAL
from .value import Tensor, primitive

# Singular values below this share of the largest are rounding.
_ZERO: Final = 1e-11
# Entries of floats that agree to this share of the largest are of one kind.
_DIGITS: Final = 9
# Larger integers are scaled for the solver.
_LARGEST: Final = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A connected part of a tensor: no slice of it is zero or equal to another."""

    tensor: Inexact  # shape (p, q, r), scaled; in canonical order where that is quick
    scale: float  # times this it is the part itself
    # the same as integers without a common divisor, if it is rational
    integers: Integers | None
    modes: Sizes  # mode m here is mode ``modes[m]`` of the whole tensor
    # for each mode of the whole tensor and each slice, its number here; -1 if it is not here
    rows: Rows
    canonical: CanonicalCore | None  # of a part with entries 0 and 1, if that is quick

    @property
    def shape(self) -> Sizes:
        """Shape (p, q, r)."""
        p, q, r = self.tensor.shape
        return (p, q, r)

    def restored(self, maps: Factors) -> Factors:
        """Bring factors (p, R), (q, R), (r, R) to the slices and the modes of the whole tensor."""
        ordered = (maps[self.modes.index(mode)] for mode in range(3))
        U, V, W = (
            freeze(np.where(rows[:, None] >= 0, factor[rows], 0.0))
            for factor, rows in zip(ordered, self.rows, strict=True)
        )
        return U, V, W

    def places(self) -> list[list[int]]:
        """Return for each mode here the first slice of the whole tensor that each slice is."""
        return [
            [int(np.flatnonzero(self.rows[mode] == k)[0]) for k in range(size)]
            for mode, size in zip(self.modes, self.shape, strict=True)
        ]

    def core(self) -> Core:
        """Return the part without what its other slices say already, scaled as it is."""
        proved = (0, 0, 0) if self.integers is None else self.multilinear_ranks()
        core = concise(self.tensor, proved)
        if min(core.shape) > 1 or np.iscomplexobj(core.tensor):
            return core
        # A matrix stays rational if it is written by its own rows and columns.
        chosen = [echelon(basis) for basis in core.maps]
        spans, rows = zip(*chosen, strict=True)
        return Core(self.tensor[np.ix_(*rows)], (spans[0], spans[1], spans[2]))

    def multilinear_ranks(self) -> Sizes:
        """Return the ranks of the unfoldings, proved if the part is rational."""
        p, q, r = (
            rank_modulo(_unfolded(self.integers, mode))
            if self.integers is not None
            else _numerical_rank(_unfolded(self.tensor, mode))
            for mode in range(3)
        )
        return (p, q, r)


def parts(whole: Tensor) -> list[Part]:
    """Cut a tensor into its connected parts, in an order that does not depend on labels."""
    values = whole.entries if whole.integers is None else whole.integers
    labels, firsts = _merged(values)
    small = values[np.ix_(*firsts)]
    found = [_part(small, slices, labels, whole) for slices in _components(small)]
    return sorted(found, key=_profile)


def _profile(part: Part) -> tuple[object, ...]:
    """Return what parts are sorted by."""
    values = np.sort_complex(part.tensor[part.tensor != 0].ravel()).round(_DIGITS)
    ordered = part.tensor.round(_DIGITS) + 0.0  # no -0.0
    return (part.shape, len(values), values.tobytes(), ordered.tobytes())


def _merged(values: NDArray[Any]) -> tuple[list[Integers], list[Integers]]:
    """Label the slices of each mode, equal ones alike and empty ones -1; say where each begins."""
    labels, firsts = [], []
    for mode in range(3):
        rows = np.ascontiguousarray(_unfolded(values, mode)) + 0  # no -0.0
        used = np.flatnonzero(rows.any(axis=1))
        own, first = first_occurrences(rows[used])
        label = np.full(len(rows), -1, dtype=np.int64)
        label[used] = own
        labels.append(label)
        firsts.append(used[first])
    return labels, firsts


def _components(values: NDArray[Any]) -> Iterator[list[Integers]]:
    """Yield for each connected part the slices of each mode that it has."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    starts = np.cumsum([0, *values.shape])
    places = np.stack(np.nonzero(values)) + starts[:3, None]
    links = np.concatenate([places[:2].T, places[1:].T])
    size = int(starts[3])
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), (size, size))
    count, names = connected_components(graph, directed=False)
    for name in range(count):
        yield [np.flatnonzero(names[a:b] == name) for a, b in pairwise(starts)]


def _part(
    small: NDArray[Any], slices: list[Integers], labels: list[Integers], whole: Tensor
) -> Part:
    """Scale a connected part, and bring it into order."""
    own = np.ascontiguousarray(small[np.ix_(*slices)])
    integers = primitive(own) if own.dtype == np.int64 else None
    scaled = _scaled(own) if integers is None else _scaled(integers.astype(np.float64))
    numbers = []
    for label, chosen in zip(labels, slices, strict=True):
        number = np.full(int(label.max()) + 1, -1, dtype=np.int64)
        number[chosen] = np.arange(len(chosen))
        numbers.append(np.where(label >= 0, number[label], -1))
    first = tuple(int(k) for k in np.argwhere(scaled)[0])
    place = [int(np.flatnonzero(n == k)[0]) for n, k in zip(numbers, first, strict=True)]
    part = Part(
        tensor=scaled,
        scale=whole.entries[tuple(place)] / scaled[first],
        integers=integers,
        modes=(0, 1, 2),
        rows=(numbers[0], numbers[1], numbers[2]),
        canonical=None,
    )
    return _ordered(part) if np.count_nonzero(scaled) <= MOST_CANONICAL else part


def _scaled(values: Inexact) -> Inexact:
    """Divide by a power of two, so that the largest entry is near one, unless all are near it."""
    largest = float(np.abs(values).max())
    if np.array_equal(values, np.rint(values.real)) and largest <= _LARGEST:
        return values
    divided: Inexact = values / 2.0 ** round(np.log2(largest))
    return divided


def _ordered(part: Part) -> Part:
    """Bring slices and modes into an order that depends on the entries alone."""
    coords = np.stack(np.nonzero(part.tensor)).astype(np.int64)
    values = part.tensor[tuple(coords)]
    canonical = None
    if (values == 1).all():
        canonical = canonical_form(part.shape, coords)
        modes, numbers = canonical.modes, canonical.rows
    else:
        kinds = np.unique((values / np.abs(values).max()).round(_DIGITS), return_inverse=True)[1]
        order, lists = canonical_order(part.shape, coords, kinds.ravel())
        modes = (int(order[0]), int(order[1]), int(order[2]))
        numbers = (lists[0], lists[1], lists[2])
    rows = [np.where(r >= 0, n[r], -1) for r, n in zip(part.rows, numbers, strict=True)]
    places = [np.argsort(numbers[mode]) for mode in modes]
    moved = part.tensor.transpose(modes)[np.ix_(*places)]
    integers = part.integers
    if integers is not None:
        integers = integers.transpose(modes)[np.ix_(*places)]
    own = (rows[0], rows[1], rows[2])
    if canonical is not None:
        canonical = replace(canonical, rows=own)
    return Part(np.ascontiguousarray(moved), part.scale, integers, modes, own, canonical)


def concise(tensor: Inexact, least: Sizes = (0, 0, 0)) -> Core:
    """Make a tensor concise, by an orthonormal basis of each mode that is dependent."""
    # The ranks are at least those that are proved, also where floats do not show it.
    maps: list[Inexact] = [np.eye(size) for size in tensor.shape]
    for mode in range(3):
        vectors, values, _ = np.linalg.svd(_unfolded(tensor, mode), full_matrices=False)
        basis = vectors[:, : max(int((values > _ZERO * values[0]).sum()), least[mode])]
        if basis.shape[1] < tensor.shape[mode]:
            tensor = np.moveaxis(np.tensordot(basis.conj().T, tensor, axes=(1, mode)), 0, mode)
            maps[mode] = basis
    return Core(freeze(np.array(tensor, order="C")), (maps[0], maps[1], maps[2]))


def _unfolded(tensor: NDArray[Any], mode: int) -> NDArray[Any]:
    return np.moveaxis(tensor, mode, 0).reshape(tensor.shape[mode], -1)


def _numerical_rank(matrix: NDArray[Any]) -> int:
    values = np.linalg.svd(matrix, compute_uv=False)
    return int((values > _ZERO * values[0]).sum())
