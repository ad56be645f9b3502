"""The value `TensorDecomposition`: any 3-tensor as few rank-one terms, and what is proved."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..._shown import Line
from ..._typing import Factors, Field, freeze_fields
from ...bounds import Bound
from ...schemes.exact_terms import ExactTerms
from .._exact import MOST_WORK, exact_terms
from ..block_report import STRUCTURAL_LINE, BlockReport, block_table, numerical_lines
from ..sum_of_terms import Status, SumOfTerms
from .plan import conclusion, described
from .value import Tensor

FORMAT: Final = "wordtensor-tensor"
SCHEMA: Final = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class TensorDecomposition(SumOfTerms):
    """A 3-tensor as a sum of rank-one terms.

    Attributes
    ----------
    tensor : Tensor
        What was decomposed, shape (x, y, z).
    factors : tuple of ndarray, shapes (x, R), (y, R), (z, R)
        ``T[i, j, k] = sum_r U[i, r] V[j, r] W[k, r]``; float64, or complex128. Read-only.
    bounds : tuple of Bound
        Lower bounds on the rank over the field, best first, each with its reason.
    residual : float
        Largest absolute error of an entry, as a share of the largest entry.
    status : {"exact", "structural", "numerical"}
        "exact": the entries of the factors are rational, or in one field Q(sqrt d), and the
        identity was checked exactly; "structural": every block is exact or an exact scheme, carried
        by bases that are known to rounding; "numerical": some terms add up to rounding only.
    blocks : tuple of BlockReport
        The summands, whose terms stand one after another in the factors.
    field, effort : str
        As asked.
    seed : int
        As asked.
    version : str
        Of wordtensor.
    seconds : float
        What it took.
    interrupted : bool
        Whether Ctrl-C ended the search; the result is the best until then.

    Notes
    -----
    The arrays of a file are U, V, W and ``tensor``, its entries times ``denominator`` in the
    header, if that is not 0.

    Examples
    --------
    >>> from wordtensor.rank import solve
    >>> d = solve([[[0, 1], [1, 0]], [[1, 0], [0, 0]]], name="W state")
    >>> d
    TensorDecomposition('W state', rank=3, lower_bound=3, status='exact')
    >>> weights, (U, V, W) = d
    >>> print(str(d).splitlines()[-1])
    the rank is 3
    """

    tensor: Tensor
    factors: Factors
    bounds: tuple[Bound, ...]
    residual: float
    status: Status
    blocks: tuple[BlockReport, ...]
    field: Field = "real"
    effort: str = "fast"
    seed: int = 0
    version: str = ""
    seconds: float = 0.0
    interrupted: bool = False

    def __post_init__(self) -> None:
        freeze_fields(self, "factors")

    @property
    def subject(self) -> str:
        """What was decomposed: the tensor's name."""
        return self.tensor.name

    def exact_terms(self) -> ExactTerms | None:
        """Return the terms with exact coefficients, which add up to the tensor exactly.

        Returns
        -------
        ExactTerms or None
            Over Q, or over a quadratic field. None unless the status is "exact".

        Examples
        --------
        >>> from wordtensor.rank import solve
        >>> solve([[[1, 0], [0, 1]], [[0, 1], [-1, 0]]]).exact_terms()
        ExactTerms(3 terms, denominators=(1, 1, 1))
        """
        if self.status != "exact":
            return None
        return terms_of(self.tensor, self.factors, [block.radicand for block in self.blocks])

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the entries and the factors as JSON-able values."""
        return {
            "name": self.tensor.name,
            "shape": list(self.tensor.shape),
            "notes": list(self.tensor.notes),
            "rank": self.rank,
            "lower_bound": self.lower_bound,
            "bounds": [bound.to_dict() for bound in self.bounds],
            "residual": self.residual,
            "status": self.status,
            "field": self.field,
            "effort": self.effort,
            "seed": self.seed,
            "version": self.version,
            "seconds": self.seconds,
            "interrupted": self.interrupted,
            "blocks": [block.to_dict() for block in self.blocks],
        }

    def to_parts(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays of a file, and its header of JSON-able values."""
        exact = self.tensor.exact
        entries: NDArray[Any] = self.tensor.entries
        denominator = 0
        if exact is not None and exact.irrational is None:
            entries, denominator = exact.rational, exact.denominator
        header = {"format": FORMAT, "schema": SCHEMA, "denominator": denominator}
        arrays = {"tensor": entries, **dict(zip("UVW", self.factors, strict=True))}
        return arrays, {**header, **self.to_dict()}

    def __hash__(self) -> int:
        return hash((self.tensor.shape, self.rank, self.lower_bound))

    def __repr__(self) -> str:
        return (
            f"TensorDecomposition({self.tensor.name!r}, rank={self.rank}, "
            f"lower_bound={self.lower_bound}, status={self.status!r})"
        )

    def _parts(self) -> list[Line]:
        lines: list[Line] = [
            described(self.tensor, self.field),
            f"{self.rank} terms, status {self.status}, largest relative error {self.residual:.1e}",
            "",
        ]
        if self.blocks:
            lines += [block_table(self.blocks, self.lower_bound), ""]
        lines += [f"at least {bound.value}: {bound.reason}" for bound in self.bounds[:1]]
        lines += numerical_lines(self.blocks)
        if self.status == "structural":
            lines.append(STRUCTURAL_LINE)
        if self.interrupted:
            lines.append("interrupted: the best found until then")
        lines.append(conclusion(self.rank, self.bounds[0], self.status != "numerical"))
        return lines


def terms_of(whole: Tensor, factors: Factors, radicands: list[int]) -> ExactTerms | None:
    """Read factors as exact numbers of one field, if they add up to a tensor, else None."""
    size = float(np.prod(whole.shape, dtype=float)) * factors[0].shape[1]
    if whole.exact is None or not size or size > MOST_WORK:
        return None
    if any(np.iscomplexobj(factor) for factor in factors):
        return None
    found = exact_terms(whole.entries, factors)
    radicand = max(radicands, default=0)
    if found is None and radicand:
        found = exact_terms(whole.entries, factors, radicand)
    return found if found is not None and found.equals(whole.exact) else None


def relative_error(whole: Tensor, factors: Factors) -> float:
    """Return the largest error of an entry, as a share of the largest entry."""
    U, V, W = factors
    largest = float(np.abs(whole.entries).max()) or 1.0
    errors = [
        float(np.abs((V * row) @ W.T - given).max())
        for row, given in zip(U, whole.entries, strict=True)
    ]
    return float(np.max(errors)) / largest
