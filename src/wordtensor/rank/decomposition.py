"""The value that `decompose` returns: factors, what is proved about them, and how they arose."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .._shown import Line
from .._typing import Factors, Field, freeze_fields
from ..bounds import Bound
from ..errors import DecompositionError
from ..groups import Group
from ..schemes.exact_terms import ExactTerms
from ..words import Word, word_tensor
from ._exact import terms_of_table
from .block_report import STRUCTURAL_LINE, BlockReport, block_table, numerical_lines
from .certificate import Certificate, certified
from .sum_of_terms import Status, SumOfTerms

# Of the file: 4 has all bounds with their data, 3 says which blocks are exact, 2 has sizes and
# coordinates of the blocks, 1 had their names only.
SCHEMA: Final = 4
# The four arrays of the blocks' coordinates: their maps side by side, and their own tensors.
COORDINATES: Final = ("A", "B", "C", "t")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Decomposition(SumOfTerms):
    """A word tensor as a sum of rank-one terms.

    Attributes
    ----------
    word, group : Word, Group
        What was decomposed; n is the group's order.
    factors : tuple of ndarray, shapes (n, R), (n, R), (n, R)
        ``T[a, b, c] = sum_r U[a, r] V[b, r] W[c, r]``; float64, or complex128 over "complex".
        Read-only.
    bounds : tuple of Bound
        Lower bounds on the tensor rank over the field, best first, each with its reason.
    residual : float
        Largest absolute error over all n^3 entries, or its estimate for very large groups.
    status : {"exact", "structural", "numerical"}
        "exact": the entries of the factors are rational, or in one field Q(sqrt d), and the
        identity was checked exactly; "structural": every block is exact or an exact scheme, carried
        by bases that are known to rounding; "numerical": in at least one block the terms add up to
        its tensor to rounding only.
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

    Notes
    -----
    The arrays of a file are U, V, W, the group's Cayley table, and, where the blocks' maps are
    kept, A, B, C: the maps of all blocks side by side, and t: the entries of the tensors of the
    blocks that are no matrix products, one after another.

    Examples
    --------
    >>> from wordtensor.rank import decompose
    >>> d = decompose("a*b", "S3")
    >>> d.rank, d.lower_bound, d.status
    (9, 9, 'exact')
    >>> weights, (U, V, W) = d
    >>> U.shape
    (6, 9)
    """

    word: Word
    group: Group
    factors: Factors
    bounds: tuple[Bound, ...]
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
        freeze_fields(self, "factors")

    @property
    def subject(self) -> str:
        """What was decomposed: "a*b over S3"."""
        return f"{self.word} over {self.group.name}"

    def exact_terms(self) -> ExactTerms | None:
        """Return the terms with exact coefficients, which add up to the tensor exactly.

        Returns
        -------
        ExactTerms or None
            Over Q, or over a quadratic field. None unless the status is "exact": of "structural"
            terms the blocks' own are exact, but what carries them to the group (irreps, bases of
            eigenspaces) is known to rounding only, and has irrational entries of several fields or
            of higher degree; of "numerical" ones the terms themselves are to rounding.

        Examples
        --------
        >>> from wordtensor.rank import decompose
        >>> terms = decompose("a*b*a", "D5").exact_terms()
        >>> terms.rank, terms.radicand
        (14, 5)
        """
        if self.status != "exact":
            return None
        table = word_tensor(self.word, self.group).table
        return terms_of_table(self.factors, table, [block.radicand for block in self.blocks])

    def certificate(self) -> Certificate:
        """Return the exact terms and the bounds as something that anybody can check.

        Returns
        -------
        Certificate
            With ``save(path)``; `check_certificate` checks the file in whole numbers.

        Raises
        ------
        DecompositionError
            If the terms are not exact.

        Examples
        --------
        >>> from wordtensor.rank import decompose
        >>> decompose("[a,b]", "A4").certificate()
        Certificate('a*b*a^-1*b^-1', 'A4', rank=18)
        """
        terms = self.exact_terms()
        if terms is None:
            # What carries structural terms is no matter of search.
            hint = (
                "no search makes them exact; 'wordtensor verify' checks a saved decomposition"
                if self.status == "structural"
                else "another method or a longer search may find some"
            )
            raise DecompositionError(
                f"The terms of {self.word} over {self.group.name} are {self.status}, and only "
                f"exact terms can be certified; {hint}"
            )
        return certified(self.word, self.group, terms, self.field, self.bounds)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the factors and the group's table as JSON-able values."""
        return {
            "word": str(self.word),
            "letters": list(self.word.letters),
            "group": self.group.name,
            "order": self.group.order,
            "rank": self.rank,
            "lower_bound": self.lower_bound,
            "bounds": [bound.to_dict() for bound in self.bounds],
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

    def to_parts(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays of a file, and its header of JSON-able values."""
        header = {"schema": SCHEMA, "labels": list(self.group.labels), **self.to_dict()}
        arrays = {"cayley": self.group.cayley, **dict(zip("UVW", self.factors, strict=True))}
        maps = [block.maps for block in self.blocks if block.maps is not None]
        if len(maps) == len(self.blocks):
            for mode, key in enumerate(COORDINATES[:3]):
                arrays[key] = np.concatenate([each[mode] for each in maps], axis=1)
            tensors = [block.tensor.ravel() for block in self.blocks if block.tensor is not None]
            arrays[COORDINATES[3]] = np.concatenate([*tensors, np.empty(0)])
        return arrays, header

    def __hash__(self) -> int:
        return hash((self.word, self.group, self.rank, self.lower_bound, self.route))

    def __repr__(self) -> str:
        return (
            f"Decomposition({str(self.word)!r}, {self.group.name!r}, rank={self.rank}, "
            f"lower_bound={self.lower_bound}, status={self.status!r})"
        )

    def _parts(self) -> list[Line]:
        lines: list[Line] = [
            f"{self.word} over {self.group.name} (order {self.group.order}): rank {self.rank}"
            f"{self._verdict()}",
            f"lower bound {self.lower_bound}, status {self.status}, route {self.route}, "
            f"largest error {self.residual:.1e}",
            "",
            block_table(self.blocks, self.lower_bound),
            "",
        ]
        lines.append(f"at least {self.lower_bound}: {self.bounds[0].reason}")
        lines.extend(numerical_lines(self.blocks))
        if self.status == "structural":
            lines.append(STRUCTURAL_LINE)
        if self.interrupted:
            lines.append("interrupted: the best found until then")
        return lines

    def _verdict(self) -> str:
        if self.is_optimal:
            return " (optimal)"
        met = self.rank == self.lower_bound
        return " (equal to the lower bound, numerically)" if met else ""
