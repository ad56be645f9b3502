"""``wordtensor info --table``: what a table of values is."""

from typing import Any, Final

from .._progress import begin_stage
from ..words import ValueTable
from ..words.core import merge_table, row_rank
from ._output import echo_json, say

# Above, the laws and ranks of some tables take minutes.
_LARGEST: Final = 1000


def show_table_info(table: ValueTable, as_json: bool) -> None:
    """Print what a table is, its size, its laws and its multilinear ranks."""
    facts = _facts(table)
    if as_json:
        echo_json(facts)
        return
    say(table.name)
    width = max(map(len, facts))
    for key, value in facts.items():
        if key != "name" and value is not None:
            say(f"  {key.replace('_', ' '):{width}}  {_written(value)}")


def _facts(table: ValueTable) -> dict[str, Any]:
    begin_stage("the laws of %s", table.name)
    closed, small = table.is_closed, max(table.shape) <= _LARGEST
    identity = table.identity
    return {
        "name": table.name,
        "kind": table.kind,
        "shape": list(table.shape),
        "values_taken": len(set(table.values.ravel().tolist())),
        "latin": table.is_latin,
        "commutative": table.is_commutative if closed else None,
        "associative": table.is_associative if closed and small else None,
        "identity": None if identity is None else table.labels[identity],
        "multilinear_ranks": _ranks(table) if small else None,
    }


def _ranks(table: ValueTable) -> list[int]:
    """Return the multilinear ranks, each at most the rank, without a dense tensor."""
    begin_stage("the multilinear ranks of %s", table.name)
    merged = merge_table(table.values, table.size)
    return [row_rank(merged.table), row_rank(merged.table.T), merged.size]


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " x ".join(map(str, value)) if isinstance(value, list) else str(value)
