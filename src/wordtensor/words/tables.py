"""Tables of values: any function of two arguments, as a loop, a quasigroup or x/y mod p is one."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .._memory import require_memory
from .._text import printable
from .._typing import Indices, Value, frozen, is_integer, unmasked
from ..errors import TableError
from ..groups import MAX_ORDER, Group
from ._formula import formula
from ._laws import group_of, identity_of, is_associative, is_latin
from ._table_files import TABLE_FILES, read_table
from .core import Core, concise_core

Kind = Literal["group", "loop", "quasigroup", "operation", "table"]
Labels = tuple[str, ...]

# Letters of a name and of a label.
_LONGEST_NAME, _LONGEST_LABEL = 1000, 4000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ValueTable(Value):
    """A function of two arguments, held as the table of its values.

    Make one with `value_table`. Its tensor has a one at every (a, b, values[a, b]).

    Parameters
    ----------
    name : str
        For people.
    values : ndarray of int32, shape (n_a, n_b)
        Entry [a, b] is the index of the value at a and b; read-only.
    size : int
        Number of possible values.
    rows, columns, labels : tuple of str, optional
        What each a, each b and each value is; by default their indices.
    notes : tuple of str
        What is to be said of how it was read.

    Raises
    ------
    TableError
        If the values are not integers from 0 to below the size, or labels do not fit.

    Examples
    --------
    >>> table = ValueTable("a less b", [[0, 1], [1, 0], [1, 1]], 2)
    >>> table
    ValueTable('a less b', shape=(3, 2, 2))
    >>> table.kind, table.nnz
    ('table', 6)
    """

    name: str
    values: Indices
    size: int
    rows: Labels = ()
    columns: Labels = ()
    labels: Labels = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = _checked(self.values, self.size)
        object.__setattr__(self, "values", frozen(values))
        object.__setattr__(self, "size", int(self.size))
        object.__setattr__(self, "name", _text(self.name, "name", _LONGEST_NAME))
        for name, count in zip(("rows", "columns", "labels"), self.shape, strict=True):
            object.__setattr__(self, name, _labels(getattr(self, name), name, count))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (n_a, n_b, size) of the tensor."""
        return (*self.values.shape, self.size)

    @property
    def nnz(self) -> int:
        """Number of ones, n_a * n_b."""
        return int(self.values.size)

    @property
    def coords(self) -> Indices:
        """Coordinates of the ones, shape (3, n_a * n_b), b running fastest; a new array."""
        a, b = np.indices(self.values.shape, dtype=np.int32)
        return np.stack([a.ravel(), b.ravel(), self.values.ravel()])

    def to_dense(self, dtype: DTypeLike = np.float64) -> NDArray[Any]:
        """Return the tensor with its zeros.

        Parameters
        ----------
        dtype : data type
            Of the result.

        Returns
        -------
        ndarray, shape (n_a, n_b, size)
            A new array.

        Raises
        ------
        MemoryLimitError
            If it takes more than the limit; see `wordtensor.memory_limit`.

        Examples
        --------
        >>> value_table("x*y mod 2").to_dense(int).tolist()
        [[[1, 0], [1, 0]], [[1, 0], [0, 1]]]
        """
        rows, columns, size = self.shape
        entries = np.dtype(dtype)
        require_memory(
            rows * columns * size * entries.itemsize,
            f"A dense {rows} x {columns} x {size} tensor of {entries}",
            f"Take .coords, the {self.nnz} ones",
        )
        dense = np.zeros((self.nnz, size), dtype=entries)
        dense[np.arange(self.nnz), self.values.reshape(-1)] = 1
        return dense.reshape(self.shape)

    def core(self) -> Core:
        """Return the concise core: the tensor without its equal and its empty slices.

        Returns
        -------
        Core
            With the maps that lead back to this tensor.
        """
        return concise_core(self.values, self.size)

    @property
    def is_closed(self) -> bool:
        """Whether rows, columns and values are the same elements: a binary operation."""
        return self.rows == self.columns == self.labels

    @property
    def is_latin(self) -> bool:
        """Whether each value stands once in every row and in every column."""
        return is_latin(self.values, self.size)

    @property
    def identity(self) -> int | None:
        """The element e with e*x = x*e = x for all x of a closed table, if there is one."""
        return identity_of(self.values) if self.is_closed else None

    @property
    def is_commutative(self) -> bool:
        """Whether the table is closed and a*b = b*a for all elements."""
        return self.is_closed and np.array_equal(self.values, self.values.T)

    @property
    def is_associative(self) -> bool:
        """Whether the table is closed and (a*b)*c = a*(b*c) for all elements."""
        if not self.is_closed:
            return False
        if self.identity is not None and self.is_latin:
            return self.group() is not None  # by Light's test, which is faster
        return is_associative(self.values)

    @property
    def kind(self) -> Kind:
        """What it is: a group, loop, quasigroup, operation, or else a table.

        An *operation* is closed; a *quasigroup* is closed and Latin; a *loop* has an identity
        as well; a *group* is an associative loop.
        """
        if not self.is_closed:
            return "table"
        if not self.is_latin:
            return "operation"
        if self.identity is None:
            return "quasigroup"
        return "loop" if self.group() is None else "group"

    def group(self) -> Group | None:
        """Return the group whose Cayley table this is, or None if it is no group's.

        Examples
        --------
        >>> value_table("x+y mod 5").group()
        Group('x+y mod 5', order=5)
        >>> value_table("x-y mod 5").group()
        """
        return group_of(self.values, self.name, self.labels) if self.is_closed else None

    def __repr__(self) -> str:
        return f"ValueTable({self.name!r}, shape={self.shape})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ValueTable):
            return NotImplemented
        return self.size == other.size and np.array_equal(self.values, other.values)

    def __hash__(self) -> int:
        return hash((self.shape, self.values.tobytes()))


