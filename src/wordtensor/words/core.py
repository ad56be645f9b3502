"""The concise core of a word tensor: the part of it that is left when nothing is repeated."""

from dataclasses import dataclass
from reprlib import repr as shortened

import numpy as np
from numpy.typing import NDArray

from .._memory import require_memory
from .._typing import Value, freeze, freeze_fields, is_integer, unmasked
from ..errors import WordTensorError

# For each of three modes, the number of each slice.
Rows = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
# Eigenvalues of an integer Gram matrix below this share of the largest count as zero.
RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class MergedTable:
    """A word table with equal rows and equal columns merged and unused values dropped."""

    table: NDArray[np.int64]  # shape (x, y): values 0 <= table[i, j] < z
    rows: NDArray[np.int64]  # shape (n,): the merged row of each group element a
    columns: NDArray[np.int64]  # shape (n,): the merged column of each group element b
    # shape (n,): the merged value of each group element c, -1 where w(a, b) is never c
    values: NDArray[np.int64]
    size: int  # number z of values

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (x, y, z) of the merged 0/1 tensor."""
        return (self.table.shape[0], self.table.shape[1], self.size)

    def maps(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the three 0/1 maps from group elements to merged ones: (n, x), (n, y), (n, z)."""
        labels = (self.rows, self.columns, self.values)
        first, second, third = (
            np.equal.outer(label, np.arange(size)).astype(np.float64)
            for label, size in zip(labels, self.shape, strict=True)
        )
        return first, second, third

    def coords(self) -> NDArray[np.int64]:
        """Return the places of the ones, shape (3, x * y)."""
        i, j = np.indices(self.table.shape)
        return np.stack([i.ravel(), j.ravel(), self.table.ravel()]).astype(np.int64)

    def composed(self, numbers: Rows) -> Rows:
        """Return the numbers of the merged slices of all elements, -1 for values never taken."""
        first, second, third = (
            np.where(label >= 0, number[label], -1)
            for label, number in zip((self.rows, self.columns, self.values), numbers, strict=True)
        )
        return first, second, third

    def to_dense(self) -> NDArray[np.float64]:
        """Return the merged 0/1 tensor, shape (x, y, z)."""
        x, y, z = self.shape
        require_memory(
            8 * x * y * z, f"A dense {x} x {y} x {z} core", "Work with the merged table instead"
        )
        dense = np.zeros((x, y, z))
        i, j = np.indices(self.table.shape)
        dense[i, j, self.table] = 1.0
        return dense


@dataclass(frozen=True, slots=True, eq=False)
class Core(Value):
    """A concise tensor and the maps that bring it back to group coordinates.

    Attributes
    ----------
    tensor : ndarray of float64, shape (x, y, z)
        No slice in any direction is a linear combination of the others. Read-only.
    maps : tuple of ndarray of float64, shapes (n, x), (n, y), (n, z)
        ``T[a, b, c] = sum_ijk tensor[i, j, k] maps[0][a, i] maps[1][b, j] maps[2][c, k]``.

    Examples
    --------
    >>> from wordtensor.words import word_tensor
    >>> core = word_tensor("a^2*b", "S3").core()
    >>> core.shape
    (3, 6, 6)
    """

    tensor: NDArray[np.inexact]
    maps: tuple[NDArray[np.inexact], NDArray[np.inexact], NDArray[np.inexact]]

    @property
    def shape(self) -> tuple[int, int, int]:
        """The multilinear ranks (x, y, z) of the word tensor."""
        x, y, z = self.tensor.shape
        return (x, y, z)

    def __post_init__(self) -> None:
        freeze_fields(self, "tensor", "maps")


def checked_table(table: object, n_values: int) -> NDArray[np.integer]:
    """Return a table as an array if it is a matrix of the integers from 0 to below a number."""
    unmasked(table)
    if not is_integer(n_values) or n_values < 1:
        raise WordTensorError(
            f"Argument 'order' must be a number of values, at least 1, not {shortened(n_values)}"
        )
    try:
        entries = np.asarray(table)
    except ValueError as error:  # rows of different lengths
        raise WordTensorError(f"Argument 'table' must be a matrix of integers ({error})") from None
    if entries.ndim != 2 or entries.size == 0 or entries.dtype.kind not in "iu":
        raise WordTensorError(
            "Argument 'table' must be a non-empty matrix of integers, not of shape "
            f"{entries.shape} and type {entries.dtype}"
        )
    if entries.min() < 0 or entries.max() >= n_values:
        raise WordTensorError(
            f"Argument 'table' must have values from 0 to {n_values - 1}, "
            f"not from {entries.min()} to {entries.max()}"
        )
    return entries


