"""What every decomposition has: factors, bounds on their number, and a file."""

import os
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._extras import missing
from .._files import write_archive
from .._shown import Shown
from .._typing import Factors, Value
from ..bounds import Bound
from ..errors import FileFormatError

Status = Literal["exact", "structural", "numerical"]


class SumOfTerms(Value, Shown):
    """A tensor as a sum of rank-one terms, with what is proved about their number.

    What `Decomposition` (of a word) and `TensorDecomposition` (of any tensor) have in common.

    Attributes
    ----------
    factors : tuple of ndarray, shapes (x, R), (y, R), (z, R)
        The terms; read-only.
    bounds : tuple of Bound
        Lower bounds on the rank, best first, each with its reason.
    status : {"exact", "structural", "numerical"}
        How exact the terms are.

    Examples
    --------
    >>> from wordtensor.rank import decompose, solve
    >>> found = [decompose("a*b", "C3"), solve([[[1, 0], [0, 1]], [[0, 1], [1, 0]]])]
    >>> [isinstance(d, SumOfTerms) for d in found], [(d.rank, d.is_optimal) for d in found]
    ([True, True], [(4, True), (2, True)])
    """

    __slots__ = ()

    factors: Factors
    bounds: tuple[Bound, ...]
    status: Status

    @property
    def rank(self) -> int:
        """Number of terms R: an upper bound on the tensor rank."""
        return int(self.factors[0].shape[1])

    @property
    def lower_bound(self) -> int:
        """The tensor rank over the field is at least this: the best of the bounds."""
        return self.bounds[0].value

    @property
    def is_optimal(self) -> bool:
        """Whether R equals the lower bound and no term is numerical: then it is the tensor rank."""
        return self.rank == self.lower_bound and self.status != "numerical"

    def __iter__(self) -> Iterator[Any]:
        """Unpack as tensorly's CPTensor: weights (all one), then the list of factors."""
        yield np.ones(self.rank)
        yield list(self.factors)

    def to_tensorly(self) -> Any:
        """Return a tensorly CPTensor with these factors (imports tensorly)."""
        try:
            from tensorly.cp_tensor import CPTensor
        except ModuleNotFoundError as error:
            raise missing(error, f"{type(self).__name__}.to_tensorly") from None
        return CPTensor((np.ones(self.rank), [np.array(f) for f in self.factors]))

    @abstractmethod
    def to_parts(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays of a file, and its header of JSON-able values."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the decomposition to a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            Ending in ".npz"; an existing file is replaced.

        Raises
        ------
        FileFormatError
            If the name ends otherwise, or the folder does not exist or cannot be written to.

        Notes
        -----
        The class says which arrays there are. "header" holds the rest as JSON in UTF-8 bytes.
        Readers need only numpy and json; `wordtensor.load` is one, and `wordtensor.verify` checks
        what it reads.
        """
        check_ending(path)
        arrays, header = self.to_parts()
        write_archive(path, arrays, header)

    def __eq__(self, other: object) -> bool:
        """Whether both would be written to the same file."""
        if type(other) is not type(self):
            return NotImplemented
        if self is other:
            return True
        (mine, header), (theirs, given) = self.to_parts(), other.to_parts()
        same = header == given and mine.keys() == theirs.keys()
        return same and all(
            array.dtype == theirs[key].dtype and np.array_equal(array, theirs[key], equal_nan=True)
            for key, array in mine.items()
        )

    @abstractmethod
    def __hash__(self) -> int: ...


def check_ending(path: str | os.PathLike[str]) -> None:
    """Refuse a name for a decomposition's file that does not say what is in it."""
    if isinstance(path, str | os.PathLike) and not os.fsdecode(path).lower().endswith(".npz"):
        raise FileFormatError(
            f"A decomposition is written to a file that ends in .npz, not {os.fsdecode(path)!r}"
        )