def value_table(
    given: "ValueTable | str | os.PathLike[str] | ArrayLike",
    name: str | None = None,
    *,
    size: int | None = None,
) -> ValueTable:
    """Make a table of values of a formula, a file or an array.

    Parameters
    ----------
    given : ValueTable, str, path or array_like, shape (n_a, n_b)
        A formula in x and y such as ``"x^2 + y^2 mod 97"`` or ``"x/y mod 97"``; a file .npy, .npz,
        .csv, .tsv, .txt or .json with rows of numbers or labels, also with a header row and a
        header column; or an array of integers from 0 on. A `ValueTable` passes through.
    name : str, optional
        By default the formula, the file's name, or the shape.
    size : int, optional
        Number of possible values of an array, by default one more than the largest.

    Returns
    -------
    ValueTable

    Raises
    ------
    TableError
        If the formula cannot be read, or file or array hold no table.
    FileFormatError
        If there is no such file, or it is damaged.

    Notes
    -----
    In a file a square table is closed if its header names all values, if its entries are 0..n-1 or
    1..n, or if its first row and column are those of an identity. The values of other tables are
    numbered in sorted order, and `ValueTable.notes` says so.

    Examples
    --------
    >>> value_table("x^2 + y^2 mod 5").values[1].tolist()
    [1, 2, 0, 0, 2]
    >>> value_table([[0, 1], [1, 2]]).shape
    (2, 2, 3)
    """
    if isinstance(given, ValueTable):
        return given
    if isinstance(given, os.PathLike) or (isinstance(given, str) and _is_file(given)):
        return _of_file(Path(given), name)
    if isinstance(given, str):
        return _of_formula(given, name)
    values = _integers(given)
    size = int(values.max()) + 1 if size is None else size
    shown = f"table of {values.shape[0]} x {values.shape[1]}"
    return ValueTable(name or shown, _checked(values, size), size)


def _is_file(text: str) -> bool:
    """Tell whether a text is the name of a file, and no formula."""
    return Path(text).suffix.lower() in TABLE_FILES or os.path.lexists(text)


def _of_file(path: Path, name: str | None) -> ValueTable:
    stem, read = read_table(path)
    return ValueTable(
        name=name or stem,
        values=read.values,
        size=read.size,
        rows=read.rows,
        columns=read.columns,
        labels=read.labels,
        notes=read.notes,
    )


def _of_formula(text: str, name: str | None) -> ValueTable:
    """Tabulate a formula, and say which arguments are left out."""
    made = formula(text)
    everything = np.arange(made.modulus)
    notes = [
        f"{what} {', '.join(map(str, missing[:8]))}{', ...' * (len(missing) > 8)} left out, where "
        f"{' '.join(text.split())} divides by 0"
        for what, kept in (("row", made.rows), ("column", made.columns))
        if len(missing := np.setdiff1d(everything, kept))
    ]
    rows, columns = (tuple(map(str, kept)) for kept in (made.rows, made.columns))
    return ValueTable(
        name=name or " ".join(text.split()),
        values=_checked(made.values, made.modulus),
        size=made.modulus,
        rows=rows,
        columns=columns,
        notes=tuple(notes),
    )


def _integers(given: object) -> NDArray[np.integer[Any]]:
    """Return an array of integers of two axes, or refuse what was given."""
    unmasked(given, TableError)
    try:
        values = np.asarray(given)
    except ValueError:
        raise TableError(
            "A table of values must be an array of integers, with rows of one length"
        ) from None
    if values.ndim != 2 or values.size == 0 or values.dtype.kind not in "iu":
        raise TableError(
            "A table of values must be a matrix of integers with at least one row and one column, "
            f"not of shape {values.shape} and type {values.dtype}"
        )
    return values


def _checked(given: object, size: object) -> Indices:
    """Return the values as int32, or say which is out of range."""
    values = _integers(given)
    if not is_integer(size) or not 1 <= size <= MAX_ORDER or max(values.shape) > MAX_ORDER:
        raise TableError(
            f"A table of values has 1 to {MAX_ORDER} rows, columns and values, not the shape "
            f"{values.shape} and {size!r:.40} values"
        )
    if values.min() < 0 or values.max() >= size:
        row, column = (int(k) for k in np.argwhere((values < 0) | (values >= size))[0])
        raise TableError(
            f"Entry {values[row, column]} at row {row}, column {column} is none of the values "
            f"0..{size - 1}"
        )
    return values.astype(np.int32, copy=False)


def _text(given: object, what: str, longest: int) -> str:
    if not isinstance(given, str) or len(given) > longest:
        raise TableError(
            f"A {what} of a table must be a text of at most {longest} letters, not {given!r:.60}"
        )
    return printable(given)


def _labels(given: Sequence[str], what: str, count: int) -> Labels:
    """Return different labels, one for each index; the indices by default."""
    if not given:
        return tuple(map(str, range(count)))
    labels = tuple(_text(label, "label", _LONGEST_LABEL) for label in given)
    if len(labels) != count or len(set(labels)) != count:
        raise TableError(
            f"Argument {what!r} must have {count} different labels, not {len(labels)}, of them "
            f"{len(set(labels))} different"
        )
    return labels
