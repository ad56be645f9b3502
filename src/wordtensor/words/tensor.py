"""The word tensor T[a, b, c] = 1 if w(a, b) = c else 0 of a finite group, as a value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .._memory import require_memory
from .._typing import Value, freeze, frozen
from ..errors import WordTensorError
from ..groups import Group, group
from ._word import Word, word
from .core import Core, checked_table, concise_core
from .evaluate import word_table

if TYPE_CHECKING:
    import scipy.sparse


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WordTensor(Value):
    """The n x n x n tensor of a word and a group, held as the table of its n^2 ones.

    Parameters
    ----------
    word : Word
        The word w.
    group : Group
        Of order n.
    table : ndarray of int32, shape (n, n)
        Entry [a, b] is the index of w(a, b); read-only.

    Raises
    ------
    WordTensorError
        If the table is not one of elements of the group, (n, n) integers.

    Examples
    --------
    >>> T = word_tensor("a*b", "C3")
    >>> T
    WordTensor(word='a*b', group='C3', shape=(3, 3, 3), nnz=9)
    >>> T.coords[:, :4]
    array([[0, 0, 0, 1],
           [0, 1, 2, 0],
           [0, 1, 2, 1]], dtype=int32)
    """

    word: Word
    group: Group
    table: NDArray[np.int32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "word", word(self.word))
        object.__setattr__(self, "group", group(self.group))
        n = self.group.order
        table = checked_table(self.table, n).astype(np.int32, copy=False)
        if table.shape != (n, n):
            raise WordTensorError(
                f"Argument 'table' must have shape {(n, n)}, the order of {self.group.name}, "
                f"not {table.shape}"
            )
        object.__setattr__(self, "table", frozen(table))

    @property
    def order(self) -> int:
        """Order n of the group."""
        return self.group.order

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (n, n, n)."""
        return (self.order, self.order, self.order)

    @property
    def nnz(self) -> int:
        """Number of ones, n^2."""
        return self.order**2

    @property
    def coords(self) -> NDArray[np.int32]:
        """Coordinates of the ones, shape (3, n^2): rows a, b and c, with b running fastest.

        A new array each time.
        """
        n = self.order
        coords = np.empty((3, n, n), dtype=np.int32)
        coords[0] = np.arange(n, dtype=np.int32)[:, None]
        coords[1] = np.arange(n, dtype=np.int32)[None, :]
        coords[2] = self.table
        return coords.reshape(3, n * n)

    def to_dense(self, dtype: DTypeLike = np.float64) -> NDArray[Any]:
        """Return the tensor with its zeros.

        Parameters
        ----------
        dtype : data type
            Of the result.

        Returns
        -------
        ndarray, shape (n, n, n)
            A new array.

        Raises
        ------
        WordTensorError
            If the type is not one of numbers.
        MemoryLimitError
            If it takes more than the limit; see `wordtensor.memory_limit`.

        Examples
        --------
        >>> word_tensor("a*b", "C2").to_dense(int).tolist()
        [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]
        """
        n = self.order
        try:
            entries = np.dtype(dtype)
        except TypeError:
            entries = np.dtype(object)
        if entries.kind not in "biufc":
            raise WordTensorError(
                f"Argument 'dtype' must be a type of numbers, such as float, not {dtype!r}"
            )
        size = n**3 * entries.itemsize
        require_memory(
            size,
            f"A dense {n} x {n} x {n} tensor of {entries}",
            f"Take .coords, the {n * n} ones, or .unfolding(mode), a sparse matrix of them",
        )
        dense = np.zeros((n * n, n), dtype=entries)
        dense[np.arange(n * n), self.table.reshape(-1)] = 1
        return dense.reshape(n, n, n)

    def unfolding(self, mode: int) -> "scipy.sparse.csr_array":
        """Return the unfolding along a mode as a sparse matrix.

        Parameters
        ----------
        mode : {0, 1, 2}
            The mode that becomes the rows.

        Returns
        -------
        scipy.sparse.csr_array of float64, shape (n, n^2)
            The two other modes, in increasing order, become the columns, the later one running
            fastest: entry [a, b, c] is in column b*n + c of mode 0, a*n + c of mode 1 and a*n + b
            of mode 2.

        Raises
        ------
        WordTensorError
            If the mode is not 0, 1 or 2.

        Examples
        --------
        >>> T = word_tensor("a*b", "S3")
        >>> (T.unfolding(2) @ T.unfolding(2).T).diagonal()
        array([6., 6., 6., 6., 6., 6.])
        """
        if not isinstance(mode, int | np.integer) or mode not in (0, 1, 2):
            raise WordTensorError(f"Argument 'mode' must be 0, 1 or 2, not {mode!r}")
        from scipy.sparse import csr_array

        n = self.order
        coords = self.coords
        slow, fast = (coords[m] for m in range(3) if m != mode)
        columns = slow.astype(np.int64) * n + fast
        return csr_array((np.ones(n * n), (coords[mode], columns)), shape=(n, n * n))

    def core(self) -> Core:
        """Return the concise core: the tensor without its equal and its empty slices.

        Returns
        -------
        Core
            With the maps that lead back to this tensor.
        """
        return concise_core(self.table, self.order)

    def __repr__(self) -> str:
        return (
            f"WordTensor(word={str(self.word)!r}, group={self.group.name!r}, "
            f"shape={self.shape}, nnz={self.nnz})"
        )


def word_tensor(
    word_or_text: Word | str, group_or_name: Group | str, device: str = "cpu"
) -> WordTensor:
    """Build the tensor of a word over a finite group.

    Parameters
    ----------
    word_or_text : Word or str
        For example ``"a*b*a^-1"``.
    group_or_name : Group or str
        For example ``"S4"``.
    device : {"cpu", "cuda"}
        Where the table is evaluated. The tensor is the same, and is held on the CPU; for a table
        that stays on the device see `wordtensor.words.word_table`.

    Returns
    -------
    WordTensor
        Whose entry [a, b, c] is 1 if w(a, b) = c and 0 otherwise.

    Raises
    ------
    WordTensorError
        If the word, the group or the device is not usable; the message says why.

    Examples
    --------
    >>> word_tensor("[a,b]", "S4")
    WordTensor(word='a*b*a^-1*b^-1', group='S4', shape=(24, 24, 24), nnz=576)
    """
    w, G = word(word_or_text), group(group_or_name)
    return WordTensor(w, G, freeze(word_table(w, G, device)))
