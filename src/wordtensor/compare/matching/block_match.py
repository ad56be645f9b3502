"""The neurons in one block of a decomposition beside the terms of the block."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..._typing import RealFactors, Value, freeze_fields
from ...rank import BlockReport
from ...rank.block_spaces import column_basis
from ...schemes import standard_scheme
from ._standard import StandardBlock
from ._terms import chosen_terms, merged_terms, term_errors, term_inner_products
from .equivalence import EXACT, LARGEST_RANK, best_assignment, block_scale, equivalence
from .frames import product_frame_error
from .sandwich import Sandwich, identity_sandwich

Against = Literal["decomposition", "standard algorithm", "product frame"]
Symmetries = Literal["sandwich", "scale and order", "scale and order, coordinates not stored"]
Status = Literal["matched", "different number of terms", "no transformation found", "too large"]


@dataclass(frozen=True, slots=True, eq=False)
class BlockMatch(Value):
    """The neurons in one block beside its terms.

    Attributes
    ----------
    index : int
        Which of the decomposition's blocks.
    name : str
        "<2,2,2>", "<1,1,2>_C", "11x11x3" and so on.
    status : str
        "matched"; "different number of terms"; "no transformation found" within the tolerance; or
        "too large": more than 800 terms, and not equal up to scale and order.
    against : {"decomposition", "standard algorithm", "product frame"}
        What the neurons were held against. The standard algorithm, one term for each product of
        entries, is taken where it has as many terms as the net, and the decomposition has not.
        "product frame": the terms are no others', but those of an algorithm of least nuclear
        norm, as the standard one is (see `product_frame_error`); there is no order then.
    symmetries : {"sandwich", "scale and order", "scale and order, coordinates not stored"}
        What was allowed for: for matrix products the sandwich action as well, for other blocks
        scales and order alone, and so for matrix products whose maps the decomposition has not
        kept (`BlockReport.maps`).
    terms : tuple of tuple of int
        The neurons of each term of the net: more than one where parallel ones were added up.
    merged : int
        How many neurons were thereby saved.
    columns : tuple of int
        The block's terms are the columns ``start`` to ``stop`` of the decomposition's factors.
    rank : int
        Number of terms of what the neurons were held against.
    permutation : ndarray of int64, shape (number of terms,), or None
        ``terms[k]`` goes to term ``permutation[k]`` of the block, or of the standard algorithm.
    transformation : Sandwich or None
        What carries the net's terms over, in the block's standard coordinates.
    error : float or None
        The largest ``||g.t - t'|| / ||t'||`` of a term, also where it is above the tolerance; for a
        product frame, that of `product_frame_error`.
    scale : float
        The multiple of the block that the net's terms add up to, by least squares; terms are
        divided by it before they are compared.
    residual : float
        ``||sum of the net's terms / scale - block|| / ||block||``; infinite where scale is not
        positive.
    tolerance : float
        Errors up to this count as matched.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.decompose("a*b", "S3")
    >>> b = wt.compare.match(d.factors, d).blocks[2]
    >>> b.name, len(b.terms), b.matched, b.against
    ('<2,2,2>', 7, True, 'decomposition')
    """

    index: int
    name: str
    status: Status
    against: Against
    symmetries: Symmetries
    terms: tuple[tuple[int, ...], ...]
    merged: int
    columns: tuple[int, int]
    rank: int
    permutation: NDArray[np.int64] | None
    transformation: Sandwich | None
    error: float | None
    scale: float
    residual: float
    tolerance: float

    def __post_init__(self) -> None:
        freeze_fields(self, "permutation")

    @property
    def matched(self) -> bool:
        """Whether the net's terms are the block's, or the standard algorithm's."""
        return self.status == "matched"

    @property
    def neurons(self) -> tuple[int, ...]:
        """All neurons in the block, in increasing order."""
        return tuple(sorted(k for term in self.terms for k in term))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        g = self.transformation
        return {
            "index": self.index,
            "name": self.name,
            "status": self.status,
            "against": self.against,
            "symmetries": self.symmetries,
            "terms": [list(term) for term in self.terms],
            "merged": self.merged,
            "columns": list(self.columns),
            "rank": self.rank,
            "permutation": None if self.permutation is None else self.permutation.tolist(),
            "transformation": None if g is None else g.to_dict(),
            "error": self.error,
            "scale": self.scale,
            "residual": self.residual if np.isfinite(self.residual) else None,
            "tolerance": self.tolerance,
        }

    def row(self) -> list[object]:
        """Return the block as a row of a match's table."""
        up_to: str = "" if self.against == "product frame" else self.symmetries
        g = self.transformation
        if g is not None:
            up_to = "orthogonal action" if g.orthogonal else "action"
            up_to += ", conjugated" if g.conjugated else ""
        error = "" if self.error is None else f"{self.error:.1e}"
        sizes = [len(self.neurons), len(self.terms), self.rank]
        return [self.name, *sizes, f"{self.scale:.3g}", self.status, error, self.against, up_to]