def merge_table(table: NDArray[np.integer], order: int | None = None) -> MergedTable:
    """Merge equal rows and columns of a table (n, n) with values below ``order`` (n by default)."""
    # Equal slices of a tensor carry no information: the rank of the merged tensor is the same.
    n_values = max(np.shape(table), default=0) if order is None else order
    table = checked_table(table, n_values)
    rows, first_rows = first_occurrences(table)
    columns, first_columns = first_occurrences(np.ascontiguousarray(table.T))
    small = table[np.ix_(first_rows, first_columns)]
    require_memory(8 * n_values, f"A list of {n_values} values")
    values = np.full(n_values, -1, dtype=np.int64)
    places = _first_places(small.ravel(), n_values)
    used = np.flatnonzero(places >= 0)
    values[used[np.argsort(places[used])]] = np.arange(used.size)
    return MergedTable(values[small], rows, columns, values, int(used.size))


def first_occurrences(table: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Label the distinct rows in order of first occurrence, and say where each first stands."""
    seen: dict[bytes, int] = {}
    labels = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in table])
    return labels, _first_places(labels, len(seen))


def _first_places(labels: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Say where each label first stands; -1 for those that do not occur."""
    places = np.full(count, -1, dtype=np.int64)
    places[labels[::-1]] = np.arange(labels.size)[::-1]  # the last one written stays
    return places


def concise_core(table: NDArray[np.integer], order: int | None = None) -> Core:
    """Return the concise core of the tensor with a one at (a, b, table[a, b]).

    Parameters
    ----------
    table : ndarray of int, shape (n, n)
        Values of a word; it need not be square.
    order : int, optional
        Number of possible values; the longer side by default.

    Returns
    -------
    Core
        Its shape is the multilinear rank. Where merging is enough the core is the merged 0/1
        tensor itself; only a mode that is still dependent gets an orthonormal basis.

    Raises
    ------
    WordTensorError
        If the table is not a matrix of integers from 0 to below the number of values.
    MemoryLimitError
        If the merged tensor takes more than the limit; see `wordtensor.memory_limit`.

    Notes
    -----
    The Gram matrix of the mode-a unfolding is ``K[a, a'] = #{b : w(a, b) = w(a', b)}``, an
    integer matrix; its rank is the first multilinear rank, and its eigenvectors span the mode.

    Examples
    --------
    >>> concise_core(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), 2).shape
    (2, 2, 2)
    """
    merged = merge_table(table, order)
    tensor = merged.to_dense()
    maps = list(merged.maps())
    for mode in range(2):  # the slices of mode c are 0/1 with disjoint supports: independent
        basis = _range_basis(merged.table if mode == 0 else merged.table.T)
        if basis is not None:
            tensor = np.moveaxis(np.tensordot(basis.T, tensor, axes=(1, mode)), 0, mode)
            maps[mode] = maps[mode] @ basis
    a, b, c = map(freeze, maps)
    return Core(freeze(np.ascontiguousarray(tensor)), (a, b, c))


def row_gram(table: NDArray[np.integer]) -> NDArray[np.int64]:
    """Count the columns in which two rows agree: K[i, j] = #{k : table[i, k] = table[j, k]}."""
    if np.diff(np.sort(table, axis=0), axis=0).all():  # no two agree anywhere
        return np.diag(np.full(table.shape[0], table.shape[1], dtype=np.int64))
    gram = np.zeros((table.shape[0], table.shape[0]), dtype=np.int64)
    for column in table.T:
        gram += column[:, None] == column[None, :]
    return gram


def row_rank(table: NDArray[np.integer]) -> int:
    """Rank of the row mode of a table's 0/1 tensor: the first multilinear rank."""
    values = np.linalg.eigvalsh(row_gram(table).astype(np.float64))
    return int((values > RANK_TOLERANCE * values[-1]).sum())


def _range_basis(table: NDArray[np.integer]) -> NDArray[np.float64] | None:
    """Orthonormal basis of the row mode, or None where the rows are independent already."""
    values, vectors = np.linalg.eigh(row_gram(table).astype(np.float64))
    keep = values > RANK_TOLERANCE * values[-1]
    return None if keep.all() else vectors[:, keep]
