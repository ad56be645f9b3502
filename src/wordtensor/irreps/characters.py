"""Characters of the real irreps: dimensions, types and values, without any matrix."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .._shown import Line, Table, shown
from .._typing import Array, Integers, Value, freeze_fields, is_integer
from ..errors import IrrepError
from ..groups import Group, group, power_map
from ._blas import steady_blas
from ._center import central_idempotents

IrrepType = Literal["R", "C", "H"]

ENDO_DIM: dict[IrrepType, int] = {"R": 1, "C": 2, "H": 4}
_TYPES: tuple[IrrepType, ...] = ("R", "C", "H")
# Values this near to an integer are integers; further decimals than these do not order irreps.
_SNAP = 1e-9
_SORT_DECIMALS = 6
_TOLERANCE = 1e-6
# Random vectors on which orthogonality is checked.
_PROBES = 8
# Classes that a notebook shows the characters of.
_WIDEST = 20


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RealCharacterTable(Value):
    """The characters of the t real irreps of a group, trivial irrep first.

    Attributes
    ----------
    group : Group
        Of order n.
    values : ndarray, shape (t, t)
        ``values[i, c]`` is the character of irrep i on class c, where a class is a conjugacy
        class together with the class of its inverses; class 0 is the identity's.
    class_index : ndarray, shape (n,), int64
        The class of each element.
    class_sizes : ndarray, shape (t,), int64
    dims : ndarray, shape (t,), int64
        The real dimensions.
    types : tuple of {"R", "C", "H"}
        Frobenius-Schur type: "C" means a real irrep of complex type.
    labels : tuple of str
        Dimension, type, and a letter where several share both: "1Ra", "2C".

    Examples
    --------
    >>> table = real_characters("S3")
    >>> table.labels, table.dims.tolist()
    (('1Ra', '1Rb', '2R'), [1, 1, 2])
    >>> table.values.astype(int).tolist()
    [[1, 1, 1], [1, -1, 1], [2, 0, -1]]
    """

    group: Group
    values: Array
    class_index: Integers
    class_sizes: Integers
    dims: Integers
    types: tuple[IrrepType, ...]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        freeze_fields(self, "values", "class_index", "class_sizes", "dims")

    def __len__(self) -> int:
        return len(self.dims)

    def __repr__(self) -> str:
        return f"RealCharacterTable({self.group.name!r}, irreps={len(self)})"

    def _repr_html_(self) -> str:
        heads = ["irrep", "dimension", "type", "isotypic dimension"]
        kinds = zip(
            self.labels, self.dims.tolist(), self.types, self.isotypic_dims.tolist(), strict=True
        )
        parts: list[Line] = [
            f"{len(self)} real irreps of {self.group.name} (order {self.group.order})",
            Table(heads, list(kinds)),
        ]
        if len(self) <= _WIDEST:
            names = [
                self.group.labels[g] for g in np.unique(self.class_index, return_index=True)[1]
            ]
            rows = [
                [label, *(f"{value:.6g}" for value in row)]
                for label, row in zip(self.labels, self.values, strict=True)
            ]
            about = "characters, by an element of each class (with its inverses)"
            parts.append(Table(["irrep", *names], rows, about=about))
        return shown(parts)

    @property
    def endo_dims(self) -> Integers:
        """Dimensions of the commutants, 1, 2 or 4; shape (t,)."""
        return np.array([ENDO_DIM[kind] for kind in self.types], dtype=np.int64)

    @property
    def isotypic_dims(self) -> Integers:
        """Dimensions ``dim^2 / endo_dim`` of the isotypic spaces; shape (t,), sum n."""
        return self.dims**2 // self.endo_dims

    def character(self, index: int) -> Array:
        """Return the character of one irrep as a function on the group, shape (n,)."""
        character: Array = self.values[self.check_index(index)][self.class_index]
        return character

    def check_index(self, index: int) -> int:
        """Return the index of an irrep as an int, or raise IrrepError."""
        if not is_integer(index):
            raise IrrepError(f"The index of an irrep must be an integer; given {index!r}")
        if not 0 <= index < len(self):
            raise IrrepError(
                f"{self.group!r} has {len(self)} real irreps: the index must be "
                f"0..{len(self) - 1}; given {index}"
            )
        return int(index)


def _kind(isotypic: int, squares: float) -> tuple[int, IrrepType]:
    """Dimension and type from D = dim(isotypic space) and s = sum_g e(g^2)."""
    root = float(np.sqrt(isotypic))
    candidates: tuple[tuple[float, IrrepType, float], ...] = (
        (root, "R", root),
        (0.0, "C", float(np.sqrt(2 * isotypic))),
        (-root, "H", 2 * root),
    )
    for expected, kind, dim in candidates:
        if abs(squares - expected) < _TOLERANCE * root and abs(dim - round(dim)) < _TOLERANCE:
            return round(dim), kind
    raise IrrepError(
        f"An isotypic space of dimension {isotypic} with Frobenius-Schur sum {squares:.6g} "
        "is of no type; try another seed"
    )


def _letters(number: int) -> str:
    """Count a, b, ..., z, aa, ab, ..."""
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("a") + digit) + text
    return text


def _labels(dims: Integers, types: tuple[IrrepType, ...]) -> tuple[str, ...]:
    plain = [f"{dim}{kind}" for dim, kind in zip(dims.tolist(), types, strict=True)]
    counts = Counter(plain)
    seen: dict[str, int] = {}
    labels = []
    for label in plain:
        number = seen.get(label, 0)
        seen[label] = number + 1
        labels.append(label if counts[label] == 1 else label + _letters(number))
    return tuple(labels)


def _order(values: Array, dims: Integers, types: list[IrrepType]) -> list[int]:
    """Trivial first, then by dimension, type and values (larger first)."""
    # Rows compare as bytes, up to the first difference: large integers with the first byte first.
    rounded = np.rint(values * 10**_SORT_DECIMALS).astype(np.int64)
    keys = (2**62 - rounded).astype(">u8")
    not_trivial = np.any(np.abs(values - 1.0) > _TOLERANCE, axis=1)

    def key(i: int) -> tuple[bool, int, int, bytes]:
        return bool(not_trivial[i]), int(dims[i]), _TYPES.index(types[i]), keys[i].tobytes()

    return sorted(range(len(values)), key=key)


def real_characters(G: Group | str, seed: int = 0) -> RealCharacterTable:
    """Return the characters of the real irreps of a group.

    Parameters
    ----------
    G : Group or str
    seed : int
        Seed of the random central elements; the result depends on it by rounding errors only.

    Returns
    -------
    RealCharacterTable
        Trivial irrep first, then by dimension, type (R, C, H) and values, larger first.

    Raises
    ------
    IrrepError
        If the computation fails its own checks.

    Notes
    -----
    A central idempotent e with isotypic dimension D = n e(1) has the character
    chi = (n endo / dim) e. With s = sum_g e(g^2), the type is R if s = +sqrt(D), C if s = 0 and
    H if s = -sqrt(D), and dim^2 = endo D.

    References
    ----------
    J.-P. Serre, Linear Representations of Finite Groups (1977), sections 2.6 and 13.2.

    Examples
    --------
    >>> table = real_characters("Q8 x C3")
    >>> table.labels
    ('1Ra', '1Rb', '1Rc', '1Rd', '2Ca', '2Cb', '2Cc', '2Cd', '4C', '4H')
    >>> int(table.isotypic_dims.sum())
    24
    """
    G = group(G)
    with steady_blas(G):
        classes, idempotents = central_idempotents(G, seed)
    weights = np.bincount(classes.index[power_map(G, 2)], minlength=len(classes))
    isotypic = np.rint(G.order * idempotents[:, 0]).astype(np.int64)
    kinds = [
        _kind(int(size), float(squares))
        for size, squares in zip(isotypic, idempotents @ weights, strict=True)
    ]
    dims = np.array([dim for dim, _ in kinds], dtype=np.int64)
    types = [kind for _, kind in kinds]
    endo = np.array([ENDO_DIM[kind] for kind in types])
    values = idempotents * (G.order * endo / dims)[:, None]
    nearest = np.rint(values)
    # Adding 0.0 turns -0.0 into 0.0.
    values = np.where(np.abs(values - nearest) < _SNAP, nearest, values) + 0.0
    order = _order(values, dims, types)
    sorted_types = tuple(types[i] for i in order)
    table = RealCharacterTable(
        group=G,
        values=values[order],
        class_index=classes.index,
        class_sizes=classes.sizes,
        dims=dims[order],
        types=sorted_types,
        labels=_labels(dims[order], sorted_types),
    )
    _check_orthogonality(table)
    return table


def _check_orthogonality(table: RealCharacterTable) -> None:
    """Raise IrrepError unless <chi_i, chi_j> = endo_i delta_ij and the dimensions add up."""
    # The Gram matrix G on some random vectors x, O(t^2): an error E of it changes G x by E x, which
    # for normally distributed x is a thousandth of the norm of a row of E for all of them with a
    # probability below 1e-24.
    order = table.group.order
    probes = np.random.default_rng(0).standard_normal((len(table), _PROBES))
    with steady_blas(table.group):
        gram = (table.values * (table.class_sizes / order)) @ (table.values.T @ probes)
    error = float(np.abs(gram - table.endo_dims[:, None] * probes).max())
    if not error <= _TOLERANCE or int(table.isotypic_dims.sum()) != order:
        raise IrrepError(
            f"The characters of {table.group!r} are not orthogonal (error {error:.1e}); "
            "try another seed"
        )