@dataclass(frozen=True, slots=True, eq=False)
class _Pairing:
    """Which term goes where, by which action, and how well."""

    status: Status
    permutation: NDArray[np.int64] | None = None
    transformation: Sandwich | None = None
    error: float | None = None


def match_block(
    mine: RealFactors,
    theirs: RealFactors,
    neurons: NDArray[np.int64],
    report: BlockReport,
    index: int,
    block: StandardBlock | None,
    tolerance: float,
) -> BlockMatch:
    """Match the neurons (n, k) of one block, by their numbers in the net, with its terms (n, r)."""
    merged, classes = merged_terms(_inside(mine, theirs, block))
    scale = block_scale(merged, theirs)
    U, V, W = merged
    merged = (U, V, W / scale if scale > 0 else W)
    residual = _residual(merged, theirs) if scale > 0 else float("inf")
    count, rank = len(classes), theirs[0].shape[1]
    against: Against = "decomposition"
    if block is not None and count == block.standard_rank != rank:
        scheme = standard_scheme(*block.sizes, block.division)
        theirs, rank = block.embedded(scheme.as_float()), scheme.rank
        against = "standard algorithm"
    if count != rank:
        pairing = _Pairing("different number of terms")
    elif not scale > 0:
        pairing = _Pairing("no transformation found")
    else:
        pairing = _paired(merged, theirs, block, tolerance)
    if pairing.status != "matched" and block is not None and residual <= tolerance:
        error = _frame_error(merged, block, count)
        if error <= tolerance:
            pairing, against, rank = _Pairing("matched", error=error), "product frame", count
    return BlockMatch(
        index=index,
        name=report.name,
        status=pairing.status,
        against=against,
        symmetries=_symmetries(report, block),
        terms=tuple(tuple(int(neurons[k]) for k in members) for members in classes),
        merged=sum(len(members) - 1 for members in classes),
        columns=report.columns,
        rank=rank,
        permutation=pairing.permutation,
        transformation=pairing.transformation,
        error=pairing.error,
        scale=scale,
        residual=residual,
        tolerance=tolerance,
    )


def _symmetries(report: BlockReport, block: StandardBlock | None) -> Symmetries:
    if block is not None:
        return "sandwich"
    lost = report.sizes is not None and report.maps is None
    return "scale and order, coordinates not stored" if lost else "scale and order"


def _frame_error(terms: RealFactors, block: StandardBlock, count: int) -> float:
    if count < block.standard_rank:
        return float("inf")
    return product_frame_error(block.coordinates(terms), block.sizes, block.division)


def _inside(mine: RealFactors, theirs: RealFactors, block: StandardBlock | None) -> RealFactors:
    """Project the neurons on the spaces of the block."""
    if block is not None:
        return block.embedded(block.coordinates(mine))
    projected = []
    for F, H in zip(mine, theirs, strict=True):
        basis = column_basis(H)
        projected.append(basis @ (basis.T @ F))
    U, V, W = projected
    return U, V, W


def _residual(mine: RealFactors, theirs: RealFactors) -> float:
    """Return the relative distance of two sums of terms, by inner products: not below 1e-8."""
    whole = float(term_inner_products(theirs, theirs).sum())
    square = float(term_inner_products(mine, mine).sum()) + whole
    square -= 2.0 * float(term_inner_products(mine, theirs).sum())
    return float(np.sqrt(max(square, 0.0) / whole))


def _paired(
    mine: RealFactors, theirs: RealFactors, block: StandardBlock | None, tolerance: float
) -> _Pairing:
    """Pair equally many terms: by scale and order first, then by the block's symmetries."""
    permutation = best_assignment(mine, theirs)
    error = float(term_errors(mine, chosen_terms(theirs, permutation)).max())
    plain = _Pairing("matched", permutation, None, error)
    if block is None:
        return plain if error <= tolerance else replace(plain, status="no transformation found")
    if error <= EXACT:
        return replace(plain, transformation=identity_sandwich(block.sizes, block.division))
    if len(permutation) > LARGEST_RANK:
        return _Pairing("too large")
    sources, targets = block.coordinates(mine), block.coordinates(theirs)
    found = equivalence(sources, targets, block.sizes, block.division, tolerance)
    if found is None:
        return _Pairing("no transformation found")
    moved = block.embedded(found.transformation.applied(sources))
    error = float(term_errors(moved, chosen_terms(theirs, found.permutation)).max())
    status: Status = "matched" if error <= tolerance else "no transformation found"
    return _Pairing(status, found.permutation, found.transformation, error)
