"""The way from a net and a table of values to what can be said of the net without a group."""

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._memory import require_memory
from .._typing import RealFactors
from .._version import __version__
from ..errors import ComparisonError
from ..rank import TensorDecomposition, solve
from ..words import ValueTable, value_table
from ._forward import Network
from ._given import mask_of
from ._rectangular import table_network
from ._stated import stated_doubts
from ._table_scores import table_scores
from ._telling import telling
from ._term_match import TermMatch, term_match
from .pruning import pruned
from .table_comparison import LEFT_OUT, TableComparison

# Squares of numbers of neurons (pruning), and tables of all pairs, held at once.
_SQUARES, _TABLES = 5, 12


def compare_table(
    net: Any,
    table: ValueTable | str | os.PathLike[str] | ArrayLike,
    *,
    train_mask: ArrayLike | None = None,
    decomposition: TensorDecomposition | None = None,
    tolerance: float = 1e-6,
    seed: int = 0,
    name: str = "",
    callback: Callable[[str], None] | None = None,
    progress: bool | None = None,
) -> TableComparison:
    """Say in numbers how a network computes a table of values, which need not be a group's.

    Parameters
    ----------
    net : object
        Anything that `network` takes; of tables that are not square, a network of
        `wordtensor.nets`, a file of one, or arrays U, V, W.
    table : ValueTable, str, path or array_like, shape (n_a, n_b)
        What it should compute: whatever `wordtensor.value_table` takes.
    train_mask : array_like of bool, shape (n_a, n_b), optional
        Training pairs; by default all.
    decomposition : TensorDecomposition, optional
        Of the table's tensor; by default ``solve(table)``.
    tolerance : float
        Relative squared change of the logits below which pruning leaves the function unchanged.
    seed : int
        Of the decomposition.
    name : str
        For titles.
    callback : callable, optional
        Told what comes next, in words.
    progress : bool, optional
        Whether to show progress on standard error, or in a notebook a bar; by default in a notebook
        only.

    Returns
    -------
    TableComparison
        Prints as tables; ``to_dict()`` for JSON. Without what needs a group, and its notes say so.

    Raises
    ------
    ComparisonError
        If the net, the mask or the decomposition does not fit the table.

    Examples
    --------
    >>> import wordtensor as wt
    >>> d = wt.solve(wt.value_table("x/y mod 5"))
    >>> compare_table(d.factors, "x/y mod 5", decomposition=d)
    TableComparison('x/y mod 5', 'hadamard', width=6, rank=6, accuracy=1.0000)
    """
    start = time.monotonic()
    table = value_table(table)

    with telling(progress, f"{name or 'a network'} on {table.name}", callback) as tell:
        made = table_network(net, table)
        require_memory(
            8.0 * (_SQUARES * made.width**2 + _TABLES * table.nnz),
            f"Comparing a network of {made.width} neurons on {table.nnz} pairs",
            "Take away the neurons that are not active",
        )
        mask = mask_of(train_mask, table.shape[:2])
        tell("decomposition")
        d = _decomposition(decomposition, table, seed, progress)
        tell("losses")
        scores = table_scores(made, table, mask)
        doubts, unstated = (
            stated_doubts(made, table.values, mask) if scores.accuracy[2] < 1 else ((), ())
        )
        tell("pruning")
        pruning = pruned(made, table.values, tolerance) if made.width else None
        matched, no_match = _match(made, d)
        return TableComparison(
            network=made,
            name=name or "the network",
            table=table,
            decomposition=d,
            scores=scores,
            train_pairs=int(mask.sum()),
            pruning=pruning,
            match=matched,
            notes=(*doubts, *unstated, *no_match, _without_group(table)),
            version=__version__,
            seed=seed,
            seconds=time.monotonic() - start,
        )


def _without_group(table: ValueTable) -> str:
    """Say what was left out since it needs a group."""
    kind = table.kind
    if kind == "group":
        return (
            f"the table is a group's, and was looked at as a table only: {LEFT_OUT} are there "
            'where its table is given as a group, with the word "a*b"'
        )
    what = {"operation": "an operation"}.get(kind, f"a {kind}")
    return f"{LEFT_OUT} were left out, since they need a group and {table.name} is {what}"


def _decomposition(
    given: TensorDecomposition | None, table: ValueTable, seed: int, progress: bool | None
) -> TensorDecomposition:
    if given is None:
        return solve(table, name=table.name, seed=seed, progress=progress)
    if not isinstance(given, TensorDecomposition):
        raise ComparisonError(
            "Argument 'decomposition' must be a TensorDecomposition, as solve returns it, not a "
            f"{type(given).__name__}"
        )
    if given.tensor.shape != table.shape or not np.array_equal(
        given.tensor.entries, table.to_dense()
    ):
        raise ComparisonError(
            f"The decomposition is of {given.tensor.name!r:.80}, and not of the tensor of "
            f"{table.name}; give one of this table, as decompose --table saves it"
        )
    return given


def _match(net: Network, d: TensorDecomposition) -> tuple[TermMatch | None, tuple[str, ...]]:
    if not net.width:
        return None, ("only logits are known: no neurons to prune, and no terms to match",)
    if not net.is_trilinear:
        return None, (f"{net.combination} neurons are not trilinear: no terms to match",)
    if any(np.iscomplexobj(factor) for factor in d.factors):
        return None, ("the decomposition's terms are complex: no terms to match",)
    U, V, W = (np.asarray(factor, dtype=np.float64) for factor in d.factors)
    terms: RealFactors = (U, V, W)
    return term_match(net.factors(), terms), ()
