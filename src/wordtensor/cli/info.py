"""``wordtensor info``: what a group is made of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..groups import (
    Group,
    Identity,
    centre,
    conjugacy_classes,
    exponent,
    identify,
    is_abelian,
)
from ..groups._gap_names import gap_note, is_of_gap
from ..groups._written_group import tell
from ._options import CayleyFile, GroupText, Json, Seed, TableText, Verbose
from ._output import cell, echo_json
from ._source import group_from
from ._table_info import show_table_info
from ._table_source import table_from

if TYPE_CHECKING:
    from rich.table import Table

    from ..irreps import RealCharacterTable

_ROWS = 40
_LABELS = 8


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """What `info` shows of a group.

    Attributes
    ----------
    name : str
    identity : Identity
        Which group it is.
    labels : tuple of str
        Of its elements.
    order, exponent, classes : int
        `classes` counts the conjugacy classes.
    abelian : bool
    centre : tuple of str
        Labels of its elements.
    irreps : tuple of (str, str, int, str, int)
        Label, name in words, real dimension, type and isotypic dimension of every real irrep.
    lower, upper : int
        The rank of multiplication, ``a*b``, lies between these.
    reason : str
        Why the lower bound holds.
    """

    name: str
    identity: Identity
    labels: tuple[str, ...]
    order: int
    exponent: int
    classes: int
    abelian: bool
    centre: tuple[str, ...]
    irreps: tuple[tuple[str, str, int, str, int], ...]
    lower: int
    upper: int
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        keys = ("label", "name", "dim", "type", "isotypic_dim")
        return {
            "name": self.name,
            "identity": {
                "name": self.identity.name,
                "number": self.identity.number,
                "names": list(self.identity.names),
            },
            "labels": list(self.labels),
            "order": self.order,
            "exponent": self.exponent,
            "classes": self.classes,
            "abelian": self.abelian,
            "centre": list(self.centre),
            "irreps": [dict(zip(keys, irrep, strict=True)) for irrep in self.irreps],
            "multiplication": {
                "lower_bound": self.lower,
                "upper_bound": self.upper,
                "reason": self.reason,
            },
        }


def info(
    group: GroupText = None,
    cayley: CayleyFile = None,
    table: TableText = None,
    seed: Seed = 0,
    as_json: Json = False,
    verbose: Verbose = 0,
) -> None:
    """Print which group GROUP is, its classes and real irreps; or the laws of a table of values."""
    if table is not None:
        show_table_info(table_from(table, group, cayley), as_json)
        return
    summary = summarise(group_from(group, cayley), seed)
    if group is not None and not is_of_gap(group):  # of which the log spoke
        tell(group, gap_note(group))
    if as_json:
        echo_json(summary.to_dict())
    else:
        _show(summary)


def summarise(G: Group, seed: int = 0) -> GroupSummary:
    """Gather what there is to say about a group without building a single matrix.

    Parameters
    ----------
    G : Group
        The group.
    seed : int
        For its characters.

    Returns
    -------
    GroupSummary

    Examples
    --------
    >>> from wordtensor.groups import group
    >>> summary = summarise(group("S3"))
    >>> summary.lower, summary.upper
    (9, 9)
    """
    from ..irreps import irrep_names, real_characters

    table = real_characters(G, seed)
    rows = zip(
        table.labels, irrep_names(table), table.dims, table.types, table.isotypic_dims, strict=True
    )
    lower, reason, upper = _multiplication(table)
    return GroupSummary(
        name=G.name,
        identity=identify(G),
        labels=G.labels,
        order=G.order,
        exponent=exponent(G),
        classes=len(conjugacy_classes(G).sizes),
        abelian=is_abelian(G),
        centre=tuple(G.labels[g] for g in centre(G)),
        irreps=tuple(
            (label, name, int(dim), kind, int(iso)) for label, name, dim, kind, iso in rows
        ),
        lower=lower,
        upper=upper,
        reason=reason,
    )


def _multiplication(table: "RealCharacterTable") -> tuple[int, str, int]:
    """Bound the rank of a*b by its blocks <m,m,m> over R, C or H, without their coordinates."""
    from ..bounds.theorems import block_bound, direct_sum_bound
    from ..rank.block import matrix_block
    from ..schemes import best_rank, user_registry

    registry = user_registry()
    blocks, uppers = [], []
    for dim, endo, kind in zip(table.dims, table.endo_dims, table.types, strict=True):
        m = int(dim) // int(endo)
        nowhere = np.empty((0, m * m * int(endo)))
        blocks.append(matrix_block((m, m, m), kind, (nowhere, nowhere, nowhere)))
        uppers.append(best_rank(m, m, m, kind, registry=registry))
    bounds = tuple(block_bound(block) for block in blocks)
    bound = direct_sum_bound(tuple(blocks), bounds, "real")
    return bound.value, bound.reason, sum(uppers)


def _show(summary: GroupSummary) -> None:
    """Print the tables; labels are texts, so that rich takes no bracket for its markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    facts = Table.grid(padding=(0, 2))
    centre_text = f"order {len(summary.centre)}: {_listed(summary.centre)}"
    rank = f"{summary.lower} to {summary.upper}"
    if summary.lower == summary.upper:
        rank = f"{summary.lower} (optimal)"
    for key, value in (
        ("order", str(summary.order)),
        ("elements", _listed(summary.labels)),
        ("exponent", str(summary.exponent)),
        ("abelian", "yes" if summary.abelian else "no"),
        ("classes", str(summary.classes)),
        ("centre", centre_text),
        ("rank of a*b", rank),
        ("at least", f"{summary.lower}: {summary.reason}"),
    ):
        facts.add_row(Text(key, style="bold"), cell(value))
    console = Console(highlight=False)
    console.print(cell(summary.name, "bold"))
    console.print(cell(f"this is {summary.identity}"))
    console.print(facts)
    console.print()
    console.print(_irrep_table(summary))
    if len(summary.irreps) > _ROWS:
        console.print(Text(f"and {len(summary.irreps) - _ROWS} more; --json lists them all"))


def _listed(labels: tuple[str, ...]) -> str:
    """List the first labels."""
    more = len(labels) - _LABELS
    return ", ".join(labels[:_LABELS]) + (f", and {more} more" * (more > 0))


def _irrep_table(summary: GroupSummary) -> "Table":
    from rich.table import Table

    table = Table(title=f"{len(summary.irreps)} real irreps", title_justify="left")
    table.add_column("irrep")
    table.add_column("name")
    for column in ("dim", "type", "isotypic dim"):
        table.add_column(column, justify="right")
    for label, name, dim, kind, isotypic in summary.irreps[:_ROWS]:
        # The dimension and the type have columns of their own.
        common = "" if name.startswith(f"{label} (") else name
        table.add_row(cell(label), common, str(dim), kind, str(isotypic))
    return table
