r"""Canonical cores: one form, and one key, for all 0/1 tensors that are relabellings of each other.

A 0/1 tensor becomes a coloured graph: a vertex for every slice of each mode and for every one, an
edge from each one to its three slices, and a vertex for each mode, joined to its slices. Two
tensors are equal up to the order of the slices of each mode, and of the modes themselves, if and
only if their graphs are isomorphic; BLISS, through igraph, labels such graphs canonically.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from .._typing import Factors, Integers, Sizes, Value, freeze_fields
from ..errors import MemoryLimitError, WordTensorError
from ..groups import Group
from ..words import Word, word_tensor
from ..words.core import Rows, merge_table
from ._copies import Copies, copies

if TYPE_CHECKING:
    from igraph import Graph

# Multiplication over A5 has 3600 ones and takes half a second, over S5 14400 and a quarter minute.
MOST_ONES: Final = 20_000
_SLICE, _ONE, _MODE, _SHARED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Symmetries:
    """The reorderings of slices and modes that leave a canonical core as it is.

    Attributes
    ----------
    order : int
        How many there are.
    generators : tuple of (modes, rows)
        Some of them that generate all: mode m goes to mode ``modes[m]``, and slice i of mode m to
        slice ``rows[m][i]`` there.

    Examples
    --------
    >>> symmetries = canonical_core("a*b", "S3").symmetries()
    >>> symmetries.order  # 6 |G|^2 |Aut G| for the multiplication of any group
    1296
    """

    order: int
    generators: tuple[tuple[tuple[int, int, int], tuple[tuple[int, ...], ...]], ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CanonicalCore(Value):
    """A 0/1 tensor in canonical order, and where each slice of the original tensor went.

    Attributes
    ----------
    key : str
        64 hexadecimal digits. Two tensors have the same key if and only if one becomes the other by
        reordering slices and modes (up to collisions of SHA-256).
    shape : tuple of int
        Sizes (x, y, z) of the canonical tensor.
    coords : ndarray of int64, shape (3, k)
        Its k ones, in lexicographic order. Read-only.
    modes : tuple of int
        Canonical mode m is mode ``modes[m]`` of the original tensor.
    rows : tuple of ndarray of int64, shapes (n1,), (n2,), (n3,)
        For each mode of the original tensor, in its own order, the canonical number of each slice;
        -1 for a slice without ones. Read-only.

    Notes
    -----
    Keys are those of one version of igraph: BLISS promises equal labels for isomorphic graphs, not
    the same labels in all of its versions.

    Examples
    --------
    >>> core = canonical_core("a*b", "C6")
    >>> core
    CanonicalCore(6x6x6, 36 ones)
    >>> core.key == canonical_core("b^-1*a", "C6").key  # the same tensor, relabelled
    True
    >>> core.key == canonical_core("a*b", "S3").key
    False
    """

    key: str
    shape: Sizes
    coords: Integers
    modes: tuple[int, int, int]
    rows: Rows

    def __post_init__(self) -> None:
        freeze_fields(self, "coords", "rows")

    def to_dense(self) -> Integers:
        """Return the canonical tensor with its zeros, shape (x, y, z)."""
        dense = np.zeros(self.shape, dtype=np.int64)
        dense[tuple(self.coords)] = 1
        return dense

    def restored(self, factors: Factors) -> Factors:
        """Bring factors of the canonical tensor, (x, R), (y, R), (z, R), to the original one.

        Parameters
        ----------
        factors : tuple of ndarray, shapes (x, R), (y, R), (z, R)
            Terms that add up to the canonical tensor.

        Returns
        -------
        tuple of ndarray, shapes (n1, R), (n2, R), (n3, R)
            The same terms for the tensor that the core was made from.

        Examples
        --------
        >>> core = canonical_core("a^2*b", "S3")
        >>> [len(factor) for factor in core.restored(tuple(np.eye(n) for n in core.shape))]
        [6, 6, 6]
        """
        canonical = (factors[self.modes.index(mode)] for mode in range(3))
        U, V, W = (
            np.where(rows[:, None] >= 0, factor[rows], 0.0)
            for factor, rows in zip(canonical, self.rows, strict=True)
        )
        return U, V, W

    def symmetries(self) -> Symmetries:
        """Return the reorderings of slices and modes that leave the canonical tensor as it is."""
        graph, colours = _graph(self.shape, self.coords)
        starts = np.cumsum([0, *self.shape])
        first_mode = graph.vcount() - 3
        generators = []
        for generator in graph.automorphism_group(color=colours):
            image = np.asarray(generator)
            modes = image[first_mode:] - first_mode
            rows = tuple(
                tuple((image[starts[m] : starts[m + 1]] - starts[modes[m]]).tolist())
                for m in range(3)
            )
            generators.append(((int(modes[0]), int(modes[1]), int(modes[2])), rows))
        return Symmetries(int(graph.count_automorphisms(color=colours)), tuple(generators))

    def __repr__(self) -> str:
        return f"CanonicalCore({'x'.join(map(str, self.shape))}, {self.coords.shape[1]} ones)"


def canonical_core(word: Word | str, group: Group | str) -> CanonicalCore:
    """Return the canonical core of a word tensor.

    Parameters
    ----------
    word : Word or str
        The word.
    group : Group or str
        The group or its name, of order n.

    Returns
    -------
    CanonicalCore
        Of the tensor with equal slices merged and empty ones left out. Its ``rows``, of shapes
        (n,), say which canonical slice belongs to each element of the group.

    Raises
    ------
    WordTensorError
        If the word or the group is not usable.
    MemoryLimitError
        If the merged tensor has more than 20000 ones.

    Notes
    -----
    Whatever leads to the same tensor up to labels has the same key: another numbering of the
    group's elements, an automorphism, the inverse of the word, an exchange of its letters, an
    identity of the group.

    References
    ----------
    Junttila, Kaski, "Engineering an efficient canonical labeling tool for large and sparse graphs",
    ALENEX (2007): BLISS.

    Examples
    --------
    >>> core = canonical_core("[a,b]", "A4")
    >>> core, core.key == canonical_core("[b,a]", "A4").key
    (CanonicalCore(4x12x12, 144 ones), True)
    """
    tensor = word_tensor(word, group)
    merged = merge_table(tensor.table, tensor.order)
    found = canonical_form(merged.shape, merged.coords())
    return replace(found, rows=merged.composed(found.rows))


def canonical_form(shape: Sizes, coords: Integers) -> CanonicalCore:
    """Return a 0/1 tensor in canonical order.

    Parameters
    ----------
    shape : tuple of int
        Sizes (x, y, z).
    coords : array of int, shape (3, k)
        Places of its k ones, each once.

    Returns
    -------
    CanonicalCore
        Slices and modes are reordered; no slice is merged or left out.

    Raises
    ------
    WordTensorError
        If the places are not different ones inside the shape.
    MemoryLimitError
        If there are more than 20000 of them.

    Examples
    --------
    >>> unit = canonical_form((2, 2, 1), np.array([[0, 1], [0, 1], [0, 0]]))
    >>> turned = canonical_form((1, 2, 2), np.array([[0, 0], [1, 0], [0, 1]]))
    >>> unit.key == turned.key, unit.shape
    (True, (1, 2, 2))
    """
    places = _checked(shape, coords)
    shared = list(copies(shape, places))
    if not shared:
        return _reordered(shape, places, *canonical_order(shape, places))
    # Two modes may do equally well; then the smaller form is the canonical one.
    best = [each for each in shared if each.count == shared[0].count]
    forms = [_reordered(shape, places, *_order_of_copies(shape, places, each)) for each in best]
    return min(forms, key=lambda form: (form.shape, form.coords.tobytes()))


def canonical_order(
    shape: Sizes, places: Integers, kinds: Integers | None = None, shared: int | None = None
) -> tuple[Integers, list[Integers]]:
    """Return the modes in canonical order, and the number of each slice; ones may be of kinds."""
    graph, colours = _graph(shape, places)
    if kinds is not None:
        colours[sum(shape) : -3] = (_MODE + 2 + kinds).tolist()
    if shared is not None:
        colours[len(colours) - 3 + shared] = _SHARED
    # igraph lists, for each canonical label, the vertex that has it.
    labels = np.argsort(np.asarray(graph.canonical_permutation(color=colours)))
    starts = np.cumsum([0, *shape])
    modes = np.argsort(labels[graph.vcount() - 3 :])
    return modes, [_numbered(labels[starts[m] : starts[m + 1]]) for m in range(3)]


def _order_of_copies(
    shape: Sizes, places: Integers, found: Copies
) -> tuple[Integers, list[Integers]]:
    """Return the same for a tensor with copies, from one part of each class."""
    ones, numbers = found.representatives()
    kept = places[:, ones]
    sizes = list(shape)
    names = {}
    for m in found.others:
        names[m], kept[m] = np.unique(kept[m], return_inverse=True)
        sizes[m] = len(names[m])
    modes, rows = canonical_order((sizes[0], sizes[1], sizes[2]), kept, numbers, found.mode)
    for place, m in enumerate(found.others):
        # A slice stands where its counterpart does, the copies beside each other.
        slot, copy = np.full((2, shape[m]), shape[m])  # slices without ones are last
        for parts in found.classes:
            representative = np.searchsorted(names[m], parts[0].slices[place])
            for number, part in enumerate(parts):
                slot[part.slices[place]] = rows[m][representative]
                copy[part.slices[place]] = number
        rows[m] = _numbered(np.argsort(np.lexsort((copy, slot))))
    return modes, rows


def _reordered(
    shape: Sizes, places: Integers, modes: Integers, rows: list[Integers]
) -> CanonicalCore:
    """Put a tensor into an order."""
    moved = np.stack([rows[m][places[m]] for m in modes])
    moved = moved[:, np.lexsort(moved[::-1])]
    x, y, z = (int(shape[m]) for m in modes)
    return CanonicalCore(
        core_key((x, y, z), moved),
        (x, y, z),
        moved,
        (int(modes[0]), int(modes[1]), int(modes[2])),
        (rows[0], rows[1], rows[2]),
    )


def core_key(shape: Sizes, coords: Integers) -> str:
    """Hash a tensor in canonical order."""
    content = np.concatenate([np.array(shape), coords.ravel()]).astype("<i8").tobytes()
    return hashlib.sha256(content).hexdigest()


def labelling_version() -> str:
    """Return the version of igraph, which decides on the canonical order."""
    import igraph

    return str(igraph.__version__)


def _checked(shape: Sizes, coords: Integers) -> Integers:
    """Refuse what is no 0/1 tensor, or too large."""
    places = np.asarray(coords)
    if places.ndim != 2 or len(places) != 3 or places.dtype.kind not in "iu" or not places.size:
        raise WordTensorError(
            "Argument 'coords' must be an array of integers of shape (3, k), with k at least 1, "
            f"not one of shape {places.shape} and type {places.dtype}"
        )
    if places.min() < 0 or (places.max(axis=1) >= np.asarray(shape)).any():
        raise WordTensorError(f"Argument 'coords' must lie inside the shape {tuple(shape)}")
    count = places.shape[1]
    if np.unique(places, axis=1).shape[1] != count:
        raise WordTensorError("Argument 'coords' must name every place once")
    if count > MOST_ONES:
        raise MemoryLimitError(
            f"The tensor has {count} ones; canonical cores are made of up to {MOST_ONES}"
        )
    return places.astype(np.int64)


def _graph(shape: Sizes, coords: Integers) -> tuple["Graph", list[int]]:
    """Return the graph of a tensor: its slices mode by mode, its ones, its modes; and colours."""
    from igraph import Graph

    starts = np.cumsum([0, *shape])
    slices, count = int(starts[3]), coords.shape[1]
    ones = np.arange(slices, slices + count)
    edges = [np.stack([ones, coords[m] + starts[m]], axis=1) for m in range(3)]
    edges += [
        np.stack([np.full(shape[m], slices + count + m), np.arange(*starts[m : m + 2])], axis=1)
        for m in range(3)
    ]
    graph = Graph(n=slices + count + 3, edges=np.concatenate(edges).tolist())
    return graph, [_SLICE] * slices + [_ONE] * count + [_MODE] * 3


def _numbered(labels: Integers) -> Integers:
    """Give the slices the numbers 0, 1, ... in the order of their labels."""
    numbers = np.empty(len(labels), dtype=np.int64)
    numbers[np.argsort(labels)] = np.arange(len(labels))
    return numbers
