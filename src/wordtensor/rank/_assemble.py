"""From the terms of blocks to a decomposition: in group coordinates, checked, and reported."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .._typing import Factors, Field, Triplet, freeze
from .._version import __version__
from ..bounds import Bound
from ..errors import DecompositionError
from ._accuracy import TOLERANCE, largest_error
from ._exact import terms_of_table
from ._solution import SolvedBlock
from ._triplets import block_triplets
from .block import Block, embed
from .block_report import BlockReport
from .decomposition import Decomposition
from .routes import Analysis

# Maps and tensors of all blocks together are kept up to this size.
_KEPT_BYTES: Final = 2**26


def assemble(
    analysis: Analysis,
    route: str,
    bounds: tuple[Bound, ...],
    solved: Sequence[SolvedBlock],
    field: Field,
) -> Decomposition:
    """Bring all terms to group coordinates, check them, and report on the blocks."""
    word, group = analysis.tensor.word, analysis.tensor.group
    table = analysis.tensor.table
    factors = embedded(solved)
    fields = [solution.radicand for _, _, solution in solved if solution.status == "exact"]
    exact = terms_of_table(factors, table, fields)
    if exact is not None:
        factors = exact.as_float()
    factors = (freeze(factors[0]), freeze(factors[1]), freeze(factors[2]))
    error, _ = largest_error(factors, table)
    if not error <= TOLERANCE:
        raise DecompositionError(
            f"The terms miss {word} over {group.name} by {error:.1e}, more than "
            f"{TOLERANCE:.0e}: the route {route!r} is not accurate enough here; try "
            "another seed or method"
        )
    rank = factors[0].shape[1]
    if (bound := bounds[0]).value > rank:
        raise DecompositionError(
            f"{rank} terms were found where at least {bound.value} are needed "
            f"({bound.reason}): this is an error in wordtensor, please report it"
        )
    kept = sum(_array_bytes(block) for block, _, _ in solved) <= _KEPT_BYTES
    triplets = [block_triplets(block, analysis) for block, _, _ in solved]
    numerical = any(solution.status == "numerical" for _, _, solution in solved)
    return Decomposition(
        word=word,
        group=group,
        factors=factors,
        bounds=bounds,
        residual=error,
        status="exact" if exact is not None else "numerical" if numerical else "structural",
        route=route,
        blocks=reports(solved, triplets, kept=kept),
        field=field,
        version=__version__,
        interrupted=any(solution.interrupted for _, _, solution in solved),
    )


def embedded(solved: Sequence[SolvedBlock]) -> Factors:
    """Bring the terms of all blocks to the coordinates that their maps lead to, side by side."""
    rank = sum(solution.rank for _, _, solution in solved)
    parts = [factor for block, _, found in solved for factor in (*block.maps, *found.factors)]
    kind = np.result_type(np.float64, *(part.dtype for part in parts))
    U, V, W = (np.empty((len(A), rank), dtype=kind) for A in solved[0][0].maps)
    stop = 0
    for block, _, solution in solved:
        start, stop = stop, stop + solution.rank
        columns = slice(start, stop)
        U[:, columns], V[:, columns], W[:, columns] = embed(block.maps, solution.factors)
    return U, V, W


def reports(
    solved: Sequence[SolvedBlock], triplets: Sequence[tuple[Triplet, ...] | None], *, kept: bool
) -> tuple[BlockReport, ...]:
    """Report on all blocks, with their maps and tensors if these are to be kept."""
    made = []
    start = 0
    for (block, bound, solution), touched in zip(solved, triplets, strict=True):
        columns = (start, start + solution.rank)
        start = columns[1]
        made.append(
            BlockReport(
                kind=block.kind,
                division=block.division,
                shape=block.shape,
                sizes=block.sizes,
                strategy=solution.strategy,
                rank=solution.rank,
                lower_bound=bound.value,
                reason=bound.reason,
                status=solution.status,
                note=solution.note,
                radicand=solution.radicand if solution.status == "exact" else 0,
                triplets=touched,
                columns=columns,
                maps=block.maps if kept else None,
                tensor=block.tensor if kept else None,
            )
        )
    return tuple(made)


def _array_bytes(block: Block) -> int:
    arrays = block.maps if block.tensor is None else (*block.maps, block.tensor)
    return sum(array.nbytes for array in arrays)
