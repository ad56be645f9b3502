"""The value that `decompose` returns: factors, what is proved about them, and how they arose."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .._extras import missing
from .._typing import Division, Factors, Field, Triplet
from ..groups import Group
from ..words import Word

__all__ = ["BlockReport", "Decomposition", "Status"]

Status = Literal["exact", "structural", "numerical"]


@dataclass(frozen=True, slots=True)
class BlockReport:
    """One summand of a decomposition.

    Attributes
    ----------
    name : str
        "<2,2,2>", "<1,1,2>_C", "11x11x3" and so on.
    kind : str
        "matrix product", "two slices", "general" or "slices".
    division : {"R", "C", "H"}
        Where the entries live.
    shape : tuple of int
        Real dimensions in the three modes.
    strategy : {"scheme", "solver", "fibres", "flips"}
        What produced its terms.
    rank, lower_bound : int
        Number of its terms, and the least that its own tensor needs.
    reason : str
        Why the lower bound holds.
    status : {"structural", "numerical"}
        Whether its terms are an exact scheme or come from the solver.
    note : str
        The scheme's construction, or the number of the solver's starts.
    triplets : tuple of (int, int, int) or None
        Triplets of real irreps that it touches; None for groups too large to say.
    columns : tuple of int
        Its terms are the columns ``start`` to ``stop`` of the factors.
    """

    name: str
    kind: str
    division: Division
    shape: tuple[int, int, int]
    strategy: str
    rank: int
    lower_bound: int
    reason: str
    status: Literal["structural", "numerical"]
    note: str
    triplets: tuple[Triplet, ...] | None
    columns: tuple[int, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Decomposition:
    """A word tensor as a sum of rank-one terms.

    Attributes
    ----------
    word, group : Word, Group
        What was decomposed; n is the group's order.
    factors : tuple of ndarray, shapes (n, R), (n, R), (n, R)
        ``T[a, b, c] = sum_r U[a, r] V[b, r] W[c, r]``; float64, or complex128 over "complex".
        Read-only.
    lower_bound : int
        The tensor rank over the field is at least this.
    certificate : tuple of str
        Why: the theorems used, with their sources.
    residual : float
        Largest absolute error over all n^3 entries, or its estimate for very large groups.
    status : {"exact", "structural", "numerical"}
        "exact": the factors are rational and the identity was checked in integers; "structural":
        every block is an exact scheme, carried by numerically computed irreps; "numerical": some
        block came from the solver.
    route : str
        Which way won: "product", "action of a", "direct sum", ...
    blocks : tuple of BlockReport
        The summands.
    field, effort, method : str
        As asked.
    seed : int
        As asked.
    version : str
        Of wordtensor.
    seconds : float
        What it took.
    interrupted : bool
        Whether Ctrl-C ended the search; the result is the best until then.

    Examples
    --------
    >>> from wordtensor.rank import decompose
    >>> d = decompose("a*b", "S3")
    >>> d.rank, d.lower_bound, d.status
    (9, 9, 'structural')
    >>> weights, (U, V, W) = d
    >>> U.shape
    (6, 9)
    """

    word: Word
    group: Group
    factors: Factors
    lower_bound: int
    certificate: tuple[str, ...]
    residual: float
    status: Status
    route: str
    blocks: tuple[BlockReport, ...]
    field: Field = "real"
    effort: str = "fast"
    method: str = "auto"
    seed: int = 0
    version: str = ""
    seconds: float = 0.0
    interrupted: bool = False

    def __post_init__(self) -> None:
        for factor in self.factors:
            factor.setflags(write=False)

    @property
    def rank(self) -> int:
        """Number of terms R: an upper bound on the tensor rank."""
        return int(self.factors[0].shape[1])

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
            raise missing(error, "Decomposition.to_tensorly") from None
        return CPTensor((np.ones(self.rank), [np.array(f) for f in self.factors]))

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the factors and the group's table as JSON-able values."""
        return {
            "word": str(self.word),
            "letters": list(self.word.letters),
            "group": self.group.name,
            "order": self.group.order,
            "rank": self.rank,
            "lower_bound": self.lower_bound,
            "certificate": list(self.certificate),
            "residual": self.residual,
            "status": self.status,
            "route": self.route,
            "field": self.field,
            "effort": self.effort,
            "method": self.method,
            "seed": self.seed,
            "version": self.version,
            "seconds": self.seconds,
            "interrupted": self.interrupted,
            "blocks": [block.to_dict() for block in self.blocks],
        }

    def save(self, path: Any) -> None:
        """Write the decomposition to an ``.npz`` file; see `wordtensor.load`."""
        from .files import save

        save(self, path)

    def __repr__(self) -> str:
        return (
            f"Decomposition({str(self.word)!r}, {self.group.name!r}, rank={self.rank}, "
            f"lower_bound={self.lower_bound}, status={self.status!r})"
        )

    def __str__(self) -> str:
        from ._tables import decomposition_table

        return decomposition_table(self)
